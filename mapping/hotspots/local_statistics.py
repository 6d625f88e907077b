"""Where high counts gather: Getis-Ord Gi and Gi*, and local Moran's I.

The general forms take any sparse weights; `score_cells` is the fast form for our lattice. A cell outside
the study area is absent there and never a zero: nobody collected anything in it.

For neighbours that all weigh the same, Gi, Gi* and local Moran's I of one cell rise and fall with one
and the same thing, its neighbours' total, once its own count is held fixed. So one set of conditional
permutations answers for all three, and one set of draws answers for every cell.
"""

from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.errors import FlatCountsError, MappingError
from mapping.hotspots.grid import FloatArray, Grid, IntArray

DRAWS: Final = 999
QUADRANTS: Final = ("low-low", "low-high", "high-low", "high-high")  # own count first, neighbours second
_ROUNDING: Final = 1e-12  # of the total: sums of the same numbers in another order still count as equal


def checked(values: npt.ArrayLike, weights: Any, *, least: int = 3) -> tuple[FloatArray, Any]:
    """Return values and weights as float arrays, the weights as csr, once they fit each other.

    Raises
    ------
    FlatCountsError
        All values are equal, or there are fewer than `least`.
    MappingError
        The shapes do not fit, or a value is not a number.
    """
    from scipy.sparse import csr_array

    value = np.asarray(values, dtype=np.float64)
    weight = csr_array(weights, dtype=np.float64)
    if value.ndim != 1 or weight.shape != (len(value), len(value)):
        raise MappingError(f"Values of shape {value.shape} do not fit weights of shape {weight.shape}.")
    if not np.isfinite(value).all():
        raise MappingError(
            f"{int((~np.isfinite(value)).sum())} values are not numbers; leave them out first."
        )
    if len(value) < least or np.ptp(value) == 0:
        raise FlatCountsError(
            f"All {len(value)} places have the same value, or there are fewer than {least}, so none can "
            "stand out. Take a longer period or a larger area."
        )
    return value, weight


def gi(values: npt.ArrayLike, weights: Any) -> FloatArray:
    """Score each place for high values around it, its own left out (Getis-Ord Gi).

    Parameters
    ----------
    values : array-like of float, shape (n,)
        Not all equal.
    weights : scipy sparse array, shape (n, n)
        Row i holds the weights of i's neighbours, binary or any other; nothing on the diagonal.

    Returns
    -------
    float array, shape (n,)
        Standard deviations from what a random order of the other values would give. NaN where that is
        undefined: no neighbours, all others neighbours, or all others equal. Multiplying a row of the
        weights by a number changes nothing.

    Raises
    ------
    FlatCountsError
        All values are equal.
    MappingError
        The shapes do not fit, or a place is its own neighbour.

    References
    ----------
    Ord, J. K. & Getis, A. (1995). Local spatial autocorrelation statistics. Geographical Analysis, 27(4),
    286-306 (equation 5, for unequal weights).
    """
    value, weight = checked(values, weights)
    if weight.diagonal().any():
        raise MappingError("Gi leaves each place itself out; clear the diagonal of `weights` or use Gi*.")
    others = len(value) - 1
    mean = (value.sum() - value) / others
    # About the overall mean: taking a squared mean from a mean square would lose digits.
    centred = value - value.mean()
    squares = np.square(centred).sum()
    spread = (squares - np.square(centred)) / others - np.square(mean - value.mean())
    # What rounding leaves where all others are equal is no spread.
    return _standardise(weight, value, mean, np.where(spread > _ROUNDING * squares, spread, 0.0), others)


def gi_star(values: npt.ArrayLike, weights: Any, *, divisor: Literal["n", "n-1"] = "n") -> FloatArray:
    """Score each place for high values in and around it (Getis-Ord Gi*).

    Parameters
    ----------
    values : array-like of float, shape (n,)
        Not all equal.
    weights : scipy sparse array, shape (n, n)
        As for `gi`, with each place its own neighbour: the diagonal holds what it weighs itself.
    divisor : {"n", "n-1"}
        What the sum of squares is divided by. Ord and Getis (1995) divide by n; the figures that Getis and
        Ord (1996) print come from n - 1, which makes every score smaller by the root of (n - 1) / n.

    Returns
    -------
    float array, shape (n,)
        `gi_star_z`, in standard deviations; NaN where all places are neighbours.

    Raises
    ------
    FlatCountsError
        All values are equal.
    MappingError
        The shapes do not fit, or a place is not its own neighbour.

    Notes
    -----
    Says where incidents gather, not why, and not how many people live there. Testing many cells finds
    some by luck: see `significance.control_fdr`.

    References
    ----------
    Ord, J. K. & Getis, A. (1995). Local spatial autocorrelation statistics. Geographical Analysis, 27(4),
    286-306.
    Getis, A. & Ord, J. K. (1996). Local spatial statistics: an overview. In Longley & Batty (eds), Spatial
    analysis: modelling in a GIS environment, 261-277.
    """
    value, weight = checked(values, weights)
    if not weight.diagonal().all():
        raise MappingError(
            "Gi* counts each place as its own neighbour; fill the diagonal of `weights` or use Gi."
        )
    size = len(value)
    spread = np.square(value - value.mean()).sum() / (size if divisor == "n" else size - 1)
    return _standardise(weight, value, np.full(size, value.mean()), np.full(size, spread), size)


