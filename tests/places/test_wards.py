import json
import time

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from mapping import crs
from mapping.errors import BoundaryError, MissingColumnsError, WrongCrsError
from mapping.places import wards as wards_module
from mapping.places.wards import assign, place, read_wards

WEST, SOUTH = 450_000, 510_000


def box(x0, y0, x1, y1):
    return shapely.box(WEST + x0, SOUTH + y0, WEST + x1, SOUTH + y1)


def ward_frame(shapes, codes=None):
    codes = codes or [f"E0500000{number}" for number in range(1, len(shapes) + 1)]
    return geopandas.GeoDataFrame({"ward_gss_code": codes, "ward_name": codes}, geometry=shapes, crs=27700)


def written(folder, shapes, rows, name="wards.geojson", crs_name="urn:ogc:def:crs:EPSG::27700"):
    """Write a GeoJSON file; shapes may be None or plain geometry members."""
    features = [
        {
            "type": "Feature",
            "properties": row,
            "geometry": shape
            if shape is None or isinstance(shape, dict)
            else shapely.geometry.mapping(shape),
        }
        for shape, row in zip(shapes, rows, strict=True)
    ]
    document = {"type": "FeatureCollection", "features": features}
    if crs_name:
        document["crs"] = {"type": "name", "properties": {"name": crs_name}}
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


NEWPORT, PALLISTER = box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)
ROWS = [
    {"WD25CD": "E05000002", "WD25NM": "Pallister Park"},
    {"WD25CD": "E05000001", "WD25NM": "Newport"},
]


@pytest.fixture
def two_wards(tmp_path):
    return written(tmp_path, [PALLISTER, NEWPORT], ROWS)


# --- reading -------------------------------------------------------------------------------------


def test_wards_are_read_in_metres_sorted_by_code_with_their_year(two_wards):
    wards = read_wards([two_wards])
    assert wards["ward_gss_code"].tolist() == ["E05000001", "E05000002"]
    assert wards["ward_name"].tolist() == ["Newport", "Pallister Park"]
    assert wards.area.tolist() == [1e6, 1e6]
    assert wards.crs.to_epsg() == 27700
    assert wards.attrs == {"edition": "2025", "messages": []}


def test_degrees_become_the_same_metres(tmp_path, two_wards):
    shapes = crs.geometry_to_wgs84([PALLISTER, NEWPORT])
    wards = read_wards([written(tmp_path, shapes, ROWS, "degrees.geojson", "urn:ogc:def:crs:OGC:1.3:CRS84")])
    assert shapely.hausdorff_distance(wards.geometry, read_wards([two_wards]).geometry).max() < 0.005
    assert wards.attrs["messages"] == []


def test_the_edition_may_be_named_and_the_system_overruled(tmp_path):
    path = written(tmp_path, [NEWPORT], [{"code": "A1"}], crs_name="EPSG:3857")
    wards = read_wards([path], edition="May 2025", crs="EPSG:27700")
    assert wards.attrs["edition"] == "May 2025"
    assert wards.area.tolist() == [1e6]


NEWPORT_2025 = ("E05000001", "Newport", "2025")


@pytest.mark.parametrize(
    ("row", "code", "name", "edition"),
    [
        ({"LAD25CD": "E06000002", "WD25CD": "E05000001", "WD25NM": "Newport", "WD25NMW": " "}, *NEWPORT_2025),
        ({"wd16cd": "E05000001", "wd16nm": "Newport"}, "E05000001", "Newport", "2016"),
        ({"WD13CDO": "00EBNM", "WD13NM": "Newport", "WD13CD": "E05000001"}, "E05000001", "Newport", "2013"),
        ({"WD13CD": "E05000009", "WD25CD": "E05000001", "WD25NM": "Newport"}, "E05000001", "Newport", "2025"),
        ({"ward22_code": "E05000001", "ward22_name": "Newport"}, "E05000001", "Newport", "2022"),
        ({"ward_gss_code": "E05000001", "ward_name": "Newport"}, "E05000001", "Newport", ""),
        ({"ward_code": "E05000001", "ward_name": "Newport", "code": "7"}, "E05000001", "Newport", ""),
        ({"Code": "E05000001", "Name": "Newport", "area_code": "DIW"}, "E05000001", "Newport", ""),
        ({"GSS_CODE": "E05000001"}, "E05000001", "E05000001", ""),
        ({"code": 17, "name": " "}, "17", "17", ""),
        ({"WD25CD": " E05000001 ", "WD25NM": None}, "E05000001", "E05000001", "2025"),
    ],
)  # fmt: skip
def test_attribute_names_of_any_year_are_understood(tmp_path, row, code, name, edition):
    wards = read_wards([written(tmp_path, [NEWPORT], [row])])
    assert wards.loc[0, ["ward_gss_code", "ward_name"]].tolist() == [code, name]
    assert wards.attrs["edition"] == edition


