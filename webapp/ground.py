"""The ground on which a place is chosen: wards, roads and names in metres of the National Grid.

The page's own script draws it in these metres, so that a pin is an easting and a northing and no
browser has to convert anything.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping.publishing import streets, style

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

_WARD_TOLERANCE_M: Final = 4.0
_LAYER_TOLERANCE_M: Final = 3.0


def to_json(wards: "GeoDataFrame", layers: "Mapping[str, GeoDataFrame]") -> str:
    """Write what `static/choose.js` draws: whole metres, each point as its step from the one before."""
    outlines = shapely.coverage_simplify(wards.geometry.to_numpy(), _WARD_TOLERANCE_M)
    codes, names = wards["ward_gss_code"].tolist(), wards["ward_name"].tolist()
    ground = {
        "bounds": [round(float(value)) for value in wards.total_bounds],
        "wards": [
            {"code": code, "name": name, "shape": shape}
            for code, name, shape in zip(codes, names, _shapes(outlines), strict=True)
        ],
        "layers": [_layer(name, layer) for name, layer in layers.items()],
        "names": _names(streets.names_of(layers)),
    }
    return json.dumps(ground, allow_nan=False, separators=(",", ":"))


def _layer(name: str, layer: "GeoDataFrame") -> dict[str, Any]:
    shapes = shapely.simplify(layer.geometry.to_numpy(), _LAYER_TOLERANCE_M)
    dimensions = np.where(shapely.is_empty(shapes), -1, shapely.get_dimensions(shapes))
    return {
        "colour": style.BASE_COLOURS.get(name, style.BASE_COLOUR),
        "areas": _shapes(shapes[dimensions == 2]),
        "lines": _shapes(shapes[dimensions == 1]),
        "points": _shapes(shapes[dimensions == 0]),
    }


def _shapes(geometries: npt.ArrayLike) -> list[list[list[list[int]]]]:
    """Return each geometry as parts, each part as rings, each ring as flat steps east and north."""
    return [
        [_rings(part) for part in shapely.get_parts(geometry)] for geometry in np.asarray(geometries, object)
    ]


def _rings(part: Any) -> list[list[int]]:
    rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
    return [_steps(shapely.get_coordinates(ring)) for ring in rings]


def _steps(metres: npt.NDArray[np.float64]) -> list[int]:
    whole = np.rint(metres).astype(np.int64)
    return [int(value) for value in np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel()]


def _names(names: pd.DataFrame) -> dict[str, Any]:
    numbers, different = pd.factorize(names["text"])
    return {
        "at": _steps(names[["easting_m", "northing_m"]].to_numpy(dtype=np.float64).reshape(-1, 2)),
        "texts": [str(text) for text in different],
        "text": [int(number) for number in numbers],
    }
