"""Headings: which column of a file holds which field of a layout."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final

from mapping.errors import FileRefusedError
from mapping.intake.layout import Layout
from mapping.intake.layout_checks import fold, names_a_source
from mapping.intake.readers import SourceTable, shown

_TITLE_ROWS: Final = 10  # how far down a heading is looked for


@dataclass(frozen=True)
class Headings:
    """Where each field of a layout sits in a file, what forbids reading it, and what was assumed."""

    positions: dict[str, int]
    problems: tuple[str, ...]
    messages: tuple[str, ...]


def match_columns(columns: Sequence[str], layout: Layout) -> Headings:
    """Find the layout's fields among a file's columns, whatever their order, case and spacing.

    Columns that the layout does not know are ignored. Of two names for one field the one that the
    layout lists first is read. Missing required columns and a name that comes twice are problems;
    every one is gathered.
    """
    folded = [fold(name) for name in columns]
    times = Counter(name for name in folded if name)
    problems = [
        f"The column '{_said(columns[folded.index(name)])}' comes {count} times; keep one."
        for name, count in times.items()
        if count > 1
    ]
    places = {
        field: [folded.index(name) for name in map(fold, column.names) if name in times]
        for field, column in layout.columns.items()
    }
    positions = {field: found[0] for field, found in places.items() if found}
    messages = []
    for field, found in places.items():
        others = [place for place in found[1:] if place not in positions.values()]
        if others:
            first, *rest = [f"'{_said(columns[place])}'" for place in (found[0], *others)]
            messages.append(
                f"{first} was read as {layout.label(field)}; {' and '.join(rest)} could be it too."
            )
    if layout.kind == "intelligence":
        messages += _who_is_never_read(columns, positions)
    absent = [field for field in layout.columns if field not in positions]
    lacking = [layout.label(field) for field in absent if layout.columns[field].required]
    if lacking:
        problems.append(_lacking(lacking, len(columns), layout))
    elif absent:
        labels = dict.fromkeys(map(layout.label, absent))
        messages.append(f"It has no column {', '.join(labels)}; read as blank.")
    return Headings(positions, tuple(problems), tuple(messages))


def with_heading(table: SourceTable, layout: Layout) -> SourceTable:
    """Return the table with the layout's heading on top: its first row, or one of the next ten.

    Title rows above the heading are passed over and said, and so is what the heading lacks.

    Raises
    ------
    FileRefusedError
        No row holds the columns that the layout requires; the problems of the first are told.
    """
    first = match_columns(table.columns, layout)
    if not first.problems:
        return replace(table, messages=(*table.messages, *first.messages))
    rows = iter(table.rows)
    peeked = list(islice(rows, _TITLE_ROWS))
    for place, row in enumerate(peeked, start=1):
        found = match_columns(row, layout)
        if not found.problems:
            return replace(
                table,
                columns=row,
                rows=chain(peeked[place:], rows),
                doubts={number - place: doubt for number, doubt in table.doubts.items() if number > place},
                messages=(
                    *table.messages,
                    f"The heading was found below {place} other rows.",
                    *found.messages,
                ),
            )
    # How it was read may be why: another sheet, another encoding.
    raise FileRefusedError(table.name, [*first.problems, *table.messages])


def _who_is_never_read(columns: Sequence[str], positions: dict[str, int]) -> list[str]:
    unread = [name for place, name in enumerate(columns) if place not in positions.values()]
    return [
        f"'{_said(name)}' seems to hold who the source is; it was not read and nothing of it is kept."
        for name in unread
        if names_a_source(name)
    ]


def _lacking(labels: Sequence[str], width: int, layout: Layout) -> str:
    quoted = [f"'{label}'" for label in labels]
    needed = f"the column {quoted[0]}"
    if len(quoted) > 1:
        needed = f"the columns {', '.join(quoted[:-1])} and {quoted[-1]}"
    came = f"it has {width} columns" if width > 1 else "it has one column only, so check its separator"
    return (
        f"The layout {layout.name} needs {needed}, which this file lacks; {came}. "
        "Choose the layout that fits, or name the columns as it does."
    )


def _said(name: str) -> str:
    return shown(name.strip())[:60]
