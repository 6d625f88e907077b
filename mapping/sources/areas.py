"""Areas to ask data.police.uk about: simple outlines that hold all of a neighbourhood, and their quarters.

An outline that is asked may hold more than the neighbourhood and never less: what is asked twice is
told apart by its number afterwards, what is not asked at all is lost.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

# 0.0001 degrees are 11 m northwards and some 6 m eastwards. An outline is widened by a little more than
# simplifying can take away, rounding to 5 decimals included.
TOLERANCE: Final = 0.0001
_WIDENED: Final = 0.00013
_OVERLAP: Final = 0.00005  # of quarters, so that a point on the line between them is in one at least


def outlines(ring: Sequence[tuple[float, float]]) -> list[shapely.Polygon]:
    """Make outlines that together hold a neighbourhood.

    Parameters
    ----------
    ring : sequence of (longitude, latitude), degrees
        As published: not closed, and now and then crossing itself.

    Returns
    -------
    list of Polygon without holes
        One for each part; empty where the ring encloses nothing.
    """
    points = np.asarray(ring, dtype=np.float64).reshape(-1, 2)
    if len(np.unique(points, axis=0)) < 3:
        return []
    parts = shapely.get_parts(shapely.make_valid(shapely.Polygon(points)))
    areas = [part for part in _polygons(parts) if part.area > 0]
    return [_simple(part) for part in areas]


def quarters(outline: shapely.Polygon) -> list[shapely.Polygon]:
    """Cut an outline in four, each a little into its neighbours; parts that are empty are left out."""
    west, south, east, north = outline.bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    found = []
    for low_x, high_x in ((west, middle_x + _OVERLAP), (middle_x - _OVERLAP, east)):
        for low_y, high_y in ((south, middle_y + _OVERLAP), (middle_y - _OVERLAP, north)):
            cut = shapely.intersection(outline, shapely.box(low_x, low_y, high_x, high_y))
            found += [_simple(part) for part in _polygons(shapely.get_parts(cut)) if part.area > 0]
    return found


def to_poly(outline: shapely.Polygon) -> str:
    """Write an outline as `lat,lng:lat,lng`, as the `poly` of a question."""
    corners = shapely.get_coordinates(outline.exterior)[:-1]
    return ":".join(f"{lat:.5f},{lng:.5f}" for lng, lat in corners)


def _polygons(parts: Sequence[shapely.Geometry]) -> list[shapely.Polygon]:
    found: list[shapely.Polygon] = []
    for part in parts:  # a collection holds the polygons of a ring that was mended beside its stray lines
        if part.geom_type == "Polygon":
            found.append(part)
        elif part.geom_type in ("MultiPolygon", "GeometryCollection"):
            found += _polygons(list(shapely.get_parts(part)))
    return found


def _simple(part: shapely.Polygon) -> shapely.Polygon:
    """Fill the holes, widen, and take out corners that hardly matter."""
    wide = shapely.Polygon(shapely.buffer(shapely.Polygon(part.exterior), _WIDENED, quad_segs=4).exterior)
    return shapely.Polygon(shapely.simplify(wide, TOLERANCE, preserve_topology=True).exterior)
