"""The open tables a gazetteer is built from: Code-Point Open, OS Open Names and OS Open UPRN.

Each reader takes a file a row at a time and counts what it refuses. None of the three has a heading
as a rule; where there is one it is passed over.
"""

import math
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from mapping.crs import GB_EASTING_M, GB_NORTHING_M
from mapping.places.gazetteer import NO_POINT, PLACE, STREET
from mapping.places.gazetteer_drafts import Drafts, fault_of, plain
from mapping.places.gazetteer_rows import SourceFile, read_rows, refuse_a_stranger

NOT_A_NUMBER: Final = "its easting or northing is no number"
OUTSIDE: Final = "its point lies outside Great Britain"
FEW_COLUMNS: Final = "it has too few columns"
NO_POSTCODE: Final = "it has no postcode"
REPEATED: Final = "it repeats what an earlier row gave"
HEADING: Final = "heading"

_CHECK_AFTER: Final = 1000  # rows, after which a file that is something else is refused
_POSTCODE: Final = re.compile(r"[A-Z]{1,2}[0-9][0-9A-HJKMNP-Y]?[0-9][ABD-HJLNP-UW-Z]{2}")
_QUALITIES: Final = frozenset((10, 20, 30, 40, 50, 60, NO_POINT))


@dataclass
class Units:
    """Postcode units as read: codes without a blank, points with NaN where there is none, quality."""

    rows: dict[bytes, int] = field(default_factory=dict)
    easting: "array[float]" = field(default_factory=lambda: array("d"))
    northing: "array[float]" = field(default_factory=lambda: array("d"))
    quality: "array[int]" = field(default_factory=lambda: array("B"))

    def point_of(self, postcode: str) -> tuple[float, float] | None:
        """Return the point of a postcode in any spacing, or nothing."""
        row = self.rows.get(re.sub(r"\s", "", postcode.upper()).encode("ascii", "replace"))
        if row is None or math.isnan(self.easting[row]):
            return None
        return self.easting[row], self.northing[row]


def metres(easting: str, northing: str) -> tuple[tuple[float, float], str]:
    """Read a point in metres; the second answer says what is wrong with it, or nothing."""
    try:
        x, y = float(easting), float(northing)
    except ValueError:
        return (0.0, 0.0), NOT_A_NUMBER
    if not (GB_EASTING_M[0] < x <= GB_EASTING_M[1] and GB_NORTHING_M[0] < y <= GB_NORTHING_M[1]):
        return (0.0, 0.0), OUTSIDE  # NaN and infinity are here too
    return (x, y), ""


def read_code_point(path: Path, source: SourceFile, units: Units) -> None:
    """Add the postcodes of a Code-Point Open file; the first row that names a postcode counts.

    A postcode is padded to seven characters ("TS101AA", "TS1 1AA") or written with one blank. Quality 90,
    or the point 0,0, is a postcode whose point is not known: it is kept, so that a query for it is told
    so, and never gives a point.

    Raises
    ------
    FileRefusedError
        Most rows are something else.
    """
    what = ("Code-Point Open", "postcode, quality, easting, northing in its first columns")
    for number, row in enumerate(read_rows(path, source), start=1):
        if fault := _add_unit(row, units):
            if number <= 2 and row[:1] and row[0].strip().lower() in ("pc", "postcode"):
                source.left_out[HEADING] += 1
            else:
                source.refused[fault] += 1
        else:
            source.kept += 1
        if number == _CHECK_AFTER:
            refuse_a_stranger(source, *what)
    refuse_a_stranger(source, *what)


def _add_unit(row: list[str], units: Units) -> str:
    if len(row) < 4:
        return FEW_COLUMNS
    code = row[0].replace(" ", "").upper()
    if not _POSTCODE.fullmatch(code):
        return NO_POSTCODE
    try:
        quality = int(row[1])
    except ValueError:
        return "its positional quality is none of Code-Point's"
    if quality not in _QUALITIES:
        return "its positional quality is none of Code-Point's"
    if quality == NO_POINT or (row[2].strip(), row[3].strip()) == ("0", "0"):
        point, quality = (math.nan, math.nan), NO_POINT
    else:
        point, fault = metres(row[2], row[3])
        if fault:
            return fault
    packed = code.encode("ascii")
    if packed in units.rows:
        return REPEATED
    units.rows[packed] = len(units.easting)
    units.easting.append(point[0])
    units.northing.append(point[1])
    units.quality.append(quality)
    return ""


