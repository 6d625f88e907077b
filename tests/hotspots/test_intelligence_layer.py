"""Where intelligence gathers, and reports do or do not."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import MissingColumnsError
from mapping.hotspots.intelligence_layer import COLUMNS, gather, grade_of, items_at, may_drive


def items(*rows):
    """Return items of (easting, day of May 2026, grade), all on one line, known to 100 m."""
    return pd.DataFrame(
        {
            "intelligence_id": np.arange(1, len(rows) + 1),
            "category": "Drugs",
            "occurred_from": pd.to_datetime([f"2026-05-{row[1]:02d}" for row in rows], utc=True),
            "time_precision": "day",
            "place_text": "12 Eden Road",
            "easting_m": [float(row[0]) for row in rows],
            "northing_m": 300_000.0,
            "error_m": 100.0,
            "source_grade": [row[2][:1] for row in rows],
            "assessment_grade": [row[2][1:] for row in rows],
            "legacy_grading": "",
        }
    )


def reports(*eastings):
    return pd.DataFrame({"easting_m": [float(east) for east in eastings], "northing_m": 300_000.0})


def hotspots(*eastings):
    shapes = [shapely.Point(east, 300_000).buffer(50) for east in eastings]
    return gpd.GeoDataFrame(
        {"hotspot_id": [f"H{number}" for number in range(1, len(shapes) + 1)]},
        geometry=shapes,
        crs="EPSG:27700",
    )


def test_items_that_lie_together_gather_and_the_reports_around_are_counted():
    told = items((0, 1, "2B"), (100, 5, "1A"), (200, 9, "2C"), (2_000, 1, "2B"))
    (one,) = gather(told, reports(90, 250, 251), hotspots(5_000))
    # The mean of 0, 100 and 200 is 100; reports at 90 and 250 lie within 150 m of it, 251 does not.
    assert (one.easting_m, one.northing_m, one.radius_m, one.reports) == (100, 300_000, 150, 2)
    assert one.item_ids == (1, 2, 3)
    assert (one.place, one.first_on, one.last_on, one.categories) == (
        "Eden Road", "2026-05-01", "2026-05-09", "Drugs 3",
    )  # fmt: skip
    assert one.is_quiet
    assert one.sentence == (
        "Intelligence gathers here and reports make no hotspot: 3 items since 1 May 2026, 2 reports within "
        "150 m."
    )


def test_where_a_hotspot_is_near_both_gather():
    told = items((0, 1, "2B"), (100, 5, "1A"), (200, 9, "2C"))
    # The outline of the second is 300 - 50 - 100 = 150 m from the middle.
    (one,) = gather(told, reports(100), hotspots(5_000, 300))
    assert one.hotspot_id == "H2"
    assert (
        one.sentence
        == "Intelligence gathers where reports do: 3 items since 1 May 2026, 1 report within 150 m."
    )
    assert gather(told, reports(), hotspots(301))[0].is_quiet


@pytest.mark.parametrize(
    "rows",
    [
        [(0, 1, "2B"), (0, 2, "2B")],  # two are no gathering
        [(0, 1, "2B"), (0, 1, "2B"), (0, 1, "2B")],  # one day's news told thrice
        [(0, 1, "2B"), (0, 2, "2B"), (0, 3, "2E")],  # suspected to be false
        [(0, 1, "2B"), (0, 2, "2B"), (0, 3, "3A")],  # from a source that is not reliable
        [(0, 1, "2B"), (0, 2, "2B"), (151, 3, "2B")],  # out of reach
        [],
    ],
)
def test_what_is_too_little_or_may_not_drive_gathers_nowhere(rows):
    assert gather(items(*rows), reports(), hotspots()) == []


def test_an_ungraded_item_drives_as_2d_does_and_says_so():
    told = items((0, 1, ""), (0, 2, ""), (0, 3, "2D"))
    assert may_drive(told).all()
    assert len(gather(told, reports(), hotspots())) == 1
    assert grade_of("", "", "") == "ungraded, treated like 2D"
    assert grade_of("", "", "B24") == "B24 (old grading), treated like 2D"
    assert grade_of("2", "B", "") == "2B"


def test_an_item_known_to_a_neighbourhood_or_without_a_day_gathers_nowhere():
    told = items((0, 1, "2B"), (0, 2, "2B"), (0, 3, "2B"))
    rough, undated, lost = told.copy(), told.copy(), told.copy()
    rough.loc[0, "error_m"], undated.loc[0, "occurred_from"], lost.loc[0, "easting_m"] = 251.0, pd.NaT, np.nan
    for each in (rough, undated, lost):
        assert gather(each, reports(), hotspots()) == []


def test_quiet_places_come_first_and_then_those_with_most():
    rows = [
        (east, day, "2B") for east, many in ((0, 4), (2_000, 3), (4_000, 5)) for day in range(1, many + 1)
    ]
    found = gather(items(*rows), reports(), hotspots(4_000))
    assert [one.easting_m for one in found] == [0, 2_000, 4_000]


def test_items_belong_to_a_hotspot_where_they_may_lie_in_it():
    told = items((0, 1, "2B"), (149, 2, "3E"), (151, 3, "2B"))
    told.loc[0, "error_m"] = np.nan
    # Outline of 50 m: at 149 m an item known to 100 m may lie in it, at 151 m it cannot.
    inside = items_at(told, shapely.Point(0, 300_000).buffer(50, quad_segs=64))
    assert inside["intelligence_id"].tolist() == [2, 1]


def test_a_frame_without_its_grades_is_refused():
    with pytest.raises(MissingColumnsError, match="assessment_grade"):
        gather(items((0, 1, "2B")).drop(columns="assessment_grade"), reports(), hotspots())
    assert "source_grade" in COLUMNS


ROWS = st.lists(
    st.tuples(st.integers(0, 2_000), st.integers(1, 28), st.sampled_from(["1A", "2B", "2E", "3A", ""])),
    max_size=30,
)


@given(ROWS, st.randoms(use_true_random=False))
def test_items_that_may_not_drive_change_nothing_and_neither_does_the_order(rows, chance):
    told = items(*rows)
    found = gather(told, reports(), hotspots())
    assert gather(told[may_drive(told)], reports(), hotspots()) == found
    moved = told.sample(frac=1, random_state=chance.randrange(2**31))
    assert gather(moved, reports(), hotspots()) == found
