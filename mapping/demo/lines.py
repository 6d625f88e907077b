"""Lines that look drawn by history: bent, smoothed and walked along. Metres, any plane."""

import numpy as np
import numpy.typing as npt
import shapely
from shapely.ops import polygonize, unary_union

FloatArray = npt.NDArray[np.float64]


def bend(line: FloatArray, rng: np.random.Generator, *, roughness: float, step_m: float) -> FloatArray:
    """Return `line`, shape (n, 2), with every segment broken sideways until none exceeds `step_m`.

    Each new middle point moves off its segment by `roughness` times the segment's length
    (one standard deviation, cut at two). The given points stay, so shared ends still meet.
    """
    while True:
        along = np.diff(line, axis=0)
        if np.hypot(along[:, 0], along[:, 1]).max() <= step_m:
            return line
        offset = np.clip(rng.normal(0, roughness, len(along)), -2 * roughness, 2 * roughness)
        middle = (line[1:] + line[:-1]) / 2 + offset[:, None] * np.column_stack([-along[:, 1], along[:, 0]])
        longer = np.empty((2 * len(line) - 1, 2))
        longer[::2], longer[1::2] = line, middle
        line = longer


def smooth(line: FloatArray, *, rounds: int) -> FloatArray:
    """Cut the corners of `line`, shape (n, 2), as often as `rounds` says; its ends stay."""
    for _ in range(rounds):
        early, late = line[:-1] * 0.75 + line[1:] * 0.25, line[:-1] * 0.25 + line[1:] * 0.75
        inner = np.empty((2 * len(early), 2))
        inner[::2], inner[1::2] = early, late
        line = np.vstack([line[:1], inner, line[-1:]])
    return line


def blob(
    centre: npt.ArrayLike,
    radius_m: float,
    rng: np.random.Generator,
    *,
    stretch: float = 1.0,
    roughness: float = 0.14,
    corners: int = 9,
) -> shapely.Polygon:
    """Return a rounded, uneven patch of ground about `centre`; `stretch` is its length over its width."""
    turn = rng.uniform(0, np.pi)
    turns = np.arange(corners) + rng.uniform(0, 0.43, corners)  # uneven, and never out of order
    angle = turns / corners * 2 * np.pi
    reach = radius_m * np.clip(1 + rng.normal(0, roughness, corners), 0.6, 1.5)
    flat = np.column_stack(
        [reach * np.cos(angle) * np.sqrt(stretch), reach * np.sin(angle) / np.sqrt(stretch)]
    )
    turned = flat @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    for _ in range(3):  # cut the corners of the ring, its join included
        after = np.roll(turned, -1, axis=0)
        turned = np.stack([0.75 * turned + 0.25 * after, 0.25 * turned + 0.75 * after], axis=1).reshape(-1, 2)
    return shapely.Polygon(turned + np.asarray(centre))


def longest(geometry: shapely.Geometry) -> shapely.LineString:
    """Return the longest single line in `geometry` (an empty line where there is none)."""
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "LineString"]
    return max(parts, key=lambda part: part.length, default=shapely.LineString())


def lines_of(geometry: npt.ArrayLike, *, at_least_m: float) -> list[shapely.LineString]:
    """List the single lines in `geometry` that are at least so long, joined where they meet end to end."""
    joined = shapely.line_merge(unary_union([g for g in np.atleast_1d(geometry) if not shapely.is_empty(g)]))
    return [
        part
        for part in shapely.get_parts(joined)
        if part.geom_type == "LineString" and part.length >= at_least_m
    ]


def faces(lines: list[shapely.Geometry]) -> list[shapely.Polygon]:
    """List the faces that `lines` enclose, in an order that does not depend on the order of the lines."""
    found = list(polygonize(unary_union(lines)))
    return sorted(found, key=lambda face: (round(face.centroid.x, 1), round(face.centroid.y, 1)))


def walk(line: shapely.LineString, distances: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the points, shape (n, 2), at `distances` along `line` and the left-hand unit normals there."""
    here = shapely.get_coordinates(shapely.line_interpolate_point(line, distances))
    before = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(distances - 2, 0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(line, distances + 2))
    along = after - before
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    return here, np.column_stack([-along[:, 1], along[:, 0]])
