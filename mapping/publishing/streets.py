"""Names to put on a map: streets and landmarks, so that an officer knows where to stand."""

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping.publishing.view import MapView

NAME_EVERY_M: Final = 250.0
_NEAR_HOTSPOT_M: Final = 120.0
_LANDMARK: Final = 1e6  # before any road, however long


def find_names(view: MapView) -> pd.DataFrame:
    """List the names of streets and landmarks with places to write them.

    Parameters
    ----------
    view : MapView
        Names come from its background layers that have them; without a layer of named roads, from
        the places that reports give (police.uk names its map points by street).

    Returns
    -------
    DataFrame, most important first
        `easting_m`, `northing_m`, `text`. First what is near a hotspot, then what is in the ward
        the view is about, then landmarks, long roads and the places with most reports. A long
        road comes several times.
    """
    found = [_from_layer(layer) for layer in view.layers.values() if "name" in layer]
    if not any((names["kind"] == "LineString").any() for names in found):
        points = view.points.rename(columns={"place_text": "text", "count": "weight"})
        found.append(points.assign(kind="report"))
    names = pd.concat(found, ignore_index=True)
    names = names[names["text"] != ""]
    places = shapely.points(names[["easting_m", "northing_m"]].to_numpy(dtype=np.float64))
    hotspots, ward = (
        view.hotspots.geometry,
        view.wards.geometry[view.wards["ward_gss_code"] == view.focus_ward],
    )
    is_near, is_inside = _within(places, hotspots, _NEAR_HOTSPOT_M), _within(places, ward, 0.0)
    order = np.lexsort((names["northing_m"], names["easting_m"], -names["weight"], ~is_inside, ~is_near))
    return names.iloc[order][["easting_m", "northing_m", "text"]].reset_index(drop=True)


def names_of(layers: Mapping[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    """List the names that background layers have: `easting_m`, `northing_m`, `text`, landmarks first."""
    found = [_from_layer(layer) for layer in layers.values() if "name" in layer]
    if not found:
        return pd.DataFrame({"easting_m": [0.0], "northing_m": [0.0], "text": [""]})[:0]
    names = pd.concat(found, ignore_index=True)
    order = np.lexsort((names["northing_m"], names["easting_m"], -names["weight"]))
    return names.iloc[order][["easting_m", "northing_m", "text"]].reset_index(drop=True)


def _within(places: npt.NDArray[np.object_], shapes: gpd.GeoSeries, reach_m: float) -> npt.NDArray[np.bool_]:
    whole = shapely.union_all(shapes.to_numpy())
    shapely.prepare(whole)
    return np.asarray(shapely.dwithin(places, whole, reach_m), dtype=bool)


def _from_layer(layer: gpd.GeoDataFrame) -> pd.DataFrame:
    """Place the names of a layer: along lines every so often, on points, inside areas once."""
    named = layer[layer["name"] != ""]
    rows = [
        (
            place.x,
            place.y,
            text,
            part.length if part.geom_type == "LineString" else _LANDMARK,
            part.geom_type,
        )
        for text, shape in zip(named["name"], named.geometry, strict=True)
        for part in shapely.get_parts(shape)
        for place in _places(part)
    ]
    return pd.DataFrame(rows, columns=["easting_m", "northing_m", "text", "weight", "kind"])


def _places(part: shapely.Geometry) -> list[shapely.Point]:
    if part.geom_type != "LineString":
        return [part.representative_point()]
    count = max(1, round(part.length / NAME_EVERY_M))
    return list(shapely.line_interpolate_point(part, (np.arange(count) + 0.5) / count, normalized=True))
