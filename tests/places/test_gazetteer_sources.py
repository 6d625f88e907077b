"""The tables a gazetteer is built from, as they come and as they should not: every row is accounted for."""

import gzip
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import FileRefusedError
from mapping.places import gazetteer_rows, local_tables
from mapping.places.gazetteer import Gazetteer
from mapping.places.gazetteer_build import Sources, build
from mapping.places.gazetteer_drafts import FORMULA, LONG_NAME, NO_NAME, plain
from mapping.places.gazetteer_rows import OPEN_QUOTE, TOO_LONG, SourceFile, read_rows
from mapping.places.gazetteer_sources import (
    FEW_COLUMNS,
    NO_POSTCODE,
    NOT_A_NUMBER,
    OUTSIDE,
    REPEATED,
    Units,
    read_code_point,
)
from mapping.places.local_tables import SWAPPED, columns_of, what_is
from mapping.places.place_words import name_key


def unit(code, quality=10, x=400100, y=300500):
    return f'"{code}",{quality},{x},{y},"E92000001","","","","E06000001","E05999001"\n'


MANY = "".join(unit(f"EX{n // 100} {n // 10 % 10}A{'ABDEFGHJLN'[n % 10]}") for n in range(100, 200))


@pytest.fixture
def read(tmp_path):
    """Read bytes as Code-Point Open and return the postcodes and the account."""

    def go(content, name="cp.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        units, source = Units(), SourceFile("code_point", name)
        read_code_point(path, source, units)
        assert source.rows == source.kept + source.refused.total() + source.left_out.total()
        return units, source

    return go


@pytest.mark.parametrize(
    ("written", "code"),
    [("TS101AA", b"TS101AA"), ("TS1 1AA", b"TS11AA"), ("TS10 1AA", b"TS101AA"), ("M1  1AE", b"M11AE"),
     ("w1a 0ax", b"W1A0AX")],
)  # fmt: skip
def test_a_postcode_is_the_same_however_it_is_padded(read, written, code):
    units, _ = read(unit(written))
    assert list(units.rows) == [code]
    assert units.point_of(written.lower()) == (400100, 300500)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (unit("TS1 1AA", x="nan"), OUTSIDE),
        (unit("TS1 1AA", x="1e308"), OUTSIDE),
        (unit("TS1 1AA", y="-1.8e308"), OUTSIDE),
        (unit("TS1 1AA", x="here"), NOT_A_NUMBER),
        (unit("TS1 1AA", x=""), NOT_A_NUMBER),
        (unit("TS1 1AA", x=300500, y=1_400_000), OUTSIDE),
        (unit("TS1"), NO_POSTCODE),
        (unit("TS1 1A"), NO_POSTCODE),
        (unit(""), NO_POSTCODE),
        (unit("=1+1"), NO_POSTCODE),
        (unit("TS1 1AA", quality="good"), "its positional quality is none of Code-Point's"),
        (unit("TS1 1AA", quality=11), "its positional quality is none of Code-Point's"),
        (unit("EX1 0AA"), REPEATED),
        ("TS1 1AA,10\n", FEW_COLUMNS),
        ('"TS1 1AA,10,1,1\n', OPEN_QUOTE),
        (f"{'x' * 10_000_000},10,1,1\n", TOO_LONG),
    ],
    ids=range(16),
)
def test_a_bad_row_is_refused_with_its_reason_and_the_others_are_kept(read, row, reason):
    units, source = read(MANY + row + unit("TS1 1AB"))
    assert source.refused == {reason: 1}
    assert len(units.rows) == source.kept == 101


def test_quality_90_and_the_point_0_0_are_postcodes_without_a_point(read):
    units, source = read(unit("TS1 1AA", 90, 0, 0) + unit("TS1 1AB", 10, 0, 0) + unit("TS1 1AD", 90))
    assert source.kept == 3
    assert list(units.quality) == [90, 90, 90]
    assert [units.point_of(f"TS1 1A{last}") for last in "ABDE"] == [None] * 4


