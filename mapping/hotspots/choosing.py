"""Choose how to score by what would have held in the months already seen, and say why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from mapping.errors import MappingError, TooLittleDataError
from mapping.hotspots import intervals
from mapping.hotspots.blending import Blend, blend
from mapping.hotspots.boosted import can_boost, fit_boosted
from mapping.hotspots.capture import (
    AREA_SHARES,
    Capture,
    Flagged,
    flag,
    gain_of,
    judged_shares,
    measure,
    pool,
)  # fmt: skip
from mapping.hotspots.counting import (
    HALF_LIVES_MONTHS,
    KERNEL_BANDWIDTHS_M,
    Fading,
    Kernel,
    kernel_name,
    score_count,
)  # fmt: skip
from mapping.hotspots.grid import FloatArray
from mapping.hotspots.history import History, Scorer
from mapping.hotspots.levels import Level, Levelled, choose_level
from mapping.hotspots.rehearsal import Rehearsal
from mapping.hotspots.shrunken import fit_shrunk

METHODS: Final = ("auto", "count", "kernel", "recency", "shrunk", "mixed", "boosted", "blend")
KERNELS: Final = tuple(kernel_name(bandwidth_m) for bandwidth_m in KERNEL_BANDWIDTHS_M)
# From the plainest to the one that learns most.
LADDER: Final = ("count", *KERNELS, "recency", "shrunk", "mixed", "boosted", "blend")
LOSES_BY: Final = 1.0  # standard errors below the plain count at one share that forbid a choice
WORTH_LEAVING: Final = 0.01  # PEI by which a method must beat the plain count, which anyone can check
FEWEST_TO_BOOST: Final = 150  # events in the rehearsed months


@dataclass(frozen=True)
class Candidate:
    """One method, fitted, and what it foretold of each rehearsed month."""

    scorer: Scorer
    forecasts: list[FloatArray]

    def describe(self, name: str) -> str:
        """Return the method with its numbers."""
        describe = getattr(self.scorer, "describe", None)
        return str(describe()) if describe else name


@dataclass(frozen=True)
class Choice:
    """The method that draws the map, and why.

    Attributes
    ----------
    method : str
        `count`, `kernel 150 m` ... or a name of `METHODS`.
    description : str
        The method with its weights.
    reason : str
        One sentence.
    scorer : callable
        History and month to events a day per study cell, their level set by `level`.
    rehearsed : list of (method, Capture)
        What each method held of the rehearsed months together.
    level : Level, optional
        What sets the total.
    errors : intervals.Errors, optional
        How far off the rehearsed months were, in all and by tenths of what was expected.
    """

    method: str
    description: str
    reason: str
    scorer: Scorer
    rehearsed: list[tuple[str, Capture]]
    level: Level | None = None
    errors: intervals.Errors | None = field(default=None, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return what can be written as JSON, and given to `choose` as `kept` in the same month."""
        return {"method": self.method, "level": self.level.way if self.level else "", "reason": self.reason}

    def interval(self, history: History, end: int, days: float, *, level: float = 0.9) -> pd.DataFrame:
        """Return what is expected in the coming `days`, and between what and what it will lie.

        Returns
        -------
        DataFrame
            As `intervals.COLUMNS`: `total`, then tenths of what is expected, the hottest cells first.
        """
        expected = self.scorer(history, end) * days
        return intervals.interval(expected, self.errors or intervals.Errors.none(), level=level)


def choose(
    history: History, *, method: str = "auto", seed: int = 0, kept: Mapping[str, Any] | None = None
) -> Choice:
    """Choose how to score, by what would have held in the months already seen.

    A method may take the place of the plain count if its PEI over the rehearsed months is higher by more
    than the error of that difference and by a hundredth at least, and if it is not clearly lower at
    any single share of the area. Of those that may, `auto` takes the one whose PEI was highest; with none,
    it counts.
    Only whole months are looked at, so the choice is the same until a month has ended.

    Parameters
    ----------
    history : History
    method : str
        One of `METHODS`; `kernel` is the best of its bandwidths.
    seed : int
        For the boosted trees.
    kept : mapping, optional
        What an earlier choice returned by `as_dict`: its method and level are used again, fitted
        anew, and nothing is compared.

    Raises
    ------
    MappingError
        The method has no such name.
    TooLittleDataError
        There is nothing to foretell from, or too few months for the method that was asked for.
    """
    if method not in METHODS:
        raise MappingError(f"'{method[:30]}' is not a method; choose one of {', '.join(METHODS)}.")
    if not history.is_own.any():
        raise TooLittleDataError(
            "No incident of these categories lies on the grid, so nothing can be foretold."
        )
    whole = history.until(history.whole_months())
    level = choose_level(whole, kept=str(kept.get("level", "")) if kept else "")
    try:
        rehearsal = Rehearsal(whole)
    except TooLittleDataError:
        if method not in ("auto", "count"):
            raise
        reason = "Too few months to compare methods, so what happened before is counted."
        return Choice("count", "count", reason, Levelled(score_count, level), [], level)
    if method not in ("auto", "count", "kernel") and len(rehearsal.origins) < 2:
        raise TooLittleDataError(
            f"`{method}` needs at least four months of data to fit its weights; use `count`."
        )
    asked = str(kept["method"]) if kept and method == "auto" and kept.get("method") in LADDER else method
    candidates = _fit(rehearsal, asked, seed)
    return _chosen(rehearsal, candidates, asked, level, str(kept.get("reason", "")) if kept else "")


