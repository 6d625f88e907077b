"""The product's own geocoder over a part of the reference, built as a partnership would build it."""

import csv
from pathlib import Path

import pandas as pd

from benchmarks.geocoding.reference import Entries, Reference
from mapping import crs
from mapping.places.gazetteer import Gazetteer
from mapping.places.gazetteer_build import Sources, build
from mapping.places.geocoder import Geocoder


def build_from(entries: Entries, reference: Reference, folder: Path) -> Gazetteer:
    """Write the entries in the formats that a gazetteer is built from, build it in `folder` and open it."""
    code_point, streets = folder / "code_point.csv", folder / "street_points.csv"
    with code_point.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for row in entries.postcodes.itertuples(index=False):
            ends = ("E92000001", "", "", "", "", row.ward_gss_code)
            writer.writerow([row.postcode, 10, round(row.easting_m), round(row.northing_m), *ends])
    lon, lat = crs.to_wgs84(entries.anchors["easting_m"], entries.anchors["northing_m"])
    table = pd.DataFrame({"street_or_place": entries.anchors["name"], "longitude": lon, "latitude": lat})
    # As data.police.uk names its areas: "Middlesbrough 003D".
    table.assign(lsoa21_code="", lsoa21_name=entries.anchors["borough"] + " 001A").to_csv(
        streets, index=False
    )
    path = folder / "gazetteer.sqlite"
    sources = Sources(code_point=(code_point,), street_points=(streets,))
    build(path, sources, wards=reference.wards, edition="2025")
    return Gazetteer.open(path)


def answers(gazetteer: Gazetteer, queries: pd.DataFrame) -> pd.DataFrame:
    """Answer queries, each with whatever its own fields say beside the text."""
    asked = queries[["query", "postcode", "ward_gss_code", "borough"]]
    answered = Geocoder(gazetteer).answer(asked)
    answered.index = queries.index
    return answered
