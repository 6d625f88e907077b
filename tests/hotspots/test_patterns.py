"""Near repeats, live clusters and gathering, on invented towns whose truth is known."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from mapping.errors import MappingError, TooLittleDataError, UnknownCategoryError
from mapping.hotspots import near_repeats, patterns
from mapping.hotspots.patterns import find_patterns
from mapping.periods import Period
from mapping.schema import REPORTS

YEAR = Period(dt.date(2025, 1, 1), dt.date(2026, 1, 1))


def town(points, days, *, category="Burglary", precision="minute", place="Eden Road"):
    """Make placed incidents at noon of so many days after 1 January 2025."""
    at = pd.Timestamp("2025-01-01T12:00", tz="UTC") + pd.to_timedelta(np.asarray(days), unit="D")
    size = len(points)
    frame = pd.DataFrame({column: [""] * size for column in REPORTS})
    frame["easting_m"], frame["northing_m"], frame["error_m"] = points[:, 0], points[:, 1], 10.0
    frame["occurred_from"] = pd.Series(pd.DatetimeIndex(at).as_unit("us"))
    frame["occurred_to"] = frame["occurred_from"]
    frame["time_precision"], frame["category"], frame["place_text"] = precision, category, place
    frame["incident_id"] = [f"I{k:05d}" for k in range(size)]
    frame["ward_gss_code"] = np.where(points[:, 0] < 401_000, "E05999001", "E05999002")
    frame["placement"] = "in ward"
    return frame


def scattered(size, seed=0):
    """Draw points and days without any pattern, over both wards and the year."""
    rng = np.random.default_rng(seed)
    points = np.column_stack([rng.uniform(400_000, 402_000, size), rng.uniform(300_000, 301_000, size)])
    return points, rng.integers(0, 365, size)


def with_series(size=200, seed=0):
    """Follow one report in four by another 50 m off, three days later."""
    points, days = scattered(size, seed)
    again = np.arange(0, size, 4)
    moved = np.clip(points[again] + [35.0, 35.0], None, [401_999.0, 300_999.0])
    return np.vstack([points, moved]), np.concatenate([days, np.minimum(days[again] + 3, 364)])


def test_a_planted_near_repeat_series_is_found_in_its_own_band(two_wards):
    found = find_patterns(town(*with_series()), two_wards, YEAR, seed=1)[0].near_repeats
    assert found.knox_ratio > 1.5 and found.p_value == 1 / 200  # none of 199 shuffles held as many
    assert "very unlikely to be chance" in found.said
    band = found.table.set_index(["distance_band", "time_band"]).loc[("up to 100 m", "2-7 days")]
    # 50 were planted, bar those cut off at the edges
    assert band["observed"] >= 45 and band["p_value"] == 1 / 200
    assert found.cautions == ()


def test_where_nothing_was_planted_nothing_is_claimed(two_wards):
    found = find_patterns(town(*scattered(250, seed=3)), two_wards, YEAR, seed=1)[0]
    assert found.near_repeats.p_value > 0.05
    assert not found.live.table["is_live"].any()
    assert found.live.said == "Nothing stands out in the 21 days to 31 December 2025."
    assert "no gathering" in found.clumping.said


def test_the_sentence_counts_what_the_table_counts(two_wards):
    points, days = with_series()
    found = find_patterns(town(points, days), two_wards, YEAR, seed=1)[0].near_repeats
    near = found.table["distance_band"].isin(["same place", "up to 100 m", "100-200 m"])
    soon = found.table["time_band"].isin(["0-1 days", "2-7 days"])
    assert found.table.loc[near & soon, "observed"].sum() == found.observed
    # every pair is in the table once: 250 * 249 / 2
    assert found.table["observed"].sum() == 250 * 249 // 2


def test_a_season_that_raises_all_bands_alike_is_no_near_repeat_and_is_said(two_wards):
    # Two places, each busy in its own half of the year: pairs close in place share a season.
    rng = np.random.default_rng(5)
    west = np.column_stack([rng.uniform(400_100, 400_200, 150), rng.uniform(300_100, 300_200, 150)])
    points = np.vstack([west, west + np.array([1_500.0, 700.0])])
    days = np.concatenate([rng.integers(0, 180, 150), rng.integers(185, 365, 150)])
    found = find_patterns(town(points, days), two_wards, YEAR, seed=1)[0].near_repeats
    # Close in place always share a half, twice as often as any two would
    assert found.knox_ratio == pytest.approx(2, rel=0.1)
    assert any("season" in caution for caution in found.cautions)


def test_a_cluster_planted_in_the_last_days_is_live_with_its_place_and_ward(two_wards):
    points, days = scattered(300, seed=2)
    planted = np.tile([[401_500.0, 300_500.0]], (8, 1))
    frame = pd.concat(
        [town(points, days), town(planted, [358, 359, 360, 361, 362, 363, 364, 364], place="12 Mill Lane")],
        ignore_index=True,
    )
    found = find_patterns(frame, two_wards, YEAR, seed=1)[0].live
    first = found.table.iloc[0]
    assert first["is_live"] and first["observed"] >= 8 and first["p_value"] == 1 / 200
    assert (first["place_name"], first["ward_name"]) == ("Mill Lane", "East")
    assert first["to_on"] == dt.date(2026, 1, 1) and first["said"].startswith("Mill Lane (East): ")
    assert found.said.startswith("1 place stands out in the 21 days to 31 December 2025")


def test_live_ends_with_the_data_of_any_category_and_not_with_the_month(two_wards):
    points, days = scattered(100)
    frame = town(points, days * 300 // 365)
    other = town(points[:1], [320], category="Noise")  # 17 November is day 320
    found = find_patterns(
        pd.concat([frame, other], ignore_index=True), two_wards, YEAR, categories=["Burglary"], seed=1
    )
    assert found[0].live.said.endswith("to 17 November 2025.")


def test_month_only_data_says_why_not_and_still_says_how_clumped(make_incidents, two_wards):
    rows = [
        (400_150, 300_150, "2025-01", 20),
        (400_250, 300_150, "2025-02", 15),
        (401_500, 300_700, "2025-03", 2),
    ]
    found = find_patterns(make_incidents(rows), two_wards, YEAR, seed=1)[0]
    assert (found.reports, found.placed, found.known_to_the_day) == (37, 37, 0)
    assert found.known_to_the_day_share == 0.0
    assert "only the month is known (0 % are known to the day)" in found.near_repeats.said
    assert found.live.said == found.near_repeats.said
    assert found.near_repeats.table.empty and found.live.table.empty and found.near_repeats.draws == 0
    # 37 / 2 = 18.5, and the busiest square holds 20 of the 200
    assert (found.clumping.half_cells, found.clumping.cells) == (1, 200)


def test_months_among_days_are_left_out_and_said(two_wards):
    points, days = scattered(100)
    frame = pd.concat([town(points[:60], days[:60]), town(points[60:], days[60:], precision="month")])
    found = find_patterns(frame.reset_index(drop=True), two_wards, YEAR, seed=1)[0]
    assert (found.placed, found.known_to_the_day, found.near_repeats.reports) == (100, 60, 60)
    assert found.near_repeats.cautions[0] == (
        "Rests on the 60 of 100 placed reports (60 %) that are known to the day."
    )


def test_coarse_points_outside_and_other_days_do_not_count(two_wards):
    points, days = scattered(60)
    frame = town(points, days)
    frame.loc[:9, "error_m"] = 800.0
    frame.loc[10:14, "placement"] = "outside"
    frame.loc[15:19, "occurred_from"] = pd.Timestamp("2024-05-01", tz="UTC")
    found = find_patterns(frame, two_wards, YEAR, seed=1)[0]
    assert (found.reports, found.placed) == (50, 40)  # 60 - 5 - 5, and 10 coarse


def test_half_lies_in_the_fewest_squares_that_hold_it(two_wards):
    # Squares of 10, 6, 5, 5, 4: 30 in all, and 10 + 6 is the first sum of at least 15
    counts = (10, 6, 5, 5, 4)
    points = np.repeat([[400_050.0 + 300 * k, 300_050.0] for k in range(5)], counts, axis=0)
    found = find_patterns(town(points, np.arange(30) * 12), two_wards, YEAR, seed=1)[0].clumping
    assert found.half_cells == 2


def test_two_full_squares_side_by_side_gather_and_far_apart_do_not(two_wards):
    def chance(east):
        points = np.repeat([[400_550.0, 300_550.0], [east, 300_550.0]], 15, axis=0)
        return find_patterns(town(points, np.arange(30) * 12), two_wards, YEAR, seed=1)[0].clumping.p_value

    # Of 200 squares, 10 rows of 20, 10 * 19 + 9 * 20 + 2 * 9 * 19 = 712 pairs of 19,900 touch: 3.6 %
    assert chance(400_650.0) < 0.1
    assert chance(401_450.0) > 0.5


def test_one_category_is_one_pattern_and_the_commonest_comes_first(two_wards):
    points, days = scattered(70)
    frame = pd.concat(
        [town(points[:30], days[:30], category="Noise"), town(points[30:], days[30:])], ignore_index=True
    )
    assert [one.category for one in find_patterns(frame, two_wards, YEAR, seed=1)] == ["Burglary", "Noise"]
    asked = find_patterns(frame, two_wards, YEAR, categories=["Noise", "Noise"], seed=1)
    assert [one.category for one in asked] == ["Noise"]


def test_a_category_without_a_report_says_so(two_wards):
    found = find_patterns(town(*scattered(40)), two_wards, YEAR, categories=["Robbery"], seed=1)[0]
    assert found.near_repeats.said == "0 reports of robbery can be placed; at least 20 are needed."
    assert np.isnan(found.known_to_the_day_share) and np.isnan(found.clumping.moran_i)


def test_shuffled_rows_and_the_same_seed_change_nothing(two_wards):
    frame = town(*with_series(80))
    one = find_patterns(frame, two_wards, YEAR, seed=4)[0]
    same = find_patterns(frame.copy(), two_wards, YEAR, seed=4)[0]
    other = find_patterns(frame.sample(frac=1, random_state=1), two_wards, YEAR, seed=4)[0]
    pd.testing.assert_frame_equal(one.near_repeats.table, same.near_repeats.table)
    pd.testing.assert_frame_equal(one.live.table, same.live.table)
    seen = ["distance_band", "time_band", "observed", "expected", "knox_ratio"]
    pd.testing.assert_frame_equal(one.near_repeats.table[seen], other.near_repeats.table[seen])
    assert one.clumping.moran_i == pytest.approx(other.clumping.moran_i)


def test_too_many_pairs_cost_draws_first_and_then_the_oldest_reports_and_both_are_said(
    two_wards, monkeypatch
):
    points, days = scattered(200)
    pairs = 199 * 100  # all within a few metres of each other: 200 * 199 / 2
    points = np.array([401_000.0, 300_500.0]) + (points - [401_000.0, 300_500.0]) / 1_000
    frame = town(points, days)
    monkeypatch.setattr(patterns, "MOST_PAIR_DRAWS", pairs * 120)
    found = find_patterns(frame, two_wards, YEAR, seed=1)[0].near_repeats
    assert (found.draws, found.reports) == (120, 200)
    assert found.cautions == ("120 draws instead of 199, because so many reports lie close together.",)
    monkeypatch.setattr(patterns, "MOST_PAIR_DRAWS", pairs * 99 // 4)
    found = find_patterns(frame, two_wards, YEAR, seed=1)[0].near_repeats
    # a quarter of the pairs is half of the reports; those of the same day as the oldest stay too
    assert found.draws == 99 and 100 <= found.reports <= 103
    assert "Only the newest" in found.cautions[1]


def test_near_pairs_are_counted_as_they_are_listed():
    points, days = scattered(150)
    points[::5] = points[0]
    table = near_repeats.near_repeat_table(
        points[:, 0], points[:, 1], days, distance_limits_m=(400.0,), draws=99, seed=0
    )
    within = int(table.loc[table["distance_band"] == "up to 400 m", "observed"].sum())
    assert patterns._count_near_pairs(points, 400.0) == within


def test_many_places_are_rounded_for_the_scan_and_it_is_said(two_wards, monkeypatch):
    monkeypatch.setattr(patterns, "MOST_SCAN_PLACES", 150)
    found = find_patterns(town(*scattered(300)), two_wards, YEAR, seed=1)[0].live
    # 2 km by 1 km are 200 squares of 100 m and their rim, 50 of 200 m
    assert any("rounded to 200 m" in caution or "rounded to 100 m" in caution for caution in found.cautions)


@pytest.mark.parametrize("draws", [0, 98, 10_000])
def test_draws_that_cannot_tell_or_never_end_are_refused(two_wards, draws):
    with pytest.raises(MappingError, match="99 to 9999"):
        find_patterns(town(*scattered(30)), two_wards, YEAR, draws=draws, seed=1)


def test_nothing_to_look_at_and_unknown_categories_are_refused(two_wards):
    frame = town(*scattered(30))
    with pytest.raises(TooLittleDataError, match="No incident from 1 January 2020"):
        find_patterns(frame, two_wards, Period(dt.date(2020, 1, 1), dt.date(2020, 2, 1)), seed=1)
    with pytest.raises(UnknownCategoryError):
        find_patterns(frame, two_wards, YEAR, categories=["Unheard of"], seed=1)
