"""Redaction: what identifies a person is taken out of free text by rule, before anything is kept.

Found are phone numbers, e-mail addresses, National Insurance and NHS numbers, vehicle registrations,
full postcodes, bank and card numbers, and dates of birth that are called so. **Names of people are not
found**: no rule tells "Mark" from "mark", and neither are addresses, nicknames, account names or what is
spelt out in words. Whoever shows free text still shows it to few.

Every rule looks at a bounded stretch of text from where it starts, so the time grows with the text and
not faster, whatever is written into it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mapping.intake import identifiers
from mapping.intake.identifiers import GONE, Span
from mapping.wording import join_words

# What is looked for, in this order, and how one and several of it are called.
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "date of birth": ("a date of birth", "dates of birth"),
    "e-mail address": ("an e-mail address", "e-mail addresses"),
    "bank number": ("a bank number", "bank numbers"),
    "NHS number": ("an NHS number", "NHS numbers"),
    "phone number": ("a phone number", "phone numbers"),
    "National Insurance number": ("a National Insurance number", "National Insurance numbers"),
    "vehicle registration": ("a vehicle registration", "vehicle registrations"),
    "postcode": ("a postcode", "postcodes"),
}
_FINDERS: Final[Mapping[str, Callable[[str], Iterator[Span]]]] = {
    "date of birth": identifiers.dates_of_birth,
    "e-mail address": identifiers.email_addresses,
    "bank number": identifiers.bank_numbers,
    "NHS number": identifiers.nhs_numbers,
    "phone number": identifiers.phone_numbers,
    "National Insurance number": identifiers.insurance_numbers,
    "vehicle registration": identifiers.vehicle_registrations,
    "postcode": identifiers.full_postcodes,
}
_MARK: Final = re.compile(rf"\[(?:{'|'.join(KINDS)}) removed\]")
_DROPPED: Final = frozenset(("Cf", "Mn", "Me"))  # zero-width marks, overrides, accents standing alone


@dataclass(frozen=True)
class Redacted:
    """A text without what was found, and how many of each kind were: never the values themselves."""

    text: str
    removed: dict[str, int]


def redact(text: str, *, leaving: Collection[str] = ()) -> Redacted:
    """Take out what identifies a person, leaving a mark such as `[phone number removed]`.

    Parameters
    ----------
    text : str
        Free text as it was written. Digits and letters of other scripts' forms, hyphens and blanks of
        every kind, and marks without a width are read as what they look like.
    leaving : collection of str
        Kinds that stay: a postcode in the words for a place is the place.

    Returns
    -------
    Redacted
        Redacting its text again changes nothing. `removed` counts the marks that were set, by kind.

    Notes
    -----
    That nothing was found does not mean that nobody is named.
    """
    shadow, origin = _shadow(text)
    masked = _MARK.sub(lambda mark: GONE * len(mark[0]), shadow)
    found: list[tuple[int, int, str]] = []
    before = -1
    # Once more after a removal: what touched it may now stand alone.
    while len(found) != before:
        before = len(found)
        for kind, spans in _FINDERS.items():
            if kind not in leaving:
                here = list(spans(masked))
                found += [(start, end, kind) for start, end in here]
                masked = _blanked(masked, here)
    found.sort()
    removed = Counter(kind for _, _, kind in found)
    return Redacted(
        _with_marks(text, origin, found), {kind: removed[kind] for kind in KINDS if removed[kind]}
    )


def added(*tallies: Mapping[str, int]) -> dict[str, int]:
    """Add up what was removed from several texts, in the order of `KINDS`."""
    total: Counter[str] = Counter()
    for tally in tallies:
        total.update(tally)
    return {kind: total[kind] for kind in KINDS if total[kind]}


def in_words(removed: Mapping[str, int]) -> str:
    """Write a tally as a sentence has it: `a phone number and 2 postcodes`."""
    return join_words(
        [one if removed[kind] == 1 else f"{removed[kind]} {several}" for kind, (one, several) in KINDS.items()
         if removed.get(kind)]
    )  # fmt: skip


def parts(text: str) -> list[tuple[str, bool]]:
    """Split a text at its marks, saying of each part whether it is one."""
    found, last = [], 0
    for mark in _MARK.finditer(text):
        found += [(text[last : mark.start()], False), (mark[0], True)]
        last = mark.end()
    return [part for part in (*found, (text[last:], False)) if part[0]]


def _shadow(text: str) -> tuple[str, range | list[int]]:
    """Return the text as the rules read it, and where each of its characters stands in the original."""
    if text.isascii():
        return text, range(len(text))
    letters: list[str] = []
    origin: list[int] = []
    for place, letter in enumerate(text):
        plain = letter if letter.isascii() else _plain(letter)
        letters.append(plain)
        origin += [place] * len(plain)
    return "".join(letters), origin


def _plain(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in _DROPPED:
        return ""
    if category in ("Zs", "Pd"):
        return " " if category == "Zs" else "-"
    digit = unicodedata.decimal(letter, None)
    return str(digit) if digit is not None else unicodedata.normalize("NFKC", letter)


def _blanked(text: str, spans: list[Span]) -> str:
    pieces, last = [], 0
    for start, end in spans:
        pieces += [text[last:start], GONE * (end - start)]
        last = end
    return "".join((*pieces, text[last:]))


def _with_marks(text: str, origin: range | list[int], found: list[tuple[int, int, str]]) -> str:
    pieces, last = [], 0
    for start, end, kind in found:
        pieces += [text[last : origin[start]], f"[{kind} removed]"]
        last = origin[end - 1] + 1
    return "".join((*pieces, text[last:]))
