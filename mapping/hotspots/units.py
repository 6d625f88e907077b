"""Patrol units: places inside clusters that two people can walk in fifteen minutes.

A density cluster follows its streets as far as they are busy, in a town centre for a kilometre.
Officers need one place to stand. So every core point is a candidate centre; a candidate holds
what lies within `RADIUS_M` of it in the same cluster, and the best are taken one after another,
with their centres at least `SPACING_M` apart.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from mapping.hotspots.clusters import Points
from mapping.hotspots.discs import NOWHERE, RADIUS_M, DiscTests, Tiles
from mapping.hotspots.grid import FloatArray, Grid, IntArray, sum_by

SPACING_M: Final = 500.0
OUTLINE_M: Final = 30.0  # how far an outline reaches past its outermost points
RECENTRE_STEPS: Final = 3
PRESENT_LEVEL: Final = 0.1  # of the last months alone, which are few


@dataclass(frozen=True)
class Ground:
    """What a place is held against.

    Attributes
    ----------
    grid : Grid
    tiles : Tiles
    counts : float array, shape (tiles,)
        Incidents of the whole period.
    tested : DiscTests
        Every disc of the map.
    p_map : float array, shape (tiles,)
        How often a whole map without hotspots shows a disc as telling as each.
    """

    grid: Grid
    tiles: Tiles
    counts: FloatArray
    tested: DiscTests
    p_map: FloatArray

    def expected_in(self, shape: shapely.Polygon | shapely.MultiPolygon, tile: IntArray) -> float:
        """Return what the tiles of a shape would hold if no place stood out: those it covers and `tile`."""
        covered = shapely.contains_xy(shape, self.tiles.easting_m, self.tiles.northing_m)
        covered[tile[tile >= 0]] = True
        totals = sum_by(self.tiles.ward, self.counts, len(self.tiles.null.shape))
        return float((totals[self.tiles.ward] * self.tiles.share)[covered].sum())


@dataclass(frozen=True)
class Weighed:
    """What was counted on each point.

    Attributes
    ----------
    recent, forecast : float arrays, shape (points,)
        Incidents of the last months, and events foretold.
    tile : int array, shape (points,)
        Tile of each, whose disc is tested; `NOWHERE` for a point in no study cell.
    """

    recent: FloatArray
    forecast: FloatArray
    tile: IntArray


@dataclass(frozen=True)
class Places:
    """Several places, measured alike: candidates, or the units that were chosen.

    Attributes
    ----------
    count, recent, forecast : float arrays, shape (n,)
        Incidents of the whole period and of its last months, and events foretold.
    """

    count: FloatArray
    recent: FloatArray
    forecast: FloatArray


def neighbours(points: Points, cluster_id: IntArray, centres: IntArray) -> tuple[IntArray, IntArray]:
    """Pair the points `centres` with those of their cluster within reach, themselves included.

    Returns
    -------
    centre, member : int arrays, shape (pairs,)
        Sorted by centre.
    """
    from scipy.spatial import cKDTree

    if len(centres) == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    xy = points.xy
    held = cKDTree(xy).query_ball_point(xy[centres], RADIUS_M, return_sorted=True)
    centre = np.repeat(centres, [len(members) for members in held])
    member = np.concatenate([np.asarray(members, dtype=np.int64) for members in held])
    together = cluster_id[centre] == cluster_id[member]
    return centre[together], member[together]


def measure(points: Points, pairs: tuple[IntArray, IntArray], size: int, weighed: Weighed) -> Places:
    """Add up what `size` places hold.

    Parameters
    ----------
    points : Points
    pairs : (place, member)
        Which points each place holds.
    size : int
    weighed : Weighed
    """
    place, member = pairs
    return Places(
        count=sum_by(place, points.count[member], size),
        recent=sum_by(place, weighed.recent[member], size),
        forecast=sum_by(place, weighed.forecast[member], size),
    )


def stands_out(weighed: Weighed, ground: Ground, level: float) -> npt.NDArray[np.bool_]:
    """Say of each point whether the disc around it stands out of whole maps, and still does.

    Present is what holds more than its share in the last months alone: what has gone quiet is no hotspot.
    """
    known = weighed.tile != NOWHERE
    return (
        known & (ground.p_map[weighed.tile] < level) & (ground.tested.p_recent[weighed.tile] < PRESENT_LEVEL)
    )


@dataclass(frozen=True)
class Unit:
    """One chosen place: the point it grew from, its centre and the points it holds."""

    candidate: int
    easting_m: float
    northing_m: float
    members: IntArray


def choose_units(
    points: Points,
    candidates: Places,
    cluster_id: IntArray,
    *,
    eligible: npt.NDArray[np.bool_],
    ward: IntArray,
    top_per_ward: int,
) -> list[Unit]:
    """Take the candidates with the most events foretold, far enough apart, so many a ward.

    Parameters
    ----------
    points, candidates : Points, Places
    cluster_id : int array, shape (n,)
    eligible : bool array, shape (n,)
    ward : int array, shape (n,)
        Ward that holds most of each candidate.
    top_per_ward : int

    Returns
    -------
    list of Unit
        Most events foretold first; centres at least `SPACING_M` apart.
    """
    order = np.flatnonzero(eligible)
    forecast = np.round(candidates.forecast[order], 9)  # so that rounding noise never decides
    order = order[
        np.lexsort((points.northing_m[order], points.easting_m[order], -candidates.count[order], -forecast))
    ]
    units: list[Unit] = []
    taken: dict[int, int] = {}
    xy = points.xy
    for candidate in order.tolist():
        at = int(ward[candidate])
        if taken.get(at, 0) >= top_per_ward or not _far_enough(xy[candidate], units):
            continue
        units.append(_settle(points, cluster_id, candidate, units))
        taken[at] = taken.get(at, 0) + 1
    return units


def _far_enough(xy: FloatArray, units: list[Unit]) -> bool:
    return all(np.hypot(u.easting_m - xy[0], u.northing_m - xy[1]) >= SPACING_M for u in units)


def _settle(points: Points, cluster_id: IntArray, candidate: int, units: list[Unit]) -> Unit:
    """Move a disc to the middle of what it holds, as long as it holds no less and keeps its distance."""
    xy = points.xy
    mates = np.flatnonzero(cluster_id == cluster_id[candidate])

    def held(at: FloatArray) -> IntArray:
        return mates[np.hypot(*(xy[mates] - at).T) <= RADIUS_M]

    at, members = xy[candidate], held(xy[candidate])
    for _ in range(RECENTRE_STEPS):
        moved = np.average(xy[members], axis=0, weights=points.count[members])
        inside = held(moved)
        if points.count[inside].sum() < points.count[members].sum() or not _far_enough(moved, units):
            break
        at, members = moved, inside
    return Unit(candidate, float(at[0]), float(at[1]), members)


def pairs_of(chosen: list[Unit]) -> tuple[IntArray, IntArray]:
    """Pair every chosen unit, by its number, with the points it holds."""
    if not chosen:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    unit = np.repeat(np.arange(len(chosen)), [len(u.members) for u in chosen])
    return unit, np.concatenate([u.members for u in chosen])


def outline(points: Points, members: IntArray) -> shapely.Polygon:
    """Draw the walkable outline of a unit: the hull of its points and 30 m around it."""
    hull = shapely.convex_hull(shapely.multipoints(points.xy[members]))
    return shapely.set_precision(shapely.buffer(hull, OUTLINE_M, quad_segs=4), 0.1)
