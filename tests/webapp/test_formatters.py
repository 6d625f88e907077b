import datetime as dt

import pandas as pd
import pytest

from webapp import formatters


def test_dates_read_as_people_write_them():
    assert formatters.date(dt.date(2026, 12, 4)) == "4 December 2026"
    assert formatters.date(None) == "not known"
    assert formatters.date(pd.NaT) == "not known"


def test_moments_are_read_on_the_london_clock():
    # British Summer Time is an hour ahead of UTC.
    assert formatters.moment(dt.datetime(2025, 7, 1, 18, 0, tzinfo=dt.UTC)) == "1 July 2025 at 19:00"
    assert formatters.moment(dt.datetime(2025, 1, 1, 18, 0, tzinfo=dt.UTC)) == "1 January 2025 at 18:00"


def test_a_moment_late_in_a_summer_evening_is_on_the_next_day():
    assert formatters.date(dt.datetime(2025, 6, 30, 23, 30, tzinfo=dt.UTC)) == "1 July 2025"


def test_a_month_label_is_said_in_words():
    assert formatters.month("2025-01") == "January 2025"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "no reports"),
        (1, "one report"),
        (3, "three reports"),
        (9, "nine reports"),
        (1234, "1,234 reports"),
    ],
)
def test_small_numbers_are_words_and_large_ones_figures(value, text):
    assert formatters.some(value, "report") == text


def test_irregular_plurals_can_be_given():
    assert formatters.some(2, "agency", "agencies") == "two agencies"
    assert formatters.counted(2, "agency", "agencies") == "2 agencies"
    assert formatters.counted(1, "agency", "agencies") == "1 agency"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0\u00a0%"), (0.01, "1\u00a0%"), (0.094, "9.4\u00a0%"), (0.39, "39\u00a0%"), (1, "100\u00a0%")],
)
def test_shares_are_percentages_with_a_decimal_below_ten(share, text):
    assert formatters.percent(share) == text


def test_a_place_never_carries_its_house_number():
    assert formatters.place("On or near 14 Marton Road") == "Marton Road"
    assert formatters.place("") == "Place without a name"


def test_joined_texts_are_split_without_empty_parts():
    assert formatters.parts("One. | Two. | ") == ["One.", "Two."]
    assert formatters.parts("") == []


def test_sentence_begins_with_a_capital_and_keeps_the_rest():
    assert formatters.sentence("three places in McKay Street") == "Three places in McKay Street"


def test_ranges_of_hours_and_days_stay_on_one_line():
    # The word joiner U+2060 on both sides of the dash forbids a break there.
    assert formatters.unbroken("Fri-Sat 18:00-22:00") == "Fri\u2060–\u2060Sat 18:00\u2060–\u206022:00"
    assert formatters.unbroken("Post-war Off-road bikes 01-02") == "Post-war Off-road bikes 01-02"


def test_sizes_are_said_in_kilobytes_or_megabytes():
    assert formatters.size(400) == "1 kB"
    assert formatters.size(1_250_000) == "1.2 MB"
