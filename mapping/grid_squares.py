"""Grid references of the Ordnance Survey: letters and figures to the square they name.

References
----------
Ordnance Survey (2020). A guide to coordinate systems in Great Britain, section 7.
"""

import re
from dataclasses import dataclass
from typing import Final

_LETTERED: Final = re.compile(
    r"([A-HJ-Z])\s?([A-HJ-Z])[\s,]*(?:(\d{2,5})[\s,]+(\d{2,5})|((?:\d\d){2,5}))", re.ASCII
)
_FIGURES: Final = re.compile(r"(\d{6})[, ]{0,2}(\d{6})", re.ASCII)  # easting and northing in one cell
_LETTERS: Final = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # a 5 by 5 square, without the I
_SQUARE_M: Final = 100_000
_MOST: Final = (7, 13)  # squares of 100 km eastward and northward


@dataclass(frozen=True)
class Square:
    """A square of the National Grid: its south-west corner and its side, in metres."""

    easting_m: int
    northing_m: int
    side_m: int


def parse(text: str) -> Square | None:
    """Read a grid reference of four to ten figures; None where it is none.

    `NZ 494 203` is the square of 100 m whose corner is 449400, 520300. Spaces and case are free.
    Twelve figures are an easting and a northing in whole metres.
    """
    whole = _FIGURES.fullmatch(text.strip())
    if whole:
        return Square(int(whole[1]), int(whole[2]), 1)
    found = _LETTERED.fullmatch(text.strip().upper())
    if found is None:
        return None
    packed = found[5] or ""
    half = len(packed) // 2
    figures = (packed[:half], packed[half:]) if packed else (found[3], found[4])
    if len(figures[0]) != len(figures[1]):
        return None
    first, second = (_LETTERS.index(letter) for letter in (found[1], found[2]))
    # The grid of large squares starts two squares west and counts down from its north-west corner.
    east = (first - 2) % 5 * 5 + second % 5
    north = 19 - first // 5 * 5 - second // 5
    if not (east < _MOST[0] and 0 <= north < _MOST[1]):
        return None
    side = 10 ** (5 - len(figures[0]))
    return Square(east * _SQUARE_M + int(figures[0]) * side, north * _SQUARE_M + int(figures[1]) * side, side)
