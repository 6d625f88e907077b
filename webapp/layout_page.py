"""What the mapping screen shows: columns with three values, dates read out, words, ten rows.

Values of columns that look personal, or that hold free text, are not shown; places without their house
numbers. Long lists are cut and say so, so that no file makes a page too large to open.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from mapping.categories import CATEGORIES, UNMAPPED
from mapping.intake import layout as layouts
from mapping.intake import trials
from mapping.intake.category_words import Words
from mapping.intake.drafts import Draft, Problem
from mapping.intake.guessing import (
    DATE_FIELDS,
    FREE_TEXT,
    IDENTITY,
    NEVER_SHOWN,
    ColumnGuess,
    Guess,
    guess_dates,
)
from mapping.intake.samples import Sample
from mapping.intake.trials import ReadDate, TriedRow
from webapp import formatters, layout_form

MOST_COLUMNS: Final = 80
VALUES: Final = 3
LONGEST_VALUE: Final = 60
LONGEST_HEADING: Final = 80


def columns(sample: Sample, guess: Guess, draft: Draft, problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Describe the columns that the page lists, in the order of the file."""
    wrong = {
        problem.heading: problem.text for problem in problems if problem.part == "columns" and problem.heading
    }
    return [_column(place, guess.columns[place], sample, draft, wrong) for place in listed(guess, draft)]


def listed(guess: Guess, draft: Draft) -> list[int]:
    """Choose the columns that the page lists: those that are something first, then the others in order."""
    places = range(len(guess.columns))
    said = [k for k in places if guess.columns[k].field or guess.columns[k].heading in draft.columns]
    rest = [k for k in places if k not in set(said)]
    return sorted([*said, *rest][: max(MOST_COLUMNS, len(said))])


def unlisted(guess: Guess, draft: Draft) -> list[tuple[int, str]]:
    """Name the columns beyond those listed that could be chosen."""
    shown = set(listed(guess, draft))
    return [
        (place, short(column.heading))
        for place, column in enumerate(guess.columns)
        if place not in shown and column.is_usable and not column.hidden.startswith("personal")
    ]


def _column(
    place: int, column: ColumnGuess, sample: Sample, draft: Draft, wrong: dict[str, str]
) -> dict[str, Any]:
    field = draft.columns.get(column.heading, layout_form.LEAVE_OUT)
    hidden = column.hidden or (FREE_TEXT if field in NEVER_SHOWN else "")
    is_place = column.is_address or field == "place"
    is_guess = field == column.field
    return {
        "id": f"column-{place}",
        "heading": short(column.heading),
        "field": field,
        "hidden": hidden,
        "values": [] if hidden else _values(sample, place, is_place=is_place),
        "why": column.reason if is_guess or not column.is_usable else "You chose this.",
        "is_unsure": is_guess and bool(field) and column.confidence < 0.4,
        "is_usable": column.is_usable,
        "error": wrong.get(column.heading, ""),
    }


def _values(sample: Sample, place: int, *, is_place: bool) -> list[str]:
    found: dict[str, None] = {}
    for row in (*sample.first, *sample.rows):
        text = row[place].strip() if place < len(row) else ""
        if is_place:
            text = formatters.place(text) if text else ""
        if text:
            found[short(text, LONGEST_VALUE)] = None
        if len(found) == VALUES:
            break
    return list(found)


def short(text: str, most: int = LONGEST_HEADING) -> str:
    """Write a text of the file on one line, cut where it is too long to look at."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(line.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def dates(sample: Sample, guess: Guess, draft: Draft) -> dict[str, Any]:
    """Describe the ways dates may be written, each with the file's own dates read out."""
    headings = [heading for heading, field in draft.columns.items() if field in DATE_FIELDS]
    places = [k for k, column in enumerate(guess.columns) if column.heading in headings and not column.hidden]
    values = [row[k] for row in sample.rows for k in places if k < len(row)]
    telling = trials.telling_dates(values)
    found = guess_dates(values)
    options = [
        {
            "value": order,
            "label": label,
            "readings": [_reading(read) for read in trials.read_dates(telling, order)],
        }
        for order, label in layout_form.ORDERS.items()
        if order in layouts.DATES
    ]
    return {"options": options, "is_ambiguous": found.is_ambiguous, "misfits": _misfits(values, draft.dates)}


