"""Which names a text may mean: spans of its words that are names, and spans that are nearly names."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from mapping.places.name_index import TYPE_MISSING, NameIndex, Near, split_type
from mapping.places.place_query import COMMON, PlaceQuery
from mapping.places.place_words import STREET_TYPES, written_out
from mapping.places.short_names import NO_TAIL

_LONGEST_NAME: Final = 7  # words
_WINDOW: Final = 4  # words before a street type that may belong to its name
_MOST_WORDS: Final = 16  # of a phrase without a known name; longer is an account
# Wrong letters that a name may have, by its length without its type.
_ALLOWED_SHARE: Final = 0.42
_ALLOWED_LEAST: Final = 1.15
_ALLOWED_BARE: Final = 0.2  # of a text without a street type, which any word may be
SHORTER: Final = 2.0  # what a name weighs that leaves out a word which another explains
ARTICLE: Final = 0.2  # what a "the" too many or too few weighs
_CORRECTED: Final = 3  # letters of a word after "the" from which it may be a misspelt name
# What people say "the" of, and name nothing by it, and what is only a part of a name.
_FEATURE_WORDS: Final = """
beck bend bridge brook burn camp canal chapel chippy church club crossing cut dam dock dunes east
embankment flyover fountain hall harbour hospital hotel inn island jetty lake lights lock marina market
mill monument moor mosque museum north pavement pier pit playground pond pool precinct prom promenade pub
quarry railway ramp reservoir river school seafront slip south stadium station steps stile stream subway
surgery swings temple tip toilets tower town tracks tunnel underpass valley village wall west wharf wood
"""
_FEATURES: Final = frozenset(_FEATURE_WORDS.split())
# Names that are words for a kind of street as well.
_PLAIN: Final = frozenset(
    ("back lane", "back road", "back street", "main road", "main street", "side street")
)
# What a name without its kind goes on with where it is a building's or an area's: "Beck House".
_BUILDINGS: Final = frozenset(("block", "estate", "flats", "garage", "house", "houses", "office"))
_AND: Final = frozenset(("and", "n", "of"))


class Span(NamedTuple):
    """Words of a phrase, from one up to another."""

    phrase: int
    start: int
    end: int


@dataclass(frozen=True)
class Hit:
    """A span of words and the names it may be, the nearest first; an exact one has one name at 0."""

    phrase: int
    start: int
    end: int
    near: tuple[Near, ...]
    is_led: bool = False  # by a word right before it that no name explains
    is_bare: bool = False  # it leaves out the kind of street, so that it may name an area instead
    kind: str = ""  # of street, as the text says it
    is_plain: bool = False  # it is a kind of street and no more: "The Close"

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.phrase, self.start, self.end)

    @property
    def distance(self) -> float:
        """Wrong letters of the nearest."""
        return self.near[0].distance


@dataclass(frozen=True)
class Reading:
    """The names in a text, and the words that no name explains, common ones left out.

    `unknown` are the spans that say a street by its kind, and are no name here: "Quillstagg Street".
    """

    hits: tuple[Hit, ...]
    left: tuple[tuple[str, ...], ...]
    unknown: tuple[Span, ...] = ()


def read(query: PlaceQuery, index: NameIndex, towns: Container[str] = ()) -> Reading:
    """Find the names in a text.

    Parameters
    ----------
    towns : container of str
        What people call the towns here, misspelt or not: these words say where, and are no short form of a
        street.
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
    unknown: list[Span] = []
    for number, start, run in runs:
        near = _nearly(number, start, run, index, towns, has_exact=bool(hits))
        if near is not None:
            hits.append(near)
            cut = [(start, run[: near.start - start]), (near.end, run[near.end - start :])]
        else:
            cut = [(start, run)]
        for begin, words in cut:
            left.append(words)
            unknown += [Span(number, begin + first, begin + end) for first, end in _streets_said(words)]
    named = tuple(tuple(word for word in run if word not in COMMON) for run in left)
    return Reading(tuple(hits), tuple(run for run in named if run), tuple(unknown))


