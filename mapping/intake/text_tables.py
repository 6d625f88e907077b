"""Comma, semicolon and tab separated text: bytes to a heading and rows.

The encoding is decided by the bytes (byte order mark, UTF-16 pattern, valid UTF-8, else
Windows-1252) and the separator by the heading. A byte that fits neither stays in its row as a
lone surrogate, by which `mapping.intake.texts` knows the row; every other row reads right.
"""

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from mapping.errors import FileRefusedError
from mapping.intake.limits import Limits

_SEPARATORS: Final = (",", ";", "\t", "|")
_SAMPLE_CHARS: Final = 200_000
_BLOCK_ROWS: Final = 10_000  # parsed at a time, without a step of Python between rows
_CONTROL_BYTES: Final = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_STRAY: Final = re.compile("[\udc80-\udcff]+")
_MULTIBYTE: Final = re.compile("[^\x00-\x7f\udc80-\udcff]")
# Fed to the parser after the last line: if it does not come back as a row of its own, a quote was open.
_END: Final = "\ue000end of table\ue000"


def read_text(
    data: bytes, name: str, *, limits: Limits
) -> tuple[list[str], Iterator[list[str]], list[str], str]:
    """Read a separated text file.

    Returns
    -------
    (columns, rows, messages, separator)
        The first line that is not blank, an iterator over the data rows that are not blank (each
        with as many cells as it has, which may differ from the heading), what was assumed, and what
        parts the cells.

    Raises
    ------
    FileRefusedError
        It is empty, binary, in no known encoding, or has one column only. While iterating: a quote
        that is opened and never closed.
    """
    encoding, messages = detect_encoding(data, name)
    csv.field_size_limit(
        max(csv.field_size_limit(), limits.member_bytes)
    )  # a file within limits may be one field
    sample = io.TextIOWrapper(io.BytesIO(data), encoding, "surrogateescape", newline="").read(_SAMPLE_CHARS)
    separator = _separator_of(sample)
    rows = _rows(data, encoding, separator, name)
    columns = next(rows, [])
    if not columns:
        raise FileRefusedError(name, ["The file is empty: it has no heading and no rows."])
    return columns, rows, messages, separator


def detect_encoding(data: bytes, name: str) -> tuple[str, list[str]]:
    """Decide the encoding of a text file, with a message where it is not plain UTF-8.

    Bytes that are not valid UTF-8 mean Windows-1252, unless the file has at least as many valid
    multi-byte characters as places with stray bytes: then it is UTF-8 with damage in a few rows.
    """
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise FileRefusedError(name, ["The file is UTF-32 text, which is not read; save it as CSV UTF-8."])
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _utf16("utf-16", data, name)
    pairs = data[:4096]
    even, odd = pairs[::2].count(0), pairs[1::2].count(0)
    # UTF-16 has its zeros on one side; a file with as many on both is no text at all.
    if max(even, odd) > len(pairs) * 0.3 and min(even, odd) < len(pairs) * 0.05:
        return _utf16("utf-16-le" if odd > even else "utf-16-be", data, name)
    if len(data) - len(data.translate(None, _CONTROL_BYTES)) > len(data) * 0.05:
        raise FileRefusedError(name, ["The file is binary data and not a table of text."])
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "surrogateescape")
        strays = _STRAY.findall(text)  # what is left of one character is one place of damage
        if len(_MULTIBYTE.findall(text)) >= len(strays):
            stray = sum(map(len, strays))
            return "utf-8-sig", [
                f"Read as UTF-8; {stray} bytes are not valid in it, and rows that need them were refused."
            ]
        return "cp1252", ["Read as Windows-1252, because it is not valid UTF-8."]
    return "utf-8-sig", []


def _utf16(encoding: str, data: bytes, name: str) -> tuple[str, list[str]]:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        raise FileRefusedError(
            name, ["The file looks like UTF-16 text but is not valid; save it as CSV UTF-8."]
        ) from None
    return encoding, ["Read as UTF-16."]


def _separator_of(sample: str) -> str:
    """Choose the separator that splits the first line which any of them splits into three or more."""
    lines = [line for line in io.StringIO(sample, newline="") if line.strip()][:20]
    for line in lines:
        widths = {mark: max(map(len, csv.reader([line], delimiter=mark)), default=0) for mark in _SEPARATORS}
        if max(widths.values()) >= 3:
            return max(_SEPARATORS, key=widths.__getitem__)
    return ","


def _rows(data: bytes, encoding: str, separator: str, name: str) -> Iterator[list[str]]:
    stream = io.TextIOWrapper(io.BytesIO(data), encoding, "surrogateescape", newline="")
    reader = csv.reader(chain(stream, (_END,)), delimiter=separator, skipinitialspace=True)
    count = -1  # the heading is row 0
    try:
        while block := list(islice(reader, _BLOCK_ROWS)):
            last = block[-1][-1:]
            is_open = bool(last) and last[0].endswith(_END) and block.pop() != [_END]
            filled = [row for row in block if any(map(str.strip, row))]
            if is_open:
                raise FileRefusedError(name, [_open_quote(count + 1 + len(filled))])
            count += len(filled)
            yield from filled
    except csv.Error as fault:
        raise FileRefusedError(
            name, [f"It cannot be read as a table beyond line {reader.line_num:,}."]
        ) from fault


def _open_quote(row: int) -> str:
    where = "in the heading" if row <= 0 else f"in row {row:,}"
    return f'A quote (") is opened {where} and never closed, so the rows after it cannot be told apart.'
