"""The last day and week against normal, by hand and by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mapping.errors import TooLittleDataError
from mapping.hotspots.exceedance import COLUMNS, _dispersion, exceedances, two_poisson_p

NOW = pd.Timestamp("2025-03-10T08:00Z")  # a Monday, winter: UTC is the London clock
FROM = NOW - pd.Timedelta(weeks=9)


def events(*ages_hours, precision="minute", hours=0.0, ward="E05999001", category="Noise"):
    start = pd.Series([NOW - pd.Timedelta(hours=age) for age in ages_hours], dtype="datetime64[us, UTC]")
    return pd.DataFrame(
        {
            "category": category,
            "ward_gss_code": ward,
            "occurred_from": start,
            "occurred_to": start + pd.Timedelta(hours=hours),
            "time_precision": precision,
        }
    )


def told(incidents, days, **options):
    found = exceedances(incidents, now=NOW, data_from=FROM, **options)
    return found[found["window_days"] == days].iloc[0]


def test_nine_now_against_six_in_the_two_windows_before():
    # given 15 events and a third of the time: 9 or more of Bin(15, 1/3) has chance 0.0308
    by_hand = sum(stats.binom.pmf(k, 15, 1 / 3) for k in range(9, 16))
    assert two_poisson_p([9], 1, [6], 2)[0] == pytest.approx(by_hand)
    assert by_hand == pytest.approx(0.0308, abs=5e-5)


def test_two_equal_times_are_a_coin_thrown():
    # 5 of 5 heads: 1 / 32
    assert two_poisson_p([5], 24, [0], 24)[0] == pytest.approx(1 / 32)


def test_nothing_now_is_never_unusual():
    assert two_poisson_p([0, 0], 1, [0, 50], 8).tolist() == [1, 1]


def test_a_day_is_held_against_the_same_weekday_of_the_weeks_before():
    # 3 today; one in each of the last 8 weeks on this weekday (age 7 k days and 5 hours): normal 8 / 8 = 1;
    # 10 on the day after a week ago (age 6.5 days) are neither now nor the same weekday
    incidents = pd.concat([events(1, 2, 3), events(*(168 * k + 5 for k in range(1, 9))), events(*[156] * 10)])
    found = told(incidents, 1)
    assert (found["count"], found["normal"], found["ratio"]) == (3, 1, 3)
    # 11 events, one window of nine: 3 or more of Bin(11, 1/9)
    assert found["p_value"] == pytest.approx(stats.binom.sf(2, 11, 1 / 9))
    assert found["words"] == "3 reports in the last 24 hours, 1 normal (3 times; could be chance)."


def test_a_day_may_be_held_against_all_days():
    # the same 8 earlier events over 8 weeks of 7 days: 8 / 56 a day
    incidents = pd.concat([events(1, 2, 3), events(*(168 * k + 5 for k in range(1, 9)))])
    assert told(incidents, 1, same_weekday=False)["normal"] == pytest.approx(8 / 56)


def test_seven_days_are_held_against_the_weeks_before():
    # 4 in the last week, 16 in the 8 before: normal 2
    incidents = pd.concat(
        [events(1, 30, 60, 167), events(*(168 * k + h for k in range(1, 9) for h in (9, 99)))]
    )
    found = told(incidents, 7)
    assert (found["count"], found["normal"]) == (4, 2)


def test_the_window_holds_its_first_moment_and_not_its_last():
    found = exceedances(events(0, 24), now=NOW, data_from=FROM)
    assert found.set_index("window_days")["count"].to_dict() == {1: 1, 7: 1}


def test_what_is_known_to_the_day_counts_in_seven_days_only_and_the_month_never():
    incidents = pd.concat([events(32, precision="day", hours=24), events(200, precision="month", hours=744)])
    found = exceedances(incidents, now=NOW, data_from=FROM)
    assert found[["window_days", "count", "left_out"]].to_numpy().tolist() == [[7, 1, 1]]


def test_a_report_of_today_lies_before_now():
    # known to the day alone, midnight to midnight, and it is eight in the morning
    assert told(events(8, precision="day", hours=24), 7)["count"] == 1


def test_a_clock_change_moves_no_event_to_another_weekday():
    now = pd.Timestamp("2025-04-03T09:00Z")  # 10:00 in summer time; the clocks went forward on 30 March
    # 10:30 by the clock on the Wednesdays before: 10:30 UTC in winter, inside the same 24 hours of the week
    moments = [f"2025-03-{day}T10:30Z" for day in ("26", "19", "12", "05")]
    incidents = events(*([0] * 4)).assign(
        occurred_from=pd.to_datetime(moments), occurred_to=pd.to_datetime(moments)
    )
    found = exceedances(incidents, now=now, data_from=now - pd.Timedelta(weeks=5))
    assert found.set_index("window_days")["normal"].to_dict() == {1: 1, 7: 1}


def test_wards_and_categories_are_told_apart_and_corrected_together():
    # six at once where nothing was: (1/9)^6, times two tests
    incidents = pd.concat(
        [events(*[2] * 6), events(*(168 * k + 5 for k in range(1, 9)), ward="E05999002", category="Fire")]
    )
    first = told(incidents, 1)
    assert (first["category"], first["ward_gss_code"]) == ("Noise", "E05999001")
    assert first["p_value"] == pytest.approx((1 / 9) ** 6)
    assert first["p_value_fdr"] == pytest.approx(2 * (1 / 9) ** 6)
    assert first["ratio"] == np.inf
    assert first["words"] == "6 reports in the last 24 hours, none before (very unlikely to be chance)."


def test_no_event_gives_no_row_and_keeps_the_columns():
    found = exceedances(events(), now=NOW, data_from=FROM)
    assert list(found.columns) == list(COLUMNS) and len(found) == 0


def test_less_than_four_weeks_before_is_refused():
    with pytest.raises(TooLittleDataError, match="3 whole weeks"):
        exceedances(events(1), now=NOW, data_from=NOW - pd.Timedelta(weeks=4))


def test_false_alarms_keep_their_level():
    rng = np.random.default_rng(3)
    now, before = rng.poisson(2.0, 20_000), rng.poisson(2.0 * 13, 20_000)
    share = (two_poisson_p(now, 1, before, 13) < 0.05).mean()
    # exact tests of small counts stay below their level: 5 % and two standard errors is 5.3 %
    assert share <= 0.053


def test_clumped_counts_are_beta_binomial():
    # dispersion 2, 12 events, one window of two: concentration 12 / (2 - 1) = 12, so Beta-binomial(12, 6, 6)
    expected = stats.betabinom.sf(8, 12, 6, 6)
    assert two_poisson_p([9], 1, [3], 1, 2.0)[0] == pytest.approx(expected)
    assert expected > two_poisson_p([9], 1, [3], 1)[0]


def test_hardly_any_clumping_is_the_plain_test():
    assert two_poisson_p([9], 1, [3], 1, 1.0000001)[0] == two_poisson_p([9], 1, [3], 1)[0]


def test_the_weeks_before_tell_how_clumped_a_row_is():
    # 0 and 4 by turns in 8 weeks: mean 2, variance 8 x 4 / 7 = 32 / 7, so 16 / 7
    incidents = pd.concat([events(1), events(*(168 * k + 9 for k in (2, 4, 6, 8) for _ in range(4)))])
    assert told(incidents, 7)["dispersion"] == pytest.approx(16 / 7)
    # a quiet row of the same category takes what both wards show together: variances 32 / 7 + 0, means 2 + 1
    quiet = events(*(168 * k + 9 for k in range(1, 9)), ward="E05999002")
    found = exceedances(pd.concat([incidents, quiet]), now=NOW, data_from=FROM)
    week = found[found["window_days"] == 7].set_index("ward_gss_code")
    assert week.loc["E05999002", "dispersion"] == pytest.approx(32 / 21)
    assert week.loc["E05999001", "dispersion"] == pytest.approx(16 / 7)


def clumped(rng, mean, size, shape):
    """Return counts of which each event brings a geometric number of calls, `size` on average."""
    number = rng.poisson(mean / size, shape)
    return number + np.where(number > 0, rng.negative_binomial(np.maximum(number, 1), 1 / size), 0)


@pytest.mark.parametrize("mean", [0.5, 2.0, 8.0])
@pytest.mark.parametrize("size", [1.5, 2.0, 4.0])
def test_calls_in_clumps_raise_no_more_false_alarms_than_the_level(mean, size):
    # forty wards of one category, a hundred times: 4,000 tests, 5 % and two standard errors is 5.7 %
    rng = np.random.default_rng(5)
    alarms = naive = 0
    for _ in range(100):
        weeks = clumped(rng, mean, size, (40, 14))
        scale = _dispersion(weeks[:, 1:], np.zeros(40, dtype=np.int64))
        before = weeks[:, 1:].sum(axis=1)
        alarms += int((two_poisson_p(weeks[:, 0], 1, before, 13, scale) < 0.05).sum())
        naive += int((two_poisson_p(weeks[:, 0], 1, before, 13) < 0.05).sum())
    assert alarms / 4000 <= 0.057
    assert naive > 1.5 * alarms  # what a plain two-Poisson test would have cried


def test_a_real_rise_is_still_found_among_clumps():
    # three times the normal of eight calls a week, two calls an event
    rng = np.random.default_rng(6)
    before, now = clumped(rng, 8.0, 2.0, (1000, 13)), clumped(rng, 24.0, 2.0, 1000)
    scale = _dispersion(before, np.zeros(1000, dtype=np.int64))
    assert (two_poisson_p(now, 1, before.sum(axis=1), 13, scale) < 0.05).mean() > 0.7
