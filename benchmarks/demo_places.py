"""How well the demo borough's words are found: share matched, and share within the stated error radius.

    python -m benchmarks.demo_places [--seeds 700:705] [--json]

Every report of the demo without a point is looked up as an import would look it up, in the gazetteer
built from the borough's own files, and held against where it really was (`without_point` of
truth.json), which nothing in the product reads.
"""

import argparse
import datetime as dt
import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from mapping import demo
from mapping.intake import layout as layouts
from mapping.intake import read_reports
from mapping.place_finding import look_up
from mapping.places.gazetteer import Gazetteer
from mapping.places.gazetteer_build import Sources, build
from mapping.places.geocoder import Geocoder
from mapping.places.wards import read_wards


def judged(seed: int) -> pd.DataFrame:
    """Return one row per report without a point: what was found, and how far from the truth."""
    with tempfile.TemporaryDirectory() as folder:
        paths = demo.build(seed, Path(folder))
        truth = json.loads(paths.truth.read_text(encoding="utf-8"))["without_point"]
        wards = read_wards([paths.wards])
        file = Path(folder) / "gazetteer.sqlite"
        sources = Sources(
            code_point=(paths.code_point,), street_points=(paths.street_points,), places=(paths.places,)
        )
        build(file, sources, wards=wards, edition="demo")
        taken = read_reports(
            paths.sources, layouts.load("warden-log"), now=dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
        )
        found = look_up(Geocoder(Gazetteer.open(file)), taken.reports)
    asked = found[found["place_status"].isin(["matched", "ambiguous", "unmatched"])].copy()
    keys = asked["source"] + ":" + asked["reference"]
    true = np.array([truth[key] for key in keys])
    away = np.hypot(asked["easting_m"] - true[:, 0], asked["northing_m"] - true[:, 1])
    return asked.assign(seed=seed, away_m=away, within=away <= asked["error_m"])


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Tabulate by level, and all together."""
    matched = rows[rows["place_status"] == "matched"]
    groups = [(str(level), part) for level, part in matched.groupby("match_level")] + [("all", matched)]
    return pd.DataFrame(
        {
            "level": [level for level, _ in groups],
            "matched": [len(part) for _, part in groups],
            "within_error": [round(float(part["within"].mean()), 4) for _, part in groups],
            "median_away_m": [round(float(part["away_m"].median()), 1) for _, part in groups],
            "median_error_m": [round(float(part["error_m"].median()), 1) for _, part in groups],
        }
    )


def main() -> None:
    """Judge the seeds asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", default="3:4", help="first:last, the last not included")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    first, last = map(int, chosen.seeds.split(":"))
    rows = pd.concat([judged(seed) for seed in range(first, last)], ignore_index=True)
    shares = rows["place_status"].value_counts(normalize=True).round(4).to_dict()
    table = summary(rows)
    if chosen.json:
        print(json.dumps({"asked": len(rows), "status": shares, "levels": table.to_dict("records")}))
        return
    print(f"{len(rows):,} reports without a point: {shares}")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
