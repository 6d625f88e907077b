"""When things happened: local readings in, UTC windows out, and what cannot be believed.

A window is half-open; a known moment is an empty one. What happened between two moments keeps both
of them, and its precision is the coarser of theirs.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from mapping.intake.clocks import NO_TIME, Moments, looks_like_serial, read_clock, read_months
from mapping.intake.layout import PRECISIONS, Layout
from mapping.intake.row_issues import Mask, RowIssues
from mapping.intake.texts import Texts, is_nothing, mask_of

# The years in which every clock can be looked up and every offset taken off; what lies beyond is moved to
# the edge, where nobody believes it either.
_FIRST: Final = np.datetime64("0002-01-01", "us")
_LAST: Final = np.datetime64("9998-12-31", "us")
EARLIEST: Final = pd.Timestamp("1990-01-01", tz="UTC")
_A_YEAR: Final = np.timedelta64(365, "D")
LONGEST_DAYS: Final = 400  # between two moments; longer is kept and flagged
_DATE: Final = "is not a date this layout reads"
_NEEDED: Final = {
    "month": "is not a month written as 2025-01",
    "day first": f"{_DATE}: day/month/year or year-month-day, with hours and minutes",
    "month first": f"{_DATE}: month/day/year or year-month-day, with hours and minutes",
    "year first": f"{_DATE}: year-month-day, with hours and minutes",
}
_SERIAL: Final = (
    "looks like a spreadsheet's serial number for a date or a time; write it out there and export it again"
)
_REWRITTEN: Final = "looks like a month that a spreadsheet has rewritten; take the file as it was published"
_SHORT_MONTH: Final = re.compile(r"[a-z]{3}-\d\d|\d\d-[a-z]{3}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Windows:
    """When n things happened: UTC, half-open, NaT where unreadable; a known moment is an empty window.

    `precision` is minute, day or month, and "" where unreadable.
    """

    start: Moments
    end: Moments
    precision: Texts
    is_ambiguous: Mask
    is_shifted: Mask


def read_windows(texts: Texts, layout: Layout) -> Windows:
    """Read the date cells of a layout.

    Parameters
    ----------
    texts : array of str, shape (n,)
        Trimmed cells.
    layout : Layout
        Declares the order of dates and the clock they were read from.

    Returns
    -------
    Windows
        Of an hour that the clock ran twice the first is taken and `is_ambiguous` set; an hour it
        skipped is moved one hour on and `is_shifted` set. An offset (`Z`, `+01:00`) is honoured.
    """
    zone = ZoneInfo(layout.time_zone)
    if layout.dates == "month":
        return _months(texts, zone)
    read = read_clock(texts, layout.dates)
    local, utc, is_day = np.clip(read.local, _FIRST, _LAST), np.clip(read.utc, _FIRST, _LAST), read.is_day
    if layout.precision == "day":  # a clock reading beside the date is the export's own
        local = _midnights(np.where(np.isnat(utc), local, to_local(utc, zone)))
        utc, is_day = np.full(len(texts), NO_TIME), ~np.isnat(local)
    ambiguous, shifted = _clock_changes(local, zone)
    start = np.where(np.isnat(local), utc, _to_utc(local, zone))
    end = np.where(is_day, _to_utc(local + np.timedelta64(1, "D"), zone), start)
    precision = np.where(is_day, "day", np.where(np.isnat(start), "", "minute")).astype(object)
    return Windows(start, end, precision, ambiguous, shifted)


def read_occurred(texts: Texts, layout: Layout, now: dt.datetime, issues: RowIssues) -> Windows:
    """Read when each row happened; refuse what is unreadable, in the future or before 1990."""
    label = layout.label("occurred_at")
    windows = read_windows(texts, layout)
    blank, unread = texts == "", np.isnat(windows.start)
    issues.reject(blank, label, "is blank")
    for where, reason in _unread(texts, unread & ~blank, layout):
        issues.reject(where, label, reason)
    issues.reject(windows.start > instant(now), label, "lies in the future")
    issues.reject(windows.start < instant(EARLIEST), label, "lies before 1990")
    _flag_clock(windows, label, issues)
    return windows


def until(started: Windows, texts: Texts, layout: Layout, now: dt.datetime, issues: RowIssues) -> Windows:
    """Stretch windows to the end that n rows give, where they give one.

    An end that cannot be read, lies in the future or before the start is flagged, and the start
    alone is kept; an end more than 400 days after the start is kept and flagged. A window that ends
    as it starts is a known moment.
    """
    label = layout.label("occurred_to")
    ended = read_windows(texts, layout)
    said = (texts != "") & ~mask_of(texts, is_nothing)
    alone = ", and the start alone was kept"
    for where, reason in _unread(texts, said & np.isnat(ended.start), layout):
        issues.flag(where, label, reason + alone)
    future = said & (ended.start > instant(now))
    before = said & (ended.end < started.start)
    issues.flag(future, label, f"lies in the future{alone}")
    issues.flag(before & ~future, label, f"lies before the start{alone}")
    kept = said & ~np.isnat(ended.start) & ~np.isnat(started.start) & ~future & ~before
    end = np.where(kept, ended.end, started.end)
    long = kept & (end - started.start > np.timedelta64(LONGEST_DAYS, "D"))
    issues.flag(long, label, f"lies more than {LONGEST_DAYS} days after the start")
    _flag_clock(ended, label, issues)
    precision = started.precision.copy()
    for coarser in PRECISIONS[1:]:
        precision[kept & ((ended.precision == coarser) | (started.precision == coarser))] = coarser
    return Windows(started.start, end, precision, started.is_ambiguous, started.is_shifted)


def read_reported(
    texts: Texts, occurred: Windows, layout: Layout, now: dt.datetime, issues: RowIssues
) -> Moments:
    """Read when each row was reported; a doubtful one is flagged, an unreadable one left out.

    Left out is also what lies at the ends of the calendar, such as 31/12/9999 for "never".
    """
    label = layout.label("reported_at")
    windows = read_windows(texts, layout)
    said = (texts != "") & ~mask_of(texts, is_nothing)
    for where, reason in _unread(texts, said & np.isnat(windows.start), layout):
        issues.flag(where, label, f"{reason}, and was left out")
    beyond = (windows.start < _FIRST + _A_YEAR) | (windows.start > _LAST - _A_YEAR)
    issues.flag(beyond, label, "is no day that anybody can have reported it on, and was left out")
    issues.flag(~beyond & (windows.start > instant(now)), label, "lies in the future")
    is_moment = windows.precision == "minute"
    before = np.where(is_moment, windows.start < occurred.start, windows.end <= occurred.start)
    issues.flag(~beyond & before.astype(bool), label, "lies before it occurred")
    _flag_clock(windows, label, issues)
    return np.where(beyond, NO_TIME, windows.start)


def month_labels(start: Moments, zone: str) -> Texts:
    """Return the local month of each UTC moment as `2025-01`, shape (n,)."""
    months, codes = np.unique(to_local(start, ZoneInfo(zone)).astype("datetime64[M]"), return_inverse=True)
    return months.astype(str).astype(object)[codes]


def to_local(moments: Moments, zone: ZoneInfo) -> Moments:
    """Return what a clock in the zone shows at UTC moments, shape (n,)."""
    local = pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    return np.asarray(local.to_numpy(), dtype="datetime64[us]")


def instant(moment: dt.datetime) -> np.datetime64:
    """Return a moment with a time zone as UTC without one."""
    return pd.Timestamp(moment).tz_convert("UTC").tz_localize(None).to_datetime64()


def _unread(texts: Texts, unread: Mask, layout: Layout) -> list[tuple[Mask, str]]:
    """Part what cannot be read by its reasons."""
    if not unread.any():
        return []
    serial = unread & mask_of(texts, looks_like_serial)
    rewritten = unread & mask_of(texts, lambda text: _SHORT_MONTH.fullmatch(text) is not None)
    if layout.dates != "month":
        rewritten[:] = False
    return [
        (serial, _SERIAL),
        (rewritten, _REWRITTEN),
        (unread & ~serial & ~rewritten, _NEEDED[layout.dates]),
    ]


def _flag_clock(windows: Windows, label: str, issues: RowIssues) -> None:
    issues.flag(
        windows.is_ambiguous,
        label,
        "falls in the hour that the clock ran twice in autumn; the first is taken",
    )
    issues.flag(
        windows.is_shifted, label, "falls in the hour that the clock skipped in spring; moved one hour on"
    )


def _months(texts: Texts, zone: ZoneInfo) -> Windows:
    local = np.clip(read_months(texts), _FIRST, _LAST)
    unread = np.isnat(local)
    after = (local.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[us]")
    nowhere = np.zeros(len(texts), dtype=bool)
    precision = np.where(unread, "", "month").astype(object)
    return Windows(_to_utc(local, zone), _to_utc(after, zone), precision, nowhere, nowhere)


def _midnights(local: Moments) -> Moments:
    return local.astype("datetime64[D]").astype("datetime64[us]")


def _to_utc(local: Moments, zone: ZoneInfo) -> Moments:
    clock = pd.DatetimeIndex(local).tz_localize(
        zone, ambiguous=np.ones(len(local), dtype=bool), nonexistent=pd.Timedelta(hours=1)
    )
    return np.asarray(clock.tz_convert("UTC").tz_localize(None).to_numpy(), dtype="datetime64[us]")


def _clock_changes(local: Moments, zone: ZoneInfo) -> tuple[Mask, Mask]:
    clock, known = pd.DatetimeIndex(local), ~np.isnat(local)
    once = clock.tz_localize(zone, ambiguous="NaT", nonexistent=pd.Timedelta(hours=1))
    there = clock.tz_localize(zone, ambiguous=np.ones(len(local), dtype=bool), nonexistent="NaT")
    return np.asarray(known & once.isna()), np.asarray(known & there.isna())
