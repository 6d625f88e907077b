"""Files to tables: CSV, XLSX, ODS, gzip and ZIP, told apart by their bytes.

What a file is called never decides what it is. Where the name promises one kind and the bytes
are another, the file is refused and the message says what it really is.
"""

import fnmatch
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from mapping.errors import FileRefusedError
from mapping.intake import archives, workbooks
from mapping.intake.limits import DEFAULT, MIB, Limits
from mapping.intake.text_tables import read_text

# First bytes -> what a person calls it. What is not listed is taken for text.
_SIGNATURES: Final = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old .xls workbook or one protected with a password"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database or GeoPackage"),
    (b"PAR1", "a Parquet file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an XZ archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
)
_MARKUP: Final = (
    (b"<!doctype html", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"<head", "an HTML page"),
    (b"<body", "an HTML page"),
    (b"<table", "an HTML page"),
    (b"<script", "an HTML page"),
    (b"<!--", "an HTML page or XML document"),
    (b"<?xml", "an XML document"),
    (b"{\\rtf", "an RTF document"),
    (b"{", "JSON"),
    (b"[", "JSON"),
)
_PROMISED: Final = {
    ".csv": "text",
    ".txt": "text",
    ".tsv": "text",
    ".gz": "gzip",
    ".zip": "zip",
    ".xlsx": "xlsx",
    ".ods": "ods",
}
SUFFIXES: Final = tuple(_PROMISED)
_CALLED: Final = {
    "text": "plain text",
    "gzip": "gzip-compressed",
    "zip": "a ZIP",
    "xlsx": "an Excel workbook",
    "ods": "an OpenDocument spreadsheet",
}
_NEEDED: Final = "a table is needed: CSV (plain or .gz), XLSX, ODS, or a ZIP of them."


@dataclass(frozen=True)
class SourceTable:
    """One table as it came: a heading, rows of text, and what was noticed on the way.

    `rows` may be read once only. `doubts` gives a reason per doubtful data row (from 1).
    `file_sha256` is that of the file on disk, `content_sha256` that of the table's own bytes.
    `separator` parts the cells of a text file; a workbook has none.
    """

    name: str
    columns: list[str]
    rows: Iterable[list[str]]
    messages: Sequence[str] = ()
    doubts: Mapping[int, str] = field(default_factory=dict)
    file_sha256: str = ""
    content_sha256: str = ""
    separator: str = ""


def read_rows(path: Path, *, limits: Limits = DEFAULT, skip: Sequence[str] = ()) -> Iterator[SourceTable]:
    """Read every table of one file.

    Parameters
    ----------
    path : Path
        A CSV (plain or gzipped), an XLSX, an ODS, or a ZIP of them.
    limits : Limits
        Sizes above which it is refused.
    skip : sequence of str
        Patterns (as in a shell) of names inside a ZIP that are left out.

    Yields
    ------
    SourceTable
        One for a plain file, one per member for a ZIP, in the order of their names.

    Raises
    ------
    FileRefusedError
        It is missing, too large, damaged, or no table; the message says what it is.
    """
    name = shown(path.name)
    size = _size_of(path, name, limits)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        kind = _kind_of(stream.read(4096))
        stream.seek(0)
        if kind == "zip":
            with archives.open_zip(stream, size, name, limits=limits) as archive:
                kind = workbooks.kind_of(archive, name, limits=limits)
                _require_promise(path.name, kind, name)
                if kind == "zip":
                    yield from _members(archive, name, digest, limits, skip)
                else:
                    yield _workbook(archive, stream, kind, name, digest, digest, limits)
            return
        _require_promise(path.name, kind, name)
        data = archives.gunzip(stream, size, name, limits=limits) if kind == "gzip" else stream.read()
    yield _text(data, name, digest, limits)


