"""What doubtful places cost a map, and what spreading them saves, on real police.uk months.

    WARD_HOTSPOTS_TEST_DATA=... python benchmarks/doubt.py

Of Cleveland's reports of January to June 2025 a share is known no more closely than a ward: a geocoder
put it at the ward's middle. The months that followed keep their own points. Mean PEI of `auto` over 0.5,
1, 2 and 5 % of the area, and the hotspots that stand at a ward's middle, where

- every point is its own (`known`),
- the middle is taken for a point (`trusted`),
- it carries the error radius that holds 95 % of the ward's reports (`spread`),
- the report is left out (`left out`).

Then the time of the whole analysis with 5 % coarse over its time with none, paired and alternating.
"""

import datetime as dt
import os
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from mapping import file_run, pipeline
from mapping.periods import parse_period

SHARES = (0.05, 0.3)
TRAIN, TEST = parse_period("2025-01:2025-06"), parse_period("2025-07:2025-09")
PAIRS = 5
SEED = 15


def main() -> int:
    data = Path(os.environ.get("WARD_HOTSPOTS_TEST_DATA", ""))
    months = data / "police_uk" / "cleveland"
    if not months.is_dir():
        print("Skipped: set WARD_HOTSPOTS_TEST_DATA to the folder of open data.")
        return 0
    wards = sorted((data / "boundaries" / "wards_2025").glob("E0600000[1-4].geojson"))
    now, watch = dt.datetime.now(dt.UTC), pipeline.Stopwatch()
    read = file_run.load(wards, [months], layout="police-uk", edition="", now=now, watch=watch)
    print("share coarse   case       mean PEI   hotspots   at a ward's middle")
    for share in SHARES:
        for name, incidents in _cases(read.incidents, share).items():
            table, _ = pipeline.rehearse(incidents, read.wards, train=TRAIN, test=TEST)
            pei = table.loc[table["method"] == "auto", "pei"].mean()
            found = pipeline.analyse(incidents, read.wards, pipeline.Settings(period=TRAIN)).hotspots
            at_middle = _at_a_middle(found, read.incidents)
            print(f"{share:12.2f}   {name:9s}  {pei:8.4f}   {len(found):8d}   {at_middle:8d}", flush=True)
    print("\nanalysis with 5 % coarse over none, seconds and ratio")
    _time({"none": read.incidents, "5 %": _cases(read.incidents, 0.05)["spread"]}, read.wards)
    return 0


def _middles(incidents: pd.DataFrame) -> pd.DataFrame:
    """Return each ward's mean point and the radius that holds 95 % of its reports."""
    inside = incidents[incidents["placement"] == "in ward"]
    middle = inside.groupby("ward_gss_code")[["easting_m", "northing_m"]].mean()
    there = middle.loc[inside["ward_gss_code"]].to_numpy()
    away = np.hypot(*(inside[["easting_m", "northing_m"]].to_numpy() - there).T)
    return middle.assign(error_m=pd.Series(away).groupby(inside["ward_gss_code"].to_numpy()).quantile(0.95))


def _cases(incidents: pd.DataFrame, share: float) -> dict[str, pd.DataFrame]:
    drawn = np.random.default_rng(SEED).random(len(incidents)) < share
    drawn &= ((incidents["placement"] == "in ward") & TRAIN.holds(incidents["occurred_from"])).to_numpy()
    middle = _middles(incidents).loc[incidents.loc[drawn, "ward_gss_code"]].to_numpy()
    spread = incidents.copy()
    spread.loc[drawn, ["easting_m", "northing_m", "error_m"]] = middle
    trusted = spread.assign(error_m=incidents["error_m"])
    return {"known": incidents, "trusted": trusted, "spread": spread, "left out": incidents[~drawn]}


def _at_a_middle(found: pd.DataFrame, incidents: pd.DataFrame) -> int:
    middle = _middles(incidents)
    apart = np.hypot(
        found["easting_m"].to_numpy()[:, None] - middle["easting_m"].to_numpy(),
        found["northing_m"].to_numpy()[:, None] - middle["northing_m"].to_numpy(),
    )
    return int((apart.min(axis=1) < 50.0).sum())


def _time(cases: dict[str, pd.DataFrame], wards: pd.DataFrame) -> None:
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for pair in range(PAIRS):
        for name in list(cases) if pair % 2 else list(cases)[::-1]:
            started = time.perf_counter()
            pipeline.analyse(cases[name], wards, pipeline.Settings())
            taken[name].append(time.perf_counter() - started)
    median = {name: float(np.median(values)) for name, values in taken.items()}
    base = next(iter(median.values()))
    for name, seconds in median.items():
        print(f"{name:5s} {seconds:6.2f} s   {seconds / base:5.3f}")


if __name__ == "__main__":
    sys.exit(main())
