"""What a sheet's XML says beyond its values, and whether it is safe to hand to the workbook library.

A sheet is measured before it is loaded: one cell in the last corner of a sheet, one value repeated
over all of it, or one long text that every cell shares, would otherwise be unfolded in memory.
"""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from mapping.errors import FileRefusedError
from mapping.intake.limits import Limits

UNREADABLE: Final = "The workbook is damaged or in a form that cannot be read; save it again as .xlsx or CSV."
_SPREAD: Final = (
    "The sheet's cells are spread over too large an area; delete what is far below or beside the table."
)
_UNFOLDED: Final = (
    "The sheet's cells repeat more text than a table holds; save it as CSV, or split it into smaller files."
)


@dataclass
class SheetFacts:
    """Rows that hold formulas and errors, as the spreadsheet counts them (from 1), and hidden rows."""

    formula_rows: set[int] = field(default_factory=set)
    error_rows: set[int] = field(default_factory=set)
    hidden_rows: int = 0


def scan_xlsx(parts: Mapping[str, bytes], place: int, name: str, *, limits: Limits) -> SheetFacts:
    """Scan the sheet at `place` of an XLSX's parts.

    Raises
    ------
    FileRefusedError
        Its XML is broken, its cells span a rectangle of more than `limits.cells`, or they hold
        more than `limits.cell_chars` once every shared text is written out.
    """
    shared = _SharedTexts()
    for part, content in parts.items():
        if part.casefold() == "xl/sharedstrings.xml":
            _parse(content, shared, name)
    handler = _XlsxScan(limits, shared.lengths)
    _parse(parts.get(_sheet_part(parts, place, name), b""), handler, name)
    return handler.facts


def scan_ods(content: bytes, name: str, *, limits: Limits) -> list[SheetFacts]:
    """Scan every sheet of an ODS, which holds them in one part; raises like `scan_xlsx`."""
    handler = _OdsScan(limits)
    _parse(content, handler, name)
    return handler.sheets


class _TooLargeError(Exception):
    """The cells of a sheet would be more than may be read; says which measure it was."""


def _parse(content: bytes, handler: ContentHandler, name: str) -> None:
    from defusedxml.common import DefusedXmlException
    from defusedxml.sax import parseString

    try:
        parseString(content, handler)
    except _TooLargeError as fault:
        raise FileRefusedError(name, [str(fault)]) from None
    except (SAXException, DefusedXmlException, ValueError) as fault:
        raise FileRefusedError(name, [UNREADABLE]) from fault


def _sheet_part(parts: Mapping[str, bytes], place: int, name: str) -> str:
    """Find the part of the sheet at `place` in the workbook's order."""
    from defusedxml import ElementTree

    try:
        links = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])
        tree = ElementTree.fromstring(parts["xl/workbook.xml"])
        sheet = [item for item in tree.iter() if _local(item.tag) == "sheet"][place]
    except (ElementTree.ParseError, KeyError, IndexError) as fault:
        raise FileRefusedError(name, [UNREADABLE]) from fault
    key = next((value for attribute, value in sheet.items() if _local(attribute) == "id"), "")
    targets = [link.get("Target", "") for link in links if link.get("Id") == key]
    if len(targets) != 1:  # the workbook library may follow another than the one looked at here
        raise FileRefusedError(name, [UNREADABLE])
    if targets[0].startswith(("/", "xl/")):
        return targets[0].lstrip("/")
    return posixpath.normpath(f"xl/{targets[0]}")


class _Scan(ContentHandler):
    """Follow the cells of a sheet and stop where their rectangle or their text grows too large."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self._limits = limits
        self._cells_before = self._chars = 0  # of the sheets before this one; of all sheets
        self._start_sheet()

    def _start_sheet(self) -> None:
        self.facts = SheetFacts()
        self._row = self._column = self._last_row = self._last_column = 0

    def _reach(self, row: int, column: int) -> None:
        self._last_row, self._last_column = max(self._last_row, row), max(self._last_column, column)
        if self._cells_before + self._last_row * self._last_column > self._limits.cells:
            raise _TooLargeError(_SPREAD)

    def _hold(self, chars: int) -> None:
        self._chars += chars
        if self._chars > self._limits.cell_chars:
            raise _TooLargeError(_UNFOLDED)


class _SharedTexts(ContentHandler):
    """The length of each text that cells of an XLSX may share, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths: list[int] = []

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: ARG002, N802 - the SAX interface
        if _local(name) == "si":
            self.lengths.append(0)

    def characters(self, content: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(content)


class _XlsxScan(_Scan):
    def __init__(self, limits: Limits, shared: Sequence[int]) -> None:
        super().__init__(limits)
        self._shared = shared
        self._is_shared = self._is_value = False
        self._value = ""

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the SAX interface
        tag = _local(name)
        if tag == "c":
            self._start_cell(attrs)
        elif tag == "row":
            self._row = int(attrs.get("r", self._row + 1))
            self._column = 0
            self.facts.hidden_rows += attrs.get("hidden") in ("1", "true")
        elif tag == "f":
            self.facts.formula_rows.add(self._row)
        elif tag == "v":
            self._is_value, self._value = self._is_shared, ""

    def characters(self, content: str) -> None:
        if self._is_value:
            self._value += content

    def endElement(self, name: str) -> None:  # noqa: N802
        if self._is_value and _local(name) == "v":
            self._is_value = False
            place = int(self._value)
            self._hold(self._shared[place] if 0 <= place < len(self._shared) else 0)

    def _start_cell(self, attrs: Any) -> None:
        place = attrs.get("r", "").upper()
        letters = place.rstrip("0123456789")
        self._column += 1  # a cell may leave its place out
        if letters:
            self._column = 0
            for letter in letters:
                self._column = self._column * 26 + ord(letter) - 64
            self._row = int(place[len(letters) :] or self._row)
        self._reach(self._row, self._column)
        self._is_shared = attrs.get("t") == "s"
        if attrs.get("t") == "e":
            self.facts.error_rows.add(self._row)


class _OdsScan(_Scan):
    """Rows and cells carry how often they are repeated; blank ones may be, over the whole sheet."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.sheets: list[SheetFacts] = []
        self._repeat = self._copies = 1

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        tag = _local(name)
        if tag == "table":
            self._cells_before += self._last_row * self._last_column
            self._start_sheet()
            self.sheets.append(self.facts)
        elif tag == "table-row":
            self._repeat = int(attrs.get("table:number-rows-repeated", 1))
            self._row += self._repeat
            self._column = 0
            self.facts.hidden_rows += self._repeat if "table:visibility" in attrs else 0
        elif tag in ("table-cell", "covered-table-cell"):
            columns = int(attrs.get("table:number-columns-repeated", 1))
            self._column += columns
            self._copies = 0  # a blank cell may be repeated over the whole sheet and holds nothing
            if "office:value-type" in attrs or "table:formula" in attrs:
                self._reach(self._row, self._column)
                self._copies = self._repeat * columns
                self._hold(len(attrs.get("office:string-value", "")) * self._copies)
            if "table:formula" in attrs:
                self.facts.formula_rows.update(range(self._row - self._repeat + 1, self._row + 1))
        elif tag == "s":  # so many spaces
            self._hold(int(attrs.get("text:c", 1)) * self._copies)

    def characters(self, content: str) -> None:
        self._hold(len(content) * self._copies)


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1].rsplit(":", 1)[-1]
