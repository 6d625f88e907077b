"""How well a column fits a field: by what it is called, and by what its values look like.

A field's names are those of every layout and of `column_words`. Values may speak for a field or
rule it out; a heading alone never makes a column of words an easting.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rapidfuzz import fuzz

from mapping.intake.column_words import (
    is_a_callers_reference,
    is_about_a_person,
    names_in,
    usual_names,
    words_of,
)
from mapping.intake.layout import FIELDS, Layout
from mapping.intake.looks import Look

LEAST: Final = 0.5  # below this a column is left out
_CLOSE: Final = 86.0  # per cent of letters in common, for a heading with a slip in it
DATE_FIELDS: Final = ("occurred_at", "occurred_to", "reported_at", "extracted_at")
TIME_FIELDS: Final = ("occurred_time", "occurred_to_time", "reported_time")
# What a name weighs: one met in many places or made here says enough; one of a shipped layout needs
# values that speak for the field too, because sources use the same word for different things.
USUAL: Final = 1.0
MADE_HERE: Final = 0.95
SHIPPED: Final = 0.45


@dataclass(frozen=True)
class Name:
    """One name of a field: its words, what it weighs, and whether it is compared word by word."""

    text: str
    weight: float
    is_usual: bool

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words."""
        return frozenset(self.text.split())


Names = Mapping[str, Sequence[Name]]


def names_of(shipped: Iterable[Layout], made: Iterable[Layout]) -> Names:
    """Gather the names of every field: usual ones, those of layouts made here, those of shipped ones."""
    found: dict[str, dict[str, Name]] = {field: {} for field in FIELDS}
    for names, weight in ((usual_names(), USUAL), (names_in(made), MADE_HERE), (names_in(shipped), SHIPPED)):
        for field, texts in names.items():
            for text in sorted(texts):
                found[field].setdefault(text, Name(text, weight, is_usual=weight == USUAL))
    return {field: tuple(each.values()) for field, each in found.items()}


def hidden_of(heading: str, look: Look) -> str:
    """Say what of a person a column holds, so that its values are not shown; empty where nothing is seen."""
    if look.personal:
        return look.personal
    is_named = is_a_callers_reference(heading) and look.filled > 0 and _called(look) is None
    if (is_about_a_person(heading) or is_named) and look.organisation < 0.8:
        return "personal data, by its heading"
    return ""


def has_few_words(look: Look) -> bool:
    """Say whether a column repeats a few short words, as one that says what happened does."""
    return (
        look.filled >= 2
        and 2 <= look.distinct <= 60
        and look.distinct_share <= 0.5
        and look.mean_letters <= 60
        and max(look.number, look.date, look.time, look.postcode, look.grid_reference) < 0.5
    )


def scores(heading: str, look: Look, names: Names) -> dict[str, float]:
    """Score every field that a column may be; what its values rule out is not among them."""
    phrase = " ".join(words_of(heading))
    if hidden_of(heading, look):
        return {}
    found = {}
    for field in FIELDS:
        value = _value_score(field, look)
        if value is not None:
            found[field] = name_score(phrase, field, names) + value - (0.0 if look.filled else 0.3)
    if is_a_callers_reference(heading):
        return {"complainant": found["complainant"]} if "complainant" in found else {}
    return found


def name_score(phrase: str, field: str, names: Names) -> float:
    """Score a heading against the names of a field: 1 for a usual one, 0 for none like it."""
    best, words = 0.0, frozenset(phrase.split())
    for name in names.get(field, ()):
        if name.text == phrase:
            best = max(best, name.weight - (0.05 if len(name.text) <= 3 else 0.0))
        elif not name.is_usual:
            continue
        elif name.words <= words:
            best = max(best, 0.5 + 0.35 * len(name.words) / len(words))
        elif len(name.text) >= 5:
            best = max(best, 0.8 * fuzz.ratio(name.text, phrase, score_cutoff=_CLOSE) / 100)
    return best


def _value_score(field: str, look: Look) -> float | None:
    """Score what a column's values say for a field (0-0.6), or return None where they rule it out."""
    if not look.filled:
        return 0.0
    rule = _RULES.get(field)
    return rule(look) if rule else 0.0


def _dated(look: Look) -> float | None:
    return 0.55 if look.date >= 0.6 else None


def _timed(look: Look) -> float | None:
    return 0.25 if look.time >= 0.6 else None


def _numbered(look: Look, least: float, most: float, score: float) -> float | None:
    return score if look.number >= 0.8 and least <= look.least and look.most <= most else None


def _degrees(look: Look, least: float, most: float) -> float | None:
    found = _numbered(look, least, most, 0.2)
    return 0.5 if found is not None and look.decimal >= 0.8 else found


def _referenced(look: Look) -> float | None:
    if look.mean_letters > 40 or look.date >= 0.8 or (look.filled >= 10 and look.distinct_share < 0.5):
        return None
    return 0.3 if look.distinct_share >= 0.95 else 0.1


def _categorised(look: Look) -> float | None:
    if look.mean_letters > 80 or max(look.date, look.postcode, look.grid_reference) >= 0.5:
        return None
    if look.number >= 0.5:
        return -0.1  # codes: words beside them say more
    return 0.25 if has_few_words(look) else 0.0


def _worded(look: Look) -> float | None:
    if max(look.number, look.date, look.time, look.postcode, look.grid_reference) >= 0.8:
        return None
    return 0.5 if look.mean_words >= 8 else min(0.35, look.mean_words / 30)


def _placed(look: Look) -> float | None:
    if (
        max(look.number, look.date, look.time, look.postcode, look.grid_reference) >= 0.8
        or look.mean_words >= 15
    ):
        return None
    return 0.5 * look.street if look.distinct_share > 0.1 else 0.3 * look.street


def _called(look: Look) -> float | None:
    return 0.0 if look.mean_words <= 2 and look.mean_letters <= 30 and look.date < 0.5 else None


_RULES: Final[dict[str, Callable[[Look], float | None]]] = {
    **dict.fromkeys(DATE_FIELDS, _dated),
    **dict.fromkeys(TIME_FIELDS, _timed),
    "reference": _referenced,
    **dict.fromkeys(("category", "closing"), _categorised),
    **dict.fromkeys(("description", "opinion"), _worded),
    "place": _placed,
    "postcode": lambda look: 0.6 if look.postcode >= 0.6 else None,
    "area_code": lambda look: 0.55 if look.gss_code >= 0.6 else (0.0 if look.date < 0.5 else None),
    "grid_reference": lambda look: 0.6 if look.grid_reference >= 0.6 else None,
    "grading": lambda look: 0.6 if look.grading >= 0.6 else None,
    "handling": lambda look: 0.2 if look.handling >= 0.8 else None,
    "agency": lambda look: 0.3 if look.organisation >= 0.8 else 0.0,
    "complainant": _called,
    "easting": lambda look: _numbered(look, 5_000, 660_000, 0.1),
    "northing": lambda look: _numbered(look, 5_000, 1_225_000, 0.1),
    "longitude": lambda look: _degrees(look, -9.5, 2.5),
    "latitude": lambda look: _degrees(look, 49.0, 61.5),
}
