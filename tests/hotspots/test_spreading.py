"""Doubt spread over cells: shares by hand, nothing lost at an edge, nothing outside."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.hotspots import spreading
from mapping.hotspots.grid import Grid, make_grid
from mapping.hotspots.spreading import RADIUS_IN_SIGMAS, spread_by_month, spread_over_cells

# An error radius whose Gaussian has a standard deviation of one cell.
ONE_CELL = 100.0 * RADIUS_IN_SIGMAS


def cells_of(grid, shares, row=0):
    """Name the cells that hold a part, with it."""
    held = shares[[row]].tocoo()
    names = grid.cell_ids(grid.study_cells[held.coords[1]])
    return dict(zip(names.tolist(), held.data.tolist(), strict=True))


def test_the_radius_of_95_percent_is_2_448_standard_deviations():
    # 1 - exp(-r^2 / 2) = 0.95 gives r = sqrt(-2 ln 0.05)
    assert pytest.approx(2.4477, abs=1e-4) == RADIUS_IN_SIGMAS


def test_a_point_in_the_middle_of_a_cell_is_shared_as_the_normal_table_says(two_wards):
    grid = make_grid(two_wards)
    part = cells_of(grid, spread_over_cells(grid, 400_950.0, 300_550.0, ONE_CELL))
    # along one axis: 0.38292 within half a cell, 0.24173 in the next, 0.06060 in the one after
    assert part["E400900N300500"] == pytest.approx(0.38292**2, abs=1e-4)
    for neighbour in ("E400800N300500", "E401000N300500", "E400900N300400", "E400900N300600"):
        assert part[neighbour] == pytest.approx(0.38292 * 0.24173, abs=1e-4)
    assert part["E401000N300600"] == pytest.approx(0.24173**2, abs=1e-4)
    assert part["E401100N300500"] == pytest.approx(0.06060 * 0.38292, abs=1e-4)


def test_95_percent_lie_within_the_error_radius(two_wards):
    grid = make_grid(two_wards, cell_size_m=10)
    shares = spread_over_cells(grid, 401_000.0, 300_500.0, 150.0).toarray()[0]
    east, north = grid.centres(grid.study_cells)
    within = np.hypot(east - 401_000, north - 300_500) <= 150
    assert shares[within].sum() == pytest.approx(0.95, abs=0.005)


def test_what_would_fall_outside_every_ward_is_laid_on_the_rest(two_wards):
    grid = make_grid(two_wards)
    shares = spread_over_cells(grid, 400_000.0, 300_550.0, ONE_CELL)  # on the western edge
    part = cells_of(grid, shares)
    assert shares.sum() == pytest.approx(1.0)
    # half of it lies west of the edge; of the rest 0.34134 / 0.5 in the first column
    first_column = sum(value for name, value in part.items() if name.startswith("E400000"))
    assert first_column == pytest.approx(0.34134 / 0.5, abs=1e-4)


def test_a_report_that_states_its_ward_is_kept_to_it(two_wards):
    grid = make_grid(two_wards)
    shares = spread_over_cells(grid, 401_010.0, 300_500.0, 500.0, ward=0)  # West ends at 401 000
    assert {name[1:7] for name in cells_of(grid, shares)} <= {f"{400_000 + 100 * k}" for k in range(10)}
    assert shares.sum() == pytest.approx(1.0)


def test_a_ward_that_the_point_cannot_lie_in_is_not_believed(two_wards):
    grid = make_grid(two_wards)
    shares = spread_over_cells(grid, 401_950.0, 300_500.0, 150.0, ward=0)  # 950 m from West
    assert {name[:5] for name in cells_of(grid, shares)} == {"E4016", "E4017", "E4018", "E4019"}


def test_a_point_with_no_study_cell_within_reach_goes_whole_to_the_nearest(two_wards):
    grid = make_grid(two_wards)
    assert cells_of(grid, spread_over_cells(grid, 399_000.0, 300_020.0, 150.0)) == {"E400000N300000": 1.0}


def test_an_error_as_long_as_the_country_is_everywhere_alike(two_wards):
    shares = spread_over_cells(make_grid(two_wards), 400_500.0, 300_500.0, np.inf).toarray()[0]
    assert shares == pytest.approx(np.full(200, 1 / 200), rel=1e-3)


points = st.lists(
    st.tuples(
        st.floats(399_800, 402_200),
        st.floats(299_800, 301_200),
        st.floats(101, 5000),
        st.sampled_from([-1, 0, 1]),
    ),
    min_size=1,
    max_size=12,
)


@given(points)
def test_each_report_weighs_one_and_lies_in_the_study_area(rows):
    ward = np.full((20, 30), -1)
    ward[5:15, 5:15], ward[5:15, 15:25] = 0, 1
    grid = Grid(100.0, 399_500.0, 299_500.0, 20, 30, ("A", "B"), ward.ravel())
    shares = spread_over_cells(grid, *np.array(rows).T)
    assert shares.shape == (len(rows), 200)  # only cells of a ward have a place here
    assert shares.data.min() >= 0
    assert shares.sum(axis=1) == pytest.approx(np.ones(len(rows)))


@given(st.integers(-3, 3), st.integers(-2, 2), st.floats(101, 160))
def test_moving_a_report_by_whole_cells_moves_its_spread_by_as_many(right, up, error_m):
    grid = Grid(100.0, 0.0, 0.0, 20, 30, ("A",), np.zeros(600, dtype=np.int64))
    here = spread_over_cells(grid, 1_510.0, 1_030.0, error_m).toarray().reshape(20, 30)
    there = spread_over_cells(grid, 1_510.0 + 100 * right, 1_030.0 + 100 * up, error_m).toarray()
    assert there.reshape(20, 30) == pytest.approx(np.roll(here, (up, right), axis=(0, 1)), abs=1e-12)


def by_month(grid, rows, *, is_own=None):
    """Spread (easting, northing, error, month) rows over three months."""
    x, y, error_m, months = np.array(rows, dtype=np.float64).T
    own = np.ones(len(rows), dtype=bool) if is_own is None else np.array(is_own)
    return spread_by_month(
        grid, easting_m=x, northing_m=y, error_m=error_m, ward=np.full(len(rows), -1),
        months=months.astype(np.int64), is_own=own, length=3,
    )  # fmt: skip


def test_months_hold_as_much_as_was_told_in_them(two_wards):
    rows = [(400_500, 300_500, 800, 0)] * 3 + [(400_500, 300_500, 300, 2), (401_500, 300_500, 800, 2)]
    spread = by_month(make_grid(two_wards), rows, is_own=[True, True, False, True, False])
    assert spread.everything.sum(axis=1) == pytest.approx([3, 0, 2])
    assert spread.own.sum(axis=1) == pytest.approx([2, 0, 1])
    assert spread.has_others


def test_equal_points_are_spread_once_and_count_each_time(two_wards, monkeypatch):
    grid, row = make_grid(two_wards), (400_500, 300_500, 800, 1)
    one, many = by_month(grid, [row]), by_month(grid, [row] * 50)
    assert many.own == pytest.approx(50 * one.own)
    monkeypatch.setattr(spreading, "_ENTRIES_AT_ONCE", 1)  # every kind a portion of its own
    rows = [(400_500, 300_500, 800, 1), (400_700, 300_500, 800, 0), (400_500, 300_500, 400, 1)] * 2
    apart = by_month(grid, rows)
    monkeypatch.undo()
    assert apart.own == pytest.approx(by_month(grid, rows).own)


def test_the_order_of_reports_changes_nothing(two_wards):
    rng = np.random.default_rng(2)
    rows = [(*rng.uniform([400_000, 300_000], [402_000, 301_000]), 250.0, k % 3) for k in range(20)]
    grid = make_grid(two_wards)
    assert np.array_equal(by_month(grid, rows).own, by_month(grid, rows[::-1]).own)
