"""Gi* and DBSCAN as rankings of cells."""

import numpy as np
import pytest

from mapping.evidence.rankings import rank_dbscan, rank_gi_star
from mapping.hotspots.grid import Grid
from mapping.hotspots.scoring import History


def history(counts, *, wards=None):
    counts = np.asarray(counts)
    wards = np.zeros(counts.shape, dtype=np.int64) if wards is None else np.asarray(wards, dtype=np.int64)
    rows, columns = counts.shape
    grid = Grid(100.0, 0.0, 0.0, rows, columns, ("A",), wards.ravel())
    cells = np.repeat(np.arange(counts.size), counts.ravel())
    months = np.zeros(len(cells), dtype=np.int64)
    return History(grid, months, cells, np.ones(len(cells), bool), np.array([30.0]))


def test_gi_star_by_hand():
    # nine cells, nine events in the corner: mean 1, variance (64 + 8) / 9 = 8. The corner has 4 neighbours,
    # itself included, holding 9: (9 - 4) / sqrt(8 (9 x 4 - 16) / 8) = 5 / sqrt(20)
    z = rank_gi_star(history([[9, 0, 0], [0, 0, 0], [0, 0, 0]]), 1).reshape(3, 3)
    assert z[0, 0] == pytest.approx(5 / np.sqrt(20))
    # an edge cell beside it has 6 neighbours: (9 - 6) / sqrt(9 x 6 - 36) = 3 / sqrt(18)
    assert z[0, 1] == pytest.approx(3 / np.sqrt(18))
    # the middle has all 9 as neighbours, so it can be neither more nor less than the whole
    assert z[1, 1] == 0
    # the far corner: (0 - 4) / sqrt(20)
    assert z[2, 2] == pytest.approx(-4 / np.sqrt(20))


def test_cells_outside_the_study_area_are_no_neighbours():
    counts = [[4, 0, 50], [0, 0, 50], [0, 0, 50]]
    wards = [[0, 0, -1], [0, 0, -1], [0, 0, -1]]
    z = rank_gi_star(history(counts, wards=wards), 1)
    # six cells, four events: mean 2/3, variance 16/6 - 4/9 = 20/9; the first has 4 neighbours holding 4:
    # (4 - 8/3) / sqrt(20/9 x (6 x 4 - 16) / 5) = (4/3) / sqrt(32/9)
    assert z[0] == pytest.approx((4 / 3) / np.sqrt(32 / 9))


def test_equal_counts_make_no_cell_stand_out():
    assert not rank_gi_star(history(np.ones((3, 3), dtype=int)), 1).any()


def test_clusters_are_ranked_by_their_density_and_what_is_in_none_comes_last():
    counts = np.zeros((12, 12), dtype=int)
    counts[0:2, 0:2] = 10  # 40 events in 4 cells
    counts[9:11, 9:11] = 5  # 20 in 4
    counts[0, 11] = 4  # too few for a cluster of its own
    scores = rank_dbscan(history(counts), 1).reshape(12, 12)
    assert set(scores[0:2, 0:2].ravel()) == {10.0}
    assert set(scores[9:11, 9:11].ravel()) == {5.0}
    assert scores[0, 11] == 0
    assert np.count_nonzero(scores) == 8


def test_no_event_gives_no_cluster():
    events = history([[1, 0], [0, 0]])
    assert not rank_dbscan(events.until(0), 0).any()
