"""XLSX and ODS workbooks: the first sheet that is not hidden, as rows of text.

The XML is looked through before the workbook library sees it: a document type (the door of
entity tricks), a macro, or cells spread so far apart that the sheet would fill the memory are
refused. Formulas are never worked out; their last stored value is read and the row is flagged.
"""

import datetime as dt
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, Final

from mapping.errors import FileRefusedError
from mapping.intake import archives
from mapping.intake.limits import Limits
from mapping.intake.sheet_scans import UNREADABLE, SheetFacts, scan_ods, scan_xlsx

_ODS_TYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_FORMULA: Final = "holds a formula; its last stored value was read, and nothing was worked out"
_ERROR: Final = "holds an error cell (such as #N/A), which was read as blank"


def kind_of(archive: zipfile.ZipFile, name: str, *, limits: Limits) -> str:
    """Say whether a ZIP is an `xlsx`, an `ods`, another `office` file, or a plain `zip`."""
    names = set(archive.namelist())
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "mimetype" in names and "content.xml" in names:
        said = archives.inflate_member(archive, archive.getinfo("mimetype"), name, limits=limits)
        return "ods" if said.startswith(_ODS_TYPE) else "office"
    return "office" if "[Content_Types].xml" in names else "zip"


def read_workbook(
    archive: zipfile.ZipFile, stream: BinaryIO, kind: str, name: str, *, limits: Limits
) -> tuple[list[list[str]], dict[int, str], list[str]]:
    """Read the first visible sheet of a workbook.

    Returns
    -------
    (rows, doubts, messages)
        Rows of text, the heading first, blank rows left out; a reason per doubtful row (its place
        in `rows`, so that the first data row is 1); and what was assumed.

    Raises
    ------
    FileRefusedError
        A macro, a password, a document type in the XML, cells too far apart, or damage.
    """
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    parts = _checked_parts(archive, name, limits)
    if kind == "ods":  # all of its sheets are unfolded as soon as it is opened
        sheets = scan_ods(parts["content.xml"], name, limits=limits)
    stream.seek(0)
    book = _guarded(lambda: CalamineWorkbook.from_filelike(stream), name)
    shown = [sheet.visible == SheetVisibleEnum.Visible for sheet in book.sheets_metadata]
    if not any(shown):
        raise FileRefusedError(name, ["Every sheet of the workbook is hidden; show the one to be read."])
    first = shown.index(True)
    facts = sheets[first] if kind == "ods" else scan_xlsx(parts, first, name, limits=limits)
    rows, doubts = _guarded(lambda: _text_rows(book.get_sheet_by_index(first).iter_rows(), facts), name)
    messages = []
    if len(shown) > 1:
        others, hidden = len(shown) - 1, shown.count(False)
        messages.append(f"Only the first visible sheet was read; {others} others ({hidden} hidden) were not.")
    if facts.hidden_rows:
        messages.append(f"{facts.hidden_rows} hidden rows were read like the others.")
    return rows, doubts, messages


def _checked_parts(archive: zipfile.ZipFile, name: str, limits: Limits) -> dict[str, bytes]:
    names = [info.filename.casefold() for info in archive.infolist()]
    if len(set(names)) < len(names):  # the workbook library does not mind case and might read the other
        raise FileRefusedError(name, [UNREADABLE])
    if any(member.endswith(("vbaproject.bin", "workbook.bin")) for member in names):
        raise FileRefusedError(
            name, ["The workbook holds macros or is binary; save it as .xlsx without macros."]
        )
    parts = {
        info.filename: archives.inflate_member(archive, info, name, limits=limits)
        for info in archive.infolist()
        if info.filename.casefold().endswith((".xml", ".rels"))
    }
    if any(b"<!DOCTYPE" in part or "<!DOCTYPE".encode("utf-16-le") in part for part in parts.values()):
        raise FileRefusedError(
            name, ["The workbook's XML declares a document type, which no spreadsheet writes."]
        )
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise FileRefusedError(name, ["The workbook is protected with a password; save it without one."])
    return parts


def _guarded(read: Any, name: str) -> Any:
    """Turn whatever the workbook library raises, its panics included, into a refusal."""
    try:
        return read()
    except BaseException as fault:
        if isinstance(fault, Exception) or type(fault).__name__ == "PanicException":
            raise FileRefusedError(name, [UNREADABLE]) from fault
        raise


def _text_rows(raw: Iterable[Sequence[Any]], facts: SheetFacts) -> tuple[list[list[str]], dict[int, str]]:
    rows: list[list[str]] = []
    doubts: dict[int, str] = {}
    once: dict[str, str] = {}  # a text that many cells hold is kept in memory once
    for number, cells in enumerate(raw, start=1):
        texts = [once.setdefault(text, text) for text in map(_as_text, cells)]
        if not any(map(str.strip, texts)):
            continue
        reasons = [_FORMULA] if number in facts.formula_rows else []
        reasons += [_ERROR] if number in facts.error_rows else []
        if reasons and rows:
            doubts[len(rows)] = "; ".join(reasons)
        rows.append(texts)
    return rows, doubts


def _as_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        # From 16 digits on a spreadsheet has rounded: written so that it is known as such (BAD 30).
        return f"{cell:.15e}" if 1e15 <= abs(cell) < 1e16 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    return str(cell)
