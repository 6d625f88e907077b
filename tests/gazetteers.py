"""A small gazetteer for tests that look places up, built as a partnership builds its own."""

import csv
from collections.abc import Sequence
from pathlib import Path

from mapping.places import gazetteer_build
from mapping.places.gazetteer_build import Sources

Place = tuple[str, str, float, float, float]  # name, kind, easting and northing in metres, radius


def build(path: Path, places: Sequence[Place], wards: object = None) -> None:
    """Build a gazetteer of named places at `path`."""
    source = path.with_name("places.csv")
    with source.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["name", "kind", "easting", "northing", "extent_m"], *places])
    gazetteer_build.build(path, Sources(places=(source,)), wards=wards)
