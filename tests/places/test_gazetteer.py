"""The gazetteer as it is built and opened: who is one street, where it stands, in which ward."""

import os
import sqlite3
import stat

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import FileRefusedError, NotFoundError, StoreError
from mapping.places import gazetteer_build, gazetteer_file
from mapping.places.gazetteer import GENERIC, Gazetteer
from mapping.places.gazetteer_build import Sources, build
from mapping.places.gazetteer_wards import reward
from mapping.places.place_words import name_key
from mapping.places.wards import read_wards

# Exampleshire: two wards of a kilometre (see `two_wards`), West with its middle at 400 500, 300 500.
POSTCODES = """\
"EX1 1AA",10,400100,300500,"E92000001","","","","E06000001","E05999001"
"EX1 1AB",10,400300,300500,"E92000001","","","","E06000001","E05999001"
"EX1 2AA",10,401500,300500,"E92000001","","","","E06000001","E05999002"
"EX10 1AA",60,401700,300500,"E92000001","","","","E06000001",""
"EX10 1AB",90,0,0,"E92000001","","","","",""
"""
# Mill Lane twice, 5 km apart and once of two points 300 m apart; a car park; an estate.
POINTS = """\
street_or_place,easting,northing,lsoa21_name,count
Mill Lane,400100,300500,Exampleshire 001A,7
Mill Lane,400400,300500,Exampleshire 001A,2
Mill Lane,405400,300500,Elsewhere 002B,1
Parking Area,400200,300100,Exampleshire 001A,1
Parking Area,400250,300100,Exampleshire 001A,1
Quay Trading Estate,401500,300600,Exampleshire 001B,1
"""
NAMES = """\
name,kind,easting,northing,postcode,extent_m,aliases
The Rec,park,400500,300500,,80,Jubilee Field|Rec Ground
Bottle Shop,shop,,,ex11ab,,
"""


