import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping import crs
from mapping.errors import WrongCrsError

# Ordnance Survey's own answers: the 40 points of OSTN15_OSGM15_TestInput_ETRStoOSGB.txt and
# ..._TestOutput_ETRStoOSGB.txt (OSTN15 developer pack, 2016), latitude and longitude to 8 places
# (a millimetre). Contains OS data © Crown copyright and database rights 2016.
OS_TEST_POINTS = np.array(
    [  # latitude, longitude, easting, northing
        (49.92226394, -6.29977752, 91492.146, 11318.804),  # TP01 St Mary's, Isles of Scilly
        (49.96006138, -5.20304610, 170370.718, 11572.405),
        (50.43885826, -4.10864564, 250359.811, 62016.569),
        (50.57563665, -1.29782277, 449816.371, 75335.861),
        (50.93127938, -1.45051434, 438710.920, 114792.250),
        (51.40078220, -3.55128349, 292184.870, 168003.465),
        (51.37447026, 1.44454730, 639821.835, 169565.858),
        (51.42754743, -2.54407618, 362269.991, 169978.690),
        (51.48936565, -0.11992557, 530624.974, 178388.464),
        (51.85890896, -4.30852477, 241124.584, 220332.641),
        (51.89436637, 0.89724327, 599445.590, 225722.826),
        (52.25529382, -2.15458614, 389544.190, 261912.153),
        (52.25160951, -0.91248957, 474335.969, 262047.755),
        (52.75136687, 0.40153547, 562180.547, 319784.995),
        (52.96219109, -1.19747656, 454002.834, 340834.943),
        (53.34480280, -2.64049321, 357455.843, 383290.436),
        (53.41628516, -4.28918070, 247958.971, 393492.909),
        (53.41630925, -4.28917793, 247959.241, 393495.583),
        (53.77911026, -3.04045491, 331534.564, 431920.794),
        (53.80021520, -1.66379168, 422242.186, 433818.701),
        (54.08666318, -4.63452168, 227778.330, 468847.388),
        (54.11685144, -0.07773133, 525745.670, 470703.214),
        (54.32919541, -4.38849118, 244780.636, 495254.887),
        (54.89542340, -2.93827741, 339921.145, 556034.761),
        (54.97912274, -1.61657685, 424639.355, 565012.703),
        (55.85399953, -4.29649016, 256340.925, 664697.269),
        (55.92478266, -3.29479219, 319188.434, 670947.534),
        (57.00606696, -5.82836692, 167634.202, 797067.144),
        (57.13902519, -2.04856031, 397160.491, 805349.736),
        (57.48625001, -4.21926399, 267056.768, 846176.972),
        (57.81351838, -8.57854456, 9587.909, 899448.996),  # TP31 St Kilda
        (58.21262247, -7.59255561, 71713.132, 938516.404),
        (58.51560361, -6.26091456, 151968.652, 966483.780),
        (58.58120461, -3.72631022, 299721.891, 967202.992),
        (59.03743871, -3.21454001, 330398.323, 1017347.016),
        (59.09335035, -4.41757675, 261596.778, 1025447.602),
        (59.09671617, -5.82799340, 180862.461, 1029604.114),
        (59.53470794, -1.62516966, 421300.525, 1072147.239),
        (59.85409914, -1.27486910, 440725.073, 1107878.448),
        (60.13308092, -2.07382823, 395999.668, 1138728.951),  # TP40 Foula
    ]
)
LAT, LON, EASTING, NORTHING = OS_TEST_POINTS.T
# The worked example of the guide ("Transformations and OSGM15 user guide", annexe A): Caister water tower.
CAISTER = (1.716073973, 52.658007833, 651409.804, 313177.450)


def metres_apart(lon, lat, other_lon, other_lat):
    """Return ground metres between nearby points; a degree of latitude is about 111,320 m."""
    north = (np.asarray(lat) - other_lat) * 111_320
    east = (np.asarray(lon) - other_lon) * 111_320 * np.cos(np.radians(other_lat))
    return np.hypot(east, north)


def test_every_ordnance_survey_test_point_is_met_to_two_millimetres():
    easting, northing = crs.to_bng(LON, LAT)
    assert np.abs(easting - EASTING).max() < 0.002
    assert np.abs(northing - NORTHING).max() < 0.002


def test_every_test_point_comes_back_to_half_a_centimetre():
    # The published reverse input for TP31 is 9587.906: 3 mm from its own forward output.
    lon, lat = crs.to_wgs84(EASTING, NORTHING)
    assert metres_apart(lon, lat, LON, LAT).max() < 0.005


def test_the_worked_example_of_the_guide():
    lon, lat, easting, northing = CAISTER
    found = crs.to_bng([lon], [lat])
    assert found[0][0] == pytest.approx(easting, abs=0.002)
    assert found[1][0] == pytest.approx(northing, abs=0.002)


