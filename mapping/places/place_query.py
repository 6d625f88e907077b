"""A text that says where something is, taken apart: codes, coordinates, phrases, and how they relate.

Nothing is looked up here. What is left of a text when postcodes, coordinates and numbers are taken out are
its phrases: runs of words between commas and the like.
"""

import math
import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from mapping import crs, grid_squares, postcodes
from mapping.places.place_words import STREET_TYPES, fold, written_out

HELD_BY: Final = 0.61  # of a square's side: the circle about its centre that holds 95 % of it
READ_OFF_M: Final = 10.0  # what people read off a map is off by
FIX_M: Final = 5.0  # what a telephone's fix is off by
HALF_A_UNIT_M: Final = 64_000.0  # of a degree of latitude and of longitude together, in Great Britain
LONGEST: Final = 400  # characters that are looked at; a longer text is an account, not a place

_POSTCODE: Final = re.compile(
    r"(?<![a-z0-9])([a-z]{1,2}\s?[0-9oi][0-9a-z]?)[\s.\-]{0,3}([0-9oil][\s.]?[a-z]{2})(?![a-z0-9])"
)
_SECTOR: Final = re.compile(r"(?<![a-z0-9])([a-z]{1,2}[0-9][0-9a-z]?)\s{1,2}([0-9])(?![a-z0-9])")
_DISTRICT: Final = re.compile(r"(?<![a-z0-9])([a-z]{1,2}[0-9][0-9a-z]?)(?![a-z0-9])")
_SQUARE: Final = re.compile(
    r"(?<![a-z0-9])([hjnost][a-hj-z])\s?(\d{2,5}[\s,]{1,2}\d{2,5}|(?:\d\d){2,5})(?![a-z0-9])"
)
_METRES: Final = re.compile(
    r"(?<![\d.])(?:e(?:asting)?\W{0,3})?(\d{6}(?:\.\d+)?)\s*m?[\s,;/]+(?:n(?:orthing)?\W{0,3})?(\d{6,7}(?:\.\d+)?)(?![\d.])"
)
_DEGREES: Final = re.compile(
    r"(?<![\d.])([+-]?\d{1,2}\.\d{2,12})\s*°?\s*([nsew]?)[\s,;/]+(?:lon(?:g|gitude)?[\s:=]{0,3})?([+-]?\d{1,2}\.\d{2,12})\s*°?\s*([nsew]?)(?![\w.])"
)
_UPRN: Final = re.compile(r"\buprn\W{0,3}(\d{1,12})\b|^\W*(\d{10,12})\W*$")
_W3W: Final = re.compile(r"(?:///\s?|w3w\W{0,3}|what3words\W{0,3})([a-z]{3,}\.[a-z]{3,}\.[a-z]{3,})")

# Shorthand of control rooms, before punctuation is looked at.
_SHORTHAND: Final = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"\b[oi]/s\b|\bo/side\b", " outside "),
        (r"\br/o\b|\bb/o\b", " behind "),
        (r"\bf/o\b", " outside "),
        (
            r"\bj/w\b|\bj\.w\.?|\bjw\b|\bjct\b\.?|\bjctn\b\.?|\bjunc\b\.?|\bjunction\b|\bx/roads\b|\bcrossroads\b",
            " junction ",
        ),
        (r"\bcnr\b\.?|\bcrnr\b\.?|\bcorner\b", " junction "),
        (r"\bb/w\b|\bbtwn\b|\bbetween\b", " between "),
        (r"\badj\b\.?|\badjacent\b|\bnxt\b", " near "),
        (r"\bopp\b\.?|\bopposite\b", " near "),
        (r"\bnr\b\.?", " near "),
        (r"\bn\.(?=\s?[a-z]{3})", " north "),
        (r"\bc/o\b", " "),
        (r"\bst\.(?=\s?[a-z])", " st "),
        (r"(?<!flat )(?<!block )(?<!unit )(?<!apt )\b(a|b(?=\s\d{3}))\s(\d{2,4})\b(?!\s[a-z])", r"\1\2"),
        (r"\bon or near\b", " "),
        (r"\bmeets\b|(?<=[a-z.])\s+x\s+(?=[a-z])", " junction "),
    )
)
_NEAR_WORDS: Final = """
above along around behind beside by near off opposite outside round towards under
"""
_NEAR: Final = frozenset(_NEAR_WORDS.split())
_BREAK: Final = re.compile(r"([,;:()\[\]|/\n\r\t\"]+|\s[-–—]+\s|\.\s|\s@\s)")
_WORD: Final = re.compile(r"[^a-z0-9]+")
_HOUSE: Final = re.compile(r"\d{1,4}[a-z]?|no\d{1,4}")

