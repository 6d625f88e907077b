"""Every place that could be a hotspot, tested: discs around every tile that can hold a report.

Hotspots are drawn around what is high, so the chance of one such place says little: the highest of
ten thousand places is high. Each is therefore held against the highest place of whole maps drawn
from the null. A place whose statistic is beaten in fewer than 1 of 20 such maps stands out, and so
of the maps without any hotspot at most 1 in 20 shows one, however many places were looked at.

Tiles are fractions of a cell (50 m for cells of 100 m), so that the work does not grow with the
number of coordinates. Candidates and simulated maps are measured on the same discs of tiles.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from mapping.hotspots.grid import FloatArray, Grid, IntArray, sum_by
from mapping.hotspots.null_model import ALIKE, BoolArray, Null
from mapping.hotspots.significance import upper_tail
from mapping.wording import EXCESS, RISE

if TYPE_CHECKING:
    from scipy.sparse import csr_array

TILE_M: Final = 50.0
ROOM_POWER: Final = 0.7  # 0: a cell holds what any other does; 1: as many times as points are known in it
MOST_POINTS: Final = 2  # of a tile that count as places to hold a report
RADIUS_M: Final = 150.0
RADII_M: Final = (75.0, RADIUS_M)  # a yard or a block of shops, and the whole walk
NOWHERE: Final = -1


@dataclass(frozen=True)
class Tiles:
    """The tiles of the study area that can hold a report, and what the null expects of each.

    Attributes
    ----------
    easting_m, northing_m : float arrays, shape (n,)
        Their middles.
    ward : int array, shape (n,)
    share : float array, shape (n,)
        Share of its ward's incidents, as `Known.room` and `make_tiles` say.
    cell : int array, shape (n,)
        Study cell that each is part of.
    key : int array, shape (n,)
        What `of` looks a point up by; sorted.
    """

    grid: Grid
    null: Null
    easting_m: FloatArray
    northing_m: FloatArray
    ward: IntArray
    share: FloatArray
    cell: IntArray
    key: IntArray

    def of(self, easting_m: npt.ArrayLike, northing_m: npt.ArrayLike) -> IntArray:
        """Return the tile that holds each point; `NOWHERE` where none does."""
        key = _tile_key(self.grid, easting_m, northing_m)
        at = np.minimum(np.searchsorted(self.key, key), max(len(self.key) - 1, 0))
        return np.where(self.key[at] == key, at, NOWHERE) if len(self.key) else np.full(len(key), NOWHERE)

    def count(self, tile: IntArray) -> FloatArray:
        """Count incidents per tile, those nowhere left out, shape (n,)."""
        return np.bincount(tile[tile >= 0], minlength=len(self.key)).astype(np.float64)

    @cached_property
    def within(self) -> "csr_array":
        """Which tiles each disc holds, by their middles, shape (discs, n).

        The discs of the first radius about every tile, then those of the next.
        """
        from scipy.sparse import csr_array, vstack
        from scipy.spatial import cKDTree

        size = len(self.key)
        xy = np.column_stack([self.easting_m, self.northing_m])
        pairs = cKDTree(xy).query_pairs(max(RADII_M) + 1e-6, output_type="ndarray")
        away = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
        discs = []
        for radius_m in RADII_M:
            one, other = pairs[away <= radius_m + 1e-6].T
            row = np.concatenate([one, other, np.arange(size)])
            column = np.concatenate([other, one, np.arange(size)])
            discs.append(csr_array((np.ones(len(row), dtype=np.float32), (row, column)), shape=(size, size)))
        return csr_array(vstack(discs, format="csr"))

    def disc_totals(self, of_wards: FloatArray) -> FloatArray:
        """Add up, for every disc, one value of each ward that it reaches into, shape (discs,)."""
        return np.asarray(self.reaches @ np.asarray(of_wards, dtype=np.float64))

    @cached_property
    def reaches(self) -> "csr_array":
        """Which wards each disc reaches into, shape (discs, wards)."""
        from scipy.sparse import csr_array

        size = len(self.key)
        of_ward = csr_array((np.ones(size), (np.arange(size), self.ward)), shape=(size, len(self.null.shape)))
        held = (self.within @ of_ward).tocsr()
        held.data[:] = 1.0
        return held


@dataclass(frozen=True)
class Known:
    """Where a report of any kind was placed: each point once.

    Attributes
    ----------
    easting_m, northing_m : float arrays, shape (points,), EPSG:27700
    ward : int array, shape (points,)
        Ward of its reports, as `Grid.ward_gss_codes` counts them.
    """

    easting_m: FloatArray
    northing_m: FloatArray
    ward: IntArray

    def room(self, grid: Grid) -> FloatArray:
        """Return how much of its ward each study cell would hold, 0 where nothing is known, shape (cells,).

        A power (`ROOM_POWER`) of the points known in it, of which a tile counts two at most: between a
        square that holds what any other does and one that holds more the more addresses it has.
        """
        tile, cell, _ = _known_tiles(grid, self)
        held = _weights(tile)
        return np.asarray(sum_by(cell, held, len(grid.study_cells)) ** ROOM_POWER)


def make_tiles(grid: Grid, null: Null, known: Known) -> Tiles:
    """Cut the usable cells into tiles and keep those that hold a known point.

    A tile has the ward of most of its points, not that of its cell's middle: at the edge of a busy
    ward a quiet one's points would else look busy.

    Parameters
    ----------
    grid : Grid
    null : Null
        Over the study cells.
    known : Known
    """
    points, cell, inside = _known_tiles(grid, known)
    key = np.unique(_tile_key(grid, known.easting_m[inside], known.northing_m[inside]))
    part = _weights(points)
    in_cell = sum_by(cell, part, len(grid.study_cells))
    weight = part * in_cell[cell] ** (ROOM_POWER - 1)
    ward = _main_wards(grid, known, inside, key)
    in_ward = sum_by(ward, weight, len(null.shape))
    east, north = _middles(grid, key)
    return Tiles(grid, null, east, north, ward, weight / in_ward[ward], cell, key)


def _known_tiles(grid: Grid, known: Known) -> tuple[IntArray, IntArray, BoolArray]:
    """Return of every tile with a known point how many it has and its cell; and which points count."""
    study = np.full(grid.size, -1, dtype=np.int64)
    study[grid.study_cells] = np.arange(len(grid.study_cells))
    cell = grid.cell_of(known.easting_m, known.northing_m)
    inside = (cell >= 0) & (study[cell] >= 0)
    _, first, points = np.unique(
        _tile_key(grid, known.easting_m[inside], known.northing_m[inside]),
        return_index=True,
        return_counts=True,
    )
    return points, study[cell[inside][first]], inside


def _weights(points: IntArray) -> FloatArray:
    """Return how many of a tile's points count: where every report has its own, many say no more."""
    return np.minimum(points, MOST_POINTS).astype(np.float64)


