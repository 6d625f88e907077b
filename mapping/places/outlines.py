"""Ward outlines: in metres, sound, and side by side.

What makes an outline unfit is told, never mended: a ward that crosses itself or lies over its
neighbour would take incidents that are not its own.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from mapping import crs as coordinates
from mapping.errors import BoundaryError

# Published editions share their vertices: no two wards of one edition overlap at all. Borough edges
# of editions generalised apart do, by up to 0.22 % of the smaller ward (2013 against 2025).
MOST_OVERLAP_SHARE: Final = 0.01
LEAST_SLIVER_M2: Final = 1.0
# From one ward to the nearest other. Within a borough none lies so far but on an island.
FAR_M: Final = 20_000.0
_MOST_NAMED: Final = 5

ShapeArray = npt.NDArray[np.object_]


def fault_of(shape: shapely.Geometry | None) -> str:
    """Say what makes an outline unfit to hold incidents, or nothing."""
    if shape is None or shapely.is_empty(shape):
        return "its outline has no area"
    reason = shapely.is_valid_reason(shape)  # first: the two halves of a bow-tie cancel to no area
    if reason == "Valid Geometry":
        return "" if shapely.area(shape) else "its outline has no area"
    kind, _, place = reason.partition("[")
    said = "crosses itself" if "elf-intersection" in kind else f"is invalid ({kind.strip().lower()})"
    return f"its outline {said}" + (f" near {place.rstrip(']')}" if place else "")


def to_metres(geometry: ShapeArray, stated: str) -> tuple[ShapeArray, list[str], str]:
    """Bring outlines to EPSG:27700.

    Parameters
    ----------
    geometry : array of shapely geometries or None, shape (n,)
    stated : str
        The coordinate system the file or the person states, as `EPSG:n`, or empty.

    Returns
    -------
    geometry : array, shape (n,), EPSG:27700
        None where it was, and where an outline lies outside Great Britain.
    faults : list of str, length n
        `it lies outside Great Britain`, or empty.
    message : str
        What had to be assumed, or empty.

    Raises
    ------
    BoundaryError
        The axes are swapped, or the system is none that can be read exactly.
    """
    points = shapely.get_coordinates(geometry)
    if not len(points):
        return geometry, [""] * len(geometry), ""
    # The middle, so that one ward gone astray does not speak for the file.
    x, y = np.median(points, axis=0)
    system, message = _system_of(float(x), float(y), stated.upper())
    x_range, y_range = _limits(system)
    low_x, low_y, high_x, high_y = shapely.bounds(geometry).T
    inside = (low_x >= x_range[0]) & (high_x <= x_range[1]) & (low_y >= y_range[0]) & (high_y <= y_range[1])
    astray = ~inside & np.isfinite(low_x)
    moved = geometry.copy()
    moved[~inside] = None
    if system == coordinates.WGS84:
        moved = coordinates.geometry_to_bng(moved)
    return moved, ["it lies outside Great Britain" if is_astray else "" for is_astray in astray], message


def _limits(system: str) -> tuple[tuple[float, float], tuple[float, float]]:
    if system == coordinates.WGS84:
        return coordinates.GB_LON, coordinates.GB_LAT
    return coordinates.GB_EASTING_M, coordinates.GB_NORTHING_M


def _system_of(x: float, y: float, stated: str) -> tuple[str, str]:
    """Decide between degrees and metres: by what is stated, unless the numbers cannot be that."""
    if stated == "EPSG:4258":  # ETRS89: OSTN15 treats it and WGS 84 alike
        stated = coordinates.WGS84
    if stated not in ("", coordinates.WGS84, coordinates.BNG):
        known = stated if stated.startswith("EPSG:") else "a coordinate system without a number"
        raise BoundaryError("", [f"It is in {known}; save it in EPSG:27700 or EPSG:4326."])
    seen = _seen(x, y)
    if seen == "swapped":
        raise BoundaryError(
            "", ["Its axes are swapped (latitude or northing first); longitude or easting must come first."]
        )
    if not seen and not stated:
        raise BoundaryError(
            "", ["It names no coordinate system, and its numbers are neither degrees nor metres in Britain."]
        )
    if not stated:
        return seen, f"It names no coordinate system; its numbers were read as {seen}."
    if seen and seen != stated:
        return seen, f"It says {stated} but its numbers are {seen}; they were read as {seen}."
    return stated, ""


def _seen(x: float, y: float) -> str:
    """Say which system a typical vertex fits; degrees and metres cannot be mistaken in Britain."""

    def within(pair: tuple[float, float], system: str) -> bool:
        return all(low <= value <= high for value, (low, high) in zip(pair, _limits(system), strict=True))

    if within((x, y), coordinates.WGS84):
        return coordinates.WGS84
    if within((y, x), coordinates.WGS84):
        return "swapped"
    if max(abs(x), abs(y)) <= 180:
        return ""
    if within((x, y), coordinates.BNG):
        return coordinates.BNG
    return "swapped" if within((y, x), coordinates.BNG) else ""


def overlaps(codes: npt.NDArray[np.str_], geometry: ShapeArray) -> tuple[list[str], list[str]]:
    """Return the overlaps too large to be an accident of drawing, and a message on the slivers."""
    one, other = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared_m2 = shapely.area(shapely.intersection(geometry[one], geometry[other]))
    share = shared_m2 / np.minimum(shapely.area(geometry[one]), shapely.area(geometry[other]))
    refused = [
        f"Wards {codes[one[pair]]} and {codes[other[pair]]} overlap by {shared_m2[pair]:,.0f} m2 "
        f"({share[pair]:.0%} of the smaller); use one edition of boundaries."
        for pair in np.flatnonzero(share > MOST_OVERLAP_SHARE)
    ]
    slivers = shared_m2[(share <= MOST_OVERLAP_SHARE) & (shared_m2 >= LEAST_SLIVER_M2)]
    if not len(slivers):
        return refused, []
    return refused, [
        f"{len(slivers)} pairs of wards overlap by slivers ({slivers.sum():,.0f} m2 in all); "
        "a point in one belongs to the ward with the lower code."
    ]


def gaps(geometry: ShapeArray) -> list[str]:
    """Return a message on holes between the wards, or none."""
    whole = shapely.get_parts(shapely.union_all(geometry))
    holes_m2 = np.array([shapely.area(shapely.Polygon(ring)) for part in whole for ring in part.interiors])
    holes_m2 = holes_m2[holes_m2 >= LEAST_SLIVER_M2]
    if not len(holes_m2):
        return []
    return [
        f"{len(holes_m2)} gaps between the wards ({holes_m2.sum():,.0f} m2 in all) belong to none; "
        "incidents there count as outside."
    ]


def strays(codes: npt.NDArray[np.str_], geometry: ShapeArray) -> list[str]:
    """Return a message on wards that lie far from most of the others, or none.

    It is said and not refused: wards of islands do, and so does an edition of two boroughs. Measured
    between the rectangles around the wards.
    """
    west, south, east, north = shapely.bounds(geometry).T
    half = FAR_M / 2
    reaches = shapely.box(west - half, south - half, east + half, north + half)
    groups = shapely.get_parts(shapely.union_all(reaches))
    if len(groups) < 2:
        return []
    centres = shapely.points((west + east) / 2, (south + north) / 2)
    wards, numbers = shapely.STRtree(groups).query(centres, predicate="intersects")
    members = [sorted(codes[wards[numbers == number]].tolist()) for number in range(len(groups))]
    largest = min(members, key=lambda codes: (-len(codes), codes))
    far = sorted(code for group in members if group is not largest for code in group)
    named = ", ".join(far[:_MOST_NAMED]) + (", ..." if len(far) > _MOST_NAMED else "")
    lie = "1 ward lies" if len(far) == 1 else f"{len(far):,} wards lie"
    return [
        f"{lie} more than {FAR_M / 1000:.0f} km from all others ({named}); if of another borough, leave "
        f"{'it' if len(far) == 1 else 'them'} out."
    ]
