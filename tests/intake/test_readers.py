import gzip
import hashlib
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.errors import FileRefusedError
from mapping.intake.limits import Limits
from mapping.intake.readers import is_skipped, read_rows, shown

TABLE = "a,b,c\n1,2,3\n"


def only(path, **options):
    (table,) = list(read_rows(path, **options))
    return table.columns, list(table.rows)


@pytest.mark.parametrize("name", ["table.csv", "table.CSV", "table.txt", "table", "upload-17"])
def test_plain_text_is_read_whatever_it_is_called(write, name):
    assert only(write(name, TABLE)) == (["a", "b", "c"], [["1", "2", "3"]])


def test_gzip_reads_like_the_plain_file_and_both_digests_are_told(write):
    packed = gzip.compress(TABLE.encode(), mtime=0)
    (table,) = read_rows(write("table.csv.gz", packed))
    assert table.file_sha256 == hashlib.sha256(packed).hexdigest()
    assert table.content_sha256 == hashlib.sha256(TABLE.encode()).hexdigest()
    assert list(table.rows) == [["1", "2", "3"]]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nothing.csv", b"", "empty"),
        ("only_blanks.csv", b" \n\n \n", "empty"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(50), "a PNG picture"),
        ("page.csv", b"\xef\xbb\xbf <!DOCTYPE html><html></html>", "an HTML page"),
        ("data.csv", b'\n{"incidents": []}', "JSON"),
        ("document.csv", b"%PDF-1.7 ...", "a PDF document"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old .xls workbook"),
        ("text.xlsx", TABLE.encode(), "promises an Excel workbook, but it is plain text"),
        ("text.zip", TABLE.encode(), "promises a ZIP, but it is plain text"),
        (
            "packed.csv",
            gzip.compress(TABLE.encode(), mtime=0),
            "promises plain text, but it is gzip-compressed",
        ),
        ("picture.csv.gz", gzip.compress(b"\x89PNG" + bytes(50), mtime=0), "no plain text"),
        ("twice.csv.gz", gzip.compress(gzip.compress(TABLE.encode(), mtime=0), mtime=0), "no plain text"),
        ("binary.csv", bytes(range(256)) * 40, "binary data"),
    ],
)  # BAD 1, 25
def test_what_is_no_table_is_refused_saying_what_it_is(write, name, content, said):
    with pytest.raises(FileRefusedError, match=said):
        list(read_rows(write(name, content)))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FileRefusedError, match="no such file"):
        list(read_rows(tmp_path / "missing.csv"))


def test_ten_thousand_columns_are_refused(write):  # BAD 17
    heading = ",".join(f"c{number}" for number in range(10_000))
    with pytest.raises(FileRefusedError, match="10,000 columns"):
        list(read_rows(write("wide.csv", f"{heading}\n")))


def test_a_file_above_the_limit_is_refused_before_it_is_read(write):  # BAD 20
    with pytest.raises(FileRefusedError, match="at most 1 MB"):
        list(read_rows(write("large.csv", b"a" * (1024 * 1024 + 1)), limits=Limits(file_bytes=1024 * 1024)))


def test_a_file_name_cannot_forge_a_line():
    assert shown("a\r\nb\x1b[31m.csv") == "a??b?[31m.csv"
    assert len(shown("x" * 300)) == 120


def test_names_a_layout_leaves_out_are_known_in_any_folder():
    assert is_skipped("2025-01/2025-01-cleveland-Outcomes.csv", ["*-outcomes.csv*"])
    assert not is_skipped("2025-01-cleveland-street.csv", ["*-outcomes.csv*"])


def _zip_of(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def _workbook():
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["a", "b", "c"])
    book.save(out)
    return out.getvalue()


SOUND = {
    "a.csv": TABLE.encode() * 3,
    "a.csv.gz": gzip.compress(TABLE.encode() * 3, mtime=0),
    "a.zip": _zip_of(("a.csv", TABLE), ("b.csv", TABLE)),
    "a.xlsx": _workbook(),
    "a.ods": _zip_of(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "<x/>")),
}


@settings(max_examples=150)
@given(
    st.sampled_from(sorted(SOUND)), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=3)), max_size=4)
)
def test_a_damaged_file_is_read_or_refused_and_never_breaks_the_reader(tmp_path_factory, name, damage):
    content = bytearray(SOUND[name])
    for share, other in damage:
        place = int(share * len(content))
        content[place : place + 2] = other
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(content)
    try:
        for table in read_rows(path):
            assert all(isinstance(cell, str) for row in table.rows for cell in row)
    except FileRefusedError as refusal:
        assert refusal.problems
