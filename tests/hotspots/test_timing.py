"""Peak windows: only where times are known and only when they beat chance."""

import numpy as np
import pandas as pd

from mapping.hotspots.timing import peak_window


def timed(moments, precision="minute"):
    return pd.DataFrame(
        {"occurred_from": pd.Series(pd.to_datetime(moments, utc=True)), "time_precision": precision}
    )


def fridays_at(hour, count):
    """So many moments on Friday evenings in January 2025 (GMT, so UTC is the local clock)."""
    return [f"2025-01-{3 + 7 * (k % 4):02d}T{hour:02d}:{k % 60:02d}:00Z" for k in range(count)]


def test_friday_evening_stands_out():
    assert peak_window(timed(fridays_at(19, 30))).startswith("Fri ")


def test_the_window_is_on_the_london_clock_in_summer():
    moments = [f"2025-07-{4 + 7 * (k % 4):02d}T20:{k % 60:02d}:00Z" for k in range(40)]  # 21:00 local
    window = peak_window(timed(moments))
    start, end = (int(part[:2]) for part in window.split()[1].split("-"))
    assert start <= 21 < end or start > end


def test_an_even_week_has_no_peak():
    every_hour = pd.date_range("2025-01-06", periods=168 * 2, freq="h", tz="UTC")
    assert peak_window(timed(every_hour)) == ""


def test_month_only_data_never_has_an_hour():
    assert peak_window(timed(["2025-01-01T00:00:00Z"] * 100, precision="month")) == ""


def test_few_times_have_no_peak():
    assert peak_window(timed(fridays_at(19, 19))) == ""


def between(moments, hours):
    frame = timed(moments)
    return frame.assign(occurred_to=frame["occurred_from"] + pd.Timedelta(hours=hours))


def test_an_incident_known_between_two_moments_counts_where_most_of_its_window_lies():
    # known to lie in 18:00-22:00, so its middle is 20:00
    window = peak_window(between([f"2025-01-{3 + 7 * (k % 4):02d}T18:00:00Z" for k in range(40)], 4))
    start, end = (int(part[:2]) for part in window.split()[1].split("-"))
    assert window.startswith("Fri ") and start <= 20 < end


def test_windows_longer_than_eight_hours_are_in_no_peak():
    assert peak_window(between(fridays_at(19, 40), 9)) == ""
    assert peak_window(between(fridays_at(19, 40), 8)) != ""


def test_the_peak_turns_with_the_week():
    moments = pd.to_datetime(fridays_at(9, 30), utc=True)
    assert peak_window(timed(moments)).startswith("Fri ")
    assert peak_window(timed(moments + pd.Timedelta(days=2))) == peak_window(timed(moments)).replace(
        "Fri", "Sun"
    )


def test_random_weeks_rarely_have_a_peak():
    rng = np.random.default_rng(2)
    base = pd.Timestamp("2025-01-06", tz="UTC")
    found = sum(
        peak_window(timed(base + pd.to_timedelta(rng.integers(0, 168 * 60, 60), unit="min"))) != ""
        for _ in range(400)
    )
    # at most 1 in 100: 4 of 400, and two standard errors (2 x 1.99) on top
    assert found <= 8
