import pytest
import shapely

from mapping.publishing import print_frame
from mapping.publishing.lettering import Box
from mapping.publishing.sheet import round_length


def test_ground_is_fitted_in_the_middle_at_one_scale():
    # 1000 x 500 m into 200 x 200 points without margin: 0.2 points a metre; north to south the
    # 500 m take 100 points, so 50 points (250 m) are left above and below
    frame = print_frame.fit(None, Box(10, 20, 210, 220), (400_000, 500_000, 401_000, 500_500), margin=0.0)
    assert frame.points_per_m == 0.2
    assert frame.ground == (400_000, 499_750, 401_000, 500_750)
    assert frame.to_page(400_000, 500_000) == (10, 70)
    assert frame.to_page(401_000, 500_500) == (210, 170)


def test_a_place_without_extent_still_has_a_scale():
    frame = print_frame.fit(None, Box(0, 0, 100, 100), (400_000, 500_000, 400_000, 500_000))
    assert frame.points_per_m > 0


def test_path_keeps_holes_and_parts():
    holed = shapely.box(0, 0, 10, 10) - shapely.box(4, 4, 6, 6)
    both = shapely.MultiPolygon([shapely.box(20, 0, 30, 10), shapely.box(40, 0, 50, 10)])
    path = print_frame.path_of([holed, both, shapely.LineString([(0, 0), (1, 1)])])
    assert [int(code) for code in path.codes].count(path.MOVETO) == 2 + 2 + 1
    assert [int(code) for code in path.codes].count(path.CLOSEPOLY) == 4


def test_nothing_to_draw_has_no_path():
    assert print_frame.path_of([]) is None
    assert print_frame.path_of([shapely.Polygon()]) is None


@pytest.mark.parametrize(
    ("room", "length"), [(1.0, 1), (4.9, 2), (5.0, 5), (730, 500), (1999, 1000), (2000, 2000)]
)
def test_scale_bars_are_round(room: float, length: float):
    assert round_length(room) == length