def _fit(rehearsal: Rehearsal, method: str, seed: int) -> dict[str, Candidate]:
    """Fit the methods that are to be compared with `method`, in the order of the ladder."""
    wanted: Sequence[str] = (
        LADDER if method == "auto" else {"kernel": ("count", *KERNELS)}.get(method, ("count", method))
    )
    origins = rehearsal.origins
    fixed: dict[str, Scorer] = {"count": score_count}
    fixed |= {kernel_name(bandwidth_m): Kernel(bandwidth_m) for bandwidth_m in KERNEL_BANDWIDTHS_M}
    made = {
        name: Candidate(scorer, rehearsal.foretell(scorer))
        for name, scorer in fixed.items()
        if name in wanted
    }
    if "recency" in wanted:
        made["recency"] = _fit_fading(rehearsal)
    if len(origins) < 2:
        return made
    return made | _fit_learned(rehearsal, wanted, seed)


def _fit_learned(rehearsal: Rehearsal, wanted: Sequence[str], seed: int) -> dict[str, Candidate]:
    """Fit those of the methods that learn which are wanted, and those that these are built on."""
    made: dict[str, Candidate] = {}
    built_on = {"boosted", "blend"} & set(wanted)
    if "shrunk" in wanted or built_on:
        made["shrunk"] = Candidate(*fit_shrunk(rehearsal))
    if "mixed" in wanted or built_on:
        places = range(len(rehearsal.origins))
        foretold = [rehearsal.fit(without=k).weights @ rehearsal.rates[k] for k in places]
        made["mixed"] = Candidate(rehearsal.fit(), foretold)
    enough = sum(float(came.sum()) for came in rehearsal.events) >= FEWEST_TO_BOOST
    asked = tuple(wanted)[-1] == "boosted"
    if asked and not can_boost(rehearsal):
        raise TooLittleDataError("`boosted` needs events in more than one corner of the map; use `mixed`.")
    if asked or (built_on and enough and can_boost(rehearsal)):
        base = max(("mixed", "shrunk"), key=lambda name: rehearsal.likelihood(made[name].forecasts))
        made["boosted"] = Candidate(
            *fit_boosted(rehearsal, made[base].scorer, made[base].forecasts, seed=seed)
        )
    if "blend" in wanted:
        foretold = [blend(each) for each in zip(*(one.forecasts for one in made.values()), strict=True)]
        made["blend"] = Candidate(Blend(tuple(made), tuple(one.scorer for one in made.values())), foretold)
    return made


def _fit_fading(rehearsal: Rehearsal) -> Candidate:
    """Choose the half-life under which the rehearsed months were most likely."""
    made = {months: rehearsal.foretell(Fading(months)) for months in HALF_LIVES_MONTHS}
    best = max(made, key=lambda months: rehearsal.likelihood(made[months]))
    return Candidate(Fading(best), made[best])


def _chosen(
    rehearsal: Rehearsal, candidates: dict[str, Candidate], method: str, level: Level, reason: str
) -> Choice:
    shares = judged_shares(len(rehearsal.history.study))
    flagged = {
        name: flag(candidate.forecasts, rehearsal.events, shares) for name, candidate in candidates.items()
    }
    name, found = pick(flagged, method, months=len(rehearsal.origins))
    candidate = candidates[name]
    scorer = Levelled(candidate.scorer, level)
    return Choice(
        method=name,
        description=f"{candidate.describe(name)}; {level.describe()}",
        reason=reason or found,
        scorer=scorer,
        rehearsed=_pooled(candidates, rehearsal),
        level=level,
        errors=intervals.measure_errors(rehearsal, candidate.forecasts, level),
    )


def pick(flagged: Mapping[str, Flagged], method: str, *, months: int) -> tuple[str, str]:
    """Pick a method's name by what it held of the rehearsed months, and say why.

    Parameters
    ----------
    flagged : mapping of name to Flagged
        In the order of the ladder.
    method : str
        What was asked for.
    months : int
        How many months were rehearsed.
    """
    pei = {name: float(np.nanmean(held.pei)) if held.events.any() else 0.0 for name, held in flagged.items()}
    if method in flagged:
        return method, f"Asked for: {method}."
    if method == "kernel":
        best = max((name for name in pei if name in KERNELS), key=lambda name: pei[name])
        return best, f"The kernel whose rehearsed PEI was highest ({pei[best]:.2f})."
    allowed = [name for name, held in flagged.items() if _beats(held, flagged["count"])]
    best = max(allowed, key=lambda name: pei[name], default="count")
    if best == "count":
        return best, (
            f"Nothing beat counting what happened before (PEI {pei['count']:.2f}) by more than its own error "
            f"and by {WORTH_LEAVING:g} at least."
        )
    gain = gain_of(flagged[best], flagged["count"])
    return best, (
        f"In {months} rehearsed months it reached {pei[best]:.3f} of the best possible (PEI); counting what "
        f"happened before reached {pei['count']:.3f}, and the error of that difference is {gain.error:.3f}."
    )


def _beats(held: Flagged, count: Flagged) -> bool:
    """Say whether a method may take the place of the plain count."""
    gain = gain_of(held, count)
    loses = bool((gain.by_share < -LOSES_BY * gain.error_by_share).any())
    return gain.mean > max(gain.error, WORTH_LEAVING) and not loses


def _pooled(candidates: Mapping[str, Candidate], rehearsal: Rehearsal) -> list[tuple[str, Capture]]:
    """Add up, per method and share of the area, what the rehearsed months together held."""
    pooled = []
    for name, candidate in candidates.items():
        by_month: Sequence[list[Capture]] = [
            measure(made, came, AREA_SHARES)
            for made, came in zip(candidate.forecasts, rehearsal.events, strict=True)
        ]
        pooled += [
            (name, pool(months, len(rehearsal.history.study))) for months in zip(*by_month, strict=True)
        ]
    return pooled
