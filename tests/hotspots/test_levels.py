"""How many in all: each way by hand, and the choice among them."""

import numpy as np
import pytest

from mapping.hotspots import levels
from mapping.hotspots.counting import score_count
from tests.hotspots.histories import history


def months_of(counts):
    return history([(m, 3) for m, count in enumerate(counts) for _ in range(count)], months=len(counts))


def test_each_way_by_hand():
    totals, days = np.array([4.0, 8.0, 12.0, 16.0]), np.full(4, 30.0)
    assert levels.WAYS["last month"](totals, days, 4) * 30 == pytest.approx(16)
    assert levels.WAYS["last 3 months"](totals, days, 4) * 30 == pytest.approx(12)
    # weights 0.216, 0.36, 0.6 and 1: (0.864 + 2.88 + 7.2 + 16) / 2.176
    assert levels.WAYS["fading months"](totals, days, 4) * 30 == pytest.approx(26.944 / 2.176)


def test_a_gap_is_no_month_without_events():
    totals, days = np.array([6.0, 0.0, 6.0]), np.array([30.0, 0.0, 30.0])
    for name in ("last month", "last 3 months", "fading months"):
        assert levels.WAYS[name](totals, days, 3) * 30 == pytest.approx(6), name


def test_the_same_month_a_year_ago_needs_a_year():
    totals, days = np.full(14, 5.0), np.full(14, 30.0)
    assert np.isnan(levels.WAYS["same month a year ago"](totals, days, 11))
    assert levels.WAYS["same month a year ago"](totals, days, 14) * 30 == pytest.approx(5)


def test_the_default_stays_unless_another_is_clearly_better():
    assert levels.choose_level(months_of([9, 10, 11, 9, 10, 11, 10])).way == levels.DEFAULT
    # every month a third more than the one before: the last month is the least far off
    assert levels.choose_level(months_of([10, 14, 19, 26, 36, 49, 67, 92])).way == "last month"


def test_a_way_that_is_kept_is_used_again():
    assert levels.choose_level(months_of([9, 10, 11]), kept="last 6 months").way == "last 6 months"


def test_a_levelled_score_keeps_its_proportions_and_takes_the_total():
    past = history([(0, 3), (0, 3), (0, 7), (1, 3)], months=2)
    level = levels.Level("last month", [], np.empty(0), np.empty(0))
    made = levels.Levelled(score_count, level)(past, 2)
    assert made.sum() * 30 == pytest.approx(1)
    assert made[3] / made[7] == pytest.approx(3)
