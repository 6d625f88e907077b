"""Which rows of the same name are one street or place, and which are two of the same name."""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

# Rows of one name whose nearest other lies this close are one street. Of the 6,550 named anchor points of
# Teesside with another of their name, the distance to the nearest falls from 17 a hundred metres (0-400 m)
# to 4 between 500 and 600 m, the fewest anywhere, and rises again as other streets of the name come in.
CHAIN_M: Final = 600.0
SAME_SPOT_M: Final = 1.0  # for names of kinds of places: every spot is its own
_AT_ONCE: Final = 100_000  # rows
_TILE_M: Final = 3_000_000.0  # wider than the country, so that names never meet on the sheet below


def chains(group: Numbers, box: Floats, reach: Floats) -> Numbers:
    """Say which rows belong together.

    Parameters
    ----------
    group : array of int, shape (n,)
        Rows of one name and kind have one number; only those can belong together.
    box : array, shape (n, 4), EPSG:27700
        West, south, east, north of each row; a point is a box without size.
    reach : array, shape (n,)
        Largest gap in metres between two boxes that are next to each other in a chain; one value a group.

    Returns
    -------
    array of int, shape (n,)
        The number of each row's chain, numbered by their first row.
    """
    size = np.bincount(group)
    several = np.flatnonzero(size[group] > 1)
    several = several[np.argsort(group[several], kind="stable")]
    pairs = [_near(group[part], box[part], reach[part], part) for part in _batches(several, group)]
    first, second = np.concatenate([*pairs, np.empty((2, 0), np.int64)], axis=1)
    links = coo_array((np.ones(len(first), bool), (first, second)), shape=(len(group), len(group)))
    _, labels = connected_components(links, directed=False)
    _, first_row, label = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first_row), dtype=np.int64)
    rank[np.argsort(first_row)] = np.arange(len(first_row))
    return rank[label]


def _batches(rows: Numbers, group: Numbers) -> list[Numbers]:
    """Cut rows sorted by group into batches that fit in little memory, never through a group."""
    borders = np.flatnonzero(np.diff(group[rows])) + 1
    wanted = np.searchsorted(borders, np.arange(_AT_ONCE, len(rows), _AT_ONCE))
    cuts = np.unique(borders[wanted[wanted < len(borders)]])
    return [part for part in np.split(rows, cuts) if len(part)]


def _near(group: Numbers, box: Floats, reach: Floats, row: Numbers) -> Numbers:
    """Return the pairs of rows of one group whose boxes are within reach of each other, shape (2, p).

    Every group is laid out on a tile of its own, so that one tree finds the pairs of all of them.
    """
    _, tile = np.unique(group, return_inverse=True)
    across = int(np.ceil(np.sqrt(tile.max() + 1)))
    shift = np.column_stack((tile % across, tile // across)) * _TILE_M
    half = reach[:, None] / 2
    corners = np.stack((box[:, :2] + shift - half, box[:, 2:] + shift + half), axis=1)
    tree = shapely.STRtree(shapely.linestrings(corners))
    first, second = tree.query(tree.geometries)
    is_pair = first < second
    first, second = first[is_pair], second[is_pair]
    gap_x = np.maximum(box[first, 0] - box[second, 2], box[second, 0] - box[first, 2]).clip(min=0)
    gap_y = np.maximum(box[first, 1] - box[second, 3], box[second, 1] - box[first, 3]).clip(min=0)
    is_near = np.hypot(gap_x, gap_y) <= reach[first]
    return row[np.stack((first[is_near], second[is_near]))]