# Words of logs that name no place. A name in the gazetteer that holds one of them is found all the same.
_COMMON_WORDS: Final = """
a about above after again against all alley alleyway along also am an and any approx area around asb at
back backs bad been behind being beside between bike bikes bin bins block borough bottom boys bus by call
called caller calling car carpark cars causing children confirm corner crew cut dad dads dealing door
doors down drinking drug drugs drunk edge email end ends entrance estate exact exit female fence field
fighting fire fires flat flats fly flytip flytipped flytipping footpath for from front gang garage garages
gate gates ginnel girl girls given going ground group groups half hanging has have he her here him his
home house houses in incident inside into is it its junction just kids known lad lads land large layby
left level litter loads loc location locations lot main male males man many message metres middle mini
mins motorbike motorbikes moving mum mums n na nan nans near next nfa nil no noise none not nr number o
occurred of off office old on online onto open opposite or other outside over parked party passage path
paths people persons phone play pm police possibly postcode premises property quad quads rear report
reported reporting reports residents right road roadside roundabout row rubbish seen several she shop
shops shouting side small smashed smell smoking snicket so some somewhere spot stated still stop street
swearing tbc teenagers text that the their them then there they this three throwing tipping to today top
towards track traffic trees two unable unknown up upper us vandalism various vehicle vehicles verge via
vicinity ward wards was waste we were wheelie where which who wide window windows with woman woods yard
yds you young youth youths
"""
COMMON: Final = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True)
class Point:
    """A point that a text states outright: metres, EPSG:27700, with what holds it 95 times in 100."""

    easting_m: float
    northing_m: float
    error_m: float
    level: str


@dataclass(frozen=True)
class PlaceQuery:
    """What a text says.

    Attributes
    ----------
    phrases : tuple of tuple of str
        Folded words of its parts, without house numbers.
    joined : frozenset of int
        Phrases that a slash or an at sign joins to the one before: "Duke St / Murray St".
    postcode, sector, district : str
        In full as `TS1 2AB`; `TS1 2`; `TS1`. Each is what may be one: the gazetteer decides.
    point : Point, optional
    uprn : str
    is_near : bool
        Whether it says outside, behind, near ... a place, so that the place is not quite it.
    is_junction : bool
        Whether it says that streets meet, or that it lies between them.
    is_between : bool
    has_number : bool
        Whether it gives a house number.
    is_words : bool
        Whether it is three words of a service that cannot be asked without leaving the machine.
    """

    phrases: tuple[tuple[str, ...], ...]
    joined: frozenset[int] = frozenset()
    postcode: str = ""
    sector: str = ""
    district: str = ""
    point: Point | None = None
    uprn: str = ""
    is_near: bool = False
    is_junction: bool = False
    is_between: bool = False
    has_number: bool = False
    is_words: bool = False


def take_apart(text: str) -> PlaceQuery:
    """Take a text apart; any text can be."""
    rest = fold(text[:LONGEST])
    if _W3W.search(rest):
        return PlaceQuery((), is_words=True)
    uprn = _UPRN.search(rest)
    if uprn:
        rest = rest[: uprn.start()] + " " + rest[uprn.end() :]
    point, rest = _point(rest)
    for pattern, said in _SHORTHAND:
        rest = pattern.sub(said, rest)
    postcode, rest = _postcode(rest)
    sector, district, rest = _part_of_postcode(rest) if not postcode else ("", "", rest)
    words = set(_WORD.split(rest))
    phrases, joined, has_number = _phrases(rest)
    return PlaceQuery(
        phrases=phrases,
        joined=joined,
        postcode=postcode,
        sector=sector,
        district=district,
        point=point,
        uprn=(uprn[1] or uprn[2]) if uprn else "",
        is_near=not words.isdisjoint(_NEAR),
        is_junction="junction" in words or "between" in words,
        is_between="between" in words,
        has_number=has_number,
    )


