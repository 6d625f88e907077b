"""Fourteen wards of about equal electorates that share every edge: no gap, no overlap.

All edges are drawn first (borough outline, river, bent lines half-way between ward centres,
the ring about the village) and the faces between them become wards, so neighbours have the
very same vertices. One ward has an island, and the village's mostly lies inside another.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Voronoi, cKDTree

from mapping.demo import words
from mapping.demo.land import Land
from mapping.demo.lines import FloatArray, bend, blob, faces

TOWN_WARDS: Final = 12  # and one round the village, and the village itself
_SMALL_FACE_M2: Final = 150_000.0
_ELECTORS: Final = 3_000


@dataclass(frozen=True)
class Wards:
    """Codes, names and outlines (EPSG:27700) in the order of the codes."""

    codes: npt.NDArray[np.str_]
    names: npt.NDArray[np.str_]
    shapes: npt.NDArray[np.object_]

    def index_of(self, points: FloatArray) -> npt.NDArray[np.int64]:
        """Return the number of the ward that holds each point, shape (n, 2); -1 outside."""
        found = np.full(len(points), -1)
        for number in range(len(self.shapes) - 1, -1, -1):  # the lowest code wins on a shared edge
            shapely.prepare(self.shapes[number])
            found[shapely.intersects_xy(self.shapes[number], points[:, 0], points[:, 1])] = number
        return found


def make_wards(land: Land, rng: np.random.Generator) -> Wards:
    """Divide the borough into its wards."""
    sites = _sites(land, rng)
    ring = blob(land.village, 560, rng, roughness=0.07, corners=12)
    ring = shapely.Polygon(bend(shapely.get_coordinates(ring), rng, roughness=0.05, step_m=60))
    lines = [land.borough.exterior, shapely.LineString(land.river_line), ring.exterior]
    lines += _edges(land, sites, rng)
    parts = [face for face in faces(lines) if land.borough.contains(face.representative_point())]
    shapes = _join(parts, _nearest_site(parts, sites, ring, land), count=len(sites) + 1)
    shapes = _with_island(shapes, land.island)
    return _named(shapes, land, rng)


def _sites(land: Land, rng: np.random.Generator) -> FloatArray:
    """Return ward centres, the village's first, so that about as many people live nearest to each."""
    people = _people(land, rng)
    north = land.is_north(people)
    village_north = bool(land.is_north(land.village[None, :])[0])
    wanted_north = int(np.clip(round(TOWN_WARDS * north.mean()), 4, TOWN_WARDS - 4))
    sites = [land.village[None, :]]
    for side, count in ((True, wanted_north), (False, TOWN_WARDS - wanted_north)):
        fixed = land.village[None, :] if side == village_north else np.empty((0, 2))
        sites.append(_spread(people[north == side], count, fixed, rng))
    return np.vstack(sites)


def _people(land: Land, rng: np.random.Generator) -> FloatArray:
    """Return homes: nine in ten in the built-up ground, denser towards the centre."""
    west, south, east, top = land.borough.bounds
    tried = rng.uniform([west, south], [east, top], (60_000, 2))
    shapely.prepare(land.urban)
    shapely.prepare(land.borough)
    away = np.hypot(*(tried - land.centre).T)
    is_urban = shapely.contains_xy(land.urban, tried[:, 0], tried[:, 1])
    density = np.where(is_urban, 0.35 + 0.65 * np.exp(-((away / 1_500) ** 2)), 0.05)
    inside = shapely.contains_xy(land.borough, tried[:, 0], tried[:, 1])
    kept = tried[inside & (rng.random(len(tried)) < density)]
    return np.asarray(kept[:_ELECTORS])


