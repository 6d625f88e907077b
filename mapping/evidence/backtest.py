"""Hold last quarter's maps against this quarter's events.

Methods are drawn from the training months alone and held against the months that followed, at
fixed shares of the area. `auto` is what the product itself would have chosen at that moment.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from mapping.errors import PeriodError
from mapping.hotspots import scoring
from mapping.hotspots.capture import AREA_SHARES, flag_weights, flagged_cells, measure
from mapping.hotspots.grid import FloatArray
from mapping.hotspots.scoring import History

COLUMNS: Final = (
    "method", "category", "area_share", "cells", "events", "hits", "hit_rate", "pai", "pei",
    "rri_pai_ratio", "rri_predicted_observed",
)  # fmt: skip
BASELINES: Final = ("count", *(scoring.kernel_name(h) for h in scoring.KERNEL_BANDWIDTHS_M))
DRAWS: Final = 2000


@dataclass(frozen=True)
class Trial:
    """Maps drawn from training months, and the events that followed.

    Attributes
    ----------
    category : str
    scores : dict of method name to float array, shape (study cells,)
        Events a day.
    trained, followed : float arrays, shape (study cells,)
        Whole events per cell in the training and the test months.
    total : float
        Whole events of the test months in any ward, those in no study cell included.
    test_days, train_days : float
    auto : str
        What `auto` chose, with its weights.
    placed_share : float
        Share of the training events that are whole, 0-1: what is foretold of all is judged by those.
    left_out_share : float
        Share of the test months' events in any ward whose place is not known to within one cell,
        0-1: no map is judged by them.
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


def try_methods(
    history: History, *, train_months: int, category: str, total: float, left_out_share: float = 0.0
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

    Raises
    ------
    PeriodError
        There is no test month, or no training month.
    """
    length = len(history.days)
    if not 0 < train_months < length:
        raise PeriodError(
            f"{train_months} training months of {length} leave nothing to train on or to judge by; "
            "give at least one of each."
        )
    past = history.until(train_months)
    auto = scoring.choose(past)
    scores = {name: scoring.named_scorer(name)(past, train_months) for name in BASELINES}
    mixed = auto if auto.method == "mixed" else _mixed_or_none(past)
    if mixed is not None:
        scores["mixed"] = mixed.scorer(past, train_months)
    scores["auto"] = auto.scorer(past, train_months)
    trained = past.own_placed(0, train_months)[history.study]
    everything = float(past.own(0, train_months)[history.study].sum())
    return Trial(
        category=category,
        scores=scores,
        trained=trained,
        followed=history.own_placed(train_months, length)[history.study],
        total=total,
        train_days=past.span(0, train_months),
        test_days=history.span(train_months, length),
        auto=auto.description,
        placed_share=float(trained.sum()) / everything if everything else 1.0,
        left_out_share=left_out_share,
    )


def _mixed_or_none(past: History) -> scoring.Choice | None:
    try:
        return scoring.choose(past, method="mixed")
    except scoring.TooLittleDataError:
        return None


def tabulate(trial: Trial, *, area_shares: tuple[float, ...] = AREA_SHARES) -> pd.DataFrame:
    """Measure every method of a trial at every share of the area.

    Returns
    -------
    DataFrame
        Columns as `COLUMNS`. `rri_pai_ratio` is PAI on the months that followed over PAI on the
        training months; `rri_predicted_observed` is the events foretold for the flagged cells
        over those that came. NaN where the divisor is nought.

    References
    ----------
    Levine, N. (2008). The "hottest" part of a hotspot (RRI as the ratio of two PAIs). Security
    Journal, 21, 295-302.
    """
    rows = []
    for method, scores in trial.scores.items():
        later = measure(scores, trial.followed, area_shares, total=trial.total)
        earlier = measure(scores, trial.trained, area_shares)
        for after, before in zip(later, earlier, strict=True):
            foretold = (
                float(flag_weights(scores, after.cells) @ scores) * trial.test_days * trial.placed_share
            )
            rows.append((
                method, trial.category, after.area_share, after.cells, after.events, after.hits,
                after.hit_rate, after.pai, after.pei,
                after.pai / before.pai if before.pai else float("nan"),
                foretold / after.hits if after.hits else float("nan"),
            ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


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
    gain = flag_weights(trial.scores[method], flagged) - flag_weights(trial.scores[other], flagged)
    differs = (gain != 0) & (trial.followed > 0)
    events = trial.followed[differs]
    observed = float(gain[differs] @ events)
    whole = trial.followed.sum()
    if not differs.any():
        return observed, 0.0, 0.0
    rng = np.random.default_rng(seed)
    chances = np.append(events, whole - events.sum()) / whole
    drawn = rng.multinomial(int(whole), chances, size=draws)[:, :-1] @ gain[differs]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return observed, float(low), float(high)
