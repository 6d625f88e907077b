"""What every test may ask for."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import settings

from mapping.schema import REPORTS

# The same examples on every machine, and no time limit on a shared one: a failure is a finding.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of open data, or skip and say how to name it."""
    folder = os.environ.get("WARD_HOTSPOTS_TEST_DATA", "")
    if not folder or not (Path(folder) / "police_uk").is_dir():
        pytest.skip("no open data here: set WARD_HOTSPOTS_TEST_DATA to its folder")
    return Path(folder)


@pytest.fixture(scope="session")
def committed_files() -> tuple[Path, ...]:
    """Return what git tracks or would add, nothing ignored; skip where this is no checkout."""
    house = Path(__file__).resolve().parent.parent
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=house, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout, so what is committed cannot be listed")
    names = listed.stdout.decode().split("\0")
    return tuple(house / name for name in names if name and (house / name).is_file())


CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Start Debian's browser once, or skip and say what is missing."""
    playwright_api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip(f"no browser here: install Debian's chromium ({CHROMIUM})")
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def two_wards():
    """West and East, 1 km squares that share the edge at easting 401 000."""
    return gpd.GeoDataFrame(
        {"ward_gss_code": ["E05999001", "E05999002"], "ward_name": ["West", "East"]},
        geometry=[
            shapely.box(400_000, 300_000, 401_000, 301_000),
            shapely.box(401_000, 300_000, 402_000, 301_000),
        ],
        crs="EPSG:27700",
    )


@pytest.fixture
def make_incidents():
    """Make placed incidents out of (easting, northing, month, how many) rows."""

    def make(
        rows, *, ward="E05999001", category="Anti-social behaviour", place="Eden Road", precision="month"
    ):
        east, north, when = [], [], []
        for easting, northing, month, count in rows:
            east += [float(easting)] * count
            north += [float(northing)] * count
            when += [pd.Timestamp(f"{month}-01T00:00", tz="Europe/London").tz_convert("UTC")] * count
        size = len(east)
        frame = pd.DataFrame({column: [""] * size for column in REPORTS})
        frame["row"] = np.arange(1, size + 1)
        frame["easting_m"], frame["northing_m"], frame["error_m"] = east, north, 100.0
        frame["occurred_from"] = pd.Series(pd.DatetimeIndex(when, tz="UTC").as_unit("us"))
        frame["occurred_to"] = frame["occurred_from"]
        frame["time_precision"] = precision
        frame["category"], frame["place_text"], frame["source"] = category, place, "police-uk"
        frame["incident_id"] = [f"I{k:05d}" for k in range(size)]
        frame["ward_gss_code"], frame["placement"] = ward, "in ward"
        return frame

    return make
