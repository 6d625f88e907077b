"""How values read on a page: dates, numbers, lists. One place each, so that pages agree.

Everything here is pure and returns text; templates use these as filters. What is said about a
hotspot (counts with their doubt, trend) comes from `mapping.wording` and `mapping.publishing`, so that the
page, the map and the printed ward say it in the same words.
"""

import datetime as dt
import re
from typing import Final

import pandas as pd

from mapping import wording
from mapping.periods import LONDON, british_date

_RANGE: Final = re.compile(r"\b(\d\d:\d\d|[A-Z][a-z]{2})-(\d\d:\d\d|[A-Z][a-z]{2})\b")
_SMALL_NUMBERS: Final = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
)


def date(day: dt.date | dt.datetime | None) -> str:
    """Write `4 December 2026`; a moment is read on the London clock."""
    if day is None or pd.isna(day):
        return "not known"
    if isinstance(day, dt.datetime):
        day = local(day).date()
    return british_date(day)


def moment(at: dt.datetime | None) -> str:
    """Write `4 December 2026 at 19:00`, London clock."""
    if at is None or pd.isna(at):
        return "not yet"
    in_london = local(at)
    return f"{british_date(in_london.date())} at {in_london:%H:%M}"


def local(at: dt.datetime) -> dt.datetime:
    """Read a moment on the London clock."""
    # Databases hand moments back without their zone; everything stored is UTC.
    aware = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return aware.astimezone(LONDON)


def month(label: str) -> str:
    """Write `2025-01` as `January 2025`."""
    return f"{dt.date(int(label[:4]), int(label[5:7]), 1):%B %Y}"


def number(value: float) -> str:
    """Write a count as `1,234`."""
    return f"{int(value):,}"


def words_for(value: int) -> str:
    """Write a number as a sentence does: in words up to nine, then `1,234`."""
    return _SMALL_NUMBERS[value] if 0 <= value < len(_SMALL_NUMBERS) else f"{value:,}"


def some(value: int, noun: str, plural: str = "") -> str:
    """Write `three reports`, `one report`, `no reports`, `1,234 reports`."""
    return f"{words_for(value)} {noun if value == 1 else plural or noun + 's'}"


def counted(value: int, noun: str, plural: str = "") -> str:
    """Write `3 reports`, `1 report`, `1,234 reports`."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"


def sentence(text: str) -> str:
    """Begin with a capital and leave the rest alone."""
    return text[:1].upper() + text[1:]


def place(text: str) -> str:
    """Name a place by its street or landmark, never by a house number."""
    return wording.public_place(text) or wording.UNNAMED_PLACE


def percent(share: float) -> str:
    """Write a share (0-1) as `39 %`, with a decimal below ten; the space does not break."""
    value = share * 100
    return f"{value:.0f}\u00a0%" if value >= 9.95 else f"{value:.1f}".removesuffix(".0") + "\u00a0%"


def unbroken(text: str) -> str:
    """Keep `18:00-22:00` and `Fri-Sat` on one line, with the dash that a range has."""
    return _RANGE.sub("\\1\u2060–\u2060\\2", text)


def parts(text: str, separator: str = "|") -> list[str]:
    """Split stored sentences or name lists; empty text holds none."""
    return [part.strip() for part in text.split(separator) if part.strip()]


def size(count: int) -> str:
    """Write bytes as `1.2 MB`."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


FILTERS: Final = {
    "date": date,
    "moment": moment,
    "month": month,
    "number": number,
    "expected": wording.quantity,
    "some": some,
    "counted": counted,
    "sentence": sentence,
    "place": place,
    "percent": percent,
    "parts": parts,
    "joined": wording.join_words,
    "size": size,
    "unbroken": unbroken,
}
