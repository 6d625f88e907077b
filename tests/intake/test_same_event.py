import math

import pandas as pd
import pytest

from mapping.intake import link_weights as by
from mapping.intake.same_event import PAIRS, compare

from .events import AT, account, reports_of


def pair(*accounts):
    """Return the one pair that is weighed."""
    pairs = compare(reports_of(*accounts))
    assert len(pairs) == 1
    return pairs.iloc[0]


def test_bits_are_the_logarithms_of_m_over_u_and_the_prior():
    found = pair(account("police"), account("wardens", minutes=12, east=24, place_text="Eden Rd"))
    # 24 m of hypot(25, 25) = 35.4 m is 0.68 of a radius; 12 minutes; both say Eden; no other report about.
    expected = {
        "category": math.log2(0.98 / 0.69),
        "distance": math.log2(0.36 / 0.20),
        "vagueness": 0.0,
        "time": math.log2(0.53 / 0.15),
        "busy": math.log2(0.66 / 0.07),
        "words": math.log2(0.94 / 0.83),
        "accounts": 0.0,  # neither describes it
    }
    assert found["weights"] == {name: pytest.approx(bits, abs=0.001) for name, bits in expected.items()}
    assert found["bits"] == pytest.approx(math.log2(0.7 / 0.3) + sum(expected.values()))
    assert (found["distance_m"], found["minutes"], found["others"], found["words"]) == (24, 12, 0, 1)
    assert round(found["error_m"], 2) == 35.36
    assert found["category"] == "same"


@pytest.mark.parametrize(
    ("east", "level"), [(0, 0), (17, 0), (18, 1), (35, 1), (36, 2), (53, 2), (54, 3), (88, 3)]
)
def test_distance_is_measured_in_radii_of_both_errors(east, level):
    # half of 35.36 is 17.7, one and a half are 53.0, two and a half are 88.4
    found = pair(account("police"), account("wardens", east=east))
    assert found["weights"]["distance"] == pytest.approx(by.DISTANCE[level].bits, abs=0.001)


@pytest.mark.parametrize(
    ("minutes", "level"), [(10, 0), (11, 1), (25, 1), (26, 2), (50, 2), (51, 3), (70, 3), (71, 4), (120, 4)]
)
def test_time_is_the_gap_in_either_direction(minutes, level):
    for later in (minutes, -minutes):
        found = pair(account("police"), account("wardens", minutes=later))
        assert found["weights"]["time"] == pytest.approx(by.TIME[level].bits, abs=0.001)


def test_the_gap_between_windows_is_from_the_end_of_one_to_the_start_of_the_other():
    window = {"occurred_to": AT + pd.Timedelta(minutes=20)}
    found = pair(account("police") | window, account("wardens", minutes=32))
    assert found["minutes"] == 12
    assert found["is_sharp"]
    inside = pair(account("police") | window, account("wardens", minutes=15))
    assert inside["minutes"] == 0


def test_twice_the_radius_holds_four_times_the_strangers():
    found = pair(account("police", error_m=50.0), account("wardens", error_m=50.0))
    assert found["weights"]["vagueness"] == -2


def test_a_long_window_is_compared_by_whether_it_holds_the_other():
    night = {"occurred_to": AT + pd.Timedelta(hours=9)}
    found = pair(account("police") | night, account("wardens", minutes=400))
    assert not found["is_sharp"]
    assert found["weights"]["time"] == 0
    assert compare(reports_of(account("police") | night, account("wardens", minutes=541))).empty


def test_busy_counts_the_same_matter_of_any_source_within_100_m_and_a_fortnight():
    two = account("police"), account("wardens")
    near = [
        account("police", minutes=13 * 1440, category="ASB nuisance"),
        account("wardens", minutes=-13 * 1440, east=99),
    ]
    far = [
        account("police", minutes=15 * 1440), account("police", minutes=5000, east=101),
        account("police", minutes=5000, category="Drugs"),
    ]  # fmt: skip
    found = compare(reports_of(*two, *near, *far))
    assert found["others"].tolist() == [2]


def test_words_for_a_place_agree_where_one_names_what_the_other_names():
    said = {"wardens": "alley behind Eden Rd", "police": "JUNCTION OF EDEN ROAD AND TEES STREET, EXAMPLETON"}
    assert pair(*(account(source, place_text=text) for source, text in said.items()))["words"] == 1
    other = pair(account("police", place_text="Tees Street"), account("wardens", place_text="Eden Road"))
    assert other["words"] < by.WORDS_DOWN_TO[0]
    silent = pair(account("police", place_text=""), account("wardens"))
    assert pd.isna(silent["words"])
    assert silent["weights"]["words"] == 0


def test_a_thousand_reports_stamped_with_one_spot_and_hour_are_no_events():
    stamped = [account("police") for _ in range(60)] + [account("wardens") for _ in range(60)]
    assert compare(reports_of(*stamped)).empty


def test_what_was_handed_in_is_unchanged():
    reports = reports_of(account("police"), account("wardens"))
    before = reports.copy(deep=True)
    assert compare(reports).columns.tolist() == list(PAIRS)
    pd.testing.assert_frame_equal(reports, before)


@pytest.mark.parametrize(
    "ladder",
    [by.CATEGORY, by.DISTANCE, by.WORDS, by.ACCOUNTS, by.BUSY, by.TIME[:-1]],
    ids=lambda one: one[0].name,
)
def test_a_ladder_holds_every_pair_once(ladder):
    rungs = [level for level in ladder if level.name != "one says nothing"]
    assert sum(level.m for level in rungs) == pytest.approx(1, abs=0.01)
    assert sum(level.u for level in rungs) == pytest.approx(1, abs=0.01)
