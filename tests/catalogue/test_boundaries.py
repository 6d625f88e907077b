"""Ward files: BAD 77 to 80."""

import gzip
import io
import json
import math
import time
import zipfile
from collections import Counter

import pytest

from .doors import LONGEST_SECONDS, MOST_MB, measured, new_events, xfail
from .files import collection, feature, log, packed, square, street

CORNERS = [[450_000, 520_000], [451_000, 520_000], [451_000, 521_000], [450_000, 521_000], [450_000, 520_000]]
BETA = square("E05000002", "Beta", 451_000, 520_000, 452_000, 521_000)
SCRIPT = "<script>alert(1)</script>${x}{{7*7}}`"


def alpha(
    ring: list[list[object]] = CORNERS, code: object = "E05000001", name: object = "Alpha"
) -> dict[str, object]:
    """Return a ward of one ring."""
    return feature(code, name, {"type": "Polygon", "coordinates": [ring]})


class Wards:
    """`hotspots boundaries add`, with what must hold of any ward file."""

    def __init__(self, command, folder):
        self.command, self.folder = command, folder

    def send(self, content, name="wards.geojson"):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        started = time.monotonic()
        done = self.command.run("boundaries", "add", path, "--edition", "New", "--json")
        assert time.monotonic() - started < LONGEST_SECONDS
        assert done.exit_code in (0, 3), done.output
        assert str(self.folder) not in done.output
        return done

    def refuse(self, content, name="wards.geojson"):
        """Send a file that must be refused; return what is said."""
        before = self.editions()
        done = self.send(content, name)
        assert done.exit_code == 3, done.output
        assert self.editions() == before
        assert len(done.stderr) < 3000
        return done.stderr

    def add(self, content, name="wards.geojson"):
        """Send a file that is kept; return its messages."""
        done = self.send(content, name)
        assert done.exit_code == 0, done.stderr
        return " ".join(json.loads(done.stdout)["messages"])

    def editions(self):
        """Return the names of the editions held."""
        listed = json.loads(self.command.run("boundaries", "list", "--json").stdout)
        return [edition["name"] for edition in listed["editions"]]


@pytest.fixture
def wards(command, tmp_path):
    folder = tmp_path / "wards"
    folder.mkdir()
    return Wards(command, folder)


UNFIT = {
    "bow-tie": (alpha([CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3], CORNERS[0]]), "crosses itself"),
    "unclosed": (alpha(CORNERS[:-1]), "is not closed"),
    "null": (feature("E05000001", "Alpha", None), "it has no outline"),
    "point": (
        feature("E05000001", "Alpha", {"type": "Point", "coordinates": CORNERS[0]}),
        "it is a Point, not an area",
    ),
    "line": (feature("E05000001", "Alpha", {"type": "LineString", "coordinates": CORNERS}), "not an area"),
    "empty": (feature("E05000001", "Alpha", {"type": "Polygon", "coordinates": []}), "has no area"),
    "two points": (alpha([CORNERS[0], CORNERS[1], CORNERS[0]]), "is invalid"),
    "one point": (alpha([CORNERS[0]]), "cannot be read"),
    "no point": (alpha([]), "not numbers"),
    "flat": (alpha([CORNERS[0], CORNERS[1], CORNERS[1], CORNERS[0], CORNERS[0]]), "is invalid"),
    "spike": (alpha([*CORNERS[:2], [460_000, 520_000], *CORNERS[1:]]), "crosses itself"),
    "hole outside": (
        feature(
            "E05000001",
            "Alpha",
            {"type": "Polygon", "coordinates": [CORNERS, [[x + 9000, y] for x, y in CORNERS]]},
        ),
        "hole lies outside shell",
    ),
}


@pytest.mark.parametrize("name", UNFIT)
def test_bad_77_an_unfit_outline_is_refused_naming_the_ward(wards, name):
    shape, said = UNFIT[name]
    answer = wards.refuse(collection(shape, BETA))
    assert "Ward E05000001: " in answer and said in answer
    assert "E05000002" not in answer


