"""A draft of a layout: what a person says of a file, checked in words and tried on its first rows.

A draft comes from a guess and is changed until it says nothing wrong; then it becomes a layout. What
it may say is narrower than what a layout file may: never open, never a column of personal data.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mapping import categories, crs
from mapping.intake import layout as layouts
from mapping.intake.guessing import FREE_TEXT, IDENTITY, NEVER_SHOWN, Guess, is_writable
from mapping.intake.layout import FIELDS, GREAT_BRITAIN, Column, Layout, PointColumns

HANDLING: Final = ("P", "C")  # what somebody here may declare; open is for published data
LONGEST_NAME: Final = 60
ERROR_M: Final = 50.0  # a working figure for a source of which nothing better is known
FOREIGN: Final = {"reports": ("opinion",), "intelligence": ("source", "outcome", "complainant")}
_TIMES: Final = {
    "occurred_time": "occurred_at",
    "occurred_to_time": "occurred_to",
    "reported_time": "reported_at",
}
_POINTS: Final = (
    PointColumns("easting", "northing", crs.BNG),
    PointColumns("longitude", "latitude", crs.WGS84),
)
# Where a problem lies, for a page that says it beside the field; a column is named by its heading.
Part = str


@dataclass(frozen=True)
class Problem:
    """One thing that keeps a draft from being a layout: which part of it, and why in a sentence."""

    part: Part
    text: str
    heading: str = ""


@dataclass(frozen=True)
class Draft:
    """What is said of a file so far.

    `columns` maps headings to fields (what it does not hold is left out), `categories` the source's
    own words to categories, `identity` lists the fields that tell rows without a reference apart.
    """

    columns: Mapping[str, str]
    dates: str
    title: str = ""
    source_agency: str = ""
    handling: str = "P"
    source: str = ""
    categories: Mapping[str, str] = field(default_factory=dict)
    identity: tuple[str, ...] = ()
    kind: str = "reports"

    @property
    def name(self) -> str:
        """The short name that its title gives it."""
        return slug(self.title)

    @property
    def fields(self) -> dict[str, str]:
        """Field -> heading; of two columns for one field the first."""
        found: dict[str, str] = {}
        for heading, named in self.columns.items():
            found.setdefault(named, heading)
        return found


def draft_of(guess: Guess, *, title: str, source_agency: str, categories: Mapping[str, str]) -> Draft:
    """Begin a draft from a guess."""
    return Draft(
        columns={
            column.heading: column.field
            for column in guess.columns
            if column.field and column.field not in FOREIGN[guess.kind]
        },
        dates=guess.dates.order,
        title=title,
        source_agency=source_agency,
        categories=dict(categories),
        identity=guess.identity,
        kind=guess.kind,
    )


def title_of(file_name: str) -> str:
    """Make a title out of a file's name: its words, without its dates and numbers."""
    stem = re.sub(r"(\.\w{1,5})+$", "", file_name)
    words = re.split(r"[^A-Za-z&']+", unicodedata.normalize("NFKC", stem))
    dated = re.compile(
        r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|v|q|copy|final|export|data", re.I
    )
    kept = [word for word in words if word and not dated.fullmatch(word)]
    return " ".join(kept)[:LONGEST_NAME].strip()


