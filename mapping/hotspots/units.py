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

from mapping.hotspots.clusters import NOISE, Points
from mapping.hotspots.grid import FloatArray, Grid, IntArray, sum_by
from mapping.hotspots.significance import Baseline, control_fdr, upper_tail

RADIUS_M: Final = 150.0
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
    baseline : Baseline
        Over the study cells.
    counts, recent_counts : float arrays, shape (study cells,)
        Incidents of the whole period and of its last months.
    points_in_cell : float array, shape (study cells,)
        Distinct coordinates that hold incidents.
    study_position : int array, shape (grid.size,)
        Lattice cell to study cell, -1 outside.
    """

    grid: Grid
    baseline: Baseline
    counts: FloatArray
    recent_counts: FloatArray
    points_in_cell: FloatArray
    study_position: IntArray

    @property
    def recent_share(self) -> float:
        """Share of all incidents that came in the last months."""
        return float(self.recent_counts.sum() / max(self.counts.sum(), 1.0))


@dataclass(frozen=True)
class Weighed:
    """What was counted on each point.

    Attributes
    ----------
    recent, forecast : float arrays, shape (points,)
        Incidents of the last months, and events foretold.
    """

    recent: FloatArray
    forecast: FloatArray


@dataclass(frozen=True)
class Places:
    """Several places, measured alike: candidates, or the units that were chosen.

    Attributes
    ----------
    count, recent, forecast : float arrays, shape (n,)
        Incidents of the whole period and of its last months, and events foretold.
    expected : float array, shape (n,)
        What its points would hold if its ward's incidents fell evenly on the cells that can hold
        one, and a cell's evenly on its points.
    p_value : float array, shape (n,)
        The more telling of two tests, doubled for having looked twice: more than its share in the
        whole period, or a rise in the last months beyond the whole area's.
    is_present : bool array, shape (n,)
        Still more than its share in the last months: what has gone quiet is no hotspot.
    """

    count: FloatArray
    recent: FloatArray
    forecast: FloatArray
    expected: FloatArray
    p_value: FloatArray
    is_present: npt.NDArray[np.bool_]


def neighbours(points: Points, cluster_id: IntArray) -> tuple[IntArray, IntArray]:
    """Pair every clustered point with those of its cluster within reach, itself included.

    Returns
    -------
    centre, member : int arrays, shape (pairs,)
        Sorted by centre.
    """
    from scipy.spatial import cKDTree

    chosen = np.flatnonzero(cluster_id != NOISE)
    if len(chosen) == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    pairs = cKDTree(points.xy[chosen]).query_pairs(RADIUS_M, output_type="ndarray")
    one, other = chosen[pairs[:, 0]], chosen[pairs[:, 1]]
    together = cluster_id[one] == cluster_id[other]
    one, other = one[together], other[together]
    centre, member = np.concatenate([one, other, chosen]), np.concatenate([other, one, chosen])
    order = np.lexsort((member, centre))
    return centre[order], member[order]


def measure(
    points: Points, pairs: tuple[IntArray, IntArray], size: int, weighed: Weighed, ground: Ground
) -> Places:
    """Measure `size` places against what they would hold if no place stood out.

    Parameters
    ----------
    points : Points
    pairs : (place, member)
        Which points each place holds.
    weighed : Weighed
    ground : Ground
    """
    place, member = pairs
    cell = ground.study_position[ground.grid.cell_of(points.easting_m, points.northing_m)]
    touched = np.unique(np.column_stack([place, cell[member]]), axis=0)
    touched = touched[touched[:, 1] >= 0]
    count, recent = sum_by(place, points.count[member], size), sum_by(place, weighed.recent[member], size)
    p_whole = _test(count, touched, ground.counts, ground.baseline)
    p_recent = _test(recent, touched, ground.recent_counts, ground.baseline)
    p_rise = upper_tail(recent, count, ground.recent_share)
    inside = np.where(cell >= 0, cell, 0)
    even = ground.baseline.expected(ground.counts) / np.maximum(ground.points_in_cell, 1.0)
    return Places(
        count=count,
        recent=recent,
        forecast=sum_by(place, weighed.forecast[member], size),
        expected=sum_by(place, np.where(cell >= 0, even[inside], 0.0)[member], size),
        p_value=np.minimum(1.0, 2.0 * np.minimum(p_whole, p_rise)),
        is_present=p_recent < PRESENT_LEVEL,
    )


def _test(count: FloatArray, touched: IntArray, counts: FloatArray, baseline: Baseline) -> FloatArray:
    """Test one count per place against the cells it touches; a place over two wards pools their totals.

    A cell counts in full as soon as one of its points is held. That is more than the place's own
    part of it, so the test is the more careful, which makes up for places being drawn around
    what is high.
    """
    size = len(count)
    place, cell = touched[:, 0], touched[:, 1]
    expected = sum_by(place, baseline.expected(counts)[cell], size)
    wards = np.unique(np.column_stack([place, baseline.ward[cell]]), axis=0)
    pooled = sum_by(wards[:, 0], baseline.ward_totals(counts)[wards[:, 1]], size)
    share = np.divide(expected, pooled, out=np.zeros(size), where=pooled > 0)
    return upper_tail(np.minimum(count, pooled), pooled, share)


def correct(candidates: Places, is_candidate: npt.NDArray[np.bool_]) -> FloatArray:
    """Correct the p-values over every candidate of the borough, shape (n,); 1 for the others."""
    corrected = np.ones(len(candidates.p_value))
    corrected[is_candidate] = control_fdr(candidates.p_value[is_candidate])
    return corrected


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
