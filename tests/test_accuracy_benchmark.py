"""The judges of accuracy are judged: rankings by hand, months and days, and what knows the truth wins."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from benchmarks.accuracy import baselines, demo, sets
from mapping.evidence.rankings import rank_gi_star
from mapping.hotspots.capture import measure
from mapping.periods import parse_period
from tests.hotspots.histories import history, lattice


def test_gi_star_of_a_lone_stack_is_the_same_in_all_cells_around_it():
    past = history([(0, 205)] * 6, months=1, grid=lattice(20, 20))
    scores = rank_gi_star(past, 1).reshape(20, 20)
    around = scores[9:12, 4:7]  # cell 205 is row 10, column 5
    # 9 neighbours that hold 6; mean 6/400, variance (36 - 0.09)/400; n 400
    mean, deviation = 6 / 400, np.sqrt(36 / 400 - (6 / 400) ** 2)
    expected = (6 - 9 * mean) / (deviation * np.sqrt((400 * 9 - 81) / 399))
    assert around == pytest.approx(np.full((3, 3), expected))
    assert scores.argmax() in (9 * 20 + 4, 10 * 20 + 5)
    assert (scores > 0).sum() == 9


def test_a_dense_cluster_ranks_above_a_thin_one_and_both_above_noise():
    grid = lattice(20, 20)
    dense, thin, noise = [(0, 105)] * 9 + [(0, 106)] * 8, [(0, 210)] * 3 + [(0, 211)] * 3, [(0, 390)] * 4
    scores = baselines.dbscan(history(dense + thin + noise, months=1, grid=grid), 1)
    order = np.argsort(-scores)[:5].tolist()
    # 17 events in 2 cells, 6 in 2, and 4 in one that reach no five
    assert order[:2] == [105, 106] and set(order[2:4]) == {210, 211} and order[4] == 390


def test_dated_events_fall_in_their_months_and_keep_their_days():
    grid = lattice()
    dates = pd.Series(pd.to_datetime(["2016-02-29", "2016-03-01", "2016-01-31", "2015-12-31"]))
    east, north = np.full(4, 400_050.0), np.full(4, 300_050.0)
    past, used = sets.dated_history(east, north, dates, grid, parse_period("2016-01:2016-03"))
    assert used.tolist() == [2, 0, 1]
    assert past.months.tolist() == [0, 1, 2] and past.day.tolist() == [30, 59, 60]
    assert past.days.tolist() == [31, 29, 31]
    assert parse_period("2016-01:2016-03").end_on == dt.date(2016, 4, 1)


def test_the_oracle_of_a_borough_expects_as_many_as_come_and_holds_more_than_a_count():
    town, background, planted, happened = demo.borough(3)
    grid = demo.grid_of(town)
    quiet = int((happened["place_id"] == "").sum())
    rates = demo.true_rates(town, background, planted, grid, "all", range(24), quiet)
    cells = grid.cell_of(happened["easting_m"], happened["northing_m"])
    came = grid.count(cells)
    assert rates.sum() == pytest.approx(came.sum(), rel=0.03)
    study = grid.study_cells
    even = measure(np.ones(len(study)), came[study], [0.05])[0].pei
    assert measure(rates[study], came[study], [0.05])[0].pei > 0.85 > even
