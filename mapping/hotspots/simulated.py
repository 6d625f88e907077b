"""The highest places of maps drawn from the null: what a hotspot's p-value is referred to.

Each map spreads every ward's own total over its tiles (Dirichlet over the cells, even within them)
and gives each incident its months by the whole area's share. All maps share one matrix of discs, so
one product measures every candidate of many maps at once.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from mapping.hotspots.discs import DiscTests, Field, Tiles
from mapping.hotspots.grid import FloatArray, IntArray, sum_by
from mapping.hotspots.null_model import ALIKE
from mapping.hotspots.significance import upper_tail

MAPS: Final = 499
AT_ONCE: Final = 64  # maps measured together, fewer where a map is large: memory stays bounded
DISCS_AT_ONCE: Final = 4_000_000
FIRM: Final = 1e9  # as good as no limit, where one would not be a number
MOST_TESTED: Final = 16  # of a map's discs, those likeliest to be its highest get the exact test


@dataclass(frozen=True)
class Maxima:
    """The smallest p-value that each simulated map holds, shape (maps,) each, ascending."""

    excess: FloatArray
    rise: FloatArray

    def refer(self, tested: DiscTests) -> FloatArray:
        """Return how often a whole map without hotspots shows a place as telling as each, shape (n,).

        The smaller of both kinds, doubled for having looked twice; permutation p-values with the
        plus-one, so never below `2 / (maps + 1)`.

        References
        ----------
        Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical
        Applications in Genetics and Molecular Biology, 9(1), 39.
        Westfall, P. H. & Young, S. S. (1993). Resampling-based multiple testing. Wiley. (Step by the
        smallest p-value of each resample.)
        """
        return np.minimum(
            1.0, 2.0 * np.minimum(_beaten(self.excess, tested.p_excess), _beaten(self.rise, tested.p_rise))
        )


def _beaten(smallest: FloatArray, p_value: FloatArray) -> FloatArray:
    as_telling = np.searchsorted(smallest, p_value * (1 + 1e-9), side="right")
    return np.asarray((1.0 + as_telling) / (1.0 + len(smallest)))


def simulate(
    tiles: Tiles, counts: FloatArray, recent_share: float, *, maps: int = MAPS, seed: int = 0
) -> Maxima:
    """Draw maps from the null and keep the most telling disc of each.

    Parameters
    ----------
    tiles : Tiles
    counts : float array, shape (tiles,)
        Whole incidents; only the totals of the wards are read.
    recent_share : float
        Share of the whole area's incidents that came in the last months.
    maps : int
    seed : int

    Notes
    -----
    Which disc is highest is first told by its deviance, and the exact tail is worked out for the
    `MOST_TESTED` highest of each map.
    """
    rng = np.random.default_rng(seed)
    totals = sum_by(tiles.ward, counts, len(tiles.null.shape)).astype(np.int64)
    field = Field.of(tiles, counts)
    smallest: list[tuple[FloatArray, FloatArray]] = []
    at_once = max(1, min(AT_ONCE, DISCS_AT_ONCE // max(tiles.within.shape[0], 1)))
    for start in range(0, maps, at_once):
        drawn = _draw(tiles, totals, min(at_once, maps - start), rng)
        lately = rng.binomial(drawn, recent_share)
        held = np.asarray(tiles.within @ drawn.astype(np.float32), dtype=np.float64)
        held_lately = np.asarray(tiles.within @ lately.astype(np.float32), dtype=np.float64)
        smallest.append((_least_excess(field, held), _least_rise(held_lately, held, recent_share)))
    return Maxima(*(np.sort(np.concatenate(parts)) for parts in zip(*smallest, strict=True)))


def _draw(tiles: Tiles, totals: IntArray, maps: int, rng: np.random.Generator) -> IntArray:
    """Draw whole maps, shape (tiles, maps)."""
    drawn = np.zeros((len(tiles.key), maps), dtype=np.int64)
    order = np.argsort(tiles.ward, kind="stable")
    for ward, members in _by_ward(tiles.ward[order], order):
        if not totals[ward]:
            continue
        shape = tiles.null.shape[ward]
        weights = np.broadcast_to(tiles.share[members], (maps, len(members)))
        if shape < ALIKE:
            cells, cell = np.unique(tiles.cell[members], return_inverse=True)
            weights = weights * np.maximum(rng.gamma(shape, size=(maps, len(cells))), 1e-300)[:, cell]
        drawn[members] = rng.multinomial(totals[ward], weights / weights.sum(axis=1, keepdims=True)).T
    return drawn


def _by_ward(ward: IntArray, order: IntArray) -> list[tuple[int, IntArray]]:
    wards, first = np.unique(ward, return_index=True)
    return list(zip(wards.tolist(), np.split(order, first[1:]), strict=True))


def _least_excess(field: Field, held: FloatArray) -> FloatArray:
    """Return the smallest p-value of an excess in each map, shape (maps,)."""
    expected = field.expected[:, None]
    firm = (np.minimum(field.firm, FIRM) * field.share)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        deviance = held * np.log(held / expected) - (held + firm) * np.log((held + firm) / (expected + firm))
    deviance = np.where(held > expected, deviance, 0.0)
    at = _highest(deviance)
    return np.asarray(field.tail(np.take_along_axis(held, at, axis=0), at).min(axis=0))


def _least_rise(lately: FloatArray, held: FloatArray, share: float) -> FloatArray:
    """Return the smallest p-value of a rise in each map, shape (maps,)."""
    if not 0 < share < 1:
        return np.ones(held.shape[1])
    before = held - lately
    deviance = _x_log_x(lately) + _x_log_x(before) - _x_log_x(held)
    deviance -= lately * np.log(share) + before * np.log(1 - share)
    deviance = np.where(lately > held * share, deviance, 0.0)
    at = _highest(deviance)
    chosen = upper_tail(np.take_along_axis(lately, at, axis=0), np.take_along_axis(held, at, axis=0), share)
    return np.asarray(chosen.min(axis=0))


def _x_log_x(counts: FloatArray) -> FloatArray:
    """Return n log n of whole numbers, from a table."""
    table = np.arange(int(counts.max(initial=0)) + 1, dtype=np.float64)
    table[1:] *= np.log(table[1:])
    return np.asarray(table[counts.astype(np.int64)])


def _highest(deviance: FloatArray) -> IntArray:
    """Return the rows of the highest of each column, shape (at most `MOST_TESTED`, columns)."""
    most = min(MOST_TESTED, len(deviance))
    by_map = np.ascontiguousarray(deviance.T)  # rows that lie together are partitioned much faster
    return np.argpartition(by_map, -most, axis=1)[:, -most:].T