@pytest.fixture
def sources(tmp_path):
    for name, text in (("cp.csv", POSTCODES), ("points.csv", POINTS), ("names.csv", NAMES)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Sources(
        code_point=[tmp_path / "cp.csv"],
        street_points=[tmp_path / "points.csv"],
        places=[tmp_path / "names.csv"],
    )


@pytest.fixture
def gazetteer(tmp_path, sources, two_wards):
    path = tmp_path / "gazetteer.sqlite"
    build(path, sources, wards=two_wards, edition="May 2026")
    with Gazetteer.open(path) as held:
        yield held


def rows(gazetteer, name):
    return gazetteer.find(name_key(name)).tolist()


def test_anchor_points_that_chain_are_one_street_and_distant_ones_another(gazetteer):
    west, east = rows(gazetteer, "Mill Lane")
    entries = gazetteer.entries
    # two anchors and the postcodes at 100 and 300; the one 5 km off has itself alone
    assert [len(entries.members(row)[0]) for row in (west, east)] == [4, 1]
    assert entries.borough[west] == "Exampleshire"
    assert entries.borough[east] == "Elsewhere"
    assert entries.weight[west] == 9
    # points at 100, 400 (anchors), 100, 300 (postcodes): mean 225, and of the anchors 100 is nearer to it
    assert (entries.easting_m[west], entries.northing_m[west]) == (400100, 300500)


def test_a_street_reaches_as_far_as_its_points_and_the_prior_say(gazetteer):
    west, east = rows(gazetteer, "Mill Lane")
    # S = 300^2 + 0 + 200^2 = 130 000 over n = 3; 1.8 sqrt((4 * 66^2 + 130 000) / 7) = 261.2
    assert gazetteer.entries.error_m[west] == pytest.approx(261.2, abs=0.1)
    # nothing of its own: 1.7 * 66 = 112.2
    assert gazetteer.entries.error_m[east] == pytest.approx(112.2, abs=0.1)


def test_a_word_for_a_kind_of_place_is_generic_and_every_spot_its_own(gazetteer):
    found = rows(gazetteer, "Parking Area")
    assert len(found) == 2
    assert {gazetteer.entries.kind[row] for row in found} == {GENERIC}
    (estate,) = rows(gazetteer, "Quay Trading Estate")
    assert (gazetteer.entries.level[estate], gazetteer.entries.kind[estate]) == ("place", "industrial estate")


def test_local_names_lead_to_their_place_under_every_name(gazetteer):
    (rec,) = rows(gazetteer, "The Rec")
    assert rows(gazetteer, "Jubilee Field") == rows(gazetteer, "Rec Ground") == [rec]
    entries = gazetteer.entries
    assert entries.name[rec] == "The Rec"
    assert entries.key[rec] == name_key("The Rec")
    assert (entries.error_m[rec], entries.kind[rec]) == (80, "park")
    # nothing says so, but it lies next to what is in Exampleshire and in EX1
    assert (entries.borough[rec], entries.postcode_district[rec]) == ("Exampleshire", "EX1")
    (shop,) = rows(gazetteer, "Bottle Shop")
    assert (entries.easting_m[shop], entries.northing_m[shop]) == (400300, 300500)


def test_everything_has_the_ward_its_point_lies_in(gazetteer):
    (estate,) = rows(gazetteer, "Quay Trading Estate")
    assert gazetteer.entries.ward_gss_code[estate] == "E05999002"
    assert gazetteer.entries.ward_gss_code[rows(gazetteer, "Mill Lane")].tolist() == ["E05999001", ""]
    postcodes = gazetteer.postcodes
    assert postcodes.ward_gss_code[:].tolist() == ["E05999002", "", "E05999001", "E05999001", "E05999002"]
    assert gazetteer.meta["ward_edition"] == "May 2026"


def test_a_postcode_without_a_point_is_known_and_gives_none(gazetteer):
    postcodes = gazetteer.postcodes
    row = postcodes.row_of("EX101AB")
    assert postcodes.quality[row] == 90
    assert np.isnan([postcodes.easting_m[row], postcodes.northing_m[row], postcodes.error_m[row]]).all()
    assert postcodes.row_of("EX101AC") == postcodes.row_of("EX1") == postcodes.row_of("É") == -1


def test_sectors_and_districts_hold_their_postcodes(gazetteer):
    sector = gazetteer.sectors.row_of("EX11")
    assert gazetteer.sectors.code.tolist() == [b"EX101", b"EX11", b"EX12"]
    assert gazetteer.districts.code.tolist() == [b"EX1", b"EX10"]
    assert gazetteer.sectors.easting_m[sector] == 400200
    assert gazetteer.sectors.wards(sector) == ["E05999001"]
    # EX1: two postcodes in West, one in East
    assert gazetteer.districts.wards(0) == ["E05999001", "E05999002"]
    # of EX10 one point is the middle of its sector and the other is none: nothing to go by
    assert np.isnan(gazetteer.districts.easting_m[1])


def test_the_same_rows_in_another_order_give_the_same_content(tmp_path, sources, two_wards):
    first = build(tmp_path / "a.sqlite", sources, wards=two_wards, built_at="today")
    for name in ("cp.csv", "points.csv", "names.csv"):
        lines = (tmp_path / name).read_text().splitlines(keepends=True)
        start = 0 if name == "cp.csv" else 1
        (tmp_path / name).write_text("".join(lines[:start] + lines[start:][::-1]))
    second = build(tmp_path / "b.sqlite", sources, wards=two_wards, built_at="tomorrow")
    assert first.content_sha256 == second.content_sha256
    assert first.levels == second.levels


def test_a_build_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, sources, monkeypatch):
    path = tmp_path / "kept" / "gazetteer.sqlite"
    build(path, sources)
    before = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (tmp_path / "cp.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    with pytest.raises(FileRefusedError, match="not a text table"):
        build(path, sources)

    def stopped(*_args):
        raise KeyboardInterrupt

    (tmp_path / "cp.csv").write_text(POSTCODES)
    monkeypatch.setattr(gazetteer_build, "_write_postcodes", stopped)
    with pytest.raises(KeyboardInterrupt):
        build(path, sources)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["gazetteer.sqlite"]  # noqa: PTH208 - the names are what counts


def test_new_boundaries_give_new_wards_and_move_no_point(tmp_path, sources, two_wards):
    path = tmp_path / "gazetteer.sqlite"
    (tmp_path / "uprn.csv").write_text(
        "UPRN,X_COORDINATE,Y_COORDINATE,LATITUDE,LONGITUDE\n10,400100.00,300500.00,52.5,-2\n"
        "20,409999.00,300500.00,52.5,-2\n"
    )
    whole = Sources(sources.code_point, (), sources.street_points, [tmp_path / "uprn.csv"], sources.places)
    report = build(path, whole)
    assert report.wards == 0
    assert report.levels["uprn"] == 2
    with Gazetteer.open(path) as held:
        assert set(held.entries.ward_gss_code[:]) == {""}
        points = held.entries.easting_m.tolist()
    reward(path, two_wards, "May 2027")
    with Gazetteer.open(path) as held:
        assert held.entries.easting_m.tolist() == points
        assert held.entries.ward_gss_code[rows(held, "The Rec")].tolist() == ["E05999001"]
        assert held.meta["ward_edition"] == "May 2027"
        assert held.districts.wards(0) == ["E05999001", "E05999002"]
        found = held.find_uprns(["010", "20", "30", "no", "9" * 13])
        assert found.ward_gss_code.tolist() == ["E05999001", "", "", "", ""]
    directly = build(tmp_path / "b.sqlite", whole, wards=two_wards)
    with Gazetteer.open(path) as held:
        assert held.meta["content_sha256"] == directly.content_sha256


def test_properties_are_found_by_number_whatever_its_zeros(tmp_path):
    path = tmp_path / "uprn.csv"
    path.write_text(
        "﻿UPRN,X_COORDINATE,Y_COORDINATE,LATITUDE,LONGITUDE\r\n1,400100.5,300500.25,52.5,-2\r\n1,5,5,1,1\r\n"
    )
    report = build(tmp_path / "g.sqlite", Sources(uprn=[path]))
    assert report.files[0].refused == {"it repeats what an earlier row gave": 1}
    assert report.files[0].kept == 1
    with Gazetteer.open(tmp_path / "g.sqlite") as held:
        found = held.find_uprns(["2", " 000000000001"])
        assert found.easting_m.tolist()[1:] == [400100.5]
        assert np.isnan(found.easting_m[0])
        assert len(held.entries) == len(held.postcodes) == len(held.sectors) == 0
        assert held.find("mill lane").tolist() == []


def test_open_names_merge_sections_into_their_road_and_take_its_extent(tmp_path, two_wards):
    def line(name, local, x, y, box, *, kind="transportNetwork", other="", place="Newmouth"):
        cells = ["osgb1", "http://id", name, "", other, "cym" if other else "", kind, local, x, y, 1, 2, *box,
                 "EX1", "http://d", place, "http://p", "http://t", "Exampleshire", "http://b", "http://t", "",
                 "", "", "North", "http://r", "England", "http://c", "", "", ""]  # fmt: skip
        return ",".join(map(str, cells))

    path = tmp_path / "SZ08.csv"
    path.write_text(
        "﻿"
        + "\n".join(
            (
                line("Sea Road", "Named Road", 400500, 300500, (400300, 300500, 400700, 300500)),
                line("Sea Road", "Section Of Named Road", 400650, 300500, (400600, 300500, 400900, 300500)),
                line("Sea Road", "Named Road", 403000, 300500, (402900, 300500, 403100, 300500), place="Far"),
                line("Heol y Môr", "Named Road", 401500, 300500, ("", "", "", ""), other="Sea View Road"),
                line(
                    "Newmouth",
                    "Town",
                    400500,
                    300500,
                    (399500, 299500, 401500, 301500),
                    kind="populatedPlace",
                    place="",
                ),
                line("EX1 1AA", "Postcode", 400500, 300500, ("", "", "", ""), kind="other"),
            )
        ),
        encoding="utf-8",
    )
    report = build(tmp_path / "g.sqlite", Sources(open_names=[path]), wards=two_wards)
    assert report.files[0].left_out == {"postcode, which Code-Point Open gives": 1}
    with Gazetteer.open(tmp_path / "g.sqlite") as held:
        near, far = rows(held, "Sea Road")
        entries = held.entries
        # both boxes: 400300 to 400900; the mean of their points is 400575, as near to one as to the other
        assert entries.easting_m[near] == 400500
        # 0.95 * 400 + 25
        assert entries.error_m[near] == 405
        # 0.95 * 100 + 25
        assert entries.error_m[far] == 120
        assert (entries.locality[near], entries.locality[far]) == ("Newmouth", "Far")
        assert rows(held, "Sea View Road") == rows(held, "Heol y Môr")
        (town,) = rows(held, "Newmouth")
        assert (entries.level[town], entries.kind[town]) == ("place", "town")


def test_a_local_name_lies_in_the_settlement_around_it(tmp_path):
    (tmp_path / "names.csv").write_text(
        "Name,Kind,X,Y\nNewmouth,town,400000,300000\nThe Shed,shop,401000,300000\nBarn,farm,409000,300000\n"
    )
    build(tmp_path / "g.sqlite", Sources(places=[tmp_path / "names.csv"]))
    with Gazetteer.open(tmp_path / "g.sqlite") as held:
        assert [held.entries.locality[rows(held, name)[0]] for name in ("The Shed", "Barn")] == [
            "Newmouth",
            "",
        ]


def test_opening_says_what_is_wrong_with_the_file(tmp_path, sources):
    path = tmp_path / "gazetteer.sqlite"
    with pytest.raises(NotFoundError, match="hotspots gazetteer build"):
        Gazetteer.open(path)
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="no gazetteer, or damaged"):
        Gazetteer.open(path)
    build(path, sources)
    whole = path.read_bytes()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="version 99"):
        Gazetteer.open(path)
    for length in (5_000, 20_000, len(whole) - 9_000):
        path.write_bytes(whole[:length])
        with pytest.raises(StoreError, match="damaged"):
            Gazetteer.open(path)