def local_moran(values: npt.ArrayLike, weights: Any) -> tuple[FloatArray, npt.NDArray[np.object_]]:
    """Return local Moran's I of each place, and whether it and its neighbours are high or low.

    Parameters
    ----------
    values : array-like of float, shape (n,)
        Not all equal.
    weights : scipy sparse array, shape (n, n)
        As for `gi`; each row is divided by its sum first.

    Returns
    -------
    moran_i : float array, shape (n,)
        Own deviation times the neighbours' mean deviation, over the sum of squares divided by n - 1.
        0 for a place without neighbours.
    quadrant : object array of str, shape (n,)
        One of `QUADRANTS`: above the mean is high, at it or below is low.

    Raises
    ------
    FlatCountsError
        All values are equal.
    MappingError
        The shapes do not fit, or a place is its own neighbour.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association - LISA. Geographical Analysis, 27(2), 93-115.
    """
    value, weight = checked(values, weights)
    if weight.diagonal().any():
        raise MappingError("Local Moran's I leaves each place itself out; clear the diagonal of `weights`.")
    deviation = value - value.mean()
    total = _row_sums(weight)
    around = np.divide(weight @ deviation, total, out=np.zeros(len(value)), where=total != 0)
    moran_i = (len(value) - 1) * deviation * around / np.square(deviation).sum()
    named = np.array(QUADRANTS, dtype=object)[2 * (deviation > 0) + (around > 0)]
    return moran_i, np.asarray(named)


def lattice_neighbours(grid: Grid, distance_m: float) -> Any:
    """Link study cells whose centres are at most `distance_m` apart.

    Returns
    -------
    scipy csr array of 0 and 1, shape (cells, cells)
        In the order of `grid.study_cells`; nothing on the diagonal, and no link to a cell outside the
        study area.

    Raises
    ------
    MappingError
        The distance is smaller than a cell, so that no cell has a neighbour.
    """
    from scipy.sparse import csr_array

    reach = int(np.floor(distance_m / grid.cell_size_m + 1e-9))
    if reach < 1:
        raise MappingError(
            f"Within {distance_m} m no cell of {grid.cell_size_m} m has a neighbour; give at least one cell."
        )
    steps = np.arange(-reach, reach + 1)
    down, across = (axis.ravel() for axis in np.meshgrid(steps, steps, indexing="ij"))
    squared = np.square(down) + np.square(across)
    near = (squared > 0) & (squared <= np.square(distance_m / grid.cell_size_m) + 1e-9)
    # A rim of absent cells saves asking of each step whether it leaves the lattice.
    cells = grid.study_cells
    position = np.full((grid.rows + 2 * reach, grid.columns + 2 * reach), -1, dtype=np.int64)
    row, column = (index + reach for index in np.divmod(cells, grid.columns))
    position[row, column] = np.arange(len(cells))
    found = position[row[:, None] + down[near], column[:, None] + across[near]]
    is_there = found >= 0
    starts = np.concatenate([[0], np.cumsum(is_there.sum(axis=1))])
    linked = found[is_there]
    return csr_array((np.ones(len(linked)), linked, starts), shape=(len(cells), len(cells)))


def cell_gi_star(values: npt.ArrayLike, grid: Grid) -> FloatArray:
    """Score each study cell by Gi*, with the eight around it as far as they are in the study area.

    Returns
    -------
    float array, shape (cells,)
        NaN where a cell has no freedom left, and everywhere where all values are the same.
    """
    from scipy.sparse import eye_array

    try:
        beside = lattice_neighbours(grid, 1.5 * grid.cell_size_m)
        return gi_star(values, beside + eye_array(beside.shape[0], format="csr"))
    except FlatCountsError:
        return np.full(len(np.asarray(values)), np.nan)