def test_a_file_without_codes_is_refused_with_what_it_has(tmp_path):
    path = written(tmp_path, [NEWPORT], [{"LSOA21CD": "E01011949", "WD13CDO": "00EBNM"}])
    with pytest.raises(BoundaryError, match=r"No attribute holds ward codes \(found: LSOA21CD, WD13CDO\)"):
        read_wards([path])


def test_every_fault_of_every_file_is_told_at_once(tmp_path):
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    shapes = [
        affinity.translate(bow_tie, WEST, SOUTH),
        {"type": "Polygon", "coordinates": [[[WEST, SOUTH], [WEST + 9, SOUTH], [WEST, SOUTH + 9]]]},
        None,
        shapely.Point(WEST, SOUTH),
        NEWPORT,
        box(5000, 0, 6000, 1000),
        box(7000, 0, 8000, 1000),
        box(9000, 0, 9500, 1000),
    ]
    codes = ["E05000001", "E05000002", "E05000003", "E05000004", "", "E05000006", "E05000006", "../../etc"]
    names = list("abcdefgh")
    rows = [{"WD25CD": code, "WD25NM": name} for code, name in zip(codes, names, strict=True)]
    with pytest.raises(BoundaryError) as refused:
        read_wards([written(tmp_path, shapes, rows), tmp_path / "gone.geojson"])
    assert refused.value.problems == (
        "wards.geojson: Ward E05000001: its outline crosses itself near 450005 510005.",
        "wards.geojson: Ward E05000002: its outline is not closed.",
        "wards.geojson: Ward E05000003: it has no outline.",
        "wards.geojson: Ward E05000004: it is a Point, not an area.",
        "wards.geojson: Ward number 5: it has no code.",
        "wards.geojson: Ward number 8: its code holds more than letters, digits, - and _.",
        "gone.geojson: The file cannot be read: No such file or directory.",
        "Ward E05000006: its code comes 2 times; every ward needs its own.",
    )
    assert refused.value.file_name == "wards.geojson, gone.geojson"


def test_a_thousand_faults_are_told_in_twenty_lines(tmp_path):
    rows = [{"code": f"A{number}"} for number in range(1000)]
    with pytest.raises(BoundaryError) as refused:
        read_wards([written(tmp_path, [None] * 1000, rows)])
    assert len(refused.value.problems) == 21
    assert refused.value.problems[-1] == "And 980 more."


def test_no_file_and_no_ward_are_refused(tmp_path):
    with pytest.raises(BoundaryError, match="No ward file was given"):
        read_wards([])
    with pytest.raises(BoundaryError, match="No attribute holds ward codes"):
        read_wards([written(tmp_path, [], [])])


def test_the_same_ward_in_two_files_is_refused(tmp_path, two_wards):
    again = written(tmp_path, [box(9000, 0, 9900, 900)], [{"WD25CD": "E05000001"}], "again.geojson")
    with pytest.raises(BoundaryError, match="Ward E05000001: its code comes 2 times"):
        read_wards([two_wards, again])


def test_wards_over_one_another_are_refused(tmp_path):
    rows = [{"WD25CD": "E05000001"}, {"WD25CD": "E05000002"}]
    with pytest.raises(BoundaryError, match="Wards E05000001 and E05000002 overlap by 500,000 m2"):
        read_wards([written(tmp_path, [NEWPORT, box(500, 0, 2000, 1000)], rows)])


def test_the_parts_of_one_ward_are_joined_and_a_copy_of_it_is_not(tmp_path):
    rows = [{"code": "E05000001", "name": "Hunmanby"}] * 2
    wards = read_wards([written(tmp_path, [NEWPORT, box(3000, 0, 4000, 1000)], rows)])
    assert wards["ward_gss_code"].tolist() == ["E05000001"]
    assert wards.area.tolist() == [2e6]
    assert wards.attrs["messages"] == ["wards.geojson: Ward E05000001 comes in 2 parts; they were joined."]
    with pytest.raises(BoundaryError, match="its code comes 2 times"):
        read_wards([written(tmp_path, [NEWPORT, NEWPORT], rows)])


def test_a_code_used_for_two_names_is_never_joined(tmp_path):
    rows = [{"code": "E05000001", "name": "Newport"}, {"code": "E05000001", "name": "Pallister Park"}]
    with pytest.raises(BoundaryError, match="its code comes 2 times"):
        read_wards([written(tmp_path, [NEWPORT, PALLISTER], rows)])


