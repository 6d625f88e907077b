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


def test_random_weeks_rarely_have_a_peak():
    rng = np.random.default_rng(2)
    base = pd.Timestamp("2025-01-06", tz="UTC")
    found = sum(
        peak_window(timed(base + pd.to_timedelta(rng.integers(0, 168 * 60, 60), unit="min"))) != ""
        for _ in range(100)
    )
    assert found <= 5  # the rule is 1 in 100; 5 of 100 would be far beyond chance (p < 0.004)
