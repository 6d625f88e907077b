import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mapping.intake.extracts import following_month
from mapping.intake.layout import Column, load
from mapping.intake.moments import month_labels, read_occurred, read_reported, read_windows, until
from mapping.intake.row_issues import RowIssues
from mapping.intake.texts import as_texts

WARDEN, STREET = load("warden-log"), load("police-uk")
LOG = replace(WARDEN, columns={**WARDEN.columns, "occurred_to": Column(("until",))})


def window(text, layout=WARDEN):
    found = read_windows(as_texts([text]), layout)
    start, end = (str(moment[0])[:16] for moment in (found.start, found.end))
    return start, end, found.precision[0]


def occurred(*texts, now, layout=WARDEN):
    issues = RowIssues(np.arange(1, len(texts) + 1))
    read_occurred(as_texts(texts), layout, now, issues)
    return issues.frame("f.csv")[["row", "severity", "reason"]].values.tolist()


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("03/04/2025 18:30", "2025-04-03T17:30"),  # day first, summer time
        ("3/4/2025 9:05", "2025-04-03T08:05"),
        ("03/01/2025 18:30:59", "2025-01-03T18:30"),
        ("2025-04-03 18:30", "2025-04-03T17:30"),
        ("2025-04-03T18:30:00.123", "2025-04-03T17:30"),
        ("2025-04-03T18:30:00Z", "2025-04-03T18:30"),  # an offset is honoured
        ("2025-04-03T18:30+02:00", "2025-04-03T16:30"),
        ("2025-04-03T18:30:00+0000", "2025-04-03T18:30"),
        ("03/04/25 18:30", "2025-04-03T17:30"),  # two digits: 1969-2068
        ("03/04/95 18:30", "1995-04-03T17:30"),
    ],
)  # BAD 31, 35, 40
def test_a_known_moment_is_an_empty_window_in_utc(text, utc):
    assert window(text) == (utc, utc, "minute")


def test_a_day_without_a_clock_is_a_window_of_one_local_day():
    assert window("03/04/2025") == ("2025-04-02T23:00", "2025-04-03T23:00", "day")
    # the clock goes back on 26 October: that day has 25 hours
    assert window("2025-10-26") == ("2025-10-25T23:00", "2025-10-27T00:00", "day")


def test_a_month_is_a_window_from_local_midnight_to_local_midnight():
    assert window("2025-01", STREET) == ("2025-01-01T00:00", "2025-02-01T00:00", "month")
    assert window("2025-06", STREET) == ("2025-05-31T23:00", "2025-06-30T23:00", "month")
    assert window("2025-12", STREET)[1] == "2026-01-01T00:00"


@pytest.mark.parametrize(
    "text",
    [
        "2025-13",
        "2025-1",
        "202501",
        "2025-01-01",
        "2025/01",
        "٢٠٢٥-٠١",
        "2025-01 "[:-1] + "x",
        "Jan",
        "13/2025",
        "01/01/2025",
    ],
)  # BAD 42
def test_a_month_that_is_not_written_as_published_is_never_guessed(text, now):
    assert occurred(text, now=now, layout=STREET) == [[1, "rejected", "is not a month written as 2025-01"]]


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2025 10:00", "03/04/2025 24:30", "yesterday", "now", "today", "45000.5", "45000", "1743700000",
        "04/25/2025 10:00", "2025-13-01", "20250403", "03-04-25", "12:30", "Apr-25", "03/04/2025 930",
        "2025-04-03 18:30 GMT", "03/04/2025 18:30 pm", "2025-04-03T18:30:00+25:00",
    ],
)  # fmt: skip  # BAD 32, 33, 38
def test_what_is_no_date_of_the_declared_order_is_rejected(text, now):
    assert [row[:2] for row in occurred(text, now=now)] == [[1, "rejected"]]


