"""The demo's oracle: how much of the best possible a map can reach that knows the true rates.

    python -m benchmarks.accuracy.demo [--seeds 3,4,5] [--test-months 3]

In invented boroughs the rates that events were drawn from are known: the background's and those of the
planted places. Maps are drawn from the months before the last `--test-months` of 24, as everywhere; the
oracle's are the true rates of those last months. What it does not reach is chance, and no method can do
better on average.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.accuracy import baselines
from benchmarks.accuracy.sets import ALL
from mapping.demo import events, intensity, mixes, truth
from mapping.demo.rhythm import MONTHS
from mapping.demo.town import Town, make_town
from mapping.evidence.rankings import rank_gi_star
from mapping.hotspots import scoring
from mapping.hotspots.capture import CHOICE_SHARES, measure
from mapping.hotspots.grid import FloatArray, Grid
from mapping.hotspots.scoring import History

CELL_M: Final = 100.0
METHODS: Final = ("count", *(scoring.kernel_name(h) for h in scoring.KERNEL_BANDWIDTHS_M))
FEWEST_CELLS, FEWEST_EVENTS = 20, 50


def borough(seed: int) -> tuple[Town, intensity.Background, list[truth.Planted], pd.DataFrame]:
    """Draw a borough and its events from the same streams of chance as `mapping.demo.build`."""
    rngs = [np.random.default_rng([seed, stage]) for stage in range(10, 14)]
    town = make_town(seed)
    background = intensity.background(town, mixes.background_mix(), rngs[0])
    planted = truth.plant(town, background, events.REPORTS_WANTED / 2, rngs[1])
    return town, background, planted, events.happen(town, background, planted, rngs[2])


def grid_of(town: Town) -> Grid:
    """Lay the grid over the spots; the study area is the cells that have a spot in a ward."""
    spots = town.spots
    west, south = (
        float(np.floor((spots[name].min() - 500) / CELL_M) * CELL_M) for name in ("easting_m", "northing_m")
    )
    columns = int(np.ceil((spots["easting_m"].max() + 500 - west) / CELL_M))
    rows = int(np.ceil((spots["northing_m"].max() + 500 - south) / CELL_M))
    codes = tuple(str(k) for k in range(int(spots["ward"].max()) + 1))
    ward = np.full(rows * columns, -1, dtype=np.int64)
    grid = Grid(CELL_M, west, south, rows, columns, codes, ward)
    inside = spots[spots["ward"] >= 0]
    ward[grid.cell_of(inside["easting_m"], inside["northing_m"])] = inside["ward"].to_numpy()
    return grid


def true_rates(
    town: Town,
    background: intensity.Background,
    planted: list[truth.Planted],
    grid: Grid,
    category: str,
    months: range,
    background_events: int,
) -> FloatArray:
    """Return the events expected per lattice cell in `months`, from what they are drawn from."""
    mix = mixes.background_mix()
    names = list(mix) if category == ALL else [name for name in mix if name == category]
    share = np.sum([mix[name] * background.by_category[name] for name in names], axis=0)
    spots = town.spots
    cells = grid.cell_of(spots["easting_m"], spots["northing_m"])
    rate = grid.count(cells, share * background_events * len(months) / len(MONTHS))
    for place in planted:
        told = place.theme.told
        part = sum(weight for (kind, _), weight in told.items() if category in (ALL, kind))
        expected = float(np.asarray(place.monthly)[list(months)].sum()) * part / sum(told.values())
        at = grid.cell_of(place.spots[:, 0], place.spots[:, 1])
        rate += grid.count(at, place.weights / place.weights.sum() * expected)
    return rate


def judge_seed(seed: int, test_months: int) -> Iterator[dict[str, object]]:
    """Draw every category's maps of one borough and hold them against its last months."""
    town, background, planted, happened = borough(seed)
    grid = grid_of(town)
    at = happened["at"].to_numpy().astype("datetime64[M]").astype(np.int64)
    months = at - np.datetime64(MONTHS[0], "M").astype(np.int64)
    cells = grid.cell_of(happened["easting_m"], happened["northing_m"])
    used = np.flatnonzero(cells >= 0)
    used = used[np.argsort(months[used], kind="stable")]
    kinds = happened["category"].to_numpy(dtype=object)[used]
    days = np.array([pd.Period(month).days_in_month for month in MONTHS], dtype=np.float64)
    train = len(MONTHS) - test_months
    background_events = int((happened["place_id"] == "").sum())
    for name in [ALL, *sorted(set(kinds.tolist()))]:
        own = _is(kinds, name)
        history = History(grid, months[used], cells[used], own, days)
        followed = history.own_placed(train, len(MONTHS))[history.study]
        if followed.sum() < FEWEST_EVENTS:
            continue
        rate = true_rates(town, background, planted, grid, name, range(train, len(MONTHS)), background_events)
        yield from _measured(seed, name, history.until(train), followed, rate[history.study])


def _is(kinds: npt.NDArray[np.object_], name: str) -> npt.NDArray[np.bool_]:
    return np.ones(len(kinds), dtype=bool) if name == ALL else np.asarray(kinds == name)


def _measured(
    seed: int, name: str, past: History, followed: FloatArray, oracle: FloatArray
) -> Iterator[dict[str, object]]:
    end = len(past.days)
    chosen = scoring.choose(past)
    scores = {method: scoring.named_scorer(method)(past, end) for method in METHODS}
    scores |= {"Gi*": rank_gi_star(past, end), "DBSCAN": baselines.dbscan(past, end)}
    scores |= {"auto": chosen.scorer(past, end), "oracle": oracle}
    captured = {method: measure(made, followed, CHOICE_SHARES) for method, made in scores.items()}
    for k in range(len(CHOICE_SHARES)):
        first = captured["auto"][k]
        if first.cells >= FEWEST_CELLS:
            pei = {method: found[k].pei for method, found in captured.items()}
            yield {"seed": seed, "category": name, "share": first.area_share, "chose": chosen.method, **pei}


def main() -> int:
    """Judge the seeds that were asked for and print the means beside the oracle's."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", default="3,4,5")
    parser.add_argument("--test-months", type=int, default=3)
    asked = parser.parse_args()
    seeds = [int(text) for text in asked.seeds.split(",")]
    table = pd.DataFrame([row for seed in seeds for row in judge_seed(seed, asked.test_months)])
    methods = [*METHODS, "Gi*", "DBSCAN", "auto", "oracle"]
    print("mean PEI by share of the area\n" + table.groupby("share")[methods].mean().round(3).to_string())
    print("\nby category\n" + table.groupby("category")[methods].mean().round(3).to_string())
    print("\nall\n" + table[methods].mean().round(4).to_string())
    print("\nauto chose\n" + table.groupby("chose").size().to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
