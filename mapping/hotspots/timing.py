"""When it happens: a window of the week, only where times are known and only when it beats chance."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.hotspots.grid import FloatArray
from mapping.hotspots.moments import is_timed, middles_of
from mapping.hotspots.significance import upper_tail
from mapping.periods import local_hours_of_week

WINDOW_HOURS: Final = 4
# Of a longer window less than half can lie in four hours; of a shorter one, half or more does
# exactly where its middle does.
LIMIT_HOURS: Final = 2.0 * WINDOW_HOURS
MIN_TIMED: Final = 20
MIN_TIMED_SHARE: Final = 0.7
LEVEL: Final = 0.01
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_WINDOWS: Final = tuple(
    (day, days, hour) for days in (1, 2, 3, 5, 7) for day in range(7 if days < 7 else 1) for hour in range(24)
)


def peak_window(incidents: pd.DataFrame) -> str:
    """Name the four hours, on one to seven days running, that stand out most.

    Parameters
    ----------
    incidents : DataFrame
        With `occurred_from`, `occurred_to` (UTC) and `time_precision`. Those known to within eight
        hours count, each whole, where most of its window lies. Without `occurred_to` each moment
        is taken as known.

    Returns
    -------
    str
        E.g. `Fri-Sat 18:00-22:00`; empty where too few times are known (fewer than twenty, or
        than 70 %), or where the best of all windows could be chance (exact binomial against
        an even week, times the number of windows looked at, below 1 in 100).

    Notes
    -----
    Says when this place is busy, not when it is busier than others: most places are quiet at
    four in the morning. Whole counts keep the test exact; the shares of hours that
    `aoristic.hour_profile` shows are for looking at.
    """
    timed = is_timed(incidents, limit_hours=LIMIT_HOURS)
    return peak_of(middles_of(incidents[timed]), len(incidents))


def peak_of(moments: pd.Series, incident_count: int) -> str:
    """Name the window of some known moments (UTC), out of so many incidents; as `peak_window`."""
    if len(moments) < MIN_TIMED or len(moments) < MIN_TIMED_SHARE * incident_count:
        return ""
    profile = np.bincount(local_hours_of_week(moments), minlength=168).astype(np.float64)
    counts = np.array([_count(profile, *window) for window in _WINDOWS])
    shares = np.array([days * WINDOW_HOURS / 168 for _, days, _ in _WINDOWS])
    p_values = upper_tail(counts, profile.sum(), shares)
    best = int(np.lexsort((-counts, p_values))[0])
    if p_values[best] * len(_WINDOWS) >= LEVEL:
        return ""
    return _say(*_WINDOWS[best])


def _count(profile: FloatArray, day: int, days: int, hour: int) -> float:
    return float(profile[_hours(day, days, hour)].sum())


def _hours(day: int, days: int, hour: int) -> npt.NDArray[np.int64]:
    starts = (day + np.arange(days)) * 24 + hour
    return np.asarray((starts[:, None] + np.arange(WINDOW_HOURS)).ravel() % 168)


def _say(day: int, days: int, hour: int) -> str:
    name = "daily" if days == 7 else DAYS[day] if days == 1 else f"{DAYS[day]}-{DAYS[(day + days - 1) % 7]}"
    return f"{name} {hour:02d}:00-{(hour + WINDOW_HOURS) % 24:02d}:00"
