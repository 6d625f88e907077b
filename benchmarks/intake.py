"""Files to stored incidents: seconds and peak memory by stage, for 300,000 police.uk rows.

    WARD_HOTSPOTS_TEST_DATA=... python benchmarks/intake.py [--database postgresql://user@host/empty]

Imports twenty months of South Yorkshire (305,399 rows) with its wards into a fresh SQLite file (and,
where one is named, into an empty PostgreSQL database), then once more, each in a process of its own;
the same rows as one file of 60 MB; and as the peer of the reading stage `pandas.read_csv` of the same
files, with no check and no store. The product's time is quoted as a ratio to that.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEER = "import sys, pandas; print(sum(len(pandas.read_csv(path, dtype=str)) for path in sys.argv[1:]))"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", help="An empty PostgreSQL database to import into as well.")
    named = parser.parse_args()
    data = Path(os.environ.get("WARD_HOTSPOTS_TEST_DATA", ""))
    files = sorted((data / "police_uk" / "south-yorkshire").glob("*.csv.gz"))[:20]
    if not files:
        print("Skipped: set WARD_HOTSPOTS_TEST_DATA to the folder of open data.")
        return 0
    wards = sorted((data / "boundaries" / "wards_2025").glob("E080000[13]*.geojson"))
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", PEER, *files], check=True, capture_output=True)
    peer = time.perf_counter() - started
    print(f"pandas.read_csv of the same files, nothing checked or kept: {peer:.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/hotspots.db"
        _hotspots(url, "boundaries", "add", *wards, "--edition", "May 2025")
        for what in ("SQLite, new", "SQLite, again"):
            _measure(what, url, files, peer)
        whole = Path(folder) / "whole.csv"
        _one_file(files, whole)
        single = f"sqlite:///{folder}/single.db"
        _hotspots(single, "boundaries", "add", *wards, "--edition", "May 2025")
        _measure("SQLite, one file", single, [whole], peer)
        if named.database:
            _hotspots(named.database, "boundaries", "add", *wards, "--edition", "May 2025")
            for what in ("PostgreSQL, new", "PostgreSQL, again"):
                _measure(what, named.database, files, peer)
    return 0


def _one_file(files: list[Path], whole: Path) -> None:
    with whole.open("wb") as out:
        for number, path in enumerate(files):
            with gzip.open(path) as source:
                heading = source.readline()
                out.writelines([heading] if number == 0 else [])
                out.write(source.read())


def _measure(what: str, url: str, files: list[Path], peer: float) -> None:
    started = time.perf_counter()
    told = json.loads(_hotspots(url, "import", "police-uk", *files, "--json"))
    whole = time.perf_counter() - started
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in told["seconds"].items())
    print(
        f"{what}: {told['rows_in']:,} rows, {told['new']:,} new, {told['unchanged']:,} unchanged; whole "
        f"process {whole:.1f} s ({whole / peer:.1f} x reading alone), {told['peak_mb']:.0f} MB; {stages} s"
    )


def _hotspots(url: str, *words: object) -> str:
    command = [sys.executable, "-m", "mapping", *map(str, words)]
    environment = os.environ | {"HOTSPOTS_DATABASE_URL": url}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    raise SystemExit(main())
