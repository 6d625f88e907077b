"""The fixed grid: names, edges and the study area."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import MappingError
from mapping.hotspots import grid as grids


def test_cells_whose_centre_is_in_a_ward_are_the_study_area(two_wards):
    grid = grids.make_grid(two_wards)
    # 20 columns x 10 rows of 100 m cover the two wards exactly
    assert len(grid.study_cells) == 200
    assert set(grid.wards_of(grid.study_cells)) == {"E05999001", "E05999002"}


def test_a_cell_is_named_by_its_south_west_corner(two_wards):
    grid = grids.make_grid(two_wards)
    cell = grid.cell_of([400_349.9], [300_720.0])
    assert list(grid.cell_ids(cell)) == ["E400300N300700"]
    assert tuple(float(v[0]) for v in grid.centres(cell)) == (400_350.0, 300_750.0)


def test_a_point_on_a_cell_edge_belongs_to_the_cell_north_east_of_it(two_wards):
    grid = grids.make_grid(two_wards)
    assert list(grid.cell_ids(grid.cell_of([400_300.0], [300_700.0]))) == ["E400300N300700"]


def test_a_point_without_a_place_or_far_away_is_off_the_grid(two_wards):
    grid = grids.make_grid(two_wards)
    cells = grid.cell_of([np.nan, 0.0, 400_050.0], [300_000.0, 0.0, np.inf])
    assert list(cells) == [grids.OFF_GRID] * 3
    assert grid.count(cells).sum() == 0


def test_names_do_not_depend_on_the_wards(two_wards):
    east = two_wards.iloc[[1]]
    point = ([401_250.0], [300_250.0])
    whole, part = grids.make_grid(two_wards), grids.make_grid(east)
    assert list(whole.cell_ids(whole.cell_of(*point))) == list(part.cell_ids(part.cell_of(*point)))


@pytest.mark.parametrize("size", [0, -100, 5, 33.3, float("nan")])
def test_an_unusable_cell_size_is_refused_with_what_is_needed(two_wards, size):
    with pytest.raises(MappingError, match="whole number from 10 to 5000"):
        grids.make_grid(two_wards, cell_size_m=size)


@given(st.lists(st.tuples(st.floats(400_000, 402_000), st.floats(300_000, 301_000)), max_size=60))
def test_counts_add_up_to_the_points_on_the_grid(points):
    grid = grids.Grid(100.0, 399_500.0, 299_500.0, 20, 30, (), np.full(600, -1))
    east, north = [p[0] for p in points], [p[1] for p in points]
    assert grid.count(grid.cell_of(east, north)).sum() == len(points)
