"""One caller can't make a hotspot: how many reports of one person about one place count.

A person who rings every evening is right to ring, and tells of one problem. In every total each report
stays; towards tests, shapes, forecasts and the figures of a hotspot only the first `CAP` of one caller
within `REACH_M` count, and how many more there are is said beside them. Who the caller is nobody here
knows: a keyed hash tells only that two reports came from one person. Where there is no hash the caller
is unknown, and no report is held back.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

BoolArray = npt.NDArray[np.bool_]

# The least a case review asks for is three complaints: so many make a pattern, the fourth adds nothing that
# the third has not told. It is also less than half of the eight that a hotspot needs.
CAP: Final = 3
# Any two points of a patrol-grade place (150 m around its middle) are at most so far apart, so no such place
# ever holds more than `CAP` counted reports of one caller, wherever its middle falls.
REACH_M: Final = 300.0


def counted(incidents: pd.DataFrame, cap: int = CAP, *, reach_m: float = REACH_M) -> BoolArray:
    """Say which incidents count towards tests, shapes and forecasts.

    Parameters
    ----------
    incidents : DataFrame, n rows, EPSG:27700
        With `incident_id`, `complainant_hash`, `easting_m`, `northing_m` and `occurred_from`: those of
        the run's period, of every category. Not changed.
    cap : int
        The most of one caller that count within reach of one another, 1 or more.
    reach_m : float
        How far apart two reports may lie to be about one place.

    Returns
    -------
    Array of bool, shape (n,)
        Taken from the oldest on, an incident counts unless `cap` older ones that count come from the
        same caller and lie within `reach_m`. Of one moment the lower `incident_id` is the older; what
        has no moment is the youngest. True for unknown callers and for what has no point.

    Raises
    ------
    ValueError
        `cap` is less than 1: then nobody would be heard.

    Notes
    -----
    What comes later never changes what was decided of what came before, so a later report about a place
    at which its caller has `cap` already changes no test, shape or forecast. The order of the rows
    changes nothing. It does not say that the further reports are untrue or about nothing new.
    """
    if cap < 1:
        raise ValueError(f"A cap of {cap} would count nobody; give 1 or more.")
    counts = np.ones(len(incidents), dtype=bool)
    caller = incidents["complainant_hash"].fillna("").to_numpy(dtype=object)
    has_point = (incidents["easting_m"].notna() & incidents["northing_m"].notna()).to_numpy(dtype=bool)
    known = np.flatnonzero((caller != "") & has_point)
    if len(known) <= cap:
        return counts
    ordered = known[_from_the_oldest(incidents.iloc[known])]
    codes = pd.factorize(caller[ordered])[0]
    points = incidents[["easting_m", "northing_m"]].to_numpy(dtype=np.float64)
    together = ordered[np.argsort(codes, kind="stable")]
    for rows in np.split(together, np.cumsum(np.bincount(codes))[:-1]):
        if len(rows) > cap:
            counts[rows] = _first_within_reach(points[rows], cap, reach_m)
    return counts


def _from_the_oldest(incidents: pd.DataFrame) -> npt.NDArray[np.int64]:
    keys = incidents[["occurred_from", "incident_id"]].reset_index(drop=True)
    return keys.sort_values(["occurred_from", "incident_id"], na_position="last").index.to_numpy()


def _first_within_reach(points: npt.NDArray[np.float64], cap: int, reach_m: float) -> BoolArray:
    """Say of one caller's points, the oldest first, which have fewer than `cap` counted ones in reach."""
    before = np.zeros(len(points), dtype=np.int64)
    counts = np.zeros(len(points), dtype=bool)
    for number, point in enumerate(points):
        if before[number] < cap:
            counts[number] = True
            before[number + 1 :] += np.hypot(*(points[number + 1 :] - point).T) <= reach_m
    return counts


def capped_at(
    incidents: pd.DataFrame, is_counted: BoolArray, outlines: npt.NDArray[np.object_]
) -> npt.NDArray[np.int64]:
    """Count the reports within each outline that do not count.

    Parameters
    ----------
    incidents : DataFrame, n rows, EPSG:27700
        With `easting_m` and `northing_m`.
    is_counted : bool array, shape (n,)
        As `counted` says.
    outlines : array of shapely polygons, shape (k,), EPSG:27700

    Returns
    -------
    Array of int, shape (k,)
        A report on an outline's edge is within it.
    """
    import shapely

    held_back = incidents.loc[~np.asarray(is_counted, dtype=bool), ["easting_m", "northing_m"]].dropna()
    tree = shapely.STRtree(shapely.points(held_back.to_numpy(dtype=np.float64)))
    met = tree.query(outlines, predicate="intersects")[0]
    return np.bincount(met, minlength=len(outlines)).astype(np.int64)


def said(capped: int) -> str:
    """Say at a hotspot that so many reports are held back; empty where none is."""
    if not capped:
        return ""
    more, verb, whose = ("report", "is", "its") if capped == 1 else ("reports", "are", "their")
    return (
        f"{capped:,} more {more} about this place {verb} in the totals and in none of these figures: {whose} "
        f"caller already has {CAP} nearby that count."
    )
