import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.intake.clocks import joined, looks_like_serial, read_clock, read_months, spelled_anew
from mapping.intake.texts import as_texts


def local(text, order="day first"):
    found = read_clock(as_texts([text]), order)
    return str(found.local[0])[:16], bool(found.is_day[0])


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2025 18:30", "03/04/2025 18.30", "03/04/2025 1830", "03/04/2025 1830hrs",
        "3/4/2025 18:30 hours", "03/04/2025 6:30 pm", "03/04/2025 6.30PM", "03-04-2025 18:30:00.000",
        "03.04.2025 18:30", "3 Apr 2025 18:30", "03-APR-25 18:30:00", "03-APR-2025 6:30 p.m.",
        "Thu 3 April 2025, 18:30", "Thursday 3rd April 2025 18:30", "2025-04-03 1830",
        "2025-04-03T18:30:00.123456", "03/04/25 6:30pm",
    ],
)  # fmt: skip  # BAD 31, 40
def test_a_date_reads_the_same_in_every_spelling_that_systems_use(text):
    assert local(text) == ("2025-04-03T18:30", False)


@pytest.mark.parametrize("text", ["03/04/2025", "03-04-2025", "3.4.2025", "3 Apr 2025", "03-apr-25"])
def test_a_date_alone_is_a_day(text):
    assert local(text) == ("2025-04-03T00:00", True)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("03/04/2025 24:00", "2025-04-04T00:00"),  # the midnight that the day ends with
        ("31/12/2025 2400", "2026-01-01T00:00"),
        ("03/04/2025 12:00 am", "2025-04-03T00:00"),
        ("03/04/2025 12:30 pm", "2025-04-03T12:30"),
        ("03/04/2025 12 noon", "NaT"),
        ("03/04/2025 24:01", "NaT"),
        ("03/04/2025 24:30", "NaT"),
        ("03/04/2025 2460", "NaT"),
        ("03/04/2025 18:60", "NaT"),
        ("03/04/2025 18:30 pm", "NaT"),
        ("03/04/2025 0:30 am", "NaT"),
        ("03/04/2025 930", "NaT"),
        ("03/04/2025 18", "NaT"),
        ("31/02/2025 1830", "NaT"),
        ("31 Feb 2025", "NaT"),
        ("03/04-2025", "NaT"),
        ("03-04-25", "NaT"),  # could be three different days
        ("٠٣/٠٤/٢٠٢٥ ١٨:٣٠", "NaT"),
    ],
)  # BAD 38
def test_times_at_the_edges_of_a_day_are_read_or_refused(text, read):
    assert local(text)[0] == read


def test_two_digits_stand_for_1969_to_2068():  # BAD 40
    assert [spelled_anew(f"1 May {year} 1200", "day first")[:4] for year in ("68", "69", "99", "00")] == [
        "2068", "1969", "1999", "2000",
    ]  # fmt: skip


def test_the_declared_order_alone_decides():  # BAD 31, 32
    assert local("03-04-2025 1830", "month first")[0] == "2025-03-04T18:30"
    assert local("25-04-2025 1830", "month first")[0] == "NaT"
    assert local("20250403", "year first") == ("2025-04-03T00:00", True)
    assert local("20250403", "day first")[0] == "NaT"
    assert local("03/04/25", "year first")[0] == "NaT"


def test_a_column_of_times_is_put_to_its_column_of_dates():
    dates = ["03/04/2025", "03/04/2025 00:00:00", "2025-04-03 00:00", "03/04/2025", "03/04/2025 00:00", "",
             "03/04/2025 18:30", "03/04/2025 18:30", "03/04/2025"]  # fmt: skip
    times = [
        "18:30",
        "18:30:00",
        "30/12/1899 18:30:00",
        "",
        "Unknown",
        "18:30",
        "18:30",
        "19:00",
        "1899-12-30 18:30",
    ]
    assert joined(as_texts(dates), as_texts(times)).tolist() == [
        "03/04/2025 18:30", "03/04/2025 18:30:00", "2025-04-03 18:30:00", "03/04/2025", "03/04/2025", "",
        "03/04/2025 18:30", "03/04/2025 18:30 19:00", "03/04/2025 18:30",
    ]  # fmt: skip  # the last but one contradicts itself, and is refused when it is read


def test_a_column_of_times_that_says_nothing_at_all_leaves_the_dates_alone():
    dates = as_texts(["03/04/2025 00:00", "03/04/2025 18:30"])
    assert joined(dates, as_texts(["", "n/a"])) is dates


@pytest.mark.parametrize(
    ("text", "is_serial"),
    [("45750", True), ("45750.7708", True), ("03/04/2025 0.7708333", True), ("2025", False),
     ("123456", False), ("03/04/2025", False), ("03/04/2025 18.30", False), ("", False)],
)  # fmt: skip  # BAD 33
def test_numbers_that_a_spreadsheet_keeps_dates_by_are_known(text, is_serial):
    assert looks_like_serial(text) is is_serial


def test_months_are_read_where_their_year_is_whole():  # BAD 42
    texts = as_texts(
        ["2025-06", "06/2025", "Jun 2025", "June-2025", "Jun-25", "2025-6", "6/2025", "", "Juni 2025"]
    )
    found = read_months(texts)
    assert [str(month)[:10] for month in found[:4]] == ["2025-06-01"] * 4
    assert np.isnat(found[4:]).all()


@given(st.text(max_size=30), st.sampled_from(["day first", "month first", "year first"]))
def test_any_text_is_a_date_or_nothing(text, order):
    found = read_clock(as_texts([text]), order)
    assert len(found.local) == len(found.utc) == len(found.is_day) == 1
    joined(as_texts(["03/04/2025"]), as_texts([text]))


@given(st.dates(dt.date(1990, 1, 1), dt.date(2199, 12, 31)), st.integers(0, 23), st.integers(0, 59))
def test_every_spelling_of_a_minute_is_that_minute(day, hour, minute):
    minute = dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=dt.UTC)
    for form in ("%d/%m/%Y %H:%M", "%d-%b-%Y %H%M", "%A %d %B %Y %I.%M %p", "%Y-%m-%dT%H:%M"):
        assert local(minute.strftime(form))[0] == minute.isoformat()[:16]
