"""How often a map without hotspots shows one, and how large a place must be to be found.

    python -m benchmarks.proof.null_and_power [--maps 1000] [--power 100] [--out docs/proof]

Whole pipeline, method and simulated maps included, on towns of `towns.py`: the share of towns without
any hotspot in which one is shown (at most 0.05, and two standard errors over 1,000 towns: 0.064), and
the share of planted places that a hotspot's centre comes within 150 m of, by the reports they add in a
year or in the last three months. Two processes.
"""

import argparse
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.proof import towns
from mapping.pipeline import Settings, analyse

A_WARD: Final = 500
# Choosing a method takes three quarters of the time and moves no test, so three kinds of town count.
NULL: Final = (("alike", "count"), ("points", "count"), ("differing", "count"), ("differing", "auto"))
STEADY: Final = (12, 24, 36, 48, 72, 108, 150)
RECENT: Final = (6, 12, 18, 24, 36)
SIMULATED: Final = 199
FOUND_M: Final = 150.0
FIRST_SEED: Final = 41_000


def main() -> int:
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(2) as pool:
        null = _null(pool, options.maps)
        null.to_csv(options.out / "null.csv", index=False, lineterminator="\n")
        print(null.to_string(index=False), flush=True)
        power = _power(pool, options.power)
    power.to_csv(options.out / "power.csv", index=False, lineterminator="\n")
    print(power.to_string(index=False))
    return 0


def shows_any(task: tuple[str, str, int]) -> bool:
    """Say whether one town without hotspots shows one."""
    kind, method, seed = task
    town = towns.draw(kind, np.random.default_rng(seed), a_ward=A_WARD)
    settings = Settings(seed=seed, maps=SIMULATED, method=method)
    return len(analyse(town, towns.wards(), settings).hotspots) > 0


def is_found(task: tuple[int, int, int]) -> bool:
    """Say whether a planted place is found in a town whose places differ."""
    reports, last_months, seed = task
    rng = np.random.default_rng(seed)
    town = towns.draw("differing", rng, a_ward=A_WARD)
    with_place, planted = towns.plant(town, reports, rng, last_months=last_months)
    settings = Settings(seed=seed, maps=SIMULATED, method="count")
    found = analyse(with_place, towns.wards(), settings).hotspots
    away = np.hypot(found["easting_m"] - planted.easting_m, found["northing_m"] - planted.northing_m)
    return bool((away <= FOUND_M).any())


def _null(pool: ProcessPoolExecutor, maps: int) -> pd.DataFrame:
    rows = []
    for kind, method in NULL:
        tasks = [(kind, method, FIRST_SEED + k) for k in range(maps)]
        rows.append((kind, method, maps, *_share(pool.map(shows_any, tasks, chunksize=10))))
    return pd.DataFrame(rows, columns=["town", "method", "maps", "with_any_hotspot", "two_errors"])


def _power(pool: ProcessPoolExecutor, times: int) -> pd.DataFrame:
    rows = []
    for last_months, sizes in ((12, STEADY), (3, RECENT)):
        for size in sizes:
            tasks = [(size, last_months, FIRST_SEED + k) for k in range(times)]
            rows.append((size, last_months, times, *_share(pool.map(is_found, tasks, chunksize=5))))
    return pd.DataFrame(rows, columns=["planted_reports", "in_last_months", "times", "found", "two_errors"])


def _share(answers: Iterable[bool]) -> tuple[float, float]:
    """Return the share of yes, and two standard errors of it."""
    values = np.array(list(answers), dtype=np.float64)
    share = float(values.mean())
    return round(share, 4), round(2 * float(np.sqrt(share * (1 - share) / len(values))), 4)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--maps", type=int, default=1000)
    parser.add_argument("--power", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("docs/proof"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