def slug(title: str) -> str:
    """Fold a title to lower-case letters, digits and hyphens: the name a layout is called by."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_NAME].strip("-")


def named(draft: Draft) -> Draft:
    """Give a draft a name where it has none that can be kept, so that it can be tried before it is named."""
    return replace(draft, title="unnamed") if _name_problems(draft) else draft


def problems_of(draft: Draft, guess: Guess) -> list[Problem]:
    """Say everything that keeps a draft from being a layout, in the order of the page."""
    return [
        *_column_problems(draft, guess),
        *_lacks(draft),
        *_choice_problems(draft),
        *_category_problems(draft),
        *_name_problems(draft),
    ]


def _column_problems(draft: Draft, guess: Guess) -> list[Problem]:
    found = []
    known = {column.heading: column for column in guess.columns}
    first: dict[str, str] = {}
    for heading, named in draft.columns.items():
        column = known.get(heading)
        if column is None:
            found.append(Problem("columns", "A column was named that this file does not have.", heading))
        elif named not in FIELDS:
            found.append(Problem("columns", "Choose one of the things that are read here.", heading))
        elif not column.is_usable:
            found.append(Problem("columns", column.reason, heading))
        elif column.hidden not in ("", FREE_TEXT) and named != "complainant":
            found.append(Problem("columns", _private(column.hidden), heading))
        elif named in FOREIGN.get(draft.kind, ()):
            found.append(
                Problem("columns", f"Rows of {draft.kind} have no such thing. Leave it out.", heading)
            )
        elif named in first:
            found.append(
                Problem("columns", "Another column is this already. Leave one of the two out.", heading)
            )
        first.setdefault(named, heading)
    return found


def _private(hidden: str) -> str:
    if hidden == "the reference of a caller":
        return "It looks like the reference of a caller, so it can only be read as that, or left out."
    return (
        f"It looks like {hidden}, which is not read here. Leave it out, or choose the caller's reference "
        "if it is one; if it is something else, give it another heading in the file."
    )


def _lacks(draft: Draft) -> list[Problem]:
    chosen = set(draft.columns.values())
    found = []
    if "occurred_at" not in chosen:
        found.append(Problem("columns", "Say which column holds the date on which it happened."))
    if "category" not in chosen and draft.kind == "reports":
        found.append(Problem("columns", "Say which column holds what happened."))
    for pair in _POINTS:
        for here, other in ((pair.x, pair.y), (pair.y, pair.x)):
            if here in chosen and other not in chosen:
                text = f"A column is the {here}, but none is the {other}: a point needs both."
                found.append(Problem("columns", text, draft.fields[here]))
    for time, date in _TIMES.items():
        if time in chosen and date not in chosen:
            text = "A time needs its date: say which column holds that, or leave this one out."
            found.append(Problem("columns", text, draft.fields[time]))
    if "reference" not in chosen and not set(draft.identity) & chosen:
        found.append(Problem("identity", "Without a reference, say what tells one row from another."))
    return found


def _choice_problems(draft: Draft) -> list[Problem]:
    found = []
    if draft.kind not in layouts.KINDS:
        found.append(Problem("kind", "Say what each row of the file is."))
    if draft.dates not in layouts.DATES:
        found.append(Problem("dates", "Say how the dates are written."))
    if draft.handling not in HANDLING:
        found.append(Problem("handling", "Say how the records may be shared: P or C."))
    if not draft.source_agency:
        found.append(Problem("source_agency", "Say whose records these are."))
    return found


def _category_problems(draft: Draft) -> list[Problem]:
    wrong = [word for word, name in draft.categories.items() if categories.find(name) != name]
    if not wrong:
        return []
    return [Problem("categories", f"{len(wrong)} words were given a category that does not exist.")]


def _name_problems(draft: Draft) -> list[Problem]:
    if not draft.name:
        return [Problem("title", "Give this kind of file a name, so that it is known next time.")]
    if draft.name in layouts.names():
        return [
            Problem("title", f"'{draft.name}' is a layout that comes with the system. Choose another name.")
        ]
    if any(not letter.isprintable() for letter in draft.title) or len(draft.title) > 2 * LONGEST_NAME:
        return [Problem("title", f"Keep the name to letters, digits and spaces, {2 * LONGEST_NAME} at most.")]
    return []


def to_layout(draft: Draft, rows: Sequence[Mapping[str, str]] = ()) -> Layout:
    """Make the layout that a draft without problems describes.

    Parameters
    ----------
    draft : Draft
        For which `problems_of` says nothing.
    rows : sequence of mappings, heading to cell
        A sample: where every row of it has a reference, every row has to have one.
    """
    chosen: dict[str, str] = {named: draft.fields[named] for named in FIELDS if named in draft.fields}
    always = bool(rows) and all(row.get(chosen.get("reference", ""), "").strip() for row in rows)
    needed = {"occurred_at", "category", "reference"}
    columns = {
        named: Column(
            (" ".join(heading.split()),), required=named in needed, filled=named == "reference" and always
        )
        for named, heading in chosen.items()
    }
    is_monthly = draft.dates == "month"
    identity = draft.identity if "reference" not in chosen else (() if always else IDENTITY)
    return Layout(
        name=draft.name,
        title=" ".join(draft.title.split()),
        source=draft.source or draft.name,
        source_agency=draft.source_agency,
        handling=draft.handling,
        time_zone="Europe/London",
        precision="month" if is_monthly else "minute",
        dates=draft.dates,
        match_level="coordinates",
        error_m=ERROR_M,
        columns=columns,
        points=tuple(pair for pair in _POINTS if {pair.x, pair.y} <= set(columns)),
        area=GREAT_BRITAIN,
        categories={
            categories.folded(word): name
            for word, name in draft.categories.items()
            if name != categories.UNMAPPED and categories.find(word) != name and is_writable(word)
        },
        identity=tuple(named for named in identity if named in columns),
        kind=draft.kind,
        sensitive=tuple(named for named in NEVER_SHOWN if named in columns),
    )


def as_rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """Name the cells of rows by their headings; rows of another width are passed over."""
    return [dict(zip(columns, row, strict=True)) for row in rows if len(row) == len(columns)]
