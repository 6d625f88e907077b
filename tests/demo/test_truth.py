from collections import Counter

import numpy as np
import pytest
import shapely

from mapping.demo import events, intensity, mixes, truth
from mapping.demo.intensity import within
from mapping.demo.town import make_town
from mapping.demo.truth import APART_M, CAUTIONED, FOUND, GONE, MAY_BE, STAND_OUT


def test_every_kind_is_planted(borough):
    kinds = Counter(place.kind for place in borough.planted)
    assert kinds == {
        "chronic": 6,
        "ward edge": 1,
        "emerging": 4,
        "fading": 3,
        "near repeat": 1,
        "police station": 1,
        "hospital": 1,
        "prolific caller": 1,
    }
    expected = Counter(place.expected for place in borough.planted)
    assert expected == {FOUND: 11, GONE: 3, MAY_BE: 2, CAUTIONED: 2}


@pytest.mark.parametrize("seed", [4, 9, 14])
def test_planted_places_are_patrol_grade_apart_and_inside_the_borough(seed):
    rngs = [np.random.default_rng([seed, stage]) for stage in (10, 11)]
    town = make_town(seed)
    background = intensity.background(town, mixes.background_mix(), rngs[0])
    planted = truth.plant(town, background, events.REPORTS_WANTED / 2, rngs[1])
    points = town.spots[["easting_m", "northing_m"]].to_numpy()
    tasks = [place for place in planted if place.expected in (FOUND, GONE)]
    for place in tasks:
        assert place.radius_m <= 150
        assert place.monthly.sum() >= 36 and np.sort(place.monthly)[-12:].sum() <= 150
        assert town.land.borough.contains(shapely.Point(place.centre).buffer(place.radius_m))
        usual = within(points, background.share * events.REPORTS_WANTED / 2, place.centre[None, :], 75)[0]
        assert (
            np.sort(place.monthly)[-4:].mean() * 12 > (STAND_OUT - 0.7) * usual
        )  # the centre may drift a little
    for number, place in enumerate(tasks):
        for other in tasks[number + 1 :]:
            assert np.hypot(*(place.centre - other.centre)) > APART_M - 60


def test_the_edge_place_lies_in_two_wards(borough):
    place = next(place for place in borough.planted if place.kind == "ward edge")
    assert len(place.wards) == 2
    ward = borough.town.wards.index_of(place.spots)
    shares = np.array([place.weights[ward == n].sum() for n in np.unique(ward)])
    assert shares.min() > 0.1


def test_emerging_places_begin_in_the_last_half_year_and_fading_ones_are_over(borough):
    for place in borough.planted:
        active = np.flatnonzero(place.monthly)
        if place.kind == "emerging":
            assert 24 - active[0] in (4, 5, 6) and active[-1] == 23
            assert place.monthly[active[0]] * 2 == pytest.approx(place.monthly[-1])
        if place.kind == "fading":
            assert active[0] == 0 and 24 - active[-1] > 8


def test_no_ward_is_due_more_places_than_a_run_reports(borough):
    wards = Counter(place.wards[0] for place in borough.planted if place.expected == FOUND)
    assert max(wards.values()) <= 3


def test_sizes_differ(borough):
    yearly = [place.monthly.sum() / 2 for place in borough.planted if place.kind == "chronic"]
    assert max(yearly) / min(yearly) > 1.6