def permutation_p_values(
    values: npt.ArrayLike, neighbours: Any, *, draws: int = DRAWS, seed: int
) -> FloatArray:
    """Return the chance of neighbours at least as high as seen, given each place's own value.

    Conditional permutation: a place keeps its value and gets as many others as it has neighbours, at random.
    The draws are shared. Each is a random order of distinct places, of which a place with k neighbours takes
    the first k; where the place is itself among those, the next in order replaces it. That is the same as
    drawing k of the others, so nothing is approximated by sharing; it only ties the p-values of
    different places to the same chance.

    Parameters
    ----------
    values : array-like of float, shape (n,)
    neighbours : scipy sparse array of 0 and 1, shape (n, n)
        Nothing on the diagonal.
    draws : int
        At least 99.
    seed : int

    Returns
    -------
    float array, shape (n,)
        One-sided, (1 + draws at least as high) / (draws + 1), hence never 0; 1 for a place without
        neighbours. The same for Gi, Gi* and, of a place that is high itself, local Moran's I.

    Raises
    ------
    FlatCountsError
        All values are equal.
    MappingError
        The shapes do not fit, links weigh differently, a place is its own neighbour, or too few draws.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association - LISA. Geographical Analysis, 27(2), 93-115.
    Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical Applications
    in Genetics and Molecular Biology, 9(1), article 39.
    """
    value, link = checked(values, neighbours)
    if link.diagonal().any() or (link.data != 1).any():
        raise MappingError("Permutation needs links of weight 1 between different places.")
    if draws < 99:
        raise MappingError(f"{draws} draws cannot tell 1 in 100; give at least 99.")
    number = np.diff(link.indptr)
    floor = link @ value - _ROUNDING * np.abs(value).sum()
    order = _random_orders(len(value), int(number.max()) + 1, draws, np.random.default_rng(seed))
    drawn = value[order]
    totals = np.cumsum(drawn, axis=1)
    at_least = np.full(len(value), float(draws))
    for k in np.unique(number[number > 0]):
        reference, has_k = totals[:, k - 1], number == k
        at_least[has_k] -= np.searchsorted(np.sort(reference), floor[has_k])
        draw, place_in_draw = np.nonzero(has_k[order[:, :k]])
        own = order[draw, place_in_draw]
        replaced = reference[draw] - value[own] + drawn[draw, k]
        change = (replaced >= floor[own]).astype(np.float64) - (reference[draw] >= floor[own])
        at_least += np.bincount(own, weights=change, minlength=len(value))
    return np.asarray((1.0 + at_least) / (draws + 1.0))


def score_cells(
    counts: npt.ArrayLike, grid: Grid, *, distance_m: float, draws: int = DRAWS, seed: int
) -> pd.DataFrame:
    """Score every study cell by Gi, Gi* and local Moran's I, with permutation p-values.

    Parameters
    ----------
    counts : array-like of float >= 0, shape (cells,)
        Whole incidents per cell, in the order of `grid.study_cells`.
    grid : Grid
    distance_m : float
        Study cells with centres this close are neighbours; at least one cell.
    draws, seed : int
        As for `permutation_p_values`.

    Returns
    -------
    DataFrame, one row per study cell
        `cell_id`, `neighbour_count`, `gi_z`, `gi_star_z`, `moran_i`, `quadrant`, `p_value` (one-sided, of Gi
        and Gi*) and `moran_p_value` (one-sided for high-high; 1 in every other quadrant).

    Raises
    ------
    FlatCountsError
        Every cell has the same count, so no cell can stand out.
    MappingError
        As many counts as study cells are needed; or the distance or the draws are too small.

    Notes
    -----
    z is far from normal where counts are small and many are 0; the p-values do not rely on it. Neither is
    corrected for the number of cells: see `significance.control_fdr`. Given a cell's own count, `p_value`
    speaks of what lies around it: a lone high cell has a high Gi* and an ordinary p-value.
    """
    from scipy.sparse import eye_array

    links = lattice_neighbours(grid, distance_m)
    moran_i, quadrant = local_moran(counts, links)
    p_value = permutation_p_values(counts, links, draws=draws, seed=seed)
    return pd.DataFrame(
        {
            "cell_id": grid.cell_ids(grid.study_cells),
            "neighbour_count": np.diff(links.indptr),
            "gi_z": gi(counts, links),
            "gi_star_z": gi_star(counts, links + eye_array(links.shape[0], format="csr")),
            "moran_i": moran_i,
            "quadrant": quadrant,
            "p_value": p_value,
            "moran_p_value": np.where(quadrant == "high-high", p_value, 1.0),
        }
    )


def _standardise(
    weight: Any, value: FloatArray, mean: FloatArray, spread: FloatArray, others: int
) -> FloatArray:
    """Return (sum - expected sum) / standard deviation under a random order of `others` values."""
    total, squares = _row_sums(weight), _row_sums(weight * weight)
    room = (others * squares - np.square(total)) / (others - 1)
    # A row that weighs all others alike has no freedom left; what rounding leaves of it is no variance.
    variance = np.where(room > 1e-9 * squares, spread * room, 0.0)
    surplus = weight @ value - total * mean
    return np.divide(surplus, np.sqrt(variance), out=np.full(len(value), np.nan), where=variance > 0)


def _row_sums(weight: Any) -> FloatArray:
    return np.asarray(weight.sum(axis=1), dtype=np.float64).ravel()


def _random_orders(size: int, length: int, draws: int, rng: np.random.Generator) -> IntArray:
    """Draw `length` distinct positions out of `size` in random order, `draws` times, shape (draws, length).

    Floyd's sampling, all draws at once, then a shuffle within each (Bentley & Floyd 1987, Communications
    of the ACM, 30(9), 754-757): the cost does not grow with the number of cells.
    """
    chosen = np.empty((draws, length), dtype=np.int64)
    for step, last in enumerate(range(size - length, size)):
        candidate = rng.integers(0, last + 1, size=draws)
        is_taken = (chosen[:, :step] == candidate[:, None]).any(axis=1)
        chosen[:, step] = np.where(is_taken, last, candidate)
    return rng.permuted(chosen, axis=1)
