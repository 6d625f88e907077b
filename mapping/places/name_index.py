"""The names of a gazetteer, found exactly, by what they share in letters, and by how they sound.

Trigrams are held as one sorted list of postings in numpy: a text of twenty letters is compared with half a
million names in about a millisecond.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from mapping.places.gazetteer import GENERIC, PLACE, SETTLEMENTS, Gazetteer
from mapping.places.place_words import STREET_TYPES, name_key, sound_of
from mapping.places.short_names import ShortNames

Numbers = npt.NDArray[np.int32]

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789 "
_SIZE: Final = len(_LETTERS) + 1  # whatever else is one letter of its own
_MOST: Final = 24  # names that share most trigrams, of which the nearest are measured
_LEAST_SHARED: Final = 0.28  # of the trigrams of both (cosine); fewer is another name
# What a missing and another street type weigh against one wrong letter, and a name that sounds the same.
TYPE_MISSING: Final = 0.6
TYPE_OTHER: Final = 2.4
SOUNDS_ALIKE: Final = 1.2
PER_UNHEARD: Final = 0.4  # for each further letter that is not heard
_SPOKEN: Final = 4  # letters; in shorter names too much sounds alike


@dataclass(frozen=True)
class Near:
    """A name that a text may mean: its number among `NameIndex.keys`, and how many letters are wrong.

    `distance` is an edit distance in letters, with what `TYPE_MISSING` and the others say.
    """

    key: int
    distance: float


class NameIndex:
    """Keys of a gazetteer, each once, sorted; `entries_of` leads from a key to what is called so."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        keys, first = np.unique(gazetteer.keys.astype(str), return_index=True)
        filled = keys != ""
        ends = np.append(first[1:], len(gazetteer.keys))
        self.keys: list[str] = keys[filled].tolist()
        self._first, self._end = first[filled], ends[filled]
        self._rows = gazetteer.key_entries
        self.number = {key: place for place, key in enumerate(self.keys)}
        kinds = gazetteer.entries.kind
        is_generic = kinds.words[kinds.codes] == GENERIC if len(kinds) else np.empty(0, dtype=bool)
        generic_rows = np.append(np.cumsum(is_generic[self._rows]), 0)
        counted = generic_rows[self._end - 1] - generic_rows[self._first - 1]
        self.is_generic: npt.NDArray[np.bool_] = counted == self._end - self._first
        self.bases, self._sounds = self._by_base_and_sound()
        self.short_names = self._short_names(gazetteer)
        self._by_letters = _Trigrams(self.keys)
        self._base_list = list(self.bases)
        self._base_letters = _Trigrams(self._base_list)

    def entries_of(self, key: int) -> Numbers:
        """Return the rows of the entries that have a key."""
        return np.unique(self._rows[self._first[key] : self._end[key]])

    def of_one_entry(self) -> tuple[Numbers, Numbers]:
        """Return the keys that lead to one entry alone, and its row."""
        keys = np.flatnonzero(self._end - self._first == 1).astype(np.int32)
        return keys, self._rows[self._first[keys]]

    def _short_names(self, gazetteer: Gazetteer) -> ShortNames:
        entries, levels, kinds = gazetteer.entries, gazetteer.entries.level, gazetteer.entries.kind
        is_place = (levels.words == PLACE)[levels.codes]
        is_place &= ~np.isin(kinds.words, (GENERIC, *SETTLEMENTS))[kinds.codes]
        counted = np.append(np.cumsum(is_place[self._rows]), 0)
        numbers = np.flatnonzero(counted[self._end - 1] > counted[self._first - 1]).tolist()
        labels = np.concatenate((entries.borough.words, entries.locality.words))
        towns = frozenset(name_key(word) for word in labels.tolist())
        return ShortNames([(one, self.keys[one]) for one in numbers], self.number, STREET_TYPES, towns)

    def _by_base_and_sound(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        bases: dict[str, list[int]] = {}
        sounds: dict[str, list[int]] = {}
        for place, key in enumerate(self.keys):
            if self.is_generic[place]:
                continue
            base, _ = split_type(key)
            bases.setdefault(base, []).append(place)
            sounds.setdefault(_sound(base), []).append(place)
        return bases, sounds

    def nearest(self, text: str, *, most: int = 6) -> list[Near]:
        """Return the names nearest to a text, the nearest first; generic ones never.

        Parameters
        ----------
        text : str
            A `place_words.name_key`.
        """
        base, kind = split_type(text)
        found = {key for key in self._by_letters.sharing(text) if not self.is_generic[key]}
        found.update(self._sounds.get(_sound(base), ())[:_MOST])
        found.update(self.bases.get(base, ())[:_MOST])
        if kind == "":  # its type is left out
            for place in self._base_letters.sharing(text)[:8]:
                found.update(self.bases[self._base_list[place]][:8])
        sound = _sound(base)
        measured = [Near(key, self._distance(text, base, kind, sound, key)) for key in found]
        measured.sort(key=lambda near: (near.distance, near.key))
        return measured[:most]

    def _distance(self, text: str, base: str, kind: str, sound: str, key: int) -> float:
        name = self.keys[key]
        own_base, own_kind = split_type(name)
        whole = float(OSA.distance(text, name))
        if whole > 1.0 and text.replace(" ", "") == name.replace(" ", ""):
            whole = 1.0  # written as one word, or as two
        apart = float(OSA.distance(base, own_base))
        if SOUNDS_ALIKE < apart <= len(base) / 2 and len(base) >= _SPOKEN and _sound(own_base) == sound:
            apart = min(apart, SOUNDS_ALIKE + PER_UNHEARD * (apart - 1))
        if kind == own_kind:
            return min(whole, apart)
        if kind == "":  # a type left out, not spelt wrongly
            return min(whole, apart + TYPE_MISSING)
        if own_kind == "":
            return min(whole, apart + TYPE_MISSING)
        return max(min(whole, apart + TYPE_OTHER), min(TYPE_OTHER, whole))


def split_type(key: str) -> tuple[str, str]:
    """Split "marton road" into "marton" and "road"; a name without a type has an empty one."""
    base, _, last = key.rpartition(" ")
    if base and base != "the" and last in STREET_TYPES:
        return base, last
    return key, ""


def _sound(base: str) -> str:
    return " ".join(sound_of(word) for word in base.split())


def _letters() -> npt.NDArray[np.int64]:
    table = np.full(256, _SIZE - 1, dtype=np.int64)
    table[np.frombuffer(_LETTERS.encode(), dtype=np.uint8)] = np.arange(len(_LETTERS))
    return table


_TABLE: Final = _letters()


def _codes_of(text: str) -> npt.NDArray[np.int64]:
    letters = _TABLE[np.frombuffer(f"  {text} ".encode("ascii", "replace"), dtype=np.uint8)]
    return np.asarray((letters[:-2] * _SIZE + letters[1:-1]) * _SIZE + letters[2:])


class _Trigrams:
    """Texts by the letters they share: for each group of three, the texts it occurs in."""

    def __init__(self, texts: list[str]) -> None:
        joined = "".join(f"  {text} " for text in texts).encode("ascii", "replace")
        letters = _TABLE[np.frombuffer(joined, dtype=np.uint8)]
        owner = np.repeat(np.arange(len(texts), dtype=np.int64), [len(text) + 3 for text in texts])
        codes = (letters[:-2] * _SIZE + letters[1:-1]) * _SIZE + letters[2:]
        inside = owner[:-2] == owner[2:]  # not across the end of one text and the start of the next
        pairs = np.unique(codes[inside] * max(len(texts), 1) + owner[:-2][inside])
        code, text = np.divmod(pairs, max(len(texts), 1))
        starts = np.searchsorted(code, np.arange(_SIZE**3 + 1))
        self._starts: npt.NDArray[np.int64] = starts
        self._postings = text.astype(np.int32)
        self._sizes = np.sqrt(np.maximum(np.bincount(text, minlength=len(texts)), 1.0))

    def sharing(self, text: str) -> list[int]:
        """Return the texts that share most with this one, by the cosine of their groups of three."""
        codes = np.unique(_codes_of(text))
        parts = [self._postings[self._starts[code] : self._starts[code + 1]] for code in codes.tolist()]
        counts = np.bincount(np.concatenate(parts), minlength=len(self._sizes))
        share = counts / (self._sizes * np.sqrt(len(codes)))
        best = np.flatnonzero(share >= _LEAST_SHARED)
        if len(best) > _MOST:
            best = best[np.argpartition(-share[best], _MOST)[:_MOST]]
        chosen: list[int] = best[np.argsort(-share[best], kind="stable")].tolist()
        return chosen
