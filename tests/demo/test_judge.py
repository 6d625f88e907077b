import math

import pandas as pd
import pytest

from mapping.demo.judge import judge
from mapping.errors import MissingColumnsError, PeriodError

MONTHS = [f"2026-{month:02d}" for month in range(1, 10)]


def place(number, *, expected="found", kind="chronic", months=(1,) * 9):
    return {
        "place_id": f"P{number}",
        "kind": kind,
        "expected": expected,
        "easting_m": number * 1_000.0,
        "northing_m": 0.0,
        "events_per_month": list(months),
    }


TRUTH = {
    "months": MONTHS,
    "places": [
        place(1),
        place(2, kind="emerging", months=(0, 0, 0, 0, 0, 1, 2, 2, 2)),
        place(3, kind="fading", expected="not found once over", months=(3, 3, 3, 0, 0, 0, 0, 0, 0)),
        place(4, kind="police station", expected="cautioned"),
        place(5, kind="near repeat", expected="may be found", months=(0, 0, 0, 0, 0, 0, 9, 0, 0)),
    ],
}


def hotspots(*spots):
    frame = pd.DataFrame(spots, columns=["easting_m", "cautions"])
    return frame.assign(northing_m=0.0, hotspot_id=[f"H{n}" for n in range(1, len(frame) + 1)])


def test_a_centre_within_150_m_is_a_find_and_one_beyond_is_wrong():
    verdict = judge(hotspots((1_150, ""), (2_151, "")), TRUTH, at_month="2026-09")
    assert verdict.found == ("P1",)
    assert verdict.missed == ("P2",)
    assert verdict.wrong == ("H2",)
    assert verdict.recall == 0.5  # one of the two that are due
    assert verdict.precision == 0.5
    assert verdict.matches == {"H1": "P1"}


def test_two_hotspots_at_one_place_are_both_right_and_found_once():
    verdict = judge(hotspots((950, ""), (1_050, "")), TRUTH, at_month="2026-09")
    assert verdict.found == ("P1",)
    assert verdict.precision == 1.0


def test_a_stack_with_a_caution_is_left_out_and_without_one_is_wrong():
    warned = judge(hotspots((1_000, ""), (4_000, "Reports are recorded here.")), TRUTH, at_month="2026-09")
    silent = judge(hotspots((1_000, ""), (4_000, "")), TRUTH, at_month="2026-09")
    assert (warned.precision, warned.wrong) == (1.0, ())
    assert (silent.precision, silent.wrong) == (0.5, ("H2",))


def test_a_place_long_over_is_wrong_and_was_right_in_its_time():
    spots = hotspots((3_000, ""))
    assert judge(spots, TRUTH, at_month="2026-09").wrong == ("H1",)
    early = judge(spots, TRUTH, at_month="2026-03")
    assert early.found == ("P3",)
    assert early.wrong == ()


def test_an_emerging_place_is_due_after_three_months_and_not_wrong_before():
    spots = hotspots((2_000, ""))
    assert (
        "P2"
        not in judge(spots, TRUTH, at_month="2026-07").found + judge(spots, TRUTH, at_month="2026-07").missed
    )
    assert judge(spots, TRUTH, at_month="2026-07").wrong == ()
    assert judge(spots, TRUTH, at_month="2026-05").wrong == ("H1",)  # nothing had happened there yet
    assert judge(spots, TRUTH, at_month="2026-08").found == ("P2",)


def test_a_series_may_be_named_and_need_not_be():
    verdict = judge(hotspots((5_000, "")), TRUTH, at_month="2026-09")
    assert verdict.wrong == ()
    assert "P5" not in verdict.missed


def test_nothing_reported_has_no_precision_and_finds_nothing():
    verdict = judge(hotspots(), TRUTH, at_month="2026-09")
    assert verdict.recall == 0
    assert math.isnan(verdict.precision)


def test_a_month_outside_the_truth_is_refused():
    with pytest.raises(PeriodError, match="2026-01 to 2026-09"):
        judge(hotspots(), TRUTH, at_month="2027-01")


def test_hotspots_without_a_centre_are_refused():
    with pytest.raises(MissingColumnsError, match="northing_m"):
        judge(hotspots().drop(columns="northing_m"), TRUTH, at_month="2026-09")