@pytest.mark.parametrize(
    ("features", "said"),
    [
        (
            (alpha(), alpha(BETA["geometry"]["coordinates"][0], name="Beta")),
            "Ward E05000001: its code comes 2 times",
        ),
        ((alpha(), alpha(code=None)), "Ward number 2: it has no code"),
        ((alpha(), alpha(code="  ")), "Ward number 2: it has no code"),
        ((alpha(code="../E05"),), "Ward number 1: its code holds more than letters"),
        ((alpha(code=SCRIPT),), "Ward number 1: its code holds more than letters"),
        ((alpha(code=["E05000001"]),), "Ward number 1: its code holds more than letters"),
        ((feature(None, None, None), alpha(CORNERS[:-1]), alpha(code="")), "Ward number 1: it has no code"),
    ],
    ids=["twice", "missing", "blank", "path", "script", "list", "all at once"],
)
def test_bad_77_a_missing_or_repeated_code_is_refused(wards, features, said):
    answer = wards.refuse(collection(*features))
    assert said in answer
    assert "<script>" not in answer


def test_bad_77_a_thousand_unfit_wards_are_told_in_a_few_lines(wards):
    answer = wards.refuse(collection(*[alpha(CORNERS[:-1], f"E0500{k:04d}") for k in range(1000)]))
    assert "And 980 more." in answer


def test_bad_78_an_overlap_is_refused_naming_both(wards):
    over = square("E05000002", "Beta", 450_500, 520_000, 451_500, 521_000)
    assert "E05000001 and E05000002 overlap" in wards.refuse(collection(alpha(), over))


def test_bad_78_a_gap_is_said_and_what_lies_in_it_is_counted_as_outside(wards, write):
    ring = [[x, y + 1000] for x, y in CORNERS]
    hole = [
        [450_400, 521_400],
        [450_400, 521_600],
        [450_600, 521_600],
        [450_600, 521_400],
        [450_400, 521_400],
    ]
    holed = feature("E05000003", "Gamma", {"type": "Polygon", "coordinates": [ring, hole]})
    assert "1 gaps between the wards (40,000 m2 in all)" in wards.add(collection(alpha(), holed))
    content = log({}, {"easting": 450_500, "northing": 521_500}, {"easting": 450_300, "northing": 521_300})
    outcome = wards.command.take("warden-log", write("gap.csv", content))
    assert [report.placement for report in outcome.reports] == ["in ward", "outside", "in ward"]


def test_bad_78_the_wards_of_another_borough_place_nothing_and_totals_reconcile(wards, write):
    wards.add(collection(square("E05000009", "Elsewhere", 300_000, 300_000, 301_000, 301_000)))
    outcome = wards.command.take("warden-log", write("elsewhere.csv", log({}, {}, {"easting": ""})))
    assert Counter(report.placement for report in outcome.reports) == {"outside": 2, "unlocated": 1}
    assert [reason for _, _, reason in outcome.flagged][:2] == ["lies outside the expected area"] * 2
    assert len(outcome.incidents) == 3


def test_bad_78_a_ward_far_from_all_others_is_said(wards):
    elsewhere = square("E05000009", "Elsewhere", 300_000, 300_000, 301_000, 301_000)
    said = wards.add(collection(alpha(), BETA, elsewhere))
    assert "1 ward lies more than 20 km from all others (E05000009); if of another borough" in said


