import numpy as np
import pytest
import shapely

from mapping import crs
from mapping.errors import BoundaryError
from mapping.places import outlines


def boxes(*corners):
    return np.array([shapely.box(*corner) for corner in corners], dtype=object)


NEWPORT = (450_000, 510_000, 451_000, 511_000)
PALLISTER = (451_000, 510_000, 452_000, 511_000)


@pytest.mark.parametrize(
    ("shape", "fault"),
    [
        (shapely.box(*NEWPORT), ""),
        (None, "its outline has no area"),
        (shapely.Polygon(), "its outline has no area"),
        (shapely.Polygon([(0, 0), (1, 1), (2, 2), (0, 0)]), "its outline crosses itself near 1 1"),
        # a bow-tie: the two halves cancel to an area of 0
        (shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), "its outline crosses itself near 5 5"),
        (
            shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(20, 20), (21, 20), (21, 21), (20, 20)]]),
            "its outline is invalid (hole lies outside shell) near 20 20",
        ),
    ],
)
def test_an_unfit_outline_is_told(shape, fault):
    assert outlines.fault_of(shape).startswith(fault)
    assert bool(outlines.fault_of(shape)) == bool(fault)


def test_metres_stay_as_they_are():
    given = boxes(NEWPORT)
    moved, faults, message = outlines.to_metres(given, "EPSG:27700")
    assert shapely.equals(moved, given).all()
    assert faults == [""]
    assert message == ""


@pytest.mark.parametrize("stated", ["EPSG:4326", "epsg:4326", "EPSG:4258"])
def test_degrees_are_moved_exactly(stated):
    degrees = crs.geometry_to_wgs84(boxes(NEWPORT))
    moved, faults, message = outlines.to_metres(degrees, stated)
    assert shapely.hausdorff_distance(moved[0], shapely.box(*NEWPORT)) < 0.005
    assert faults == [""]
    assert message == ""


def test_numbers_speak_where_the_file_does_not():
    moved, _, message = outlines.to_metres(boxes(NEWPORT), "")
    assert shapely.area(moved[0]) == 1e6
    assert message == "It names no coordinate system; its numbers were read as EPSG:27700."
    moved, _, message = outlines.to_metres(crs.geometry_to_wgs84(boxes(NEWPORT)), "")
    assert shapely.area(moved[0]) == pytest.approx(1e6, abs=10)
    assert message == "It names no coordinate system; its numbers were read as EPSG:4326."


def test_a_wrong_statement_is_overruled_by_numbers_that_cannot_be_it_and_said():
    moved, _, message = outlines.to_metres(boxes(NEWPORT), "EPSG:4326")
    assert shapely.area(moved[0]) == 1e6
    assert message == "It says EPSG:4326 but its numbers are EPSG:27700; they were read as EPSG:27700."


