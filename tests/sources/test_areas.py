import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.sources import areas

SQUARE = [(-1.24, 54.56), (-1.23, 54.56), (-1.23, 54.57), (-1.24, 54.57)]


def read_back(poly):
    """Read an outline as the API does."""
    corners = [tuple(map(float, pair.split(","))) for pair in poly.split(":")]
    return shapely.Polygon([(lng, lat) for lat, lng in corners])


def test_a_square_is_asked_as_a_square_a_little_larger():
    (outline,) = areas.outlines(SQUARE)
    asked = read_back(areas.to_poly(outline))
    assert asked.contains(shapely.Polygon(SQUARE))
    # 0.00013 wider on each side at most: 0.01026 squared
    assert 0.01**2 < asked.area < 0.01026**2
    assert len(areas.to_poly(outline).split(":")) < 20


def test_a_thousand_corners_along_a_circle_become_few():
    circle = [
        (-1.2 + 0.01 * math.cos(a / 500 * math.pi), 54.5 + 0.01 * math.sin(a / 500 * math.pi))
        for a in range(1000)
    ]
    (outline,) = areas.outlines(circle)
    assert len(outline.exterior.coords) < 60
    assert read_back(areas.to_poly(outline)).contains(shapely.Polygon(circle))


def test_a_ring_that_crosses_itself_is_both_its_halves():
    bow_tie = [(0.0, 50.0), (0.01, 50.01), (0.01, 50.0), (0.0, 50.01)]
    found = areas.outlines(bow_tie)
    assert len(found) == 2
    together = shapely.union_all([read_back(areas.to_poly(outline)) for outline in found])
    assert together.contains(shapely.Point(0.001, 50.005)) and together.contains(shapely.Point(0.009, 50.005))
    assert not together.contains(shapely.Point(0.005, 50.009))


@pytest.mark.parametrize("ring", [[], [(0.0, 50.0)], [(0.0, 50.0), (0.1, 50.0)] * 3, [(0.0, 50.0)] * 9])
def test_a_ring_that_encloses_nothing_is_nothing(ring):
    assert areas.outlines(ring) == []


def test_three_corners_in_a_line_are_nothing():
    assert areas.outlines([(0.0, 50.0), (0.1, 50.1), (0.2, 50.2)]) == []


def test_quarters_overlap_so_that_the_line_between_is_in_one():
    (outline,) = areas.outlines(SQUARE)
    found = areas.quarters(outline)
    assert len(found) == 4
    centre = shapely.Point(-1.235, 54.565)
    assert all(read_back(areas.to_poly(quarter)).contains(centre) for quarter in found)
    assert max(quarter.area for quarter in found) < outline.area / 3


@st.composite
def rings(draw):
    """A star around a point: any angles in order, any reach up to some 1 km."""
    angles = sorted(draw(st.lists(st.floats(0, 6.28), min_size=3, max_size=40, unique=True)))
    reaches = draw(st.lists(st.floats(0.0005, 0.01), min_size=len(angles), max_size=len(angles)))
    return [(-1.2 + r * math.cos(a), 54.5 + r * math.sin(a)) for a, r in zip(angles, reaches, strict=True)]


@given(rings(), st.randoms(use_true_random=False))
def test_what_lies_in_a_neighbourhood_lies_in_what_is_asked_and_in_its_quarters(ring, chance):
    outlines = areas.outlines(ring)
    asked = shapely.union_all([read_back(areas.to_poly(one)) for one in outlines])
    cut = [quarter for one in outlines for quarter in areas.quarters(one)]
    in_quarters = shapely.union_all([read_back(areas.to_poly(one)) for one in cut])
    whole = shapely.make_valid(shapely.Polygon(ring))
    west, south, east, north = whole.bounds
    for _ in range(50):
        point = shapely.Point(chance.uniform(west, east), chance.uniform(south, north))
        if whole.intersects(point):
            assert asked.intersects(point) and in_quarters.intersects(point)
