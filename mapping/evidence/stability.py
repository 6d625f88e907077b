"""Does a map stay where it was, and do its cells lie together."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mapping.hotspots.grid import FloatArray, Grid

NOT_KNOWN = float("nan")


def kept_from_month_to_month(weights: Sequence[FloatArray]) -> tuple[float, float]:
    """Compare the flagged cells of each map with those of the map before it.

    Parameters
    ----------
    weights : sequence of float arrays, shape (cells,)
        How far each map flags each cell (`capture.flag_weights`), the maps drawn a month apart, oldest
        first; all flag as many.

    Returns
    -------
    (jaccard, kept_share)
        Means over consecutive maps: cells flagged in both over cells flagged in either, and the share
        of one month's cells that the next flags too. NaN with fewer than two maps.

    Notes
    -----
    Cells that tie for the last places are taken as chosen among at random, each month anew: with
    weights w, k cells flagged in both are expected to be sum(w1 w2), and Jaccard is
    k / (2 flagged - k). A map that cannot tell its last cells apart is so not called stable for them.

    References
    ----------
    Jaccard, P. (1912). The distribution of the flora in the alpine zone. New Phytologist, 11, 37-50.
    """
    if len(weights) < 2:
        return NOT_KNOWN, NOT_KNOWN
    flagged = float(weights[0].sum())
    both = np.array([(before * after).sum() for before, after in pairwise(weights)])
    return float(np.mean(both / (2 * flagged - both))), float(np.mean(both / flagged))


def clumpiness(weights: FloatArray, grid: Grid) -> float:
    """Say how far flagged cells lie together: -1 as scattered as can be, 0 as by chance, 1 in one block.

    Parameters
    ----------
    weights : float array, shape (study cells,)
        As `capture.flag_weights`: the tied ones (below 1) are chosen among at random.
    grid : Grid

    Returns
    -------
    float
        NaN for a single cell, which can lie neither together nor apart, and where all are flagged.

    Notes
    -----
    CLUMPY of FRAGSTATS, four neighbours, each shared edge counted from both sides: G is the share of
    the flagged cells' edges that touch another flagged cell, less the fewest outer edges that so many
    cells must have, and P the share of cells flagged; (G - P) / (1 - P), or (G - P) / P where G < P < 0.5.
    Edges to cells outside the study area count as edges to cells that are not flagged.

    References
    ----------
    Adepeju, M., Rosser, G. & Cheng, T. (2016). Novel evaluation metrics for sparse spatio-temporal
    point process hotspot predictions. Int. J. Geographical Information Science, 30(11), 2133-2154.
    McGarigal, K., Cushman, S. & Ene, E. (2012). FRAGSTATS v4.
    """
    flagged = round(float(weights.sum()))
    share = flagged / len(weights)
    if flagged < 2 or share >= 1:
        return NOT_KNOWN
    edges = 4 * flagged - _fewest_outer_edges(flagged)
    together = 2 * _expected_pairs(weights, grid) / edges
    below = together < share < 0.5
    return float((together - share) / (share if below else 1 - share))


def _fewest_outer_edges(cells: int) -> int:
    """Return the outer edges of so many cells in the most compact shape."""
    side = int(np.sqrt(cells))
    if cells == side * side:
        return 4 * side
    return 4 * side + 2 if cells <= side * (side + 1) else 4 * side + 4


def _expected_pairs(weights: FloatArray, grid: Grid) -> float:
    """Count the edges that two flagged cells share, expected over the choice among tied cells."""
    lattice = np.zeros(grid.size)
    lattice[grid.study_cells] = weights
    surface = lattice.reshape(grid.rows, grid.columns)
    tied = weights[(weights > 0) & (weights < 1)]
    room, places = len(tied), float(tied.sum())
    # two of the tied cells are both chosen less often than if each were drawn on its own
    both_tied = places * (places - 1) / (room * (room - 1)) if room > 1 else 0.0
    pairs = 0.0
    for one, other in ((surface[:, 1:], surface[:, :-1]), (surface[1:], surface[:-1])):
        doubtful = (one > 0) & (one < 1) & (other > 0) & (other < 1)
        pairs += float((one * other)[~doubtful].sum()) + both_tied * int(doubtful.sum())
    return pairs