def _point(text: str) -> tuple[Point | None, str]:
    """Return a point stated outright, and the text without it."""
    if (found := _DEGREES.search(text)) and (point := _degrees(found)):
        return point, text[: found.start()] + " " + text[found.end() :]
    if found := _METRES.search(text):
        east, north = float(found[1]), float(found[2])
        if (
            crs.GB_EASTING_M[0] <= east <= crs.GB_EASTING_M[1]
            and crs.GB_NORTHING_M[0] <= north <= crs.GB_NORTHING_M[1]
        ):
            return Point(east, north, READ_OFF_M, "coordinates"), text[: found.start()] + " " + text[
                found.end() :
            ]
    if found := _SQUARE.search(text):
        square = grid_squares.parse(f"{found[1]} {found[2]}")
        if square is not None:
            half = square.side_m / 2
            error = math.hypot(READ_OFF_M, square.side_m * HELD_BY)
            point = Point(square.easting_m + half, square.northing_m + half, error, "grid reference")
            return point, text[: found.start()] + " " + text[found.end() :]
    return None, text


def _degrees(found: re.Match[str]) -> Point | None:
    first, second = (
        -abs(float(number)) if letter in ("s", "w") else float(number)
        for number, letter in ((found[1], found[2]), (found[3], found[4]))
    )
    low, high = crs.GB_LAT
    lat, lon = (first, second) if low <= first <= high else (second, first)
    if not low <= lat <= high:
        return None
    east, north = crs.to_bng([lon], [lat])
    if not np.isfinite(east[0]):
        return None
    decimals = min(len(number.partition(".")[2]) for number in (found[1], found[3]))
    error = math.hypot(FIX_M, HALF_A_UNIT_M * 10.0**-decimals)
    return Point(float(east[0]), float(north[0]), error, "coordinates")


def _postcode(text: str) -> tuple[str, str]:
    for found in _POSTCODE.finditer(text):
        code, _ = postcodes.normalise(found[1] + found[2])
        if code and any(letter.isdigit() for letter in found[0]):
            return code, text[: found.start()] + " , " + text[found.end() :]
    return "", text


def _part_of_postcode(text: str) -> tuple[str, str, str]:
    """Return what may be a sector and a district, and the text without a sector."""
    if found := _SECTOR.search(text):
        sector = f"{found[1]} {found[2]}".upper()
        return sector, found[1].upper(), text[: found.start()] + " , " + text[found.end() :]
    found = _DISTRICT.search(text)
    return "", found[1].upper() if found else "", text


def _phrases(text: str) -> tuple[tuple[tuple[str, ...], ...], frozenset[int], bool]:
    """Split a text into phrases; say which a sign joins to the one before, and if one has a house number."""
    phrases: list[tuple[str, ...]] = []
    joined: set[int] = set()
    has_number = False
    parts = _BREAK.split(text.replace("&", " and ").replace("+", " and "))
    for part, mark in zip(parts[::2], ["", *parts[1::2]], strict=True):
        words = [word for word in _WORD.split(part) if word]
        kept = [word for word in words if not _HOUSE.fullmatch(word)]
        has_number = has_number or len(kept) < len(words)
        if phrases and len(kept) == 1 and written_out(["x", *kept])[1] in STREET_TYPES:
            phrases[-1] = (*phrases[-1], *kept)  # "romney, close": the comma slipped
        elif kept:
            joined.update({len(phrases)} if phrases and not {"/", "@"}.isdisjoint(mark) else ())
            phrases.append(tuple(kept))
    return tuple(phrases), frozenset(joined), has_number