@pytest.mark.parametrize("text", ["Apr-25", "25-Apr", "apr-25"])
def test_a_month_that_a_spreadsheet_rewrote_is_named_and_not_guessed(text, now):  # BAD 42
    # 2025-04 shows as Apr-25 in a spreadsheet, and so does the 25th of April in another
    assert occurred(text, now=now, layout=STREET)[0][2] == (
        "looks like a month that a spreadsheet has rewritten; take the file as it was published"
    )


def test_a_month_with_its_whole_year_is_read_in_words_and_figures():
    for text in ("06/2025", "Jun 2025", "JUNE 2025", "Jun-2025"):
        assert window(text, STREET) == ("2025-05-31T23:00", "2025-06-30T23:00", "month")


@pytest.mark.parametrize("text", ["45750", "45750.5", "45750,77"])
def test_a_spreadsheets_serial_number_is_named_and_never_1970(text, now):  # BAD 33, 34
    assert "spreadsheet's serial number" in occurred(text, now=now)[0][2]


def test_a_month_first_date_never_flips_its_neighbours(now):  # BAD 32
    # 04/25/2025 can only be American; 03/04/2025 stays 3 April although the file is mixed
    found = read_windows(as_texts(["04/25/2025 10:00", "03/04/2025 10:00"]), WARDEN)
    assert np.isnat(found.start[0])
    assert str(found.start[1])[:10] == "2025-04-03"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is blank"),
        ("24/11/2026 10:00", "lies in the future"),
        ("01/01/60 10:00", "lies in the future"),  # 2060
        ("30/12/1899 00:00", "lies before 1990"),
        ("0025-01-01 10:00", "lies before 1990"),
        ("1970-01-01T00:00:00Z", "lies before 1990"),
    ],
)  # BAD 38, 39, 40
def test_dates_that_cannot_be_believed_are_rejected(text, reason, now):
    assert occurred(text, now=now) == [[1, "rejected", reason]]


def test_the_hour_that_comes_twice_is_the_first_of_the_two_and_flagged(now):  # BAD 36
    # on 26 October 2025 01:30 was first 01:30 BST = 00:30 UTC, then 01:30 GMT
    assert window("26/10/2025 01:30")[0] == "2025-10-26T00:30"
    (found,) = occurred("26/10/2025 01:30", now=now)
    assert found[1] == "flagged"
    assert "twice" in found[2]
    assert occurred("26/10/2025 00:59", "26/10/2025 02:00", "2025-10-26T01:30Z", now=now) == []


def test_the_hour_that_never_was_moves_one_on_and_is_flagged(now):  # BAD 37
    # on 30 March 2025 the clock went from 01:00 to 02:00; 01:30 becomes 02:30 BST = 01:30 UTC
    assert window("30/03/2025 01:30")[0] == "2025-03-30T01:30"
    (found,) = occurred("30/03/2025 01:30", now=now)
    assert found[1] == "flagged"
    assert "skipped" in found[2]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("03/04/2025 18:29", "lies before it occurred"),
        ("02/04/2025", "lies before it occurred"),
        (
            "soon",
            "is not a date this layout reads: day/month/year or year-month-day, with hours and minutes, "
            "and was left out",
        ),
        ("24/11/2026", "lies in the future"),
    ],
)  # BAD 41
def test_a_doubtful_report_date_is_flagged_and_the_row_kept(told, reason, now):
    issues = RowIssues(np.array([1]))
    happened = read_windows(as_texts(["03/04/2025 18:30"]), WARDEN)
    read_reported(as_texts([told]), happened, WARDEN, now, issues)
    assert issues.frame("f.csv")[["severity", "reason"]].values.tolist() == [["flagged", reason]]


@pytest.mark.parametrize("told", ["03/04/2025 18:30", "03/04/2025", "04/04/2025", ""])
def test_reported_later_or_on_the_same_day_is_no_doubt(told, now):
    issues = RowIssues(np.array([1]))
    happened = read_windows(as_texts(["03/04/2025 18:30"]), WARDEN)
    read_reported(as_texts([told]), happened, WARDEN, now, issues)
    assert len(issues.frame("f.csv")) == 0


