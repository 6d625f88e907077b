"""A first look into a file nobody has described: its heading, some of its rows, its words.

The rows looked at are spread over the whole file, because the first thousand may all be of the same
twelve days, and then nothing shows which number is the month.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Final

from mapping.errors import FileRefusedError
from mapping.intake.headings import fold
from mapping.intake.limits import DEFAULT, Limits
from mapping.intake.looks import is_date
from mapping.intake.readers import SourceTable, read_rows, shown

SAMPLED: Final = 200
FIRST_ROWS: Final = 10
MOST_WORDS: Final = 50_000  # different ones that are counted; beyond, a column is no list of categories
LONGEST_WORD: Final = 500  # what is longer is cut when it is read
_TITLE_ROWS: Final = 10  # how far down a heading is looked for, as `headings.with_heading` does
_PEEKED: Final = 40
# Rows draw lots by their number, so that a sample follows no rhythm of the file and is always the same.
_ALL: Final = 1 << 32
_LOTS: Final = 2_654_435_761


@dataclass(frozen=True)
class Sample:
    """What was seen of a file: a heading, its first rows, rows from all over it, and how many there are."""

    name: str
    columns: tuple[str, ...]
    first: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...]
    rows_in: int
    messages: tuple[str, ...]


def take(path: Path, *, limits: Limits = DEFAULT) -> Sample:
    """Take a sample of the first table of a file.

    Raises
    ------
    FileRefusedError
        It is no table, or its heading names the same column twice or more columns than are read.
    """
    table = read_table(path, limits=limits)
    first: list[tuple[str, ...]] = []
    kept: list[tuple[int, int, tuple[str, ...]]] = []
    below, rows_in = _ALL, 0
    for row in table.rows:
        if len(first) < FIRST_ROWS:
            first.append(tuple(row))
        lot = rows_in * _LOTS & (_ALL - 1)
        if lot < below:
            kept.append((lot, rows_in, tuple(row)))
            if len(kept) > 4 * SAMPLED:
                below //= 2
                kept = [each for each in kept if each[0] < below]
        rows_in += 1
    drawn = sorted(sorted(kept)[:SAMPLED], key=lambda each: each[1])
    rows = tuple(row for _, _, row in drawn)
    return Sample(table.name, tuple(table.columns), tuple(first), rows, rows_in, tuple(table.messages))


def read_table(path: Path, *, limits: Limits = DEFAULT) -> SourceTable:
    """Open the first table of a file below the row that looks like its heading.

    Raises
    ------
    FileRefusedError
        It is no table, or its heading cannot be used; see `take`.
    """
    tables = read_rows(path, limits=limits)
    table = next(tables)
    rows = iter(table.rows)
    peeked = list(islice(rows, _PEEKED))
    place = find_heading([table.columns, *peeked])
    heading, below = [table.columns, *peeked][place], peeked[place:]
    problems = _problems(heading, limits)
    if problems:
        raise FileRefusedError(table.name, problems)
    messages = list(table.messages)
    if place:
        messages.append(f"The heading was found below {place} other row{'s' if place > 1 else ''}.")
    if _looks_like_data(heading):
        messages.append("The first row looks like data: put a row with the names of the columns above it.")
    return replace(table, columns=heading, rows=chain(below, rows), doubts={}, messages=messages)


def find_heading(rows: Sequence[Sequence[str]]) -> int:
    """Return which of the first rows is the heading: the first as wide as the table and made of names."""
    usual = Counter(_filled(row) for row in rows[1:]).most_common(1)
    width = usual[0][0] if usual else 0
    for place, row in enumerate(rows[: _TITLE_ROWS + 1]):
        if _filled(row) >= max(2, 0.6 * width) and not _looks_like_data(row):
            return place
    return 0


def count_words(table: SourceTable, headings: Sequence[str]) -> Counter[str]:
    """Count the different words of some columns together, as they are written.

    Stops at `MOST_WORDS` different ones: what is that various is no list of categories.
    """
    places = [list(map(fold, table.columns)).index(fold(heading)) for heading in headings]
    found: Counter[str] = Counter()
    for word in _words(table, places):
        if word in found or len(found) < MOST_WORDS:
            found[word] += 1
    return found


def _words(table: SourceTable, places: Sequence[int]) -> Iterator[str]:
    for row in table.rows:
        for place in places:
            if place < len(row) and row[place].strip():
                yield " ".join(row[place].split())[:LONGEST_WORD]


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _looks_like_data(row: Sequence[str]) -> bool:
    """Say whether a row holds dates or numbers, or the same word twice, as a heading does not."""
    said = [cell.strip() for cell in row if cell.strip()]
    values = sum(is_date(text) or text.replace(".", "", 1).lstrip("+-").isdigit() for text in said)
    return bool(said) and values >= max(1, 0.2 * len(said))


def _problems(heading: Sequence[str], limits: Limits) -> list[str]:
    if len(heading) > limits.columns:
        return [f"The heading names {len(heading):,} columns; at most {limits.columns} are read."]
    if len(heading) < 2:
        return ["It has one column only, so check its separator: a comma, a semicolon or a tab is needed."]
    times = Counter(fold(name) for name in heading if fold(name))
    first = {fold(name): name for name in reversed(heading)}
    return [
        f"The column '{shown(first[name].strip())[:60]}' comes {count} times; keep one."
        for name, count in times.items()
        if count > 1
    ]
