"""Crimes as the API of data.police.uk tells them -> street files as data.police.uk publishes them.

The same columns and words, so that the layout `police-uk` reads both. Two columns stay empty: the API
does not say in which LSOA a point lies.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mapping.errors import SourceError
from mapping.sources.client import objects, require_documented
from mapping.sources.kept import write_whole

COLUMNS: Final = (
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code",
    "LSOA name", "Crime type", "Last outcome category", "Context",
)  # fmt: skip
TRANSPORT_POLICE: Final = "British Transport Police"
_NO_LOCATION: Final = "No Location"
_LONGEST: Final = 500
_DEGREES: Final = re.compile(r"-?\d{1,3}(?:\.\d{1,20})?", re.ASCII)


@dataclass(frozen=True)
class Crime:
    """One crime of one month; `number` is the API's own and tells two answers of the same apart."""

    number: int
    crime_id: str
    month: str
    is_transport: bool
    longitude: str
    latitude: str
    place: str
    category: str
    outcome: str
    context: str


def read_crimes(host: str, answer: Any, *, month: str) -> list[Crime]:
    """Read what `crimes-street` and `crimes-no-location` answer.

    Raises
    ------
    SourceError
        The shape is not the documented one, or a crime is of another month than was asked for.
    """
    try:
        crimes: list[Crime] = [_crime(row) for row in objects(host, answer)]
    except (KeyError, TypeError, ValueError):
        crimes = []
    require_documented(host, len(crimes) == len(answer))
    if any(crime.month != month for crime in crimes):
        raise SourceError(f"{host} was asked for {month} and sent crimes of another month.")
    return crimes


def _crime(row: Mapping[str, Any]) -> Crime:
    place, outcome = row["location"], row.get("outcome_status")
    return Crime(
        number=int(row["id"]),
        crime_id=_text(row.get("persistent_id")),
        month=_text(row["month"]),
        is_transport=row.get("location_type") == "BTP",
        longitude=_degrees(place["longitude"], 180) if place else "",
        latitude=_degrees(place["latitude"], 90) if place else "",
        place=_text(place["street"]["name"]) if place else _NO_LOCATION,
        category=_text(row["category"]),
        outcome=_text(outcome["category"]) if outcome else "",
        context=_text(row.get("context")),
    )


def _text(value: object) -> str:
    """Return a value as one plain line; missing is empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError
    return " ".join("".join(mark if mark.isprintable() else " " for mark in value).split())[:_LONGEST]


def _degrees(value: object, most: int) -> str:
    """Return degrees in the digits they came in, which are those of the published file."""
    text = _text(value if isinstance(value, str) else str(value))
    if not _DEGREES.fullmatch(text) or abs(float(text)) > most:
        raise ValueError
    return text


def write_month(path: Path, crimes: Iterable[Crime], *, force_name: str, names: Mapping[str, str]) -> int:
    """Write one street file, whole or not at all; return its rows.

    Parameters
    ----------
    crimes : iterable of Crime
        Each number once.
    force_name : str
        Who reported what the transport police did not. Of a crime beyond the border the API does
        not say whose it is.
    names : mapping of str to str
        `violent-crime` to `Violence and sexual offences`, as of that month. A category that is not
        there keeps its own word, so that the import lists it.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    # the order of the published file does not come with the answers; this one is the same every time
    rows = sorted(_row(crime, force_name, names) for crime in crimes)
    writer.writerows(rows)
    write_whole(path, table.getvalue().encode())
    return len(rows)


def _row(crime: Crime, force_name: str, names: Mapping[str, str]) -> tuple[str, ...]:
    force = TRANSPORT_POLICE if crime.is_transport else force_name
    return (
        crime.crime_id, crime.month, force, force, crime.longitude, crime.latitude, crime.place, "", "",
        names.get(crime.category, crime.category), crime.outcome, crime.context,
    )  # fmt: skip
