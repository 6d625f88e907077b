"""How long the analysis of one borough takes once its files are read, stage by stage.

    python benchmarks/analysis.py [--incidents 30000] [--times 5]

An invented borough of 20 wards and 24 months: `auto` with its choice of method, one method alone, and that
method with a single simulated map, which leaves out what simulation costs. Alternating, medians, warm;
seconds and their ratio to the last.
"""

import argparse
import sys
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapping.pipeline import Settings, Stopwatch, analyse
from mapping.schema import PLACED, REPORTS

WIDE, HIGH, SIDE_M = 5, 4, 2000
WEST_M, SOUTH_M = 400_000.0, 300_000.0
CATEGORIES = ("Anti-social behaviour", "Burglary", "Vehicle crime", "Criminal damage and arson", "Drugs")
CASES = {
    "auto, with its choice": Settings(),
    "mixed alone": Settings(method="mixed"),
    "mixed, one simulated map": Settings(method="mixed", maps=1),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--incidents", type=int, default=30_000)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    incidents, wards = borough(options.incidents)
    analyse(incidents, wards, CASES["mixed, one simulated map"])  # warm
    taken: dict[str, list[float]] = {name: [] for name in CASES}
    stages: dict[str, dict[str, float]] = {}
    for _ in range(options.times):
        for name, settings in CASES.items():
            watch = Stopwatch()
            started = time.perf_counter()
            analyse(incidents, wards, settings, watch=watch)
            taken[name].append(time.perf_counter() - started)
            stages[name] = watch.seconds
    least = float(np.median(taken["mixed, one simulated map"]))
    for name, seconds in taken.items():
        median = float(np.median(seconds))
        print(f"{name:26s} {median:6.2f} s   {median / least:5.2f}   {stages[name]}")
    return 0


def borough(count: int) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Return incidents around 3,000 addresses of unequal weight, known to the minute, and their wards."""
    rng = np.random.default_rng(30)
    corners = [(WEST_M + SIDE_M * i, SOUTH_M + SIDE_M * j) for i in range(WIDE) for j in range(HIGH)]
    codes = [f"E05999{k:03d}" for k in range(len(corners))]
    wards = gpd.GeoDataFrame(
        {"ward_gss_code": codes, "ward_name": [f"Ward {k + 1}" for k in range(len(corners))]},
        geometry=[shapely.box(x, y, x + SIDE_M, y + SIDE_M) for x, y in corners],
        crs="EPSG:27700",
    )
    reach = np.array([WIDE, HIGH]) * SIDE_M
    address = np.array([WEST_M, SOUTH_M]) + rng.uniform(1, reach - 1, (3000, 2))
    weight = rng.lognormal(0, 1, 3000)
    at = rng.choice(3000, count, p=weight / weight.sum())
    corner = np.array([WEST_M, SOUTH_M])
    xy = np.clip(address[at] + rng.normal(0, 20, (count, 2)), corner, corner + reach - 0.5).round(1)
    minutes = rng.integers(0, 730 * 1440, count)
    ward = ((xy[:, 0] - WEST_M) // SIDE_M * HIGH + (xy[:, 1] - SOUTH_M) // SIDE_M).astype(int)
    made = pd.DataFrame({name: [""] * count for name in [*REPORTS, *PLACED]})
    when = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(minutes, unit="min")
    return made.assign(
        row=np.arange(count), incident_id=[f"I{k}" for k in range(count)],
        occurred_from=when, occurred_to=when,
        time_precision="minute", reported_at=pd.NaT, extracted_on=pd.NaT, source="timed-points",
        category=rng.choice(CATEGORIES, count), easting_m=xy[:, 0], northing_m=xy[:, 1], error_m=10.0,
        match_level="coordinates", place_text="Acacia Road", placement="in ward",
        ward_gss_code=np.array(codes)[ward],
    ), wards  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