# OS Open Names: where its columns stand.
_NAME1, _NAME2, _TYPE, _LOCAL_TYPE, _X, _Y, _MBR, _DISTRICT = 2, 4, 6, 7, 8, 9, 12, 16
_POPULATED, _BOROUGH, _COUNTY, _WIDTH = 18, 21, 24, 34
_KINDS: Final = {
    "suburban area": "suburb", "other settlement": "settlement", "railway station": "station",
    "bus station": "station", "coach station": "station", "tramway": "station",
    "light rapid transit station": "station", "primary education": "school",
    "secondary education": "school", "non state primary education": "school",
    "non state secondary education": "school", "special needs education": "school",
    "further education": "college", "higher or university education": "college",
    "medical care accommodation": "hospital", "hospice": "hospital", "woodland or forest": "woodland",
    "inland water": "water", "tidal water": "water", "sea": "water", "bay": "water",
}  # fmt: skip


def read_open_names(path: Path, source: SourceFile, drafts: Drafts) -> None:
    """Add the names of an OS Open Names file: roads, settlements and places, no postcodes.

    A second name (Welsh, Gaelic or other) leads to the same entry.

    Raises
    ------
    FileRefusedError
        Most rows are something else.
    """
    what = ("OS Open Names", "34 columns, of which the third is the name and the ninth the easting")
    for number, row in enumerate(read_rows(path, source), start=1):
        if len(row) >= _WIDTH and row[_LOCAL_TYPE] == "Postcode":
            source.left_out["postcode, which Code-Point Open gives"] += 1
        elif number == 1 and len(row) >= _WIDTH and row[_NAME1].upper() == "NAME1":
            source.left_out[HEADING] += 1
        elif fault := _add_name(row, drafts):
            source.refused[fault] += 1
        else:
            source.kept += 1
        if number == _CHECK_AFTER:
            refuse_a_stranger(source, *what)
    refuse_a_stranger(source, *what)


def _add_name(row: list[str], drafts: Drafts) -> str:
    if len(row) < _WIDTH:
        return FEW_COLUMNS
    name = plain(row[_NAME1])
    if fault := fault_of(name):
        return fault
    point, fault = metres(row[_X], row[_Y])
    if fault:
        return fault
    local = row[_LOCAL_TYPE].strip().lower()
    is_road = row[_TYPE] == "transportNetwork" and "road" in local
    drafts.add(
        name,
        STREET if is_road else PLACE,
        "street" if is_road else _KINDS.get(local, plain(local)[:40] or "place"),
        point,
        box=_box(row[_MBR : _MBR + 4], point),
        borough=plain(row[_BOROUGH] or row[_COUNTY])[:80],
        locality=plain(row[_POPULATED])[:80],
        district=row[_DISTRICT].strip().upper()[:4],
        aliases=(plain(row[_NAME2]),),
    )
    return ""


def _box(texts: list[str], point: tuple[float, float]) -> tuple[float, float, float, float]:
    """Read an extent; one that does not hold its own point is none."""
    try:
        west, south, east, north = map(float, texts)
    except ValueError:
        return (math.nan,) * 4
    if west - 1 <= point[0] <= east + 1 and south - 1 <= point[1] <= north + 1:
        return west, south, east, north
    return (math.nan,) * 4


def read_uprns(
    path: Path, source: SourceFile, *, batch: int = 500_000
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
    """Give the properties of an OS Open UPRN file in batches: number, easting, northing.

    Raises
    ------
    FileRefusedError
        Most rows are something else.
    """
    what = ("OS Open UPRN", "UPRN, easting and northing in its first columns")
    rows = read_rows(path, source)
    first = True
    while held := list(islice(rows, batch)):
        numbers, east, north = array("q"), array("d"), array("d")
        for row in held:
            fault = _add_uprn(row, numbers, east, north)
            if fault and first and row[:1] and row[0].strip().upper() == "UPRN":
                source.left_out[HEADING] += 1
            elif fault:
                source.refused[fault] += 1
            else:
                source.kept += 1
            first = False
        refuse_a_stranger(source, *what)
        yield np.array(numbers, dtype=np.int64), np.array(east), np.array(north)


def _add_uprn(row: list[str], numbers: "array[int]", east: "array[float]", north: "array[float]") -> str:
    if len(row) < 3:
        return FEW_COLUMNS
    digits = row[0].strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        return "its UPRN is not a number of up to 12 digits"
    point, fault = metres(row[1], row[2])
    if fault:
        return fault
    numbers.append(int(digits))
    east.append(point[0])
    north.append(point[1])
    return ""
