"""The mapping screen's form: what each thing is called there, and what was sent, as a draft.

Nothing that is sent is taken for more than a choice among those offered: columns are known by their
place in the file, the source's words by a digest, agencies and categories by what there is.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mapping import categories
from mapping.intake.category_words import Words
from mapping.intake.drafts import Draft, draft_of, title_of
from mapping.intake.guessing import IDENTITY, Guess
from mapping.intake.layout import FIELDS

LEAVE_OUT: Final = ""
# The same order in every select: when, what, where, who. Words for somebody who knows the file and not us.
GROUPS: Final[tuple[tuple[str, Mapping[str, str]], ...]] = (
    (
        "When",
        {
            "occurred_at": "When it happened: date",
            "occurred_time": "When it happened: time",
            "occurred_to": "Until when: date",
            "occurred_to_time": "Until when: time",
            "reported_at": "When it was reported: date",
            "reported_time": "When it was reported: time",
            "extracted_at": "Day the file was made",
        },
    ),
    (
        "What",
        {
            "category": "What happened",
            "closing": "What it was closed as",
            "reference": "Reference of the record",
            "description": "Free text: what was said",
            "opinion": "Free text: professional opinion",
            "outcome": "Outcome",
        },
    ),
    (
        "Where",
        {
            "place": "Where: street or place",
            "postcode": "Postcode",
            "easting": "Easting (metres)",
            "northing": "Northing (metres)",
            "longitude": "Longitude (degrees)",
            "latitude": "Latitude (degrees)",
            "grid_reference": "Grid reference (NZ 494 203)",
            "area_code": "Area code (LSOA, ward)",
        },
    ),
    (
        "Who and how shared",
        {
            "agency": "Agency whose record it is",
            "source": "Where the report came from",
            "complainant": "Caller's reference (kept as a code)",
            "grading": "3x5x2 grading",
            "handling": "Handling code (P or C)",
            "conditions": "Handling conditions",
            "restricted_to": "Only agencies that may see it",
        },
    ),
)
LABELS: Final = {field: label for _, fields in GROUPS for field, label in fields.items()}
ORDERS: Final = {
    "day first": "The day first: 25/12/2026",
    "month first": "The month first: 12/25/2026",
    "year first": "The year first: 2026-12-25",
    "month": "A month only: 2026-12",
}
HANDLING: Final = {
    "P": ("P: may be shared with the signatories", "The usual choice for logs and case systems."),
    "C": ("C: may be shared with conditions", "Only your agency, and those that a record names, see them."),
}
KINDS: Final = {
    "reports": ("Something that happened, as somebody told it", "Each row is placed and counted."),
    "intelligence": ("Assessed intelligence (3x5x2)", "A layer of its own: it is never counted."),
}


@dataclass(frozen=True)
class Sent:
    """What was sent: the draft, and whether an older layout of its name is to be replaced."""

    draft: Draft
    is_replacing: bool


def first_draft(guess: Guess, words: Words, *, file_name: str, agency_id: str) -> Draft:
    """Begin with the guess, the account's own agency, and a title out of the file's name."""
    return draft_of(
        guess,
        title=title_of(file_name),
        source_agency=agency_id,
        categories={word.text: word.category for word in words.listed},
    )


def columns_of(form: Mapping[str, str], guess: Guess, before: Draft) -> dict[str, str]:
    """Read which column was said to be what; one that the page did not show is what it was before."""
    found = {}
    for place, column in enumerate(guess.columns):
        said = form.get(f"column-{place}", before.columns.get(column.heading, LEAVE_OUT))
        if said != LEAVE_OUT:
            found[column.heading] = said
    another, field = form.get("another-column", ""), form.get("another-field", "")
    place_of = {str(place): column.heading for place, column in enumerate(guess.columns)}
    if field and another in place_of:
        found[place_of[another]] = field
    return found


def read(form: Mapping[str, str], identity: Sequence[str], before: Draft, guess: Guess, words: Words) -> Sent:
    """Read a sent form.

    Parameters
    ----------
    form : mapping of str to str
        The fields that were sent; what it lacks is what it was before.
    identity : sequence of str
        The ticked fields that tell rows apart.
    words : Words
        Of the columns that this form names, so that a word which is not in the file has no effect.
    """
    draft = Draft(
        columns=columns_of(form, guess, before),
        dates=form.get("dates", before.dates),
        title=" ".join(form.get("title", before.title).split()),
        source_agency=form.get("source_agency", before.source_agency),
        handling=form.get("handling", before.handling),
        source=" ".join(form.get("source", before.source).split())[:60],
        categories=_categories(form, words),
        identity=tuple(field for field in IDENTITY if field in identity),
        kind=form.get("kind", before.kind),
    )
    return Sent(draft, is_replacing=form.get("replace") == "yes")


def _categories(form: Mapping[str, str], words: Words) -> dict[str, str]:
    said = {word.text: form.get(key_of(word.text), word.category) for word in words.listed}
    return {
        word: name if categories.find(name) == name else categories.UNMAPPED for word, name in said.items()
    }


def key_of(word: str) -> str:
    """Return the name of the form field that asks about a word of the source."""
    digest = hashlib.blake2b(categories.folded(word).encode(), digest_size=6)
    return f"word-{digest.hexdigest()}"


def as_dict(draft: Draft) -> dict[str, Any]:
    """Return a draft as it waits beside its file."""
    return {**vars(draft), "columns": dict(draft.columns), "categories": dict(draft.categories)}


def from_dict(kept: Mapping[str, Any]) -> Draft:
    """Read a draft that waited."""
    return Draft(**{**kept, "identity": tuple(kept["identity"])})


def offered_fields() -> list[tuple[str, list[tuple[str, str]]]]:
    """List what a column may be, in groups: only what is read here."""
    grouped = [
        (name, [(field, label) for field, label in fields.items() if field in FIELDS])
        for name, fields in GROUPS
    ]
    return [(name, fields) for name, fields in grouped if fields]
