"""Incidents with their day: which are known to it, which day it is, and points that go with days.

Days are whole days of the London calendar, whatever the hour. Month-only data says nothing about days.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.errors import CoarseTimesError, MappingError
from mapping.hotspots.grid import FloatArray, IntArray
from mapping.periods import LONDON

_A_DAY: Final = pd.Timedelta(hours=25)  # the longest local day, when the clocks go back


def known_to_the_day(incidents: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Say of each incident whether the day it happened is known, shape (n,).

    Parameters
    ----------
    incidents : DataFrame
        With `occurred_from`, `occurred_to` (UTC) and `time_precision`.

    Notes
    -----
    "Some time between Friday and Monday" is not known to the day, to the minute though both ends are. A night
    from 22:00 to 07:00 is, and counts by its first day.
    """
    from_at, to_at = incidents["occurred_from"], incidents["occurred_to"]
    is_short = from_at.notna() & (to_at.isna() | (to_at - from_at <= _A_DAY))
    return np.asarray(is_short & incidents["time_precision"].isin(["minute", "day"]), dtype=bool)


def local_days(incidents: pd.DataFrame) -> IntArray:
    """Return the local day each incident happened on, counted from 1 January 1970, shape (n,).

    Raises
    ------
    CoarseTimesError
        Any incident is not known to the day.
    """
    is_known = known_to_the_day(incidents)
    if not is_known.all():
        raise CoarseTimesError(int((~is_known).sum()), len(is_known))
    local = pd.DatetimeIndex(incidents["occurred_from"]).tz_convert(LONDON).tz_localize(None)
    return np.asarray(local.to_numpy(dtype="datetime64[D]").astype(np.int64))


def dated_points(
    easting_m: npt.ArrayLike, northing_m: npt.ArrayLike, day: npt.ArrayLike
) -> tuple[FloatArray, IntArray]:
    """Return points, shape (n, 2), and whole days, shape (n,), once every incident has both.

    Raises
    ------
    MappingError
        One has no point, or no whole day.
    """
    points = np.column_stack([np.asarray(easting_m, np.float64), np.asarray(northing_m, np.float64)])
    days = np.asarray(day)
    if days.shape != (len(points),) or not np.issubdtype(days.dtype, np.integer):
        raise MappingError(f"One whole day is needed for each of {len(points)} points.")
    lost = int((~np.isfinite(points).all(axis=1)).sum())
    if lost:
        raise MappingError(f"{lost} of {len(points)} incidents have no point; leave them out first.")
    return points, days.astype(np.int64)
