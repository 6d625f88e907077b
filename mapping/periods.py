"""Time: half-open periods of local days, kept in UTC, read in Europe/London.

A period holds its first day and not its last. Month arguments (`2025-01:2025-06`) name
whole months and include both; date arguments (`2025-01-01:2025-07-01`) are half-open.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.errors import PeriodError

LONDON: Final = ZoneInfo("Europe/London")
_MONTH: Final = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Period:
    """Local days from `start_on` up to but not including `end_on`."""

    start_on: dt.date
    end_on: dt.date

    def __post_init__(self) -> None:
        if self.end_on <= self.start_on:
            raise PeriodError(
                f"The period from {self.start_on} to {self.end_on} holds no day; put the later date last."
            )

    @property
    def days(self) -> int:
        """Number of local days."""
        return (self.end_on - self.start_on).days

    @property
    def start_at(self) -> pd.Timestamp:
        """First moment, UTC."""
        return midnight(self.start_on)

    @property
    def end_at(self) -> pd.Timestamp:
        """Moment at which the period is over, UTC; not part of it."""
        return midnight(self.end_on)

    def holds(self, moments: pd.Series) -> pd.Series:
        """Say of each UTC moment whether it lies in the period."""
        return (moments >= self.start_at) & (moments < self.end_at)

    def months(self) -> list[str]:
        """List the months it touches, oldest first, as `2025-01`."""
        first, last = month_number(self.start_on), month_number(self.end_on - dt.timedelta(days=1))
        return [month_label(number) for number in range(first, last + 1)]

    def __str__(self) -> str:
        """Say it as a page does: both days included."""
        last = self.end_on - dt.timedelta(days=1)
        return f"{british_date(self.start_on)} to {british_date(last)}"


def british_date(day: dt.date) -> str:
    """Write a date as `4 December 2026`."""
    return f"{day.day} {day:%B %Y}"


def midnight(day: dt.date) -> pd.Timestamp:
    """Return the first moment of a local day, in UTC."""
    return pd.Timestamp(dt.datetime(day.year, day.month, day.day, tzinfo=LONDON)).tz_convert("UTC")


def month_number(day: dt.date) -> int:
    """Count months from year 0, so that consecutive months differ by one."""
    return day.year * 12 + day.month - 1


def month_label(number: int) -> str:
    """Write a month number as `2025-01`."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def month_start(number: int) -> dt.date:
    """Return the first day of a month number."""
    return dt.date(number // 12, number % 12 + 1, 1)


def month_period(first: str, last: str | None = None) -> Period:
    """Return the period of whole months from `first` to `last`, both included."""
    for text in (first, last or first):
        if not _MONTH.fullmatch(text):
            raise PeriodError(f"'{text[:20]}' is not a month; write it as 2025-01.")
    start, end = _month_of(first), _month_of(last or first)
    if end < start:
        raise PeriodError(f"The months {first} to {last} run backwards; put the earlier one first.")
    return Period(month_start(start), month_start(end + 1))


def _month_of(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:7]) - 1


def parse_date(text: str) -> dt.date:
    """Read `2025-01-31`.

    Raises
    ------
    PeriodError
        The text is no ISO date.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise PeriodError(f"'{text[:20]}' is not a date; write it as 2025-01-31.") from None


def parse_period(text: str) -> Period:
    """Read `2025-01:2025-06` (both months included) or `2025-01-01:2025-07-01` (half-open)."""
    first, colon, last = text.partition(":")
    if not colon:
        last = first
    if _MONTH.fullmatch(first) and _MONTH.fullmatch(last):
        return month_period(first, last)
    if not colon:
        raise PeriodError(f"'{text[:40]}' is not a period; write it as 2025-01:2025-06.")
    return Period(parse_date(first), parse_date(last))


def local_months(moments: pd.Series) -> npt.NDArray[np.int64]:
    """Return the month number of each UTC moment on the London clock, shape (n,)."""
    local = _wall_clock(moments)
    return np.asarray(local.astype("datetime64[M]").astype(np.int64) + 1970 * 12)


def local_hours_of_week(moments: pd.Series) -> npt.NDArray[np.int64]:
    """Return hours since Monday 00:00 on the London clock (0-167) of each UTC moment, shape (n,)."""
    hours = _wall_clock(moments).astype("datetime64[h]").astype(np.int64)
    return np.asarray((hours + 3 * 24) % 168)  # 1970-01-01 was a Thursday


def _wall_clock(moments: pd.Series) -> npt.NDArray[np.datetime64]:
    unknown = int(moments.isna().sum())
    if unknown:
        raise PeriodError(f"{unknown} of {len(moments)} moments are not known; leave them out first.")
    local = pd.DatetimeIndex(moments).tz_convert(LONDON).tz_localize(None)
    return np.asarray(local.to_numpy(dtype="datetime64[s]"))


def whole_months(moments: pd.Series) -> Period:
    """Return the period of whole local months that holds every moment.

    Raises
    ------
    PeriodError
        There is no moment to hold.
    """
    if moments.isna().all():
        raise PeriodError("No incident has a date, so there is no period to analyse.")
    numbers = local_months(pd.Series([moments.min(), moments.max()]))
    return Period(month_start(int(numbers[0])), month_start(int(numbers[1]) + 1))
