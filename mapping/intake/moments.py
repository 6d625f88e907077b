"""Dates and times as sources write them: the local clock in, UTC windows out.

The order of day and month is declared by the layout and never guessed from a row. A two-digit
year is read as 1969-2068, so that what it means stays checkable against today and 1990.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.intake.layout import Layout
from mapping.intake.row_issues import Mask, RowIssues
from mapping.intake.texts import Texts, as_texts, each

EARLIEST: Final = pd.Timestamp("1990-01-01", tz="UTC")
_DAYS: Final = ("%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y")
_CLOCKS: Final = (" %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f")
_FORMATS: Final = (
    *_DAYS,
    *(day + clock + offset for day, clock, offset in product(_DAYS, _CLOCKS, ("", "%z"))),
)
# A text's shape has 0 for every digit; each format fits shapes that no other format fits.
_TO_SHAPE: Final = str.maketrans("123456789", "000000000")
_PARTS: Final = {
    **dict.fromkeys(("%d", "%m", "%H"), "00?"),
    **dict.fromkeys(("%y", "%M", "%S"), "00"),
    "%Y": "0000",
    "%f": "0{1,6}",
    "%z": "(Z|[+-]00:?00)",
    " ": " +",
    ".": r"\.",
}
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_NO_TIME: Final = np.datetime64("NaT", "us")
_NEEDED: Final = {
    "month": "is not a month written as 2025-01",
    "day first": "is not a date this layout reads: day/month/year or year-month-day, with hours and minutes",
}

Moments = npt.NDArray[np.datetime64]


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
        return _read_months(texts, zone)
    local, utc, is_day = _parse(texts)
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
    issues.reject(unread & ~blank, label, _NEEDED[layout.dates])
    issues.reject(windows.start > _instant(pd.Timestamp(now)), label, "lies in the future")
    issues.reject(windows.start < _instant(EARLIEST), label, "lies before 1990")
    _flag_clock(windows, label, issues)
    return windows


def read_reported(
    texts: Texts, occurred: Windows, layout: Layout, now: dt.datetime, issues: RowIssues
) -> Moments:
    """Read when each row was reported; a doubtful one is flagged, an unreadable one left out."""
    label = layout.label("reported_at")
    windows = read_windows(texts, layout)
    issues.flag((texts != "") & np.isnat(windows.start), label, f"{_NEEDED[layout.dates]}, and was left out")
    issues.flag(windows.start > _instant(pd.Timestamp(now)), label, "lies in the future")
    is_day = windows.precision == "day"
    before = np.where(is_day, windows.end <= occurred.start, windows.start < occurred.start)
    issues.flag(before.astype(bool), label, "lies before it occurred")
    _flag_clock(windows, label, issues)
    return windows.start


def month_labels(start: Moments, zone: str) -> Texts:
    """Return the local month of each UTC moment as `2025-01`, shape (n,)."""
    local = pd.DatetimeIndex(start).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    months, codes = np.unique(local.to_numpy().astype("datetime64[M]"), return_inverse=True)
    return months.astype(str).astype(object)[codes]


def following_month(start: Moments, zone: str) -> Moments:
    """Return the first day of the local month after each UTC moment: dates without a clock."""
    local = pd.DatetimeIndex(start).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    after = local.to_numpy().astype("datetime64[M]") + np.timedelta64(1, "M")
    return after.astype("datetime64[us]")


def _flag_clock(windows: Windows, label: str, issues: RowIssues) -> None:
    issues.flag(
        windows.is_ambiguous,
        label,
        "falls in the hour that the clock ran twice in autumn; the first is taken",
    )
    issues.flag(
        windows.is_shifted, label, "falls in the hour that the clock skipped in spring; moved one hour on"
    )


def _read_months(texts: Texts, zone: ZoneInfo) -> Windows:
    def first_day(text: str) -> np.datetime64:
        found = _MONTH.fullmatch(text)
        return np.datetime64(f"{text}-01", "us") if found else _NO_TIME

    local = each(texts, first_day).astype("datetime64[us]")
    unread = np.isnat(local)
    after = (local.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[us]")
    nowhere = np.zeros(len(texts), dtype=bool)
    precision = np.where(unread, "", "month").astype(object)
    return Windows(_to_utc(local, zone), _to_utc(after, zone), precision, nowhere, nowhere)


def _parse(texts: Texts) -> tuple[Moments, Moments, Mask]:
    """Read local times, UTC where an offset was given, and which of the local ones are whole days."""
    local = np.full(len(texts), _NO_TIME, dtype="datetime64[us]")
    utc, is_day = local.copy(), np.zeros(len(texts), dtype=bool)
    formats = each(as_texts([text.translate(_TO_SHAPE) for text in texts]), _format_of)
    for pattern in sorted(set(formats) - {""}):
        fitting = np.flatnonzero(formats == pattern)
        has_offset = pattern.endswith("%z")
        read = pd.to_datetime(pd.Series(texts[fitting]), format=pattern, errors="coerce", utc=has_offset)
        values = (read.dt.tz_localize(None) if has_offset else read).to_numpy().astype("datetime64[us]")
        (utc if has_offset else local)[fitting] = values
        is_day[fitting] = pattern in _DAYS
    return local, utc, is_day & ~np.isnat(local)


def _format_of(shape: str) -> str:
    """Return the one format that a shape can be read by, or nothing."""
    return next((pattern for pattern in _FORMATS if _expression(pattern).fullmatch(shape)), "")


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.findall(r"%.|.", pattern)
    return re.compile("".join(_PARTS.get(part, part) for part in parts))


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


def _instant(moment: pd.Timestamp) -> np.datetime64:
    return moment.tz_convert("UTC").tz_localize(None).to_datetime64()
