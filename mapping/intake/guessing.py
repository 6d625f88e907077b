"""Guessing a layout: which column of an unknown file is probably what, and why.

Nothing here decides: a person looks at every guess and changes what is wrong. Guesses come from what
a column is called and from what its values look like, never from where it stands, so the order of
columns changes none of them. What looks like personal data is proposed to be left out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mapping.intake import layout as layouts
from mapping.intake.column_scores import (
    DATE_FIELDS,
    LEAST,
    SHIPPED,
    TIME_FIELDS,
    Names,
    has_few_words,
    hidden_of,
    name_score,
    names_of,
    scores,
)
from mapping.intake.column_words import words_of
from mapping.intake.headings import fold, match_columns
from mapping.intake.layout import FIELDS, Layout
from mapping.intake.looks import Look, look_at, orders_of

MOST_SAMPLED: Final = 200  # rows that a guess looks at
CATCH_ALL: Final = "generic"  # the shipped layout that fits nearly anything says the least
LONGEST_HEADING: Final = 400
NEVER_SHOWN: Final = ("description", "opinion", "complainant")
FREE_TEXT: Final = "free text"
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SECOND_BEST: Final = 0.45  # the score of a date that is taken for want of a better
_PAIRS: Final = (("easting", "northing"), ("longitude", "latitude"))
# What tells rows without a reference apart: what a later extract will not have revised.
IDENTITY: Final = (
    "occurred_at", "occurred_time", "category", "place", "postcode", "grid_reference", "easting", "northing",
    "longitude", "latitude",
)  # fmt: skip


@dataclass(frozen=True)
class ColumnGuess:
    """What one column probably is: a field (or none), why, and how sure that is (0-1).

    `hidden` says what must not be shown of its values, and is empty where they may be; `is_address`
    where they hold house numbers; `is_usable` is False where no layout can name the heading.
    """

    heading: str
    field: str
    reason: str
    confidence: float
    hidden: str = ""
    is_address: bool = False
    is_usable: bool = True


@dataclass(frozen=True)
class DatesGuess:
    """In which order a file writes its dates; `is_ambiguous` where its values do not decide it."""

    order: str
    sampled: int
    fitting: int
    is_ambiguous: bool


@dataclass(frozen=True)
class Fit:
    """A layout that can read the file already, and how many of its columns it reads."""

    name: str
    title: str
    columns: int


@dataclass(frozen=True)
class Guess:
    """Everything proposed for a file nobody has described."""

    columns: tuple[ColumnGuess, ...]
    dates: DatesGuess
    identity: tuple[str, ...]
    fits: tuple[Fit, ...]
    kind: str

    @property
    def fields(self) -> dict[str, str]:
        """Field -> heading of the column proposed for it."""
        return {column.field: column.heading for column in self.columns if column.field}


def guess(columns: Sequence[str], rows: Sequence[Sequence[str]], *, known: Iterable[Layout] = ()) -> Guess:
    """Propose what the columns of a table are.

    Parameters
    ----------
    columns : sequence of str, shape (k,)
        The heading.
    rows : sequence of rows of k cells
        A sample; rows of another width are passed over.
    known : iterable of Layout
        Layouts besides the shipped ones: those that fit the heading are offered.

    Returns
    -------
    Guess
        No field is proposed for two columns, and no column for two fields.
    """
    shipped, made = [layouts.load(name) for name in layouts.names()], list(known)
    names = names_of(shipped, made)
    fitting = [row for row in rows if len(row) == len(columns)][:MOST_SAMPLED]
    values = [[row[place] for row in fitting] for place in range(len(columns))]
    looks = [look_at(column) for column in values]
    usable = _usable(columns)
    scored = [
        scores(heading, look, names) if is_usable else {}
        for heading, look, is_usable in zip(columns, looks, usable, strict=True)
    ]
    chosen = _settle(_assign(columns, scored), columns, looks, usable)
    found = tuple(
        _column(heading, look, chosen.get(place, ("", 0.0)), is_usable, names)
        for place, (heading, look, is_usable) in enumerate(zip(columns, looks, usable, strict=True))
    )
    dates = guess_dates(
        [text for place, (field, _) in chosen.items() if field in DATE_FIELDS for text in values[place]]
    )
    fields = {field for field, _ in chosen.values()}
    identity = () if "reference" in fields else tuple(field for field in IDENTITY if field in fields)
    return Guess(
        found, dates, identity, fits(columns, values, [*shipped, *made]), _kind(columns, looks, chosen)
    )


def _kind(columns: Sequence[str], looks: Sequence[Look], chosen: Mapping[int, tuple[str, float]]) -> str:
    """Say whether rows are assessed intelligence: nearly every one is graded, or a heading says so."""
    graded = [looks[place] for place, (field, _) in chosen.items() if field == "grading"]
    is_graded = any(look.filled > 4 * look.blank for look in graded)
    is_said = any({"intel", "intelligence", "3x5x2"} & set(words_of(heading)) for heading in columns)
    return "intelligence" if graded and (is_graded or is_said) else "reports"


def guess_dates(values: Sequence[str]) -> DatesGuess:
    """Say in which order dates are written: the one that fits the most; day first where two fit alike."""
    said = [text.strip() for text in values if text.strip()]
    times = Counter(order for text in said for order in orders_of(text) & set(layouts.DATES))
    # All three numbered orders read a date that begins with its year, so that one is asked first.
    ranked = [
        order for order in ("month", "year first", "day first", "month first") if order in layouts.DATES
    ]
    best = max(ranked, key=lambda order: (times[order], -ranked.index(order)))
    if not times:
        best = "day first"
    is_ambiguous = best == "day first" and 0 < times["month first"] == times["day first"]
    return DatesGuess(best, len(said), times[best], is_ambiguous)


def fits(columns: Sequence[str], values: Sequence[Sequence[str]], known: Iterable[Layout]) -> tuple[Fit, ...]:
    """List the layouts that can read a heading and its dates, the one that reads most columns first."""
    found = []
    for layout in known:
        headings = match_columns(columns, layout)
        if not headings.problems and _reads_dates(layout, values[headings.positions["occurred_at"]]):
            found.append(Fit(layout.name, layout.title, len(headings.positions)))
    return tuple(sorted(found, key=lambda fit: (-fit.columns, fit.name == CATCH_ALL, fit.name)))


def _reads_dates(layout: Layout, values: Sequence[str]) -> bool:
    """Say whether a layout's order of dates reads most of a column; a blank one speaks against none."""
    said = [text for text in values if text.strip()]
    return sum(layout.dates in orders_of(text) for text in said) >= 0.6 * len(said)


