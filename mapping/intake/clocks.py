"""Dates and times as sources spell them: texts in, readings of the local clock out.

The order of day and month is declared by the layout and never guessed from a row. What names its
month in letters, or begins with its year, reads the same in every order. A two-digit year is read
as 1969-2068, so that what it means stays checkable against today and 1990. 24:00 is the midnight
that a day ends with.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.intake.row_issues import Mask
from mapping.intake.texts import Texts, as_texts, each, is_nothing

Moments = npt.NDArray[np.datetime64]
NO_TIME: Final = np.datetime64("NaT", "us")

# What pandas reads at once; anything else is spelled anew first. ISO is read in every order.
_DAYS: Final = {
    "day first": ("%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y"),
    "month first": ("%m/%d/%Y", "%Y-%m-%d", "%m/%d/%y"),
    "year first": ("%Y-%m-%d", "%Y/%m/%d"),
}
_CLOCKS: Final = (" %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f")
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

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_NUMBER_OF: Final = {
    name: number for number, full in enumerate(_MONTHS, start=1) for name in (full, full[:3])
} | {"sept": 9}
_NAMED_MONTH: Final = rf"(?P<month>{'|'.join(sorted(_NUMBER_OF, key=len, reverse=True))})"
_NUMBERED: Final = {
    "day first": r"(?P<day>\d\d?)(?P<mark>[/.-])(?P<number>\d\d?)(?P=mark)(?P<year>\d{4})",
    "month first": r"(?P<number>\d\d?)(?P<mark>[/.-])(?P<day>\d\d?)(?P=mark)(?P<year>\d{4})",
    "year first": r"(?P<year>\d{4})(?P<mark>[/.]?)(?P<number>\d\d)(?P=mark)(?P<day>\d\d)",
}
_WEEKDAY: Final = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? +)?"
_NAMED: Final = (
    rf"(?P<day>\d\d?)(?:st|nd|rd|th)?(?P<mark>[ -]){_NAMED_MONTH},?(?P=mark)(?P<year>\d{{4}}|\d\d)"
)
_CLOCK: Final = (
    r"(?:(?P<hour>\d\d?)(?:[:.](?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?)?|(?P<packed>\d{4}))"
    r" ?(?P<half>[ap]\.?m\.?)?(?P<unit> ?h(?:ou)?rs?\.?)?"
)
_MIDNIGHT: Final = re.compile(r"(.*\d)[ T]+00?:00(?::00(?:\.0+)?)?", re.ASCII)
# The day that databases and spreadsheets give to a time that has none.
_DAY_OF_TIMES: Final = re.compile(
    r"(?:1899-12-3[01]|3[01]/12/1899|12/3[01]/1899|1900-01-0[01]|0[01]/01/1900)[ T]+(?=\d)", re.ASCII
)
_SERIAL: Final = re.compile(r"\d{5}(?:[.,]\d+)?|.* 0?\.\d{2,}", re.ASCII)


@dataclass(frozen=True)
class Readings:
    """What n texts say: local readings, or UTC moments where an offset was given; NaT where neither."""

    local: Moments
    utc: Moments
    is_day: Mask


def read_clock(texts: Texts, order: str) -> Readings:
    """Read texts as dates of a declared order (`day first`, `month first`, `year first`), shape (n,).

    A text without a clock is a whole day. A time may be written 18:30, 18:30:00, 18.30, 1830 or
    6:30 pm; an offset (`Z`, `+01:00`) is honoured.
    """
    found = _read_fitting(texts, order)
    unread = np.flatnonzero(np.isnat(found.local) & np.isnat(found.utc) & (texts != ""))
    if len(unread):
        again = _read_fitting(each(texts[unread], lambda text: spelled_anew(text, order)), order)
        found.local[unread], found.is_day[unread] = again.local, again.is_day
    return found


def _read_fitting(texts: Texts, order: str) -> Readings:
    local = np.full(len(texts), NO_TIME, dtype="datetime64[us]")
    utc, is_day = local.copy(), np.zeros(len(texts), dtype=bool)

    def format_of(shape: str) -> str:
        return next((form for form in _formats(order) if _expression(form).fullmatch(shape)), "")

    formats = each(as_texts([text.translate(_TO_SHAPE) for text in texts]), format_of)
    for form in sorted(set(formats) - {""}):
        fitting = np.flatnonzero(formats == form)
        has_offset = form.endswith("%z")
        read = pd.to_datetime(pd.Series(texts[fitting]), format=form, errors="coerce", utc=has_offset)
        values = (read.dt.tz_localize(None) if has_offset else read).to_numpy().astype("datetime64[us]")
        (utc if has_offset else local)[fitting] = values
        is_day[fitting] = form in _DAYS[order]
    return Readings(local, utc, is_day & ~np.isnat(local))


def spelled_anew(text: str, order: str) -> str:
    """Write a date in a spelling that people use as `2025-04-03 18:30`, or return ""."""
    found = next(filter(None, (form.fullmatch(text) for form in _spellings(order))), None)
    if found is None:
        return ""
    said = found.groupdict()
    month = int(said["number"]) if said.get("number") else _NUMBER_OF[said["month"].casefold()]
    year = int(said["year"])
    if len(said["year"]) == 2:
        year += 2000 if year < 69 else 1900
    clock = _clock(said)
    try:
        day = dt.date(year, month, int(said["day"]))
        if clock is None:
            return "" if said["clock"] else day.isoformat()
        if clock == dt.timedelta(days=1):
            day, clock = day + clock, dt.timedelta()
        return f"{day.isoformat()} {str(clock).zfill(8)}"
    except (ValueError, OverflowError):
        return ""


def joined(dates: Texts, times: Texts) -> Texts:
    """Put a column of dates and one of times together; a time that says nothing leaves the day.

    The midnight that an export writes after every date says nothing once there is a column of
    times, and neither does the day of 1899 that it writes before every time.
    """
    spoken = each(times, lambda text: "" if is_nothing(text) else _DAY_OF_TIMES.sub("", text))
    if not (spoken != "").any():
        return dates
    days = each(dates, _without_midnight)
    both = (days != "") & (spoken != "")
    whole = days.copy()
    for place in np.flatnonzero(both):
        day, time = days[place], spoken[place]
        whole[place] = day if day.endswith((f" {time}", f"T{time}")) else f"{day} {time}"
    return whole


def looks_like_serial(text: str) -> bool:
    """Say whether a text looks like the number by which a spreadsheet keeps a date or a time."""
    return _SERIAL.fullmatch(text) is not None


def read_months(texts: Texts) -> Moments:
    """Read months written `2025-01`, `01/2025`, `Jan 2025` or `January 2025`: their first local day.

    `Jan-25` is not read: it may be a month or a day, and a file that says so has been through a
    spreadsheet, which changes more than its months.
    """

    def first_day(text: str) -> np.datetime64:
        found = _MONTH.fullmatch(text)
        if found is None:
            return NO_TIME
        said = found.groupdict(default="")
        number = said["after"] or said["before"] or str(_NUMBER_OF.get(said["month"].casefold(), ""))
        year = said["year"] or said["year_after"]
        return np.datetime64(f"{year}-{int(number):02d}-01", "us")

    return each(texts, first_day).astype("datetime64[us]")


_MONTH: Final = re.compile(
    rf"(?P<year>\d{{4}})-(?P<after>0[1-9]|1[0-2])"
    rf"|(?:(?P<before>0[1-9]|1[0-2])/|{_NAMED_MONTH}[ -])(?P<year_after>\d{{4}})",
    re.ASCII | re.IGNORECASE,
)


def _clock(said: dict[str, str | None]) -> dt.timedelta | None:
    """Return the time of day that a spelling says, or None where it says none that exists."""
    packed, half = said["packed"], (said["half"] or "").casefold()
    if packed:
        hour, minute = int(packed[:2]), int(packed[2:])
    elif said["hour"] and (said["minute"] or half):
        hour, minute = int(said["hour"]), int(said["minute"] or 0)
    else:
        return None
    second = int(said["second"] or 0)
    if half:
        if packed or not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    ends_the_day = (hour, minute, second) == (24, 0, 0)
    if minute > 59 or second > 59 or (hour > 23 and not ends_the_day):
        return None
    return dt.timedelta(hours=hour, minutes=minute, seconds=second)


def _without_midnight(text: str) -> str:
    found = _MIDNIGHT.fullmatch(text)
    return found[1].rstrip() if found else text


@cache
def _formats(order: str) -> tuple[str, ...]:
    days = _DAYS[order]
    return (*days, *(day + clock + offset for day, clock, offset in product(days, _CLOCKS, ("", "%z"))))


@cache
def _expression(form: str) -> re.Pattern[str]:
    parts = re.findall(r"%.|.", form)
    return re.compile("".join(_PARTS.get(part, part) for part in parts))


@cache
def _spellings(order: str) -> tuple[re.Pattern[str], ...]:
    iso = r"(?P<year>\d{4})(?P<mark>-)(?P<number>\d\d)-(?P<day>\d\d)"
    days = [_NUMBERED[order], iso, _NAMED]
    if order != "year first":  # two digits stand for a year after slashes alone
        days.append(_NUMBERED[order].replace("[/.-]", "/").replace(r"\d{4})", r"\d\d)"))
    return tuple(
        re.compile(rf"{_WEEKDAY}(?:{day})(?:,?(?: +|T)(?P<clock>{_CLOCK}))?", re.ASCII | re.IGNORECASE)
        for day in days
    )
