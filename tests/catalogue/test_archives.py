"""Archives: BAD 73 and 76."""

import gzip
import io
import stat
import struct
import warnings
import zipfile
import zlib

import pytest

from .doors import held, measured, refuse_measured
from .files import cells_of, log, ods, ods_rows, packed, rows, xlsx, xml_rows

LAYOUT = "warden-log"
ONE, TWO = log({}), log({"reference": "Z1"})
GOOD = xml_rows(cells_of(LAYOUT, rows(LAYOUT, {}, {})))
ODS = ods_rows(cells_of(LAYOUT, rows(LAYOUT, {})))
RATIO, UNFOLDED = "more than 200 times its size", "repeat more text than a table holds"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def zipped(*members: tuple[object, object], method: int = zipfile.ZIP_DEFLATED) -> bytearray:
    """Write a ZIP of members, which may share a name."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, content in members:
            archive.writestr(name, content)
    return bytearray(out.getvalue())


def shared_text(length: int, rows_: int) -> bytes:
    """Write a workbook in which every cell of many rows is one long text, held once."""
    text = "".join(chr(97 + k * k % 26) for k in range(length))
    cells = "".join("<row>" + '<c t="s"><v>0</v></c>' * 11 + "</row>" for _ in range(rows_))
    part = f'<sst xmlns="{MAIN}"><si><t>{text}</t></si></sst>'.encode()
    return xlsx(GOOD + cells, extra={"xl/sharedStrings.xml": part})


def overlapping(entries: int) -> bytes:
    """Write a ZIP whose table of contents names one member under many names."""
    whole = bytes(zipped(("a.csv", b"x" * 5_000_000)))
    start, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    listed = b"".join(whole[start:end].replace(b"a.csv", b"%05d" % number) for number in range(entries))
    tail = bytearray(whole[end:])
    tail[8:12], tail[12:16] = struct.pack("<HH", entries, entries), struct.pack("<I", len(listed))
    return whole[:start] + listed + bytes(tail)


def liar(declared: int) -> bytes:
    """Write a ZIP of 300 MB that declares less."""
    archive = zipped(("a.csv", b"a" * 300_000_000))
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = archive.index(mark) + place
        archive[at : at + 4] = struct.pack("<I", declared)
    return bytes(archive)


def repeated(text: str, rows_: int, columns: int = 11) -> bytes:
    """Write an ODS whose last cell is repeated."""
    return ods(
        f'{ODS}<table:table-row table:number-rows-repeated="{rows_}"><table:table-cell '
        f'table:number-columns-repeated="{columns}" office:value-type="string"><text:p>{text}</text:p>'
        "</table:table-cell></table:table-row>"
    )


BOMBS = {
    "declared.zip": (lambda: bytes(zipped(("a.csv", b" " * 50_000_000))), RATIO),
    "many_small.zip": (lambda: packed({f"{k}.csv": b" " * 900_000 for k in range(500)}), RATIO),
    "liar.zip": (lambda: liar(1000), "damaged"),
    "overlapping.zip": (lambda: overlapping(300), RATIO),
    "members.zip": (lambda: packed({f"{k}.csv": ONE for k in range(2500)}), "2,500 members; at most 2,000"),
    "bomb.csv.gz": (lambda: gzip.compress(b"a,b\n" * 20_000_000), RATIO),
    "long.csv.gz": (lambda: gzip.compress(b"a" * 300_000_000, 1), "more than 2"),
    "part.xlsx": (lambda: xlsx(GOOD, extra={"xl/media/x.xml": b" " * 100_000_000}), RATIO),
    "one_shared_text.xlsx": (lambda: shared_text(32_000, 2000), UNFOLDED),
    "longer_shared_text.xlsx": (lambda: shared_text(300_000, 500), UNFOLDED),
    "capitals.xlsx": (lambda: capitals(shared_text(32_000, 2000)), UNFOLDED),
    "repeated.ods": (lambda: repeated("xyzzy" * 6000, 5000), UNFOLDED),
    "repeated_wide.ods": (lambda: repeated("x", 1_048_576, 1024), "spread over too large an area"),
    "spaces.ods": (lambda: ods(ODS.replace("Canary Lane", '<text:s text:c="999999999"/>')), UNFOLDED),
    "attribute.ods": (
        lambda: ods(
            f'{ODS}<table:table-row table:number-rows-repeated="400000"><table:table-cell '
            f'office:value-type="string" office:string-value="{"z" * 5000}"/></table:table-row>'
        ),
        UNFOLDED,
    ),
}


def capitals(content: bytes) -> bytes:
    """Write the part of shared texts in capitals, which the workbook library does not mind."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return packed({name.replace("sharedStrings.xml", "SHAREDSTRINGS.XML"): archive.read(name)
                       for name in archive.namelist()})  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bad_73_what_was_made_to_fill_the_memory_is_refused_before_it_does(command, write, name):
    make, said = BOMBS[name]
    refused = refuse_measured(command, LAYOUT, write(name, make()))
    assert said in refused.stderr
    assert refused.peak_mb < 400 and refused.seconds < 10