EDGES = [
    "31/12/9999",
    "31/12/9999 23:59",
    "01/01/0001",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59-12:00",
]


@pytest.mark.parametrize("text", EDGES)
@pytest.mark.parametrize(
    "layout", [WARDEN, replace(WARDEN, time_zone="Pacific/Auckland"), load("fly-tipping")]
)
def test_the_ends_of_the_calendar_are_refused_and_no_fault(text, layout, now):  # BAD 39
    reason = "lies in the future" if "9999" in text else "lies before 1990"
    assert occurred(text, now=now, layout=layout) == [[1, "rejected", reason]]


def test_a_month_at_the_ends_of_the_calendar_is_refused(now):  # BAD 39
    found = occurred("9999-12", "0001-01", now=now, layout=STREET)
    assert [reason for _, _, reason in found] == ["lies in the future", "lies before 1990"]


@pytest.mark.parametrize("text", EDGES)
def test_reported_at_the_ends_of_the_calendar_is_left_out(text, now):  # BAD 39
    issues = RowIssues(np.array([1]))
    happened = read_windows(as_texts(["03/04/2025 18:30"]), WARDEN)
    assert np.isnat(read_reported(as_texts([text]), happened, WARDEN, now, issues)).all()
    (reason,) = issues.frame("f.csv")["reason"]
    assert reason == "is no day that anybody can have reported it on, and was left out"


@pytest.mark.parametrize("text", EDGES)
def test_an_end_at_the_ends_of_the_calendar_leaves_the_start_alone(text, now):  # BAD 39
    first, last, _, said = stretched("03/04/2025 18:30", text, now)
    assert first == last == "2025-04-03T17:30"
    assert said.endswith("and the start alone was kept")


def test_months_are_those_of_the_local_clock():
    # 23:30 UTC on 31 May is 00:30 on 1 June in London
    start = np.array(["2025-05-31T23:30", "2025-12-31T23:30"], "datetime64[us]")
    assert month_labels(start, "Europe/London").tolist() == ["2025-06", "2025-12"]
    assert [str(day)[:10] for day in following_month(start, "Europe/London")] == ["2025-07-01", "2026-01-01"]


def test_every_minute_of_two_years_reads_back_as_the_clock_said():
    moments = pd.date_range("2024-01-01", "2026-01-01", freq="977min", tz="UTC")
    texts = as_texts(list(moments.tz_convert("Europe/London").strftime("%d/%m/%Y %H:%M")))
    found = read_windows(texts, WARDEN)
    sure = ~found.is_ambiguous
    assert (found.start[sure] == moments.tz_localize(None).to_numpy().astype("datetime64[us]")[sure]).all()
    assert not found.is_shifted.any()


def test_now_may_be_given_in_any_zone():
    zone = dt.timezone(dt.timedelta(hours=5))
    noon = dt.datetime(2025, 4, 3, 12, 0, tzinfo=zone)  # 07:00 UTC, 08:00 in London
    assert occurred("03/04/2025 07:59", now=noon) == []
    assert occurred("03/04/2025 08:01", now=noon)[0][2] == "lies in the future"


def stretched(start, end, now, layout=LOG):
    issues = RowIssues(np.array([1]))
    windows = until(read_windows(as_texts([start]), layout), as_texts([end]), layout, now, issues)
    first, last = (str(moment[0])[:16] for moment in (windows.start, windows.end))
    return first, last, windows.precision[0], " ".join(issues.frame("f.csv")["reason"])


