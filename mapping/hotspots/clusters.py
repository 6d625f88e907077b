"""Density clusters on collapsed points.

Reports pile up on the same coordinates (an address, a snap point), so points are collapsed
first and carry their number of incidents as a weight: the same answer as clustering every
incident, without the memory that repeated points cost.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.hotspots.grid import FloatArray, IntArray, sum_by

NOISE: Final = -1


@dataclass(frozen=True)
class Points:
    """Distinct coordinates that hold incidents.

    Attributes
    ----------
    easting_m, northing_m : float arrays, shape (n,), EPSG:27700, sorted by easting then northing
    count : int array, shape (n,)
        Whole incidents at each.
    point_of : int array, shape (incidents,)
        Which point each incident lies on.
    """

    easting_m: FloatArray
    northing_m: FloatArray
    count: IntArray
    point_of: IntArray

    @property
    def xy(self) -> FloatArray:
        """Coordinates as rows, shape (n, 2)."""
        return np.column_stack([self.easting_m, self.northing_m])

    def add_up(self, values: npt.ArrayLike) -> FloatArray:
        """Add up one value per incident to one per point, shape (n,)."""
        return sum_by(self.point_of, values, len(self.count))

    def incidents_at(self, members: IntArray) -> IntArray:
        """Return the rows of the incidents that lie on the points `members`, in ascending order."""
        starts = np.concatenate([[0], np.cumsum(self.count)])
        rows = [self._by_point[starts[m] : starts[m + 1]] for m in members.tolist()]
        return np.sort(np.concatenate(rows)) if rows else np.empty(0, np.int64)

    @cached_property
    def _by_point(self) -> IntArray:
        return np.argsort(self.point_of, kind="stable")

    def first(self, values: npt.ArrayLike) -> npt.NDArray[np.generic]:
        """Take the value of each point's first incident, shape (n,)."""
        _, at = np.unique(self.point_of, return_index=True)
        return np.asarray(values)[at]


def collapse(incidents: pd.DataFrame) -> Points:
    """Collapse located incidents to their distinct coordinates.

    Parameters
    ----------
    incidents : DataFrame with `easting_m` and `northing_m`, EPSG:27700, none missing
    """
    xy = incidents[["easting_m", "northing_m"]].to_numpy(dtype=np.float64)
    if len(xy) == 0:
        empty = np.empty(0)
        return Points(empty, empty, np.empty(0, np.int64), np.empty(0, np.int64))
    distinct, point_of, count = np.unique(xy, axis=0, return_inverse=True, return_counts=True)
    return Points(distinct[:, 0], distinct[:, 1], count.astype(np.int64), point_of.ravel().astype(np.int64))


def find_clusters(
    points: Points, weights: npt.ArrayLike, *, eps_m: float, min_weight: float
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Group points that lie in dense surroundings (DBSCAN on weighted points).

    Parameters
    ----------
    points : Points
        Already in a fixed order, so border points fall the same way every time.
    weights : float array, shape (n,)
        What lies on each point: its incidents, or the events foretold there.
    eps_m : float
        Reach of a point, metres.
    min_weight : float
        Weight, its own included, that must lie in a point's reach to make it a core point.

    Returns
    -------
    cluster_id : int array, shape (n,)
        `NOISE` where a point is in no cluster.
    is_core : bool array, shape (n,)

    References
    ----------
    Ester, M., Kriegel, H.-P., Sander, J. & Xu, X. (1996). A density-based algorithm for
    discovering clusters. KDD-96, 226-231.
    """
    from sklearn.cluster import DBSCAN

    is_core = np.zeros(len(points.count), dtype=bool)
    if len(points.count) == 0:
        return np.empty(0, np.int64), is_core
    if not np.any(np.asarray(weights) > 0):  # nothing is foretold of any of them
        return np.full(len(points.count), NOISE, dtype=np.int64), is_core
    # scikit-learn wants a whole number of samples, so weights are counted in thousandths of it.
    shares = np.asarray(weights, dtype=np.float64) * 1000 / min_weight
    # Rounding must not keep a sum that is exactly enough below it, nor depend on the order of adding.
    fitted = DBSCAN(eps=eps_m, min_samples=1000).fit(points.xy, sample_weight=np.round(shares, 6) + 1e-5)
    is_core[fitted.core_sample_indices_] = True
    return fitted.labels_.astype(np.int64), is_core
