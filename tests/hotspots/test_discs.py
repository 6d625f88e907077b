"""Discs of tiles, their tests, and the simulated maps they are referred to."""

import numpy as np
import pytest
from scipy.stats import binom

from mapping.hotspots import simulated
from mapping.hotspots.discs import NOWHERE, RADII_M, DiscTests, Field, Known, assess_discs, make_tiles
from mapping.hotspots.grid import make_grid
from mapping.hotspots.null_model import ALIKE, Null


@pytest.fixture
def grid(two_wards):
    return make_grid(two_wards)


def alike(grid, usable=None):
    ward = grid.ward_of_cell[grid.study_cells]
    usable = np.ones(len(ward), dtype=bool) if usable is None else usable
    room = np.bincount(ward, weights=usable)
    return Null(ward, usable / room[ward], np.full(2, ALIKE))


def known(x, y, ward=None):
    """Points of West and East, by the edge at 401 000 where no ward is given."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    return Known(x, y, np.where(x < 401_000, 0, 1) if ward is None else np.asarray(ward))


def every_tile(grid, null):
    """One known point in the middle of each of the 20 x 40 tiles of 50 m of both wards."""
    x, y = np.meshgrid(np.arange(400_025, 402_000, 50.0), np.arange(300_025, 301_000, 50.0))
    return make_tiles(grid, null, known(x.ravel(), y.ravel()))


def test_tiles_share_their_cell_and_know_their_points(grid):
    tiles = every_tile(grid, alike(grid))
    assert len(tiles.key) == 800
    # a ward has 100 cells of 4 tiles: each tile 1 / 400 of its ward
    assert tiles.share == pytest.approx(np.full(800, 1 / 400))
    at = tiles.of(np.array([400_010.0, 400_060.0, 399_990.0]), np.array([300_010.0, 300_010.0, 300_010.0]))
    assert tiles.easting_m[at[0]] == 400_025 and tiles.easting_m[at[1]] == 400_075 and at[2] == NOWHERE


def test_a_cell_holds_more_by_a_power_of_its_points_and_leaves_it_where_they_are(grid):
    # the first cell knows one point; the second two in one tile and one in the next: 1 and 3 to the 0.7
    points = known([400_010.0, 400_110.0, 400_120.0, 400_160.0], np.full(4, 300_010.0))
    whole = 1 + 3**0.7
    tiles = make_tiles(grid, alike(grid), points)
    assert tiles.share == pytest.approx(np.array([1, 2 / 3 * 3**0.7, 1 / 3 * 3**0.7]) / whole)
    room = points.room(grid)
    assert room[room > 0] == pytest.approx([1, 3**0.7])


def test_points_without_end_in_one_tile_are_two(grid):
    x = 400_010.0 + np.arange(30) / 10
    room = known([*x, 400_110.0], np.full(31, 300_010.0)).room(grid)
    assert room[room > 0] == pytest.approx([2**0.7, 1])


def test_a_tile_has_the_ward_of_its_points_and_not_of_its_cells_middle(grid):
    # three points in a cell of West, two of which are reports of East
    points = known([400_910.0, 400_915.0, 400_920.0], np.full(3, 300_010.0), ward=[1, 0, 1])
    assert make_tiles(grid, alike(grid), points).ward.tolist() == [1]


def test_discs_hold_the_tiles_whose_middles_are_within_the_radius(grid):
    tiles = every_tile(grid, alike(grid))
    middle = tiles.of([400_525.0], [300_525.0])[0]
    held = tiles.within.sum(axis=1)
    # of a 50 m lattice: 9 within 75 m (1 + 4 at 50 + 4 at 70.7), 29 within 150 m
    assert held[middle] == 9 and held[middle + 800] == 29
    assert len(RADII_M) * 800 == tiles.within.shape[0]


def test_a_disc_is_tested_against_its_part_of_its_ward(grid):
    tiles = every_tile(grid, alike(grid))
    counts = np.zeros(800)
    middle = tiles.of([400_525.0], [300_525.0])[0]
    counts[middle] = 7
    counts[tiles.of([400_025.0], [300_975.0])[0]] = 93  # same ward, far off
    tested = assess_discs(tiles, counts, counts, 0.25)
    # 7 of 100 in a disc of 9 tiles of 400
    assert tested.p_excess[middle] == pytest.approx(binom.sf(6, 100, 9 / 400), rel=1e-6)
    assert tested.p_rise[middle] == pytest.approx(0.25**7, rel=1e-6)  # all 7 in the last months
    assert tested.p_value[middle] == pytest.approx(2 * 0.25**7, rel=1e-6)


def test_a_disc_on_a_ward_edge_pools_both_wards(grid):
    tiles = every_tile(grid, alike(grid))
    counts = np.where(tiles.ward == 0, 1.0, 3.0)
    field = Field.of(tiles, counts)
    at = tiles.of([400_975.0], [300_525.0])[0]  # its disc of 75 m: columns 400 925, 400 975 and 401 025
    assert field.total[at] == 400 + 1200
    assert field.expected[at] == pytest.approx(6 * 1 + 3 * 3)


def test_what_a_map_is_referred_to_uses_the_plus_one():
    maxima = simulated.Maxima(np.array([0.001, 0.01, 0.02]), np.array([0.5, 0.6, 0.7]))
    tested = DiscTests(np.array([0.0005, 0.01, 0.9]), np.array([0.9, 0.9, 0.9]), np.ones(3))
    # none, two and all of three maps are as telling: (1 + 0) / 4, (1 + 2) / 4, 1; doubled for two looks
    assert maxima.refer(tested) == pytest.approx([0.5, 1.0, 1.0])


def test_simulated_maps_keep_every_wards_total_and_the_null(grid):
    null = alike(grid)
    loose = Null(null.ward, null.share, np.full(2, 5.0))
    for one, spread in ((null, 0.0), (loose, 1 / 5)):
        tiles = every_tile(grid, one)
        drawn = simulated._draw(tiles, np.array([4000, 8000]), 300, np.random.default_rng(1))
        assert (drawn[tiles.ward == 0].sum(axis=0) == 4000).all()
        assert (drawn[tiles.ward == 1].sum(axis=0) == 8000).all()
        cell = np.zeros((200, 300))
        np.add.at(cell, tiles.cell, drawn)
        # ward 0: 40 a cell; variance 40 and, where places differ, 40 squared over the shape
        assert cell[one.ward == 0].mean() == 40.0
        var = cell[one.ward == 0].var(axis=1).mean()
        assert var == pytest.approx(40 + 40**2 * spread, rel=0.12)


def test_the_same_seed_draws_the_same_maps(grid):
    tiles = every_tile(grid, alike(grid))
    counts = np.full(800, 2.0)
    one, same, other = (simulated.simulate(tiles, counts, 0.25, maps=70, seed=s) for s in (4, 4, 5))
    assert (one.excess == same.excess).all() and (one.rise == same.rise).all()
    assert not (one.excess == other.excess).all()


def test_a_map_without_hotspots_seldom_shows_one(grid):
    tiles = every_tile(grid, alike(grid))
    rng = np.random.default_rng(11)
    maxima = simulated.simulate(tiles, np.full(800, 2.0), 0.25, maps=199, seed=1)
    shown = 0
    for _ in range(200):
        drawn = simulated._draw(tiles, np.array([800, 800]), 1, rng)[:, 0]
        lately = rng.binomial(drawn, 0.25).astype(float)
        shown += bool((maxima.refer(assess_discs(tiles, drawn.astype(float), lately, 0.25)) < 0.05).any())
    # 0.05 and three standard errors over 200 maps
    assert shown / 200 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
