"""The gazetteer, opened: streets, places and postcodes with a point, an honest radius and a ward.

One SQLite file, made by `gazetteer_build`. What a look-up needs is held in memory as arrays; single
properties (UPRN) stay in the file, because there are 41 million of them.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, overload

import numpy as np
import numpy.typing as npt

from mapping.places import gazetteer_file as file

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]

# What an entry is. A generic one ("Parking Area", "Supermarket") names a kind of place and no place: it
# is never matched as a unique name without anything else to say which one is meant.
STREET: Final = "street"
PLACE: Final = "place"
JUNCTION: Final = "junction"
PROPERTY: Final = "property"
LEVELS: Final = (STREET, PLACE, JUNCTION, PROPERTY)
GENERIC: Final = "generic"
SETTLEMENTS: Final = ("city", "town", "village", "hamlet", "suburb", "settlement")

# Positional quality of Code-Point Open from which a point is an estimate: 50 from the postcodes around it,
# 60 the middle of its sector, 90 none at all.
GOOD_QUALITY: Final = 40
NO_POINT: Final = 90

_MOST_VARIABLES: Final = 500  # of one SQLite statement


@dataclass(frozen=True, eq=False)
class Labels:
    """Texts of few different values: a number for each row, and the texts the numbers stand for."""

    codes: npt.NDArray[np.int32]
    words: Texts

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: Any) -> Texts: ...
    def __getitem__(self, row: Any) -> Any:
        """Return the text of one row, or the texts of many."""
        return self.words[self.codes[row]]

    def code_of(self, word: str) -> int:
        """Return the number of a text, -1 where no row has it."""
        found = np.flatnonzero(self.words == word)
        return int(found[0]) if len(found) else -1


@dataclass(frozen=True, eq=False)
class Entries:
    """Streets, places, junctions and settlements: n rows, in the order of their key.

    Attributes
    ----------
    name, key : array of str, shape (n,)
        As it is shown; and its `place_words.name_key`.
    level, kind : Labels
        street, place, junction or property; and what it is in a word: street, park, shops, estate,
        station, village ..., or `GENERIC`.
    easting_m, northing_m : array of float, shape (n,), EPSG:27700
        The point that stands for it.
    error_m : array of float, shape (n,)
        Radius around that point which holds an address of it 95 times in 100.
    ward_gss_code, borough, locality, postcode_district : Labels
        Where it lies; empty where not known.
    weight : array of float, shape (n,)
        How many records its anchor points had in the files that say so, else 0.
    member_start : array of int, shape (n + 1,)
        Points of entry i are `member_start[i]:member_start[i + 1]` of the two arrays below.
    member_easting_m, member_northing_m : array of float, shape (m,)
        Anchor points of a street, and the postcodes that lie on it.
    """

    name: Texts
    key: Texts
    level: Labels
    kind: Labels
    easting_m: Floats
    northing_m: Floats
    error_m: Floats
    ward_gss_code: Labels
    borough: Labels
    locality: Labels
    postcode_district: Labels
    weight: npt.NDArray[np.float32]
    member_start: npt.NDArray[np.int32]
    member_easting_m: Floats
    member_northing_m: Floats

    def __len__(self) -> int:
        return len(self.name)

    def members(self, row: int) -> tuple[Floats, Floats]:
        """Return the eastings and northings of one entry's own points."""
        span = slice(self.member_start[row], self.member_start[row + 1])
        return self.member_easting_m[span], self.member_northing_m[span]


@dataclass(frozen=True, eq=False)
class Postcodes:
    """Postcode units: n rows, sorted by code.

    `code` is written without a blank and in bytes (b"TS101AA"). `quality` is the positional quality that
    Code-Point gives. Where it gives no point, easting, northing and error are NaN and the ward is empty.
    """

    code: npt.NDArray[np.bytes_]
    easting_m: Floats
    northing_m: Floats
    error_m: Floats
    quality: npt.NDArray[np.uint8]
    ward_gss_code: Labels

    def __len__(self) -> int:
        return len(self.code)

    def row_of(self, code: str) -> int:
        """Return the row of a code written without a blank, or -1."""
        return _row_of(self.code, code)


@dataclass(frozen=True, eq=False)
class Areas:
    """Postcode sectors (b"TS101") or districts (b"TS10"): n rows, sorted by code.

    The point is the middle of their postcodes, `error_m` holds 95 % of them, and the wards that their
    postcodes lie in are `ward_words[ward_codes[ward_start[i]:ward_start[i + 1]]]`, the commonest first.
    """

    code: npt.NDArray[np.bytes_]
    easting_m: Floats
    northing_m: Floats
    error_m: Floats
    units: npt.NDArray[np.int32]
    ward_start: npt.NDArray[np.int32]
    ward_codes: npt.NDArray[np.int32]
    ward_words: Texts

    def __len__(self) -> int:
        return len(self.code)

    def row_of(self, code: str) -> int:
        """Return the row of a code written without a blank, or -1."""
        return _row_of(self.code, code)

    def wards(self, row: int) -> list[str]:
        """Return the wards of one area, that of most postcodes first."""
        return list(self.ward_words[self.ward_codes[self.ward_start[row] : self.ward_start[row + 1]]])


