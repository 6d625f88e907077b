"""What else is known of where a report comes from, and how well a place agrees with it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from mapping.places.gazetteer import Gazetteer
from mapping.places.place_query import COMMON
from mapping.places.place_words import name_key

Floats = npt.NDArray[np.float64]

# How much agreeing or disagreeing evidence weighs, in wrong letters.
AGREES: Final = -1.0
DISAGREES: Final = 2.2
_SLACK_M: Final = 300.0  # that an area is wider than what is known of it
_MISSPELT_TOWN: Final = 6  # letters from which one may be wrong


_BESIDE_TOWN_M: Final = 1_500.0  # from the point of a town, that are in it whatever its extent
_PER_LETTER_M: Final = 2_000.0  # farther off, that weigh as much as one wrong letter
LOOSE: Final = 0.75  # a place that is less far off than this weighs is not said to be elsewhere


@dataclass(frozen=True)
class Vicinity:
    """Where a place lies that a text names to say where another is: "Church Road, Billingham".

    A town has no edge that is known here: what lies nearer to it is likelier, by degrees.
    """

    easting_m: Floats
    northing_m: Floats
    radius_m: float
    most: float = DISAGREES

    def weigh(self, east: Floats, north: Floats) -> float:
        """Weigh a place by its own point nearest to a point of this one."""
        away = float(np.hypot(east[:, None] - self.easting_m, north[:, None] - self.northing_m).min())
        beyond = max(away - max(self.radius_m, _BESIDE_TOWN_M), 0.0)
        return min(AGREES + beyond / _PER_LETTER_M, self.most)


@dataclass(frozen=True)
class Circle:
    """An area in which a place should lie."""

    easting_m: float
    northing_m: float
    radius_m: float
    is_sharp: bool = True
    ward_gss_code: str = ""

    def weigh(self, east: Floats, north: Floats, ward: str) -> float:
        """Weigh a place by its nearest own point: inside agrees, far outside disagrees.

        Of a ward the gazetteer knows which entries are in it: an entry of another can only reach into it.
        """
        if self.ward_gss_code and self.ward_gss_code == ward:
            return AGREES
        away = float(np.hypot(east - self.easting_m, north - self.northing_m).min())
        if away <= self.radius_m + (_SLACK_M if self.is_sharp else 0.0):
            return AGREES / 4 if self.ward_gss_code else AGREES
        return 0.0 if away <= 1.6 * self.radius_m + 2 * _SLACK_M else DISAGREES

    def beyond_m(self, east: Floats, north: Floats) -> float:
        """Return how far outside a place lies, by its nearest own point; 0 inside, or where it has none."""
        away = np.hypot(east - self.easting_m, north - self.northing_m).min(initial=np.inf)
        return max(float(away) - self.radius_m, 0.0) if np.isfinite(away) else 0.0


class Towns:
    """The boroughs and localities of a gazetteer, by the words people use for them."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        entries = gazetteer.entries
        self.names: dict[str, frozenset[str]] = {}
        for labels in (entries.borough, entries.locality):
            used = np.bincount(labels.codes, minlength=len(labels.words)) if len(labels) else np.zeros(0)
            for word, count in zip(labels.words.tolist(), used.tolist(), strict=False):
                key = name_key(word)
                if not key or not count:
                    continue
                for alias in _aliases(key):
                    self.names[alias] = self.names.get(alias, frozenset()) | {key}
        # A word of a town's name that several may mean, or none: "Cleveland" is where all of them are.
        self.vague = frozenset(
            word for alias in self.names for word in alias.split() if len(word) > 4 and word not in self.names
        )
        self._by_letter: dict[str, list[str]] = {}
        for alias in self.names:
            self._by_letter.setdefault(alias[0], []).append(alias)
        self._longest = max((len(alias.split()) for alias in self.names), default=0)

    def __contains__(self, word: object) -> bool:
        """Say whether words are what people call a town, misspelt or not, or a word of its name."""
        if word in self.names or word in self.vague:
            return True
        return isinstance(word, str) and len(word) >= _MISSPELT_TOWN and bool(self._misspelt(word))

    def named_in(self, runs: tuple[tuple[str, ...], ...]) -> tuple[frozenset[str], int]:
        """Return the towns that words name, and how many words name none."""
        found: set[str] = set()
        unexplained = 0
        for run in runs:
            place = 0
            while place < len(run):
                length, towns = self._at(run, place)
                found |= towns
                unexplained += 0 if length else run[place] not in COMMON and run[place] not in self.vague
                place += max(length, 1)
        return frozenset(found), unexplained

    def _at(self, run: tuple[str, ...], place: int) -> tuple[int, frozenset[str]]:
        for length in range(min(self._longest, len(run) - place), 0, -1):
            word = " ".join(run[place : place + length])
            if word in self.names:
                return length, self.names[word]
            if length == 1 and (short := self._shortened(word)):
                return length, short
            if len(word) >= _MISSPELT_TOWN and (near := self._misspelt(word)):
                return length, near
        return 0, frozenset()

    def _shortened(self, word: str) -> frozenset[str]:
        """Return the town that a word cuts short: "mbro" and "boro" are Middlesbrough, "hpool" Hartlepool."""
        if not 4 <= len(word) <= 6:
            return frozenset()
        fits = [
            (len(alias), alias)
            for alias in self.names
            if (word == "boro" and alias.endswith(("brough", "borough")))
            or (word[0] == alias[0] and word not in COMMON and _is_clipped(word) and _is_within(word, alias))
        ]
        return self.names[min(fits)[1]] if fits else frozenset()

    def _misspelt(self, word: str) -> frozenset[str]:
        allowed = 1 if len(word) < 10 else 2
        for alias in self._by_letter.get(word[0], ()):
            if OSA.distance(word, alias, score_cutoff=allowed) <= allowed:
                return self.names[alias]
        return frozenset()