def test_files_of_different_years_are_joined_with_a_word(tmp_path, two_wards):
    other = written(tmp_path, [box(2000, 0, 3000, 1000)], [{"wd16cd": "E05000003"}], "other.geojson")
    wards = read_wards([two_wards, other])
    assert len(wards) == 3
    assert wards.attrs["edition"] == ""
    assert "different years (2016, 2025)" in wards.attrs["messages"][0]


def test_a_name_stays_text_whatever_it_holds(tmp_path):
    name = "<script>alert(1)</script>${7*7}`{{7}}`'\"\x00\u202e\r\nX" + "é" * 300
    wards = read_wards([written(tmp_path, [NEWPORT], [{"WD25CD": "E05000001", "WD25NM": name}])])
    read = wards.loc[0, "ward_name"]
    assert read.startswith("<script>alert(1)</script>${7*7}`{{7}}`'\" Xé")
    assert len(read) == 120
    assert read.isprintable()


def test_swapped_axes_are_refused(tmp_path):
    swapped = [shapely.transform(crs.geometry_to_wgs84([NEWPORT])[0], lambda points: points[:, ::-1])]
    with pytest.raises(BoundaryError, match="axes are swapped"):
        read_wards([written(tmp_path, swapped, [{"WD25CD": "E05000001"}], crs_name="")])


@pytest.mark.parametrize("suffix", ["gpkg", "shp"])
def test_other_kinds_of_file_give_the_same_wards(tmp_path, two_wards, suffix):
    frame = geopandas.GeoDataFrame(
        [{"WD25CD": row["WD25CD"], "WD25NM": row["WD25NM"]} for row in ROWS],
        geometry=[PALLISTER, NEWPORT],
        crs=27700,
    )
    path = tmp_path / f"wards.{suffix}"
    frame.to_file(path)
    wards = read_wards([path])
    assert wards.drop(columns="geometry").equals(read_wards([two_wards]).drop(columns="geometry"))
    assert shapely.equals(wards.geometry, read_wards([two_wards]).geometry).all()


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "count", "edition", "first"),
    [
        ("wards_2025/E06000001.geojson", 12, "2025", "Burn Valley"),
        ("wards_2013/E06000002.geojson", 23, "2013", "Acklam"),
        ("wards_2025/S12000018.geojson", 7, "2025", "Inverclyde East"),
        ("wards_2025/E12000001_north_east.geojson.gz", 334, "2025", "Birtley"),
        ("wards_2013/topo_E06000004.json", 26, "2013", "Billingham Central"),
        ("gb_wards_2022_ultra_generalised.gpkg.gz", 8020, "2022", "Astley Bridge"),
    ],
)
def test_real_editions_are_read_whole(real_data, name, count, edition, first):
    wards = read_wards([real_data / "boundaries" / name])
    assert len(wards) == count
    assert wards.attrs["edition"] == edition
    assert wards.loc[0, "ward_name"] == first
    assert shapely.is_valid(wards.geometry).all()
    assert not any("overlap" in said or "gaps" in said for said in wards.attrs["messages"])


@pytest.mark.real_data
def test_the_wards_of_2013_and_2025_of_one_borough_are_not_mixed(real_data):
    with pytest.raises(BoundaryError, match="use one edition of boundaries"):
        read_wards([real_data / f"boundaries/wards_{year}/E06000002.geojson" for year in (2013, 2025)])


@pytest.mark.real_data
def test_a_published_ward_lies_where_its_publisher_says(real_data):
    # The file gives each ward's own point twice: BNG_E, BNG_N and LONG, LAT.
    path = real_data / "boundaries/wards_2025/E06000002.geojson"
    rows = [item["properties"] for item in json.loads(path.read_text(encoding="utf-8"))["features"]]
    wards = read_wards([path])
    easting, northing = [row["BNG_E"] for row in rows], [row["BNG_N"] for row in rows]
    assert assign(easting, northing, wards).tolist() == [row["WD25CD"] for row in rows]
    moved = crs.to_bng([row["LONG"] for row in rows], [row["LAT"] for row in rows])
    assert np.hypot(moved[0] - easting, moved[1] - northing).max() < 2.0  # the publisher's own rounding


# --- point to ward -------------------------------------------------------------------------------


def by_hand(east, north, wards):
    """Do the plain thing: the lowest code of all wards that cover the point, else of all within a hair."""
    codes, shapes = wards["ward_gss_code"].to_numpy(), np.asarray(wards.geometry)
    found = []
    for x, y in zip(east, north, strict=True):
        point = shapely.Point(x, y) if np.isfinite(x) and np.isfinite(y) else shapely.Point()
        covering = codes[shapely.covers(shapes, point)]
        nearby = codes[shapely.distance(shapes, point) <= wards_module.HAIRLINE_M]
        found.append(min(covering, default=min(nearby, default="")))
    return found


