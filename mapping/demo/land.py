"""The ground Newmouth stands on: coast, river, borough outline, where the town is built up."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from mapping.demo.lines import FloatArray, bend, blob, smooth

# Any land would do: the borough is invented and stands on somebody's fields.
ORIGIN: Final = np.array([416_000.0, 476_000.0])
REACH_M: Final = 1_500.0  # how far beyond the outline the ground is drawn
SIZE_M: Final = (8_300.0, 7_600.0)
RIVERSIDE_M: Final = 22.0  # nothing is built closer to the water


@dataclass(frozen=True)
class Land:
    """The natural ground, EPSG:27700."""

    borough: shapely.Polygon
    ground: shapely.Polygon  # the borough and the country round it, without the sea
    sea: shapely.Polygon
    river: shapely.Polygon
    river_line: FloatArray
    island: shapely.Polygon
    centre: FloatArray
    village: FloatArray
    urban: shapely.Geometry

    def is_north(self, points: FloatArray) -> np.ndarray:
        """Say of each point, shape (n, 2), whether it lies north of the river."""
        return np.asarray(
            points[:, 1] > np.interp(points[:, 0], self.river_line[:, 0], self.river_line[:, 1])
        )


def make_land(rng: np.random.Generator) -> Land:
    """Lay out the ground of one borough."""
    width, height = SIZE_M
    coast = _coast(rng)
    edge = ORIGIN + np.array([-REACH_M, -REACH_M])
    far = ORIGIN + np.array([width + 2 * REACH_M, height + REACH_M])
    corner_n, corner_s = np.array([[edge[0], far[1]]]), np.array([[edge[0], edge[1]]])
    ground = shapely.Polygon(np.vstack([coast, corner_n, corner_s]))
    sea = shapely.box(edge[0], edge[1], far[0], far[1]).difference(ground)
    borough = max(shapely.get_parts(_landward(rng).intersection(ground)), key=lambda part: float(part.area))
    river_line, river = _river(rng, ground)
    centre_x = ORIGIN[0] + width * 0.73 + rng.uniform(-200, 200)
    centre = np.array([centre_x, np.interp(centre_x, river_line[:, 0], river_line[:, 1]) - 290])
    village = _village(borough, river, centre)
    urban = _urban(rng, borough, river, centre, village)
    shore_y = ORIGIN[1] + height * rng.choice([0.24, 0.8])
    shore_x = np.interp(shore_y, coast[:, 1], coast[:, 0])
    island = blob([shore_x + 620, shore_y], 170, rng, stretch=1.7)
    return Land(borough, ground, sea, river, river_line, island, centre, village, urban)


def _coast(rng: np.random.Generator) -> FloatArray:
    width, height = SIZE_M
    y = np.linspace(-REACH_M, height + REACH_M, 10)
    x = width - 250 + 430 * np.sin(y / 1500 + rng.uniform(0, 6.3)) + rng.normal(0, 140, len(y))
    rough = bend(smooth(np.column_stack([x, y]), rounds=2), rng, roughness=0.1, step_m=90)
    return np.asarray(smooth(rough, rounds=1) + ORIGIN)


def _landward(rng: np.random.Generator) -> shapely.Polygon:
    """Return the borough's outline inland, closed far out at sea."""
    width, height = SIZE_M
    corners = np.array(
        [
            [width, height - 350],
            [width * 0.78, height - 120],
            [width * 0.52, height - 420],
            [width * 0.27, height - 150],
            [width * 0.09, height - 800],
            [160, height * 0.63],
            [430, height * 0.39],
            [120, height * 0.19],
            [width * 0.17, 380],
            [width * 0.42, 160],
            [width * 0.7, 420],
            [width, 300],
        ]
    )
    corners[1:-1] += rng.normal(0, 110, (len(corners) - 2, 2))
    inland = bend(smooth(corners, rounds=1), rng, roughness=0.09, step_m=90)
    at_sea = np.array([[width + REACH_M, inland[-1, 1]], [width + REACH_M, inland[0, 1]]])
    return shapely.Polygon(np.vstack([inland, at_sea]) + ORIGIN).buffer(0)


def _river(rng: np.random.Generator, ground: shapely.Polygon) -> tuple[FloatArray, shapely.Polygon]:
    """Return the river's middle, west to east, and its water, widening to the mouth."""
    width, height = SIZE_M
    x = np.linspace(-REACH_M, width + 900, 15)
    y = height * 0.53 + 400 * np.sin(x / 1100 + rng.uniform(0, 6.3)) + rng.normal(0, 90, len(x))
    line = smooth(np.column_stack([x, y]), rounds=3) + ORIGIN
    share = np.clip((line[:, 0] - line[0, 0]) / (line[-1, 0] - line[0, 0]), 0, 1)
    pieces = shapely.linestrings(np.stack([line[:-1], line[1:]], axis=1))
    water = shapely.union_all(shapely.buffer(pieces, 15 + 70 * share[1:] ** 4))
    return line, water.intersection(ground)


def _village(borough: shapely.Polygon, river: shapely.Polygon, centre: FloatArray) -> FloatArray:
    """Return the middle of the widest country between town, river and edge."""
    country = borough.buffer(-300) - river.buffer(250) - shapely.Point(centre).buffer(3_300)
    middle = shapely.maximum_inscribed_circle(country, tolerance=25)
    return np.asarray(shapely.get_coordinates(middle)[0])


def _urban(
    rng: np.random.Generator,
    borough: shapely.Polygon,
    river: shapely.Polygon,
    centre: FloatArray,
    village: FloatArray,
) -> shapely.Geometry:
    """Return the built-up ground: the town, the suburbs grown into it, and the village."""
    patches = [blob(centre + np.array([-200, 0]), 2_050, rng, roughness=0.1, corners=14)]
    for angle in (72, 112, 152, 200, 236, 272):
        away = rng.uniform(2_000, 2_600)
        turn = np.deg2rad(angle + rng.uniform(-10, 10))
        patches.append(
            blob(centre + away * np.array([np.cos(turn), np.sin(turn)]), rng.uniform(620, 820), rng)
        )
    patches += [blob(centre + np.array([1_150, north]), 760, rng) for north in (750, -550)]  # the sea front
    patches.append(blob(village, 330, rng))
    built = shapely.union_all(patches).buffer(120).buffer(-120)
    dry = borough.buffer(-70) - river.buffer(RIVERSIDE_M)
    return built.intersection(dry).simplify(4)
