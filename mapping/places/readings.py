"""Which names a text may mean: spans of its words that are names, and spans that are nearly names."""

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Final

from mapping.places.name_index import TYPE_MISSING, NameIndex, Near, split_type
from mapping.places.place_query import COMMON, PlaceQuery
from mapping.places.place_words import STREET_TYPES, written_out

_LONGEST_NAME: Final = 7  # words
_WINDOW: Final = 4  # words before a street type that may belong to its name
_MOST_WORDS: Final = 16  # of a phrase without a known name; longer is an account
# Wrong letters that a name may have, by its length without its type.
_ALLOWED_SHARE: Final = 0.42
_ALLOWED_LEAST: Final = 1.15
_ALLOWED_BARE: Final = 0.2  # of a text without a street type, which any word may be
SHORTER: Final = 2.0  # what a name weighs that leaves out a word which another explains
ARTICLE: Final = 0.2  # what a "the" too many or too few weighs


@dataclass(frozen=True)
class Hit:
    """A span of words and the names it may be, the nearest first; an exact one has one name at 0."""

    phrase: int
    start: int
    end: int
    near: tuple[Near, ...]
    is_led: bool = False  # by a word right before it that no name explains
    is_bare: bool = False  # it leaves out the kind of street, so that it may name an area instead

    @property
    def distance(self) -> float:
        """Wrong letters of the nearest."""
        return self.near[0].distance


@dataclass(frozen=True)
class Reading:
    """The names in a text, and the words that no name explains, common ones left out."""

    hits: tuple[Hit, ...]
    left: tuple[tuple[str, ...], ...]


def read(query: PlaceQuery, index: NameIndex, towns: Container[str] = ()) -> Reading:
    """Find the names in a text.

    Parameters
    ----------
    towns : container of str
        What people call the towns here: these words say where, and are no short form of a street.
    """
    hits: list[Hit] = []
    runs: list[tuple[int, int, tuple[str, ...]]] = []
    for number, words in enumerate(query.phrases):
        exact = _exact(number, words, index, towns)
        if not exact and len(words) == 1 and len(query.phrases) == 1:
            exact = _article_left_out(number, words[0], index)
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


def _article_left_out(number: int, word: str, index: NameIndex) -> list[Hit]:
    """Find "The Wynd" in a text that is "Wynd" and nothing else; in any other it is a kind of street."""
    key = index.number.get(f"the {word}")
    return [] if key is None else [Hit(number, 0, 1, (Near(key, ARTICLE),))]


def _exact(number: int, words: tuple[str, ...], index: NameIndex, towns: Container[str]) -> list[Hit]:
    """Find spans that are names as they stand, the longest first, none over another."""
    taken = [False] * len(words)
    hits = []
    for length in range(min(_LONGEST_NAME, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            span = words[start : start + length]
            if any(taken[start : start + length]) or (length == 1 and span[0] in COMMON):
                continue
            text = " ".join(written_out(span))
            near = _as_written(text, index)
            if not near or not _stands(text, near[0], words[start + length :], index, towns):
                continue
            taken[start : start + length] = [True] * length
            is_bare = near[0].distance >= TYPE_MISSING or _is_shared(text, near, index)
            hit = Hit(number, start, start + length, near, is_bare=is_bare)
            hits.append(_led(hit, words, taken, index))
    return sorted(hits, key=lambda hit: hit.start)


def _stands(text: str, near: Near, after: tuple[str, ...], index: NameIndex, towns: Container[str]) -> bool:
    """Say whether a name stands by itself: what follows may make it the start of another street's."""
    kinds = [word in STREET_TYPES for word in written_out(("x", *after[:3]))[1:]]
    if near.distance < TYPE_MISSING:
        has_type = bool(split_type(index.keys[near.key])[1])
        return has_type or kinds[:1] != [True]
    # "Gold Creat" is no Gold Court: a word that nothing explains may be the rest of another name.
    is_followed = bool(after) and after[0] not in COMMON and after[0] not in towns
    return text not in towns and not any(kinds) and not is_followed


def _is_shared(text: str, near: tuple[Near, ...], index: NameIndex) -> bool:
    """Say whether a name without a type is what people may call another street too."""
    return len(near) > 1 and not split_type(index.keys[near[0].key])[1] and len(index.bases.get(text, ())) > 1


def _led(hit: Hit, words: tuple[str, ...], taken: list[bool], index: NameIndex) -> Hit:
    """Look at the unknown words right before a name: misspelt, they may begin a longer one."""
    first = hit.start
    while first > 0 and not taken[first - 1] and words[first - 1] not in COMMON and hit.start - first < 2:
        first -= 1
    if first == hit.start:
        return hit
    for start in range(first, hit.start):
        text = " ".join(written_out(words[start : hit.end]))
        base, _ = split_type(text)
        near = [
            one
            for one in index.nearest(text)
            if one.distance <= max(_ALLOWED_LEAST, _ALLOWED_SHARE * len(base) / 2)
        ]
        if near:
            taken[start : hit.start] = [True] * (hit.start - start)
            dearer = tuple(Near(one.key, one.distance + SHORTER) for one in hit.near)
            return Hit(hit.phrase, start, hit.end, (*near, *dearer))
    return replace(hit, is_led=True)


def _as_written(text: str, index: NameIndex) -> tuple[Near, ...]:
    """Return the names that a text is as it stands, with or without its article or its type.

    "Linthorpe" is a name that may be short for Linthorpe Road.
    """
    if text in STREET_TYPES or text == "the":
        return ()
    other = text[4:] if text.startswith("the ") else f"the {text}"
    named = {index.number[one]: cost for one, cost in ((other, ARTICLE), (text, 0.0)) if one in index.number}
    longer = {key: TYPE_MISSING for key in index.bases.get(text, ()) if key not in named}
    found = [Near(key, cost) for key, cost in (named | longer).items()]
    return tuple(sorted(found, key=lambda near: (near.distance, near.key)))


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
        if not kind:
            allowed = TYPE_MISSING + max(0.4, _ALLOWED_BARE * len(base.removeprefix("the ")))
        near = [one for one in near if one.distance <= allowed]
        if not near:
            continue
        # Of two windows the longer explains more; a word it need not have costs a letter.
        cost = near[0].distance / max(len(base), 4) - 0.12 * (end - first)
        if best is None or cost < best[0]:
            named = index.keys[near[0].key]
            is_bare = not kind and near[0].distance >= TYPE_MISSING and len(named.split()) > len(text.split())
            best = (cost, Hit(number, start + first, start + end, tuple(near), is_bare=is_bare))
    return best[1] if best else None


def _windows(run: tuple[str, ...], *, has_exact: bool) -> list[tuple[int, int]]:
    """Return the spans worth comparing: those that end in a street type, else short runs of rare words."""
    written = written_out(run)
    types = [place for place, word in enumerate(written) if word in STREET_TYPES and place > 0]
    if types:
        return [
            (first, end)
            for place in types
            for first in range(max(0, place - _WINDOW), place)
            if run[first] not in COMMON or first == place - 1
            for end in (place + 1, place + 2)  # "Lane Shops", "Street East"
            if end <= len(run)
        ]
    if has_exact or len(run) > _MOST_WORDS:
        return []
    spans = []
    for first in range(len(run)):
        for end in range(first + 1, min(first + 4, len(run)) + 1):
            span = run[first:end]
            is_rare = span[0] not in COMMON and span[-1] not in COMMON and len("".join(span)) >= 4
            if is_rare or span[0] == "the":
                spans.append((first, end))
    return spans
