import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping import periods
from mapping.errors import PeriodError
from mapping.periods import Period

days = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31))


def utc(*texts):
    return pd.Series(pd.to_datetime(list(texts), utc=True, format="ISO8601"))


def test_winter_midnight_is_midnight_in_utc():
    assert periods.midnight(dt.date(2025, 1, 15)) == pd.Timestamp("2025-01-15T00:00Z")


def test_summer_midnight_is_an_hour_earlier_in_utc():
    assert periods.midnight(dt.date(2025, 7, 1)) == pd.Timestamp("2025-06-30T23:00Z")


def test_the_day_the_clocks_go_forward_has_23_hours():
    # 30 March 2025: 00:00 GMT to 00:00 BST the next day
    day = Period(dt.date(2025, 3, 30), dt.date(2025, 3, 31))
    assert day.end_at - day.start_at == pd.Timedelta(hours=23)


def test_the_day_the_clocks_go_back_has_25_hours():
    day = Period(dt.date(2025, 10, 26), dt.date(2025, 10, 27))
    assert day.end_at - day.start_at == pd.Timedelta(hours=25)


def test_a_period_holds_its_first_moment_and_not_its_last():
    june = periods.month_period("2025-06")
    held = june.holds(
        utc("2025-05-31T22:59:59Z", "2025-05-31T23:00Z", "2025-06-30T22:59:59Z", "2025-06-30T23:00Z")
    )
    assert held.tolist() == [False, True, True, False]


def test_an_unknown_moment_lies_in_no_period():
    assert periods.month_period("2025-06").holds(utc(None, "2025-06-10T12:00Z")).tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2025-01:2025-06", "2025-01-01", "2025-07-01"),  # whole months include both
        ("2024-02:2024-02", "2024-02-01", "2024-03-01"),  # a leap year's February has its 29th
        ("2025-12", "2025-12-01", "2026-01-01"),
        ("2024-11:2025-02", "2024-11-01", "2025-03-01"),
        ("2025-01-15:2025-02-01", "2025-01-15", "2025-02-01"),  # dates are half-open
    ],
)
def test_arguments_are_read_as_the_manual_says(text, start, end):
    period = periods.parse_period(text)
    assert (str(period.start_on), str(period.end_on)) == (start, end)


@pytest.mark.parametrize(
    "text",
    ["", ":", "2025", "2025-13", "2025-00:2025-02", "Apr-25", "2025-02:2025-01", "2025-02-30:2025-03-01",
     "2025-01-10:2025-01-10", "2025-01-10:2025-01-09", "2025-01:2025-06-30", "0000-01", "2025-01\n"],
)  # fmt: skip
def test_what_is_no_period_is_refused_in_a_sentence(text):
    with pytest.raises(PeriodError) as refused:
        periods.parse_period(text)
    assert str(refused.value).endswith(".")


def test_days_and_months_are_counted():
    period = Period(dt.date(2024, 12, 31), dt.date(2025, 3, 1))
    # 1 + 31 + 28 = 60
    assert period.days == 60
    assert period.months() == ["2024-12", "2025-01", "2025-02"]


def test_a_period_is_said_with_both_its_days():
    assert str(periods.month_period("2025-01", "2025-02")) == "1 January 2025 to 28 February 2025"


def test_a_summer_month_begins_an_hour_before_its_utc_month():
    numbers = periods.local_months(utc("2025-05-31T22:59:59Z", "2025-05-31T23:00Z", "2025-01-31T23:59:59Z"))
    assert [periods.month_label(number) for number in numbers] == ["2025-05", "2025-06", "2025-01"]


def test_hours_of_the_week_are_read_on_the_london_clock():
    # Monday 6 January 2025 00:30 GMT is hour 0; Sunday 23:59 GMT is hour 167;
    # Monday 7 July 00:30 BST is Sunday 23:30 UTC and hour 0
    moments = utc("2025-01-06T00:30Z", "2025-01-05T23:59Z", "2025-07-06T23:30Z", "2025-07-11T18:15Z")
    # Friday 19:15 BST: 4 x 24 + 19 = 115
    assert periods.local_hours_of_week(moments).tolist() == [0, 167, 0, 115]


def test_both_hours_of_the_night_the_clocks_go_back_are_one_o_clock():
    # 26 October 2025 is a Sunday: 6 x 24 + 1 = 145
    assert periods.local_hours_of_week(utc("2025-10-26T00:30Z", "2025-10-26T01:30Z")).tolist() == [145, 145]


def test_unknown_moments_are_refused_rather_than_given_a_month():
    with pytest.raises(PeriodError, match="1 of 2 moments are not known"):
        periods.local_months(utc("2025-01-06T00:30Z", None))


def test_whole_months_hold_every_moment():
    # 31 May 23:30 UTC is 1 June in London
    period = periods.whole_months(utc("2025-05-31T23:30Z", None, "2025-08-31T22:59Z"))
    assert (period.start_on, period.end_on) == (dt.date(2025, 6, 1), dt.date(2025, 9, 1))


def test_whole_months_of_nothing_are_refused():
    with pytest.raises(PeriodError, match="No incident has a date"):
        periods.whole_months(utc(None, None))


@given(days, st.integers(1, 800))
def test_periods_that_meet_share_no_moment_and_leave_none_out(start, length):
    middle, end = start + dt.timedelta(days=length), start + dt.timedelta(days=2 * length)
    first, second = Period(start, middle), Period(middle, end)
    seam = first.end_at
    moments = pd.Series([seam - pd.Timedelta(seconds=1), seam, seam + pd.Timedelta(seconds=1)])
    assert (first.holds(moments).astype(int) + second.holds(moments).astype(int)).tolist() == [1, 1, 1]


@given(days)
def test_a_months_number_label_and_first_day_agree(day):
    number = periods.month_number(day)
    assert periods.month_label(number) == f"{day:%Y-%m}"
    assert periods.month_start(number) == day.replace(day=1)
    assert periods.month_period(periods.month_label(number)).start_on == day.replace(day=1)


@given(st.lists(st.builds(dt.datetime.combine, days, st.times()), min_size=1, max_size=30))
def test_the_month_of_a_moment_holds_it(moments):
    series = pd.Series(pd.to_datetime(moments, utc=True)).astype("datetime64[us, UTC]")
    for number, moment in zip(periods.local_months(series), series, strict=True):
        period = periods.month_period(periods.month_label(int(number)))
        assert period.holds(pd.Series([moment])).all()
    assert np.isin(periods.local_hours_of_week(series), np.arange(168)).all()