def test_bad_78_swapped_axes_are_refused(wards):
    assert "axes are swapped" in wards.refuse(
        collection(square("E1", "A", 54.56, -1.24, 54.57, -1.22), crs="")
    )
    north = [
        [y, x]
        for x, y in ((450_000, 1_000_000), (451_000, 1_000_000), (451_000, 1_001_000), (450_000, 1_000_000))
    ]
    assert "axes are swapped" in wards.refuse(collection(alpha(north), crs=""))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (collection(alpha(), crs=""), "It names no coordinate system; its numbers were read as EPSG:27700."),
        (collection(alpha(), crs="EPSG:4326"), "It says EPSG:4326 but its numbers are EPSG:27700"),
        (
            collection(square("E1", "A", -1.24, 54.56, -1.22, 54.57), crs="EPSG:27700"),
            "but its numbers are EPSG:4326",
        ),
    ],
)
def test_bad_78_metres_without_their_system_are_read_as_what_they_are_and_said(wards, content, said):
    assert said in wards.add(content)


@pytest.mark.parametrize("crs", ["EPSG:3857", "", "EPSG:99999999999999", "urn:ogc:def:crs:EPSG::29902"])
def test_bad_78_another_system_is_refused(wards, crs):
    far = collection(square("E1", "A", -136_000, 7_280_000, -135_000, 7_281_000), crs=crs)
    answer = wards.refuse(far)
    assert "coordinate system" in answer or "save it in EPSG:27700" in answer


def test_bad_79_a_new_edition_is_dated_and_the_old_one_stays(wards, write):
    command = wards.command
    command.take("police-uk", write("street.csv", street({}, {})))
    assert wards.editions() == ["May 2025"]
    wards.add(collection(alpha(code="E05015468"), BETA))
    listed = json.loads(command.run("boundaries", "list", "--json").stdout)["editions"]
    assert [edition["name"] for edition in listed] == ["New", "May 2025"]
    assert all(edition["added_at"] for edition in listed)
    assert {line["ward_gss_code"] for line in command.incidents()} == {"E05015468"}
    again = command.take("police-uk", write("again.csv", street({}, {})))
    assert again.told == {"unchanged": 2}  # a report is the same in whatever ward it lies


def test_bad_79_the_name_of_an_edition_is_used_once(wards):
    wards.add(collection(alpha()))
    assert wards.send(collection(alpha(), BETA)).exit_code == 3
    assert wards.editions().count("New") == 1


DEEP = 100_000
ODD = {
    "deep features": '{"type":"FeatureCollection","features":' + "[" * DEEP + "]" * DEEP + "}",
    "deep coordinates": collection(feature("E1", "A", {"type": "Polygon", "coordinates": "@"})).replace(
        '"@"', "[" * 5000 + "]" * 5000
    ),
    "deep objects": '{"type":"Topology","objects":' + '{"a":' * 3000 + "1" + "}" * 3000 + "}",
    "NaN": collection(alpha([[float("nan"), 1], *CORNERS[1:]])),
    "Infinity": collection(alpha([[450_000, math.inf], *CORNERS[1:]])),
    "1e999": collection(alpha()).replace("450000", "1e999"),
    "400 digits": collection(alpha()).replace("450000", "1" + "0" * 400),
    "5000 digits": collection(alpha()).replace("450000", "9" * 5000),
    "texts": collection(alpha([[str(x), str(y)] for x, y in CORNERS])),
    "truths": collection(alpha([[True, False], *CORNERS[1:]])),
    "one number": collection(alpha([[450_000], *CORNERS[1:]])),
    "array": "[]",
    "text": '"x"',
    "half": "{",
    "nothing": "",
    "blank": " \n",
    "null features": '{"type":"FeatureCollection","features":[null, 1, "x", [], {}]}',
    "features no list": '{"type":"FeatureCollection","features":{}}',
    "no features": collection(),
    "odd types": collection(
        feature("E1", "A", {"type": ["x"], "coordinates": {}}),
        feature("E2", "B", {"type": 5}),
        feature("E3", "C", "Polygon"),
    ),
    "properties": '{"type":"FeatureCollection","features":[{"type":"Feature","properties":["x"],'
    '"geometry":null}]}',
    "topology of nothing": '{"type":"Topology","objects":{"a":{"type":"GeometryCollection","geometries":'
    '[{"type":"Polygon","arcs":[[0]]}]}},"arcs":[]}',
    "page": "<html><script>alert(1)</script></html>",
    "table": "a,b\n1,2\n",
}


