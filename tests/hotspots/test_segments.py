"""Street segments: cut at junctions, counted, and drawn along."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping import folder, pipeline
from mapping.folder import roads_of
from mapping.hotspots.segments import (
    COLUMNS,
    MOST_M,
    NO_SEGMENT,
    Segments,
    concentration,
    cut_streets,
    nearest_segment,
    shape_along,
    tabulate,
)
from mapping.pipeline import Settings, analyse
from mapping.publishing import payload, static_map
from mapping.publishing.view import for_ward
from mapping.schema import empty_issues

# A corner on the lattice that junctions are snapped to (6 m), so that the sums below are exact.
EAST, NORTH = 300_000, 300_000
MONTHS = [f"2025-{m:02d}" for m in range(1, 10)]


def at(places):
    return np.array([(EAST + x, NORTH + y) for x, y in places], dtype=float)


def street(*corners):
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in corners])


CROSS = ([street((0, 60), (120, 60)), street((60, 0), (60, 120))], ["High Street", "Mill Lane"])


def cross():
    return cut_streets(*CROSS)


def test_a_cross_of_two_streets_has_four_segments_of_half_a_street():
    found = cross()
    assert found.segment_id.tolist() == [
        "E300000N300060-E300060N300060",  # High Street west of the crossing
        "E300060N300000-E300060N300060",  # Mill Lane south of it
        "E300060N300060-E300060N300120",
        "E300060N300060-E300120N300060",
    ]
    assert found.name.tolist() == ["High Street", "Mill Lane", "Mill Lane", "High Street"]
    assert found.length_m.tolist() == [60, 60, 60, 60]


def test_a_side_street_that_ends_two_metres_short_cuts_the_street_it_leaves():
    # The side street stops at (60, 2) and is drawn to (60, 0): 2 m is less than half of the 6 m lattice.
    found = cut_streets([street((0, 0), (120, 0)), street((60, 2), (60, 120))], ["High Street", "Side"])
    assert found.length_m.tolist() == [60, 120, 60]
    assert found.name.tolist() == ["High Street", "Side", "High Street"]


def test_two_streets_that_share_an_end_are_two_segments():
    found = cut_streets([street((0, 0), (60, 0)), street((60, 0), (120, 0))], ["West Road", "East Road"])
    assert found.name.tolist() == ["West Road", "East Road"]


def test_a_long_street_is_halved_until_no_piece_is_longer_than_200_m():
    # 600 m -> 2 x 300 -> 4 x 150; 402 m -> 2 x 201 -> 4 x 100.5; 396 m -> 2 x 198; 198 m stays
    for length, pieces in ((600, [150] * 4), (402, [100.5] * 4), (396, [198] * 2), (198, [198])):
        found = cut_streets([street((0, 0), (length, 0))], ["Long Lane"])
        assert found.length_m.tolist() == pieces
        assert set(found.name) == {"Long Lane"}


def test_a_halved_street_keeps_its_corner():
    # 120 m east, then 180 m north: 300 m, halved after 150 m, which is 30 m past the corner
    found = cut_streets([street((0, 0), (120, 0), (120, 180))], ["Bend Road"])
    corners = [shapely.get_coordinates(line) - (EAST, NORTH) for line in found.line]
    assert [c.tolist() for c in corners] == [[[0, 0], [120, 0], [120, 30]], [[120, 30], [120, 180]]]


def test_two_ways_round_between_the_same_ends_have_two_ids():
    low, high = street((0, 0), (60, -60), (120, 0)), street((0, 0), (60, 60), (120, 0))
    found = cut_streets([high, low], ["North Side", "South Side"])
    assert found.segment_id.tolist() == ["E300000N300000-E300120N300000", "E300000N300000-E300120N300000-2"]
    assert found.name.tolist() == ["South Side", "North Side"]  # the middle further south comes first


def test_a_street_drawn_twice_is_one_and_takes_the_name_that_is_there():
    line = street((0, 0), (120, 0))
    found = cut_streets([line, line], ["", "High Street"])
    assert found.name.tolist() == ["High Street"]


def test_points_and_areas_are_no_streets():
    found = cut_streets([shapely.Point(EAST, NORTH), street((0, 0), (60, 0)).buffer(5)], ["a", "b"])
    assert len(found) == 0
    assert nearest_segment(found, np.array([[EAST, NORTH]])).tolist() == [NO_SEGMENT]


def test_a_report_belongs_to_the_nearest_street_within_50_m_and_else_to_none():
    found = cut_streets([street((0, 0), (120, 0))], ["High Street"])
    xy = at([[60, 50], [60, 50.1], [60, -20], [170, 0], [171, 0]])
    assert nearest_segment(found, xy).tolist() == [0, NO_SEGMENT, 0, 0, NO_SEGMENT]


def test_a_report_equally_far_from_two_streets_belongs_to_the_lower_id():
    found = cut_streets([street((0, 60), (120, 60)), street((0, 0), (120, 0))], ["North", "South"])
    assert found.name.tolist() == ["South", "North"]  # N300000 before N300060
    xy = at([[60.0, 30.0], [60.0, 31.0]])
    assert nearest_segment(found, xy).tolist() == [0, 1]


def wards():
    boxes = [shapely.box(EAST - 500, NORTH - 500, EAST + 60, NORTH + 500),
             shapely.box(EAST + 60, NORTH - 500, EAST + 500, NORTH + 500)]  # fmt: skip
    return gpd.GeoDataFrame(
        {"ward_gss_code": ["E05999001", "E05999002"], "ward_name": ["West", "East"]},
        geometry=boxes,
        crs="EPSG:27700",
    )


def test_the_table_counts_reports_and_what_is_foretold_by_segment():
    # Three reports west of the crossing, one east of it, one 200 m off every street: 3/5 and 1/5 of all.
    xy = at([[12, 70], [12, 70], [18, 50], [100, 66], [60, 400]])
    table = tabulate(cross(), xy, np.array([0.5, 0.5, 0.25, 2.0, 9.0]), wards())
    assert list(table.columns) == list(COLUMNS)
    assert table["segment_id"][0] == "E300060N300060-E300120N300060"
    assert table["score"].tolist() == [2.0, 1.25, 0, 0]
    assert table["incident_count"].tolist() == [1, 3, 0, 0]
    assert table["share"].tolist() == [0.2, 0.6, 0, 0]
    # Mill Lane is the edge of the wards itself: the first code
    assert table["ward_gss_code"].tolist() == ["E05999002", "E05999001", "E05999001", "E05999001"]


def test_half_of_the_reports_on_the_fewest_segments():
    # 6 + 3 + 2 + 1 = 12 on 4 of 8: the first holds half by itself, 1 / 8
    assert concentration([0, 3, 6, 0, 2, 1, 0, 0]) == {"count": 8, "with_reports": 4, "half_on_share": 0.125}
    # 5 + 3 + 3 = 11: 5 is less than 5.5, so two of three
    assert concentration([5, 3, 3])["half_on_share"] == pytest.approx(2 / 3)
    assert concentration([0, 0]) == {"count": 2, "with_reports": 0, "half_on_share": None}


def test_a_place_is_drawn_along_its_streets_no_further_than_the_walk():
    found = cut_streets([street((0, 0), (198, 0))], ["High Street"])
    xy = at([[0, 0], [30, 20]])
    shape = shape_along(found, xy, (EAST, NORTH), 150.0)
    # 150 m of street, 15 m to every side: from -15 to 165, and 20 + 15 m north where a report lies
    assert np.array(shape.bounds) - (EAST, NORTH, EAST, NORTH) == pytest.approx([-15, -15, 165, 35], abs=0.6)
    assert shape.geom_type == "Polygon"
    # the hull of those two points is a blob at one end: the street goes on
    assert shape.contains(shapely.Point(EAST + 140, NORTH))


def test_streets_that_do_not_meet_in_the_walk_are_two_parts():
    found = cut_streets([street((0, 0), (120, 0)), street((0, 180), (120, 180))], ["South", "North"])
    xy = at([[60.0, 0.0], [60.0, 180.0]])
    shape = shape_along(found, xy, (EAST + 60, NORTH + 90), 150.0)
    assert shape.is_valid
    assert shape.geom_type == "MultiPolygon"
    assert len(shape.geoms) == 2


def test_a_block_that_streets_enclose_is_part_of_the_place():
    # a square of 120 m: ribbons and filled gaps leave its middle open, which would look like a ring
    block = street((0, 0), (120, 0), (120, 120), (0, 120), (0, 0))
    found = cut_streets([block], ["The Square"])
    xy = at([[60, 0], [60, 120], [0, 60], [120, 60]])
    shape = shape_along(found, xy, (EAST + 60, NORTH + 60), 150.0)
    assert not shape.interiors
    assert shape.contains(shapely.Point(EAST + 60, NORTH + 60))


# --- what always holds ---------------------------------------------------------------------------

places = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(lambda at: (at[0] * 6, at[1] * 6))
streets = st.lists(st.lists(places, min_size=2, max_size=4, unique=True), min_size=1, max_size=6)
reports = st.lists(st.tuples(st.floats(-90, 690), st.floats(-90, 690)), min_size=1, max_size=30)


@given(streets)
def test_cutting_loses_no_street_and_leaves_no_long_piece(drawn):
    lines = [street(*corners) for corners in drawn]
    found = cut_streets(lines, [f"Street {i}" for i in range(len(lines))])
    assert (found.length_m <= MOST_M + 0.01).all()
    assert len(set(found.segment_id)) == len(found)
    assert (found.name != "").all()
    # lines move by at most half the diagonal of the lattice, 4.25 m
    assert shapely.hausdorff_distance(shapely.union_all(lines), shapely.union_all(found.line)) < 4.3


@given(streets, st.randoms(use_true_random=False))
def test_order_and_direction_of_streets_change_nothing(drawn, random):
    lines = [street(*corners) for corners in drawn]
    named = list(zip(lines, [f"Street {i}" for i in range(len(lines))], strict=True))
    other = [(shapely.reverse(line), name) for line, name in named]
    random.shuffle(other)
    one, two = (cut_streets(*map(list, zip(*pairs, strict=True))) for pairs in (named, other))
    assert one.segment_id.tolist() == two.segment_id.tolist()
    assert one.name.tolist() == two.name.tolist()


@given(streets, reports)
def test_each_report_is_in_at_most_one_segment_the_nearest_and_none_is_lost(drawn, told):
    found = cut_streets([street(*corners) for corners in drawn], [""] * len(drawn))
    xy = at(told)
    of_report = nearest_segment(found, xy)
    away = shapely.distance(shapely.points(xy)[:, None], found.line[None, :])
    on_street = of_report != NO_SEGMENT
    assert (on_street == (away.min(axis=1) <= 50.0)).all()
    rows = np.flatnonzero(on_street)
    assert away[rows, of_report[rows]] == pytest.approx(away.min(axis=1)[rows], abs=0.002)
    foretold = np.arange(1.0, len(xy) + 1)
    table = tabulate(found, xy, foretold, wards())
    assert table["incident_count"].sum() == on_street.sum()
    assert table["score"].sum() == pytest.approx(foretold[on_street].sum())


@given(streets, reports)
def test_every_report_of_a_place_lies_in_its_shape(drawn, told):
    found = cut_streets([street(*corners) for corners in drawn], [""] * len(drawn))
    xy = at(told)
    shape = shape_along(found, xy, tuple(xy.mean(axis=0)), 150.0)
    assert shape.is_valid
    assert shape.geom_type in ("Polygon", "MultiPolygon")
    assert shapely.covers(shape, shapely.points(xy)).all()


# --- in a run ------------------------------------------------------------------------------------


def town(make_incidents):
    """One report a month on every fourth square, and a busy car park beside Eden Street."""
    cells = [(400_050 + 200 * i, 300_050 + 200 * j) for i in range(10) for j in range(5)]
    quiet = make_incidents([(x, y, month, 1) for x, y in cells for month in MONTHS], place="Car Park")
    busy = [(400_500 + 30 * i, 300_470, month, 3) for i in range(3) for month in MONTHS]
    busy = make_incidents(busy, place="Car Park")
    incidents = pd.concat([quiet, busy], ignore_index=True)
    incidents["incident_id"] = [f"I{k:05d}" for k in range(len(incidents))]
    incidents["ward_gss_code"] = np.where(incidents["easting_m"] < 401_000, "E05999001", "E05999002")
    return incidents


def eden_street():
    line = shapely.LineString([(400_400, 300_460), (400_700, 300_460)])
    return gpd.GeoDataFrame({"name": ["Eden Street"]}, geometry=[line], crs="EPSG:27700")


def test_with_roads_a_hotspot_follows_its_street_and_takes_its_name(make_incidents, two_wards):
    incidents = town(make_incidents)
    plain = analyse(incidents, two_wards, Settings(maps=99))
    along = analyse(incidents, two_wards, Settings(maps=99), roads=eden_street())
    assert plain.segments is None
    one, other = plain.hotspots.iloc[0], along.hotspots.iloc[0]
    assert (one.place_name, other.place_name) == ("Car Park", "Car Park by Eden Street")
    # what is counted does not depend on how it is drawn
    assert (one.incident_count, one.p_value) == (other.incident_count, other.p_value)
    assert plain.members.equals(along.members)
    assert other.geometry.covers(shapely.LineString([(400_410, 300_460), (400_660, 300_460)]))
    # 3 points x 9 months x 3 reports, and the squares at 400 450 and 400 650, 10 m south of it: 81 + 18
    assert along.segments["incident_count"].sum() == 99
    assert along.segments["length_m"].tolist() == pytest.approx([150, 150], abs=5)


def written(analysis, out):
    account = folder.Account(len(analysis.incidents), 0, 0, empty_issues(), [], [], {})
    watch = pipeline.Stopwatch()
    return folder.write(analysis, account, out, maps=False, ward_pages=False, watch=watch)


def test_the_folder_of_a_run_with_roads_has_a_table_of_segments_and_their_concentration(
    make_incidents, two_wards, tmp_path
):
    incidents = town(make_incidents)
    along = analyse(incidents, two_wards, Settings(maps=99), roads=eden_street())
    record = written(along, tmp_path)
    table = pd.read_csv(tmp_path / "segments.csv")
    assert list(table.columns) == list(COLUMNS)
    assert table["incident_count"].sum() == 99
    # The busy points 100, 130 and 160 m along the street are 27 reports each, and it is cut after 150 m:
    # 27 + 27 + 9 against 27 + 9. The first alone holds more than half: 1 of 2
    assert sorted(table["incident_count"]) == [36, 63]
    assert record["segments"] == {"count": 2, "with_reports": 2, "half_on_share": 0.5}
    without = written(analyse(incidents, two_wards, Settings(maps=99)), tmp_path)
    assert "segments" not in without
    assert not (tmp_path / "segments.csv").exists()


def test_a_place_in_two_parts_can_be_written_and_drawn(make_incidents, two_wards, tmp_path):
    found = analyse(town(make_incidents), two_wards, Settings(maps=99), roads=eden_street())
    two = shapely.MultiPolygon([shapely.box(400_400, 300_400, 400_500, 300_430),
                                shapely.box(400_400, 300_500, 400_500, 300_530)])  # fmt: skip
    found.hotspots.loc[0, "geometry"] = two
    written(found, tmp_path)
    kept = gpd.read_file(tmp_path / "hotspots.gpkg", layer="hotspots").geometry.iloc[0]
    assert kept.equals(two)
    assert len(gpd.read_file(tmp_path / "hotspots.geojson").geometry.iloc[0].geoms) == 2
    account = folder.Account(len(found.incidents), 0, 0, empty_issues(), [], [], {})
    ward = for_ward(folder.map_view(found, account), "E05999001")
    assert static_map.draw_ward(ward).startswith(b"\x89PNG")
    assert len(payload.build(ward)["hotspots"][0]["shape"]) == 2


def test_the_layer_named_roads_is_read_in_metres_and_no_other_is():
    line = {"type": "LineString", "coordinates": [[-1.70, 54.20], [-1.69, 54.20]]}
    feature = {"type": "Feature", "properties": {"name": "Strand Road"}, "geometry": line}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    found = roads_of({"roads": text})
    assert found["name"].tolist() == ["Strand Road"]
    # a hundredth of a degree at 54.2 N: 0.01 x 111 320 x cos 54.2 = 651 m, 653 on the ellipsoid
    assert found.length[0] == pytest.approx(652, abs=2)
    assert roads_of({"parks": text}) is None
    assert roads_of({}) is None


def test_the_demo_borough_is_cut_whole(demo_roads):
    found = cut_streets(demo_roads.geometry.to_numpy(), demo_roads["name"].to_numpy())
    assert isinstance(found, Segments)
    assert len(found) > 2 * len(demo_roads)  # streets cross
    assert found.length_m.sum() == pytest.approx(demo_roads.length.sum(), rel=0.01)
    assert (found.name != "").all()
    assert found.length_m.max() <= MOST_M + 0.01


@pytest.fixture(scope="module")
def demo_roads(request):
    path = request.config.rootpath / "data/boundaries/demo/roads.geojson"
    return roads_of({"roads": path.read_text(encoding="utf-8")})
