import numpy as np
import shapely

from mapping.demo.lines import bend, blob, faces, smooth, walk


def test_a_bent_line_keeps_its_given_points_so_that_neighbours_still_meet():
    line = np.array([[0.0, 0.0], [400.0, 0.0], [400.0, 300.0]])
    bent = bend(line, np.random.default_rng(1), roughness=0.1, step_m=60)
    for point in line:
        assert (bent == point).all(axis=1).any()
    assert np.hypot(*np.diff(bent, axis=0).T).max() <= 60


def test_a_straight_line_bent_by_nothing_is_halved_until_short_enough():
    # 100 m at 30 m a step: 100 -> 50 -> 25, so four pieces and five points
    bent = bend(np.array([[0.0, 0.0], [100.0, 0.0]]), np.random.default_rng(1), roughness=0.0, step_m=30)
    assert bent.tolist() == [[0, 0], [25, 0], [50, 0], [75, 0], [100, 0]]


def test_smoothing_cuts_each_corner_at_a_quarter_and_keeps_the_ends():
    line = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0]])
    assert smooth(line, rounds=1).tolist() == [[0, 0], [1, 0], [3, 0], [4, 1], [4, 3], [4, 4]]


def test_a_blob_without_roughness_has_about_the_area_of_its_circle():
    patch = blob([0, 0], 100, np.random.default_rng(2), roughness=0.0, corners=40)
    assert patch.is_valid
    assert abs(patch.area / (np.pi * 100**2) - 1) < 0.05


def test_faces_do_not_depend_on_the_order_of_the_lines():
    square = shapely.box(0, 0, 10, 10).exterior
    cut = shapely.LineString([(4, -1), (4, 11)])
    one, other = faces([square, cut]), faces([cut, square])
    assert [round(face.area) for face in one] == [40, 60]  # 4 x 10 and 6 x 10
    assert [face.centroid.x for face in one] == [face.centroid.x for face in other]


def test_walking_east_has_north_on_the_left():
    here, left = walk(shapely.LineString([(0, 0), (100, 0)]), np.array([25.0]))
    assert here.tolist() == [[25, 0]]
    assert np.allclose(left, [[0, 1]])
