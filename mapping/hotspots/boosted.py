"""Boosted trees that correct another method: a gradient-boosted Poisson model with that as its offset.

A weighted sum cannot say "other thefts count for more where this category was seen too". The trees
learn by what factor `mixed` or `shrunk` (whichever was likelier) should be raised or lowered, from
the rates of the category and of all categories at several reaches and ages. They are fitted on the
rehearsed months in two halves of the map's blocks, so that each half is foretold by trees that
never saw it, and how far their word is taken is chosen by the likelihood of those forecasts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from mapping.hotspots.grid import FloatArray, IntArray
from mapping.hotspots.history import History, Scorer, smooth
from mapping.hotspots.rehearsal import Rehearsal

MOST_ROWS: Final = 72_000  # of training, over all origins
MOST_CELLS: Final = 12_000  # corrected at each origin: those of which most is expected
BLOCK_CELLS: Final = 8  # blocks of 8 x 8 cells fall into one half or the other
TREES: Final = 60
LEAVES: Final = 6
LEARNING_RATE: Final = 0.08
HELD_BACK_EVENTS: Final = 40.0  # a leaf's factor is held to 1 as if by so many events
SMALLEST_LEAF: Final = 50
BINS: Final = 64  # per feature; weighted quantiles of 255 took longer to find than the trees to grow
DAMPINGS: Final = (0.25, 0.5, 0.75, 1.0)
YEAR_MONTHS: Final = 12

# Reaches in metres (0 is the cell itself) and the ages, in months back, looked at with each.
REACHES: Final[dict[int, tuple[int, ...]]] = {
    0: (1, 3, 6, 12), 100: (3, 12), 200: (3, 12), 400: (3, 12), 800: (12,),
}  # fmt: skip


class _Rates:
    """Smoothed running totals, each made once: a window's is the difference of two."""

    def __init__(self, history: History) -> None:
        self.history = history
        self._kept: dict[tuple[bool, int, int], FloatArray] = {}

    def rate(self, own: bool, reach_m: int, first: int, end: int) -> FloatArray:
        """Return events a day in a window, per study cell; kernels of `reach_m`, 0 for none."""
        held = self._until(own, reach_m, end) - (self._until(own, reach_m, first) if first else 0.0)
        return np.asarray(held / max(self.history.span(first, end), 1.0))

    def _until(self, own: bool, reach_m: int, end: int) -> FloatArray:
        key = (own, reach_m, end)
        if key not in self._kept:
            history = self.history
            counts = history.own(0, end) if own else history.everything(0, end)
            surface = smooth(counts, history.grid, reach_m) if reach_m else counts
            self._kept[key] = surface[history.study]
        return self._kept[key]


def features(rates: _Rates, end: int, expected: FloatArray, cells: IntArray) -> FloatArray:
    """Describe `cells` as they stood before month `end`, shape (cells, features).

    Rates are relative to the mean of the study area, so that the same trees serve at another level.
    """
    history = rates.history
    made = [np.log(np.maximum(expected[cells] / expected.mean(), 1e-9))]
    for own in (True, False) if history.has_others else (True,):
        mean = max(float(rates.rate(own, 0, 0, end).mean()), 1e-300)
        for reach_m, ages in REACHES.items():
            starts = [*(max(0, end - age) for age in ages), 0]
            made += [rates.rate(own, reach_m, start, end)[cells] / mean for start in starts]
        made.append(_months_active(history, own, end)[cells])
    made.append(_a_year_ago(history, end)[cells])
    return np.column_stack(made)


def _months_active(history: History, own: bool, end: int) -> FloatArray:
    """Return the share of the last twelve months with data in which each cell held an event."""
    months = [m for m in range(max(0, end - YEAR_MONTHS), end) if history.days[m] > 0]
    count = history.own_placed if own else history.everything_placed
    held = [count(m, m + 1)[history.study] > 0 for m in months]
    return np.asarray(np.mean(held, axis=0) if held else np.zeros(len(history.study)))


def _a_year_ago(history: History, end: int) -> FloatArray:
    """Count own events near each cell in the same month a year ago; nought where it is not known."""
    month = end - YEAR_MONTHS
    if month < 0:
        return np.zeros(len(history.study))
    return smooth(history.own(month, month + 1), history.grid, 100.0)[history.study]


