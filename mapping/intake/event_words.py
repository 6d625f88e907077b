"""How alike two services' words for a place, or their accounts of what happened, are."""

import re
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

# Said of every place, so no sign of the same one: where at it, what kind of road, and the numbers.
_SAID_OF_ALL: Final = frozenset({
    "alley", "alleyway", "area", "at", "behind", "between", "by", "corner", "cnr", "entrance", "flat",
    "flats", "footpath", "from", "front", "garages", "in", "j", "jct", "junction", "jw", "land", "layby",
    "near", "next", "no", "nr", "number", "o", "of", "off", "on", "open", "opp", "opposite", "or", "os",
    "outside", "path", "rear", "s", "side", "the", "through", "thru", "to", "top", "towards", "verge", "w",
    "with", "and", "avenue", "ave", "av", "close", "cl", "court", "ct", "crescent", "cres", "drive", "dr",
    "gardens", "gdns", "garth", "green", "grove", "gr", "hill", "lane", "ln", "park", "parade", "place",
    "pl", "rise", "road", "rd", "row", "square", "sq", "street", "st", "terrace", "terr", "way", "walk",
})  # fmt: skip
_APART: Final = re.compile(r"[^a-z]+")
_TOWN: Final = re.compile(r",\s*[^\W\d]+\s*$")  # `12 Eden Road, Exampleton`: one word after the last comma


def place_key(text: str) -> str:
    """Return the words that tell one place from another, in small letters; all of them where none does."""
    without_town = _TOWN.sub("", text)
    words = [word for word in _APART.split((without_town or text).casefold().replace("'", "")) if word]
    telling = [word for word in words if word not in _SAID_OF_ALL]
    return " ".join(telling or words)


def account_key(text: str) -> str:
    """Return a description's words in small letters."""
    return " ".join(word for word in _APART.split(text.casefold()) if word)


def keys_of(texts: pd.Series, *, is_place: bool) -> npt.NDArray[np.object_]:
    """Return the key of each text; every different text is read once."""
    codes, distinct = pd.factorize(texts)
    make = place_key if is_place else account_key
    return np.array([*(make(str(text)) for text in distinct), ""], dtype=object)[codes]


def likeness(first: Iterable[str], second: Iterable[str]) -> npt.NDArray[np.float64]:
    """Return how alike each two keys are, 0-1; NaN where one says nothing.

    1 where they have a word in common, as `Eden Road` and `corner of Eden Rd and Tees Street` have.
    """
    from rapidfuzz import fuzz, process

    keys = list(first), list(second)
    if not keys[0]:
        return np.zeros(0)
    scores = process.cpdist(*keys, scorer=fuzz.partial_token_set_ratio, dtype=np.float64) / 100
    silent = np.array([not (one and other) for one, other in zip(*keys, strict=True)])
    return np.where(silent, np.nan, scores)
