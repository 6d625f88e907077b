"""Places set apart, from a file: the same list that the store keeps, for runs without a store."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mapping.errors import FileRefusedError
from mapping.intake.headings import fold
from mapping.intake.readers import read_rows, shown
from mapping.places.set_apart import USUAL_RADIUS_M, Place, problems_of

COLUMNS: Final = ("name", "kind", "treatment", "easting", "northing", "radius_m", "reason")
MOST_PLACES: Final = 1000
_MOST_TOLD: Final = 10


def read_places(path: Path) -> tuple[Place, ...]:
    """Read places set apart: a row each, with the columns `COLUMNS` under a heading.

    An empty radius is 50 metres. Points are metres of the National Grid (EPSG:27700).

    Raises
    ------
    FileRefusedError
        It is no table, lacks a column, or a row of it cannot be used; every reason is said at once.
    """
    [table] = [table for number, table in enumerate(read_rows(path)) if number == 0]
    columns = [fold(name) for name in table.columns]
    missing = [name for name in COLUMNS if fold(name) not in columns]
    if missing:
        needed = f"It lacks {', '.join(missing)}; the columns are {', '.join(COLUMNS)}."
        raise FileRefusedError(shown(path.name), [needed])
    order = [columns.index(fold(name)) for name in COLUMNS]
    places: list[Place] = []
    problems: list[str] = []
    for number, row in enumerate(table.rows, start=1):
        if not any(cell.strip() for cell in row):
            continue
        place = _place([row[at].strip() if at < len(row) else "" for at in order])
        told = problems_of(place)
        if any(_is_point(place, other) for other in places):
            told["point"] = "Another row sets this point apart."
        problems += [f"Row {number}: {words}" for words in told.values()]
        places.append(place)
    if len(places) > MOST_PLACES:
        problems.append(f"It holds {len(places):,} places; {MOST_PLACES:,} are the most.")
    if problems:
        more = len(problems) - _MOST_TOLD
        raise FileRefusedError(
            shown(path.name), [*problems[:_MOST_TOLD], *([f"And {more} more."] if more > 0 else [])]
        )
    return tuple(places)


def _place(cells: Sequence[str]) -> Place:
    name, kind, treatment, easting, northing, radius, reason = cells
    return Place(
        name=name,
        kind=kind.casefold(),
        treatment=treatment.casefold(),
        easting_m=_number(easting),
        northing_m=_number(northing),
        radius_m=_number(radius) if radius else USUAL_RADIUS_M,
        reason=reason,
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")  # which `problems_of` refuses in words


def _is_point(place: Place, other: Place) -> bool:
    return (place.easting_m, place.northing_m) == (other.easting_m, other.northing_m)