# Four wards that meet in one corner (1000, 1000), one with a hole that a fifth fills in part, and an
# island that belongs to the first.
HOLED = shapely.difference(box(1000, 1000, 2000, 2000), box(1400, 1400, 1600, 1600))
TOWN = ward_frame(
    [
        shapely.union_all([box(0, 0, 1000, 1000), box(2500, 0, 2600, 100)]),
        box(1000, 0, 2000, 1000),
        box(0, 1000, 1000, 2000),
        HOLED,
        box(1400, 1400, 1500, 1600),
    ],
    ["E05000003", "E05000001", "E05000005", "E05000002", "E05000004"],
)


@pytest.mark.parametrize(
    ("point", "code"),
    [
        ((500, 500), "E05000003"),
        ((1000, 1000), "E05000001"),  # the corner of four wards
        ((1000, 500), "E05000001"),  # the edge of two
        ((500, 1000), "E05000003"),
        ((2550, 50), "E05000003"),  # the island
        ((1450, 1500), "E05000004"),  # fills the hole's west half
        ((1550, 1500), ""),  # the open half of the hole
        ((1400, 1500), "E05000002"),  # the hole's edge is shared by the ward around and the one in it
        ((1600, 1500), "E05000002"),  # the hole's open edge
        ((1500, 1500), "E05000004"),
        ((0, 0), "E05000003"),  # a corner of the borough
        ((2000.001, 500), "E05000001"),  # within a hair of it
        ((2000.01, 500), ""),
        ((np.nan, 500), ""),
        ((500, np.nan), ""),
        ((np.inf, 500), ""),
    ],
)
def test_each_point_gets_its_one_ward(point, code):
    assert assign([WEST + point[0]], [SOUTH + point[1]], TOWN).tolist() == [code]


def test_a_point_in_a_hairline_gap_between_wards_is_not_outside():
    # The southern ward has a vertex on the northern ward's straight edge, half a millimetre off it.
    south = shapely.Polygon([(0, 0), (1000, 0), (1000, 500), (500, 499.9995), (0, 500)])
    wards = ward_frame([affinity.translate(south, WEST, SOUTH), box(0, 500, 1000, 1000)])
    assert assign([WEST + 500], [SOUTH + 499.9998], wards).tolist() == ["E05000001"]


def test_no_point_and_no_ward():
    assert assign([], [], TOWN).tolist() == []
    assert assign([WEST + 1], [SOUTH + 1], TOWN.iloc[:0]).tolist() == [""]


def test_wards_in_degrees_or_without_codes_are_refused():
    with pytest.raises(WrongCrsError):
        assign([WEST], [SOUTH], TOWN.to_crs(4326))
    with pytest.raises(MissingColumnsError):
        assign([WEST], [SOUTH], TOWN.drop(columns="ward_gss_code"))


# Corners, edges, the inside and far away, on a lattice that hits edges often.
lattice = st.integers(-2, 28).map(lambda step: step * 100.0)
anywhere = st.one_of(lattice, st.floats(-200, 2800, allow_nan=False), st.just(float("nan")))
points = st.lists(st.tuples(anywhere, anywhere), min_size=1, max_size=60)


def in_town(given_points):
    east, north = np.array(given_points).T
    return east + WEST, north + SOUTH


@given(points)
def test_it_equals_asking_every_ward_about_every_point(given_points):
    east, north = in_town(given_points)
    assert assign(east, north, TOWN).tolist() == by_hand(east, north, TOWN)


@given(points, st.randoms(use_true_random=False))
def test_the_order_of_points_and_of_wards_changes_nothing(given_points, random):
    east, north = in_town(given_points)
    first = assign(east, north, TOWN)
    order, ward_order = list(range(len(east))), list(range(len(TOWN)))
    random.shuffle(order)
    random.shuffle(ward_order)
    assert assign(east[order], north[order], TOWN.iloc[ward_order]).tolist() == first[order].tolist()


@given(points)
def test_moving_points_and_wards_together_moves_no_label(given_points):
    east, north = in_town(given_points)
    moved = TOWN.set_geometry(TOWN.geometry.translate(1000, 0))
    # whole metres only: adding 1,000 to a fraction rounds, and an edge knows it
    east, north = np.round(east), np.round(north)
    assert assign(east + 1000, north, moved).tolist() == assign(east, north, TOWN).tolist()


