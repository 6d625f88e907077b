"""What the map's own script is given: plain numbers and plain text, small and inert.

Coordinates are longitude then latitude in whole hundred-thousandths of a degree (about a
metre), each point told as its step from the one before, which halves the file.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping import crs
from mapping.places.set_apart import EXCLUSION
from mapping.publishing import streets, style
from mapping.publishing.view import WARD_MARGIN_M, MapView

DEGREE_PARTS: Final = 100_000
# Cells share edges, so they are told ten times finer than the rest: no hairlines between them.
CELL_DEGREE_PARTS: Final = 1_000_000
_WARD_TOLERANCE_M: Final = 8.0
_LAYER_TOLERANCE_M: Final = 3.0
_SHAPE_TOLERANCE_M: Final = 1.0

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
# `<` and `&` could end the script element or open a comment, U+2028 and U+2029 end a line in old
# scripts, backtick and dollar open a template literal, and braces would be *run*: Folium puts the
# finished script through a second Jinja template.
_UNSAFE: Final = re.compile("[<>&{}`$'\u2028\u2029\u007f]")


def to_script_json(value: Any) -> str:
    """Write JSON that is inert inside a script element, a template literal and a Jinja template.

    Raises
    ------
    ValueError
        A number is NaN or infinite, which JSON cannot hold.
    """
    text = json.dumps(value, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    return _STRING.sub(lambda found: _UNSAFE.sub(_escape, found.group()), text)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def build(view: MapView) -> dict[str, Any]:
    """Gather everything the script draws, in drawing order."""
    breaks = view.breaks
    return {
        "bounds": _bounds(view),
        "isWard": bool(view.focus_ward),
        "colours": {
            "cells": list(style.class_colours(len(breaks))),
            "accent": style.ACCENT,
            "paper": style.PAPER,
            "outside": style.OUTSIDE,
            "setApart": style.INK,
            "wardLine": style.WARD_LINE,
            "focusLine": style.FOCUS_LINE,
        },
        "horizon": view.horizon,
        "wards": _wards(view),
        "layers": [_layer(view, name, layer) for name, layer in view.layers.items()],
        "cells": _cells(view),
        "hotspots": _hotspots(view),
        "setApart": _set_apart(view),
        "points": _points(view.points),
        "names": _names(view),
    }


def _bounds(view: MapView) -> list[list[float]]:
    west, south, east, north = view.extent()
    lon, lat = crs.to_wgs84([west, west, east, east], [south, north, south, north])
    return [
        [round(float(lat.min()), 5), round(float(lon.min()), 5)],
        [round(float(lat.max()), 5), round(float(lon.max()), 5)],
    ]


def _degrees(geometries: npt.ArrayLike, parts: int = DEGREE_PARTS) -> list[list[list[list[int]]]]:
    """Return each geometry as parts, each part as rings, each ring as flat steps."""
    moved: Any = crs.geometry_to_wgs84(geometries) if len(np.asarray(geometries, dtype=object)) else []
    return [[_rings(part, parts) for part in shapely.get_parts(geometry)] for geometry in moved]


def _rings(part: Any, parts: int) -> list[list[int]]:
    rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
    return [
        _steps(shapely.get_coordinates(ring)[: -1 if part.geom_type == "Polygon" else None], parts)
        for ring in rings
    ]


def _steps(lon_lat: npt.NDArray[np.float64], parts: int) -> list[int]:
    whole = np.rint(lon_lat * parts).astype(np.int64)
    if len(whole) > 2:
        moved = np.any(np.diff(whole, axis=0) != 0, axis=1)
        whole = whole[np.concatenate([[True], moved])]
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return [int(value) for value in steps.ravel()]


def _wards(view: MapView) -> list[dict[str, Any]]:
    wards = view.wards
    # Simplified together, so that neighbours keep one common edge.
    outlines = shapely.coverage_simplify(wards.geometry.to_numpy(), _WARD_TOLERANCE_M)
    codes, names = wards["ward_gss_code"].tolist(), wards["ward_name"].tolist()
    near = np.ones(len(wards), dtype=bool)
    if view.focus_ward:
        west, south, east, north = view.extent()
        margin = WARD_MARGIN_M + max(east - west, north - south)
        near = shapely.intersects(
            outlines, shapely.box(west - margin, south - margin, east + margin, north + margin)
        )
    kept = np.flatnonzero(near)
    kept = kept[np.argsort([codes[row] == view.focus_ward for row in kept], kind="stable")]  # its line on top
    return [
        {
            "name": names[row],
            "focus": codes[row] == view.focus_ward,
            "href": view.links.get(codes[row], ""),
            "shape": shape,
        }
        for row, shape in zip(kept, _degrees(outlines[kept]), strict=True)
    ]


def _layer(view: MapView, name: str, layer: gpd.GeoDataFrame) -> dict[str, Any]:
    shapes = shapely.simplify(layer.geometry.to_numpy(), _LAYER_TOLERANCE_M)
    if view.focus_ward:  # a park that starts here may go on far beyond the map
        west, south, east, north = view.extent()
        shapes = shapely.clip_by_rect(shapes, west - 1500, south - 1500, east + 1500, north + 1500)
    dimensions = np.where(shapely.is_empty(shapes), -1, shapely.get_dimensions(shapes))
    return {
        "name": name,
        "colour": style.BASE_COLOURS.get(name, style.BASE_COLOUR),
        "areas": _degrees(shapes[dimensions == 2]),
        "lines": _degrees(shapes[dimensions == 1]),
        "points": _degrees(shapes[dimensions == 0]),
    }


def _cells(view: MapView) -> dict[str, Any]:
    """Tell each shaded cell as its south-west corner and, from a short table, its other corners.

    Over a borough a square of the grid hardly changes its shape in degrees, so the table is short.
    """
    shaded, half = view.shaded(), view.cell_size_m / 2
    east, north = shaded["easting_m"].to_numpy(), shaded["northing_m"].to_numpy()
    corners = []
    for right, up in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        lon, lat = crs.to_wgs84(east + right * half, north + up * half)
        corners.append(np.rint(np.column_stack([lon, lat]) * CELL_DEGREE_PARTS))
    others = np.hstack([corner - corners[0] for corner in corners[1:]]).astype(np.int64).reshape(-1, 6)
    table, place = np.unique(others, axis=0, return_inverse=True)
    return {
        "at": _steps_of(corners[0]),
        "corners": table.tolist(),
        "corner": place.ravel().tolist(),
        "shade": shaded["shade"].tolist(),
        "count": shaded["incident_count"].astype(int).tolist(),
        "score": [float(f"{score:.3g}") for score in shaded["score"]],
    }


def _steps_of(whole: npt.NDArray[np.float64]) -> list[int]:
    steps = np.diff(whole.astype(np.int64).reshape(-1, 2), axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return [int(value) for value in steps.ravel()]


def _hotspots(view: MapView) -> list[dict[str, Any]]:
    ordered = view.hotspots.sort_values(["rank", "hotspot_id"])
    shapes = _degrees(shapely.simplify(ordered.geometry.to_numpy(), _SHAPE_TOLERANCE_M))
    lon, lat = crs.to_wgs84(ordered["easting_m"], ordered["northing_m"])
    return [
        {
            "id": words.hotspot_id,
            "number": words.number,
            "place": words.place,
            "where": words.where,
            "lines": [line for line in (words.counts, words.trend, words.when, words.what) if line],
            "cautions": list(words.cautions),
            "recorded": words.is_recorded_here,
            "href": view.links.get(words.hotspot_id, ""),
            "at": [round(float(y), 5), round(float(x), 5)],
            "shape": shape,
        }
        for words, shape, x, y in zip(view.words, shapes, lon, lat, strict=True)
    ]


def _set_apart(view: MapView) -> list[dict[str, Any]]:
    """Tell each place set apart: where, how far it reaches, whether it is left out, and why in words."""
    places = [one.place for one in view.set_apart]
    lon, lat = crs.to_wgs84([one.easting_m for one in places], [one.northing_m for one in places])
    return [
        {
            "name": one.place.name,
            "leftOut": one.place.treatment == EXCLUSION,
            "reports": one.reports,
            "reason": one.place.reason,
            "radius": round(one.place.radius_m),
            "at": [round(float(y), 5), round(float(x), 5)],
        }
        for one, x, y in zip(view.set_apart, lon, lat, strict=True)
    ]


def _points(points: pd.DataFrame) -> dict[str, Any]:
    lon, lat = crs.to_wgs84(points["easting_m"], points["northing_m"])
    places, place = _table(points["place_text"])
    categories, category = _table(points["top_categories"])
    return {
        "at": _steps_of(np.rint(np.column_stack([lon, lat]) * DEGREE_PARTS)),
        "count": points["count"].astype(int).tolist(),
        "places": places,
        "place": place,
        "categories": categories,
        "category": category,
    }


def _names(view: MapView) -> dict[str, Any]:
    names = streets.find_names(view)
    if view.focus_ward:
        west, south, east, north = view.extent()
        reach = WARD_MARGIN_M
        inside = names["easting_m"].between(west - reach, east + reach)
        names = names[inside & names["northing_m"].between(south - reach, north + reach)]
    lon, lat = crs.to_wgs84(names["easting_m"], names["northing_m"])
    texts, text = _table(names["text"])
    return {
        "at": _steps_of(np.rint(np.column_stack([lon, lat]) * DEGREE_PARTS)),
        "texts": texts,
        "text": text,
    }


def _table(texts: Iterable[str]) -> tuple[list[str], list[int]]:
    """Split texts into the different ones and, for each row, which one it is."""
    numbers, different = pd.factorize(pd.Series(list(texts), dtype=object))
    return [str(text) for text in different], _whole(numbers)


def _whole(values: Sequence[int] | npt.NDArray[Any]) -> list[int]:
    return [int(value) for value in values]
