"""A place as somebody types it into one box: a grid reference, metres, degrees or a postcode."""

import math
import re
from dataclasses import dataclass
from typing import Final

from mapping import crs, grid_squares, postcodes

LONGEST: Final = 60

_METRES: Final = re.compile(
    r"e?\s*(\d{1,6}(?:\.\d{1,3})?)\s*m?[\s,;]+n?\s*(\d{1,7}(?:\.\d{1,3})?)\s*m?", re.IGNORECASE | re.ASCII
)
_DEGREES: Final = re.compile(
    r"([+-]?\d{1,2}(?:\.\d{1,10})?)\s*°?\s*([NSEW]?)[\s,;]+([+-]?\d{1,2}(?:\.\d{1,10})?)\s*°?\s*([NSEW]?)",
    re.IGNORECASE | re.ASCII,
)
_METRES_A_DEGREE: Final = 111_320.0
_HALF_DIAGONAL: Final = math.sqrt(0.5)


@dataclass(frozen=True)
class Typed:
    """A point (EPSG:27700, metres) and how far off its own figures may be; or a postcode to look up."""

    easting_m: float = float("nan")
    northing_m: float = float("nan")
    rounding_m: float = 0.0
    postcode: str = ""


def read(text: str) -> Typed | None:
    """Read `NZ 494 203`, `449400, 520300`, `54.5731, -1.2345` or `TS1 2AB`; None where it is none of them.

    Degrees come as latitude and longitude in either order, which in Great Britain cannot be mistaken for
    one another. A grid reference is the middle of its square; the fewer figures, the larger `rounding_m`.
    """
    plain = " ".join(text.split())
    if len(plain) > LONGEST:
        return None
    return _as_postcode(plain) or _as_metres(plain) or _as_square(plain) or _as_degrees(plain)


def _as_postcode(text: str) -> Typed | None:
    code, _ = postcodes.normalise(text)
    return Typed(postcode=code) if code else None


def _as_square(text: str) -> Typed | None:
    square = grid_squares.parse(text)
    if square is None:
        return None
    half = square.side_m / 2
    rounding = square.side_m * _HALF_DIAGONAL if square.side_m > 1 else 0.0
    return Typed(square.easting_m + half, square.northing_m + half, rounding)


def _as_degrees(text: str) -> Typed | None:
    found = _DEGREES.fullmatch(text)
    if found is None or "." not in found[1] + found[3]:
        return None
    pairs = [(_signed(found[1], found[2]), found[2].upper()), (_signed(found[3], found[4]), found[4].upper())]
    # 49 to 61 is a latitude of Great Britain and no longitude.
    if crs.GB_LAT[0] <= pairs[1][0] <= crs.GB_LAT[1] and not crs.GB_LAT[0] <= pairs[0][0] <= crs.GB_LAT[1]:
        pairs.reverse()
    (lat, lat_letter), (lon, lon_letter) = pairs
    if lat_letter in ("E", "W") or lon_letter in ("N", "S"):
        return None
    east, north = crs.to_bng([lon], [lat])
    if math.isnan(east[0]):
        return None
    decimals = min(len(number.partition(".")[2]) for number in (found[1], found[3]))
    rounding = _METRES_A_DEGREE * 10.0**-decimals * _HALF_DIAGONAL
    return Typed(float(east[0]), float(north[0]), rounding if rounding >= 1 else 0.0)


def _signed(number: str, letter: str) -> float:
    return -abs(float(number)) if letter.upper() in ("S", "W") else float(number)


def _as_metres(text: str) -> Typed | None:
    found = _METRES.fullmatch(text)
    if found is None:
        return None
    east, north = float(found[1]), float(found[2])
    # Below a kilometre there is sea: two small numbers are house numbers, or a map reference torn apart.
    if not (1000 <= east <= crs.GB_EASTING_M[1] and 1000 <= north <= crs.GB_NORTHING_M[1]):
        return None
    return Typed(east, north)