def test_headings_marks_line_ends_and_encodings_change_nothing(read):
    plainly, _ = read(MANY)
    for content in (
        b"\xef\xbb\xbf" + MANY.encode(),
        MANY.replace("\n", "\r\n").encode(),
        ("PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\n" + MANY).encode(),
        ("Postcode,Positional_quality_indicator,Eastings,Northings\r\n" + MANY + "\n\n").encode(),
        MANY.rstrip("\n").encode(),
        MANY.replace('"E06000001"', '"Ynys Môn"').encode("cp1252"),
    ):
        units, source = read(content)
        assert units.rows == plainly.rows
        assert not source.refused


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\r\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(500), "not a text table"),
        (MANY.encode("utf-16"), "not a text table"),
        (gzip.compress(MANY.encode(), mtime=0)[:-30], "damaged or stops early"),
        (gzip.compress(MANY.encode(), mtime=0)[:20], "damaged or stops early"),
        (b"\x1f\x8b nothing of the kind", "damaged or stops early"),
        (b"PK\x03\x04 nothing of the kind", "damaged or stops early"),
        (b"street_or_place,longitude,latitude\n" + b"Mill Lane,-1,54\n" * 2, "cannot be read as Code-Point"),
        (b"<html><body>Not found</body></html>\n" * 3, "cannot be read as Code-Point"),
        (gzip.compress(b" " * 60_000_000, mtime=0), "200 times its size"),
    ],
    ids=("empty", "blank", "png", "utf-16", "gzip cut short", "gzip cut shorter", "no gzip", "no zip",
         "other", "web page", "inflates"),
)  # fmt: skip
def test_a_file_that_is_something_else_is_refused_in_one_sentence(read, content, said):
    with pytest.raises(FileRefusedError, match=said) as refusal:
        read(content)
    assert len(refusal.value.problems) == 1
    assert "Mill Lane" not in str(refusal.value)


def test_a_strange_file_is_refused_before_it_is_read_to_its_end(tmp_path):
    path = tmp_path / "cp.csv"
    path.write_text("a,b,c\n" * 500_000)
    source = SourceFile("code_point", "cp.csv")
    with pytest.raises(FileRefusedError):
        read_code_point(path, source, Units())
    assert source.rows < 500_000


def test_folders_and_zips_are_read_as_they_are_shipped_without_their_notes(tmp_path):
    inside = tmp_path / "Data" / "CSV"
    inside.mkdir(parents=True)
    (inside / "ex.csv").write_text(unit("EX1 1AA"))
    with gzip.open(inside / "ey.csv.gz", "wt") as out:
        out.write(unit("EY1 1AA"))
    (tmp_path / "Doc").mkdir()
    (tmp_path / "Doc" / "Code-Point_Open_Column_Headers.csv").write_text("PC,PQ\n")
    (tmp_path / "readme.txt").write_text("Thank you")
    with zipfile.ZipFile(tmp_path / "codepo_gb.zip", "w") as archive:
        archive.writestr("Data/CSV/ez.csv", unit("EZ1 1AA"))
        archive.writestr("Data/CSV/fz.csv", unit("FZ1 1AA"))
        archive.writestr("Doc/Code-Point_Open_Column_Headers.csv", "PC,PQ\n")
        archive.writestr("Doc/licence.txt", "No charge")
    report = build(tmp_path / "g.sqlite", Sources(code_point=[tmp_path]))
    assert [one.name for one in report.files] == ["ex.csv", "ey.csv.gz", "codepo_gb.zip"]
    assert report.levels["postcode"] == 4
    assert all(len(one.sha256) == 64 for one in report.files)


def test_paths_with_nothing_to_read_are_refused(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with zipfile.ZipFile(tmp_path / "notes.zip", "w") as archive:
        archive.writestr("Doc/licence.txt", "No charge")
    for sources, said in (
        (Sources(), "name at least one"),
        (Sources(code_point=[empty]), "no .csv"),
        (Sources(code_point=[tmp_path / "gone.csv"]), "cannot be read: No such file"),
        (Sources(code_point=[tmp_path / "notes.zip"]), "holds no .csv"),
    ):
        with pytest.raises(FileRefusedError, match=said):
            build(tmp_path / "g.sqlite", sources)


def test_a_damaged_member_of_a_zip_is_refused(tmp_path):
    path = tmp_path / "codepo_gb.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ez.csv", MANY)
    path.write_bytes(path.read_bytes().replace(b"EX1 0AB", b"EX9 9ZZ"))
    with pytest.raises(FileRefusedError, match="damaged"):
        build(tmp_path / "g.sqlite", Sources(code_point=[path]))


