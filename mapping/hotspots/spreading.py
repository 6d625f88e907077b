"""Reports whose place is doubtful, spread over the cells they may lie in.

A report whose error radius is larger than a cell is somewhere around its point. Its weight of 1 is
laid over the study cells by a round Gaussian that has 95 % within that radius, so that a sector's
middle, where a hundred such reports share one point, does not look like a street with a hundred.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from mapping.hotspots.grid import FloatArray, Grid, IntArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

RADIUS_IN_SIGMAS: Final = float(np.sqrt(-2.0 * np.log(0.05)))  # 2.448: 95 % of a round Gaussian
REACH_IN_SIGMAS: Final = 4.0  # what is further off, 1 part in 8,000 each way, is laid on the rest
ANYWHERE: Final = -1  # kept to no ward
LEAST_INSIDE: Final = 1e-6  # of a weight: below this a ward, or the study area, is not where it lies
FARTHEST_M: Final = 1e6  # an error as long as the country knows no place at all
_ENTRIES_AT_ONCE: Final = 1_000_000


@dataclass(frozen=True)
class Spread:
    """Doubtful events by month and study cell, as weights that add up to the events.

    Attributes
    ----------
    own, everything : float arrays, shape (months, study cells)
        Of the categories being scored, and of all.
    """

    own: FloatArray
    everything: FloatArray

    @property
    def has_others(self) -> bool:
        """Whether any event is of another category."""
        return self.own is not self.everything

    def until(self, end: int) -> "Spread":
        """Return the months before `end`."""
        own = self.own[:end]
        return Spread(own, self.everything[:end] if self.has_others else own)


def spread_over_cells(
    grid: Grid,
    easting_m: npt.ArrayLike,
    northing_m: npt.ArrayLike,
    error_m: npt.ArrayLike,
    ward: npt.ArrayLike = ANYWHERE,
) -> "csr_array":
    """Share the weight of each point among the study cells around it.

    Parameters
    ----------
    grid : Grid
    easting_m, northing_m : array-like of float, shape (n,), EPSG:27700
    error_m : array-like of float > 0, shape (n,)
        Radius that holds the truth with 95 %.
    ward : array-like of int, shape (n,)
        Position in `grid.ward_gss_codes` of a ward that the report is known to lie in, or
        `ANYWHERE`. It is kept to that ward, unless its point says that it cannot be there.

    Returns
    -------
    sparse array, shape (n, study cells)
        Not negative; each row adds up to 1, so nothing is lost at the edge: what would fall outside
        the study area is laid on the rest in proportion. A point with no study cell within reach
        goes whole to the nearest.

    Notes
    -----
    A cell's part is the Gaussian's integral over it, a product of two differences of the normal
    distribution's integral. The Gaussian knows nothing of streets: it says how far off a report
    may be, not where people live.
    """
    from scipy.sparse import csr_array

    x, y, sigma, only = (
        values.astype(np.float64)
        for values in np.broadcast_arrays(
            np.atleast_1d(easting_m),
            np.atleast_1d(northing_m),
            np.minimum(np.asarray(error_m, dtype=np.float64), FARTHEST_M) / RADIUS_IN_SIGMAS,
            np.asarray(ward),
        )
    )
    study_position = np.full(grid.size, -1, dtype=np.int64)
    study_position[grid.study_cells] = np.arange(len(grid.study_cells))
    rows, cells, shares = [], [], []
    for half, chosen in _alike(_reach(sigma, grid)):
        row, cell, share = _shares(grid, x[chosen], y[chosen], sigma[chosen], only[chosen], half)
        rows.append(chosen[row])
        cells.append(study_position[cell])
        shares.append(share)
    row, cell = (np.concatenate(parts).astype(np.int64) for parts in (rows, cells))
    return csr_array((np.concatenate(shares), (row, cell)), shape=(len(x), len(grid.study_cells)))


def _reach(sigma: FloatArray, grid: Grid) -> IntArray:
    """Return how many cells each way a report is looked for; the whole lattice and no further."""
    reach = np.ceil(REACH_IN_SIGMAS * sigma / grid.cell_size_m)
    return np.minimum(reach, max(grid.rows, grid.columns)).astype(np.int64)


def _alike(reach: IntArray) -> Iterator[tuple[int, IntArray]]:
    """Give the points of one reach together, by their positions."""
    for half in np.unique(reach).tolist():
        yield half, np.flatnonzero(reach == half)


def _shares(
    grid: Grid, x: FloatArray, y: FloatArray, sigma: FloatArray, only: FloatArray, half: int
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return point, lattice cell and share of every part, for points that reach `half` cells far."""
    column, across = _along(x, sigma, grid.west_m, grid.cell_size_m, grid.columns, half)
    row, up = _along(y, sigma, grid.south_m, grid.cell_size_m, grid.rows, half)
    cell = (row[:, :, None] * grid.columns + column[:, None, :]).reshape(len(x), -1)
    ward = grid.ward_of_cell[cell]
    mass = (up[:, :, None] * across[:, None, :]).reshape(len(x), -1) * (ward >= 0)
    own = mass * (ward == only[:, None])
    mass = np.where(own.sum(axis=1, keepdims=True) >= LEAST_INSIDE, own, mass)
    inside = mass.sum(axis=1)
    is_near = inside >= LEAST_INSIDE
    mass[~is_near] = 0.0
    point, place = np.nonzero(mass)
    far = np.flatnonzero(~is_near)
    return (
        np.concatenate([point, far]),
        np.concatenate([cell[point, place], _nearest(grid, x[far], y[far])]),
        np.concatenate([mass[point, place] / inside[point], np.ones(len(far))]),
    )


