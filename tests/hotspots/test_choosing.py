"""Which method, and why: the ladder, what forbids a step, and what is kept."""

import json

import numpy as np
import pytest

from mapping.errors import TooLittleDataError
from mapping.hotspots import choosing
from mapping.hotspots.capture import flag
from mapping.hotspots.history import History
from tests.hotspots.histories import bump, history


def sparse():
    return bump(np.random.default_rng(8), months=8, a_month=60, others=200)


def test_a_step_up_the_ladder_needs_more_than_its_own_error():
    # 8 hits against 5: a gain of 3; ten cells differ, and the root of 3 x 4 + 7 x 1 is 4.4
    came = [np.array([2.0, 2, 2, 1, 1, 1, 1, 1, 1, 1])]
    assert _picked(came) == "count"
    # 20 against 5: a gain of 15; the root of 5 x 16 + 5 x 1 is 9.2
    assert _picked([np.array([4.0, 4, 4, 4, 4, 1, 1, 1, 1, 1])]) == "mixed"


def test_a_gain_too_small_to_matter_leaves_the_count_in_place():
    maps = {"count": np.arange(400.0), "mixed": np.arange(400.0)}
    maps["mixed"][[199, 200]] = maps["mixed"][[200, 199]]
    came = np.full(400, 10.0)
    came[199] = 12.0
    # half the cells: 2 hits of 2,002 more, and nothing else differs but the cell that held 10
    flagged = {name: flag([made], [came], [0.5]) for name, made in maps.items()}
    assert choosing.pick(flagged, "auto", months=1)[0] == "count"


def _picked(came):
    low, high = np.zeros(5), np.full(5, 9.0)
    maps = {"count": np.concatenate([low, high]), "mixed": np.concatenate([high, low])}
    flagged = {name: flag([made], came, [0.5]) for name, made in maps.items()}
    return choosing.pick(flagged, "auto", months=1)[0]


def test_a_gain_at_a_large_share_does_not_buy_a_loss_at_a_small_one():
    came = [np.array([60.0, 0, 20, 20, 20, 20, 20, 20, 0, 0])]
    count = flag([np.array([9.0, 8, 0, 0, 0, 0, 0, 0, 7, 7])], came, [0.1, 0.8])
    # loses all 60 at the first share, gains 60 of 180 at the second and 0 or less in the mean at the first
    other = flag([np.array([8.0, 9, 7, 7, 7, 7, 7, 7, 0, 0])], came, [0.1, 0.8])
    assert choosing.pick({"count": count, "boosted": other}, "auto", months=1)[0] == "count"


def test_the_same_history_gives_the_same_choice_and_the_same_scores():
    one, other = choosing.choose(sparse()), choosing.choose(sparse())
    assert (one.method, one.description, one.reason) == (other.method, other.description, other.reason)
    assert np.array_equal(one.scorer(sparse(), 8), other.scorer(sparse(), 8))


def test_the_choice_does_not_change_while_a_month_is_running():
    past = sparse()
    begun = History(
        past.grid,
        np.append(past.months, [8, 8]),
        np.append(past.cells, [5, 6]),
        np.append(past.is_own, [True, True]),
        np.append(past.days, 11.0),
    )
    before, during = choosing.choose(past), choosing.choose(begun)
    assert (before.method, before.description, before.reason) == (
        during.method, during.description, during.reason,
    )  # fmt: skip


def test_a_choice_that_is_kept_compares_nothing_and_says_the_same():
    first = choosing.choose(sparse())
    kept = json.loads(json.dumps(first.as_dict()))
    again = choosing.choose(sparse(), kept=kept)
    assert (again.method, again.reason) == (first.method, first.reason)
    assert np.array_equal(again.scorer(sparse(), 8), first.scorer(sparse(), 8))
    assert {name for name, _ in again.rehearsed} <= {"count", "mixed", "shrunk", "boosted", first.method}


def test_each_method_can_be_asked_for_and_says_so():
    for name in ("recency", "shrunk", "mixed", "boosted", "blend"):
        chosen = choosing.choose(sparse(), method=name)
        assert chosen.method == name and chosen.reason == f"Asked for: {name}."
        assert chosen.scorer(sparse(), 8).min() >= 0
    assert choosing.choose(sparse(), method="kernel").method in choosing.KERNELS


def test_three_months_are_too_few_to_fit_weights_and_it_says_so():
    past = history([(0, 3), (1, 3), (2, 3)], months=3)
    for name in ("shrunk", "mixed", "boosted", "blend"):
        with pytest.raises(TooLittleDataError, match="at least four months"):
            choosing.choose(past, method=name)


def test_what_is_expected_in_all_follows_the_recent_months():
    rng = np.random.default_rng(9)
    counts = [30, 40, 53, 70, 93, 124]  # a third more every month
    past = history([(m, int(c)) for m, n in enumerate(counts) for c in rng.integers(0, 40, n)], months=6)
    chosen = choosing.choose(past)
    assert chosen.scorer(past, 6).sum() * 30 == pytest.approx(
        124
    )  # the last month's level, not the mean of 68
    assert "level of the last month" in chosen.description


def test_the_interval_of_a_choice_adds_up():
    past = sparse()
    table = choosing.choose(past).interval(past, 8, 30.0).set_index("group")
    tenths = table.drop("total")
    assert tenths["expected"].sum() == pytest.approx(table.loc["total", "expected"])
    assert (table["low"] <= table["expected"]).all() and (table["expected"] <= table["high"]).all()
    assert tenths["cells"].sum() == table.loc["total", "cells"]