def _streets_said(run: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return the spans of a run that end in a kind of street right after a word that may be its name."""
    written = written_out(("x", *run))[1:]
    return [
        (place - 1, place + 1)
        for place in range(1, len(run))
        if written[place] in STREET_TYPES and not is_nameless(written[place - 1 : place])
    ]


def is_nameless(words: Sequence[str]) -> bool:
    """Say whether words name nothing: articles, kinds of streets and the common words of logs."""
    return all(word in COMMON or word in STREET_TYPES for word in words)


def _article_left_out(number: int, word: str, index: NameIndex) -> list[Hit]:
    """Find "The Wynd" in a text that is "Wynd" and nothing else; in any other it is a kind of street."""
    key = index.number.get(f"the {word}")
    return [] if key is None else [Hit(number, 0, 1, (Near(key, ARTICLE),), is_plain=word in STREET_TYPES)]


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
            if not near or not _stands(text, near[0], words, (start, start + length), index, towns):
                continue
            taken[start : start + length] = [True] * length
            is_shared = _is_shared(text, near, index)
            is_typeless = not split_type(index.keys[near[0].key])[1]
            goes_on = is_typeless and _goes_on(words[start + length :], index, towns)
            is_bare = near[0].distance >= NO_TAIL or is_shared or goes_on
            is_plain = near[0].distance <= ARTICLE and text.removeprefix("the ") in STREET_TYPES | _PLAIN
            kind = split_type(text)[1]
            hit = Hit(number, start, start + length, near, is_shared and goes_on, is_bare, kind, is_plain)
            hits.append(_led(hit, words, taken, index))
    return sorted(hits, key=lambda hit: hit.start)


def _stands(
    text: str,
    near: Near,
    words: tuple[str, ...],
    span: tuple[int, int],
    index: NameIndex,
    towns: Container[str],
) -> bool:
    """Say whether a name stands by itself: the words about it may make it the start of another's."""
    before, after = words[: span[0]], words[span[1] :]
    kinds = [word in STREET_TYPES for word in written_out(("x", *after[:3]))[1:]]
    if near.distance < NO_TAIL:
        has_type = bool(split_type(index.keys[near.key])[1])
        return has_type or kinds[:1] != [True]
    if any(kinds) or (text in _FEATURES and len(words) > 1) or text in towns:
        return False
    # People say "the beck" of a beck: a street without its kind has no article. Places have one.
    if near.distance >= TYPE_MISSING and (text.startswith("the ") or before[-1:] == ("the",)):
        return False
    return not _goes_on(after, index, towns)


def _goes_on(after: tuple[str, ...], index: NameIndex, towns: Container[str]) -> bool:
    """Say whether a name without its kind goes on: "Gold Creat" is no Gold Court."""
    if not after:
        return False
    if after[0] in _AND:  # "Fox and Hounds"; "Linthorpe and Acklam" are two names
        rest = after[1:]
        return bool(rest) and rest[0] not in towns and rest[0] not in index.bases
    return after[0] in _BUILDINGS or not (after[0] in COMMON or after[0] in towns or _is_code(after[0]))


def _is_code(word: str) -> bool:
    """Say whether a word is a number or a part of a postcode."""
    return any(letter.isdigit() for letter in word)


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
            return Hit(hit.phrase, start, hit.end, (*near, *dearer), kind=hit.kind)
    return replace(hit, is_led=True)


def _as_written(text: str, index: NameIndex) -> tuple[Near, ...]:
    """Return the names that a text is as it stands, with or without its article or its type.

    "Linthorpe" is a name that may be short for Linthorpe Road, "Castlegate" for its shopping centre.
    """
    if text in STREET_TYPES or text == "the":
        return ()
    other = text[4:] if text.startswith("the ") else f"the {text}"
    named = {index.number[one]: cost for one, cost in ((other, ARTICLE), (text, 0.0)) if one in index.number}
    short = index.short_names.of(text) or index.short_names.of(other) if not named else {}
    is_known = any(cost < TYPE_MISSING for cost in short.values())
    # A place that people call so ("Middleton Grange") is likelier than a street without its kind.
    longer = {key: TYPE_MISSING for key in index.bases.get(text, ()) if key not in named and not is_known}
    found = [Near(key, cost) for key, cost in (named | short | longer).items()]
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
    number: int,
    start: int,
    run: tuple[str, ...],
    index: NameIndex,
    towns: Container[str],
    *,
    has_exact: bool,
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
        if is_nameless(base.split()):  # "the road" is no Royd; "Lane House Road" may be Lanehouse Road
            near = [one for one in near if index.keys[one.key].replace(" ", "") == text.replace(" ", "")]
        if not near:
            continue
        named = index.keys[near[0].key]
        is_bare = not kind and near[0].distance >= TYPE_MISSING and len(named.split()) > len(text.split())
        if is_bare and (
            text in _FEATURES or text.startswith("the ") or _is_part(run, first, end, index, towns)
        ):
            continue
        # Of two windows the longer explains more; a word it need not have costs a letter.
        cost = near[0].distance / max(len(base), 4) - 0.12 * (end - first)
        if best is None or cost < best[0]:
            best = (cost, Hit(number, start + first, start + end, tuple(near), is_bare=is_bare, kind=kind))
    return best[1] if best else None


def _is_part(run: tuple[str, ...], first: int, end: int, index: NameIndex, towns: Container[str]) -> bool:
    """Say whether words beside a name without its kind belong to it, so that it is another's."""
    before = run[first - 1] if first else ""
    is_led = before in _BUILDINGS or (bool(before) and before not in COMMON and before not in towns)
    return is_led or before == "the" or _goes_on(run[end:], index, towns)


def _may_be_misspelt(words: tuple[str, ...]) -> bool:
    """Say whether words after "the" may be a name spelt wrongly, and no thing that people say "the" of."""
    is_named = any(word not in _FEATURES and not is_nameless((word,)) for word in words)
    return is_named and len("".join(words)) >= _CORRECTED


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
            is_article = span[0] == "the" and _may_be_misspelt(span[1:])
            if is_rare or is_article:
                spans.append((first, end))
    return spans
