"""Trees that correct another method: what they are told, and that they never judge themselves."""

import numpy as np
import pytest

from mapping.hotspots import boosted
from mapping.hotspots.counting import score_count
from mapping.hotspots.rehearsal import Rehearsal
from tests.hotspots.histories import bump, history


def fitted(seed=0):
    rehearsal = Rehearsal(bump(np.random.default_rng(2), months=6, a_month=150, others=300))
    foretold = [rehearsal.fit(without=k).weights @ rehearsal.rates[k] for k in range(len(rehearsal.origins))]
    return rehearsal, foretold, boosted.fit_boosted(rehearsal, rehearsal.fit(), foretold, seed=seed)


def test_the_same_seed_gives_the_same_scores():
    rehearsal, _, (one, _) = fitted()
    _, _, (other, _) = fitted()
    assert np.array_equal(one(rehearsal.history, 6), other(rehearsal.history, 6))


def test_the_total_is_not_the_trees_to_set():
    rehearsal, foretold, (model, expected) = fitted()
    for before, after in zip(foretold, expected, strict=True):
        assert after.sum() == pytest.approx(before.sum())
    assert model(rehearsal.history, 6).sum() == pytest.approx(rehearsal.fit()(rehearsal.history, 6).sum())


def test_neighbouring_cells_lie_in_the_same_half_and_both_halves_are_used():
    past = bump(np.random.default_rng(2), months=3, a_month=10)
    half = boosted.halves(past).reshape(40, 40)
    assert (half[:8, :8] == 0).all() and (half[:8, 8:16] == 1).all() and (half[8:16, :8] == 1).all()
    assert half.mean() == pytest.approx(0.48)  # 13 of 25 blocks of 8 x 8 on a 5 x 5 board are of one colour


def test_nothing_from_the_month_foretold_is_described():
    early = [(m, c) for m in range(4) for c in (3, 5, 17)]
    one, other = history([*early, (4, 9)], months=5), history([*early, (4, 30)], months=5)
    cells = np.arange(40)
    described = [
        boosted.features(boosted._Rates(h), 4, score_count(h, 4) + 1e-6, cells) for h in (one, other)
    ]
    assert np.array_equal(described[0], described[1])


def test_it_says_what_it_corrects():
    _, _, (model, _) = fitted()
    assert "of the trees' correction of mixed (" in model.describe()