def _main_wards(grid: Grid, known: Known, inside: BoolArray, key: IntArray) -> IntArray:
    """Return the ward of most points of each tile; the first of two with as many."""
    tile = np.searchsorted(key, _tile_key(grid, known.easting_m[inside], known.northing_m[inside]))
    wards = len(grid.ward_gss_codes)
    pair, times = np.unique(tile * wards + known.ward[inside], return_counts=True)
    at, ward = np.divmod(pair, wards)
    order = np.lexsort((-ward, times))
    main = np.zeros(len(key), dtype=np.int64)
    main[at[order]] = ward[order]  # the commonest is written last
    return main


def _across(grid: Grid) -> int:
    """Return how many tiles a cell is wide."""
    return max(1, round(grid.cell_size_m / TILE_M))


def _tile_key(grid: Grid, easting_m: npt.ArrayLike, northing_m: npt.ArrayLike) -> IntArray:
    side = grid.cell_size_m / _across(grid)
    column = np.floor((np.asarray(easting_m, dtype=np.float64) - grid.west_m) / side).astype(np.int64)
    row = np.floor((np.asarray(northing_m, dtype=np.float64) - grid.south_m) / side).astype(np.int64)
    wide = grid.columns * _across(grid)
    known = (column >= 0) & (column < wide) & (row >= 0)
    return np.where(known, row * wide + column, NOWHERE).astype(np.int64)