def _along(
    at: FloatArray, sigma: FloatArray, first_edge_m: float, cell_size_m: float, length: int, half: int
) -> tuple[IntArray, FloatArray]:
    """Return, along one axis of the lattice, the cells within reach and the Gaussian's part in each.

    Both of shape (n, cells); beyond the lattice the part is nought, under the name of its last cell.
    """
    from scipy.special import ndtr

    if 2 * half + 1 >= length:
        first, wide = np.zeros(len(at), dtype=np.int64), length
    else:
        first, wide = np.floor((at - first_edge_m) / cell_size_m).astype(np.int64) - half, 2 * half + 1
    cells = first[:, None] + np.arange(wide)
    edges = first_edge_m + (first[:, None] + np.arange(wide + 1)) * cell_size_m
    part = np.diff(ndtr((edges - at[:, None]) / sigma[:, None]), axis=1)
    part[(cells < 0) | (cells >= length)] = 0.0
    return np.clip(cells, 0, length - 1), part


def _nearest(grid: Grid, x: FloatArray, y: FloatArray) -> IntArray:
    """Return the study cell whose centre is nearest to each point."""
    study = grid.study_cells
    east, north = grid.centres(study)
    return np.array(
        [study[np.argmin(np.hypot(east - a, north - b))] for a, b in zip(x, y, strict=True)], dtype=np.int64
    )


def spread_by_month(
    grid: Grid,
    *,
    easting_m: FloatArray,
    northing_m: FloatArray,
    error_m: FloatArray,
    ward: IntArray,
    months: IntArray,
    is_own: npt.NDArray[np.bool_],
    length: int,
) -> Spread:
    """Spread doubtful events and add them up by month.

    Equal points with equal error are spread once, however many reports share them.

    Parameters
    ----------
    grid : Grid
    easting_m, northing_m, error_m, ward : arrays, shape (n,)
        As for `spread_over_cells`.
    months : int array, shape (n,)
        Month of each, from 0 to `length` - 1.
    is_own : bool array, shape (n,)
        Whether it is of the categories being scored.
    length : int
        Months in all.
    """
    kinds, kind_of = np.unique(
        np.column_stack([easting_m, northing_m, error_m, ward]), axis=0, return_inverse=True
    )
    kind_of = kind_of.ravel()
    everything = np.zeros((length, len(grid.study_cells)))
    own = everything if is_own.all() else np.zeros_like(everything)
    for start, end in _portions(grid, kinds[:, 2]):
        shares = spread_over_cells(grid, *kinds[start:end].T)
        held = (kind_of >= start) & (kind_of < end)
        everything += _monthly(shares, months[held], kind_of[held] - start, length)
        if own is not everything:
            held &= is_own
            own += _monthly(shares, months[held], kind_of[held] - start, length)
    return Spread(own, everything)


def _portions(grid: Grid, error_m: FloatArray) -> Iterator[tuple[int, int]]:
    """Cut the kinds into runs of so many that their parts fit into memory."""
    wide = 2 * _reach(error_m / RADIUS_IN_SIGMAS, grid) + 1
    entries = np.minimum(wide, grid.rows) * np.minimum(wide, grid.columns)
    portion = np.cumsum(entries) // _ENTRIES_AT_ONCE
    starts = np.flatnonzero(np.diff(portion, prepend=-1))
    yield from zip(starts.tolist(), [*starts[1:].tolist(), len(error_m)], strict=True)


def _monthly(shares: "csr_array", months: IntArray, kind: IntArray, length: int) -> FloatArray:
    """Add up the shares of each month's events, shape (length, study cells)."""
    from scipy.sparse import csr_array

    counted = csr_array((np.ones(len(months)), (months, kind)), shape=(length, shares.shape[0]))
    return np.asarray((counted @ shares).toarray())
