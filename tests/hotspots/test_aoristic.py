"""Hours of the week from windows of time, by hand and by properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.hotspots.aoristic import hour_profile, smooth_week

MONDAY = pd.Timestamp("2025-01-06T00:00Z")  # winter: UTC is the London clock


def known(*windows, precision="minute"):
    """Incidents from (start, end) written as `2025-01-06T09:30Z`, or as Timestamps."""
    start, end = zip(*windows, strict=True)
    return pd.DataFrame(
        {
            "occurred_from": pd.Series(pd.to_datetime(list(start), utc=True)),
            "occurred_to": pd.Series(pd.to_datetime(list(end), utc=True)),
            "time_precision": precision,
        }
    )


def test_a_window_is_spread_by_the_minutes_it_has_in_each_hour():
    # Monday 09:30 to 12:00 is 150 minutes: 30 in hour 9, 60 in 10, 60 in 11: 0.2, 0.4, 0.4
    weights = hour_profile(known(("2025-01-06T09:30Z", "2025-01-06T12:00Z"))).weights
    assert weights[9:13].round(12).tolist() == [0.2, 0.4, 0.4, 0]
    assert weights.sum() == pytest.approx(1)


def test_a_known_moment_is_whole_in_its_hour():
    assert hour_profile(known(("2025-01-07T23:59Z", "2025-01-07T23:59Z"))).weights[47] == 1


def test_a_window_over_sunday_midnight_goes_round_the_week():
    # Sunday 23:00 to Monday 01:00: half each
    weights = hour_profile(known(("2025-01-12T23:00Z", "2025-01-13T01:00Z"))).weights
    assert (weights[167], weights[0]) == (0.5, 0.5)


def test_a_summer_window_is_read_on_the_london_clock():
    weights = hour_profile(known(("2025-07-07T20:00Z", "2025-07-07T21:00Z"))).weights
    assert weights[21] == 1


def test_the_night_the_clocks_go_forward_has_no_one_o_clock():
    # 30 March 2025, 00:00 to 02:00 UTC is 00:00-01:00 and 02:00-03:00 by the clock
    weights = hour_profile(known(("2025-03-30T00:00Z", "2025-03-30T02:00Z"))).weights
    assert weights[6 * 24 : 6 * 24 + 4].tolist() == [0.5, 0, 0.5, 0]


def test_the_night_they_go_back_has_one_o_clock_twice():
    # 26 October 2025, 00:00 to 02:00 UTC is 01:00-02:00 twice
    assert hour_profile(known(("2025-10-26T00:00Z", "2025-10-26T02:00Z"))).weights[6 * 24 + 1] == 1


def test_a_window_longer_than_a_day_gives_no_hour_and_is_counted():
    profile = hour_profile(
        known(("2025-01-06T09:00Z", "2025-01-07T09:00Z"), ("2025-01-06T09:00Z", "2025-01-07T09:01Z"))
    )
    assert (profile.timed, profile.left_out) == (1, 1)
    assert profile.sentence == "Hours are known for 1 of 2 reports."
    assert profile.weights.sum() == pytest.approx(1)


@pytest.mark.parametrize("precision", ["day", "month"])
def test_what_is_known_to_the_day_or_month_never_has_an_hour(precision):
    profile = hour_profile(known(("2025-01-06T00:00Z", "2025-01-06T00:00Z"), precision=precision))
    assert (profile.weights.any(), profile.timed, profile.left_out) == (False, 0, 1)


def test_no_incident_has_an_empty_week():
    profile = hour_profile(known(("2025-01-06T00:00Z", "2025-01-06T00:00Z")).iloc[:0])
    assert (profile.weights.sum(), profile.smoothed.sum(), profile.timed) == (0, 0, 0)


minutes = st.tuples(st.integers(0, 3 * 10_080), st.integers(0, 1440))


@settings(deadline=None)
@given(st.lists(minutes, min_size=1, max_size=30), st.integers(0, 336))
def test_moving_every_incident_by_some_hours_turns_the_profile(windows, shift):
    start = [MONDAY + pd.Timedelta(minutes=a) for a, _ in windows]
    end = [MONDAY + pd.Timedelta(minutes=a + b) for a, b in windows]
    moved = pd.Timedelta(hours=shift)
    here = hour_profile(known(*zip(start, end, strict=True)))
    there = hour_profile(known(*((a + moved, b + moved) for a, b in zip(start, end, strict=True))))
    assert np.allclose(there.weights, np.roll(here.weights, shift))
    assert np.allclose(there.smoothed, np.roll(here.smoothed, shift))


@settings(deadline=None)
@given(st.lists(minutes, min_size=1, max_size=30))
def test_weights_add_up_to_the_timed_incidents(windows):
    frame = known(
        *((MONDAY + pd.Timedelta(minutes=a), MONDAY + pd.Timedelta(minutes=a + b)) for a, b in windows)
    )
    profile = hour_profile(frame)
    assert profile.timed == len(windows)
    assert profile.weights.sum() == pytest.approx(len(windows))
    assert profile.smoothed.sum() == pytest.approx(len(windows))


def test_smoothing_goes_round_the_week_evenly():
    # one incident in Monday's first hour; standard deviation 1: neighbours exp(-1/2) of the middle
    week = np.zeros(168)
    week[0] = 1.0
    smooth = smooth_week(week, smoothing_hours=1.0)
    assert smooth[1] / smooth[0] == pytest.approx(np.exp(-0.5))
    assert smooth[167] == pytest.approx(smooth[1])
    assert smooth[0] == pytest.approx(1 / np.sqrt(2 * np.pi), abs=1e-6)


def test_a_very_wide_kernel_makes_an_even_week():
    week = np.zeros(168)
    week[30] = 168.0
    assert np.allclose(smooth_week(week, smoothing_hours=500), 1)
