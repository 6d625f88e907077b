"""A window of the page that shows a piece of the country, and what is drawn in it.

Artists are put straight on the figure with one affine transform: matplotlib's axes would
measure ticks nobody sees, for every one of a borough's maps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping.places.set_apart import EXCLUSION, Applied
from mapping.publishing import style
from mapping.publishing.lettering import Box

_MOST_DOTS: Final = 250

Extent = tuple[float, float, float, float]


@dataclass(frozen=True)
class Frame:
    """Ground (metres, EPSG:27700) seen through a rectangle of the page (points)."""

    figure: Any
    box: Box
    west: float
    south: float
    points_per_m: float

    @property
    def ground(self) -> Extent:
        """West, south, east, north of what is seen."""
        return (
            self.west,
            self.south,
            self.west + (self.box.right - self.box.left) / self.points_per_m,
            self.south + (self.box.top - self.box.bottom) / self.points_per_m,
        )

    def to_page(self, easting_m: float, northing_m: float) -> tuple[float, float]:
        """Return where a place is on the page, in points."""
        return (
            self.box.left + (easting_m - self.west) * self.points_per_m,
            self.box.bottom + (northing_m - self.south) * self.points_per_m,
        )

    def transform(self) -> Any:
        """Return the way from metres to the pixels of the figure."""
        from matplotlib.transforms import Affine2D

        pixels = self.figure.dpi / 72
        scale = self.points_per_m * pixels
        return Affine2D.from_values(
            scale,
            0,
            0,
            scale,
            self.box.left * pixels - self.west * scale,
            self.box.bottom * pixels - self.south * scale,
        )

    def add(self, artist: Any, level: float) -> None:
        """Put an artist into the window, cut at its edge."""
        from matplotlib.transforms import Bbox, TransformedBbox

        artist.set_transform(self.transform())
        artist.set_zorder(level)
        self.figure.add_artist(artist)
        inches = Bbox.from_extents(
            *(value / 72 for value in (self.box.left, self.box.bottom, self.box.right, self.box.top))
        )
        artist.set_clip_box(TransformedBbox(inches, self.figure.dpi_scale_trans))

    def fill(self, geometries: npt.ArrayLike, level: float, **look: Any) -> None:
        """Draw areas and lines as one path; whatever lies outside the window is left out first."""
        from matplotlib.patches import PathPatch

        west, south, east, north = self.ground
        edge = 20 / self.points_per_m  # beyond the window, so that no cut edge is seen
        near = shapely.clip_by_rect(
            np.asarray(geometries, dtype=object), west - edge, south - edge, east + edge, north + edge
        )
        near = shapely.simplify(near[~shapely.is_empty(near)], 0.3 / self.points_per_m)
        path = path_of(near)
        if path is not None:
            self.add(PathPatch(path, **look), level)


def fit(figure: Any, box: Box, extent: Extent, *, margin: float = 0.04) -> Frame:
    """Make a window that holds an extent whole, in the middle, at one scale both ways."""
    west, south, east, north = extent
    wide, high = box.right - box.left, box.top - box.bottom
    scale = min(wide / max(east - west, 1.0), high / max(north - south, 1.0)) * (1 - 2 * margin)
    return Frame(
        figure, box, (west + east) / 2 - wide / scale / 2, (south + north) / 2 - high / scale / 2, scale
    )


def path_of(geometries: npt.ArrayLike) -> Any:
    """Join polygons and lines into one matplotlib path, holes and all; None where there is nothing."""
    from matplotlib.path import Path

    parts = shapely.get_parts(shapely.get_parts(np.asarray(geometries, dtype=object)))
    vertices: list[npt.NDArray[np.float64]] = []
    codes: list[npt.NDArray[np.uint8]] = []
    for line in _lines(parts):
        points = shapely.get_coordinates(line)
        step = np.full(len(points), Path.LINETO, dtype=np.uint8)
        step[0] = Path.MOVETO
        if line.is_closed:
            step[-1] = Path.CLOSEPOLY
        vertices.append(points)
        codes.append(step)
    return Path(np.concatenate(vertices), np.concatenate(codes)) if vertices else None


def _lines(parts: npt.NDArray[np.object_]) -> list[Any]:
    types = shapely.get_type_id(parts)
    rings = [ring for polygon in parts[types == 3] for ring in (polygon.exterior, *polygon.interiors)]
    return [line for line in (*rings, *parts[(types == 1) | (types == 2)]) if not line.is_empty]


def draw_cells(frame: Frame, shaded: pd.DataFrame, classes: int, cell_size_m: float, *, level: float) -> None:
    """Shade the squares, one colour and one hatch for each class."""
    from matplotlib.patches import PathPatch

    west, south, east, north = frame.ground
    seen = shaded[
        shaded["easting_m"].between(west - cell_size_m, east + cell_size_m)
        & shaded["northing_m"].between(south - cell_size_m, north + cell_size_m)
    ]
    looks = zip(style.class_colours(classes), style.class_hatches(classes), strict=True)
    for number, (colour, hatch) in enumerate(looks):
        cells = seen[seen["shade"] == number]
        if cells.empty:
            continue
        path = _squares(cells["easting_m"].to_numpy(), cells["northing_m"].to_numpy(), cell_size_m)
        frame.add(PathPatch(path, facecolor=colour, edgecolor="none", linewidth=0), level)
        if hatch:
            frame.add(
                PathPatch(path, facecolor="none", edgecolor="#00000059", linewidth=0, hatch=hatch), level
            )


def _squares(east: npt.NDArray[np.float64], north: npt.NDArray[np.float64], size: float) -> Any:
    from matplotlib.path import Path

    offsets = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * size / 2
    vertices = (np.column_stack([east, north])[:, None, :] + offsets).reshape(-1, 2)
    codes = np.tile([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY], len(east))
    return Path(vertices, codes)


def draw_points(frame: Frame, points: pd.DataFrame, *, level: float, smallest: float = 1.0) -> None:
    """Draw the busiest points as dots whose area grows with their count; all of them would be a haze."""
    from matplotlib.collections import CircleCollection
    from matplotlib.transforms import IdentityTransform

    seen = in_extent(points, frame.ground).nlargest(_MOST_DOTS, "count")
    if seen.empty:
        return
    sizes = np.minimum(smallest + 0.6 * np.sqrt(seen["count"].to_numpy(dtype=np.float64)), 7.0) ** 2
    dots = CircleCollection(
        sizes,
        offsets=seen[["easting_m", "northing_m"]].to_numpy(),
        offset_transform=frame.transform(),
        facecolors=style.QUIET_INK,
        edgecolors=style.PAPER,
        linewidths=0.4,
        alpha=0.75,
    )
    frame.add(dots, level)
    dots.set_transform(IdentityTransform())  # sizes are points on paper, not metres


def draw_hotspots(frame: Frame, geometries: Sequence[Any], recorded: Sequence[bool], *, level: float) -> None:
    """Outline hotspots over a white casing; dashed and hatched where reports are only recorded."""
    for geometry, is_recorded in zip(geometries, recorded, strict=True):
        path = path_of([geometry])
        if path is None:
            continue
        from matplotlib.patches import PathPatch

        frame.add(PathPatch(path, facecolor="none", edgecolor=style.PAPER, linewidth=4.2, alpha=0.9), level)
        frame.add(
            PathPatch(
                path,
                facecolor="none",
                edgecolor=style.ACCENT,
                linewidth=2.2,
                linestyle=(0, (3, 1.6)) if is_recorded else "solid",
                hatch="////" if is_recorded else None,
            ),
            level + 0.1,
        )


def draw_set_apart(frame: Frame, places: Sequence[Applied], *, level: float) -> None:
    """Ring each place that people set apart, crossed out where it is left out and dashed where doubted."""
    from matplotlib.patches import PathPatch

    for one in (applied.place for applied in places):
        radius = 5.0 / frame.points_per_m
        ring = shapely.Point(one.easting_m, one.northing_m).buffer(radius)
        reach = radius * 0.7
        bar = shapely.LineString(
            [
                (one.easting_m - reach, one.northing_m - reach),
                (one.easting_m + reach, one.northing_m + reach),
            ]
        )
        is_left_out = one.treatment == EXCLUSION
        look = {"edgecolor": style.INK, "linewidth": 1.2}
        dashes = "solid" if is_left_out else (0, (2, 1.4))
        frame.add(PathPatch(path_of([ring]), facecolor=style.PAPER, linestyle=dashes, **look), level)
        if is_left_out:
            frame.add(PathPatch(path_of([bar]), facecolor="none", **look), level + 0.1)


def in_extent(frame: pd.DataFrame, extent: Extent) -> pd.DataFrame:
    """Keep the rows whose point is seen."""
    west, south, east, north = extent
    return frame[frame["easting_m"].between(west, east) & frame["northing_m"].between(south, north)]
