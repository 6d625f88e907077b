"""A ranking that a map of hotspots is usually drawn by, made as strong as it can be: density clusters.

Unlike the product's own row for analysts it tells the cells of one cluster apart by their counts, and
those in none, so that it is no easier to beat than it has to be.
"""

from typing import Final

import numpy as np

from mapping.hotspots.grid import FloatArray, sum_by
from mapping.hotspots.scoring import History

EPS_CELLS: Final = 1.5  # the eight cells around
FEWEST_IN_REACH: Final = 5


def dbscan(history: History, end: int) -> FloatArray:
    """Rank study cells by the density of their DBSCAN cluster, and within it by their own count.

    Cells stand for the points in them; a core cell has at least five events, or a thousandth of all, in
    itself and the eight around it. Noise comes after every cluster, by its own count.
    """
    from sklearn.cluster import DBSCAN

    counts = history.own_placed(0, end)[history.study]
    held = np.flatnonzero(counts)
    row, column = np.divmod(history.study[held], history.grid.columns)
    least = max(FEWEST_IN_REACH, int(np.ceil(counts.sum() / 1000)))
    found = DBSCAN(eps=EPS_CELLS, min_samples=least).fit(
        np.column_stack([row, column]), sample_weight=counts[held]
    )
    label = found.labels_
    scores = counts / (counts.max() + 1.0)  # below 1, and below every cluster's density
    clustered = label >= 0
    if clustered.any():
        size = int(label.max()) + 1
        density = sum_by(label[clustered], counts[held][clustered], size) / np.bincount(label[clustered])
        rank = np.argsort(np.argsort(density, kind="stable"), kind="stable") + 1.0
        scores[held[clustered]] += rank[label[clustered]]
    return np.asarray(scores)
