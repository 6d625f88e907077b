"""Rows of the tables a gazetteer is built from, one at a time: millions of lines in little memory.

A path is a CSV, a CSV in gzip, a ZIP of CSVs or a folder of any of these, as Ordnance Survey ships them.
A line that cannot be a row is refused by itself; a file that is no table is refused as a whole.
"""

import csv
import gzip
import hashlib
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from mapping.errors import FileRefusedError

LONGEST_LINE: Final = 64 * 1024  # bytes; a row of OS Open Names has about 700
_CHUNK: Final = 2**20
# What was made to fill a disk comes out at more than this times its size.
_MOST_RATIO: Final = 200
_RATIO_FREE_BYTES: Final = 16 * 2**20
_TABLES: Final = (".csv", ".txt")
_PACKED: Final = (".csv.gz", ".txt.gz", ".gz", ".zip")
# In Doc/ lie the names of the columns and the licence; __MACOSX and dot files are a desktop's own.
_NEVER_DATA: Final = re.compile(r"(?i)(^|/)(doc|docs|__MACOSX)/|(^|/)\.|header|licen[cs]e|readme|metadata")
_DAMAGED: Final = "The compressed data is damaged or stops early; fetch the file again."

TOO_LONG: Final = "the line is too long to be a row"
OPEN_QUOTE: Final = "a quotation mark is not closed on its line"


@dataclass
class SourceFile:
    """One file and what became of its rows: `rows` = `kept` + all of `refused` + all of `left_out`."""

    kind: str
    name: str
    sha256: str = ""
    rows: int = 0
    kept: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)  # rightly, such as postcodes in Open Names

    def as_dict(self) -> dict[str, object]:
        """Return it as plain values, reasons in the order of the alphabet."""
        return {
            "kind": self.kind, "name": self.name, "sha256": self.sha256, "rows": self.rows,
            "kept": self.kept, "refused": dict(sorted(self.refused.items())),
            "left_out": dict(sorted(self.left_out.items())),
        }  # fmt: skip


def source_files(kind: str, paths: Sequence[Path]) -> list[tuple[Path, SourceFile]]:
    """List the files behind paths, those of a folder by name, each with its checksum.

    Raises
    ------
    FileRefusedError
        A path is missing, cannot be read, or is a folder with no table in it.
    """
    found = []
    for path in paths:
        inside = [path]
        if path.is_dir():
            inside = sorted(
                one
                for one in path.rglob("*")
                if one.is_file()
                and one.name.lower().endswith(_TABLES + _PACKED)
                and not _NEVER_DATA.search(one.relative_to(path).as_posix())
            )
            if not inside:
                raise FileRefusedError(path.name, ["The folder holds no .csv, .csv.gz or .zip file."])
        found += [(one, SourceFile(kind, one.name, _sha256(one))) for one in inside]
    return found


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise FileRefusedError(path.name, [f"The file cannot be read: {error.strerror}."]) from None


def read_rows(path: Path, source: SourceFile) -> Iterator[list[str]]:
    """Give the rows of one file; every line that is not blank counts in `source.rows`.

    Lines that cannot be a row are counted in `source.refused` and not given. Text is UTF-8, or else
    Windows-1252, line by line.

    Raises
    ------
    FileRefusedError
        The file is empty, damaged, or no text.
    """
    try:
        for stream, packed_bytes in _streams(path):
            yield from csv.reader(_lines(stream, packed_bytes, source))
    except (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError):
        raise FileRefusedError(path.name, [_DAMAGED]) from None
    except csv.Error:
        raise FileRefusedError(path.name, ["The file is not a table of comma-separated values."]) from None
    except OSError as error:
        raise FileRefusedError(path.name, [f"The file cannot be read: {error.strerror}."]) from None
    if not source.rows:
        raise FileRefusedError(path.name, ["The file is empty."])


def _streams(path: Path) -> Iterator[tuple[IO[bytes] | gzip.GzipFile, int]]:
    with path.open("rb") as stream:
        head = stream.read(4)
        stream.seek(0)
        if head.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=stream) as inflated:
                yield inflated, path.stat().st_size
        elif head == b"PK\x03\x04":
            with zipfile.ZipFile(stream) as archive:
                yield from _members(archive, path.name)
        else:
            yield stream, 0


def _members(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[IO[bytes], int]]:
    members = [
        info
        for info in archive.infolist()
        if info.filename.lower().endswith(_TABLES) and not _NEVER_DATA.search(info.filename)
    ]
    if not members:
        raise FileRefusedError(name, ["The zip holds no .csv file."])
    for info in sorted(members, key=lambda info: info.filename):
        with archive.open(info) as stream:
            yield stream, info.compress_size


def _lines(stream: IO[bytes] | gzip.GzipFile, packed_bytes: int, source: SourceFile) -> Iterator[str]:
    """Cut a stream into lines that are each one row; what is not is counted and passed over."""
    rest, total, is_first = b"", 0, True
    is_skipping = False  # the start of this line was already too long
    while chunk := stream.read(_CHUNK):
        if not total and b"\0" in chunk[:4096]:
            raise FileRefusedError(source.name, ["The file is not a text table; give it as CSV."])
        total += len(chunk)
        if packed_bytes and total > _RATIO_FREE_BYTES and total > packed_bytes * _MOST_RATIO:
            said = f"It inflates to more than {_MOST_RATIO} times its size, which no real table does."
            raise FileRefusedError(source.name, [said])
        *whole, rest = (rest + chunk).split(b"\n")
        if whole and is_skipping:
            whole, is_skipping = whole[1:], False
        if whole and is_first:
            whole[0], is_first = whole[0].removeprefix(b"\xef\xbb\xbf"), False
        yield from _texts(whole, source)
        if len(rest) > LONGEST_LINE:
            if not is_skipping:
                source.rows += 1
                source.refused[TOO_LONG] += 1
            rest, is_skipping = b"", True
    if rest and not is_skipping:
        yield from _texts([rest.removeprefix(b"\xef\xbb\xbf") if is_first else rest], source)


def _texts(lines: Sequence[bytes], source: SourceFile) -> Iterator[str]:
    for line in lines:
        if not line or line == b"\r":
            continue
        source.rows += 1
        if len(line) > LONGEST_LINE:
            source.refused[TOO_LONG] += 1
        elif line.count(b'"') % 2:
            source.refused[OPEN_QUOTE] += 1
        else:
            try:
                yield line.decode("utf-8").replace("\r", "").replace("\0", "")
            except UnicodeDecodeError:
                yield line.decode("cp1252", "replace").replace("\r", "").replace("\0", "")


def refuse_a_stranger(source: SourceFile, what: str, columns: str) -> None:
    """Refuse a file of which most rows are not what they were said to be.

    Raises
    ------
    FileRefusedError
        Fewer than half of its rows could be read.
    """
    refused = source.refused.total()
    if refused > source.rows // 2:
        reason, count = source.refused.most_common(1)[0]
        raise FileRefusedError(
            source.name,
            [
                f"{refused:,} of the first {source.rows:,} rows cannot be read as {what}, that is "
                f"{columns}; of {count:,} of them: {reason}."
            ],
        )