@pytest.fixture(scope="module")
def tees(real_data):
    return read_wards(
        [real_data / f"boundaries/wards_2025/E0600000{number}.geojson" for number in (1, 2, 3, 4)]
    )


@pytest.mark.real_data
def test_every_vertex_of_every_real_ward_has_exactly_one_ward(tees):
    vertices = shapely.get_coordinates(np.asarray(tees.geometry))
    tree = shapely.STRtree(np.asarray(tees.geometry))
    point, ward = tree.query(shapely.points(vertices), predicate="intersects")
    lowest = np.full(len(vertices), len(tees))
    np.minimum.at(lowest, point, ward)  # the frame is sorted by code
    assert assign(*vertices.T, tees).tolist() == tees["ward_gss_code"].to_numpy()[lowest].tolist()


@pytest.mark.real_data
def test_points_along_every_shared_edge_of_real_wards_have_exactly_one_ward(tees):
    lines = shapely.get_rings(np.asarray(tees.geometry))
    rings = [np.asarray(line.coords) for line in lines]
    share = np.random.default_rng(20250501).uniform(0, 1, (sum(len(ring) - 1 for ring in rings), 1))
    starts, ends = np.vstack([ring[:-1] for ring in rings]), np.vstack([ring[1:] for ring in rings])
    along = starts + share * (ends - starts)
    codes = assign(*along.T, tees)
    assert (codes != "").all()
    shuffled = np.random.default_rng(1).permutation(len(along))
    assert (assign(*along[shuffled].T, tees.iloc[::-1]) == codes[shuffled]).all()


@pytest.fixture(scope="module")
def cleveland(real_data):
    files = sorted((real_data / "police_uk/cleveland").glob("*.csv.gz"))
    rows = pd.concat([pd.read_csv(path, usecols=["Longitude", "Latitude"]) for path in files])
    easting_m, northing_m = crs.to_bng(rows["Longitude"], rows["Latitude"])
    return pd.DataFrame({"easting_m": easting_m, "northing_m": northing_m})


@pytest.mark.real_data
def test_of_67094_real_incidents_15_lie_outside_the_four_boroughs(cleveland, tees):
    placed = place(cleveland, tees)
    assert placed["placement"].value_counts().to_dict() == {"in ward": 67_079, "outside": 15}
    assert placed.loc[placed["placement"] == "in ward", "ward_gss_code"].nunique() == 83
    assert (placed.loc[placed["placement"] == "outside", "ward_gss_code"] == "").all()


@pytest.mark.real_data
def test_real_incidents_are_placed_in_a_fraction_of_a_second(cleveland, tees):
    took = []
    for _ in range(3):
        start = time.perf_counter()
        assign(cleveland["easting_m"], cleveland["northing_m"], tees)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.3


# --- incidents -----------------------------------------------------------------------------------


def test_placing_keeps_every_row_its_order_and_what_it_was_given():
    east, north = [WEST + 9e4, WEST + 500, np.nan], [SOUTH + 1, SOUTH + 500, np.nan]
    incidents = pd.DataFrame({"easting_m": east, "northing_m": north, "note": list("abc")}, index=[7, 3, 5])
    before = incidents.copy()
    placed = place(incidents, TOWN)
    assert placed["placement"].tolist() == ["outside", "in ward", "unlocated"]
    assert placed["ward_gss_code"].tolist() == ["", "E05000003", ""]
    assert placed.index.tolist() == [7, 3, 5]
    assert placed["note"].tolist() == list("abc")
    pd.testing.assert_frame_equal(incidents, before)


def test_a_stated_ward_places_what_has_no_point_and_nothing_else():
    places = {
        "easting_m": [np.nan, np.nan, np.nan, np.nan, WEST + 500, WEST + 9e4],
        "northing_m": [np.nan, np.nan, np.nan, np.nan, SOUTH + 500, SOUTH + 1],
        # a ward of this edition, an LSOA, a ward of another edition, nothing; and two with points
        "stated_area": ["E05000001", "E01000001", "E05999999", "", "E05000001", "E05000001"],
    }
    placed = place(pd.DataFrame(places), TOWN)
    assert placed["ward_gss_code"].tolist() == ["E05000001", "", "", "", "E05000003", ""]
    assert placed["placement"].tolist() == ["in ward", *["unlocated"] * 3, "in ward", "outside"]
    assert placed["easting_m"].isna().tolist() == [True] * 4 + [False] * 2


def test_placing_without_coordinates_columns_is_refused():
    with pytest.raises(MissingColumnsError, match="`incidents` lacks northing_m"):
        place(pd.DataFrame({"easting_m": [1.0]}), TOWN)
