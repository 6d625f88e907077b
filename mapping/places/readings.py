"""Which names a text may mean: spans of its words that are names, and spans that are nearly names."""

from dataclasses import dataclass
from typing import Final

from mapping.places.name_index import NameIndex, Near, split_type
from mapping.places.place_query import COMMON, PlaceQuery
from mapping.places.place_words import STREET_TYPES, written_out

_LONGEST_NAME: Final = 7  # words
_WINDOW: Final = 4  # words before a street type that may belong to its name
_MOST_WORDS: Final = 16  # of a phrase without a known name; longer is an account
# Wrong letters that a name may have, by its length without its type.
_ALLOWED_SHARE: Final = 0.34
_ALLOWED_LEAST: Final = 1.15


@dataclass(frozen=True)
class Hit:
    """A span of words and the names it may be, the nearest first; an exact one has one name at 0."""

    phrase: int
    start: int
    end: int
    near: tuple[Near, ...]

    @property
    def distance(self) -> float:
        """Wrong letters of the nearest."""
        return self.near[0].distance


@dataclass(frozen=True)
class Reading:
    """The names in a text, and the words that no name explains, common ones left out."""

    hits: tuple[Hit, ...]
    left: tuple[tuple[str, ...], ...]


def read(query: PlaceQuery, index: NameIndex) -> Reading:
    """Find the names in a text."""
    hits: list[Hit] = []
    runs: list[tuple[int, int, tuple[str, ...]]] = []
    for number, words in enumerate(query.phrases):
        exact = _exact(number, words, index)
        hits += exact
        runs += [(number, start, run) for start, run in _uncovered(words, exact)]
    left: list[tuple[str, ...]] = []
    for number, start, run in runs:
        near = _nearly(number, start, run, index, has_exact=bool(hits))
        if near is None:
            left.append(run)
            continue
        hits.append(near)
        left += [run[: near.start - start], run[near.end - start :]]
    named = tuple(tuple(word for word in run if word not in COMMON) for run in left)
    return Reading(tuple(hits), tuple(run for run in named if run))


def _exact(number: int, words: tuple[str, ...], index: NameIndex) -> list[Hit]:
    """Find spans that are names as they stand, the longest first, none over another."""
    taken = [False] * len(words)
    hits = []
    for length in range(min(_LONGEST_NAME, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            span = words[start : start + length]
            if any(taken[start : start + length]) or (length == 1 and span[0] in COMMON):
                continue
            key = index.number.get(" ".join(written_out(span)))
            if key is None or (length == 1 and index.keys[key] in STREET_TYPES):
                continue
            taken[start : start + length] = [True] * length
            hits.append(Hit(number, start, start + length, (Near(key, 0.0),)))
    return sorted(hits, key=lambda hit: hit.start)


def _uncovered(words: tuple[str, ...], hits: list[Hit]) -> list[tuple[int, tuple[str, ...]]]:
    """Return the runs of words between hits, each with where it starts."""
    runs, start = [], 0
    for begin, end in [*((hit.start, hit.end) for hit in hits), (len(words), len(words))]:
        if begin > start:
            runs.append((start, words[start:begin]))
        start = end
    return runs


def _nearly(
    number: int, start: int, run: tuple[str, ...], index: NameIndex, *, has_exact: bool
) -> Hit | None:
    """Find the span of a run that comes nearest to a name, if any comes near."""
    best: tuple[float, Hit] | None = None
    for first, end in _windows(run, has_exact=has_exact):
        text = " ".join(written_out(run[first:end]))
        base, kind = split_type(text)
        near = index.nearest(text)
        allowed = max(_ALLOWED_LEAST, _ALLOWED_SHARE * len(base))
        near = [one for one in near if one.distance <= allowed + (0.0 if kind else 0.3)]
        if not near:
            continue
        # Of two windows the longer explains more; a word it need not have costs a letter.
        cost = near[0].distance / max(len(base), 4) - 0.12 * (end - first)
        if best is None or cost < best[0]:
            best = (cost, Hit(number, start + first, start + end, tuple(near)))
    return best[1] if best else None


def _windows(run: tuple[str, ...], *, has_exact: bool) -> list[tuple[int, int]]:
    """Return the spans worth comparing: those that end in a street type, else short runs of rare words."""
    written = written_out(run)
    types = [place for place, word in enumerate(written) if word in STREET_TYPES and place > 0]
    if types:
        return [
            (first, place + 1)
            for place in types
            for first in range(max(0, place - _WINDOW), place)
            if run[first] not in COMMON or first == place - 1
        ]
    if has_exact or len(run) > _MOST_WORDS:
        return []
    spans = []
    for first in range(len(run)):
        for end in range(first + 1, min(first + 4, len(run)) + 1):
            span = run[first:end]
            if span[0] in COMMON or span[-1] in COMMON or len("".join(span)) < 4:
                if span[0] != "the":
                    continue
            spans.append((first, end))
    return spans
