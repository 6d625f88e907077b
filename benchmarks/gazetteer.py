"""Whether the gazetteer's radii hold, and what a gazetteer of all of Great Britain costs.

    WARD_HOTSPOTS_TEST_DATA=... python benchmarks/gazetteer.py [--country FOLDER]

Radii: half of the postcodes builds a gazetteer and the other half asks. Each of these stands for an address
of the street whose anchor is nearest (within 150 m), of the nearest postcode that was kept, of its own sector
and of its own district. The country is made up: as many postcodes and names as there are, in as many towns,
with nothing true in them.
"""

import argparse
import gzip
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from mapping.places import name_extents
from mapping.places.gazetteer import STREET, Gazetteer
from mapping.places.gazetteer_build import Sources, build
from mapping.places.wards import read_wards

SEEDS = range(5)
POSTCODES = 1_700_000
NAMES = 1_300_000  # what OS Open Names holds beside its postcodes
STEMS = """High Church Station Park Mill Victoria Green Manor Queen King London New Albert North South West
East Chapel School Grove York Windsor Richmond Springfield George Stanley Alexandra Broadway Oxford Hill
Cambridge Beech Elm Oak Ash Cedar Willow Holly Maple Rose Ivy Lime Poplar Birch Hazel Rowan Laurel"""
TYPES = "Road Street Lane Avenue Close Drive Way Court Place Crescent Gardens Terrace Grove Walk"


def held_out(code_point: Path, street_points: Path, folder: Path, seed: int) -> pd.DataFrame:
    """Build from half of the postcodes and ask where the others lie; one row for each question."""
    table = pd.read_csv(code_point, header=None)
    good = table[table[1] <= 20]
    is_kept = np.random.default_rng(seed).random(len(good)) < 0.5
    half = folder / "half.csv"
    good[is_kept].to_csv(half, header=False, index=False)
    path = folder / "half.sqlite"
    points = [street_points] if street_points.exists() else []
    build(path, Sources(code_point=[half], street_points=points))
    truth = good[~is_kept]
    east, north = truth[2].to_numpy(float), truth[3].to_numpy(float)
    codes = truth[0].str.replace(" ", "").to_numpy()
    rows = []
    with Gazetteer.open(path) as gazetteer:
        postcodes, entries = gazetteer.postcodes, gazetteer.entries
        held = np.column_stack((postcodes.easting_m, postcodes.northing_m))
        away, nearest = cKDTree(held).query(np.column_stack((east, north)))
        rows.append(
            pd.DataFrame({"level": "postcode", "away_m": away, "error_m": postcodes.error_m[nearest]})
        )
        for level, areas, marks in (("sector", gazetteer.sectors, 2), ("district", gazetteer.districts, 3)):
            place = np.array([areas.row_of(code[:-marks]) for code in codes])
            seen = place >= 0
            away = np.hypot(areas.easting_m[place] - east, areas.northing_m[place] - north)[seen]
            rows.append(pd.DataFrame({"level": level, "away_m": away, "error_m": areas.error_m[place[seen]]}))
        if points:
            rows.append(_streets(entries, street_points, east, north))
    return pd.concat(rows)


def _streets(entries, street_points: Path, east, north) -> pd.DataFrame:
    streets = np.flatnonzero(entries.level[:] == STREET)
    anchors, owner = [], []
    spots = _anchor_spots(street_points)
    for street in streets:
        for x, y in zip(*entries.members(street), strict=True):
            if (round(x, 1), round(y, 1)) in spots:
                anchors.append((x, y))
                owner.append(street)
    _, found = name_extents.on_streets(east, north, np.array(anchors), np.array(owner))
    away, nearest = cKDTree(anchors).query(np.column_stack((east, north)))
    on = away <= name_extents.ON_STREET_M
    street = np.array(owner)[nearest[on]]
    assert (street == found).all()
    distance = np.hypot(entries.easting_m[street] - east[on], entries.northing_m[street] - north[on])
    size = np.diff(entries.member_start)[street]
    level = np.where(size == 1, "street, 1 point", np.where(size == 2, "street, 2", "street, 3+"))
    return pd.DataFrame({"level": level, "away_m": distance, "error_m": entries.error_m[street]})


def _anchor_spots(street_points: Path) -> set[tuple[float, float]]:
    from mapping import crs

    table = pd.read_csv(street_points)
    x, y = crs.to_bng(table["longitude"], table["latitude"])
    return set(zip(x.round(1).tolist(), y.round(1).tolist(), strict=True))


def radii(data: Path, folder: Path) -> None:
    for name in ("codepoint_open_ts_2022", "codepoint_open_ts_2014", "codepoint_open_pa_2022"):
        points = data / "postcodes/teesside_street_anchor_points.csv.gz"
        points = points if "_ts_" in name else Path("none")
        asked = pd.concat(held_out(data / f"postcodes/{name}.csv.gz", points, folder, seed) for seed in SEEDS)
        asked["held"] = asked["away_m"] <= asked["error_m"]
        shown = asked.groupby("level").agg(
            truths=("held", "size"),
            held=("held", "mean"),
            median_m=("error_m", "median"),
            p95_m=("error_m", lambda values: values.quantile(0.95)),
        )
        whole = asked[asked["level"].str.startswith("street")]
        print(name, f"streets together: {whole['held'].mean():.3f}" if len(whole) else "")
        print(shown.round(3).to_string())


