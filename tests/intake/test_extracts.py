import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mapping.intake.extracts import extract_days, read_extracted, with_last_day
from mapping.intake.layout import Column, load
from mapping.intake.moments import read_windows
from mapping.intake.row_issues import RowIssues
from mapping.intake.texts import as_texts

STREET, WARDEN = load("police-uk"), load("warden-log")
LOG = replace(
    WARDEN, extracted="last day", columns={**WARDEN.columns, "extracted_at": Column(("extracted",))}
)


def rows(*triples):
    """Frames of occurred_from, occurred_to, reported_at; "" is not known."""
    columns = dict(
        zip(("occurred_from", "occurred_to", "reported_at"), zip(*triples, strict=True), strict=True)
    )
    frame = pd.DataFrame(
        {name: pd.to_datetime(pd.Series(list(said)), utc=True) for name, said in columns.items()}
    )
    return frame.assign(extracted_on=pd.Series([pd.NaT] * len(frame), dtype="datetime64[us]"))


def last_days(frame, now, layout=LOG):
    return [str(day)[:10] for day in with_last_day(frame, layout, now)["extracted_on"]]


def test_the_newest_day_of_a_log_dates_all_its_rows(now):
    early = ("2025-04-03T10:00Z", "2025-04-03T10:00Z", None)
    assert last_days(rows(early, ("2025-04-05T10:00Z", "2025-04-05T10:00Z", None)), now) == ["2025-04-05"] * 2
    # told on the 6th of what happened on the 3rd
    assert last_days(rows(early, (*early[:2], "2025-04-06T09:00Z")), now) == ["2025-04-06"] * 2
    # 23:30 UTC in summer is the next day in London
    assert last_days(rows(("2025-04-03T23:30Z", "2025-04-03T23:30Z", None)), now) == ["2025-04-04"]


def test_a_window_counts_with_its_last_moment_and_never_beyond_the_present(now):
    # the whole of 3 April in London: up to, but not including, 23:00 UTC
    assert last_days(rows(("2025-04-02T23:00Z", "2025-04-03T23:00Z", None)), now) == ["2025-04-03"]
    today = ("2026-11-23T00:00Z", "2026-11-24T00:00Z", "2026-12-01T00:00Z")
    assert last_days(rows(today), now) == ["2026-11-23"]


def test_rows_that_say_their_own_extract_keep_it(now):
    moment = ("2025-04-03T10:00Z", "2025-04-03T10:00Z", None)
    frame = rows(moment, moment).assign(extracted_on=pd.to_datetime(pd.Series(["2025-05-01", None])))
    assert last_days(frame, now) == ["2025-05-01", "2025-04-03"]


def test_other_layouts_and_empty_tables_are_left_alone(now):
    frame = rows(("2025-04-03T10:00Z", "2025-04-03T10:00Z", None))
    assert with_last_day(frame, replace(LOG, extracted=""), now) is frame
    assert with_last_day(frame.iloc[:0], LOG, now).empty


def test_what_is_declared_holds_before_what_rows_say_and_that_before_the_rule():
    occurred = read_windows(as_texts(["2025-01"]), STREET)
    stated, silent = (np.array([day], "datetime64[us]") for day in ("2025-03-09", "NaT"))
    declared = dt.date(2025, 5, 1)
    assert [
        str(extract_days(said, occurred, STREET, day)[0])[:10]
        for said, day in ((stated, declared), (stated, None), (silent, None))
    ] == ["2025-05-01", "2025-03-09", "2025-02-01"]


@pytest.mark.parametrize(
    ("text", "day", "said"),
    [
        ("03/04/2025", "2025-04-03", ""),
        ("03/04/2025 18:30", "2025-04-03", ""),
        ("2025-04-03T23:30Z", "2025-04-04", ""),
        ("", "NaT", ""),
        ("n/a", "NaT", ""),
        ("soon", "NaT", "is not a date this layout reads, and was left out"),
        ("24/11/2026", "NaT", "lies in the future, and was left out"),
    ],
)
def test_a_row_may_say_when_it_was_extracted(text, day, said, now):
    issues = RowIssues(np.array([1]))
    assert str(read_extracted(as_texts([text]), LOG, now, issues)[0])[:10] == day
    assert " ".join(issues.frame("f.csv")["reason"]) == said