@pytest.mark.parametrize("name", ODD)
def test_bad_80_odd_json_is_refused_and_never_a_fault(wards, name):
    answer = wards.refuse(ODD[name])
    assert "<script>" not in answer


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("picture.geojson", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100),
        ("broken.gpkg", b"SQLite format 3\x00" + b"\x00" * 5000),
        ("broken.shp", b"\x00\x00\x27\x0a" + b"\x00" * 200),
        ("utf16.geojson", collection(alpha()).encode("utf-16")),
        ("broken.zip", b"PK\x03\x04" + b"x" * 200),
        ("two.zip", packed({"a.geojson": "{}", "b.geojson": "{}"})),
        ("none.zip", packed({"readme.txt": "x"})),
        ("half.shp.zip", packed({"a.shp": b"\x00\x00\x27\x0a"})),
        ("cut.geojson.gz", gzip.compress(collection(alpha()).encode())[:-9]),
    ],
)
def test_bad_80_a_damaged_file_is_refused_without_naming_files_of_this_machine(wards, name, content):
    answer = wards.refuse(content, name)
    assert "/tmp" not in answer and "Warning" not in answer


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.geojson.gz"])
def test_bad_80_a_bomb_is_refused_before_it_fills_the_memory(wards, name):
    blanks = b"{" + b" " * 400_000_000
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("wards.geojson", blanks)
    path = wards.folder / name
    path.write_bytes(out.getvalue() if name.endswith("zip") else gzip.compress(blanks, 1))
    refused = measured(wards.command, "boundaries", "add", path, "--edition", "New")
    assert refused.exit_code == 3 and "most read here" in refused.stderr
    assert refused.peak_mb < MOST_MB / 2


def test_bad_80_keys_that_come_twice_or_name_an_objects_insides_do_no_harm(wards, write):
    twice = collection(alpha()).replace(
        '"WD25CD"', '"WD25CD": "X", "__proto__": {"a": 1}, "constructor": 1, "WD25CD"'
    )
    wards.add(twice)
    outcome = wards.command.take("warden-log", write("log.csv", log({})))
    assert outcome.reports[0].ward_gss_code == "E05000001"


@pytest.mark.parametrize(
    "name",
    [SCRIPT, "n" * 1_000_000, {"a": 1}, "a\x00b", "\ud800", "\u202eAlpha", 5, None, "=1+1"],
    ids=range(9),
)
def test_bad_80_a_ward_may_be_called_anything(wards, write, name):
    wards.add(collection(alpha(name=name)))
    assert wards.command.take("warden-log", write("log.csv", log({}))).told == {"new": 1}


def test_bad_80_twelve_thousand_vertices_are_quick(wards, write):
    turns = [k / 12_000 * 2 * math.pi for k in range(12_000)]
    ring = [[450_500 + 500 * math.cos(turn), 520_500 + 500 * math.sin(turn)] for turn in turns]
    started = time.monotonic()
    wards.add(collection(alpha([*ring, ring[0]])))
    outcome = wards.command.take("warden-log", write("log.csv", log(*[{}] * 500)))
    assert outcome.told == {"new": 500}
    assert time.monotonic() - started < 5


def test_bad_80_a_path_inside_a_zip_leads_nowhere(wards, tmp_path):
    wards.add(packed({"../../evil.geojson": collection(alpha())}), "path.zip")
    assert not list(tmp_path.parent.rglob("evil.geojson"))


@xfail("store_run.add_boundaries: a refused ward file leaves no line in the log (a refused import does)")
def test_bad_77_a_refused_ward_file_is_in_the_log(wards):
    wards.refuse(collection(alpha(CORNERS[:-1])))
    assert any("edition" in line.kind or "boundar" in line.kind for line in new_events(wards.command.url, 2))
