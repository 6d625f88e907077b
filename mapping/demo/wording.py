"""What people type: the place in their own words, the category of their own list, a short account."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.demo import words
from mapping.demo.mixes import COUNCILLORS, FIRE, HOUSING, POLICE, WARDENS
from mapping.demo.town import Town

_NO_ACCOUNT: Final = 0.07
_MISSPELT: Final = 0.04
_TAILS: Final = (
    "",
    "",
    "",
    "",
    " - ongoing",
    ". Area checked",
    ". No further trace",
    ". Photo taken",
    " again",
)

# What is known of a place decides which lines can be said: {house} {road} {cross} {mark} {park}.
_LINES: Final = {
    POLICE: {
        "house": ("{house} {road}, Newmouth", "{house} {road}", "{road}, Newmouth", "{road}"),
        "cross": ("{road} j/w {cross}", "Junction of {road} and {cross}, Newmouth"),
        "mark": ("{mark}, {road}", "O/S {mark}, {road}", "{mark}, Newmouth"),
        "road": ("{road}, Newmouth", "{road} nr borough boundary"),
        "park": ("{park}, Newmouth", "{park}"),
    },
    WARDENS: {
        "house": ("{road}", "rear of {house} {road}", "alley behind {road}", "{road} opp no {house}"),
        "cross": ("{road}/{cross}", "cnr {road} & {cross}"),
        "mark": ("o/s {mark}", "{mark}", "nr {mark} {road}"),
        "road": ("{road} layby", "verge {road}"),
        "park": ("{park}", "{park} by the play area", "path thru {park}"),
    },
    FIRE: {
        "house": ("{road}, Newmouth", "Rear of {house} {road}", "Open ground off {road}", "{road}"),
        "cross": ("{road} at {cross}",),
        "mark": ("Rear of {mark}, {road}", "{mark}"),
        "road": ("Grass verge, {road}",),
        "park": ("{park}", "Woodland in {park}"),
    },
    HOUSING: {
        "house": ("{house} {road}, Newmouth", "{house} {road}", "Flats at {road}", "Garages, {road}"),
        "cross": ("{house} {road}, Newmouth",),
        "mark": ("{road}, flats above {mark}", "{house} {road}"),
        "road": ("{road}",),
        "park": ("Land next to {park}",),
    },
    COUNCILLORS: {
        "house": ("{road}", "{road} area", "Top end of {road}"),
        "cross": ("corner of {road} and {cross}",),
        "mark": ("{road} near {mark}", "outside {mark}", "{mark}"),
        "road": ("{road}",),
        "park": ("{park}", "the entrance to {park}"),
    },
}


def own_categories(reports: pd.DataFrame) -> npt.NDArray[np.str_]:
    """Return each report's category in its source's own words."""
    own = [
        words.OWN_WORDS.get(source, {}).get(category, category)
        for source, category in zip(reports["source"], reports["category"], strict=True)
    ]
    return np.array(own)


def descriptions(categories: pd.Series, rng: np.random.Generator) -> list[str]:
    """Return a short invented account of each event; some say nothing."""
    pick, tail, silent = rng.random((3, len(categories)))
    said = []
    for number, category in enumerate(categories):
        lines = words.SAID[category]
        line = lines[int(pick[number] * len(lines))] + _TAILS[int(tail[number] * len(_TAILS))]
        said.append("" if silent[number] < _NO_ACCOUNT else line)
    return said


def addresses(
    town: Town, reports: pd.DataFrame, is_stack: npt.NDArray[np.bool_], rng: np.random.Generator
) -> list[str]:
    """Return the place of each report as its source would write it, some of them misspelt."""
    spots = town.spots.iloc[reports["spot"]]
    known = zip(
        reports["source"],
        spots["road"],
        spots["house"],
        spots["junction"],
        spots["near"],
        spots["park"],
        reports["landmark"],
        is_stack,
        rng.random((len(reports), 4)),
        strict=True,
    )
    return [_address(town, *facts) for facts in known]


def _address(
    town: Town,
    source: str,
    road: int,
    house: int,
    junction: int,
    near: int,
    park: int,
    landmark: str,
    is_stack: bool,
    chance: npt.NDArray[np.float64],
) -> str:
    names = {
        "house": house,
        "road": town.roads[road].name if road >= 0 else "",
        "cross": town.roads[junction].name if junction >= 0 else "",
        "mark": landmark or (town.landmarks[near].name if near >= 0 else ""),
        "park": town.parks[park].name if park >= 0 else "",
    }
    if is_stack:
        return f"{landmark}, {names['road']}"
    lines = _LINES[source][_known(names, bool(landmark), chance[0])]
    text = lines[int(chance[1] * len(lines))].format(**names)
    if source in (WARDENS, COUNCILLORS) and chance[2] < 0.5:
        text = _shortened(text)
    if source == POLICE and chance[2] < 0.22:
        text = text.upper()
    if chance[3] < _MISSPELT:
        text = _misspelt(text, chance[3] / _MISSPELT)
    return text


def _known(names: dict[str, object], is_landmark: bool, chance: float) -> str:
    """Choose what a person goes by: a named place most of the time, else a corner, else the street."""
    if names["park"]:
        return "park"
    if not names["road"] or (names["mark"] and chance < (0.7 if is_landmark else 0.4)):
        return "mark"
    if names["cross"] and chance > 0.7:
        return "cross"
    return "house" if names["house"] else "road"


def _shortened(text: str) -> str:
    for kind, short in words.SHORT_KINDS.items():
        text = text.replace(f" {kind}", f" {short}")
    return text


def _misspelt(text: str, chance: float) -> str:
    """Swap, drop or double one letter inside a word."""
    inner = [n for n in range(1, len(text) - 2) if text[n].isalpha() and text[n + 1].isalpha()]
    if not inner:
        return text
    at = inner[int(chance * len(inner)) % len(inner)]
    way = int(chance * 97) % 3
    if way == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if way == 1:
        return text[:at] + text[at + 1 :]
    return text[: at + 1] + text[at:]
