"""What a sheet's XML says beyond its values, and whether it is safe to hand to the workbook library.

A sheet is measured before it is loaded: one cell in the last corner of a sheet, or one value
repeated over all of it, would otherwise be unfolded in memory.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from mapping.errors import FileRefusedError

UNREADABLE: Final = "The workbook is damaged or in a form that cannot be read; save it again as .xlsx or CSV."
_SPREAD: Final = (
    "The sheet's cells are spread over too large an area; delete what is far below or beside the table."
)


@dataclass
class SheetFacts:
    """Rows that hold formulas and errors, as the spreadsheet counts them (from 1), and hidden rows."""

    formula_rows: set[int] = field(default_factory=set)
    error_rows: set[int] = field(default_factory=set)
    hidden_rows: int = 0


def scan_xlsx(parts: Mapping[str, bytes], place: int, name: str, *, most_cells: int) -> SheetFacts:
    """Scan the sheet at `place` of an XLSX's parts.

    Raises
    ------
    FileRefusedError
        Its XML is broken, or its cells span a rectangle of more than `most_cells`.
    """
    handler = _XlsxScan(most_cells)
    _parse(parts.get(_sheet_part(parts, place, name), b""), handler, name)
    return handler.facts


def scan_ods(content: bytes, name: str, *, most_cells: int) -> list[SheetFacts]:
    """Scan every sheet of an ODS, which holds them in one part; raises like `scan_xlsx`."""
    handler = _OdsScan(most_cells)
    _parse(content, handler, name)
    return handler.sheets


class _SpreadError(Exception):
    """The cells of a sheet lie in a rectangle larger than may be read."""


def _parse(content: bytes, handler: ContentHandler, name: str) -> None:
    from defusedxml.common import DefusedXmlException
    from defusedxml.sax import parseString

    try:
        parseString(content, handler)
    except _SpreadError:
        raise FileRefusedError(name, [_SPREAD]) from None
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
    target = next((link.get("Target", "") for link in links if link.get("Id") == key), "")
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")


class _Scan(ContentHandler):
    """Follow the cells of a sheet and stop where their rectangle grows too large."""

    def __init__(self, most_cells: int) -> None:
        super().__init__()
        self._most_cells = most_cells
        self._start_sheet()

    def _start_sheet(self) -> None:
        self.facts = SheetFacts()
        self._row = self._column = self._last_row = self._last_column = 0

    def _reach(self, row: int, column: int) -> None:
        self._last_row, self._last_column = max(self._last_row, row), max(self._last_column, column)
        if self._last_row * self._last_column > self._most_cells:
            raise _SpreadError


class _XlsxScan(_Scan):
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
        if attrs.get("t") == "e":
            self.facts.error_rows.add(self._row)


class _OdsScan(_Scan):
    """Rows and cells carry how often they are repeated; blank ones may be, over the whole sheet."""

    def __init__(self, most_cells: int) -> None:
        super().__init__(most_cells)
        self.sheets: list[SheetFacts] = []
        self._repeat = 1

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        tag = _local(name)
        if tag == "table":
            self._start_sheet()
            self.sheets.append(self.facts)
        elif tag == "table-row":
            self._repeat = int(attrs.get("table:number-rows-repeated", 1))
            self._row += self._repeat
            self._column = 0
            self.facts.hidden_rows += self._repeat if "table:visibility" in attrs else 0
        elif tag in ("table-cell", "covered-table-cell"):
            self._column += int(attrs.get("table:number-columns-repeated", 1))
            if "office:value-type" in attrs or "table:formula" in attrs:
                self._reach(self._row, self._column)
            if "table:formula" in attrs:
                self.facts.formula_rows.update(range(self._row - self._repeat + 1, self._row + 1))


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1].rsplit(":", 1)[-1]
