"""What a run keeps of how its map would have held."""

import numpy as np
import pytest

from mapping.evidence import of_run
from mapping.hotspots import scoring
from mapping.hotspots.grid import Grid
from mapping.hotspots.scoring import History

WARDS = ("A", "B")


def history(months, *, busy=20):
    """Ward A is the west half of 20 x 20 cells and busy in one cell; in B two events a month."""
    ward = np.tile(np.repeat([0, 1], 10), 20).astype(np.int64)
    grid = Grid(100.0, 0.0, 0.0, 20, 20, WARDS, ward)
    events = [(m, c) for m in range(months) for c in [21] * busy + [63, 105, m * 20 + 1] + [215, 217]]
    month, cell = (np.array(v, dtype=np.int64) for v in zip(*events, strict=True))
    return History(grid, month, cell, np.ones(len(month), bool), np.full(months, 30.0))


def test_the_last_three_months_are_each_foretold_from_those_before():
    past = history(8)
    table = of_run.gather(past, scoring.choose(past, method="count"))
    row = table[(table["ward"] == "") & (table["area_share"] == 0.01)].set_index("method").loc["count"]
    # 1 % of 400 cells are 4; of the 25 events a month the cells 21, 63, 105 and one of 215 and 217, which
    # tie, hold 20 + 1 + 1 + 1
    assert (row.origins, row.cells, row.events, row.hits) == (3, 4, 75, 69)
    assert not row.judged  # 4 squares are too few
    assert row.gain_over_count == 0


def test_only_a_ward_in_which_enough_followed_has_its_own_rows():
    past = history(8)
    table = of_run.gather(past, scoring.choose(past, method="count"))
    own = table[table["ward"] != ""]
    # three months of 23 in A are 69; of 2 in B are 6
    assert own["ward"].unique().tolist() == ["A"]
    assert own["events"].tolist() == [69] * len(own)
    # 1 % of 200 cells are 2: cell 21 holds 20 a month; 63 and 105 tie for the second
    assert own.set_index("method").loc["count", "hits"] == pytest.approx(63)


def test_a_fitted_method_is_drawn_where_enough_months_came_before():
    past = history(6)
    choice = scoring.choose(past, method="mixed")
    table = of_run.gather(past, choice)
    assert "mixed" in set(table["method"])
    # of the months 3, 4 and 5 the first has but three months before it, too few to fit `mixed` to
    assert set(table.loc[table["ward"] == "", "origins"]) == {2}


def test_too_few_months_leave_what_the_choice_rehearsed_or_nothing():
    past = history(4)
    choice = scoring.choose(past, method="mixed")
    table = of_run.gather(past, choice)
    assert len(table) == len(choice.rehearsed)
    assert "pei_low" not in table
    short = history(2)
    assert of_run.gather(short, scoring.choose(short)).empty


def test_the_same_seed_gives_the_same_evidence():
    past = history(6)
    choice = scoring.choose(past)
    assert of_run.gather(past, choice, seed=4).equals(of_run.gather(past, choice, seed=4))