def _middles(grid: Grid, key: IntArray) -> tuple[FloatArray, FloatArray]:
    side = grid.cell_size_m / _across(grid)
    row, column = np.divmod(key, grid.columns * _across(grid))
    return grid.west_m + (column + 0.5) * side, grid.south_m + (row + 0.5) * side


@dataclass(frozen=True)
class DiscTests:
    """The tests of the discs about every tile, shape (tiles,) each.

    Attributes
    ----------
    p_excess : float array
        Chance of as many incidents in the whole period, at the more telling radius.
    p_rise : float array
        Chance of as many of its incidents in the last months, given the whole area's share of them,
        at the more telling radius.
    p_recent : float array
        Chance of as many incidents in the last months alone, at the radius that tells most.
    """

    p_excess: FloatArray
    p_rise: FloatArray
    p_recent: FloatArray

    @property
    def p_value(self) -> FloatArray:
        """The more telling of excess and rise, doubled for having looked twice."""
        return np.minimum(1.0, 2.0 * np.minimum(self.p_excess, self.p_rise))

    def kind_at(self, tile: int) -> str:
        """Name what is the more telling at a tile."""
        return RISE if self.p_rise[tile] < self.p_excess[tile] else EXCESS


def assess_discs(tiles: Tiles, counts: FloatArray, recent: FloatArray, recent_share: float) -> DiscTests:
    """Test every disc of the map as it is.

    Parameters
    ----------
    tiles : Tiles
    counts, recent : float arrays, shape (tiles,)
        Whole incidents of the period, and of its last months.
    recent_share : float
        Share of the whole area's incidents that came in the last months.
    """
    held, lately = np.asarray(tiles.within @ counts), np.asarray(tiles.within @ recent)
    by_radius = (len(RADII_M), len(tiles.key))
    excess = Field.of(tiles, counts).tail(held).reshape(by_radius)
    rise = upper_tail(lately, held, recent_share).reshape(by_radius)
    now = Field.of(tiles, recent).tail(lately).reshape(by_radius)
    telling = np.argmin(np.minimum(excess, rise), axis=0)
    return DiscTests(excess.min(axis=0), rise.min(axis=0), now[telling, np.arange(len(tiles.key))])


@dataclass(frozen=True)
class Field:
    """What every disc is held against, shape (discs,) each.

    Attributes
    ----------
    total : float array
        What the wards hold that the disc reaches into.
    share : float array
        Part of that which the disc would hold.
    firm : float array
        Concentration of those wards.
    """

    total: FloatArray
    share: FloatArray
    firm: FloatArray

    @classmethod
    def of(cls, tiles: Tiles, counts: FloatArray) -> "Field":
        """Pool, for every disc, the wards that it reaches into."""
        null = tiles.null
        by_ward = sum_by(tiles.ward, counts, len(null.shape))
        expected = np.asarray(tiles.within @ (by_ward[tiles.ward] * tiles.share))
        total = tiles.disc_totals(by_ward)
        share = np.divide(expected, total, out=np.zeros(len(total)), where=total > 0)
        firm = tiles.disc_totals(null.shape * null.cells)
        all_alike = tiles.disc_totals((null.shape < ALIKE).astype(np.float64)) == 0
        return cls(total, share, np.where(all_alike, np.inf, firm))

    @property
    def expected(self) -> FloatArray:
        """What each disc would hold."""
        return self.total * self.share

    def tail(self, held: FloatArray, at: IntArray | slice = slice(None)) -> FloatArray:
        """Test what the discs `at` hold."""
        return upper_tail(np.minimum(held, self.total[at]), self.total[at], self.share[at], self.firm[at])
