"""How far luck alone could have moved what a map held: events drawn again, for all maps at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mapping.hotspots.grid import FloatArray, IntArray, sum_by

DRAWS: Final = 2000
LEVEL: Final = 0.95


@dataclass(frozen=True)
class Flagged:
    """What several maps flagged before one test, and what then came.

    Attributes
    ----------
    weights : float array, shape (maps, cells)
        How far each map flags each cell, 0-1, as `capture.flag_weights`.
    events : float array, shape (cells,)
        Whole events that followed.
    total : float
        All events that count, those in no cell included.
    """

    weights: FloatArray
    events: FloatArray
    total: float


def draw_hits(tests: Sequence[Flagged], *, seed: int, draws: int = DRAWS) -> FloatArray:
    """Draw the events of each test again with replacement, and add up what every map then holds.

    All maps are judged on the same draw, so differences between columns are paired. Events in cells
    that all maps flag alike are as good as one another, so their number is drawn and not each event:
    the same distribution, in a handful of draws a test.

    Returns
    -------
    float array, shape (draws, maps)
        Hits over all tests together.

    Notes
    -----
    Events are taken as independent. Reports come in clusters, so the true doubt is somewhat wider.

    References
    ----------
    Efron, B. & Tibshirani, R. (1993). An introduction to the bootstrap. Chapman & Hall.
    """
    rng = np.random.default_rng(seed)
    hits = np.zeros((draws, len(tests[0].weights)))
    for test in tests:
        whole = round(test.total)
        held = test.events > 0
        if whole == 0 or not held.any():
            continue
        kinds, kind_of = _kinds(test.weights[:, held])
        came = sum_by(kind_of, test.events[held], kinds.shape[1])
        chances = np.append(came, max(whole - came.sum(), 0.0))
        drawn = rng.multinomial(whole, chances / chances.sum(), size=draws)[:, :-1]
        hits += drawn @ kinds.T
    return hits


def _kinds(weights: FloatArray) -> tuple[FloatArray, IntArray]:
    """Find the cells that all maps flag alike: one column of each kind, and each cell's kind."""
    code = np.zeros(weights.shape[1], dtype=np.int64)
    for of_map in weights:
        values, at = np.unique(of_map, return_inverse=True)
        code = code * len(values) + at
    _, first, kind_of = np.unique(code, return_index=True, return_inverse=True)
    return weights[:, first], kind_of


def interval(drawn: FloatArray) -> tuple[float, float]:
    """Return the middle 95 % of what was drawn."""
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
