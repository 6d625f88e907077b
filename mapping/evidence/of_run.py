"""The evidence that a run keeps: how its method would have held in the last months of its own data."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from mapping.errors import TooLittleDataError
from mapping.evidence import backtest
from mapping.evidence.backtest import BASELINES, LEAST_EVENTS, Trial, tabulate, try_methods, within
from mapping.hotspots import scoring
from mapping.hotspots.capture import Capture
from mapping.hotspots.scoring import Choice, History

MONTHS: Final = 3
WARD_SHARE: Final = 0.01
WHOLE: Final = ""
COLUMNS: Final = ("ward", *(name for name in backtest.COLUMNS if name != "category"))


def gather(history: History, choice: Choice, *, seed: int = 0) -> pd.DataFrame:
    """Hold the chosen method's maps of the last three months against what came in each.

    Every month is foretold from the months before it alone, the method's own weights included.

    Parameters
    ----------
    history : History
        All months of the run.
    choice : Choice
        The method that draws the run's map.
    seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, as `backtest.tabulate`; `ward` is `WHOLE` for the whole area. A ward in which
        at least 50 events followed has rows of its own for the chosen method and the plain count, its
        cells ranked among themselves. Where too few months came before, what the choice itself
        rehearsed, without intervals; empty where nothing was.
    """
    trials = _trials(history, choice)
    if not trials:
        return _rehearsed(choice)
    parts = [tabulate(*trials, seed=seed).assign(ward=WHOLE), *_by_ward(history, choice, trials, seed)]
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _trials(history: History, choice: Choice) -> list[Trial]:
    made = []
    # baselines are drawn beside any method, so for them there is nothing to fit
    fitted = () if choice.method in BASELINES else (choice.method,)
    for origin in scoring.origins(history)[-MONTHS:]:
        seen = history.until(origin + 1)
        came = float(seen.own_placed(origin, origin + 1)[history.study].sum())
        try:
            made.append(try_methods(seen, train_months=origin, category=WHOLE, total=came, fitted=fitted))
        except TooLittleDataError:
            continue  # too early for this method: later months are still judged
    return made


def _by_ward(history: History, choice: Choice, trials: Sequence[Trial], seed: int) -> list[pd.DataFrame]:
    compared = list(dict.fromkeys([choice.method, "count"]))
    tables = []
    for at, code in enumerate(history.grid.ward_gss_codes):
        cells = np.flatnonzero(history.ward == at)
        own = [within(trial, cells) for trial in trials]
        if sum(trial.total for trial in own) >= LEAST_EVENTS:
            found = tabulate(*own, area_shares=(WARD_SHARE,), methods=compared, seed=seed)
            tables.append(found.assign(ward=code))
    return tables


def _rehearsed(choice: Choice) -> pd.DataFrame:
    kept = [name for name in Capture.__dataclass_fields__ if name in COLUMNS]
    rows = [
        {"ward": WHOLE, "method": method, **{name: getattr(found, name) for name in kept}}
        for method, found in choice.rehearsed
    ]
    return pd.DataFrame(rows, columns=["ward", "method", *kept])
