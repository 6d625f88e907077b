"""Names, lists and cautions of a place."""

import pandas as pd
import pytest

from mapping.hotspots import portrait


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["Eden Road"] * 3 + ["Kings Road"], "Eden Road"),
        (["Supermarket"] * 3 + ["Eden Road"], "Supermarket by Eden Road"),
        (["Supermarket"] * 3, "Supermarket"),
        (["", "", "Eden Road"], "Eden Road"),
        (["", ""], ""),
        (["Beta Road", "Alpha Road"], "Alpha Road"),  # a tie goes by the alphabet, always the same
    ],
)
def test_a_place_is_named_by_what_most_say(texts, name):
    assert portrait.name_place(pd.Series(texts)) == name


def test_a_place_of_one_kind_only_is_named_by_the_street_beside_it(make_incidents):
    incidents = make_incidents([(400_100, 300_100, "2025-01", 1), (400_300, 300_100, "2025-01", 1)])
    incidents["place_text"] = ["Eden Road", "Kings Road"]
    streets = portrait.Streets.of(incidents)
    assert streets.nearest(400_180, 300_100) == "Eden Road"  # 80 m against 120 m
    assert streets.nearest(401_000, 300_100) == ""  # 700 m is no neighbour
    assert (
        portrait.name_place(pd.Series(["Petrol Station"]), nearby="Eden Road")
        == "Petrol Station by Eden Road"
    )


def test_lists_are_ranked_with_counts():
    values = pd.Series(["Drugs", "Burglary", "Burglary", ""])
    assert portrait.list_counts(values) == "Burglary 2; Drugs 1"


def test_a_recorded_at_place_is_said_first(make_incidents):
    said = portrait.cautions(make_incidents([(1, 1, "2025-01", 30)]), recorded_at=True, change="steady")
    assert said[0].startswith("Reports are recorded at this place")


def test_a_stack_on_one_point_is_said(make_incidents):
    rows = [(400_100, 300_100, "2025-01", 18), (400_120, 300_100, "2025-01", 6)]
    # 18 of 24 is three quarters
    assert portrait.cautions(
        make_incidents(rows, precision="minute"), recorded_at=False, change="steady"
    ) == ["18 of 24 reports lie on one map point: check what that point stands for."]


def test_month_only_data_says_so(make_incidents):
    rows = [(400_100 + 40 * k, 300_100, "2025-01", 3) for k in range(10)]
    assert portrait.cautions(make_incidents(rows), recorded_at=False, change="steady") == [
        "Only the month of each report is known: nothing here says which days or hours."
    ]


def test_one_caller_thin_evidence_and_a_fall_are_said(make_incidents):
    rows = [(400_100 + 40 * k, 300_100, "2025-01", 1) for k in range(10)]
    incidents = make_incidents(rows, precision="day")
    incidents["complainant_hash"] = ["x"] * 6 + ["y"] * 4
    said = portrait.cautions(incidents, recorded_at=False, change="falling")
    assert said == [
        "Thin evidence: 10 reports.",
        "One caller made 6 of the 10 reports.",
        "Falling: fewer reports in the last three months than before.",
    ]