def test_bad_73_blank_cells_repeated_over_the_whole_sheet_are_nothing(command, write):
    blank = ('<table:table-row table:number-rows-repeated="1048575"><table:table-cell '
             'table:number-columns-repeated="16384"/></table:table-row>')  # fmt: skip
    assert measured(command, "import", LAYOUT, write("blank.ods", ods(ODS + blank))).peak_mb < 250
    assert len(held(command.url)) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("nested.zip", packed({"in.zip": packed({"a.csv": ONE})})),
        ("nested_gzip.zip", packed({"a.csv.gz": gzip.compress(ONE.encode())})),
        ("nested_deep.zip", packed({"a.csv": packed({"a.csv": packed({"a.csv": ONE})})})),
    ],
)
def test_bad_73_an_archive_inside_an_archive_is_not_opened(door, write, name, content):
    assert "An archive inside an archive is not opened" in door.refuse(LAYOUT, write(name, content))


def test_bad_73_a_gzip_inside_a_gzip_is_not_opened(door, write):
    twice = gzip.compress(gzip.compress(ONE.encode()))
    assert "no plain text" in door.refuse(LAYOUT, write("twice.csv.gz", twice))


def test_bad_76_a_plain_zip_is_read(door, write):
    members = {
        "a.csv": ONE,
        "b/c.csv": TWO,
        "d/": "",
        "__MACOSX/._a.csv": "x",
        ".DS_Store": "x",
        "a..b.csv": log({"reference": "Z2"}),
    }
    outcome = door.take(LAYOUT, write("log.csv", log({"reference": "Z9"})))
    assert outcome.told == {"new": 1}
    assert told_of_members(door, write("plain.zip", packed(members))) == {"new": 3}


def told_of_members(door, path):
    """Import an archive of several members and return what became of their rows."""
    if door.name == "command":
        outcome = door.take(LAYOUT, path)  # one import and one line in the log for each
        assert outcome.files == 3
        return outcome.told
    answer = door.post(LAYOUT, path.read_bytes(), path.name)
    assert answer.status_code == 302
    job = door.browser.send(answer.location, f"{answer.location}/confirm", {}).location
    assert "The file was imported" in door.browser.get(job).text
    return {"new": sum(report.reference in ("W1", "Z1", "Z2") for report in held(door.url))}


def linked(target: str) -> bytes:
    """Write a ZIP that holds a symbolic link."""
    info = zipfile.ZipInfo("a.csv")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return bytes(zipped((info, target), ("b.csv", ONE)))


def damaged() -> bytes:
    """Write a ZIP of which one byte changed on the way."""
    archive = zipped(("a.csv", ONE), method=zipfile.ZIP_STORED)
    archive[archive.index(b"Canary")] ^= 1
    return bytes(archive)


