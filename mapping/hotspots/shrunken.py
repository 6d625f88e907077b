"""A count shrunk towards its surroundings and its ward: empirical Bayes.

A cell's rate is drawn from a gamma distribution about what its surroundings, its ward and the other
categories there would have one expect; its own count then moves the expectation the more, the
more events there are to learn from.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from mapping.hotspots.grid import FloatArray
from mapping.hotspots.history import History
from mapping.hotspots.mixture import Mixture
from mapping.hotspots.rehearsal import Rehearsal

OWN_PARTS: Final = ("own", "recent", "fading")
STRENGTHS: Final = (0.1, 0.3, 1.0, 3.0, 10.0)


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
    """The prior's weights and how strongly cells are held to it."""

    prior: Mixture
    strength: float

    def __call__(self, history: History, end: int) -> FloatArray:
        """Expect the posterior mean: events a day per study cell."""
        counts = history.own(0, end)[history.study]
        return shrink(self.prior(history, end), counts, history.span(0, end), self.strength)

    def describe(self) -> str:
        """Say what is shrunk to what."""
        return f"shrunk (strength {self.strength:g} towards {self.prior.describe()[6:]})"

    def as_dict(self) -> dict[str, Any]:
        """Return what can be written as JSON."""
        return {"prior": self.prior.as_dict(), "strength": self.strength}


def fit_shrunk(rehearsal: Rehearsal) -> tuple[Shrunk, list[FloatArray]]:
    """Fit the prior's weights and the strength on the rehearsed months.

    Returns
    -------
    shrunk : Shrunk
    expected : list of float array
        Events a day per origin. One number was chosen with these months in view; the weights of the
        prior were found without the month that is foretold.
    """
    history = rehearsal.history
    kept = list(range(len(rehearsal.origins)))
    parts = [k for k, name in enumerate(rehearsal.names) if name not in OWN_PARTS]
    level = rehearsal.level(kept)
    priors = []
    for left_out in kept:
        others = [k for k in kept if k != left_out] or kept
        priors.append(level * (rehearsal.weigh(others, parts) @ rehearsal.rates[left_out][parts]))
    counts = [
        history.own(0, o)[history.study] * inside
        for o, inside in zip(rehearsal.origins, rehearsal.inside, strict=True)
    ]
    spans = [history.span(0, o) for o in rehearsal.origins]
    made = {
        strength: [shrink(p, c, t, strength) for p, c, t in zip(priors, counts, spans, strict=True)]
        for strength in STRENGTHS
    }
    best = max(STRENGTHS, key=lambda strength: rehearsal.likelihood(made[strength]))
    names = tuple(rehearsal.names[k] for k in parts)
    return Shrunk(Mixture(names, rehearsal.weigh(kept, parts) * level), best), made[best]
