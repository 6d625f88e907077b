"""How many reports of one caller count."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.hotspots import callers
from mapping.hotspots.callers import CAP, REACH_M, counted
from mapping.periods import month_period
from mapping.pipeline import Settings, analyse


def calls(*rows):
    """Return incidents of (caller, easting, day of January 2026); the id is the row's number."""
    return pd.DataFrame(
        {
            "incident_id": range(len(rows)),
            "complainant_hash": [row[0] for row in rows],
            "easting_m": [float(row[1]) for row in rows],
            "northing_m": 300_000.0,
            "occurred_from": pd.to_datetime(
                [pd.NaT if row[2] is None else f"2026-01-{row[2]:02d}" for row in rows], utc=True
            ),
        }
    )


def test_the_first_three_of_a_caller_at_a_place_count_whatever_the_order_of_rows():
    # days 5, 1, 4, 2, 3: the three oldest are those of days 1, 2 and 3
    told = calls(*[("a", 0, day) for day in (5, 1, 4, 2, 3)])
    assert counted(told).tolist() == [False, True, False, True, True]


def test_an_unknown_caller_is_never_held_back():
    told = calls(*[("", 0, day) for day in range(1, 9)])
    assert counted(told).all()
    told["complainant_hash"] = None
    assert counted(told).all()


def test_two_callers_at_one_place_have_three_each():
    told = calls(*[(name, 0, day) for day in range(1, 6) for name in "ab"])
    assert counted(told).sum() == 2 * CAP


def test_another_place_of_the_same_caller_counts_anew_beyond_the_reach():
    told = calls(*[("a", 0, day) for day in (1, 2, 3)], ("a", REACH_M, 4), ("a", REACH_M + 1, 5))
    assert counted(told).tolist() == [True, True, True, False, True]


def test_a_report_without_a_point_or_of_no_known_day():
    told = calls(*[("a", 0, day) for day in (1, 2)], ("a", float("nan"), 3), ("a", 0, None), ("a", 0, 4))
    # the one without a point is in totals alone; the one without a day is the youngest, so day 4 is third
    assert counted(told).tolist() == [True, True, True, False, True]


def test_reports_of_one_moment_go_by_their_number():
    told = calls(*[("a", 0, 1)] * 5).iloc[::-1]
    assert counted(told).tolist() == [False, False, True, True, True]


def test_no_rows_and_a_cap_that_would_hear_nobody():
    assert counted(calls()).shape == (0,)
    with pytest.raises(ValueError, match="count nobody"):
        counted(calls(("a", 0, 1)), cap=0)


def test_what_is_handed_in_is_not_changed():
    told = calls(*[("a", 0, day) for day in (3, 2, 1, 4)])
    before = told.copy()
    counted(told)
    pd.testing.assert_frame_equal(told, before)


CALLS = st.lists(
    st.tuples(st.sampled_from(["", "a", "b"]), st.integers(0, 1200), st.integers(1, 28)), max_size=40
)


@given(CALLS)
def test_no_place_of_150_m_holds_more_than_three_counted_of_one_caller(rows):
    told = calls(*rows)
    kept = told[counted(told)]
    for middle in range(0, 1201, 25):
        inside = kept[(kept["easting_m"] - middle).abs() <= 150]
        assert (inside.loc[inside["complainant_hash"] != "", "complainant_hash"].value_counts() <= CAP).all()


@given(CALLS, st.integers(1, 6))
def test_more_of_the_same_caller_later_at_a_place_that_has_three_change_nothing(rows, more):
    told = calls(*rows, *[("a", 600, 1)] * CAP)
    added = calls(*rows, *[("a", 600, 1)] * CAP, *[("a", 600, 29)] * more)
    before, after = counted(told), counted(added)
    assert after[: len(told)].tolist() == before.tolist()
    assert not after[len(told) :].any()


@given(CALLS, st.randoms(use_true_random=False))
def test_shuffling_rows_changes_nothing(rows, chance):
    told = calls(*rows)
    order = list(range(len(told)))
    chance.shuffle(order)
    shuffled = told.iloc[order]
    assert (counted(shuffled) == counted(told)[order]).all()


def test_it_is_said_when_the_cap_bites():
    assert callers.said(0) == ""
    assert callers.said(21) == (
        "21 more reports about this place are in the totals and in none of these figures: their caller "
        "already has 3 nearby that count."
    )
    assert callers.said(1).startswith("1 more report about this place is in the totals")


def test_what_does_not_count_is_counted_within_each_outline():
    told = calls(*[("a", 0, day) for day in range(1, 6)], ("a", 50, 6), ("a", float("nan"), 7), ("", 0, 8))
    outlines = np.array([shapely.box(x, 299_990, x + 50, 300_010) for x in (-10, 0, 100)])
    # Held back are two at 0 and the one at 50, which lies on the edge of the second.
    assert callers.capped_at(told, counted(told), outlines).tolist() == [2, 3, 0]
    assert callers.capped_at(told, np.ones(len(told), dtype=bool), outlines).tolist() == [0, 0, 0]
    assert callers.capped_at(told, counted(told), outlines[:0]).tolist() == []


# --- what comes of it ----------------------------------------------------------------------------


@pytest.fixture
def town_with_calls(make_incidents):
    """Return a quiet town and so many more calls a month about one corner, by one caller or by many."""

    def town(calls, *, by_one):
        months = [f"2025-{month:02d}" for month in range(1, 10)]
        cells = [(400_050 + 200 * i, 300_050 + 200 * j) for i in range(10) for j in range(5)]
        quiet = make_incidents([(x, y, month, 1) for x, y in cells for month in months])
        loud = make_incidents([(400_530, 300_460, month, calls) for month in months], place="Marton Road")
        loud["complainant_hash"] = "c" * 64 if by_one else [f"{number:064x}" for number in range(len(loud))]
        told = pd.concat([quiet, loud], ignore_index=True)
        told["incident_id"] = [f"I{number:05d}" for number in range(len(told))]
        told["ward_gss_code"] = np.where(told["easting_m"] < 401_000, "E05999001", "E05999002")
        return told

    return town


def found(told, wards):
    counting = told[counted(told)].reset_index(drop=True)
    return analyse(counting, wards, Settings(period=month_period("2025-01", "2025-09"))).hotspots


def test_one_caller_makes_no_hotspot_where_many_would(town_with_calls, two_wards):
    assert "Marton Road" not in set(found(town_with_calls(8, by_one=True), two_wards)["place_name"])
    assert "Marton Road" in set(found(town_with_calls(8, by_one=False), two_wards)["place_name"])


def test_however_often_one_caller_rings_about_a_hotspot_it_is_as_strong(town_with_calls, two_wards):
    many = town_with_calls(8, by_one=False)
    one = town_with_calls(30, by_one=True)
    one = one[one["complainant_hash"] != ""]
    columns = ["incident_count", "expected_count", "p_value", "forecast_count", "easting_m", "northing_m"]
    strengths = []
    for calls in (CAP, len(one)):
        told = pd.concat([many, one.head(calls)], ignore_index=True)
        told["incident_id"] = [f"I{number:05d}" for number in range(len(told))]
        strengths.append(found(told, two_wards)[columns])
    assert strengths[0]["incident_count"].max() >= 8 * 9 + CAP
    pd.testing.assert_frame_equal(*strengths)
