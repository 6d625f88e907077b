"""What the source files name, before it is made into entries: columns that grow a row at a time."""

import re
from array import array
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from mapping.places.place_words import name_key

LONGEST_NAME: Final = 120
_FORMULA: Final = re.compile(r"^[=+\-@\t\r]")
_NAN: Final = float("nan")

NO_NAME: Final = "it has no name"
LONG_NAME: Final = f"its name has more than {LONGEST_NAME} characters"
FORMULA: Final = "its name begins like a formula of a spreadsheet"


@dataclass
class _Column:
    """Texts of few different values, as numbers."""

    codes: "array[int]" = field(default_factory=lambda: array("i"))
    numbers: dict[str, int] = field(default_factory=lambda: {"": 0})

    def add(self, text: str) -> None:
        self.codes.append(self.numbers.setdefault(text, len(self.numbers)))

    def array(self) -> npt.NDArray[np.int32]:
        return np.frombuffer(self.codes, dtype=np.int32) if self.codes else np.empty(0, np.int32)

    def words(self) -> npt.NDArray[np.object_]:
        return np.array(list(self.numbers), dtype=object)


class Drafts:
    """Rows of names with a point: one for each anchor point, road section or place of a file.

    `box` is the extent (west, south, east, north) where a file gives one, NaN elsewhere; `radius` is
    the extent that a person wrote down, or NaN. `aliases` are other names: (row, text).
    """

    def __init__(self) -> None:
        self.name, self.key = _Column(), _Column()
        self.level, self.kind = _Column(), _Column()
        self.borough, self.locality, self.district = _Column(), _Column(), _Column()
        self._numbers = {
            name: array("d")
            for name in ("easting", "northing", "west", "south", "east", "north", "radius", "weight")
        }
        self.aliases: list[tuple[int, str]] = []
        self._keys: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.name.codes)

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """Return a column of numbers."""
        held = self._numbers[name]
        return np.frombuffer(held, dtype=np.float64) if held else np.empty(0, np.float64)

    def key_of(self, name: str) -> str:
        """Return the key of a name; each name is taken apart once."""
        found = self._keys.get(name)
        if found is None:
            found = self._keys[name] = name_key(name)
        return found

    def add(
        self,
        name: str,
        level: str,
        kind: str,
        point: tuple[float, float],
        *,
        box: tuple[float, float, float, float] = (_NAN, _NAN, _NAN, _NAN),
        radius: float = _NAN,
        weight: float = 0.0,
        borough: str = "",
        locality: str = "",
        district: str = "",
        aliases: tuple[str, ...] = (),
    ) -> None:
        """Add one row; its point lies in Great Britain and its name passed `fault_of`."""
        for other in aliases:
            if other and not fault_of(other):
                self.aliases.append((len(self), other))
        self.name.add(name)
        self.key.add(self.key_of(name))
        self.level.add(level)
        self.kind.add(kind)
        self.borough.add(borough)
        self.locality.add(locality)
        self.district.add(district)
        for column, value in zip(self._numbers.values(), (*point, *box, radius, weight), strict=True):
            column.append(value)


def plain(text: str) -> str:
    """Drop control characters and direction overrides, and fold blanks."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def fault_of(name: str) -> str:
    """Say why a text is no name, or nothing."""
    if not name:
        return NO_NAME
    if len(name) > LONGEST_NAME:
        return LONG_NAME
    return FORMULA if _FORMULA.match(name) else ""
