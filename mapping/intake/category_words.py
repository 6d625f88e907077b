"""A source's own words for what happened, and the category that each would become.

Known are the names and aliases of `mapping.categories` and the words of every layout. A word that is
none of them may be close to one; that is a suggestion for a person, never applied unseen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process, utils

from mapping import categories
from mapping.categories import CATEGORIES, UNMAPPED, folded
from mapping.intake.layout import Layout

MOST_LISTED: Final = 100  # words that a person is asked about, the commonest first
_CLOSE: Final = 88.0  # per cent
# `Fire - not deliberate` holds every word of `Deliberate fire` and means the opposite.
_DENYING: Final = frozenset(("not", "non", "no", "accidental", "excluding", "except", "without"))
# What services say, too loosely meant to be aliases that are applied without a person looking.
_SPOKEN: Final[Mapping[str, str]] = {
    "pedal cycle": "Bicycle theft",
    "shop lifting": "Shoplifting",
    "theft from shop": "Shoplifting",
    "assault": "Violence and sexual offences",
    "abh": "Violence and sexual offences",
    "gbh": "Violence and sexual offences",
    "violence": "Violence and sexual offences",
    "hate crime": "Hate incident",
    "theft of motor vehicle": "Vehicle crime",
    "theft from motor vehicle": "Vehicle crime",
    "theft of vehicle": "Vehicle crime",
    "theft from vehicle": "Vehicle crime",
    "offensive weapon": "Possession of weapons",
    "concern for safety": "Concern for person",
    "concern for welfare": "Concern for person",
    "off road bike": "Off-road vehicles",
    "quad bike": "Off-road vehicles",
    "motorbike nuisance": "Off-road vehicles",
    "drug": "Drugs",
    "cannabis": "Drugs",
    "fly tip": "Fly-tipping",
    "loud music": "Noise",
    "dog barking": "Noise",
    "dog fouling": "ASB environmental",
    "littering": "ASB environmental",
    "neighbour": "Neighbour complaint",
    "neighbours": "Neighbour complaint",
    "street drinking": "ASB nuisance",
    "begging": "ASB nuisance",
    "rowdy behaviour": "ASB nuisance",
    "arson": "Deliberate fire",
    "dog": "Animals",
    "dogs": "Animals",
}


@dataclass(frozen=True)
class Word:
    """A word as it is written, in how many rows it stands, what it would become and why."""

    text: str
    rows: int
    category: str
    reason: str


@dataclass(frozen=True)
class Words:
    """The commonest words of a column, how many there are, and in how many rows the others stand."""

    listed: tuple[Word, ...]
    distinct: int
    rows_beyond: int

    @property
    def is_capped(self) -> bool:
        """Say whether there are more words than are listed."""
        return self.distinct > len(self.listed)


def suggest(counts: Mapping[str, int], layouts: Iterable[Layout]) -> Words:
    """Propose a category for the commonest words.

    Parameters
    ----------
    counts : mapping of str to int
        Words as they are written, and how many rows hold each; spellings that differ in case, spaces
        or composition are one word.
    layouts : iterable of Layout
        Whose words are known besides those of `mapping.categories`.
    """
    merged: dict[str, tuple[str, int]] = {}
    for text, rows in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if not any("\ud800" <= letter <= "\udfff" or letter == "\0" for letter in text):
            shown, before = merged.get(folded(text), (text, 0))
            merged[folded(text)] = (shown, before + rows)
    ranked = sorted(merged.items(), key=lambda item: (-item[1][1], item[0]))
    known = known_words(layouts)
    loose = {**_SPOKEN, **known}
    spoken = {word: utils.default_process(word) for word in loose}
    listed = [
        Word(text, rows, *_category_of(word, known, loose, spoken))
        for word, (text, rows) in ranked[:MOST_LISTED]
    ]
    beyond = sum(rows for _, (_, rows) in ranked[MOST_LISTED:])
    return Words(tuple(listed), len(ranked), beyond)


def known_words(layouts: Iterable[Layout]) -> dict[str, str]:
    """Gather every word that stands for a category, folded; our own names before those of a layout."""
    known: dict[str, str] = {}
    for layout in layouts:
        known = {**layout.categories, **known}
    own = {folded(word): each.name for each in CATEGORIES for word in (each.name, *each.aliases)}
    return {**known, **own}


def _category_of(
    word: str, known: Mapping[str, str], loose: Mapping[str, str], spoken: Mapping[str, str]
) -> tuple[str, str]:
    if word in known:
        return known[word], "a known word for it"
    said = utils.default_process(word)
    if not said or set(said.split()) & _DENYING:
        return UNMAPPED, ""
    found = process.extract(said, spoken, scorer=fuzz.token_set_ratio, score_cutoff=_CLOSE, limit=None)
    # `Other` is all of it in `Other theft`, and says less than that.
    close = [tie for tie in found if len(tie[0].split()) <= len(said.split())]
    if not close:
        return UNMAPPED, ""
    most = max(score for _, score, _ in close)
    best = max((tie for tie in close if tie[1] == most), key=lambda tie: (_weight(tie[0], said), tie[2]))[2]
    return loose[best], "" if loose[best] == UNMAPPED else f"close to '{_written(best)}'"


def _weight(name: str, said: str) -> tuple[int, int]:
    """Weigh names that are as close: more words of it first, then what is said first in it."""
    return len(set(name.split())), -said.find(name.split()[0])


def _written(word: str) -> str:
    name = categories.find(word)
    return name if name and folded(name) == word else word
