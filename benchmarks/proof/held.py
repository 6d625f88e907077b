"""Do the intervals hold, and do the chosen places stay chosen, on real months.

    WARD_HOTSPOTS_TEST_DATA=... python -m benchmarks.proof.held [--out docs/proof]

Calibration: at every origin of South Yorkshire and the City of London from the ninth or twelfth month on,
the share of 90 % intervals of the total and of each tenth that held, as `auto` draws them. Stability:
for the last months of Cleveland and South Yorkshire, each foretold from all before it, the share of squares
that the next month chose again, at 1 % of the area.
"""

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.accuracy import calibration
from benchmarks.accuracy.sets import data_folder
from mapping import file_run, pipeline
from mapping.periods import parse_period

CATEGORIES: Final = ("all", "Anti-social behaviour", "Burglary")
SHARE: Final = 0.01
# Place, its wards, its months, what is learned first, and the months that follow one by one.
ROLLING: Final = (
    ("Cleveland", "E0600000[1-4].geojson", "cleveland", "2025-01:2025-06", "2025-07:2025-09"),
    ("South Yorkshire", "E080000*.geojson", "south-yorkshire", "2018-01:2018-12", "2019-01:2019-06"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("docs/proof"))
    out: Path = parser.parse_args().out
    data = data_folder()
    if data is None:
        print("Skipped: set WARD_HOTSPOTS_TEST_DATA to the folder of open data.")
        return 0
    out.mkdir(parents=True, exist_ok=True)
    stable = pd.concat([_stability(data, *one) for one in ROLLING], ignore_index=True)
    stable.to_csv(out / "stability.csv", index=False, lineterminator="\n")
    print(stable.to_string(index=False), flush=True)
    rows = calibration.try_all(data, sets=tuple(calibration.SERIES), categories=CATEGORIES, method="auto")
    held = rows.groupby(["place", "group"])["held"].agg(["mean", "size"]).reset_index()
    held.columns = pd.Index(["place", "group", "held", "intervals"])
    held["held"] = held["held"].round(4)
    held.to_csv(out / "calibration.csv", index=False, lineterminator="\n")
    print(held.to_string(index=False))
    return 0


def _stability(data: Path, place: str, wards: str, months: str, train: str, test: str) -> pd.DataFrame:
    """Return, per method, how many squares stayed chosen and how they lie."""
    loaded = file_run.load(
        sorted((data / "boundaries" / "wards_2025").glob(wards)),
        [data / "police_uk" / months],
        layout="police-uk",
        edition="",
        now=dt.datetime.now(dt.UTC),
        watch=pipeline.Stopwatch(),
    )
    table, _ = pipeline.rehearse(
        loaded.incidents, loaded.wards, train=parse_period(train), test=parse_period(test),
        area_shares=(SHARE,), rolling=True,
    )  # fmt: skip
    columns = ["method", "origins", "hit_rate", "pei", "kept_share", "stability", "clumpiness"]
    return pd.DataFrame(table[columns]).round(4).assign(place=place)


if __name__ == "__main__":
    sys.exit(main())