def write_country(folder: Path, *, postcodes: int = POSTCODES, names: int = NAMES, seed: int = 0) -> None:
    """Write files like Ordnance Survey's in size and shape: towns of streets, with nothing true in them."""
    rng = np.random.default_rng(seed)
    stems, types = STEMS.split(), TYPES.split()
    towns = np.column_stack((rng.uniform(200_000, 600_000, 4_000), rng.uniform(100_000, 900_000, 4_000)))
    areas = [f"{a}{b}" for a in "ABCDEGHKLMNPRSTW" for b in "ABDEHLNRSTW"][:124]
    ends = [f"{d}{a}{b}" for d in range(10) for a in "ABDEFGHJLNPQRSTUWXYZ" for b in "ABDEFGHJLNPQRSTUWXYZ"]
    inner = rng.permutation(len(ends))
    with gzip.open(folder / "codepo.csv.gz", "wt", compresslevel=1) as out:
        for number in range(postcodes):
            district, end = divmod(number, 600)
            code = f"{areas[district % 124]}{district // 124 + 1} {ends[inner[end]]}"
            town = towns[(number // 425) % len(towns)]
            x, y = town + rng.normal(0, 1_200, 2)
            out.write(f'"{code:<7}",10,{x:.0f},{y:.0f},"E92000001","","","","E06000001","E05000001"\n')
    with gzip.open(folder / "opname.csv.gz", "wt", compresslevel=1, encoding="utf-8-sig") as out:
        for number in range(names):
            town = number // 225 % len(towns)
            x, y = towns[town] + rng.normal(0, 1_200, 2)
            half = rng.exponential(60, 2) + 10
            if number % 225 == 0:
                name, kind, local = f"Town{town:05d}", "populatedPlace", "Village"
                half = half + 800
            else:
                stem, ending = stems[rng.integers(len(stems))], types[rng.integers(len(types))]
                name = f"{stem}{number % 7 or ''} {ending}"
                kind, local = "transportNetwork", "Named Road"
            box = f"{x - half[0]:.0f},{y - half[1]:.0f},{x + half[0]:.0f},{y + half[1]:.0f}"
            out.write(
                f"osgb{number},http://data/{number},{name},,,,{kind},{local},{x:.0f},{y:.0f},1,2,{box},,,"
                f"Town{town:05d},http://p,http://t,,,,County {town % 90},http://c,http://u,England,http://r,"
                "England,http://e,,,\n"
            )


def national(folder: Path, wards: Path | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "opname.csv.gz").exists():
        write_country(folder)
    began = time.perf_counter()
    edition = None if wards is None else read_wards([wards])
    print(f"wards read in {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    path = folder / "national.sqlite"
    sources = Sources(code_point=[folder / "codepo.csv.gz"], open_names=[folder / "opname.csv.gz"])
    report = build(path, sources, wards=edition)
    print(report.levels)
    print(f"built in {time.perf_counter() - began:.1f} s, peak {_peak_mb():.0f} MB, "
          f"file {path.stat().st_size / 2**20:.0f} MB")  # fmt: skip


def open_country(folder: Path) -> None:
    began = time.perf_counter()
    gazetteer = Gazetteer.open(folder / "national.sqlite")
    print(f"opened in {time.perf_counter() - began:.2f} s, peak {_peak_mb():.0f} MB")
    began = time.perf_counter()
    for name in gazetteer.entries.key[:: len(gazetteer.entries) // 10_000][:10_000]:
        gazetteer.find(name)
    print(f"a name found in {(time.perf_counter() - began) * 100:.1f} microseconds, peak {_peak_mb():.0f} MB")


def _peak_mb() -> float:
    """Return the peak of this process; what getrusage says can be that of the one which started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--country", type=Path, help="Folder of the made-up country; else a passing one.")
    parser.add_argument("--open", action="store_true", help="Only open what was built in --country.")
    named = parser.parse_args()
    if named.open:
        open_country(named.country)
        return 0
    data = Path(os.environ.get("WARD_HOTSPOTS_TEST_DATA", ""))
    if not (data / "postcodes").is_dir():
        print("Skipped: set WARD_HOTSPOTS_TEST_DATA to the folder of open data.")
        return 0
    with tempfile.TemporaryDirectory() as made:
        radii(data, Path(made))
        country = named.country or Path(made) / "country"
        national(country, data / "boundaries/gb_wards_2022_ultra_generalised.gpkg.gz")
        command = [sys.executable, __file__, "--country", country, "--open"]
        subprocess.run(command, check=True)  # in a process of its own, for its own peak
    return 0


if __name__ == "__main__":
    sys.exit(main())
