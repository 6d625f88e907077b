"""Somebody else's geocoder, asked only where a setting says so and a person asks: Nominatim or OS Places.

What comes back are candidates for a person, never a match: nothing here says how sure it is in a way that
could be held against our own scores.

References
----------
Nominatim search API (jsonv2) and usage policy; OS Places API, `find`.
"""

import math
from typing import Any, Final

from mapping import crs
from mapping.sources.client import Client, Patience, objects, require_documented
from mapping.sources.kept import Kept

NOMINATIM: Final = "nominatim"
OS_PLACES: Final = "os-places"
PER_SECOND: Final = 1.0  # Nominatim's usage policy
MOST_CANDIDATES: Final = 8
# A person waits for this, and eight candidates are a few kilobytes.
PATIENCE: Final = Patience(connect_s=5, read_s=10, answer_s=15, tries=2, longest_asked_s=5)
MOST_BYTES: Final = 2**20
_LONGEST_NAME: Final = 120
_ERROR_M: Final = {OS_PLACES: 15.0, NOMINATIM: 100.0}


def open_client(base: str, kept: Kept, **more: Any) -> Client:
    """Open a client for all the texts of a command: it is what keeps them a second apart.

    `kept` is never written to: what was asked and answered stays in no file.
    """
    return Client(
        base, kept, per_second=PER_SECOND, max_bytes=MOST_BYTES, patience=PATIENCE,
        advice="Try again later.", **more,
    )  # fmt: skip


def ask(client: Client, service: str, text: str, *, key: str = "") -> list[dict[str, Any]]:
    """Ask a service where a place is.

    Parameters
    ----------
    client : Client
        Of the service's address.
    service : str
        nominatim or os-places.
    text : str
        Words of the place alone, personal data taken out.

    Returns
    -------
    list of dict
        `name, level, score` (None), `easting_m, northing_m, error_m` (EPSG:27700), `ward_gss_code` ("").
        What lies outside Great Britain or has no usable point is left out.

    Raises
    ------
    SourceError
        The service was not reached, or its answer cannot be used.
    """
    if service == OS_PLACES:
        words = {"query": text, "maxresults": str(MOST_CANDIDATES), "key": key}
        rows = client.ask("find", params=words, read=lambda answer: _os_rows(client.host, answer))
    else:
        words = {"q": text, "format": "jsonv2", "countrycodes": "gb", "limit": str(MOST_CANDIDATES)}
        rows = client.ask("search", params=words, read=lambda answer: _osm_rows(client.host, answer))
    return [one for one in rows if one is not None][:MOST_CANDIDATES]


def _os_rows(host: str, answer: Any) -> list[dict[str, Any] | None]:
    require_documented(host, isinstance(answer, dict))
    rows = objects(host, answer.get("results", []))
    found = []
    for row in rows:
        held: Any = row.get("DPA") or row.get("LPI")
        require_documented(host, isinstance(held, dict))
        east, north = _number(held.get("X_COORDINATE")), _number(held.get("Y_COORDINATE"))
        found.append(_candidate(held.get("ADDRESS"), "property", east, north, OS_PLACES))
    return found


def _osm_rows(host: str, answer: Any) -> list[dict[str, Any] | None]:
    found = []
    for row in objects(host, answer):
        east, north = crs.to_bng([_number(row.get("lon"))], [_number(row.get("lat"))])
        found.append(_candidate(row.get("display_name"), "place", float(east[0]), float(north[0]), NOMINATIM))
    return found


def _candidate(name: Any, level: str, east: float, north: float, service: str) -> dict[str, Any] | None:
    (west, far_east), (south, far_north) = crs.GB_EASTING_M, crs.GB_NORTHING_M
    inside = west < east < far_east and south < north < far_north
    if not inside or not isinstance(name, str) or not name.strip():
        return None
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in name).split())
    return {
        "name": plain[:_LONGEST_NAME], "level": level, "score": None, "easting_m": round(east, 1),
        "northing_m": round(north, 1), "error_m": _ERROR_M[service], "ward_gss_code": "",
    }  # fmt: skip


def _number(value: Any) -> float:
    """Return a finite number, or NaN for anything else."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return number if math.isfinite(number) else math.nan


def leaves(service: str, host: str, text: str) -> str:
    """Say what is about to leave this machine, and to whom."""
    return f'This sends the words "{text}" to {host} ({service}), outside your network.'
