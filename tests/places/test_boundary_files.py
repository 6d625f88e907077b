import gzip
import json
import zipfile

import geopandas
import pytest
import shapely

from mapping.errors import BoundaryError
from mapping.places import boundary_files
from mapping.places.boundary_files import read_boundaries

SQUARE = [
    [[450_000, 510_000], [451_000, 510_000], [451_000, 511_000], [450_000, 511_000], [450_000, 510_000]]
]
BNG_MEMBER = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}


def geojson(*features, **members):
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members})


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def polygon(coordinates=SQUARE, **properties):
    return feature({"type": "Polygon", "coordinates": coordinates}, **properties)


def written(folder, content, name="wards.geojson"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(path):
    with pytest.raises(BoundaryError) as error:
        read_boundaries(path)
    return str(error.value)


def test_features_become_columns_outlines_and_the_stated_system(tmp_path):
    text = geojson(polygon(WD25CD="E05000001", WD25NM="Newport"), polygon(WD25CD="E05000002"), crs=BNG_MEMBER)
    read = read_boundaries(written(tmp_path, text))
    assert read.columns == {"WD25CD": ["E05000001", "E05000002"], "WD25NM": ["Newport", None]}
    assert shapely.area(read.geometry).tolist() == [1e6, 1e6]
    assert read.faults == ["", ""]
    assert read.crs == "EPSG:27700"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("urn:ogc:def:crs:EPSG::4326", "EPSG:4326"),
        ("EPSG:27700", "EPSG:27700"),
        ("urn:ogc:def:crs:EPSG:6.9:3857", "EPSG:3857"),
        ("mine", ""),
    ],
)
def test_the_old_crs_member_is_understood(tmp_path, name, code):
    text = geojson(polygon(), crs={"type": "name", "properties": {"name": name}})
    assert read_boundaries(written(tmp_path, text)).crs == code


@pytest.mark.parametrize(
    ("geometry", "fault"),
    [
        (None, "it has no outline"),
        ("MULTIPOLYGON EMPTY", "it has no outline"),
        ({"type": "Point", "coordinates": [450_000, 510_000]}, "it is a Point, not an area"),
        ({"type": "<script>", "coordinates": []}, "its outline cannot be read"),
        ({"type": "Polygon"}, "its outline cannot be read"),
        ({"type": "Polygon", "coordinates": [[[1, "x"], [2, 3], [1, "x"]]]}, "its outline cannot be read"),
        ({"type": "Polygon", "coordinates": [SQUARE[0][:4]]}, "its outline is not closed"),
        ({"type": "MultiPolygon", "coordinates": [SQUARE, [SQUARE[0][:4]]]}, "its outline is not closed"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [0, 0]]]}, "its outline cannot be read"),
        (
            {"type": "Polygon", "coordinates": [[[1, 1], [float("nan"), 2], [3, 3], [1, 1]]]},
            "its outline holds values that are not numbers",
        ),
    ],
)  # fmt: skip
def test_a_broken_outline_gets_its_fault_and_its_neighbour_none(tmp_path, geometry, fault):
    read = read_boundaries(written(tmp_path, geojson(feature(geometry), polygon())))
    assert read.faults == [fault, ""]
    assert shapely.area(read.geometry[1]) == 1e6


def test_heights_are_dropped(tmp_path):
    high = [[[*point, 12.5] for point in SQUARE[0]]]
    read = read_boundaries(written(tmp_path, geojson(polygon(high))))
    assert not shapely.has_z(read.geometry[0])
    assert shapely.area(read.geometry[0]) == 1e6


def test_oddities_of_json_do_no_harm(tmp_path):
    text = (
        '{"type": "Topology", "type": "FeatureCollection", "__proto__": {"code": "x"}, "features": '
        f'[{{"properties": {{"code": "A", "code": "B"}}, "geometry": {json.dumps(polygon()["geometry"])}}}, '
        "7, null]}"
    )
    read = read_boundaries(written(tmp_path, text))
    assert read.columns == {"code": ["B", None, None]}
    assert read.faults == ["", "it has no outline", "it has no outline"]


