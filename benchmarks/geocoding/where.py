"""Where the open data is on this machine: the environment says."""

import os
from pathlib import Path


def data_folder() -> Path | None:
    """Give the folder that WARD_HOTSPOTS_TEST_DATA names, where it holds what the benchmark needs."""
    folder = Path(os.environ.get("WARD_HOTSPOTS_TEST_DATA", ""))
    return folder if (folder / "postcodes" / "teesside_street_anchor_points.csv.gz").is_file() else None
