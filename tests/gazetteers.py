"""A small gazetteer for tests that look places up."""

import json
from collections.abc import Sequence
from pathlib import Path

Place = tuple[str, str, float, float, float]  # name, level, easting and northing in metres, radius


def build(path: Path, places: Sequence[Place], wards: object = None) -> None:
    path.write_text(json.dumps(places))
