"""Extract dates: how old a copy of a row is, so that an older one never undoes a newer one.

What the caller declares holds for every row; then what the row itself says; then the layout's rule:
`month after` for files published when their month is over, `last day` for logs, whose newest row
tells how far they reach. Two files of one log then stand in the order of their newest rows, which
is the order they were made in, unless a file holds old rows alone: for such a one, declare the day.
"""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from mapping.intake.clocks import NO_TIME, Moments
from mapping.intake.layout import Layout
from mapping.intake.moments import Windows, instant, read_windows, to_local
from mapping.intake.row_issues import RowIssues
from mapping.intake.texts import Texts, is_nothing, mask_of


def read_extracted(texts: Texts, layout: Layout, now: dt.datetime, issues: RowIssues) -> Moments:
    """Read the local day on which each row says it was extracted; a doubtful one is left out."""
    label = layout.label("extracted_at")
    start = read_windows(texts, layout).start
    said = (texts != "") & ~mask_of(texts, is_nothing)
    issues.flag(said & np.isnat(start), label, "is not a date this layout reads, and was left out")
    future = start > instant(now)
    issues.flag(future, label, "lies in the future, and was left out")
    return _days(np.where(future, NO_TIME, start), layout)


def extract_days(stated: Moments, occurred: Windows, layout: Layout, declared: dt.date | None) -> Moments:
    """Return the extract date of each row as far as it can be told before the whole table is read.

    `stated` is what the rows themselves say, NaT where nothing. Dates without a clock, shape (n,).
    """
    if declared is not None:
        return np.full(len(stated), declared.isoformat(), dtype="datetime64[us]")
    if layout.extracted == "month after":
        return np.where(np.isnat(stated), following_month(occurred.start, layout.time_zone), stated)
    return stated


def with_last_day(frame: pd.DataFrame, layout: Layout, now: dt.datetime) -> pd.DataFrame:
    """Give rows without an extract date the newest local day that any row of the table speaks of.

    Counted are when rows happened, the last moment of a window, and when they were reported; not
    what lies in the future. Of a window that the present day cuts, the present counts.
    """
    undated = frame["extracted_on"].isna()
    if layout.extracted != "last day" or not undated.any():
        return frame
    limit = pd.Timestamp(now).tz_convert("UTC")
    ended = frame["occurred_to"] - pd.Timedelta(microseconds=1)
    last = min(max(frame["occurred_from"].max(), ended.max()), limit)
    reported = frame["reported_at"]
    told = reported[reported <= limit].max()
    newest = last if pd.isna(told) else max(last, told)
    day = newest.tz_convert(layout.time_zone).tz_localize(None).normalize()
    return frame.assign(extracted_on=frame["extracted_on"].where(~undated, day))


def following_month(start: Moments, zone: str) -> Moments:
    """Return the first day of the local month after each UTC moment: dates without a clock."""
    after = to_local(start, ZoneInfo(zone)).astype("datetime64[M]") + np.timedelta64(1, "M")
    return after.astype("datetime64[us]")


def _days(moments: Moments, layout: Layout) -> Moments:
    return to_local(moments, ZoneInfo(layout.time_zone)).astype("datetime64[D]").astype("datetime64[us]")
