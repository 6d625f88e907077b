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

A_WARD: Final = (250, 1000)
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


def shows_any(task: tuple[str, int, int]) -> bool:
    """Say whether one town without hotspots shows one."""
    kind, a_ward, seed = task
    town = towns.draw(kind, np.random.default_rng(seed), a_ward=a_ward)
    return len(analyse(town, towns.wards(), Settings(seed=seed, maps=SIMULATED)).hotspots) > 0


def is_found(task: tuple[str, int, int, int, int]) -> bool:
    """Say whether a planted place is found."""
    kind, a_ward, reports, last_months, seed = task
    rng = np.random.default_rng(seed)
    town, planted = towns.plant(towns.draw(kind, rng, a_ward=a_ward), reports, rng, last_months=last_months)
    found = analyse(town, towns.wards(), Settings(seed=seed, maps=SIMULATED)).hotspots
    away = np.hypot(found["easting_m"] - planted.easting_m, found["northing_m"] - planted.northing_m)
    return bool((away <= FOUND_M).any())


def _null(pool: ProcessPoolExecutor, maps: int) -> pd.DataFrame:
    rows = []
    for kind in towns.KINDS:
        for a_ward in A_WARD:
            tasks = [(kind, a_ward, FIRST_SEED + k) for k in range(maps)]
            rows.append((kind, a_ward, maps, *_share(pool.map(shows_any, tasks, chunksize=10))))
    return pd.DataFrame(rows, columns=["town", "reports_a_ward", "maps", "with_any_hotspot", "two_errors"])


def _power(pool: ProcessPoolExecutor, times: int) -> pd.DataFrame:
    rows = []
    for last_months, sizes in ((12, STEADY), (3, RECENT)):
        for a_ward in A_WARD:
            for size in sizes:
                tasks = [("differing", a_ward, size, last_months, FIRST_SEED + k) for k in range(times)]
                share = _share(pool.map(is_found, tasks, chunksize=5))
                rows.append((a_ward, size, last_months, times, *share))
    columns = ["reports_a_ward", "planted_reports", "in_last_months", "times", "found", "two_errors"]
    return pd.DataFrame(rows, columns=columns)


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
