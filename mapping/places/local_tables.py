"""Tables with a heading: anchor points of streets and places, and the names a partnership writes itself.

Headings are read whatever their case, order and spacing. A local name stands where its metres, its
degrees or its postcode put it.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from mapping import crs
from mapping.errors import FileRefusedError
from mapping.places.gazetteer import GENERIC, JUNCTION, PLACE, PROPERTY, STREET
from mapping.places.gazetteer_drafts import NO_NAME, Drafts, fault_of, plain
from mapping.places.gazetteer_rows import SourceFile, read_rows, refuse_a_stranger
from mapping.places.gazetteer_sources import OUTSIDE, Units, metres
from mapping.places.place_words import name_key

_BATCH: Final = 20_000
LARGEST_EXTENT_M: Final = 20_000.0

NO_POINT_SAID: Final = "it has neither easting and northing, nor longitude and latitude, nor a postcode"
UNKNOWN_POSTCODE: Final = "its postcode is not in the Code-Point Open files given, or has no point there"
SWAPPED: Final = "its longitude and latitude are the wrong way round"
BAD_EXTENT: Final = f"its extent is not a number of metres from 1 to {LARGEST_EXTENT_M:,.0f}"

# Folded headings of each field, the surest first.
_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "name": ("name", "streetorplace", "placename", "place", "street", "streetname", "location", "localname",
             "commonname"),
    "kind": ("kind", "type", "category", "placetype", "kindofplace"),
    "easting": ("easting", "eastingm", "eastings", "x", "xcoordinate", "osgbeasting", "geometryx"),
    "northing": ("northing", "northingm", "northings", "y", "ycoordinate", "osgbnorthing", "geometryy"),
    "longitude": ("longitude", "lon", "long", "lng"),
    "latitude": ("latitude", "lat"),
    "postcode": ("postcode", "pc", "postalcode"),
    "extent": ("extentm", "extent", "radius", "radiusm", "errorm", "size", "sizem"),
    "aliases": ("aliases", "alias", "alsoknownas", "othernames", "nicknames", "nickname"),
    "borough": ("borough", "district", "localauthority", "council", "ladnm"),
    "locality": ("locality", "town", "area", "village"),
    "lsoa": ("lsoa21name", "lsoaname", "lsoa11name"),
}  # fmt: skip
_COUNT: Final = re.compile(r"count|n|records.*|weight")

# Words that map data gives to kinds of places rather than to places.
GENERIC_NAMES: Final = (
    "Parking Area", "Supermarket", "Petrol Station", "Shopping Area", "Sports/Recreation Area",
    "Police Station", "Hospital", "Park/Open Space", "Pedestrian Subway", "Conference/Exhibition Centre",
    "Theatre/Concert Hall", "Nightclub", "Prison", "Bus/Coach Station", "Railway Station",
    "Further/Higher Educational Building", "Airport/Airfield", "Race Track", "Theme/Adventure Park",
    "Ferry Terminal", "Motorway Service Area", "Other Educational Building", "Car Park", "Shop", "Pub",
    "Public House", "School", "Church", "Cemetery", "Footpath", "Alley", "Playground", "Bus Stop",
)  # fmt: skip
_GENERIC_KEYS: Final = frozenset(map(name_key, GENERIC_NAMES))
# Last words of a name by which an anchor point is no street. Longer ones first.
_PLACE_ENDINGS: Final = (
    ("shopping centre", "shops"), ("shopping park", "shops"), ("retail park", "shops"), ("shops", "shops"),
    ("industrial estate", "industrial estate"), ("trading estate", "industrial estate"),
    ("business park", "industrial estate"), ("business centre", "industrial estate"),
    ("estate", "estate"), ("park", "park"), ("station", "station"), ("hospital", "hospital"),
    ("school", "school"), ("academy", "school"), ("college", "college"), ("cemetery", "cemetery"),
    ("farm", "farm"), ("caravan park", "caravan park"), ("golf course", "sports ground"),
    ("leisure centre", "sports ground"), ("centre", "place"), ("village", "settlement"),
)  # fmt: skip
_STREET_KINDS: Final = frozenset(
    ("street", "road", "lane", "avenue", "close", "alley", "path", "footpath", "bridge")
)
_JUNCTION_KINDS: Final = frozenset(("junction", "crossroads", "roundabout", "corner"))
_PROPERTY_KINDS: Final = frozenset(("property", "house", "building", "flats", "tower", "block"))


def fold(heading: str) -> str:
    """Return a heading without case, blanks and marks."""
    return re.sub(r"[^a-z0-9]", "", heading.lower())


def columns_of(row: Sequence[str]) -> dict[str, int]:
    """Find the fields of a heading row; the first column of several that could be one is it."""
    folded = [fold(cell) for cell in row]
    found = {
        field: next(folded.index(word) for word in words if word in folded)
        for field, words in _HEADINGS.items()
        if any(word in folded for word in words)
    }
    counts = [place for place, word in enumerate(folded) if _COUNT.fullmatch(word)]
    return found | ({"count": counts[0]} if counts else {})


def _has_point(columns: dict[str, int]) -> bool:
    return (
        {"easting", "northing"} <= set(columns)
        or {"longitude", "latitude"} <= set(columns)
        or "postcode" in columns
    )


def _rows(path: Path, source: SourceFile, needed: str) -> Iterator[list[dict[str, str]]]:
    rows = read_rows(path, source)
    heading = next(rows, [])
    columns = columns_of(heading)
    if "name" not in columns or not _has_point(columns):
        raise FileRefusedError(source.name, [f"Its first row must name its columns: {needed}."])
    source.left_out["heading"] += 1
    while held := list(islice(rows, _BATCH)):
        yield [
            {field: row[place].strip() if place < len(row) else "" for field, place in columns.items()}
            for row in held
        ]


def read_street_points(path: Path, source: SourceFile, drafts: Drafts) -> None:
    """Add anchor points of streets and places, as police.uk snaps records to them.

    Raises
    ------
    FileRefusedError
        Its heading lacks a name or a point, or most rows cannot be read.
    """
    needed = "street_or_place, longitude and latitude (or easting and northing)"
    for rows in _rows(path, source, needed):
        for row, (point, fault) in zip(rows, _points(rows, lambda _: None), strict=True):
            name = plain(re.sub(r"(?i)^on or near\b", "", row["name"]))
            said = fault_of(name) or fault
            if said:
                source.refused[said] += 1
                continue
            source.kept += 1
            level, kind = what_is(drafts.key_of(name), name)
            lsoa = re.sub(r"\s+\d{3}[A-Z]$", "", row.get("lsoa", ""))
            drafts.add(
                name, level, kind, point, weight=_count(row.get("count", "")),
                borough=plain(row.get("borough") or lsoa)[:80], locality=plain(row.get("locality", ""))[:80],
            )  # fmt: skip
        refuse_a_stranger(source, "anchor points", needed)


def what_is(key: str, name: str) -> tuple[str, str]:
    """Say what a name on a map is by its words: level and kind."""
    if key in _GENERIC_KEYS:
        return PLACE, GENERIC
    low = name.lower()
    for ending, kind in _PLACE_ENDINGS:
        if low.endswith(ending) and low != ending and not low[-len(ending) - 1].isalnum():
            return PLACE, kind
    return STREET, "street"


def read_local_names(path: Path, source: SourceFile, drafts: Drafts, units: Units) -> None:
    """Add the names that a partnership writes: estates, shops, parks, nicknames, junctions.

    Parameters
    ----------
    path : Path
        CSV with the headings name, kind, easting and northing (or longitude and latitude, or
        postcode), and perhaps extent_m, aliases (parted by `|`), borough and locality.
    source, drafts : what is counted and added to.
    units : Units
        Postcodes read so far, by which a name without a point is placed.

    Raises
    ------
    FileRefusedError
        Its heading lacks a name or a point, or most rows cannot be read.
    """
    needed = "name, kind, easting, northing (or longitude, latitude, or postcode), extent_m, aliases"
    for rows in _rows(path, source, needed):
        for row, (point, fault) in zip(rows, _points(rows, units.point_of), strict=True):
            name = plain(row["name"])
            radius, too_large = _extent(row.get("extent", ""))
            said = fault_of(name) or fault or too_large
            if said:
                source.refused[said] += 1
                continue
            source.kept += 1
            kind = plain(row.get("kind", "")).lower()[:40] or "place"
            others = tuple(plain(other) for other in row.get("aliases", "").split("|"))
            drafts.add(
                name, level_of(kind), kind, point, radius=radius, aliases=others,
                borough=plain(row.get("borough", ""))[:80], locality=plain(row.get("locality", ""))[:80],
            )  # fmt: skip
    if not source.kept:
        refuse_a_stranger(source, "local names", needed)


def level_of(kind: str) -> str:
    """Return the level of a kind that a person wrote."""
    if kind in _STREET_KINDS:
        return STREET
    if kind in _JUNCTION_KINDS:
        return JUNCTION
    return PROPERTY if kind in _PROPERTY_KINDS else PLACE


def _extent(text: str) -> tuple[float, str]:
    if not text:
        return math.nan, ""
    try:
        value = float(text.lower().removesuffix("m"))
    except ValueError:
        return math.nan, BAD_EXTENT
    return (value, "") if 1 <= value <= LARGEST_EXTENT_M else (math.nan, BAD_EXTENT)


def _count(text: str) -> float:
    return min(float(text), 1e9) if text.isascii() and text.isdigit() and len(text) < 12 else 0.0


def _points(
    rows: Sequence[dict[str, str]], look_up: Callable[[str], tuple[float, float] | None]
) -> list[tuple[tuple[float, float], str]]:
    """Place rows by metres, else degrees, else postcode; each with what is wrong with it, or nothing."""
    found: list[tuple[tuple[float, float], str]] = []
    degrees: list[tuple[int, float, float]] = []
    for number, row in enumerate(rows):
        point, fault = (0.0, 0.0), NO_POINT_SAID
        if row.get("easting") and row.get("northing"):
            point, fault = metres(row["easting"], row["northing"])
        elif row.get("longitude") and row.get("latitude"):
            lon, lat, fault = _degrees(row["longitude"], row["latitude"])
            if not fault:
                degrees.append((number, lon, lat))
        elif row.get("postcode"):
            placed = look_up(row["postcode"])
            point, fault = (placed, "") if placed else (point, UNKNOWN_POSTCODE)
        found.append((point, fault if row["name"] else NO_NAME))
    if degrees:
        numbers, lons, lats = zip(*degrees, strict=True)
        east, north = crs.to_bng(np.array(lons), np.array(lats))
        for number, x, y in zip(numbers, east.tolist(), north.tolist(), strict=True):
            said = found[number][1] or (OUTSIDE if math.isnan(x) else "")
            found[number] = ((x, y), said)
    return found


def _degrees(longitude: str, latitude: str) -> tuple[float, float, str]:
    try:
        lon, lat = float(longitude), float(latitude)
    except ValueError:
        return 0.0, 0.0, "its longitude or latitude is no number"
    if _within(lon, crs.GB_LON) and _within(lat, crs.GB_LAT):
        return lon, lat, ""
    is_swapped = _within(lat, crs.GB_LON) and _within(lon, crs.GB_LAT)
    return 0.0, 0.0, SWAPPED if is_swapped else OUTSIDE


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