def _spread(people: FloatArray, count: int, fixed: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Move `count` centres to the middle of those nearest to them until they settle (Lloyd)."""
    centres = people[rng.choice(len(people), count, replace=False)]
    for _ in range(25):
        nearest = cKDTree(np.vstack([centres, fixed])).query(people)[1]
        held = np.bincount(nearest, minlength=count + len(fixed))[:count]
        sums = np.column_stack(
            [np.bincount(nearest, people[:, axis], minlength=count + len(fixed))[:count] for axis in (0, 1)]
        )
        centres = np.where(held[:, None] > 0, sums / np.maximum(held, 1)[:, None], centres)
    return np.asarray(centres[np.lexsort(centres.T)])


def _edges(land: Land, sites: FloatArray, rng: np.random.Generator) -> list[shapely.Geometry]:
    """Return the bent lines half-way between neighbouring centres on each side of the river."""
    halves = faces([land.borough.exterior, shapely.LineString(land.river_line)])
    lines: list[shapely.Geometry] = []
    for side in (True, False):
        half = shapely.union_all(
            [
                f
                for f in halves
                if bool(land.is_north(shapely.get_coordinates(f.representative_point()))[0]) == side
            ]
        ).buffer(60)
        own = sites[land.is_north(sites) == side]
        far = sites.mean(axis=0) + 90_000 * np.array([[1, 0.1], [-1, 0.2], [0.1, 1], [-0.2, -1]])
        diagram = Voronoi(np.vstack([own, far]))
        for (one, other), ends in zip(diagram.ridge_points, diagram.ridge_vertices, strict=True):
            if max(one, other) >= len(own) or min(ends) < 0:
                continue  # between a centre and a far helper: nowhere near the borough
            ridge = shapely.LineString(diagram.vertices[ends]).intersection(half)
            lines += [
                shapely.LineString(bend(shapely.get_coordinates(part), rng, roughness=0.07, step_m=80))
                for part in shapely.get_parts(ridge)
                if part.length > 0
            ]
    return lines


def _nearest_site(
    parts: list[shapely.Polygon], sites: FloatArray, ring: shapely.Polygon, land: Land
) -> npt.NDArray[np.int64]:
    """Return for each face the ward it belongs to: inside the ring the last, else its nearest centre's."""
    inner = shapely.get_coordinates([part.representative_point() for part in parts])
    north, sites_north = land.is_north(inner), land.is_north(sites)
    away = np.hypot(*(inner[:, None, :] - sites[None, :, :]).transpose(2, 0, 1))
    away[north[:, None] != sites_north[None, :]] = np.inf
    labels = away.argmin(axis=1)
    labels[shapely.contains_xy(ring, inner[:, 0], inner[:, 1])] = len(sites)
    return np.asarray(labels)


def _join(
    parts: list[shapely.Polygon], labels: npt.NDArray[np.int64], *, count: int
) -> list[shapely.Geometry]:
    """Union the faces of each ward; a sliver goes to the ward it shares most edge with."""
    is_small = np.array([part.area < _SMALL_FACE_M2 for part in parts])
    for sliver in np.flatnonzero(is_small):
        shared = [
            0.0 if is_small[other] else float(shapely.length(parts[sliver].intersection(parts[other])))
            for other in range(len(parts))
        ]
        labels[sliver] = labels[int(np.argmax(shared))]
    return [
        shapely.union_all([part for part, label in zip(parts, labels, strict=True) if label == number])
        for number in range(count)
    ]


def _with_island(shapes: list[shapely.Geometry], island: shapely.Polygon) -> list[shapely.Geometry]:
    nearest = int(np.argmin(shapely.distance(np.array(shapes, dtype=object), island)))
    return [
        shapely.multipolygons([*shapely.get_parts(shape), island]) if number == nearest else shape
        for number, shape in enumerate(shapes)
    ]


def _named(shapes: list[shapely.Geometry], land: Land, rng: np.random.Generator) -> Wards:
    names = list(rng.permutation(words.WARDS)[: len(shapes)])
    names[-1] = words.VILLAGE_WARD
    holds_centre = [shape.contains(shapely.Point(land.centre)) for shape in shapes]
    names[int(np.argmax(holds_centre))] = words.CENTRE_WARD
    order = np.argsort(names)  # codes follow the alphabet, as the real ones do
    codes = [f"E{words.FIRST_WARD_CODE + number:08d}" for number in range(len(shapes))]
    rounded = shapely.set_precision(np.array(shapes, dtype=object), 0.01, mode="pointwise")
    return Wards(np.array(codes), np.array(names)[order], shapely.normalize(rounded[order]))
