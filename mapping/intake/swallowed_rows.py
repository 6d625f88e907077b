"""Rows that swallowed the rows after them: a quote opened in one and closed in a later one.

Nearly always such a row has too many or too few cells, and is refused for that. Where the quote is
closed in the column it was opened in, the cells add up: the date of the first row, the place of the
last, and all between them the text of one cell.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from mapping.intake.layout import Layout
from mapping.intake.moments import read_windows
from mapping.intake.texts import as_texts

_LINE_END: Final = re.compile(r"\r\n|\r|\n")


def swallowed_lines(
    rows: Sequence[Sequence[str]], separator: str, date_place: int, layout: Layout
) -> npt.NDArray[np.int64]:
    """Say of each of n rows how many lines the cell spans by which it swallowed others; 0 for a sound row.

    Many texts have line breaks and commas. Here there must be as many commas in the first line as
    columns are left in its row, as many in the last as columns lie before the cell, and a date that
    the layout reads where that row has its date.

    Parameters
    ----------
    rows : sequence of n rows
        Each as wide as the heading.
    separator : str
        What parts cells in the file; empty for a workbook, which has no quotes to close.
    date_place : int
        The column of `occurred_at`.
    """
    spanned = np.zeros(len(rows), dtype=np.int64)
    suspects = list(_suspects(rows, separator, date_place)) if separator else []
    if suspects:
        places, lines, dates = zip(*suspects, strict=True)
        dated = ~np.isnat(read_windows(as_texts(dates), layout).start)
        np.maximum.at(spanned, np.array(places)[dated], np.array(lines)[dated])
    return spanned


def _suspects(
    rows: Sequence[Sequence[str]], separator: str, date_place: int
) -> Iterator[tuple[int, int, str]]:
    """Give the place of a row that may have swallowed others, the lines it spans, and the date in there."""
    for place, row in enumerate(rows):
        whole = "".join(row)
        if "\n" not in whole and "\r" not in whole:
            continue
        for column, cell in enumerate(row):
            lines = _LINE_END.split(cell)
            head, tail = lines[0].split(separator), lines[-1].split(separator)
            if len(lines) > 1 and len(head) >= len(row) - column and len(tail) > column:
                # The head ends where its row ends, and the tail begins where its row begins.
                date = head[date_place - len(row)] if date_place > column else tail[date_place]
                yield place, len(lines), date.strip()
