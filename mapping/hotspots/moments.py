"""How well the time of an incident is known: its span, its middle, and whether an hour may be read of it."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.hotspots.grid import FloatArray


def hours_between(start: pd.Series, end: pd.Series) -> FloatArray:
    """Return the hours from each start to its end, shape (n,)."""
    return np.asarray((end - start).dt.total_seconds(), dtype=np.float64) / 3600


def windows_of(incidents: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return start and end (UTC) of the window in which each incident happened.

    A frame without `occurred_to` holds known moments; an end before its start is the start.
    """
    start = incidents["occurred_from"]
    end = incidents.get("occurred_to", start)
    return start, end.where(end > start, start)


def spans_of(incidents: pd.DataFrame) -> FloatArray:
    """Return the length of each window in hours, shape (n,); 0 for a known moment."""
    start, end = windows_of(incidents)
    return hours_between(start, end)


def middles_of(incidents: pd.DataFrame) -> pd.Series:
    """Return the middle (UTC) of each window."""
    start, end = windows_of(incidents)
    return start + (end - start) / 2


def is_timed(incidents: pd.DataFrame, *, limit_hours: float) -> npt.NDArray[np.bool_]:
    """Say of each incident whether its hour may be read: both ends to the minute, not too far apart."""
    to_the_minute = (incidents["time_precision"] == "minute").to_numpy()
    known = incidents["occurred_from"].notna().to_numpy()
    return np.asarray(to_the_minute & known & (spans_of(incidents) <= limit_hours))