def wrong_sum() -> bytes:
    """Write a ZIP that states another checksum."""
    archive = zipped(("a.csv", ONE))
    for mark, place in ((b"PK\x01\x02", 16), (b"PK\x03\x04", 14)):
        at = archive.index(mark) + place
        archive[at : at + 4] = struct.pack("<I", zlib.crc32(b"another"))
    return bytes(archive)


def encrypted() -> bytes:
    """Write a ZIP whose members are said to be encrypted."""
    archive = zipped(("a.csv", ONE))
    archive[archive.index(b"PK\x03\x04") + 6] |= 1
    archive[archive.index(b"PK\x01\x02") + 8] |= 1
    return bytes(archive)


OUTSIDE = "member names that lead outside it or hold control characters"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        *[
            (bytes(zipped((name, ONE))), OUTSIDE)
            for name in (
                "../a.csv",
                "/etc/a.csv",
                "C:\\a.csv",
                "..\\a.csv",
                "x/../../a.csv",
                "\\\\host\\a.csv",
                "a\r\nb.csv",
                "\x1b[31m.csv",
                "..",
            )
        ],
        (linked("/etc/passwd"), "links instead of files"),
        (linked("b.csv"), "links instead of files"),
        (bytes(zipped(("a.csv", ONE), ("a.csv", TWO))), "names that come twice"),
        (damaged(), "checksum or compression does not hold"),
        (wrong_sum(), "checksum or compression does not hold"),
        (encrypted(), "encrypted"),
        (bytes(zipped(("a.csv", ONE), method=zipfile.ZIP_BZIP2)), "compression that is not read here"),
        (bytes(zipped(("a.csv", ONE), method=zipfile.ZIP_LZMA)), "compression that is not read here"),
        (bytes(zipped(("a.csv", ONE * 50)))[:-40], "damaged or cut short"),
        (b"PK\x03\x04 cut", "damaged or cut short"),
        (packed({}), "no table"),
        (packed({"d/": ""}), "no table"),
        (packed({"a.csv": ONE, "b.png": b"\x89PNG\r\n\x1a\n"}), "PNG picture"),
        (packed({"a.csv": ONE, "b.csv": "x,y\n1,2\n"}), "needs the columns"),
        (packed({"a.csv": ONE, "b.csv": ""}), "empty"),
    ],
    ids=range(24),
)
def test_bad_76_an_unsafe_or_damaged_zip_is_refused_whole_and_makes_no_file(
    door, write, tmp_path, content, said
):
    path = write("unsafe.zip", content)
    before = {found for found in tmp_path.rglob("*") if "store" not in found.parts}
    assert said in door.refuse(LAYOUT, path)
    assert {found for found in tmp_path.rglob("*") if "store" not in found.parts} == before


@pytest.mark.parametrize("cut", [20, 60])
def test_bad_76_a_gzip_cut_short_or_damaged_is_refused(door, write, cut):
    whole = gzip.compress((ONE * 50).encode())
    assert "damaged or cut short" in door.refuse(LAYOUT, write("cut.csv.gz", whole[:-cut]))
    turned = bytearray(whole)
    turned[-6] ^= 1
    assert "damaged or cut short" in door.refuse(LAYOUT, write("turned.csv.gz", bytes(turned)))


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>.csv", "=cmd().csv", "n" * 300 + ".csv", "a\u202evsc.exe"]
)
def test_bad_76_what_a_member_is_called_is_shown_as_text(site, write, name):
    content = packed({name: log({"occurred_at": "31/02/2025"}, {})})
    outcome = site.take(LAYOUT, write("named.zip", content))
    assert outcome.told == {"new": 1, "rejected": 1}
    assert "<script>alert" not in outcome.pages["preview"] + outcome.pages["result"]
    assert not outcome.pages["row issues"].splitlines()[1].startswith(("=", "+", "-", "@"))
    assert all(len(issue["file"]) <= 140 for issue in outcome.issues)
