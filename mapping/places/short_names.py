"""What people call a place for short: "James Cook hospital", "Castlegate", "Sports Village", "Pally Park".

Streets have short names too (see `name_index.NameIndex.bases`); these are those of places, whose last words
say what they are and are the first that people change or leave out.
"""

from collections.abc import Mapping, Sequence
from typing import Final

# What leaving words out weighs against one wrong letter: another last word, the last words, the rest.
OTHER_TAIL: Final = 0.1
NO_TAIL: Final = 0.3
CUT_OFF: Final = 0.6
NICKNAME: Final = 1.0

# Last words of places, and what people say instead of them.
_TAILS: Final[dict[str, tuple[str, ...]]] = {
    "shopping centre": ("centre", "shops", "shopping"),
    "shopping park": ("shops", "shopping"),
    "retail park": ("retail", "shops"),
    "university hospital": ("hospital",),
    "general hospital": ("hospital", "general"),
    "community hospital": ("hospital",),
    "memorial hospital": ("hospital",),
    "industrial estate": ("industrial", "estate", "trading estate"),
    "trading estate": ("trading", "estate", "industrial estate"),
    "business park": ("business",),
    "community centre": ("centre",),
    "leisure centre": ("leisure", "centre"),
    "sports centre": ("sports", "centre"),
    "primary school": ("primary", "school"),
    "secondary school": ("school",),
    "railway station": ("station",),
    "hospital": (),
}
# An estate's or a school's name without what it is may be that of the area it lies in.
_NAMED_ALONE: Final = frozenset(tail for tail in _TAILS if tail.split()[-1] in ("centre", "hospital")) | {
    "shopping park", "retail park",
}  # fmt: skip
_TAIL_WORDS: Final = frozenset(word for tail in _TAILS for word in tail.split())
_JOINTS: Final = frozenset(("and", "of", "the", "at", "on"))
_FEWEST: Final = 4  # letters of a nickname's stem
_MISSING: Final = 3  # letters that a nickname leaves out; fewer is a slip
_ENDINGS: Final = ("ies", "ys", "ie", "ey", "y", "s", "o")

Shorts = dict[str, dict[int, float]]


class ShortNames:
    """The short names of the places of a gazetteer, and how much each weighs.

    Parameters
    ----------
    places : sequence of (int, str)
        Number and key of each place that is no street, no town and no kind of place.
    names : mapping of str to int
        Keys that are names themselves: they are no short form.
    kinds : set of str
        Words that streets end in.
    towns : set of str
        Keys of the towns, which people leave out at the start: "Northtown Sports Village".
    """

    def __init__(
        self,
        places: Sequence[tuple[int, str]],
        names: Mapping[str, int],
        kinds: frozenset[str],
        towns: frozenset[str],
    ) -> None:
        self._kinds, self._towns = kinds, towns
        self._found: Shorts = {}
        self._by_start: dict[tuple[str, str], list[tuple[int, list[str]]]] = {}
        for number, key in places:
            for text, weight in self._forms(key).items():
                if text not in names and f"the {text}" not in names:
                    self._found.setdefault(text, {}).setdefault(number, weight)
            words = key.removeprefix("the ").split()
            if len(words) > 1:
                self._by_start.setdefault((words[0][:_FEWEST], words[-1]), []).append((number, words))

    def of(self, text: str) -> dict[int, float]:
        """Return the places that a text may be short for, each with what it weighs."""
        return self._found.get(text) or self._nicknamed(text)

    def _forms(self, key: str) -> dict[str, float]:
        """Return the short forms of one name, the cheapest weight of each."""
        key = key.removeprefix("the ")
        words = key.split()
        forms: dict[str, float] = {}
        for tail, others in _TAILS.items():
            base = key.removesuffix(f" {tail}")
            if base == key:
                continue
            for other in others:
                forms.setdefault(f"{base} {other}", OTHER_TAIL)
            if tail in _NAMED_ALONE:
                is_word = " " not in base  # a word alone may be short for a street as well
                forms.setdefault(base, CUT_OFF if is_word else NO_TAIL)
        if words[-1] == "shops" and len(words) > 2 and words[-2] in self._kinds:
            forms.setdefault(" ".join([*words[:-2], "shops"]), OTHER_TAIL)
        for length in range(2, len(words)):
            if words[length - 1] not in _JOINTS:
                forms.setdefault(" ".join(words[:length]), CUT_OFF)
        for length in range(1, len(words) - 1):
            rest = words[length:]
            if " ".join(words[:length]) in self._towns and not _TAIL_WORDS.issuperset(rest):
                forms.setdefault(" ".join(rest), NO_TAIL)
        return forms

    def _nicknamed(self, text: str) -> dict[int, float]:
        """Find "Pally Park": every word but the last begins one of the name, with a pet ending or none."""
        words = text.split()
        if len(words) < 2 or len(words[0]) < _FEWEST:
            return {}
        return {
            number: NICKNAME
            for number, name in self._by_start.get((words[0][:_FEWEST], words[-1]), ())
            if len(name) == len(words) and words != name and all(map(_is_start, words[:-1], name[:-1]))
        }


def _is_start(word: str, name: str) -> bool:
    """Say whether a word is one of a name, or the start of it with a pet ending."""
    if word == name:
        return True
    stems = [word, *(word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))]
    return any(
        len(stem) >= _FEWEST and name.startswith(stem) and len(name) - len(stem) >= _MISSING for stem in stems
    )
