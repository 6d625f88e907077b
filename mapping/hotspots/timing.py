"""When it happens: a window of the week, only where times are known and only when it beats chance."""

from typing import Final

import numpy as np
import pandas as pd

from mapping.hotspots.grid import FloatArray
from mapping.hotspots.significance import upper_tail
from mapping.periods import local_hours_of_week

WINDOW_HOURS: Final = 4
MIN_TIMED: Final = 20
MIN_TIMED_SHARE: Final = 0.7
LEVEL: Final = 0.01
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def peak_window(incidents: pd.DataFrame) -> str:
    """Name the four hours, on one to seven days running, that stand out most.

    Parameters
    ----------
    incidents : DataFrame
        With `occurred_from` (UTC) and `time_precision`; only those known to the minute count.

    Returns
    -------
    str
        E.g. `Fri-Sat 18:00-22:00`; empty where too few times are known (fewer than twenty, or
        than 70 %), or where the best of all windows could be chance (exact binomial against
        an even week, corrected for the number of windows looked at).
    """
    timed = incidents.loc[incidents["time_precision"] == "minute", "occurred_from"]
    if len(timed) < MIN_TIMED or len(timed) < MIN_TIMED_SHARE * len(incidents):
        return ""
    profile = np.bincount(local_hours_of_week(timed), minlength=168).astype(np.float64)
    windows = [
        (day, days, hour)
        for days in (1, 2, 3, 5, 7)
        for day in range(7 if days < 7 else 1)
        for hour in range(24)
    ]
    counts = np.array([_count(profile, *window) for window in windows])
    shares = np.array([days * WINDOW_HOURS / 168 for _, days, _ in windows])
    p_values = upper_tail(counts, profile.sum(), shares)
    best = int(np.lexsort((-counts, p_values))[0])
    if p_values[best] * len(windows) >= LEVEL:
        return ""
    return _say(*windows[best])


def _count(profile: FloatArray, day: int, days: int, hour: int) -> float:
    starts = [((day + k) % 7) * 24 + hour for k in range(days)]
    return float(sum(profile[(start + step) % 168] for start in starts for step in range(WINDOW_HOURS)))


def _say(day: int, days: int, hour: int) -> str:
    name = "daily" if days == 7 else DAYS[day] if days == 1 else f"{DAYS[day]}-{DAYS[(day + days - 1) % 7]}"
    return f"{name} {hour:02d}:00-{(hour + WINDOW_HOURS) % 24:02d}:00"
