"""Do the 90 % intervals hold? Rolling origins over the longest series there are.

    WARD_HOTSPOTS_TEST_DATA=... python -m benchmarks.accuracy.calibration [--method mixed]

At each of the last 12 months and more, the method is fitted on the months before it, and its interval of the
total and of each tenth of what is expected is held against what came. Prints the share that held by
group, over the months and categories, and the expected total over the total that came.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.accuracy.sets import SETS, TestSet, data_folder
from mapping.hotspots import scoring
from mapping.hotspots.grid import sum_by
from mapping.hotspots.intervals import GROUPS, TOTAL, tenths

SERIES: Final = {"south-yorkshire-24": 9, "city-36": 12}  # name, and the first month that is foretold
CATEGORIES: Final = "all,Anti-social behaviour,Burglary,Vehicle crime,Drugs,Shoplifting"


def held_at(one: TestSet, origin: int, method: str) -> list[dict[str, object]]:
    """Foretell one month from those before it; say of each group whether its interval held."""
    past = one.history.until(origin)
    chosen = scoring.choose(past, method=method)
    days = float(one.history.days[origin])
    table = chosen.interval(past, origin, days)
    came = one.history.own_placed(origin, origin + 1)[one.history.study]
    group = tenths(chosen.scorer(past, origin) * days)
    actual = [float(came.sum()), *sum_by(group, came, GROUPS).tolist()]
    return [
        {
            "place": one.place, "category": one.category, "origin": origin, "group": row.group,
            "expected": row.expected, "low": row.low, "high": row.high, "came": value,
            "held": row.low <= value <= row.high,
        }
        for row, value in zip(table.itertuples(), actual, strict=True)
        if row.expected > 0
    ]  # fmt: skip


def try_all(data: Path, *, sets: Sequence[str], categories: Sequence[str], method: str) -> pd.DataFrame:
    """Foretell every origin of every series, as rows of `held_at`."""
    rows: list[dict[str, object]] = []
    for name in sets:
        for one in SETS[name](data):
            if one.category not in categories:
                continue
            months = [m for m in range(SERIES[name], len(one.history.days)) if one.history.days[m] > 0]
            for origin in months:
                rows += held_at(one, origin, method)
            print(f"{one.place}, {one.category}: {len(months)} origins", flush=True)
    return pd.DataFrame(rows)


def main() -> int:
    """Foretell every origin of every series and print what held."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--method", default="mixed", choices=scoring.METHODS)
    parser.add_argument("--categories", default=CATEGORIES)
    parser.add_argument("--sets", default=",".join(SERIES))
    asked = parser.parse_args()
    data = data_folder()
    if data is None:
        print("Skipped: set WARD_HOTSPOTS_TEST_DATA to the folder of open data.")
        return 0
    table = try_all(
        data, sets=asked.sets.split(","), categories=asked.categories.split(","), method=asked.method
    )
    order = [TOTAL, *(str(k + 1) for k in range(GROUPS))]
    held = table.pivot_table(index="group", columns="place", values="held")
    held["all"] = table.groupby("group")["held"].mean()
    print("\nshare of 90 % intervals that held, by group (1 is the hottest tenth)")
    print(held.loc[order].round(3).to_string())
    by_category = table.assign(kind=np.where(table["group"] == TOTAL, "total", "tenths"))
    print("\nby category")
    print(
        by_category.pivot_table(index=["place", "category"], columns="kind", values="held")
        .round(3)
        .to_string()
    )
    print("\nexpected over came, by group")
    sums = table.pivot_table(index="group", columns="place", values=["expected", "came"], aggfunc="sum")
    print((sums["expected"] / sums["came"]).loc[order].round(3).to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
