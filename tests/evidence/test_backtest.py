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
        "recency",
        "shrunk",
        "mixed",
        "blend",
        "auto",
    }  # too few events here for trees


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


def rolled(events, months, first):
    whole = history(events, months)
    return [
        backtest.try_methods(
            whole.until(end),
            train_months=origin,
            category="all",
            total=float(sum(e[0] == origin for e in events)),
        )
        for origin, end in backtest.splits(whole, first, rolling=True)
    ]


def test_several_months_add_up_before_anything_is_divided():
    trials = rolled(EVENTS, 3, 1)
    row = backtest.tabulate(*trials, area_shares=(0.1,)).set_index("method").loc["count"]
    # month 1: cell 2 is flagged and holds 2 of 3; month 2: cell 2 holds 4 of 10. 6 of 13, best 2 + 5
    assert (row.origins, row.cells, row.events, row.hits) == (2, 1, 13, 6)
    assert row.hit_rate == pytest.approx(6 / 13)
    assert row.pei == pytest.approx(6 / 7)
    assert (row.stability, row.kept_share) == (1.0, 1.0)  # cell 2 both times


def test_a_month_without_any_report_is_a_gap_and_no_test():
    whole = history(EVENTS, 3)
    whole.days[1] = 0.0
    assert backtest.splits(whole, 1, rolling=True) == [(2, 3)]
    whole.days[2] = 0.0
    with pytest.raises(PeriodError, match="no map can be judged"):
        backtest.splits(whole, 1, rolling=True)


def simple(scores, followed, **changes):
    followed = np.asarray(followed, dtype=float)
    return backtest.Trial("all", scores, followed, followed, followed.sum(), 30, 30, "a", **changes)


def test_gain_over_the_count_has_a_paired_interval():
    scores = {"count": np.array([0.0, 9, 0, 0]), "a": np.array([9.0, 0, 0, 0])}
    table = backtest.tabulate(simple(scores, [40, 10, 50, 0]), area_shares=(0.25,), seed=1).set_index(
        "method"
    )
    assert table.loc["a", "gain_over_count"] == 30
    # as worked out below: 30 +- 1.96 sqrt(41)
    assert table.loc["a", "gain_low"] == pytest.approx(30 - 12.5, abs=2)
    assert table.loc["a", "gain_high"] == pytest.approx(30 + 12.5, abs=2)
    assert tuple(table.loc["count", ["gain_over_count", "gain_low", "gain_high"]]) == (0, 0, 0)
    # hits 40 of 100: standard error sqrt(100 x 0.4 x 0.6) = 4.9; the best cell held 50
    assert table.loc["a", "hit_rate_low"] == pytest.approx(0.4 - 0.096, abs=0.02)
    assert table.loc["a", "pei_high"] == pytest.approx((40 + 9.6) / 50, abs=0.04)
    assert table.loc["a", "pei"] == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("cells", "events", "judged"), [(400, 50, True), (400, 49, False), (399, 50, True), (380, 50, False)]
)
def test_fewer_than_20_flagged_cells_or_50_events_are_shown_and_not_judged(cells, events, judged):
    # 5 % of 400 cells is 20, of 399 is 19.95 and so 20, of 380 is 19
    followed = np.zeros(cells)
    followed[0] = events
    table = backtest.tabulate(simple({"count": np.arange(cells, dtype=float)}, followed), area_shares=(0.05,))
    assert table["judged"].tolist() == [judged]


def test_nothing_that_followed_gives_no_number():
    row = backtest.tabulate(simple({"count": np.arange(4.0)}, [0, 0, 0, 0]), area_shares=(0.25,)).iloc[0]
    assert np.isnan([row.hit_rate, row.pei, row.pei_low, row.gain_low]).all()
    assert not row.judged


def test_rankings_foretell_no_number_of_events():
    trial = backtest.try_methods(history(EVENTS, 3), train_months=2, category="all", total=10)
    table = backtest.tabulate(trial, area_shares=(0.1,)).set_index("method")
    assert np.isnan(table.loc[["Gi*", "DBSCAN"], "rri_predicted_observed"]).all()
    assert np.isfinite(table.loc["kernel 100 m", "rri_predicted_observed"])


def test_a_part_of_the_area_is_ranked_among_itself():
    trial = simple({"count": np.array([9.0, 8, 2, 1])}, [50, 30, 12, 8], before={"count": np.arange(4.0)})
    row = backtest.tabulate(backtest.within(trial, np.array([2, 3])), area_shares=(0.5,)).iloc[0]
    # of the cells with 2 and 1 the first is flagged: 12 of the 20 that followed there
    assert (row.cells, row.events, row.hits) == (1, 20, 12)
    assert row.stability == 0  # a month before the other one led