def shown(name: str) -> str:
    """Make a file's name safe to say: no control characters, at most 120 characters."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:120]


def _size_of(path: Path, name: str, limits: Limits) -> int:
    if not path.is_file():
        raise FileRefusedError(name, ["There is no such file."])
    size = path.stat().st_size
    if size == 0:
        raise FileRefusedError(name, ["The file is empty: it has no bytes at all."])
    if size > limits.file_bytes:
        raise FileRefusedError(
            name,
            [f"The file has {size // MIB:,} MB; at most {limits.file_bytes // MIB:,} MB are read at once."],
        )
    return size


def _kind_of(head: bytes) -> str:
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return next((kind for mark, kind in _MARKUP if start.startswith(mark)), "text")


def _require_promise(file_name: str, kind: str, name: str) -> None:
    """Refuse what is no table, and a table of another kind than its name says."""
    if kind == "office":
        raise FileRefusedError(name, [f"The file is an office document without a table in it; {_NEEDED}"])
    if kind not in _CALLED:
        raise FileRefusedError(name, [f"The file is {kind}; {_NEEDED}"])
    promised = _PROMISED.get(Path(file_name).suffix.casefold(), kind)
    if promised != kind:
        raise FileRefusedError(
            name,
            [f"The name promises {_CALLED[promised]}, but it is {_CALLED[kind]}; name it for what it is."],
        )


def _members(
    archive: zipfile.ZipFile, name: str, digest: str, limits: Limits, skip: Sequence[str]
) -> Iterator[SourceTable]:
    infos = [info for info in archives.data_members(archive) if not is_skipped(info.filename, skip)]
    if not infos:
        raise FileRefusedError(name, ["The ZIP holds no table to read."])
    total = 0
    for info in infos:
        label = f"{name}/{shown(info.filename)}"
        data = archives.inflate_member(archive, info, label, limits=limits)
        total += len(data)
        if total > limits.archive_bytes:
            raise FileRefusedError(name, [f"It inflates to more than {limits.archive_bytes // MIB:,} MB."])
        yield _member(data, label, digest, limits)


def _member(data: bytes, name: str, digest: str, limits: Limits) -> SourceTable:
    if not data:
        raise FileRefusedError(name, ["The member is empty: it has no bytes at all."])
    kind = _kind_of(data[:4096])
    if kind == "zip":
        stream = io.BytesIO(data)
        with archives.open_zip(stream, len(data), name, limits=limits) as inner:
            kind = workbooks.kind_of(inner, name, limits=limits)
            if kind in ("xlsx", "ods"):
                _require_promise(name, kind, name)
                return _workbook(inner, stream, kind, name, digest, hashlib.sha256(data).hexdigest(), limits)
    if kind in ("zip", "gzip"):
        raise FileRefusedError(
            name, ["An archive inside an archive is not opened; unpack the outer one first."]
        )
    _require_promise(name, kind, name)
    return _text(data, name, digest, limits)


def is_skipped(file_name: str, skip: Sequence[str]) -> bool:
    """Say whether a name fits one of the patterns that a layout leaves out."""
    return any(fnmatch.fnmatchcase(file_name.casefold(), pattern.casefold()) for pattern in skip)


def _text(data: bytes, name: str, digest: str, limits: Limits) -> SourceTable:
    if _kind_of(data[:4096]) != "text":  # what a gzip held
        raise FileRefusedError(name, [f"What is compressed inside is no plain text; {_NEEDED}"])
    columns, rows, messages, separator = read_text(data, name, limits=limits)
    _require_width(columns, name, limits)
    content_digest = hashlib.sha256(data).hexdigest()
    return SourceTable(name, columns, rows, messages, {}, digest, content_digest, separator)


def _workbook(
    archive: zipfile.ZipFile,
    stream: BinaryIO,
    kind: str,
    name: str,
    digest: str,
    content_digest: str,
    limits: Limits,
) -> SourceTable:
    rows, doubts, messages = workbooks.read_workbook(archive, stream, kind, name, limits=limits)
    if not rows:
        raise FileRefusedError(name, ["The sheet is empty: it has no heading and no rows."])
    _require_width(rows[0], name, limits)
    return SourceTable(name, rows[0], iter(rows[1:]), messages, doubts, digest, content_digest)


def _require_width(columns: Sequence[str], name: str, limits: Limits) -> None:
    if len(columns) > limits.columns:
        raise FileRefusedError(
            name, [f"The heading names {len(columns):,} columns; at most {limits.columns} are read."]
        )
