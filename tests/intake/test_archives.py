import gzip
import io
import stat
import struct
import zipfile

import pytest

from mapping.errors import FileRefusedError
from mapping.intake.limits import Limits
from mapping.intake.readers import read_rows

TABLE = b"a,b,c\n1,2,3\n"


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def names(path, **options):
    return [table.name for table in read_rows(path, **options)]


def test_members_are_read_in_the_order_of_their_names(write):
    path = write("months.zip", zipped(("2025-02/b.csv", TABLE), ("2025-01/a.csv", b"a,b,c\n")))
    assert names(path) == ["months.zip/2025-01/a.csv", "months.zip/2025-02/b.csv"]


def test_what_a_desktop_adds_and_a_layout_skips_is_left_out(write):
    path = write(
        "months.zip",
        zipped(
            ("a-street.csv", TABLE), ("a-outcomes.csv", b"x"), ("__MACOSX/._a.csv", b"x"), (".DS_Store", b"x")
        ),
    )
    assert names(path, skip=["*-outcomes.csv*"]) == ["months.zip/a-street.csv"]


@pytest.mark.parametrize(
    "name", ["../a.csv", "/etc/a.csv", "a/../../b.csv", "C:\\a.csv", "..\\a.csv", "a\n.csv"]
)
def test_paths_that_lead_outside_are_refused(write, name):  # BAD 76
    with pytest.raises(FileRefusedError, match="lead outside"):
        names(write("paths.zip", zipped((name, TABLE))))


def test_links_encryption_and_names_that_come_twice_are_told_together(write):  # BAD 76
    out = io.BytesIO()
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.csv", TABLE)
        archive.writestr("a.csv", TABLE)
    content = bytearray(out.getvalue())
    place = content.index(b"PK\x01\x02")  # the first entry of the table of contents
    content[place + 8] |= 1  # says that it is encrypted
    with pytest.raises(FileRefusedError) as refusal:
        names(write("doubtful.zip", bytes(content)))
    assert [word for word in ("encrypted", "links", "come twice") if word in str(refusal.value)] == [
        "encrypted", "links", "come twice",
    ]  # fmt: skip


def test_a_bad_checksum_refuses_the_file(write):
    content = zipped(("a.csv", TABLE), method=zipfile.ZIP_STORED)
    with pytest.raises(FileRefusedError, match="checksum"):
        names(write("bad_checksum.zip", content.replace(b"1,2,3", b"1,2,4", 1)))


def test_an_archive_inside_an_archive_is_not_opened(write):  # BAD 73
    for inner in (zipped(("a.csv", TABLE)), gzip.compress(TABLE)):
        with pytest.raises(FileRefusedError, match="inside an archive"):
            names(write("nested.zip", zipped(("inner.csv", inner))))


def test_too_many_members_are_refused(write):  # BAD 73
    with pytest.raises(FileRefusedError, match="2,500 members"):
        names(write("many.zip", zipped(*((f"{number}.csv", TABLE) for number in range(2_500)))))


def test_a_bomb_is_refused_by_what_it_declares(write):  # BAD 73
    with pytest.raises(FileRefusedError, match="200 times its size"):
        names(write("bomb.zip", zipped(("a.csv", b"1,2,3\n" * 1_000_000))))


def test_a_bomb_that_lies_about_its_size_is_refused_by_counting(write):  # BAD 73
    content = bytearray(zipped(("a.csv", b"1,2,3\n" * 1_000_000)))
    place = content.index(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 500)  # declared size in the table of contents
    with pytest.raises(FileRefusedError, match=r"200 times its size|damaged"):
        names(write("liar.zip", bytes(content)))


def test_a_gzip_bomb_is_refused_while_it_comes_out(write):  # BAD 73
    with pytest.raises(FileRefusedError, match="200 times its size"):
        names(write("bomb.csv.gz", gzip.compress(b"1,2,3\n" * 1_000_000)))


def test_a_member_larger_than_the_limit_is_refused(write):
    path = write("large.csv.gz", gzip.compress(b"1,2,3\n" * 200_000))
    with pytest.raises(FileRefusedError, match="more than 1 MB"):
        names(path, limits=Limits(member_bytes=1024 * 1024, ratio=10_000))


@pytest.mark.parametrize("cut", [4, 40, 0.5])
def test_a_file_cut_short_is_refused(write, cut):
    packed = {"a.csv.gz": gzip.compress(TABLE * 100), "a.zip": zipped(("a.csv", TABLE * 100))}
    for name, content in packed.items():
        end = int(len(content) * cut) if isinstance(cut, float) else len(content) - cut
        with pytest.raises(FileRefusedError, match="damaged"):
            names(write(name, content[:end]))


def test_a_zip_without_a_table_is_refused(write):
    with pytest.raises(FileRefusedError, match="no table"):
        names(write("empty.zip", zipped()))


def test_nothing_is_written_to_disk(write, tmp_path):
    path = write("months.zip", zipped(("deep/a.csv", TABLE)))
    names(path)
    assert list(tmp_path.iterdir()) == [path]