def _misfits(values: Sequence[str], order: str) -> int:
    """Count the dates looked at that the chosen order cannot read."""
    said = list(dict.fromkeys(text.strip() for text in values if text.strip()))
    return sum(read.at is None for read in trials.read_dates(said, order)) if order in layouts.DATES else 0


def _reading(read: ReadDate) -> tuple[str, str]:
    text = short(read.text, LONGEST_VALUE)
    return text, occurred(read.at, read.precision) if read.at else ""


def occurred(at: dt.datetime, precision: str) -> str:
    """Say when something happened as exactly as it is known."""
    if precision == "month":
        return formatters.month(f"{formatters.local(at):%Y-%m}")
    return formatters.date(at) if precision == "day" else formatters.moment(at)


def word_rows(words: Words, draft: Draft) -> list[dict[str, Any]]:
    """Describe the source's words, each with the category it becomes."""
    rows = []
    for word in words.listed:
        chosen = draft.categories.get(word.text, word.category)
        why = word.reason if chosen == word.category else "you chose this"
        rows.append(
            {
                "key": layout_form.key_of(word.text),
                "text": short(word.text),
                "rows": word.rows,
                "category": chosen,
                "why": formatters.sentence(why),
            }
        )
    return rows


def category_names() -> list[str]:
    """List our categories as a select does: by name, with the one for what fits none of them last."""
    return [*sorted(each.name for each in CATEGORIES if each.name != UNMAPPED), UNMAPPED]


def identity_choices(draft: Draft) -> list[tuple[str, str, bool]]:
    """List the fields that can tell rows apart, among those chosen."""
    chosen = draft.fields
    return [
        (field, layout_form.LABELS[field], field in draft.identity) for field in IDENTITY if field in chosen
    ]


def tried(row: TriedRow) -> dict[str, Any]:
    """Say how one row would be read, without its free text."""
    when = "not known"
    if row.occurred_from is not None:
        when = occurred(row.occurred_from, row.time_precision)
        if row.time_precision == "minute" and row.occurred_to and row.occurred_to > row.occurred_from:
            when = f"{when} to {occurred(row.occurred_to, 'minute')}"
    has_point = row.easting_m is not None and row.northing_m is not None
    place = formatters.place(row.place) if row.place else ""
    return {
        "row": row.row,
        "refused": [short(text, 200) for text in row.refused],
        "doubts": [short(text, 200) for text in row.doubts],
        "stated": short(row.stated_category, LONGEST_VALUE),
        "category": row.category,
        "occurred": when,
        "place": ", ".join(filter(None, (place, row.postcode))),
        "point": f"{row.easting_m:.0f}, {row.northing_m:.0f}" if has_point else "none: kept, not on the map",
        "handling": row.handling_code,
    }


def error_list(problems: Sequence[Problem], guess: Guess) -> list[tuple[str, str]]:
    """Say every problem with the address on the page of the field that it is about."""
    places = {column.heading: place for place, column in enumerate(guess.columns)}
    told = []
    for problem in problems:
        anchor = problem.part
        text = problem.text
        if problem.heading in places:
            anchor = f"column-{places[problem.heading]}"
            text = f"{short(problem.heading, 40)}: {text}"
        told.append((anchor, text))
    return told


def recognised(guess: Guess, draft: Draft) -> str:
    """Say how many columns are something, as the page's first line."""
    known, every = len(draft.columns), len(guess.columns)
    if known == 0:
        return f"None of the {every} columns was recognised: say what they are"
    if known == every:
        return f"All {formatters.counted(every, 'column')} were recognised: check that they are right"
    return f"{known} of {formatters.counted(every, 'column')} recognised: check them and the others"