def is_writable(text: str) -> bool:
    """Say whether a layout can hold a text: one line once its spaces are folded, and not too long."""
    return len(text) <= LONGEST_HEADING and not _CONTROL.search(" ".join(text.split()))


def _usable(columns: Sequence[str]) -> list[bool]:
    """Say which headings a layout can name: filled, there once, and made of characters that can be stored."""
    times = Counter(map(fold, columns))
    return [bool(fold(heading)) and times[fold(heading)] == 1 and is_writable(heading) for heading in columns]


def _assign(columns: Sequence[str], scored: Sequence[Mapping[str, float]]) -> dict[int, tuple[str, float]]:
    """Give every column its best field and every field its best column, best pairs first."""
    pairs = sorted(
        (-score, FIELDS.index(field), fold(columns[place]), place, field)
        for place, scores in enumerate(scored)
        for field, score in scores.items()
        if score >= LEAST
    )
    chosen: dict[int, tuple[str, float]] = {}
    taken: set[str] = set()
    for negative, _, _, place, field in pairs:
        if place not in chosen and field not in taken:
            chosen[place] = (field, -negative)
            taken.add(field)
    return chosen


def _settle(
    chosen: dict[int, tuple[str, float]],
    columns: Sequence[str],
    looks: Sequence[Look],
    usable: Sequence[bool],
) -> dict[int, tuple[str, float]]:
    """Mend what one column alone cannot know: half a point, a time told twice, what every layout needs."""
    settled = dict(chosen)
    place_of = {field: place for place, (field, _) in settled.items()}
    for one, other in (*_PAIRS, *(pair[::-1] for pair in _PAIRS)):
        if one in place_of and other not in place_of:
            settled.pop(place_of[one], None)
    for date, time in (("occurred_at", "occurred_time"), ("reported_at", "reported_time")):
        if time in place_of and (date not in place_of or looks[place_of[date]].clock >= 0.5):
            settled.pop(place_of[time], None)
    free = [
        place
        for place in range(len(columns))
        if usable[place] and not hidden_of(columns[place], looks[place])
    ]
    if "reference" not in place_of:
        coded = [place for place in free if place not in settled and _is_a_code(looks[place])]
        if coded:
            settled[min(coded, key=lambda place: fold(columns[place]))] = ("reference", 0.4)
    if "occurred_at" not in place_of:
        _add_occurred(settled, [place for place in free if looks[place].date >= 0.6], columns)
    if "category" not in place_of:
        likely = [place for place in free if place not in settled and has_few_words(looks[place])]
        if likely:
            best = min(likely, key=lambda place: (looks[place].distinct_share, fold(columns[place])))
            settled[best] = ("category", 0.4)
    return settled