def _is_clipped(word: str) -> bool:
    return sum(letter in "aeiou" for letter in word) <= len(word) - 3


def _is_within(word: str, name: str) -> bool:
    """Say whether the letters of a word come in a name in their order."""
    letters = iter(name)
    return all(letter in letters for letter in word)


def _aliases(key: str) -> set[str]:
    """Return what people call a town: "stockton on tees" is Stockton, "redcar and cleveland" Redcar."""
    aliases = {key}
    for joint in (" on ", " upon ", " and ", " by ", " under ", " in "):
        head, found, _ = key.partition(joint)
        if found and len(head) >= 4:
            aliases.add(head)
    return aliases


class WardCircles:
    """Where each ward of a gazetteer lies, roughly: the middle of its postcodes, and how far they reach."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        codes = gazetteer.postcodes
        self._circles: dict[str, Circle] = {}
        located = np.isfinite(codes.easting_m)
        ward = codes.ward_gss_code.codes[located]
        order = np.argsort(ward, kind="stable")
        ward, east, north = ward[order], codes.easting_m[located][order], codes.northing_m[located][order]
        starts = np.flatnonzero(np.diff(ward, prepend=-1))
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(ward)], strict=False):
            x, y = float(east[start:end].mean()), float(north[start:end].mean())
            reach = float(np.hypot(east[start:end] - x, north[start:end] - y).max())
            code = str(codes.ward_gss_code.words[ward[start]])
            self._circles[code] = Circle(x, y, reach, False, code)
        self._by_name: dict[str, list[str]] = {}
        for code, name in gazetteer.meta.get("ward_names", {}).items():
            self._by_name.setdefault(name_key(name), []).append(code)

    def of(self, ward_gss_code: str) -> Circle | None:
        """Return where a ward lies; None where no postcode says."""
        return self._circles.get(ward_gss_code) if ward_gss_code else None

    def is_name(self, words: tuple[str, ...]) -> bool:
        """Say whether words are the name of a ward."""
        return name_key(" ".join(words)) in self._by_name

    def named_in(self, phrases: tuple[tuple[str, ...], ...]) -> tuple[str, int]:
        """Return the ward that a text names as one ("Park ward"), and in which phrase; "" and -1 for none."""
        for number, phrase in enumerate(phrases):
            if len(phrase) > 1 and phrase[-1] == "ward":
                for start in range(len(phrase) - 1):
                    codes = self._by_name.get(name_key(" ".join(phrase[start:-1])), [])
                    if len(codes) == 1:
                        return codes[0], number
        return "", -1
