"""Hotspots for other people's maps: GeoJSON in degrees, GeoPackage in metres.

Both carry exactly the keys that `KEYS` lists, so that a script written against one run reads the
next.
"""

import json
import math
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapping import crs, schema

KEYS: Final = (
    "hotspot_id",
    "rank",
    "ward_gss_code",
    "ward_name",
    "other_wards",
    "incident_count",
    "expected_count",
    "rate_ratio",
    "p_value",
    "p_value_fdr",
    "harm_score",
    "trend",
    "change",
    "peak_hours",
    "top_categories",
    "sources",
    "area_m2",
    "radius_m",
    "cautions",
    "place_name",
    "forecast_count",
)
CELL_KEYS: Final = (
    "cell_id",
    "ward_gss_code",
    "incident_count",
    "score",
    "p_value_fdr",
    "is_hot",
)
_DEGREE_DECIMALS: Final = 7  # about a centimetre


def to_geojson(hotspots: gpd.GeoDataFrame) -> str:
    """Write hotspots as GeoJSON.

    Parameters
    ----------
    hotspots : GeoDataFrame, EPSG:27700
        `schema.HOTSPOTS`.

    Returns
    -------
    str
        A FeatureCollection in longitude, latitude (WGS 84), outer rings anticlockwise, in order of
        rank. An unknown number is null: the text is strict JSON.

    Raises
    ------
    MissingColumnsError, WrongCrsError
        The frame is not what its schema says.

    References
    ----------
    RFC 7946, The GeoJSON format.
    """
    ordered = _ordered(hotspots)
    shapes = shapely.orient_polygons(crs.geometry_to_wgs84(ordered.geometry.to_numpy()))
    columns = {key: [_plain(value) for value in ordered[key]] for key in KEYS}
    features = [
        {
            "type": "Feature",
            "properties": {key: columns[key][row] for key in KEYS},
            "geometry": _rounded(shapely.geometry.mapping(shape)),
        }
        for row, shape in enumerate(shapes)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def write_geojson(hotspots: gpd.GeoDataFrame, path: Path) -> None:
    """Write `to_geojson` to a file; a reader never sees half of it."""
    part = path.with_name(path.name + ".part")
    part.write_text(to_geojson(hotspots), encoding="utf-8", newline="\n")
    part.replace(path)


def _ordered(hotspots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    schema.require(hotspots, [*KEYS, "geometry"], "hotspots")
    crs.require_bng(hotspots, "hotspots")
    return hotspots.sort_values(["rank", "hotspot_id"])


def _plain(value: Any) -> Any:
    """Turn a value of a frame into one that strict JSON holds."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        # Twelve digits are more than any figure here means, and the same on every machine.
        return float(f"{value:.12g}") if math.isfinite(value) else None
    return value


def _rounded(geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": geometry["type"], "coordinates": _round(geometry["coordinates"])}


def _round(coordinates: Any) -> Any:
    if isinstance(coordinates, float):
        return round(coordinates, _DEGREE_DECIMALS)
    return [_round(one) for one in coordinates]


def write_geopackage(
    path: Path,
    hotspots: gpd.GeoDataFrame,
    *,
    cells: pd.DataFrame | None = None,
    wards: gpd.GeoDataFrame | None = None,
    cell_size_m: float = 100.0,
) -> None:
    """Write a GeoPackage in EPSG:27700 with the layers `hotspots`, and `cells` and `wards` if given.

    Parameters
    ----------
    path : Path
        Replaced whole; a reader never sees half a file.
    hotspots, wards : GeoDataFrame, EPSG:27700
        `schema.HOTSPOTS`, `schema.WARDS`.
    cells : DataFrame
        `schema.CELLS`; written as squares of `cell_size_m`.

    Raises
    ------
    MissingColumnsError, WrongCrsError
        A frame is not what its schema says.
    """
    import pyogrio

    layers = {"hotspots": _ordered(hotspots)[[*KEYS, "geometry"]]}
    if cells is not None:
        layers["cells"] = _squares(cells, cell_size_m)
    if wards is not None:
        schema.require(wards, list(schema.WARDS), "wards")
        crs.require_bng(wards, "wards")
        layers["wards"] = wards[list(schema.WARDS)]
    part = path.with_name(path.stem + ".part.gpkg")  # the driver warns of any other ending
    part.unlink(missing_ok=True)
    for name, layer in layers.items():
        pyogrio.write_dataframe(
            layer.reset_index(drop=True),
            part,
            layer=name,
            driver="GPKG",
            promote_to_multi=True,
            geometry_type="MultiPolygon",
        )
    part.replace(path)


def _squares(cells: pd.DataFrame, cell_size_m: float) -> gpd.GeoDataFrame:
    schema.require(cells, [*CELL_KEYS, "easting_m", "northing_m"], "cells")
    east, north, half = cells["easting_m"].to_numpy(), cells["northing_m"].to_numpy(), cell_size_m / 2
    squares = shapely.box(east - half, north - half, east + half, north + half)
    return gpd.GeoDataFrame(cells[list(CELL_KEYS)], geometry=squares, crs=crs.BNG)