@dataclass(frozen=True, eq=False)
class Uprns:
    """Properties that were asked for, in the order asked; NaN and '' for those that are not held."""

    easting_m: Floats
    northing_m: Floats
    ward_gss_code: Texts


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """An open gazetteer.

    `keys` (sorted, with repeats) and `key_entries` are where names are looked up: each entry's own key and
    those of its other names, and the row of the entry each leads to. `meta` says what it was built from.
    """

    path: Path
    entries: Entries
    keys: Texts
    key_entries: npt.NDArray[np.int32]
    postcodes: Postcodes
    sectors: Areas
    districts: Areas
    meta: dict[str, Any]
    connection: sqlite3.Connection

    @classmethod
    def open(cls, path: Path) -> "Gazetteer":
        """Open a gazetteer file.

        Raises
        ------
        NotFoundError
            There is none at that path.
        StoreError
            The file is no gazetteer, is damaged, or is of another version of this program.
        """
        connection = file.connect(path)
        try:
            read = file.Reader(connection, path)
            entries, keys, key_entries = _entries(read)
            return cls(
                path, entries, keys, key_entries, _postcodes(read), _areas(read, "sector"),
                _areas(read, "district"), read.meta, connection,
            )  # fmt: skip
        except BaseException:
            connection.close()
            raise

    def __enter__(self) -> "Gazetteer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what is in memory stays usable, properties can no longer be looked up."""
        self.connection.close()

    def find(self, key: str) -> npt.NDArray[np.int32]:
        """Return the rows of the entries that have this key, as a name or as another name."""
        first, last = (np.searchsorted(self.keys, key, side=side) for side in ("left", "right"))
        return np.unique(self.key_entries[first:last])

    def find_uprns(self, uprns: Sequence[str]) -> Uprns:
        """Look up properties by their number, written as text with or without leading zeros."""
        east, north = np.full(len(uprns), np.nan), np.full(len(uprns), np.nan)
        wards = np.full(len(uprns), "", dtype=object)
        places: dict[int, list[int]] = {}
        for place, uprn in enumerate(uprns):
            digits = uprn.strip()
            if digits.isascii() and digits.isdigit() and len(digits) <= 12:
                places.setdefault(int(digits), []).append(place)
        asked = list(places)
        for start in range(0, len(asked), _MOST_VARIABLES):
            for number, x, y, ward in file.uprns(self.connection, asked[start : start + _MOST_VARIABLES]):
                for place in places[number]:
                    east[place], north[place], wards[place] = x, y, ward
        return Uprns(east, north, wards)


def _row_of(codes: npt.NDArray[np.bytes_], code: str) -> int:
    if not code.isascii():
        return -1
    sought = code.encode("ascii")
    row = int(np.searchsorted(codes, sought))
    return row if row < len(codes) and codes[row] == sought else -1


def _labels(read: "file.Reader", name: str, words: str = "") -> Labels:
    return Labels(read.array(f"{name}.codes", np.int32), read.texts(words or f"{name}.words"))


def _entries(read: "file.Reader") -> tuple[Entries, Texts, npt.NDArray[np.int32]]:
    keys, key_entries = read.texts("name.key"), read.array("name.entry", np.int32)
    entries = Entries(
        name=read.texts("entry.name"),
        key=keys[read.array("entry.key", np.int32)],
        level=_labels(read, "entry.level"),
        kind=_labels(read, "entry.kind"),
        easting_m=read.array("entry.easting_m", np.float64),
        northing_m=read.array("entry.northing_m", np.float64),
        error_m=read.array("entry.error_m", np.float64),
        ward_gss_code=_labels(read, "entry.ward", "ward.words"),
        borough=_labels(read, "entry.borough"),
        locality=_labels(read, "entry.locality"),
        postcode_district=_labels(read, "entry.district"),
        weight=read.array("entry.weight", np.float32),
        member_start=read.array("member.start", np.int32),
        member_easting_m=read.array("member.easting_m", np.float64),
        member_northing_m=read.array("member.northing_m", np.float64),
    )
    return entries, keys, key_entries


def _postcodes(read: "file.Reader") -> Postcodes:
    return Postcodes(
        code=read.array("postcode.code", np.dtype("S7")),
        easting_m=read.array("postcode.easting_m", np.float64),
        northing_m=read.array("postcode.northing_m", np.float64),
        error_m=read.array("postcode.error_m", np.float64),
        quality=read.array("postcode.quality", np.uint8),
        ward_gss_code=_labels(read, "postcode.ward", "ward.words"),
    )


def _areas(read: "file.Reader", name: str) -> Areas:
    return Areas(
        code=read.array(f"{name}.code", np.dtype("S5")),
        easting_m=read.array(f"{name}.easting_m", np.float64),
        northing_m=read.array(f"{name}.northing_m", np.float64),
        error_m=read.array(f"{name}.error_m", np.float64),
        units=read.array(f"{name}.units", np.int32),
        ward_start=read.array(f"{name}.ward_start", np.int32),
        ward_codes=read.array(f"{name}.ward_codes", np.int32),
        ward_words=read.texts("ward.words"),
    )
