"""A tiny invented town: two square wards side by side, drawn by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from mapping.schema import REPORTS


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
