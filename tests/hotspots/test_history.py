"""What was known when: months that have not ended, gaps, and dates."""

import numpy as np

from mapping.hotspots.history import History
from tests.hotspots.histories import dated, history, lattice


def test_a_month_that_has_not_ended_is_no_whole_month():
    past = history([(0, 3), (2, 3)], months=3)
    assert past.whole_months() == 3
    begun = History(past.grid, past.months, past.cells, past.is_own, np.array([31.0, 28.0, 12.0]))
    assert begun.whole_months() == 2


def test_totals_count_own_events_in_the_study_area_alone():
    grid = lattice()
    grid.ward_of_cell[7] = -1
    past = history([(0, 3), (0, 7), (1, 3), (1, 4)], months=2, is_own=[True, True, True, False], grid=grid)
    # month 0: cell 3, cell 7 is outside; month 1: cell 3, cell 4 is of another category
    assert past.totals().tolist() == [1.0, 1.0]


def test_events_between_days_are_half_open():
    past = dated([(0, 3), (9, 3), (10, 3), (11, 4)])
    assert past.own_between(0, 10)[3] == 2
    assert past.own_between(10, 11)[3] == 1
    assert past.own_between(-5, 12).sum() == 4


def test_what_was_known_before_a_month_keeps_its_days():
    past = dated([(0, 3), (35, 4), (70, 5)]).until(2)
    assert past.day.tolist() == [0, 35]
    assert past.month_starts.tolist() == [0, 30, 60]
    assert past.has_days and not history([(0, 3)], months=1).has_days
