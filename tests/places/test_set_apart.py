"""Places that people set apart: which reports lie at them, and what is said of them."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from mapping.errors import PlaceRefusedError
from mapping.places import set_apart
from mapping.places.set_apart import CAUTION, EXCLUSION, NOWHERE, Applied, Place

STATION = Place(
    name="Police Station, Bridge Street",
    kind="police station",
    treatment=EXCLUSION,
    easting_m=400_100.0,
    northing_m=300_100.0,
    radius_m=50.0,
    reason="Searches at the custody desk are filed here",
)
SHOP = dataclasses.replace(
    STATION,
    name="Long Acre Stores",
    kind="large shop",
    treatment=CAUTION,
    easting_m=400_160.0,
    reason="Own staff",
)


def at(*points):
    return pd.DataFrame(points, columns=["easting_m", "northing_m"], dtype="float64")


def test_a_report_belongs_to_the_place_within_whose_radius_it_lies():
    # 3-4-5: (30, 40) is 50 m away, on the circle; (30, 41) is 50.8 m away
    found = set_apart.place_of(at((400_130, 300_140), (400_130, 300_141), (np.nan, np.nan)), [STATION])
    assert found.tolist() == [0, NOWHERE, NOWHERE]


def test_what_is_left_out_comes_before_what_is_doubted_and_then_the_nearer():
    # at 400 130 both reach: 30 m from the station, 30 m from the shop; at 400 149 the shop is 11 m away
    points = at((400_130, 300_100), (400_149, 300_100), (400_170, 300_100))
    assert set_apart.place_of(points, [SHOP, STATION]).tolist() == [1, 1, 0]
    other = dataclasses.replace(SHOP, treatment=EXCLUSION)
    assert set_apart.place_of(points, [other, STATION]).tolist() == [0, 0, 0]  # of equals the first


def test_no_place_leaves_everything_as_it_is():
    found = set_apart.place_of(at((400_100, 300_100)), [])
    assert not set_apart.is_left_out(found, []).any()
    assert set_apart.cautions_of(found, []).tolist() == [""]


def test_a_caution_says_the_reason_of_whoever_set_it_apart():
    found = set_apart.place_of(at((400_165, 300_100), (400_100, 300_100)), [SHOP, STATION])
    said = set_apart.cautions_of(found, [SHOP, STATION]).tolist()
    assert said == ["Long Acre Stores (large shop) is set apart by the partnership: Own staff.", ""]
    assert set_apart.is_left_out(found, [SHOP, STATION]).tolist() == [False, True]


def test_places_are_said_with_their_reports_the_most_first():
    applied = [
        Applied(STATION, 40),
        Applied(SHOP, 1),
        Applied(dataclasses.replace(STATION, name="Court"), 1200),
    ]
    assert set_apart.sentences(applied) == (
        "2 places are left out of squares and hotspots, not of totals: Court (1,200 reports); "
        "Police Station, Bridge Street (40 reports).",
        "1 place is set apart with a caution: Long Acre Stores (1 report).",
    )
    assert set_apart.sentences([]) == ()


def test_many_places_are_counted_and_four_are_named():
    applied = [Applied(dataclasses.replace(STATION, name=f"Desk {k}"), k) for k in range(6)]
    assert set_apart.sentences(applied)[0].endswith("Desk 2 (2 reports); and 2 more.")


def test_what_a_run_used_can_be_written_down_and_read_again():
    applied = (Applied(STATION, 40, "E05999001"), Applied(SHOP, 3, "E05999002"))
    counts = {"set_apart": [one.as_dict() for one in applied]}
    assert set_apart.stored(counts) == applied
    assert set_apart.stored(counts, "E05999002") == applied[1:]
    assert set_apart.stored({"incidents": 4}) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "."}, "Give the name in a few letters"),
        ({"name": "x" * 121}, "under 120"),
        ({"reason": "a | b because"}, r"without the sign \|"),
        ({"reason": "line one\nline two"}, "on one line"),
        ({"kind": "pub"}, "Choose a kind"),
        ({"treatment": "ignore"}, "Choose caution or exclusion"),
        ({"easting_m": float("nan")}, "easting and a northing"),
        ({"northing_m": 5_000_000.0}, "easting and a northing"),
        ({"radius_m": 0.0}, "1 to 500"),
        ({"radius_m": float("nan")}, "1 to 500"),
        ({"radius_m": 501.0}, "1 to 500"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(changes, said):
    with pytest.raises(PlaceRefusedError, match=said):
        set_apart.check(dataclasses.replace(STATION, **changes))


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(PlaceRefusedError) as refusal:
        set_apart.check(dataclasses.replace(STATION, name="", radius_m=0.0, reason=""))
    assert len(refusal.value.problems) == 3
