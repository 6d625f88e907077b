import numpy as np
import pytest
import shapely

from mapping.demo import words
from mapping.demo.land import make_land
from mapping.demo.wards import make_wards


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 28, 43, 107])
def test_wards_cover_the_borough_without_gap_or_overlap(seed):
    land = make_land(np.random.default_rng([seed, 0]))
    wards = make_wards(land, np.random.default_rng([seed, 1]))
    ground = land.borough.union(land.island)
    union = shapely.union_all(wards.shapes)
    assert len(wards.shapes) == 14
    assert shapely.is_valid(wards.shapes).all()
    assert shapely.coverage_is_valid(wards.shapes)
    assert abs(shapely.area(wards.shapes).sum() - union.area) < 1e-3  # no overlap
    # Outlines are rounded to a centimetre, along some 40 km of edge.
    assert union.symmetric_difference(ground).area < 5
    assert shapely.area(wards.shapes).min() > 300_000


def test_codes_are_of_a_range_never_issued_and_follow_the_names(borough):
    wards = borough.town.wards
    assert wards.codes[0] == "E05999001"
    assert wards.codes[-1] == "E05999014"
    assert list(wards.names) == sorted(wards.names)
    assert {words.CENTRE_WARD, words.VILLAGE_WARD} <= set(wards.names)


def test_the_default_borough_has_a_ward_inside_another_and_an_island(borough):
    shapes = borough.town.wards.shapes
    assert sum(len(part.interiors) for shape in shapes for part in shapely.get_parts(shape)) == 1
    assert sorted(len(shapely.get_parts(shape)) for shape in shapes) == [1] * 13 + [2]


def test_a_point_in_the_town_centre_is_in_the_centre_ward_and_one_at_sea_in_none(borough):
    land, wards = borough.town.land, borough.town.wards
    found = wards.index_of(land.centre + np.array([[0, 0], [9_000, 0]]))
    assert wards.names[found[0]] == words.CENTRE_WARD
    assert found[1] == -1