@dataclass(frozen=True)
class Boosted:
    """What is corrected, the trees of both halves, and how far their word is taken (0-1)."""

    base: Scorer
    trees: tuple[Any, ...]
    damping: float

    def __call__(self, history: History, end: int) -> FloatArray:
        """Expect what is corrected times the trees' factor: events a day per study cell."""
        expected = self.base(history, end)
        cells = _corrected(expected, MOST_CELLS)
        described = features(_Rates(history), end, expected, cells)
        factor = np.mean([np.log(tree.predict(described)) for tree in self.trees], axis=0)
        return _times(expected, cells, self.damping * factor)

    def describe(self) -> str:
        """Say what is corrected, and how far."""
        describe = getattr(self.base, "describe", None)
        return f"boosted ({self.damping:g} of the trees' correction of {describe() if describe else 'count'})"


def _corrected(expected: FloatArray, most: int) -> IntArray:
    """Return the cells of which most is expected, at most so many, none of which nothing is."""
    order = np.argsort(-expected, kind="stable")[:most]
    return np.sort(order[expected[order] > 0])


def _times(expected: FloatArray, cells: IntArray, log_factor: FloatArray) -> FloatArray:
    """Multiply some cells; their sum stays, because the level is not the trees' to set."""
    made = expected.copy()
    made[cells] *= np.exp(log_factor)
    made[cells] *= expected[cells].sum() / max(float(made[cells].sum()), 1e-300)
    return made


def halves(history: History) -> IntArray:
    """Say of each study cell in which half of the map's blocks it lies: 0 or 1, as a chessboard."""
    row, column = np.divmod(history.study, history.grid.columns)
    return np.asarray((row // BLOCK_CELLS + column // BLOCK_CELLS) % 2)


def can_boost(rehearsal: Rehearsal) -> bool:
    """Say whether events came in both halves of the map, so that each can teach the other."""
    half = halves(rehearsal.history)
    came = np.sum(rehearsal.events, axis=0)
    return bool(came[half == 0].any() and came[half == 1].any())


def fit_boosted(
    rehearsal: Rehearsal, base: Scorer, foretold: Sequence[FloatArray], *, seed: int = 0
) -> tuple[Boosted, list[FloatArray]]:
    """Fit the trees on the rehearsed months.

    Parameters
    ----------
    rehearsal : Rehearsal
    base : callable
        The fitted method that is corrected.
    foretold : list of float array
        What it foretold of each origin, events a day.
    seed : int
        For scikit-learn's binning; the same seed gives the same trees.

    Returns
    -------
    boosted : Boosted
    expected : list of float array
        Events a day per origin, each half foretold by the trees of the other.

    References
    ----------
    Friedman, J. (2001). Greedy function approximation: a gradient boosting machine. Annals of
    Statistics, 29, 1189-1232.
    """
    history, half = rehearsal.history, halves(rehearsal.history)
    rates = _Rates(history)
    most = min(MOST_CELLS, MOST_ROWS // len(rehearsal.origins))
    cells = [_corrected(expected, most) for expected in foretold]
    described = [
        features(rates, o, expected, chosen)
        for o, expected, chosen in zip(rehearsal.origins, foretold, cells, strict=True)
    ]
    offset = np.concatenate(
        [
            expected[chosen] * history.days[o]
            for o, expected, chosen in zip(rehearsal.origins, foretold, cells, strict=True)
        ]
    )
    came = np.concatenate([events[chosen] for events, chosen in zip(rehearsal.events, cells, strict=True)])
    side = half[np.concatenate(cells)]
    rows = np.concatenate(described)
    trees = tuple(_grow(rows[side == k], came[side == k], offset[side == k], seed) for k in (0, 1))
    log_factor = np.empty(len(rows))
    for k in (0, 1):
        log_factor[side == k] = np.log(trees[1 - k].predict(rows[side == k]))
    parts = np.split(log_factor, np.cumsum([len(chosen) for chosen in cells])[:-1])
    made = {
        damping: [
            _times(expected, chosen, damping * part)
            for expected, chosen, part in zip(foretold, cells, parts, strict=True)
        ]
        for damping in DAMPINGS
    }
    best = max(DAMPINGS, key=lambda damping: rehearsal.likelihood(made[damping]))
    return Boosted(base, trees, best), made[best]


def _grow(rows: FloatArray, came: FloatArray, offset: FloatArray, seed: int) -> Any:
    """Fit trees for `came` over `offset`, weighted by `offset`: a Poisson model with that offset."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    model = HistGradientBoostingRegressor(
        loss="poisson", max_iter=TREES, learning_rate=LEARNING_RATE, max_leaf_nodes=LEAVES,
        min_samples_leaf=SMALLEST_LEAF, l2_regularization=HELD_BACK_EVENTS, early_stopping=False,
        max_bins=BINS, random_state=seed,
    )  # fmt: skip
    # The trees are small: threads that wait for one another on a busy machine cost more than they save.
    with threadpool_limits(1):
        return model.fit(rows, came / offset, sample_weight=offset)
