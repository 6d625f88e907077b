"""What a gazetteer of the borough is built from: postcodes, points on its streets, and what people name.

In the formats that real ones come in, so that the same commands build both.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from mapping import crs
from mapping.demo import words
from mapping.demo.lines import walk
from mapping.demo.town import Town

_STREET_POINT_M: Final = 90.0  # one point for so much of a street, as snapped map points have
_QUALITY: Final = 10  # of a postcode's point: within its building
_STREET_HEAD: Final = ("street_or_place", "longitude", "latitude", "lsoa21_code", "lsoa21_name")
_PLACE_HEAD: Final = ("name", "kind", "easting", "northing", "extent_m")
_LANDMARK_M: Final = 75.0  # what people call "at the shops"


def write(town: Town, folder: Path) -> dict[str, Path]:
    """Write postcodes as Code-Point Open, street points and local names, and return where each is."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.csv" for name in ("code_point", "street_points", "places")}
    _write(paths["code_point"], (), _postcodes(town))
    _write(paths["street_points"], _STREET_HEAD, _street_points(town))
    _write(paths["places"], _PLACE_HEAD, _named_places(town))
    return paths


def _postcodes(town: Town) -> Iterable[Sequence[Any]]:
    """Give each postcode the address nearest the middle of all its addresses."""
    spots = town.spots[(town.spots["postcode"] != "") & (town.spots["house"] > 0)]
    for postcode, rows in spots.groupby("postcode", sort=True):
        points = rows[["easting_m", "northing_m"]].to_numpy()
        nearest = points[np.hypot(*(points - points.mean(axis=0)).T).argmin()]
        ward = town.wards.codes[int(rows["ward"].iloc[0])]
        codes = ("E92000001", "", "", "", words.BOROUGH_CODE, str(ward))
        yield (str(postcode), _QUALITY, int(nearest[0]), int(nearest[1]), *codes)


def _street_points(town: Town) -> Iterable[Sequence[Any]]:
    for road in town.roads:
        count = max(1, round(road.line.length / _STREET_POINT_M))
        at, _ = walk(road.line, (np.arange(count) + 0.5) * road.line.length / count)
        longitude, latitude = crs.to_wgs84(at[:, 0], at[:, 1])
        for lon, lat in zip(longitude.tolist(), latitude.tolist(), strict=True):
            yield (road.name, f"{lon:.6f}", f"{lat:.6f}", "", f"{words.BOROUGH} 001A")


def _named_places(town: Town) -> Iterable[Sequence[Any]]:
    for mark in town.landmarks:
        yield (mark.name, mark.kind, round(mark.easting_m), round(mark.northing_m), int(_LANDMARK_M))
    for park in town.parks:
        middle = park.shape.centroid
        away = max(middle.distance(type(middle)(corner)) for corner in park.shape.exterior.coords)
        yield (park.name, park.kind, round(middle.x), round(middle.y), round(away))


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if head:
        writer.writerow(head)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8"))
