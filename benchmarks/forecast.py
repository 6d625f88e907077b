"""How well each method foretells the months that follow, on real police.uk months.

    WARD_HOTSPOTS_TEST_DATA=... python benchmarks/forecast.py

Draws every map from January to June 2025 of Cleveland and holds it against July to September, for
all incidents and five categories at 0.5, 1, 2 and 5 % of the area: PEI per method, the mean, and
for `auto` against the best baseline of each set the difference in hits with its 95 % interval
(2,000 bootstrap draws of the events, both maps judged on the same draw).
"""

import datetime as dt
import os
import sys
from pathlib import Path

import pandas as pd

from mapping import file_run, pipeline
from mapping.evidence import backtest
from mapping.periods import parse_period

CATEGORIES = ("Anti-social behaviour", "Burglary", "Vehicle crime", "Criminal damage and arson", "Drugs")
SHARES = (0.005, 0.01, 0.02, 0.05)


def main() -> int:
    data = Path(os.environ.get("WARD_HOTSPOTS_TEST_DATA", ""))
    months = data / "police_uk" / "cleveland"
    if not months.is_dir():
        print("Skipped: set WARD_HOTSPOTS_TEST_DATA to the folder of open data.")
        return 0
    wards = sorted((data / "boundaries" / "wards_2025").glob("E0600000[1-4].geojson"))
    loaded = file_run.load(
        wards,
        [months],
        layout="police-uk",
        edition="",
        now=dt.datetime.now(dt.UTC),
        watch=pipeline.Stopwatch(),
    )
    tables, trials = [], []
    for chosen in ((), CATEGORIES):
        table, found = pipeline.rehearse(
            loaded.incidents,
            loaded.wards,
            train=parse_period("2025-01:2025-06"),
            test=parse_period("2025-07:2025-09"),
            categories=chosen,
            area_shares=SHARES,
        )
        tables.append(table)
        trials += found
    table = pd.concat(tables)
    columns = [*backtest.BASELINES, "mixed", "auto"]
    pei = table.pivot_table(index=["category", "area_share"], columns="method", values="pei")[columns]
    print(pei.round(3).to_string())
    print("\nmean PEI over the 24 sets")
    print(pei.mean().round(4).to_string())
    print("\nauto against the best baseline of each set, hits (95 % interval)")
    for trial in trials:
        print(f"{trial.category}: {trial.auto}")
        for share in SHARES:
            best = pei.loc[(trial.category, share), list(backtest.BASELINES)].idxmax()
            gain, low, high = backtest.paired_interval(trial, "auto", best, share, seed=1)
            print(f"  {share:5.3f}  {gain:+8.1f}  ({low:+.1f} to {high:+.1f})  against {best}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
