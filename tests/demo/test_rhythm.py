import numpy as np

from mapping.demo import rhythm
from mapping.demo.mixes import BACKGROUND, THEMES
from mapping.demo.rhythm import PATTERNS, Pattern, draw, hour_weights, month_of, out_of_the_gap


def test_the_24_months_end_in_september_2026():
    assert rhythm.MONTHS[0] == "2024-10"
    assert rhythm.MONTHS[-1] == "2026-09"
    assert len(rhythm.MONTHS) == 24


def test_every_category_of_the_background_has_a_pattern():
    assert set(BACKGROUND) == set(PATTERNS)


def test_hours_that_the_clock_skips_weigh_nothing():
    # 1 October 2024 to 30 March 2025, 01:00: 31 + 30 + 31 + 31 + 28 + 29 = 180 days and one hour
    weights = hour_weights(Pattern(rhythm.EVERY_DAY, (0, 24), 1.0))
    assert weights[180 * 24 + 1] == 0
    assert weights[180 * 24 + 2] > 0
    assert (weights == 0).sum() == 2


def test_a_night_belongs_to_the_evening_it_began_on():
    # Friday 22:00-03:00 only: 4 October 2024 is the first Friday, day 3
    weights = hour_weights(Pattern((4,), (22, 27), 1.0))
    hot = np.flatnonzero(weights[: 7 * 24])
    assert hot.tolist() == [3 * 24 + 22, 3 * 24 + 23, 4 * 24, 4 * 24 + 1, 4 * 24 + 2]


def test_a_draw_by_month_keeps_to_its_months():
    months = np.zeros(24)
    months[5], months[6] = 3, 1
    at = draw(hour_weights(THEMES[0].pattern), 4_000, np.random.default_rng(5), month_weights=months)
    counts = np.bincount(month_of(at), minlength=24)
    assert counts.sum() == counts[5] + counts[6] == 4_000
    assert abs(counts[5] / 4_000 - 0.75) < 0.03  # three to one


def test_a_peak_holds_the_share_it_was_given():
    pattern = Pattern((4, 5), (18, 22), 0.6)
    at = draw(hour_weights(pattern), 20_000, np.random.default_rng(6))
    hours = (at - at.astype("datetime64[D]")) // np.timedelta64(60, "m")
    weekday = (at.astype("datetime64[D]").astype(int) + 3) % 7
    peak = np.isin(weekday, [4, 5]) & (hours >= 18) & (hours < 22)
    # 0.6, and of the other 0.4 what falls there: 2 of 7 days, (9 + 9 + 9 + 9) of the usual 130: 0.032
    assert abs(peak.mean() - 0.632) < 0.015


def test_a_skipped_hour_is_told_an_hour_later():
    moments = np.array(["2025-03-30T01:30", "2025-03-30T02:30", "2026-03-29T01:00"], dtype="datetime64[m]")
    assert out_of_the_gap(moments).astype(str).tolist() == [
        "2025-03-30T02:30",
        "2025-03-30T02:30",
        "2026-03-29T02:00",
    ]
