"""The rankings that a map of hotspots is usually drawn by: Gi* and clusters of density."""

from typing import Final

import numpy as np

from mapping.hotspots.grid import FloatArray, sum_by
from mapping.hotspots.scoring import History

EPS_CELLS: Final = 1.5  # the eight cells around
FEWEST_IN_REACH: Final = 5


def gi_star(history: History, end: int) -> FloatArray:
    """Rank study cells by Getis-Ord Gi* of their whole counts, each with the study cells around it."""
    from scipy.ndimage import uniform_filter

    grid, study = history.grid, history.study
    counts = history.own_placed(0, end)
    inside = np.zeros(grid.size)
    inside[study] = 1.0

    def around(values: FloatArray) -> FloatArray:
        surface = (values * inside).reshape(grid.rows, grid.columns)
        return np.asarray(uniform_filter(surface, 3, mode="constant") * 9).ravel()[study]

    held, neighbours, n = around(counts), np.round(around(inside)), len(study)
    mean, deviation = counts[study].mean(), counts[study].std()
    below = deviation * np.sqrt(np.maximum((n * neighbours - neighbours**2) / (n - 1), 1e-12))
    return np.asarray((np.round(held) - mean * neighbours) / below)


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