def test_the_second_way_for_far_islands_gives_the_same_answers():
    # Hidden from the library's window, each test point must come out of projection and shift alone.
    missing = np.full(len(LON), np.nan)
    easting, northing = crs._fill_far_islands(missing.copy(), missing.copy(), LON, LAT)
    assert np.abs(easting - EASTING).max() < 0.002
    assert np.abs(northing - NORTHING).max() < 0.002


def test_hugh_town_south_of_the_first_test_point_has_a_place():
    # Hugh Town's pier is at SV 902 107: easting 90.2 km, northing 10.7 km
    easting, northing = crs.to_bng([-6.3175], [49.9165])
    assert easting[0] == pytest.approx(90_200, abs=150)
    assert northing[0] == pytest.approx(10_700, abs=150)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        (0.0, 0.0),
        (np.nan, 54.0),
        (-1.2, np.nan),
        (np.inf, 54.0),
        (54.5, -1.2),  # swapped
        (1.2e9, 54.0),
        (2.35, 48.86),  # Paris
        (-8.9, 49.8),  # inside the box, west of the grid
    ],
)
def test_what_is_not_in_britain_becomes_no_point(lon, lat):
    easting, northing = crs.to_bng([lon], [lat])
    assert np.isnan(easting[0])
    assert np.isnan(northing[0])


@pytest.mark.parametrize(("easting", "northing"), [(np.nan, 5e5), (-1.0, 5e5), (4.5e5, 1.4e6), (0.0, 0.0)])
def test_metres_outside_the_grid_become_no_point(easting, northing):
    lon, lat = crs.to_wgs84([easting], [northing])
    assert np.isnan(lon[0])
    assert np.isnan(lat[0])


def test_a_bad_point_leaves_its_neighbours_alone():
    easting, northing = crs.to_bng([LON[8], np.nan, LON[24]], [LAT[8], 54.0, LAT[24]])
    assert np.isnan(easting[1])
    assert np.isnan(northing[1])
    assert easting[[0, 2]] == pytest.approx(EASTING[[8, 24]], abs=0.002)


def test_no_points_give_no_points():
    easting, northing = crs.to_bng([], [])
    assert len(easting) == len(northing) == 0


def test_a_series_is_taken_and_not_changed():
    lon = pd.Series([LON[0], np.nan], index=[7, 9])
    crs.to_bng(lon, pd.Series([LAT[0], 50.0], index=[7, 9]))
    assert lon.isna().tolist() == [False, True]


# England, Wales and southern Scotland, where incidents are.
mainland_metres = st.tuples(st.floats(200_000, 620_000), st.floats(60_000, 700_000))


@given(st.lists(mainland_metres, min_size=1, max_size=20))
def test_there_and_back_is_the_same_place_to_three_millimetres(points):
    easting, northing = np.array(points).T
    back = crs.to_bng(*crs.to_wgs84(easting, northing))
    assert np.hypot(back[0] - easting, back[1] - northing).max() < 0.003


@given(st.lists(mainland_metres, min_size=1, max_size=20))
def test_each_point_is_moved_by_itself(points):
    easting, northing = np.array(points).T
    together = crs.to_wgs84(easting, northing)
    alone = [crs.to_wgs84([e], [n]) for e, n in points]
    assert together[0].tolist() == [lon[0] for lon, _ in alone]
    assert together[1].tolist() == [lat[0] for _, lat in alone]


def test_a_polygon_with_a_hole_is_moved_vertex_by_vertex():
    square = shapely.Polygon(
        shapely.box(450_000, 510_000, 451_000, 511_000).exterior,
        [shapely.box(450_400, 510_400, 450_600, 510_600).exterior],
    )
    back = crs.geometry_to_bng(crs.geometry_to_wgs84([square]))[0]
    # 1,000 x 1,000 - 200 x 200 = 960,000 m2
    assert shapely.area(back) == pytest.approx(960_000, abs=10)
    assert len(back.interiors) == 1
    assert shapely.hausdorff_distance(back, square) < 0.005


def test_geometry_in_metres_is_refused_as_degrees():
    with pytest.raises(WrongCrsError, match="5 of 5 outline points are not degrees"):
        crs.geometry_to_bng([shapely.box(450_000, 510_000, 451_000, 511_000)])


def test_a_missing_geometry_stays_missing():
    moved = crs.geometry_to_bng(np.array([None, shapely.Point(-1.2, 54.6)], dtype=object))
    assert moved[0] is None
    assert moved[1].geom_type == "Point"


def test_a_frame_in_degrees_is_refused_with_its_code_and_what_to_do():
    geopandas = pytest.importorskip("geopandas")
    frame = geopandas.GeoDataFrame(geometry=[shapely.Point(-1.2, 54.6)], crs=4326)
    with pytest.raises(
        WrongCrsError, match=r"`cells` is in EPSG:4326; this step needs metres \(EPSG:27700\)"
    ):
        crs.require_bng(frame, "cells")
    with pytest.raises(WrongCrsError, match="no coordinate system"):
        crs.require_bng(pd.DataFrame(), "cells")
    crs.require_bng(frame.set_crs(27700, allow_override=True), "cells")