texts = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20)


@given(st.lists(texts), st.lists(st.floats(width=32) | st.integers(-5, 5)))
def test_columns_come_back_as_they_were_written(tmp_path_factory, words, numbers):
    path = tmp_path_factory.mktemp("columns") / "g.sqlite"
    connection = gazetteer_file.connect(path, is_new=True)
    writer = gazetteer_file.Writer(connection)
    writer.texts("words", words)
    writer.array("numbers", np.array(numbers, dtype=np.float64))
    writer.meta({"words": words})
    connection.close()
    connection = gazetteer_file.connect(path)
    read = gazetteer_file.Reader(connection, path)
    assert read.texts("words").tolist() == words
    assert np.array_equal(
        read.array("numbers", np.float64), np.array(numbers, dtype=np.float64), equal_nan=True
    )
    assert read.meta == {"words": words}
    connection.close()


def test_teesside_whole(tmp_path, real_data):
    wards = read_wards(sorted((real_data / "boundaries/wards_2025").glob("E0600000[1-4].geojson")))
    folder = real_data / "postcodes"
    sources = Sources(
        code_point=[folder / "codepoint_open_ts_2022.csv.gz", folder / "codepoint_open_pa_2022.csv.gz"],
        street_points=[folder / "teesside_street_anchor_points.csv.gz"],
    )
    report = build(tmp_path / "g.sqlite", sources, wards=wards, edition="2025")
    assert [one.rows for one in report.files] == [17_655, 9_452, 6_864]
    for one in report.files:
        assert one.rows == one.kept + one.refused.total() + one.left_out.total()
    assert report.files[2].refused == {"it has no name": 3}
    assert report.in_wards["postcode"] == 15_936
    assert report.levels["postcode without a point"] == 1
    with Gazetteer.open(tmp_path / "g.sqlite") as held:
        # three anchors, 557 and 424 m apart, are one road
        (linthorpe,) = rows(held, "Linthorpe Road")
        assert held.entries.borough[linthorpe] == "Middlesbrough"
        assert held.entries.postcode_district[linthorpe] in ("TS1", "TS5")
        assert len(rows(held, "High Street")) >= 10
        assert len(rows(held, "Parking Area")) > 100
        postcodes = held.postcodes
        assert np.isnan(postcodes.easting_m).sum() == 1
        # PA15 1AP is the middle of its sector, so it reaches as far as that
        row = postcodes.row_of("PA151AP")
        assert postcodes.quality[row] == 60
        assert postcodes.error_m[row] >= held.sectors.error_m[held.sectors.row_of("PA151")] - 0.1
        streets = held.entries.level[:] == "street"
        assert 85 < np.median(held.entries.error_m[streets]) < 130


def test_the_2014_spelling_of_postcodes_names_the_same_ones(tmp_path, real_data):
    folder = real_data / "postcodes"
    build(tmp_path / "old.sqlite", Sources(code_point=[folder / "codepoint_open_ts_2014.csv.gz"]))
    build(tmp_path / "new.sqlite", Sources(code_point=[folder / "codepoint_open_ts_2022.csv.gz"]))
    with Gazetteer.open(tmp_path / "old.sqlite") as old, Gazetteer.open(tmp_path / "new.sqlite") as new:
        both = np.intersect1d(old.postcodes.code, new.postcodes.code)
        assert len(both) > 15_000
        assert old.districts.code.tolist() == new.districts.code.tolist()
        assert {b"TS11AA", b"TS101AB"} <= set(both.tolist())
