"""A small invented borough to draw, and a browser to look at it with."""

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from mapping.errors import MappingError
from mapping.hotspots.placed import Placed
from mapping.publishing import assets
from mapping.publishing.view import MapView

BNG = "EPSG:27700"

# Two square wards side by side, 1 km wide; the south-west corner of the west one is E400000 N500000.
WEST, SOUTH = 400_000.0, 500_000.0


def _wards() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"ward_gss_code": ["E05999001", "E05999002"], "ward_name": ["Westgate", "Eastgate"]},
        geometry=[
            shapely.box(WEST, SOUTH, WEST + 1000, SOUTH + 1000),
            shapely.box(WEST + 1000, SOUTH, WEST + 2000, SOUTH + 1000),
        ],
        crs=BNG,
    )


def _cells() -> pd.DataFrame:
    """Return 20 x 10 squares of 100 m; ten in the south-west hold 1 to 10 reports."""
    east, north = np.meshgrid(np.arange(20) * 100 + WEST + 50, np.arange(10) * 100 + SOUTH + 50)
    east, north = east.ravel(), north.ravel()
    count = np.zeros(200, dtype=int)
    count[:10] = np.arange(1, 11)
    return pd.DataFrame(
        {
            "cell_id": [f"E{int(e) - 50}N{int(n) - 50}" for e, n in zip(east, north, strict=True)],
            "easting_m": east,
            "northing_m": north,
            "ward_gss_code": np.where(east < WEST + 1000, "E05999001", "E05999002"),
            "incident_count": count,
            "score": count / 2,
            "expected_count": 0.5,
            "p_value": 0.5,
            "p_value_fdr": 0.9,
            "is_hot": count > 5,
            "trend": "",
            "gi_star_z": np.nan,
        }
    )


def _hotspots() -> gpd.GeoDataFrame:
    """Return three: a street, one on the ward edge, and a police station."""
    rows = [
        ("H1", 1, "E05999001", "Westgate", "", 31, 14.2, "Marton Road", "", (300, 300)),
        ("H2", 2, "E05999001", "Westgate", "Eastgate", 12, 3.0, "12 Eden Road", "One caller.", (1000, 600)),
        ("H3", 3, "E05999002", "Eastgate", "", 90, 9.0, "Police Station", "Recorded here.", (1700, 300)),
    ]  # fmt: skip
    return gpd.GeoDataFrame(
        [
            {
                "hotspot_id": hotspot_id,
                "rank": rank,
                "ward_gss_code": code,
                "ward_name": name,
                "other_wards": others,
                "incident_count": count,
                "expected_count": expected,
                "rate_ratio": count / expected,
                "p_value": 0.0001,
                "p_value_fdr": 0.004,
                "harm_score": np.nan,
                "trend": "persistent",
                "change": "rising",
                "peak_hours": "Fri-Sat 18:00-22:00",
                "top_categories": "Burglary 4; Drugs 2",
                "sources": "police-uk 31",
                "area_m2": 7854.0,
                "radius_m": 50.0,
                "cautions": cautions,
                "place_name": place,
                "easting_m": WEST + x,
                "northing_m": SOUTH + y,
                "forecast_count": 3.5,
                "recorded_at_place": place == "Police Station",
                "monthly_counts": "10 10 11",
                **dict.fromkeys(("before", "seen_since_on", "last_seen_on", "source_mix", "excess_kind"), ""),
                **dict.fromkeys(
                    ("harm_rank", "weighted_share", "clumpiness", "low_count", "high_count"), np.nan
                ),
                "identity": "first seen",
                "capped_count": 0,
                "geometry": shapely.Point(WEST + x, SOUTH + y).buffer(50),
            }
            for hotspot_id, rank, code, name, others, count, expected, place, cautions, (x, y) in rows
        ],
        geometry="geometry",
        crs=BNG,
    )


def _points() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "easting_m": [WEST + 290, WEST + 320, WEST + 1700],
            "northing_m": [SOUTH + 300, SOUTH + 310, SOUTH + 300],
            "count": [20, 11, 90],
            "place_text": ["Marton Road", "Supermarket", "Police Station"],
            "top_categories": ["Burglary 4; Drugs 2", "Drugs 11", "Other crime 90"],
        }
    )


@pytest.fixture
def make_view() -> Callable[..., MapView]:
    """Return a maker of views of the invented borough; keywords replace its fields."""

    def make(**changes: Any) -> MapView:
        fields: dict[str, Any] = {
            "title": "Two places in Exampleshire need a joint patrol",
            "subtitle": "All reports",
            "period": "1 January to 31 March 2025",
            "wards": _wards(),
            "hotspots": _hotspots(),
            "cells": _cells(),
            "points": _points(),
            "cell_size_m": 100.0,
            "attribution": "Invented data",
            "edition": "wards May 2025",
            "method": "plain count",
            "placed": Placed(1000, 970),
        }
        return MapView(**(fields | changes))

    return make


@pytest.fixture
def leaflet() -> None:
    """Skip where the front-end files are not installed."""
    try:
        for name in assets.names():
            assets.asset_path(name)
    except MappingError as error:
        pytest.skip(str(error))
