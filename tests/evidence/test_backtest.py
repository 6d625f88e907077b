"""The backtest, on cells that can be counted by eye."""

import numpy as np
import pytest

from mapping.errors import PeriodError
from mapping.evidence import backtest
from mapping.hotspots.grid import Grid
from mapping.hotspots.scoring import History


def history(events, months):
    grid = Grid(100.0, 0.0, 0.0, 2, 5, ("A",), np.zeros(10, dtype=np.int64))
    events = sorted(events)
    month, cell = (np.array(v, dtype=np.int64) for v in zip(*events, strict=True))
    return History(grid, month, cell, np.ones(len(month), bool), np.full(months, 30.0))


EVENTS = [(0, 2)] * 3 + [(1, 2)] * 2 + [(1, 7)] + [(2, 2)] * 4 + [(2, 7)] + [(2, 9)] * 5


def test_count_row_by_hand():
    trial = backtest.try_methods(history(EVENTS, 3), train_months=2, category="all", total=10.0)
    row = backtest.tabulate(trial, area_shares=(0.1,)).set_index("method").loc["count"]
    # trained on 5 in cell 2 and 1 in cell 7: cell 2 is flagged and holds 4 of the 10 that followed
    assert (row.cells, row.events, row.hits) == (1, 10, 4)
    assert row.pai == pytest.approx(0.4 / 0.1)
    assert row.pei == pytest.approx(4 / 5)  # the best cell was 9, with five
    # PAI on the training months was (5/6) / 0.1
    assert row.rri_pai_ratio == pytest.approx(0.4 / (5 / 6))
    # foretold 5 in 60 days, so 2.5 in the 30 that followed; 4 came
    assert row.rri_predicted_observed == pytest.approx(2.5 / 4)


def test_nothing_after_the_training_months_is_looked_at():
    later = [(2, cell) for cell in range(10) for _ in range(cell)]
    one = backtest.try_methods(history(EVENTS, 3), train_months=2, category="all", total=1)
    other = backtest.try_methods(history(EVENTS[:6] + later, 3), train_months=2, category="all", total=1)
    for method in backtest.BASELINES:
        assert np.array_equal(one.scores[method], other.scores[method])
    assert np.array_equal(one.scores["auto"], other.scores["auto"])


def test_auto_and_every_baseline_are_in_the_table():
    events = [(m, c) for m in range(6) for c in (1, 1, 2, 5, m)]
    trial = backtest.try_methods(history(events, 6), train_months=5, category="all", total=5)
    methods = set(backtest.tabulate(trial).method)
    assert methods == {
        "count",
        "kernel 100 m",
        "kernel 150 m",
        "kernel 250 m",
        "Gi*",
        "DBSCAN",
        "mixed",
        "auto",
    }


@pytest.mark.parametrize("train", [0, 3, 4])
def test_a_split_without_both_sides_is_refused(train):
    with pytest.raises(PeriodError, match="at least one of each"):
        backtest.try_methods(history(EVENTS, 3), train_months=train, category="all", total=1)


def test_a_map_against_itself_differs_by_nothing():
    trial = backtest.try_methods(history(EVENTS, 3), train_months=2, category="all", total=10)
    assert backtest.paired_interval(trial, "count", "count", 0.1) == (0.0, 0.0, 0.0)


def test_paired_interval_holds_the_difference_and_is_the_same_each_time():
    followed = np.array([40.0, 10, 50, 0])
    scores = {"a": np.array([9.0, 0, 0, 0]), "b": np.array([0.0, 9, 0, 0])}
    trial = backtest.Trial("all", scores, followed, followed, 100, 30, 30, "a")
    difference, low, high = backtest.paired_interval(trial, "a", "b", 0.25, seed=1)
    assert difference == 30
    # the difference of two multinomial counts has variance 100 (0.4 + 0.1 - 0.3^2) = 41, so 30 +- 12.5
    assert low == pytest.approx(30 - 1.96 * np.sqrt(41), abs=2)
    assert high == pytest.approx(30 + 1.96 * np.sqrt(41), abs=2)
    assert backtest.paired_interval(trial, "a", "b", 0.25, seed=1) == (difference, low, high)
