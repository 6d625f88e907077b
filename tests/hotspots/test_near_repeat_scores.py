"""What came lately and near: only with dates, only from before, each band its own."""

import pytest

from mapping.hotspots.mixture import components
from mapping.hotspots.near_repeat_scores import repeats
from tests.hotspots.histories import dated, history, lattice


def test_months_alone_have_no_near_repeats():
    past = history([(0, 3), (1, 3)], months=2)
    assert repeats(past, 2) == {}
    assert not any(name.startswith("repeats") for name in components(past, 2)[0])


def test_each_event_is_in_the_band_of_its_age():
    middle = 20 * 40 + 20
    past = dated([(10, middle), (40, middle), (55, middle)], grid=lattice(40, 40))
    parts = repeats(past, 2)  # the day is 60: ages 50, 20 and 5
    # what a kernel spreads from one event in the middle stays on the lattice: 1 event in 14, and 1 in 28 days
    assert parts["repeats 0-14 days, 100 m"].sum() == pytest.approx(1 / 14)
    assert parts["repeats 14-42 days, 100 m"].sum() == pytest.approx(1 / 28)


def test_nothing_from_the_month_foretold_is_looked_at():
    past = dated([(10, 3), (70, 3)])
    assert repeats(past, 2)["repeats 0-14 days, 100 m"].sum() == 0


def test_risk_falls_with_distance():
    past = dated([(55, 20 * 40 + 20)], grid=lattice(40, 40))
    near = repeats(past, 2)["repeats 0-14 days, 250 m"]
    assert near[20 * 40 + 20] > near[20 * 40 + 22] > near[20 * 40 + 26]
