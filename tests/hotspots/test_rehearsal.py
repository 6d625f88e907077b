"""Which months are foretold, and over which cells."""

import numpy as np

from mapping.hotspots import rehearsal
from mapping.hotspots.counting import score_count
from mapping.hotspots.grid import Grid
from mapping.hotspots.history import History
from tests.hotspots.histories import history


def test_only_months_with_data_that_have_ended_are_foretold():
    past = history([(m, 3) for m in (0, 1, 2, 3, 5, 6)], months=7)
    days = np.array([30.0, 30, 30, 30, 0, 30, 9])
    gappy = History(past.grid, past.months, past.cells, past.is_own, days)
    # month 4 is a gap and month 6 has not ended
    assert rehearsal.origins(gappy) == [2, 3, 5]


def test_two_years_are_rehearsed_on_twelve_months():
    events = [(m, 3) for m in range(24)]
    assert rehearsal.origins(history(events, months=24)) == list(range(12, 24))
    assert rehearsal.origins(history(events[:23], months=23)) == list(range(17, 23))


def test_a_study_area_drawn_around_the_events_is_drawn_anew_at_each_origin():
    grid = Grid(100.0, 0.0, 0.0, 1, 3, ("A",), np.zeros(3, dtype=np.int64))
    past = history([(0, 0), (1, 1), (2, 0), (3, 2)], months=4, grid=grid)
    made = rehearsal.Rehearsal(past)
    # no cell is empty in the end; cell 2 was, before its event in month 3
    assert [inside.tolist() for inside in made.inside] == [[True, True, False]] * 2
    assert [came.tolist() for came in made.events] == [[1, 0, 0], [0, 0, 0]]
    assert all(scores[2] == 0 for scores in made.foretell(score_count))


def test_elsewhere_every_cell_counts_at_every_origin():
    made = rehearsal.Rehearsal(history([(0, 3), (1, 3), (2, 7)], months=3))
    assert all(inside.all() for inside in made.inside)


def test_likelihood_compares_where_events_fall_and_not_how_many():
    past = history([(m, c) for m in range(3) for c in (3, 3, 7)], months=3)
    made = rehearsal.Rehearsal(past)
    scores = made.foretell(score_count)
    assert np.isclose(made.likelihood(scores), made.likelihood([5 * one for one in scores]))
    flat = [np.ones(40) for _ in scores]
    assert made.likelihood(scores) > made.likelihood(flat)
