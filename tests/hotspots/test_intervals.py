"""Between what and what: groups and variation by hand, and intervals that hold on events drawn for it."""

import numpy as np
import pytest

from mapping.hotspots import intervals
from mapping.hotspots.intervals import Errors, interval, tenths, variation


def test_tenths_hold_a_tenth_of_what_is_expected_each_and_the_first_is_the_hottest():
    expected = np.concatenate([np.full(10, 10.0), np.full(100, 9.0)])  # 100 + 900
    group = tenths(expected)
    assert (group[:10] == 0).all()
    assert np.bincount(group, expected) == pytest.approx(np.full(10, 100), abs=9.0)


def test_a_map_that_expects_nothing_is_one_group():
    assert tenths(np.zeros(5)).tolist() == [0] * 5


def test_months_as_chance_would_have_them_leave_only_what_was_thought_before():
    rng = np.random.default_rng(3)
    expected = np.full(200, 10_000.0)
    found = variation(expected, rng.poisson(expected).astype(float))
    # the late months weigh 1 / (1 - 0.8409) = 6.29 together, the prior month of 0.12 weighs 1
    assert found == pytest.approx(0.12**2 / 7.29 * intervals.DOUBTED_BY, rel=0.15)


def test_variation_beyond_chance_is_found_and_widened_for_doubt():
    expected = np.full(2, 100.0)
    # ((130 - 100)^2 - 100 + (70 - 100)^2 - 100) = 1600; with one prior month of 0.12: (1600 + 144) / 30000
    came = np.array([130.0, 70.0])
    plain = (1600 + 100**2 * 0.12**2) / 30_000
    # the older month counts 0.5^(1/4) = 0.8409: (800 x 1.8409 + 144) / (10000 x 2.8409)
    faded = (800 * 1.8409 + 144) / 28_409
    assert variation(expected, came) == pytest.approx(max(plain, faded) * intervals.DOUBTED_BY, rel=1e-4)


def test_a_shock_widens_what_follows_more_than_what_is_long_past():
    expected = np.full(12, 100.0)
    late, early = expected.copy(), expected.copy()
    late[-1], early[0] = 20.0, 20.0
    assert variation(expected, late) > variation(expected, early)


def test_the_interval_holds_nine_times_in_ten_on_events_that_vary_as_the_months_before():
    rng = np.random.default_rng(4)
    expected = np.repeat(np.array([5.0, 1.0, 0.1]), [20, 100, 1000])
    group = tenths(expected)
    sums = np.bincount(group, expected)
    held = []
    for _ in range(60):
        swing = rng.gamma(100, 1 / 100, 13)  # a tenth up or down, month by month
        came = rng.poisson(swing[:, None] * sums).astype(float)
        total = np.full(12, sums.sum())
        errors = Errors(np.tile(sums, (12, 1)), came[:12], total, came[:12].sum(axis=1))
        table = interval(expected, errors)
        actual = np.concatenate([[came[12].sum()], came[12]])
        held.append((table["low"] <= actual) & (actual <= table["high"]))
    assert 0.85 <= np.mean(held) <= 0.97
    assert 0.83 <= np.mean(held, axis=0)[0] <= 1.0


def test_groups_are_corrected_by_what_they_held_and_add_up_to_the_total():
    expected = np.full(10, 100.0)
    came = np.full((4, 10), 100.0)
    came[:, 0], came[:, 9] = 50.0, 150.0
    errors = Errors(np.full((4, 10), 100.0), came, np.full(4, 1000.0), np.full(4, 1000.0))
    table = interval(expected, errors).set_index("group")
    assert table.loc["total", "expected"] == pytest.approx(1000)
    assert table["expected"].drop("total").sum() == pytest.approx(1000)
    # the first held 200 of 400: (200 + 50) / (400 + 50)
    assert table.loc["1", "expected"] == pytest.approx(100 * 250 / 450)


def test_with_nothing_rehearsed_there_still_is_an_interval():
    table = interval(np.full(10, 10.0), Errors.none())
    assert list(table.columns) == list(intervals.COLUMNS)
    assert table["low"].iloc[0] < 100 < table["high"].iloc[0]


def test_a_place_that_varies_as_chance_does_has_the_interval_of_chance_and_of_its_own_doubt():
    rng = np.random.default_rng(3)
    monthly = rng.poisson(20.0, (60, 12)).astype(float)
    low, high = intervals.place_intervals(monthly, monthly.sum(axis=0), np.full(60, 20.0))
    came = rng.poisson(20.0, (200, 60))
    assert 0.88 < ((came >= low) & (came <= high)).mean() < 0.98
    # Poisson alone: 13 to 28 hold 90 %
    assert 10 <= np.median(low) <= 13 and 28 <= np.median(high) <= 31


def test_a_place_that_swings_has_a_wider_interval():
    even, swings = np.full(12, 20.0), np.array([5.0, 35.0] * 6)
    low, high = intervals.place_intervals(
        np.array([even, swings]), np.full(12, 100.0), np.array([20.0, 20.0])
    )
    assert low[1] < low[0] and high[1] > high[0]


def test_without_places_there_are_no_intervals():
    low, high = intervals.place_intervals(np.empty((0, 12)), np.full(12, 9.0), np.empty(0))
    assert len(low) == len(high) == 0
