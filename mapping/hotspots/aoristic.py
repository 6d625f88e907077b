"""At which hours of the week: incidents whose time is known between two moments, spread over those hours."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from mapping.hotspots.grid import FloatArray, sum_by
from mapping.hotspots.moments import hours_between, is_timed, windows_of
from mapping.periods import local_hours_of_week

WEEK_HOURS: Final = 168
LIMIT_HOURS: Final = 24.0  # a longer window touches every hour of the day and says nothing of any
SMOOTHING_HOURS: Final = 1.5


@dataclass(frozen=True)
class HourProfile:
    """Incidents by hour of the week.

    Attributes
    ----------
    weights : float array, shape (168,)
        Incidents in each hour since Monday 00:00, London clock; adds up to `timed`.
    smoothed : float array, shape (168,)
        The same, smoothed round the week; adds up to `timed`.
    timed : int
        Incidents whose hours are known.
    left_out : int
        Those of which only a day, a month or a window longer than the limit is known.
    """

    weights: FloatArray
    smoothed: FloatArray
    timed: int
    left_out: int

    @property
    def sentence(self) -> str:
        """Say how much of what happened the hours speak of."""
        whole = self.timed + self.left_out
        return f"Hours are known for {self.timed:,} of {whole:,} reports."


def hour_profile(
    incidents: pd.DataFrame, *, limit_hours: float = LIMIT_HOURS, smoothing_hours: float = SMOOTHING_HOURS
) -> HourProfile:
    """Count incidents by hour of the week, each spread evenly over the window it happened in.

    Parameters
    ----------
    incidents : DataFrame
        With `occurred_from`, `occurred_to` (UTC) and `time_precision`. Without `occurred_to` each
        moment is taken as known.
    limit_hours : float
        Incidents with a longer window give no hour and are left out and counted.
    smoothing_hours : float
        Standard deviation of the kernel.

    Notes
    -----
    The even spread is a convention for not knowing: the weight of an hour is no proof that
    something happened in it. What is known to the day or the month alone never gives an hour.
    Hours are those of the clock: when it goes back, two real hours are one o'clock.

    References
    ----------
    Ratcliffe, J. (2000). Aoristic analysis: the spatial interpretation of unspecific temporal
    events. International Journal of Geographical Information Science, 14(7), 669-679.
    """
    timed = is_timed(incidents, limit_hours=limit_hours)
    weights = _spread(incidents[timed])
    smoothed = smooth_week(weights, smoothing_hours=smoothing_hours)
    return HourProfile(weights, smoothed, int(timed.sum()), int((~timed).sum()))


def _spread(timed: pd.DataFrame) -> FloatArray:
    if timed.empty:
        return np.zeros(WEEK_HOURS)
    start, end = windows_of(timed)
    first = start.dt.floor("h")
    into = hours_between(first, start)  # of its first hour gone by, 0-1
    span = hours_between(start, end)
    slots = np.arange(int(np.ceil((into + span).max())) or 1)
    overlap = np.minimum((into + span)[:, None], slots + 1) - np.maximum(into[:, None], slots)
    share = np.clip(overlap, 0.0, None) / np.where(span > 0, span, 1.0)[:, None]
    share[span == 0, 0] = 1.0
    row, slot = np.nonzero(share)
    # London is always whole hours from UTC, so an hour of one clock is an hour of the other
    moments = first.iloc[row].reset_index(drop=True) + pd.to_timedelta(slot, unit="h")
    return sum_by(local_hours_of_week(moments), share[row, slot], WEEK_HOURS)


def smooth_week(weights: FloatArray, *, smoothing_hours: float = SMOOTHING_HOURS) -> FloatArray:
    """Smooth hours of the week round the circle, Sunday night into Monday morning.

    Parameters
    ----------
    weights : float array, shape (168,)
    smoothing_hours : float
        Standard deviation of the wrapped normal kernel; more than 0.

    Returns
    -------
    float array, shape (168,)
        Adds up to what `weights` adds up to.

    References
    ----------
    Mardia, K. & Jupp, P. (2000). Directional statistics. Wiley. (The wrapped normal.)
    """
    # Hours beyond six standard deviations hold one part in a billion; wide kernels wrap round more than once.
    turns = int(np.ceil(6 * smoothing_hours / WEEK_HOURS))
    steps = np.arange(-turns * WEEK_HOURS, (turns + 1) * WEEK_HOURS)
    kernel = sum_by(steps % WEEK_HOURS, np.exp(-0.5 * (steps / smoothing_hours) ** 2), WEEK_HOURS)
    hours = np.arange(WEEK_HOURS)
    return np.asarray((kernel / kernel.sum())[(hours[:, None] - hours) % WEEK_HOURS] @ weights)
