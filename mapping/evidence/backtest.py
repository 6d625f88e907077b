"""Hold earlier maps against the events that followed.

Methods are drawn from the months before a test alone and held against what came in it, at fixed
shares of the area. `auto` is what the product itself would have chosen at that moment. Several
tests (rolling origins) are added up before anything is divided.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd

from mapping.errors import PeriodError
from mapping.evidence.bootstrap import DRAWS, Flagged, draw_hits, interval
from mapping.evidence.rankings import RANKINGS
from mapping.evidence.stability import clumpiness, kept_from_month_to_month
from mapping.hotspots import capture, scoring
from mapping.hotspots.capture import Capture, flag_weights, flagged_cells, measure, pool
from mapping.hotspots.grid import FloatArray, Grid, IntArray
from mapping.hotspots.scoring import Choice, History

COLUMNS: Final = (
    "method", "category", "area_share", "cells", "events", "hits", "hit_rate", "pai", "pei",
    "rri_pai_ratio", "rri_predicted_observed", "origins", "judged", "gain_over_count",
    "hit_rate_low", "hit_rate_high", "pei_low", "pei_high", "gain_low", "gain_high", "stability",
    "kept_share", "clumpiness",
)  # fmt: skip
AREA_SHARES: Final = (0.001, *capture.AREA_SHARES)
BASELINES: Final = ("count", *(scoring.kernel_name(h) for h in scoring.KERNEL_BANDWIDTHS_M))
FITTED: Final = tuple(name for name in scoring.METHODS if name not in ("auto", "count", "kernel"))
LEAST_CELLS: Final = 20
LEAST_EVENTS: Final = 50
NOT_KNOWN: Final = float("nan")


@dataclass(frozen=True)
class Trial:
    """Maps drawn from training months, and the events that followed.

    Attributes
    ----------
    category : str
    scores : dict of method name to float array, shape (study cells,)
        Events a day; of the rankings, whatever they rank by.
    trained, followed : float arrays, shape (study cells,)
        Whole events per cell in the training and the test months.
    total : float
        Whole events of the test months in any ward, those in no study cell included.
    test_days, train_days : float
    auto : str
        What `auto` chose, with its weights; empty where it was not asked.
    placed_share : float
        Share of the training events that are whole, 0-1: what is foretold of all is judged by those.
    left_out_share : float
        Share of the test months' events in any ward whose place is not known to within one cell,
        0-1: no map is judged by them.
    before : dict of method name to float array, shape (study cells,)
        The same maps as they would have been drawn a month earlier; empty where there was none.
    grid : Grid, optional
        Where the study cells lie; None where only a part of them is told.
    """

    category: str
    scores: dict[str, FloatArray]
    trained: FloatArray
    followed: FloatArray
    total: float
    train_days: float
    test_days: float
    auto: str
    placed_share: float = 1.0
    left_out_share: float = 0.0
    before: dict[str, FloatArray] = field(default_factory=dict)
    grid: Grid | None = None


def try_methods(
    history: History,
    *,
    train_months: int,
    category: str,
    total: float,
    left_out_share: float = 0.0,
    fitted: Sequence[str] | None = None,
) -> Trial:
    """Draw every method's map from the first `train_months` and keep the rest to judge by.

    Parameters
    ----------
    history : History
        Training months followed by test months.
    train_months : int
        How many of them to train on; nothing later is looked at while scoring.
    category : str
        What the own events are, for the table.
    total : float
        Whole events of the test months in any ward.
    left_out_share : float
        As `Trial`.
    fitted : sequence of str, optional
        Of `FITTED`, which to draw beside baselines and rankings; every one and `auto` where not given.

    Raises
    ------
    PeriodError
        There is no test month, or no training month.
    TooLittleDataError
        One of `fitted` cannot be fitted to so few training months.
    """
    length = len(history.days)
    if not 0 < train_months < length:
        raise PeriodError(
            f"{train_months} training months of {length} leave nothing to train on or to judge by; "
            "give at least one of each."
        )
    past = history.until(train_months)
    chosen = (
        _every_fitted(past)
        if fitted is None
        else {name: scoring.choose(past, method=name) for name in fitted}
    )
    trained = past.own_placed(0, train_months)[history.study]
    everything = float(past.own(0, train_months)[history.study].sum())
    return Trial(
        category=category,
        scores=_draw(past, train_months, chosen),
        trained=trained,
        followed=history.own_placed(train_months, length)[history.study],
        total=total,
        train_days=past.span(0, train_months),
        test_days=history.span(train_months, length),
        auto=chosen["auto"].description if "auto" in chosen else "",
        placed_share=float(trained.sum()) / everything if everything else 1.0,
        left_out_share=left_out_share,
        before=_draw(past, train_months - 1, chosen) if past.span(0, train_months - 1) else {},
        grid=history.grid,
    )


def _every_fitted(past: History) -> dict[str, Choice]:
    auto = scoring.choose(past)
    found = {name: auto if auto.method == name else _fitted_or_none(past, name) for name in FITTED}
    return {**{name: choice for name, choice in found.items() if choice is not None}, "auto": auto}


def _fitted_or_none(past: History, name: str) -> Choice | None:
    try:
        return scoring.choose(past, method=name)
    except scoring.TooLittleDataError:
        return None


def _draw(past: History, end: int, chosen: dict[str, Choice]) -> dict[str, FloatArray]:
    return {
        **{name: scoring.named_scorer(name)(past, end) for name in BASELINES},
        **{name: rank(past, end) for name, rank in RANKINGS.items()},
        **{name: choice.scorer(past, end) for name, choice in chosen.items()},
    }


def splits(history: History, trained: int, *, rolling: bool) -> list[tuple[int, int]]:
    """List the tests of a history as (months to train on, months in all).

    Parameters
    ----------
    trained : int
        Months to train on before the first test.
    rolling : bool
        Every later month is a test of its own, and trained on all before it; a month without any report
        is a gap and no test.

    Raises
    ------
    PeriodError
        No month holds anything to judge by.
    """
    if not rolling:
        return [(trained, len(history.days))]
    found = [(month, month + 1) for month in range(trained, len(history.days)) if history.days[month]]
    if not found:
        raise PeriodError("No report of any kind is held in the months to test, so no map can be judged.")
    return found


def within(trial: Trial, cells: IntArray) -> Trial:
    """Keep of a trial some of its study cells, as an area of their own.

    Parameters
    ----------
    cells : int array
        Positions among the study cells, e.g. those of one ward.
    """
    followed = trial.followed[cells]
    return replace(
        trial,
        scores={name: scores[cells] for name, scores in trial.scores.items()},
        before={name: scores[cells] for name, scores in trial.before.items()},
        trained=trial.trained[cells],
        followed=followed,
        total=float(followed.sum()),
        grid=None,
    )


def tabulate(
    *trials: Trial,
    area_shares: tuple[float, ...] = AREA_SHARES,
    methods: Sequence[str] = (),
    seed: int = 0,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Measure every method that all trials have, at every share of the area, the trials together.

    Parameters
    ----------
    trials : Trial
        One, or several of the same area and category a month apart, oldest first.
    area_shares : tuple of float
    methods : sequence of str
        All where empty.
    seed, draws : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        Columns as `COLUMNS`. Counts and hits are sums over the trials, `cells` what one map flags.
        `rri_pai_ratio` is PAI on the months that followed over PAI on the training months;
        `rri_predicted_observed` is the events foretold for the flagged cells over those that came,
        unknown for rankings, which foretell no number. `*_low` and `*_high` are bootstrap intervals of
        95 %; those of PEI keep the best possible as it was. `gain_over_count` is hits less those of the plain
        count. `judged` is false with fewer than 20 flagged cells or 50 events: shown, not judged.
        `stability` is the Jaccard index from month to month. NaN where something is not known.

    References
    ----------
    Levine, N. (2008). The "hottest" part of a hotspot (RRI as the ratio of two PAIs). Security
    Journal, 21, 295-302.
    """
    wanted = [name for name in trials[0].scores if all(name in trial.scores for trial in trials)]
    wanted = [name for name in wanted if name in methods or not methods]
    plain = {share: _flag(trials, "count", share) for share in area_shares}
    plain_hits = [found.hits for found in _pooled(trials, "count", area_shares, followed=True)]
    rows = []
    for method in wanted:
        later = _pooled(trials, method, area_shares, followed=True)
        earlier = _pooled(trials, method, area_shares, followed=False)
        for after, before, plainly in zip(later, earlier, plain_hits, strict=True):
            flags = _flag(trials, method, after.area_share)
            rows.append((
                method, trials[0].category, after.area_share, after.cells, after.events, after.hits,
                after.hit_rate, after.pai, after.pei, after.pai / before.pai if before.pai else NOT_KNOWN,
                _foretold(trials, method, flags) / (after.hits or NOT_KNOWN), len(trials),
                after.cells >= LEAST_CELLS and after.events >= LEAST_EVENTS, after.hits - plainly,
                *_intervals(trials, flags, plain[after.area_share], after, seed, draws),
                *_shape(trials, method, flags),
            ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _flag(trials: Sequence[Trial], method: str, area_share: float) -> list[FloatArray]:
    """Say for each trial how far each cell is flagged."""
    flagged = flagged_cells(len(trials[0].followed), area_share)
    return [flag_weights(trial.scores[method], flagged) for trial in trials]


def _pooled(
    trials: Sequence[Trial], method: str, area_shares: tuple[float, ...], *, followed: bool
) -> list[Capture]:
    """Add up what the trials' maps of one method held, of what followed or of what they learned from."""
    captured = [
        measure(
            trial.scores[method],
            trial.followed if followed else trial.trained,
            area_shares,
            total=trial.total if followed else None,
        )
        for trial in trials
    ]
    return [pool(of_share, len(trials[0].followed)) for of_share in zip(*captured, strict=True)]


def _foretold(trials: Sequence[Trial], method: str, flags: list[FloatArray]) -> float:
    """Add up the whole events foretold for the flagged cells; a ranking foretells none."""
    if method in RANKINGS:
        return NOT_KNOWN
    return sum(
        float((weights * trial.scores[method]).sum()) * trial.test_days * trial.placed_share
        for trial, weights in zip(trials, flags, strict=True)
    )


def _intervals(
    trials: Sequence[Trial],
    flags: list[FloatArray],
    against: list[FloatArray],
    after: Capture,
    seed: int,
    draws: int,
) -> tuple[float, ...]:
    """Return the intervals of the hit rate, of PEI and of the gain over the plain count."""
    if not after.events:
        return (NOT_KNOWN,) * 6
    tests = [
        Flagged(np.array([own, other]), trial.followed, trial.total)
        for trial, own, other in zip(trials, flags, against, strict=True)
    ]
    hits = draw_hits(tests, seed=seed, draws=draws)
    low, high = interval(hits[:, 0])
    best = after.best_hits or NOT_KNOWN
    return (
        low / after.events, high / after.events, low / best, min(high / best, 1.0),
        *interval(hits[:, 0] - hits[:, 1]),
    )  # fmt: skip


def _shape(trials: Sequence[Trial], method: str, flags: list[FloatArray]) -> tuple[float, float, float]:
    """Return stability, the share of cells kept, and clumpiness."""
    before = trials[0].before.get(method)
    cells = round(float(flags[0].sum()))
    stable, kept = kept_from_month_to_month(
        flags if before is None else [flag_weights(before, cells), *flags]
    )
    clumped = [
        clumpiness(weights, trial.grid)
        for trial, weights in zip(trials, flags, strict=True)
        if trial.grid is not None
    ]
    return stable, kept, float(np.mean(clumped)) if clumped else NOT_KNOWN


def paired_interval(
    trial: Trial, method: str, other: str, area_share: float, *, seed: int = 0, draws: int = DRAWS
) -> tuple[float, float, float]:
    """Compare the hits of two maps on the same events: difference, and its 95 % bootstrap interval.

    Events are drawn again with replacement, `draws` times; both maps are judged on the same draw.

    Returns
    -------
    (difference, low, high)
        Hits of `method` less hits of `other`.

    References
    ----------
    Efron, B. & Tibshirani, R. (1993). An introduction to the bootstrap. Chapman & Hall.
    """
    flagged = flagged_cells(len(trial.followed), area_share)
    weights = np.array([flag_weights(trial.scores[name], flagged) for name in (method, other)])
    observed = float((weights[0] - weights[1]) @ trial.followed)
    hits = draw_hits([Flagged(weights, trial.followed, float(trial.followed.sum()))], seed=seed, draws=draws)
    return observed, *interval(hits[:, 0] - hits[:, 1])
