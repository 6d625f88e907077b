import csv

import pytest

from mapping import crs
from mapping.places.gazetteer import Gazetteer
from mapping.places.gazetteer_build import Sources, build
from mapping.places.geocoder import Geocoder

# An invented town of two boroughs, laid out so that every distance below can be worked out by hand.
STREETS = [
    # name, borough, easting, northing
    ("Marton Road", "Northtown", 450_000, 520_000),
    ("Marton Road", "Northtown", 450_000, 520_200),
    ("Kings Road", "Northtown", 450_000, 520_420),  # 220 m from the end of Marton Road: they meet
    ("Kings Road", "Southtown", 450_000, 510_000),  # 10 km off: another street
    ("St Mary's Close", "Northtown", 451_000, 520_000),
    ("The Wynd", "Northtown", 452_000, 520_000),
    ("Linthorpe Road", "Southtown", 450_500, 510_000),
    ("Linthorpe Mews", "Southtown", 451_500, 510_000),
    ("Brackenbury Avenue", "Southtown", 452_500, 510_000),
    ("Supermarket", "Northtown", 450_300, 520_000),
    ("Supermarket", "Southtown", 450_300, 510_000),
]
POSTCODES = [
    ("ZZ1 1AA", 450_010, 520_010),
    ("ZZ1 1AB", 450_010, 520_190),
    ("ZZ1 2AA", 451_010, 520_010),
    ("ZZ2 1AA", 450_010, 510_010),
    ("ZZ2 1AB", 452_510, 510_010),
]
PLACES = [
    ("Pallister Park", "park", 453_000, 520_000, 150, "The Rec|Pally Park"),
    ("Corner House", "pub", 453_500, 510_000, 40, ""),
]


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    files = {name: folder / f"{name}.csv" for name in ("streets", "postcodes", "places")}
    with files["streets"].open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["street_or_place", "longitude", "latitude", "lsoa21_code", "lsoa21_name"])
        for name, borough, east, north in STREETS:
            lon, lat = crs.to_wgs84([east], [north])
            writer.writerow([name, f"{lon[0]:.7f}", f"{lat[0]:.7f}", "", f"{borough} 001A"])
    with files["postcodes"].open("w", newline="") as file:
        for code, east, north in POSTCODES:
            csv.writer(file).writerow([code, 10, east, north, "E92000001", "", "", "", "", ""])
    with files["places"].open("w", newline="") as file:
        csv.writer(file).writerows([["name", "kind", "easting", "northing", "extent_m", "aliases"], *PLACES])
    path = folder / "gazetteer.sqlite"
    sources = Sources(
        code_point=(files["postcodes"],), street_points=(files["streets"],), places=(files["places"],)
    )
    build(path, sources)
    with Gazetteer.open(path) as gazetteer:
        yield gazetteer


@pytest.fixture(scope="session")
def geocoder(town):
    return Geocoder(town)
