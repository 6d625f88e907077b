"""Bank holidays: which days they are, and whether they make a peak."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mapping.hotspots.bank_holidays import bank_holidays, holiday_effect
from mapping.periods import Period, month_period

YEAR = month_period("2025-01", "2025-12")
MAY = month_period("2025-05")


def at(*moments, precision="minute"):
    start = pd.Series(pd.to_datetime(list(moments), utc=True))
    return pd.DataFrame({"occurred_from": start, "occurred_to": start, "time_precision": precision})


def test_england_has_eight_in_2025():
    assert sorted(f"{day:%m-%d}" for day in bank_holidays(YEAR, nation="ENG")) == [
        "01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26",
    ]  # fmt: skip


def test_scotland_has_its_own():
    days = bank_holidays(YEAR, nation="SCT")
    assert {dt.date(2025, 1, 2), dt.date(2025, 8, 4)} <= days  # 2 January; first Monday in August
    assert dt.date(2025, 4, 21) not in days  # no Easter Monday


def test_a_weekend_holiday_is_kept_once_on_the_day_given_in_its_place():
    # Christmas 2021 fell on Saturday and Sunday; Monday 27 and Tuesday 28 were given instead
    days = bank_holidays(month_period("2021-12"), nation="ENG")
    assert sorted(days) == [dt.date(2021, 12, 27), dt.date(2021, 12, 28)]


def test_days_outside_the_period_are_not_listed():
    assert bank_holidays(Period(dt.date(2025, 5, 6), dt.date(2025, 5, 26)), nation="ENG") == frozenset()


def test_a_nation_that_is_none_is_refused():
    with pytest.raises(ValueError, match="no nation"):
        bank_holidays(YEAR, nation="GB")


def test_a_bank_holiday_is_held_against_its_own_weekday():
    # May 2025 has four Mondays, two of them (5, 26) bank holidays. Eight Monday reports, all on these:
    # Bin(8, 1/2), 8 of 8: 1 / 256. The ten on a Tuesday say nothing of Mondays.
    incidents = at(*["2025-05-05T12:00Z"] * 5, *["2025-05-26T12:00Z"] * 3, *["2025-05-06T12:00Z"] * 10)
    effect = holiday_effect(incidents, bank_holidays(MAY, nation="ENG"), MAY)
    assert (effect.count, effect.expected) == (8, 4)
    assert effect.p_value == pytest.approx(1 / 256)
    assert effect.sentence == "8 reports on bank holidays, where 4.0 would be usual."


def test_weekdays_are_added_up_exactly():
    # 2025: Thursdays 52, two of them off? only 25 December; Fridays 52 with 18 April and 26 December
    days = {dt.date(2025, 12, 25), dt.date(2025, 4, 18), dt.date(2025, 12, 26)}
    incidents = at(*["2025-12-25T12:00Z"] * 2, *["2025-01-09T12:00Z"] * 3, *["2025-01-10T12:00Z"] * 4)
    effect = holiday_effect(incidents, days, YEAR)
    # 5 on Thursdays at 1/52, 4 on Fridays at 2/52; two or more is 1 less none less one
    none = (51 / 52) ** 5 * (50 / 52) ** 4
    one = stats.binom.pmf(1, 5, 1 / 52) * (50 / 52) ** 4 + (51 / 52) ** 5 * stats.binom.pmf(1, 4, 2 / 52)
    assert effect.expected == pytest.approx(5 / 52 + 8 / 52)
    assert effect.p_value == pytest.approx(1 - none - one)


def test_a_peak_that_bank_holidays_make_is_told_as_theirs():
    holiday = [f"2025-05-05T{h:02d}:{m:02d}Z" for h in (18, 19, 20) for m in range(0, 40, 4)]  # 30
    rng = np.random.default_rng(0)
    even = pd.Timestamp("2025-05-06", tz="UTC") + pd.to_timedelta(rng.integers(0, 18 * 1440, 40), unit="min")
    effect = holiday_effect(at(*holiday, *even), bank_holidays(MAY, nation="ENG"), MAY)
    assert effect.makes_the_peak
    assert effect.sentence.endswith("Without them no hours stand out.")


def test_a_peak_of_every_friday_is_not_a_bank_holiday_s():
    fridays = [f"2025-05-{day:02d}T19:{m:02d}Z" for day in (2, 9, 16, 23, 30) for m in range(0, 60, 10)]
    effect = holiday_effect(at(*fridays), bank_holidays(MAY, nation="ENG"), MAY)
    assert (effect.makes_the_peak, effect.count, effect.sentence) == (False, 0, "")


def test_month_only_reports_say_nothing_of_a_day():
    effect = holiday_effect(
        at(*["2025-05-05T00:00Z"] * 9, precision="month"), bank_holidays(MAY, nation="ENG"), MAY
    )
    assert (effect.count, effect.p_value, effect.left_out) == (0, 1, 9)


def test_a_day_known_alone_is_enough():
    incidents = at(*["2025-05-04T23:00Z"] * 6, precision="day")  # midnight of 5 May in London
    incidents["occurred_to"] = incidents["occurred_from"] + pd.Timedelta(days=1)
    assert holiday_effect(incidents, bank_holidays(MAY, nation="ENG"), MAY).count == 6


def test_a_period_without_bank_holidays_has_no_effect():
    effect = holiday_effect(at("2025-05-06T12:00Z"), frozenset(), MAY)
    assert (effect.count, effect.expected, effect.p_value) == (0, 0, 1)


def test_a_window_longer_than_a_day_says_nothing_of_a_day():
    incidents = at(*["2025-05-05T00:00Z"] * 4)
    incidents["occurred_to"] = incidents["occurred_from"] + pd.Timedelta(hours=30)
    effect = holiday_effect(incidents, bank_holidays(MAY, nation="ENG"), MAY)
    assert (effect.count, effect.left_out) == (0, 4)
