"""How many events that two services told of are found, over boroughs not used while building.

    python benchmarks/linking/run.py --seeds 700-719

For every seed: of the links that were joined, the share that is right (precision), and the share of the
borough's pairs that were joined (recall); the same of a naive rule; and what the queue holds.
"""

import argparse
import datetime as dt
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from mapping import categories, intake
from mapping.demo import build
from mapping.demo.judge import load_truth
from mapping.intake.event_groups import candidate_links

NOW = dt.datetime(2026, 10, 2, 8, tzinfo=dt.UTC)
NAIVE_M, NAIVE_MIN = 50.0, 30.0


def main() -> int:
    """Judge every seed and print the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", default="700-719")
    first, _, last = parser.parse_args().seeds.partition("-")
    rows = []
    for seed in range(int(first), int(last or first) + 1):
        rows.append({"seed": seed, **judge_seed(seed)})
        print(pd.DataFrame(rows[-1:]).round(3).to_string(index=False, header=len(rows) == 1), flush=True)
    table = pd.DataFrame(rows).drop(columns="seed")
    print(table.agg(["mean", "min", "max"]).round(3).to_string())
    return 0


def judge_seed(seed: int) -> dict[str, float]:
    """Build one borough, link its reports, and compare with what it knows of itself."""
    with tempfile.TemporaryDirectory() as folder:
        paths = build(seed, Path(folder))
        reports = intake.read_reports(list(paths.sources), "warden-log", now=NOW).reports
        pairs = load_truth(paths.truth)["pairs"]
    started = time.perf_counter()
    links = candidate_links(reports)
    seconds = time.perf_counter() - started
    key = (reports["source"] + ":" + reports["reference"]).to_numpy()
    told_twice = {frozenset(pair) for pair in pairs}
    is_true = right(links["first"], links["second"], key, told_twice)
    joined, queued = (links["state"] == state for state in ("joined", "queued"))
    naive = naive_links(reports)
    naive_true = right(naive[:, 0], naive[:, 1], key, told_twice)
    located = set(key[reports["easting_m"].notna()])
    return {
        "pairs": len(pairs),
        "both_located": sum(set(pair) <= located for pair in pairs) / len(pairs),
        "joined": int(joined.sum()),
        "precision": float(is_true[joined].mean()),
        "recall": float(is_true[joined].sum() / len(pairs)),
        "queued": int(queued.sum()),
        "queued_true": float(is_true[queued].mean()) if queued.any() else float("nan"),
        "naive_precision": float(naive_true.mean()),
        "naive_recall": float(naive_true.sum() / len(pairs)),
        "seconds": seconds,
    }


def right(
    first: pd.Series | np.ndarray, second: pd.Series | np.ndarray, key: np.ndarray, truth: set[frozenset[str]]
) -> np.ndarray:
    """Say which links are pairs of the truth."""
    return np.array(
        [frozenset((key[one], key[other])) in truth for one, other in zip(first, second, strict=True)],
        dtype=bool,
    )


def naive_links(reports: pd.DataFrame) -> np.ndarray:
    """Link all reports of different sources and one family within 50 m and 30 minutes."""
    place = np.flatnonzero(reports["easting_m"].notna())
    located = reports.iloc[place]
    minutes = (
        located["occurred_from"].dt.tz_localize(None).to_numpy().astype("datetime64[s]").astype(np.int64)
    )
    points = np.column_stack(
        [located["easting_m"], located["northing_m"], minutes / 60 * NAIVE_M / NAIVE_MIN]
    )
    near = cKDTree(points).query_pairs(NAIVE_M, p=np.inf, output_type="ndarray")
    apart = np.hypot(*(points[near[:, 0], :2] - points[near[:, 1], :2]).T)
    source = located["source"].to_numpy()
    family = located["category"].map(categories.family).to_numpy()
    kept = (apart <= NAIVE_M) & (source[near[:, 0]] != source[near[:, 1]])
    kept &= family[near[:, 0]] == family[near[:, 1]]
    return place[near[kept]]


if __name__ == "__main__":
    sys.exit(main())