@pytest.mark.parametrize(
    ("start", "end", "first", "last", "precision"),
    [
        # the owner parked on Thursday evening and missed the bicycle on Friday morning; London is UTC + 1
        ("03/04/2025 18:30", "04/04/2025 08:00", "2025-04-03T17:30", "2025-04-04T07:00", "minute"),
        ("03/04/2025 18:30", "04/04/2025", "2025-04-03T17:30", "2025-04-04T23:00", "day"),
        ("03/04/2025", "04/04/2025", "2025-04-02T23:00", "2025-04-04T23:00", "day"),
        ("03/04/2025", "03/04/2025 10:00", "2025-04-02T23:00", "2025-04-03T09:00", "day"),
        ("03/04/2025 18:30", "03/04/2025 18:30", "2025-04-03T17:30", "2025-04-03T17:30", "minute"),
        ("03/04/2025 18:30", "", "2025-04-03T17:30", "2025-04-03T17:30", "minute"),
        ("03/04/2025 18:30", "Not known", "2025-04-03T17:30", "2025-04-03T17:30", "minute"),
        # over the night that the clocks go back: 22:00 BST to 06:00 GMT is nine hours
        ("25/10/2025 22:00", "26/10/2025 06:00", "2025-10-25T21:00", "2025-10-26T06:00", "minute"),
        ("29/03/2025 22:00", "30/03/2025 06:00", "2025-03-29T22:00", "2025-03-30T05:00", "minute"),
    ],
)
def test_between_two_moments_both_are_kept(start, end, first, last, precision, now):
    assert stretched(start, end, now) == (first, last, precision, "")


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("03/04/2025 18:29", "lies before the start"),
        ("02/04/2025", "lies before the start"),
        ("24/11/2026 10:00", "lies in the future"),
        ("soon", "is not a date this layout reads"),
        ("45750", "looks like a spreadsheet's serial number"),
    ],
)
def test_an_end_that_cannot_be_leaves_the_start_alone(end, said, now):
    first, last, precision, reason = stretched("03/04/2025 18:30", end, now)
    assert (first, last, precision) == ("2025-04-03T17:30", "2025-04-03T17:30", "minute")
    assert reason.startswith(said)
    assert reason.endswith(", and the start alone was kept")


def test_a_window_of_more_than_four_hundred_days_is_kept_and_flagged(now):
    # 1 January 2024 and 400 days (of which 366 in 2024) is 4 February 2025
    assert stretched("01/01/2024", "03/02/2025", now)[3] == ""
    first, last, _, reason = stretched("01/01/2024", "04/02/2025", now)
    assert (first, last) == ("2024-01-01T00:00", "2025-02-05T00:00")
    assert reason == "lies more than 400 days after the start"


def test_an_end_in_the_hour_that_came_twice_is_flagged(now):
    assert "twice" in stretched("25/10/2025 22:00", "26/10/2025 01:30", now)[3]


@pytest.mark.parametrize(
    ("order", "text", "utc"),
    [
        ("month first", "04/03/2025 18:30", "2025-04-03T17:30"),
        ("month first", "4/3/25 6:30 PM", "2025-04-03T17:30"),
        ("month first", "2025-04-03 18:30", "2025-04-03T17:30"),
        ("year first", "20250403 1830", "2025-04-03T17:30"),
        ("year first", "2025/04/03 18:30:59", "2025-04-03T17:30"),
    ],
)
def test_a_layout_may_declare_another_order(order, text, utc):  # BAD 31, 32
    assert window(text, replace(WARDEN, dates=order)) == (utc, utc, "minute")


def test_another_order_refuses_what_only_the_first_could_read(now):
    for order, text in (("month first", "25/04/2025"), ("year first", "03/04/2025")):
        (found,) = occurred(text, now=now, layout=replace(WARDEN, dates=order))
        assert found[1] == "rejected"


def test_a_layout_of_days_makes_nothing_of_the_clock_beside_them():
    days = replace(WARDEN, precision="day")
    for text in ("03/04/2025", "03/04/2025 00:00:00", "03/04/2025 18:30", "2025-04-03T23:30+01:00"):
        assert window(text, days) == ("2025-04-02T23:00", "2025-04-03T23:00", "day")