def _is_a_code(look: Look) -> bool:
    """Say whether every row has a code of its own: letters or strokes with digits, and no other meaning."""
    other = max(look.date, look.postcode, look.grid_reference, look.gss_code, look.time)
    return look.filled >= 5 and not look.blank and look.code == look.distinct_share == 1.0 and other < 0.5


def _add_occurred(
    settled: dict[int, tuple[str, float]], dated: Sequence[int], columns: Sequence[str]
) -> None:
    """Take a date for when it happened: one that nothing else claims, else the one it was reported on."""
    ranked = sorted(
        (place in settled, settled.get(place, ("", 0.0))[0] != "reported_at", fold(columns[place]), place)
        for place in dated
        if settled.get(place, ("reported_at", 0.0))[0] == "reported_at"
    )
    if not ranked:
        return
    place = ranked[0][-1]
    was_reported = settled.get(place, ("", 0.0))[0] == "reported_at"
    settled[place] = ("occurred_at", _SECOND_BEST)
    for other, (field, score) in list(settled.items()):
        if was_reported and field == "reported_time":  # the clock goes with its date
            settled[other] = ("occurred_time", score)


def _column(
    heading: str, look: Look, choice: tuple[str, float], is_usable: bool, names: Names
) -> ColumnGuess:
    hidden = hidden_of(heading, look)
    field, score = choice
    if field in NEVER_SHOWN:
        hidden = hidden or ("the reference of a caller" if field == "complainant" else FREE_TEXT)
    elif look.mean_words >= 6 and field != "place":
        hidden = hidden or FREE_TEXT
    if not is_usable:
        reason, confidence = _unusable(heading), 0.0
    elif field:
        reason, confidence = _why(heading, choice, look, names), min(1.0, round(score / 1.3, 2))
    elif hidden and hidden != FREE_TEXT:
        reason, confidence = f"Looks like {hidden}: it is not read.", 1.0
    else:
        reason, confidence = "Nothing here needs it, as far as can be told.", 0.0
    return ColumnGuess(heading, field, reason, confidence, hidden, look.street >= 0.5, is_usable)


def _unusable(heading: str) -> str:
    if not fold(heading):
        return "It has no heading, so it cannot be named. Give it one in the file to use it."
    if not is_writable(heading):
        return "Its heading is too long or holds characters that cannot be stored. Change it to use it."
    return "Another column has the same heading. Keep one of them in the file."


def _why(heading: str, choice: tuple[str, float], look: Look, names: Names) -> str:
    field, score = choice
    if (field, score) == ("occurred_at", _SECOND_BEST):
        return "No column says outright when it happened; of the dates here this one is the likeliest."
    name = name_score(" ".join(words_of(heading)), field, names)
    by_name = ""
    if name >= 0.9:
        by_name = "Its heading is a usual name for this"
    elif name >= LEAST:
        by_name = "Its heading is close to a usual name for this"
    elif name >= SHIPPED - 0.05:
        by_name = "Another source calls this so"
    by_values = _told(field, look)
    if by_name and by_values:
        return f"{by_name}, and {by_values}."
    text = by_name or by_values or "It is the likeliest column that is left"
    return f"{text[:1].upper()}{text[1:]}."


def _told(field: str, look: Look) -> str:
    """Say what of the values speaks for a field, or nothing."""
    n = look.filled
    if not n:
        return "the rows looked at leave it empty"
    shares = {
        **dict.fromkeys(DATE_FIELDS, (look.date, "dates")),
        **dict.fromkeys(TIME_FIELDS, (look.time, "times of day")),
        "grid_reference": (look.grid_reference, "grid references"),
        "postcode": (look.postcode, "postcodes"),
        "place": (look.street, "streets or places by their words"),
        "grading": (look.grading, "gradings"),
        **dict.fromkeys(
            ("easting", "northing", "longitude", "latitude"), (look.number, "numbers in its range")
        ),
    }
    if field in shares:
        share, words = shares[field]
        count = round(share * n)
        return (
            f"{'all' if count == n else f'{count:,} of'} {n:,} values looked at are {words}" if count else ""
        )
    if field == "reference" and look.distinct_share >= 0.95:
        return "nearly every row has its own"
    if field in ("category", "closing", "outcome") and look.distinct_share <= 0.5:
        return f"it has {look.distinct:,} different word{'s' if look.distinct > 1 else ''} in {n:,} rows"
    if field in ("description", "opinion") and look.mean_words >= 4:
        return f"its texts are long (about {look.mean_words:.0f} words)"
    return ""
