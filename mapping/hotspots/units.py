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


@dataclass(frozen=True)
class Discs:
    """One candidate per point: what lies within reach of it in the same cluster.

    Attributes
    ----------
    count, forecast : float arrays, shape (n,)
        Incidents of the whole period, and events foretold.
    expected : float array, shape (n,)
        What the cells it touches would hold in the period under the baseline.
    p_value, p_recent : float arrays, shape (n,)
        Of the whole period or its last months, whichever tells more; of its last months alone.
    p_value_fdr : float array, shape (n,)
        Corrected over every candidate of the borough.
    """

    count: FloatArray
    forecast: FloatArray
    expected: FloatArray
    p_value: FloatArray
    p_recent: FloatArray
    p_value_fdr: FloatArray


@dataclass(frozen=True)
class Ground:
    """What a candidate is held against: the grid, the baseline and the counts per study cell."""

    grid: Grid
    baseline: Baseline
    counts: FloatArray
    recent_counts: FloatArray
    study_position: IntArray  # lattice cell -> study cell, -1 outside


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


def measure_discs(
    points: Points,
    pairs: tuple[IntArray, IntArray],
    *,
    recent: FloatArray,
    forecast: FloatArray,
    ground: Ground,
) -> Discs:
    """Measure every candidate against what its cells would hold if no place stood out.

    A cell counts in full as soon as one of its points is within reach, which makes the expected
    number larger and the test the more careful.

    Parameters
    ----------
    points : Points
    pairs : (centre, member)
        From `neighbours`.
    recent, forecast : float arrays, shape (points,)
        Incidents of the last months and events foretold, per point.
    ground : Ground
    """
    centre, member = pairs
    size = len(points.count)
    expected, p_value, p_recent = _measure(points, pairs, size, recent=recent, ground=ground)
    tested = np.bincount(centre, minlength=size) > 0
    corrected = np.ones(size)
    corrected[tested] = control_fdr(p_value[tested])
    return Discs(
        count=sum_by(centre, points.count[member], size),
        forecast=sum_by(centre, forecast[member], size),
        expected=expected,
        p_value=p_value,
        p_recent=p_recent,
        p_value_fdr=corrected,
    )


def _measure(
    points: Points, pairs: tuple[IntArray, IntArray], size: int, *, recent: FloatArray, ground: Ground
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Expect and test what each of `size` places holds, in the whole period and in its last months.

    Returns
    -------
    expected, p_value, p_recent : float arrays, shape (size,)
        `p_value` is that of the more telling of the two periods, doubled for having looked twice.
    """
    centre, member = pairs
    cell = ground.study_position[ground.grid.cell_of(points.easting_m, points.northing_m)]
    touched = np.unique(np.column_stack([centre, cell[member]]), axis=0)
    touched = touched[touched[:, 1] >= 0]

    def test(held: FloatArray, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        here = sum_by(centre, held[member], size)
        return _test(here, touched, counts, ground.baseline)

    expected, p_whole = test(points.count.astype(np.float64), ground.counts)
    _, p_recent = test(recent, ground.recent_counts)
    return expected, np.minimum(1.0, 2.0 * np.minimum(p_whole, p_recent)), p_recent


def _test(
    count: FloatArray, touched: IntArray, counts: FloatArray, baseline: Baseline
) -> tuple[FloatArray, FloatArray]:
    """Expect and test one count per candidate; a candidate over two wards pools their totals."""
    size = len(count)
    centre, cell = touched[:, 0], touched[:, 1]
    totals = baseline.ward_totals(counts)
    expected = sum_by(centre, baseline.expected(counts)[cell], size)
    wards = np.unique(np.column_stack([centre, baseline.ward[cell]]), axis=0)
    pooled = sum_by(wards[:, 0], totals[wards[:, 1]], size)
    share = np.divide(expected, pooled, out=np.zeros(size), where=pooled > 0)
    return expected, upper_tail(np.minimum(count, pooled), pooled, share)


@dataclass(frozen=True)
class Unit:
    """One chosen place: the point it grew from, its centre and the points it holds."""

    candidate: int
    easting_m: float
    northing_m: float
    members: IntArray


def choose_units(
    points: Points,
    discs: Discs,
    cluster_id: IntArray,
    *,
    eligible: npt.NDArray[np.bool_],
    ward: IntArray,
    top_per_ward: int,
) -> list[Unit]:
    """Take the candidates with the most events foretold, far enough apart, so many a ward.

    Parameters
    ----------
    points, discs : Points, Discs
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
    forecast = np.round(discs.forecast[order], 9)  # so that rounding noise never decides
    order = order[
        np.lexsort((points.northing_m[order], points.easting_m[order], -discs.count[order], -forecast))
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


def measure_units(
    points: Points, chosen: list[Unit], *, recent: FloatArray, ground: Ground
) -> dict[str, FloatArray]:
    """Measure the chosen units as `measure_discs` does the candidates.

    Returns
    -------
    dict of float arrays, shape (units,)
        `expected_count` and `p_value`.
    """
    if not chosen:
        return {"expected_count": np.empty(0), "p_value": np.empty(0)}
    unit = np.repeat(np.arange(len(chosen)), [len(u.members) for u in chosen])
    discs = _measure(
        points, (unit, np.concatenate([u.members for u in chosen])), len(chosen), recent=recent, ground=ground
    )
    return {"expected_count": discs[0], "p_value": discs[1]}


def outline(points: Points, members: IntArray) -> shapely.Polygon:
    """Draw the walkable outline of a unit: the hull of its points and 30 m around it."""
    hull = shapely.convex_hull(shapely.multipoints(points.xy[members]))
    return shapely.set_precision(shapely.buffer(hull, OUTLINE_M, quad_segs=4), 0.1)
