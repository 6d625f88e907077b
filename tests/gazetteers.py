"""A small gazetteer for tests that look places up."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mapping.places import gazetteer_build

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

Place = tuple[str, str, float, float, float]  # name, kind, easting and northing in metres, radius


def build(path: Path, places: Sequence[Place], wards: "GeoDataFrame | None" = None) -> None:
    """Build a gazetteer that knows these places and nothing else."""
    table = path.with_name("places.csv")
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "kind", "easting", "northing", "extent_m"])
        writer.writerows(places)
    gazetteer_build.build(path, gazetteer_build.Sources(places=(table,)), wards=wards, edition="May 2025")
