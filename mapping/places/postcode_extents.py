"""How far an address of a postcode can lie from its point, and the sectors and districts they make up.

See "The gazetteer" in docs/methods.md for the reasons and what was measured.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]

HELD: Final = 0.95  # share of its addresses that a radius holds
NEIGHBOURS: Final = 8
LEAST_M: Final = 15.0  # a house and its garden
MOST_M: Final = 5_000.0
ALONE_M: Final = 500.0  # where there are no neighbours to measure by
# What a positional quality adds: 30 is within 50 m of the truth, 40 the middle of addresses that are no
# more, 50 an estimate to 100 m from the postcodes around. 60 is the middle of the sector.
_ADDED_M: Final = {30: 50.0, 40: 50.0, 50: 100.0}
SECTOR_MEAN: Final = 60


def unit_errors(easting: Floats, northing: Floats, quality: npt.NDArray[np.uint8]) -> Floats:
    """Return the radius around each postcode's point that holds its addresses, in metres.

    Where points lie at random with a density of d per square metre, the place nearest to one of them is
    within sqrt(ln(1 / 0.05) / (pi d)) of it 95 times in 100; and d is taken from the distance to the
    8th nearest other point: 8 / (pi r8^2). So the radius is r8 sqrt(ln 20 / 8) = 0.612 r8. What a
    coarse positional quality adds is added as errors that have nothing to do with each other are.

    Parameters
    ----------
    easting, northing : array, shape (n,), EPSG:27700
        NaN where a postcode has no point.
    quality : array, shape (n,)
        Of Code-Point Open. For 60 the caller takes the sector's radius if that is larger.

    Returns
    -------
    array, shape (n,)
        NaN where there is no point.
    """
    errors = np.full(len(easting), np.nan)
    held = np.flatnonzero(~np.isnan(easting))
    if not len(held):
        return errors
    points, place = np.unique(np.column_stack((easting[held], northing[held])), axis=0, return_inverse=True)
    wanted = min(NEIGHBOURS, len(points) - 1)
    radius = np.full(len(points), ALONE_M)
    if wanted > 0:
        # the nearest is the point itself
        distance = cKDTree(points).query(points, k=[wanted + 1])[0][:, 0]
        radius = distance * np.sqrt(np.log(1 / (1 - HELD)) / wanted)
    radius = np.clip(radius, LEAST_M, MOST_M)
    added = np.zeros(256)
    for code, metres in _ADDED_M.items():
        added[code] = metres
    errors[held] = np.hypot(radius[place.ravel()], added[quality[held]])
    return errors


@dataclass(frozen=True, eq=False)
class Grouped:
    """Sectors or districts: n rows sorted by code; `member` says for each unit the row it belongs to."""

    code: npt.NDArray[np.bytes_]
    member: npt.NDArray[np.int64]
    easting_m: Floats
    northing_m: Floats
    error_m: Floats
    units: npt.NDArray[np.int32]


def group(codes: npt.NDArray[np.bytes_], easting: Floats, northing: Floats, errors: Floats) -> Grouped:
    """Put postcodes together by the sector or district they lie in.

    The point is the mean of the postcodes. The radius is the distance below which 95 % of them lie, at the
    rank that also holds for the next one drawn, (n + 1) 0.95; an area of fewer than 19 takes the
    farthest. The radius of a typical postcode is added as independent error.

    Parameters
    ----------
    codes : array of bytes, shape (n,)
        Sector or district of each postcode.
    easting, northing, errors : array, shape (n,)
        NaN where a postcode has no point; those count for nothing.
    """
    names, member = np.unique(codes, return_inverse=True)
    held = ~np.isnan(easting)
    count = np.bincount(member[held], minlength=len(names))
    with np.errstate(invalid="ignore"):
        east = np.bincount(member[held], easting[held], minlength=len(names)) / count
        north = np.bincount(member[held], northing[held], minlength=len(names)) / count
    away = np.hypot(easting - east[member], northing - north[member])
    order = np.lexsort((away, member))  # NaN last in each area
    starts = np.concatenate(([0], np.cumsum(np.bincount(member, minlength=len(names)))[:-1]))
    rank = np.minimum(np.ceil(HELD * (count + 1)), count).astype(int)
    radius = np.full(len(names), np.nan)
    some = count > 0
    radius[some] = away[order[starts[some] + rank[some] - 1]]
    typical = np.full(len(names), np.nan)
    typical[some] = np.bincount(member[held], errors[held], minlength=len(names))[some] / count[some]
    units = np.bincount(member, minlength=len(names)).astype(np.int32)
    return Grouped(names, member, east, north, np.hypot(radius, typical), units)
