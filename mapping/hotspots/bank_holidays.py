"""Is a busy hour really a bank holiday? Counts on those days against other days of the same weekday."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.hotspots import timing
from mapping.hotspots.grid import FloatArray
from mapping.hotspots.moments import is_timed, middles_of, spans_of
from mapping.periods import LONDON, Period

LEVEL: Final = 0.05
NATIONS: Final = ("ENG", "NIR", "SCT", "WLS")


@dataclass(frozen=True)
class HolidayEffect:
    """What bank holidays hold of a place's dated incidents.

    Attributes
    ----------
    count : int
        Incidents on bank holidays of the period.
    expected : float
        What those days would hold at the pace of the same weekdays of the period.
    p_value : float
        One-sided, exact: at least this many by chance; 1 where no bank holiday lies in the period.
    makes_the_peak : bool
        There is a peak window with bank holidays and none without them, and they hold more than chance.
    left_out : int
        Incidents whose day is not known.
    """

    count: int
    expected: float
    p_value: float
    makes_the_peak: bool
    left_out: int

    @property
    def sentence(self) -> str:
        """Say it where it matters; empty where bank holidays are like other days."""
        if self.p_value >= LEVEL:
            return ""
        said = f"{self.count} reports on bank holidays, where {self.expected:.1f} would be usual."
        return f"{said} Without them no hours stand out." if self.makes_the_peak else said


def bank_holidays(period: Period, *, nation: str) -> frozenset[dt.date]:
    """List the days of a period on which banks are shut.

    A holiday that falls on a weekend is kept on the weekday given in its place, and the weekend
    day itself is left out: that is the day people have off.

    Parameters
    ----------
    nation : str
        ENG, NIR, SCT or WLS.

    Raises
    ------
    ValueError
        `nation` is none of these.
    """
    import holidays

    if nation not in NATIONS:
        raise ValueError(f"'{nation[:20]}' is no nation with bank holidays; use one of {', '.join(NATIONS)}.")
    years = range(period.start_on.year, period.end_on.year + 1)
    listed = holidays.country_holidays("GB", subdiv=nation, years=years, observed=True)
    return frozenset(day for day in listed if period.start_on <= day < period.end_on and day.weekday() < 5)


def holiday_effect(incidents: pd.DataFrame, days_off: Collection[dt.date], period: Period) -> HolidayEffect:
    """Hold what came on bank holidays against other days of the same weekday.

    Parameters
    ----------
    incidents : DataFrame
        With `occurred_from`, `occurred_to` (UTC) and `time_precision`; those known to the month alone, or
        to a window longer than a day, are left out. Those outside the period are not counted.
    days_off : dates
        Bank holidays; those outside the period are not looked at.
    period : Period
        The days with data.

    Notes
    -----
    Given the incidents of each weekday, those on its bank holidays are binomial with the share of
    that weekday's days that are bank holidays; the counts of the weekdays are then added up
    exactly. A place busy on one bank holiday a year is busy by chance of that day alone.
    """
    day_known = (incidents["time_precision"] != "month").to_numpy() & incidents["occurred_from"].notna()
    middles = middles_of(incidents)
    day_known &= spans_of(incidents) <= 25  # an autumn day has 25 hours, and is still one day
    dated = day_known & period.holds(middles)
    count = int(_on(middles[dated], days_off).sum())
    totals = np.bincount(middles[dated].dt.tz_convert(LONDON).dt.day_of_week, minlength=7)
    shares = _shares(days_off, period)
    expected = float(totals @ shares)
    p_value = _at_least(count, totals, shares) if shares.any() else 1.0
    makes_the_peak = p_value < LEVEL and _is_peak_of(incidents, days_off)
    return HolidayEffect(count, expected, p_value, makes_the_peak, int((~day_known).sum()))


def _on(moments: pd.Series, days_off: Collection[dt.date]) -> npt.NDArray[np.bool_]:
    """Say of each moment (UTC) whether it lies on one of the days, London clock."""
    return np.array([day in days_off for day in moments.dt.tz_convert(LONDON).dt.date], dtype=bool)


def _shares(days_off: Collection[dt.date], period: Period) -> FloatArray:
    """Return the share of each weekday's days in the period that are bank holidays, shape (7,)."""
    days = [period.start_on + dt.timedelta(days=k) for k in range(period.days)]
    all_days = np.bincount([day.weekday() for day in days], minlength=7)
    off = np.bincount(np.array([day.weekday() for day in days if day in days_off], dtype=int), minlength=7)
    return np.asarray(off / np.maximum(all_days, 1))


def _at_least(count: int, totals: npt.NDArray[np.int64], shares: FloatArray) -> float:
    from scipy.stats import binom

    chance = np.ones(1)
    for total, share in zip(totals, shares, strict=True):
        chance = np.convolve(chance, binom.pmf(np.arange(total + 1), total, share))
    return float(min(1.0, chance[count:].sum()))


def _is_peak_of(incidents: pd.DataFrame, days_off: Collection[dt.date]) -> bool:
    timed = middles_of(incidents[is_timed(incidents, limit_hours=timing.LIMIT_HOURS)])
    if not timing.peak_of(timed, len(incidents)):
        return False
    other = timed[~_on(timed, days_off)]
    return not timing.peak_of(other, len(incidents) - (len(timed) - len(other)))
