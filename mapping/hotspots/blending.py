"""The geometric mean of several methods: where they differ by chance, the chance partly cancels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mapping.hotspots.grid import FloatArray
from mapping.hotspots.history import History, Scorer

FLOOR: Final = 1e-6  # of a method's mean: one that expects nothing of a cell does not veto it for ever


def blend(expected: Sequence[FloatArray]) -> FloatArray:
    """Average several methods' expectations of each cell on the log scale; their mean total stays.

    Parameters
    ----------
    expected : sequence of float array, shape (n,)
        Events a day.
    """
    logs = [np.log(np.maximum(one, FLOOR * one.mean() + 1e-300)) for one in expected]
    made = np.exp(np.mean(logs, axis=0))
    total = float(np.mean([one.sum() for one in expected]))
    return np.asarray(made * (total / max(float(made.sum()), 1e-300)))


@dataclass(frozen=True)
class Blend:
    """Several fitted methods, averaged."""

    names: tuple[str, ...]
    scorers: tuple[Scorer, ...]

    def __call__(self, history: History, end: int) -> FloatArray:
        """Expect the blend of what each expects: events a day per study cell."""
        return blend([scorer(history, end) for scorer in self.scorers])

    def describe(self) -> str:
        """Say what is averaged."""
        return f"blend of {', '.join(self.names)}"
