"""Postcodes, sectors, districts, properties and points of a text, as far as the gazetteer knows them."""

import math
from typing import Final

import numpy as np

from mapping import postcodes
from mapping.places.gazetteer import Gazetteer
from mapping.places.place_answers import MATCHED, Answer
from mapping.places.place_context import Circle
from mapping.places.place_query import PlaceQuery, Point

_PROPERTY_M: Final = 15.0
_WARD_REACH_M: Final = 2_000.0
# A postcode that is gone, or new, lies in its sector, but further out than those that are held now.
UNKNOWN_UNIT: Final = 2.4


class CodeLookup:
    """Looks up the codes that texts hold."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._located = np.flatnonzero(np.isfinite(gazetteer.postcodes.easting_m))

    def unit(self, text: str) -> Answer | None:
        """Answer a postcode in full; None where it is none, or is not held with a point."""
        code, mended = postcodes.normalise(text)
        codes = self._gazetteer.postcodes
        row = codes.row_of(code.replace(" ", "")) if code else -1
        if row < 0 or not np.isfinite(codes.easting_m[row]):
            return None
        east, north, error = (
            float(table[row]) for table in (codes.easting_m, codes.northing_m, codes.error_m)
        )
        score = 0.95 if mended else 0.995
        return Answer(MATCHED, "postcode", score, east, north, error, codes.ward_gss_code[row], code)

    def area(self, query: PlaceQuery, unit: Answer | None) -> Answer | None:
        """Answer the sector or else the district that a text names, or that its unknown postcode is of."""
        sector, district, wider, score = query.sector, query.district, 1.0, 0.97
        if query.postcode and unit is None:
            district, _, inward = query.postcode.partition(" ")
            sector, wider, score = f"{district} {inward[0]}", UNKNOWN_UNIT, 0.6
        held = self._gazetteer
        for areas, code, level in ((held.sectors, sector, "sector"), (held.districts, district, "district")):
            row = areas.row_of(code.replace(" ", "")) if code else -1
            if row >= 0:
                east, north = float(areas.easting_m[row]), float(areas.northing_m[row])
                error = float(areas.error_m[row]) * wider
                return Answer(MATCHED, level, score, east, north, error, self.ward_at(east, north), code)
        return None

    def district(self, *queries: PlaceQuery) -> str:
        """Return the first district that one of these names and the gazetteer knows, or ""."""
        for query in queries:
            code = query.postcode.partition(" ")[0] or query.district
            if code and self._gazetteer.districts.row_of(code) >= 0:
                return code
        return ""

    def point(self, point: Point) -> Answer:
        """Answer a point that a text states outright."""
        ward = self.ward_at(point.easting_m, point.northing_m)
        return Answer(
            MATCHED, point.level, 0.98, point.easting_m, point.northing_m, point.error_m, ward, point.level
        )

    def uprn(self, uprn: str) -> Answer | None:
        """Answer a property by its number; None where it is not held."""
        found = self._gazetteer.find_uprns([uprn])
        east, north = float(found.easting_m[0]), float(found.northing_m[0])
        if not math.isfinite(east):
            return None
        name, ward = f"UPRN {uprn.lstrip('0')}", str(found.ward_gss_code[0])
        return Answer(MATCHED, "property", 0.995, east, north, _PROPERTY_M, ward, name)

    def ward_at(self, easting_m: float, northing_m: float) -> str:
        """Return the ward of the nearest postcode, until the point is placed by the outlines themselves."""
        codes = self._gazetteer.postcodes
        if not len(self._located):
            return ""
        away = np.hypot(
            codes.easting_m[self._located] - easting_m, codes.northing_m[self._located] - northing_m
        )
        nearest = int(away.argmin())
        return codes.ward_gss_code[int(self._located[nearest])] if away[nearest] < _WARD_REACH_M else ""


def circle_of(area: Answer) -> Circle:
    """Return an answer as the area in which another should lie."""
    return Circle(area.easting_m, area.northing_m, area.error_m)