def test_easting_and_northing_the_wrong_way_round_are_told_by_the_wards(tmp_path, two_wards):
    path = tmp_path / "cp.csv"
    path.write_text("".join(unit(f"EX1 {n}AA", x=300500, y=400100 + 10 * n) for n in range(10)))
    with pytest.raises(FileRefusedError, match="change places"):
        build(tmp_path / "g.sqlite", Sources(code_point=[path]), wards=two_wards)
    # without wards it may be so, and postcodes of another place are no fault
    assert build(tmp_path / "g.sqlite", Sources(code_point=[path])).levels["postcode"] == 10
    path.write_text("".join(unit(f"EX1 {n}AA", x=200500, y=600100) for n in range(10)))
    assert build(tmp_path / "g.sqlite", Sources(code_point=[path]), wards=two_wards).in_wards["postcode"] == 0


# --- tables with a heading -----------------------------------------------------------------------


def built(tmp_path, kind, text, encoding="utf-8"):
    path = tmp_path / f"{kind}.csv"
    path.write_bytes(text.encode(encoding))
    report = build(tmp_path / "g.sqlite", Sources(**{kind: [path]}))
    (source,) = report.files
    assert source.rows == source.kept + source.refused.total() + source.left_out.total()
    return source


GOOD = "".join(f"Road {n},-1.2,54.5\n" for n in range(20))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Mill Lane,54.5,-1.2\n", SWAPPED),
        ("Mill Lane,5,54\n", OUTSIDE),
        ("Mill Lane,nan,54.5\n", OUTSIDE),
        ("Mill Lane,1e308,54.5\n", OUTSIDE),
        ("Mill Lane,x,54.5\n", "its longitude or latitude is no number"),
        ("Mill Lane,,\n", local_tables.NO_POINT_SAID),
        ("Mill Lane\n", local_tables.NO_POINT_SAID),
        (",-1.2,54.5\n", NO_NAME),
        ("On or near ,-1.2,54.5\n", NO_NAME),
        ("=HYPERLINK(0),-1.2,54.5\n", FORMULA),
        ("@SUM(1),-1.2,54.5\n", FORMULA),
        ("+44,-1.2,54.5\n", FORMULA),
        (f"{'a' * 121},-1.2,54.5\n", LONG_NAME),
    ],
)  # fmt: skip
def test_a_bad_anchor_point_is_refused_with_its_reason(tmp_path, row, reason):
    source = built(tmp_path, "street_points", f"street_or_place,longitude,latitude\n{GOOD}{row}")
    assert source.refused == {reason: 1}
    assert source.kept == 20


def test_anchor_points_are_named_without_the_words_of_police_uk(tmp_path):
    built(tmp_path, "street_points", "Location,Longitude,Latitude\nOn or near Mill Lane,-1.2,54.5\n")
    with Gazetteer.open(tmp_path / "g.sqlite") as held:
        assert held.entries.name.tolist() == ["Mill Lane"]


