"""The usual tools as rankings of cells, so that an analyst sees them beside ours.

They order cells and foretell no number of events: they can be judged by hits, not by calibration.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from mapping.hotspots.clusters import NOISE, Points, find_clusters
from mapping.hotspots.grid import FloatArray, IntArray, sum_by
from mapping.hotspots.local_statistics import cell_gi_star
from mapping.hotspots.scoring import History

LEAST_IN_REACH: Final = 5
DENSER_THAN_MEAN: Final = 3.0


def rank_gi_star(history: History, end: int) -> FloatArray:
    """Score study cells by Gi* of their counts before month `end`: 3 x 3 cells, each weighing one.

    Cells outside the study area are no neighbours and not zero. Where all counts are the same no cell
    stands out, and each scores nought.

    Returns
    -------
    float array, shape (study cells,)
        z, in standard deviations.

    References
    ----------
    Ord, J. K. & Getis, A. (1995). Local spatial autocorrelation statistics. Geographical Analysis,
    27(4), 286-306.
    """
    return np.nan_to_num(cell_gi_star(history.own(0, end)[history.study], history.grid))


def rank_dbscan(history: History, end: int) -> FloatArray:
    """Score study cells by the density of the DBSCAN cluster they lie in, before month `end`.

    Whole events lie in the middle of their cells; reach is 1.5 cells, so a cell and the eight around
    it. A core has at least five events in reach and three times what the mean cell would put there.

    Returns
    -------
    float array, shape (study cells,)
        Events per cell of the cluster; cells of one cluster tie, and cells in none score nought.

    References
    ----------
    Ester, M., Kriegel, H.-P., Sander, J. & Xu, X. (1996). A density-based algorithm for discovering
    clusters. KDD-96, 226-231.
    """
    counts = history.own_placed(0, end)[history.study]
    held = np.flatnonzero(counts)
    scores = np.zeros(len(counts))
    if len(held) == 0:
        return scores
    east, north = history.grid.centres(history.study[held])
    points = Points(east, north, counts[held].astype(np.int64), np.empty(0, np.int64))
    least = max(float(LEAST_IN_REACH), DENSER_THAN_MEAN * 9 * float(counts.mean()))
    cluster, _ = find_clusters(points, counts[held], eps_m=1.5 * history.grid.cell_size_m, min_weight=least)
    scores[held] = _density(cluster, counts[held])
    return scores


def _density(cluster: IntArray, counts: FloatArray) -> FloatArray:
    at = cluster - NOISE  # noise becomes 0
    events, cells = sum_by(at, counts, int(at.max()) + 1), sum_by(at, np.ones(len(at)), int(at.max()) + 1)
    density = events / np.maximum(cells, 1.0)
    density[0] = 0.0
    return np.asarray(density[at])


RANKINGS: Final[dict[str, Callable[[History, int], FloatArray]]] = {
    "Gi*": rank_gi_star,
    "DBSCAN": rank_dbscan,
}