def test_twelve_thousand_vertices_are_read(tmp_path):
    circle = shapely.Point(450_000, 510_000).buffer(1_000, quad_segs=3_000)
    read = read_boundaries(written(tmp_path, geojson(feature(shapely.geometry.mapping(circle)))))
    assert shapely.get_num_coordinates(read.geometry[0]) == 12_001


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"  \n", "The file is empty."),
        (b"WD25CD,WD25NM\nE05000001,Newport\n", "not one of the kinds read here"),
        (b"\x89PNG\r\n\x1a\n", "not one of the kinds read here"),
        (b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "not one of the kinds read here"),
        (b'{"type": "gdal_streamed_alg"}', "no FeatureCollection and no Topology"),
        (b'{"type": "FeatureCollection", "features": 7}', "no FeatureCollection and no Topology"),
        (b'{"type": "FeatureCollection", "features": [', "broken or nested too deeply"),
        (b'{"a":' * 100_000, "broken or nested too deeply"),
        ('{"type": "FeatureCollection"}'.encode("utf-16"), "not one of the kinds read here"),
        (b'{"type": "FeatureCollection", "name": "\xff"}', "not in UTF-8"),
        (b"SQLite format 3\x00 and nothing more", "damaged or incomplete"),
        (b"\x00\x00\x27\x0a and nothing more", "damaged or incomplete"),
        (b"PK\x03\x04 and nothing more", "damaged or encrypted"),
        (gzip.compress(b"{}" * 1_000, mtime=0)[:-9], "damaged or stops early"),
        (b"\x1f\x8b and nothing more", "damaged or stops early"),
    ],
    ids=range(16),
)
def test_what_is_no_ward_file_is_refused_by_its_content(tmp_path, content, said):
    assert said in refused(written(tmp_path, content))


def test_a_missing_file_is_refused_by_name_without_its_folder(tmp_path):
    said = refused(tmp_path / "nowhere.geojson")
    assert said == "nowhere.geojson: The file cannot be read: No such file or directory."


def test_a_file_beyond_the_limit_is_refused_however_small_it_was_packed(tmp_path, monkeypatch):
    monkeypatch.setattr(boundary_files, "MAX_BYTES", 1_000_000)
    packed = gzip.compress(b"{" + b" " * 2_000_000)
    assert len(packed) < 5_000
    assert "holds more than 0 MB" in refused(written(tmp_path, packed, "bomb.geojson.gz"))
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("wards.geojson", b"{" + b" " * 2_000_000)
    assert "holds more than 0 MB" in refused(tmp_path / "bomb.zip")


@pytest.fixture
def frame():
    return geopandas.GeoDataFrame(
        {"ward_code": ["E05000001", "E05000002"], "ward_name": ["Newport", None]},
        geometry=[shapely.box(450_000, 510_000, 451_000, 511_000), None],
        crs=27700,
    )


def check_frame(path):
    read = read_boundaries(path)
    assert read.columns["ward_code"] == ["E05000001", "E05000002"]
    assert shapely.area(read.geometry[0]) == 1e6
    assert read.faults == ["", "it has no outline"]
    assert read.crs == "EPSG:27700"


@pytest.mark.parametrize("name", ["wards.gpkg", "wards.shp"])
def test_geopackage_and_shapefile_are_read(tmp_path, frame, name):
    frame.to_file(tmp_path / name, layer="wards")
    check_frame(tmp_path / name)


def test_a_geopackage_is_read_gzipped_and_under_another_name(tmp_path, frame):
    frame.to_file(tmp_path / "wards.gpkg", layer="wards")
    content = (tmp_path / "wards.gpkg").read_bytes()
    check_frame(written(tmp_path, gzip.compress(content), "wards.gpkg.gz"))
    check_frame(written(tmp_path, content, "wards.dat"))


def test_a_shapefile_is_read_from_a_zip_with_folders_and_capitals(tmp_path, frame):
    frame.to_file(tmp_path / "wards.shp")
    with zipfile.ZipFile(tmp_path / "wards.zip", "w") as archive:
        for suffix in ("shp", "shx", "dbf", "prj", "cpg"):
            archive.write(tmp_path / f"wards.{suffix}", f"Download/WARDS.{suffix.upper()}")
        archive.writestr("../../evil.txt", "no")
        archive.writestr("Download/readme.txt", "no")
    check_frame(tmp_path / "wards.zip")
    assert not (tmp_path.parent.parent / "evil.txt").exists()


def test_a_zip_of_two_boundary_files_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "wards.zip", "w") as archive:
        archive.writestr("one.geojson", "{}")
        archive.writestr("two.geojson", "{}")
    assert "holds 2 boundary files" in refused(tmp_path / "wards.zip")


def test_a_geopackage_with_two_layers_is_refused(tmp_path, frame):
    frame.to_file(tmp_path / "wards.gpkg", layer="wards")
    frame.to_file(tmp_path / "wards.gpkg", layer="parishes")
    assert "holds 2 layers" in refused(tmp_path / "wards.gpkg")


@pytest.mark.real_data
def test_topojson_is_read_and_names_no_system(real_data):
    read = read_boundaries(real_data / "boundaries/wards_2013/topo_E06000001.json")
    assert len(read.geometry) == 11
    assert set(read.faults) == {""}
    assert read.crs == ""


@pytest.mark.real_data
def test_the_two_districts_shapefiles_zip_says_its_american_system(real_data):
    read = read_boundaries(real_data / "incidents/portland_police_districts.zip")
    assert len(read.geometry) == 60
    assert read.crs == "EPSG:2913"