def test_the_heading_of_local_names_is_read_in_many_wordings(tmp_path):
    for heading in (
        "name,kind,easting,northing,extent_m,aliases",
        "Name, Type ,Easting (m),NORTHING_M,Extent m,Also known as",
        "\ufeffPlace Name,Category,X,Y,Radius,Aliases",
    ):
        source = built(
            tmp_path, "places", f"{heading}\r\nThe Rec,Park,400000,300000,80 m,Field|=x|Rec Ground\r\n"
        )
        assert (source.kept, source.left_out) == (1, {"heading": 1})
        with Gazetteer.open(tmp_path / "g.sqlite") as held:
            assert held.find(name_key("Rec Ground")).tolist() == held.find(name_key("Field")).tolist() == [0]
            assert len(held.keys) == 3  # a formula is no name
            assert held.entries.kind[0] == "park"
            assert held.entries.error_m[0] == 80


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A,,400000,300000,,0,", local_tables.BAD_EXTENT),
        ("A,,400000,300000,,nan,", local_tables.BAD_EXTENT),
        ("A,,400000,300000,,wide,", local_tables.BAD_EXTENT),
        ("A,,400000,300000,,1e6,", local_tables.BAD_EXTENT),
        ("A,,,,TS1 1AA,,", local_tables.UNKNOWN_POSTCODE),
        ("A,,400000,,,,", local_tables.NO_POINT_SAID),
        ("A,,-5,300000,,,", OUTSIDE),
    ],
)
def test_a_bad_local_name_is_refused_with_its_reason(tmp_path, row, reason):
    heading = "name,kind,easting,northing,postcode,extent_m,aliases"
    text = f"{heading}\nB,,400000,300000,,,\nC,,400000,300000,,,\n{row}\n"
    source = built(tmp_path, "places", text)
    assert source.refused == {reason: 1}
    assert source.kept == 2


def test_names_in_windows_1252_are_read(tmp_path):
    built(tmp_path, "places", "name,easting,northing\nCafé Müller,400000,300000\n", "cp1252")
    with Gazetteer.open(tmp_path / "g.sqlite") as held:
        assert held.entries.name.tolist() == ["Café Müller"]


def test_a_heading_without_a_name_or_a_point_says_what_is_needed(tmp_path):
    for heading in ("kind,easting,northing", "name,kind,easting", "TS1 1AA,10,400000,300000"):
        with pytest.raises(FileRefusedError, match="first row must name its columns: name, kind, easting"):
            built(tmp_path, "places", f"{heading}\nA,b,1,2\n")


def test_words_say_what_a_name_on_a_map_is():
    said = {
        "Parking Area": ("place", "generic"), "Sports/Recreation Area": ("place", "generic"),
        "Hospital": ("place", "generic"), "James Cook Hospital": ("place", "hospital"),
        "Belle Vue Shops": ("place", "shops"), "Albert Park": ("place", "park"),
        "Park Road": ("street", "street"), "The Farm Lane": ("street", "street"),
        "Hilltopark": ("street", "street"),
        "A1085": ("street", "street"), "Cleveland Retail Park": ("place", "shops"),
    }  # fmt: skip
    assert {name: what_is(name_key(name), name) for name in said} == said


def test_the_first_of_several_columns_that_fit_is_taken():
    assert columns_of(["X", "Name", "Easting", "Northing", "Records Jan-Sep"]) == {
        "name": 1, "easting": 2, "northing": 3, "count": 4
    }  # fmt: skip


@given(st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=5), max_size=10), st.binary(max_size=200))
def test_any_bytes_are_accounted_for_or_refused_as_a_whole(tmp_path_factory, table, tail):
    path = tmp_path_factory.mktemp("any") / "cp.csv"
    path.write_bytes("\n".join(",".join(row) for row in table).encode("utf-8", "replace") + b"\n" + tail)
    source = SourceFile("code_point", "cp.csv")
    try:
        given_rows = sum(1 for _ in read_rows(path, source))
    except FileRefusedError as refusal:
        assert len(refusal.problems) == 1
    else:
        assert source.rows == given_rows + source.refused.total()


@given(st.text(max_size=40))
def test_a_cleaned_name_is_one_line_and_clean(text):
    cleaned = plain(text)
    assert cleaned.isprintable()
    assert cleaned == plain(cleaned) == cleaned.strip()


def test_lines_are_cut_alike_wherever_a_chunk_ends(tmp_path, monkeypatch):
    path = tmp_path / "cp.csv"
    path.write_text(f"a,b\nc,d\r\n{'x' * 300}\n\ne,f")
    monkeypatch.setattr(gazetteer_rows, "LONGEST_LINE", 200)
    for size in (1, 2, 3, 7, 100, 1000):
        monkeypatch.setattr(gazetteer_rows, "_CHUNK", size)
        source = SourceFile("any", "cp.csv")
        assert list(read_rows(path, source)) == [["a", "b"], ["c", "d"], ["e", "f"]]
        assert (source.rows, source.refused) == (4, {TOO_LONG: 1})
