"""How much of what was planted is found, over boroughs not used while building.

    python benchmarks/demo_truth.py --seeds 100-119 [--months 24] [--at 2026-09]

Prints one line per seed and the means: recall (share of the places due that have one of the ward's
top hotspots within 150 m) and precision (share of hotspots at a planted place, cautioned stacks
left out).
"""

import argparse
import datetime as dt
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from mapping import intake, periods, pipeline
from mapping.demo import build
from mapping.demo.judge import Verdict, judge, load_truth
from mapping.places import wards as ward_places

NOW = dt.datetime(2026, 10, 2, 8, tzinfo=dt.UTC)


def main() -> int:
    options = _options()
    first, _, last = options.seeds.partition("-")
    verdicts = []
    print("seed  recall  precision  reported  due  seconds  missed | wrong")
    for seed in range(int(first), int(last or first) + 1):
        started = time.perf_counter()
        verdict, reported = judge_seed(seed, options.at, options.months, options.top)
        verdicts.append(verdict)
        due = len(verdict.found) + len(verdict.missed)
        scores = f"{seed:4d}  {verdict.recall:6.3f}  {verdict.precision:9.3f}  {reported:8d}  {due:3d}"
        missed, wrong = ", ".join(verdict.missed), ", ".join(verdict.wrong)
        print(f"{scores}  {time.perf_counter() - started:7.1f}  {missed} | {wrong}", flush=True)
    recall = np.nanmean([verdict.recall for verdict in verdicts])
    precision = np.nanmean([verdict.precision for verdict in verdicts])
    print(f"mean  {recall:6.3f}  {precision:9.3f}")
    return 0


def judge_seed(seed: int, at_month: str, months: int, top: int) -> tuple[Verdict, int]:
    """Build one borough, run the whole pipeline on `months` months up to `at_month`, and judge it."""
    with tempfile.TemporaryDirectory() as folder:
        paths = build(seed, Path(folder))
        read = intake.read_reports(list(paths.sources), "warden-log", now=NOW)
        incidents, _ = intake.to_incidents(read.reports)
        wards = ward_places.read_wards([paths.wards])
        end = periods.month_number(dt.date.fromisoformat(f"{at_month}-01")) + 1
        period = periods.Period(periods.month_start(end - months), periods.month_start(end))
        placed = ward_places.place(incidents, wards)
        known = placed[placed["occurred_from"] < period.end_at].reset_index(drop=True)
        settings = pipeline.Settings(period=period, top_per_ward=top)
        hotspots: pd.DataFrame = pipeline.analyse(known, wards, settings).hotspots
        return judge(hotspots, load_truth(paths.truth), at_month=at_month), len(hotspots)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", default="100-119")
    parser.add_argument("--at", default="2026-09")
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--top", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
