"""How much each method's maps capture of the months that follow, on real events that they never saw.

    WARD_HOTSPOTS_TEST_DATA=... python -m benchmarks.accuracy.run [--sets cleveland] [--categories all,Drugs]

Prints per set and share of the area the PEI of every method, what `auto` chose and how long that took; then
the mean over the sets that are judged (20 flagged cells and 50 test events at least), `auto` against the best
single baseline, against plain count for categories under 3,000 events a year, and every judged set in
which `auto` captured less than the best baseline beyond the 95 % paired bootstrap interval.
"""

import argparse
import sys
import time
from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.accuracy import baselines
from benchmarks.accuracy.sets import SETS, TestSet, data_folder
from mapping.evidence import backtest
from mapping.evidence.rankings import rank_gi_star
from mapping.hotspots import scoring
from mapping.hotspots.capture import CHOICE_SHARES, measure

FEWEST_CELLS: Final = 20
FEWEST_EVENTS: Final = 50
JUDGED: Final = "cleveland,south-yorkshire,city,city-2019,portland,new-york"
BASELINES: Final = (
    "count", *(scoring.kernel_name(h) for h in scoring.KERNEL_BANDWIDTHS_M), "Gi*", "DBSCAN"
)  # fmt: skip


def draw(one: TestSet) -> tuple[backtest.Trial, float]:
    """Draw every method's map from the training months; return with it the seconds that `auto` took."""
    train, length = one.train_months, len(one.history.days)
    past = one.history.until(train)
    started = time.perf_counter()
    chosen = scoring.choose(past)
    auto = chosen.scorer(past, train)
    seconds = time.perf_counter() - started
    scores = {
        name: scoring.named_scorer(name)(past, train) for name in BASELINES if name not in ("Gi*", "DBSCAN")
    }
    scores |= {"Gi*": rank_gi_star(past, train), "DBSCAN": baselines.dbscan(past, train), "auto": auto}
    followed = one.history.own_placed(train, length)[one.history.study]
    trial = backtest.Trial(
        category=one.category,
        scores=scores,
        trained=past.own_placed(0, train)[past.study],
        followed=followed,
        total=float(followed.sum()),
        train_days=past.span(0, train),
        test_days=one.history.span(train, length),
        auto=chosen.method,
    )
    return trial, seconds


def rows_of(one: TestSet, trial: backtest.Trial) -> list[dict[str, object]]:
    """Measure one set at every share of the area."""
    captured = {name: measure(scores, trial.followed, CHOICE_SHARES) for name, scores in trial.scores.items()}
    rows = []
    for k, share in enumerate(CHOICE_SHARES):
        first = captured["auto"][k]
        pei = {name: found[k].pei for name, found in captured.items()}
        best = max(BASELINES, key=lambda name: pei[name])
        gain, low, high = backtest.paired_interval(trial, "auto", best, share, seed=1)
        rows.append(
            {
                "place": one.place, "category": one.category, "share": share, "cells": first.cells,
                "events": int(first.events), **pei, "chose": trial.auto, "best": best,
                "gain": gain, "low": low, "high": high, "sparse": one.is_sparse,
                "judged": first.cells >= FEWEST_CELLS and first.events >= FEWEST_EVENTS,
            }
        )  # fmt: skip
    return rows


def summarise(table: pd.DataFrame) -> str:
    """Say what the judged sets show together."""
    judged = table[table["judged"]]
    methods = [*BASELINES, "auto"]
    mean = judged[methods].mean()
    single = max(BASELINES, key=lambda name: mean[name])
    sparse = judged[judged["sparse"]]
    below = judged[judged["high"] < 0]
    said = [
        f"{len(judged)} judged sets of {len(table)}; mean PEI:",
        mean.round(4).to_string(),
        "by share:",
        judged.groupby("share")[methods].mean().round(3).to_string(),
        "by place:",
        judged.groupby("place")[methods].mean().round(3).to_string(),
        f"auto against the best single baseline ({single}): {mean['auto'] / mean[single] - 1:+.1%}",
    ]
    if len(sparse):
        ratio = sparse["auto"].mean() / sparse["count"].mean() - 1
        said.append(f"auto against count, under 3,000 events a year ({len(sparse)} sets): {ratio:+.1%}")
    said.append(f"judged sets below the best baseline beyond the 95 % interval: {len(below)}")
    columns = ["place", "category", "share", "cells", "events", "best", "gain", "low", "high", "chose"]
    if len(below):
        said.append(below[columns].round(2).to_string(index=False))
    return "\n".join(said)


def main() -> int:
    """Draw and judge the sets that were asked for, and print what they show."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", default=JUDGED, help=f"some of {', '.join(SETS)}")
    parser.add_argument("--categories", default="", help="names separated by commas; all where not given")
    asked = parser.parse_args()
    data = data_folder()
    if data is None:
        print("Skipped: set WARD_HOTSPOTS_TEST_DATA to the folder of open data.")
        return 0
    wanted = set(filter(None, asked.categories.split(",")))
    rows: list[dict[str, object]] = []
    for name in asked.sets.split(","):
        rows += _run(SETS[name](data), wanted)
    print("\n" + summarise(pd.DataFrame(rows)))
    return 0


def _run(sets: Iterable[TestSet], wanted: set[str]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for one in sets:
        if wanted and one.category not in wanted:
            continue
        trial, seconds = draw(one)
        made = rows_of(one, trial)
        rows += made
        print(f"\n{one.place}, {one.category}: auto chose {trial.auto} in {seconds:.1f} s")
        columns = ["share", "cells", "events", *BASELINES, "auto", "gain", "low", "high", "judged"]
        print(pd.DataFrame(made)[columns].round(3).to_string(index=False), flush=True)
    return rows


if __name__ == "__main__":
    np.seterr(all="warn")
    sys.exit(main())
