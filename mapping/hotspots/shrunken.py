"""A count shrunk towards its surroundings and its ward: empirical Bayes.

A cell's rate is drawn from a gamma distribution about what its surroundings, its ward and the other
categories there would have one expect; its own count then moves the expectation the more, the
more events there are to learn from.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from mapping.hotspots.counting import HALF_LIVES_MONTHS, fade
from mapping.hotspots.grid import FloatArray
from mapping.hotspots.history import History
from mapping.hotspots.mixture import Mixture
from mapping.hotspots.rehearsal import Rehearsal

OWN_PARTS: Final = ("own", "recent", "fading")
STRENGTHS: Final = (0.1, 0.3, 1.0, 3.0, 10.0)
NEVER: Final = math.inf  # the half-life of a count that does not fade


def shrink(prior: FloatArray, counts: FloatArray, span_days: float, strength: float) -> FloatArray:
    """Return the posterior mean rate of a gamma-Poisson model.

    Parameters
    ----------
    prior : float array, shape (n,)
        Events a day expected of each cell before its own count is looked at.
    counts : float array, shape (n,)
        Its own events in `span_days` days.
    strength : float
        Shape of the gamma: 1 over the squared variation of cells about their prior.

    References
    ----------
    Clayton, D. & Kaldor, J. (1987). Empirical Bayes estimates of age-standardized relative risks
    for use in disease mapping. Biometrics, 43, 671-681.
    """
    return np.asarray(prior * (strength + counts) / (strength + prior * span_days))


@dataclass(frozen=True)
class Shrunk:
    """The prior's weights, how strongly cells are held to it, and how fast their own counts fade."""

    prior: Mixture
    strength: float
    half_life_months: float = NEVER

    def __call__(self, history: History, end: int) -> FloatArray:
        """Expect the posterior mean: events a day per study cell."""
        counts, days = fade(history, end, half_life_months=self.half_life_months)
        return shrink(self.prior(history, end), counts, days, self.strength)

    def describe(self) -> str:
        """Say what is shrunk to what."""
        fading = "" if self.half_life_months == NEVER else f"half-life {self.half_life_months:g} months, "
        return f"shrunk ({fading}strength {self.strength:g} towards {self.prior.describe()[6:]})"


def fit_shrunk(rehearsal: Rehearsal) -> tuple[Shrunk, list[FloatArray]]:
    """Fit the prior's weights and the strength on the rehearsed months.

    Returns
    -------
    shrunk : Shrunk
    expected : list of float array
        Events a day per origin. Two numbers were chosen with these months in view; the weights of the
        prior were found without the month that is foretold.
    """
    kept = list(range(len(rehearsal.origins)))
    parts = [k for k, name in enumerate(rehearsal.names) if name not in OWN_PARTS]
    level = rehearsal.level(kept)
    priors = []
    for left_out in kept:
        others = [k for k in kept if k != left_out] or kept
        priors.append(level * (rehearsal.weigh(others, parts) @ rehearsal.rates[left_out][parts]))
    strength, half_life, made = _most_likely(rehearsal, priors)
    names = tuple(rehearsal.names[k] for k in parts)
    prior = Mixture(names, rehearsal.weigh(kept, parts) * level)
    return Shrunk(prior, strength, half_life), made


def _most_likely(rehearsal: Rehearsal, priors: list[FloatArray]) -> tuple[float, float, list[FloatArray]]:
    """Find the strength, then the half-life, then the strength again; also return what they foretold."""

    def expect(strength: float, half_life: float) -> list[FloatArray]:
        made = []
        for origin, prior in zip(rehearsal.origins, priors, strict=True):
            counts, days = fade(rehearsal.history, origin, half_life_months=half_life)
            made.append(shrink(prior, counts, days, strength))
        return made

    def likelihood(strength: float, half_life: float) -> float:
        return rehearsal.likelihood(expect(strength, half_life))

    strength = max(STRENGTHS, key=lambda value: likelihood(value, NEVER))
    half_life = max((NEVER, *HALF_LIVES_MONTHS), key=lambda value: likelihood(strength, value))
    if half_life != NEVER:
        strength = max(STRENGTHS, key=lambda value: likelihood(value, half_life))
    return strength, half_life, expect(strength, half_life)