@pytest.mark.parametrize(
    ("corner", "stated", "said"),
    [
        ((54.5, -1.3, 54.6, -1.2), "EPSG:4326", "axes are swapped"),
        ((54.5, -1.3, 54.6, -1.2), "", "axes are swapped"),
        ((1_030_000, 330_000, 1_031_000, 331_000), "EPSG:27700", "axes are swapped"),  # Orkney
        ((7_600_000, 680_000, 7_601_000, 681_000), "EPSG:2913", "It is in EPSG:2913; save it in EPSG:27700"),
        ((-130_000, 7_200_000, -120_000, 7_300_000), "EPSG:3857", "It is in EPSG:3857"),
        (NEWPORT, 'PROJCS["MINE"]', "a coordinate system without a number"),
        ((2.3, 48.8, 2.4, 48.9), "", "neither degrees nor metres in Britain"),
        ((-130_000, 7_200_000, -120_000, 7_300_000), "", "neither degrees nor metres in Britain"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused(corner, stated, said):
    with pytest.raises(BoundaryError, match=said):
        outlines.to_metres(boxes(corner), stated)


def test_one_ward_gone_astray_is_told_and_does_not_speak_for_the_file():
    moved, faults, _ = outlines.to_metres(boxes(NEWPORT, PALLISTER, (9e6, 9e6, 9.1e6, 9.1e6)), "EPSG:27700")
    assert faults == ["", "", "it lies outside Great Britain"]
    assert moved[2] is None
    assert shapely.area(moved[:2]).tolist() == [1e6, 1e6]


def test_missing_outlines_pass_through():
    moved, faults, message = outlines.to_metres(np.array([None, None], dtype=object), "EPSG:27700")
    assert moved.tolist() == [None, None]
    assert faults == ["", ""]
    assert message == ""


def test_neighbours_that_share_an_edge_neither_overlap_nor_leave_a_gap():
    shapes = boxes(NEWPORT, PALLISTER)
    assert outlines.overlaps(np.array(["A", "B"]), shapes) == ([], [])
    assert outlines.gaps(shapes) == []


def test_a_hair_of_rounding_is_not_worth_a_word():
    # 1,000 m of edge x 0.7 mm = 0.7 m2
    shapes = boxes((450_000, 510_000, 451_000.0007, 511_000), PALLISTER)
    assert outlines.overlaps(np.array(["A", "B"]), shapes) == ([], [])


def test_a_sliver_is_said_with_its_area():
    # 1,000 m x 5 m = 5,000 m2, half a percent of a ward
    shapes = boxes((450_000, 510_000, 451_005, 511_000), PALLISTER)
    refused, said = outlines.overlaps(np.array(["A", "B"]), shapes)
    assert refused == []
    assert said == [
        "1 pairs of wards overlap by slivers (5,000 m2 in all); "
        "a point in one belongs to the ward with the lower code."
    ]


def test_a_broad_overlap_is_refused_naming_both_wards():
    # 1,000 m x 250 m = 250,000 m2, a quarter of the smaller
    shapes = boxes((450_000, 510_000, 451_250, 511_000), PALLISTER)
    refused, said = outlines.overlaps(np.array(["E05000001", "E05000002"]), shapes)
    assert said == []
    assert refused == [
        "Wards E05000001 and E05000002 overlap by 250,000 m2 (25% of the smaller); "
        "use one edition of boundaries."
    ]


def test_a_ward_inside_another_is_an_overlap():
    refused, _ = outlines.overlaps(np.array(["A", "B"]), boxes(NEWPORT, (450_100, 510_100, 450_200, 510_200)))
    assert "100% of the smaller" in refused[0]


def test_a_gap_is_said_with_its_area():
    # a ring of 1,000 x 1,000 around a hole of 200 x 200 = 40,000 m2
    ring = shapely.difference(shapely.box(*NEWPORT), shapely.box(450_400, 510_400, 450_600, 510_600))
    assert outlines.gaps(np.array([ring], dtype=object)) == [
        "1 gaps between the wards (40,000 m2 in all) belong to none; incidents there count as outside."
    ]


def square_km(east, north):
    return (east * 1000, north * 1000, (east + 1) * 1000, (north + 1) * 1000)


def test_a_ward_far_from_all_others_is_said():  # BAD 78
    # Beta ends at 452 km east, Gamma begins at 473: 21 km
    codes = np.array(["Gamma", "Alpha", "Beta"])
    shapes = boxes(square_km(473, 510), square_km(450, 510), square_km(451, 510))
    assert outlines.strays(codes, shapes) == [
        "1 ward lies more than 20 km from all others (Gamma); if of another borough, leave it out."
    ]
    near = boxes(square_km(471, 510), square_km(450, 510), square_km(451, 510))  # 19 km from Beta
    assert outlines.strays(codes, near) == []


def test_wards_that_are_far_together_are_said_too():
    codes = np.array([f"W{number}" for number in range(20)])
    shapes = boxes(*(square_km(450 + number, 510 - 100 * (number % 2)) for number in range(14)),
                   *(square_km(100 + number, 100) for number in range(6)))  # fmt: skip
    (said,) = outlines.strays(codes, shapes)
    # the even ones of the first 14 and the odd ones tie with 7; the one with the lowest code stays
    assert said.startswith("13 wards lie more than 20 km from all others (W1, W11, W13, W14, W15, ...)")


def test_one_ward_and_none_are_not_far():
    assert outlines.strays(np.array(["A"]), boxes(NEWPORT)) == []
    assert outlines.strays(np.array([], dtype=str), np.array([], dtype=object)) == []
