"""Street-level crimes from the API of data.police.uk, a force and a month at a time.

The API answers for areas, not for forces: each neighbourhood of the force is asked for, and in
quarters where it holds more crimes than one answer may (10,000). Its crimes beyond the force's border
and those that the force itself reported cannot be told apart; those of the British Transport Police can.

Every answer is kept under the date of the publication it came from, so that an interrupted fetch goes
on, a second one asks nothing, and a new publication, which may revise any month, is fetched anew.
"""

import math
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import shapely

from mapping.errors import SourceError
from mapping.sources import areas
from mapping.sources.client import Client, Progress, objects, require_documented, silent
from mapping.sources.street_files import Crime, read_crimes, write_month

MOST_MONTHS: Final = 60
_FORCE: Final = re.compile(r"[a-z]{2,30}(?:-[a-z]{1,30}){0,6}")
_MONTH: Final = re.compile(r"[12]\d{3}-(?:0[1-9]|1[0-2])", re.ASCII)
_DAY: Final = re.compile(r"[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_LONGEST_GET: Final = 3500  # the API refuses a GET of more than 4,094 characters; the rest goes by POST
_TOO_MANY: Final = 503
_DEEPEST: Final = 6  # cuts of a neighbourhood: a quarter of a quarter ... some hundred metres across
_THIN_SHARE: Final = 0.25  # of the median month; a force that did not deliver still has its neighbours' rows


@dataclass(frozen=True)
class Month:
    """One month that was written."""

    month: str
    path: Path
    rows: int
    from_cache: bool


@dataclass(frozen=True)
class FetchedMonths:
    """What came, oldest month first, and which months of those wanted there are not."""

    force: str
    force_name: str
    published_on: str
    months: list[Month]
    missing: list[str]
    messages: list[str]


@dataclass
class _Round:
    """One fetch: who asks, for which force and publication."""

    client: Client
    force: str
    published_on: str
    force_name: str = ""
    outlines: list[shapely.Polygon] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def ask(self, *path: str, read: Callable[[Any], Any], **params: str) -> Any:
        return self.client.ask(*path, params=params, read=read, tag=self.published_on)


def require_force(force: str) -> None:
    """Check that a force is named as the API names them; it ends up in addresses and file names.

    Raises
    ------
    SourceError
    """
    if not _FORCE.fullmatch(force):
        raise SourceError("A force is named as the API does: small letters and hyphens, as west-yorkshire.")


def fetch_months(
    client: Client, force: str, *, months: int, folder: Path, progress: Progress = silent
) -> FetchedMonths:
    """Fetch the newest months of a force and write a street file for each.

    Parameters
    ----------
    client : Client
        Of data.police.uk.
    force : str
        As the API names it: `cleveland`, `west-yorkshire`.
    months : int, 1 to 60
        Counted back from the newest month that is published.
    folder : Path
        Receives `2025-01-cleveland-street.csv` and so on; made where it is missing.

    Returns
    -------
    FetchedMonths
        A month that is not published, or of which the force delivered nothing, is missing and has no
        file: it is a gap, not a month without crime.

    Raises
    ------
    SourceError
        Unknown force, not reached, or an answer that cannot be used.
    """
    require_force(force)
    progress(0.01, "Looking for the months")
    published_on = client.ask("crime-last-updated", read=lambda answer: _published_on(client.host, answer))
    work = _Round(client, force, published_on)
    work.force_name = _force_name(work)
    published, wanted = _months(work, months)
    work.outlines = _outlines(work, progress)
    done: list[Month] = []
    for number, month in enumerate(wanted):
        if month in published:
            done += _fetch_month(work, month, folder, _share_of(progress, number, len(wanted), month))
        else:
            work.messages.append(f"{month} is not published: a gap, not a month without crime.")
    _say_thin(done, work.messages)
    written = {one.month for one in done}
    missing = [month for month in wanted if month not in written]
    return FetchedMonths(force, work.force_name, published_on, done, missing, work.messages)


def _share_of(tell: Progress, number: int, count: int, month: str) -> Callable[[float], None]:
    """Turn a share of one month into a share of all; the first tenth was spent on neighbourhoods."""
    return lambda share: tell(0.1 + 0.9 * (number + share) / count, month)


# --- what there is -------------------------------------------------------------------------------


def _published_on(host: str, answer: Any) -> str:
    date = answer.get("date") if isinstance(answer, dict) else None
    require_documented(host, isinstance(date, str) and _DAY.fullmatch(date) is not None)
    return str(date)


def _named(host: str, answer: Any, key: str) -> dict[str, str]:
    """Read a list of objects with a key and a name."""
    pairs = [(str(one.get(key) or ""), str(one.get("name") or "")) for one in objects(host, answer)]
    require_documented(host, all(all(pair) for pair in pairs))
    return dict(pairs)


def _force_name(work: _Round) -> str:
    forces = work.ask("forces", read=lambda answer: _named(work.client.host, answer, "id"))
    if work.force not in forces:
        known = ", ".join(sorted(name for name in forces if _FORCE.fullmatch(name)))
        raise SourceError(f"{work.client.host} has no force of that name; there are: {known}.")
    return str(forces[work.force])


def _months(work: _Round, count: int) -> tuple[set[str], list[str]]:
    """Return the months that are published, and those wanted: so many up to the newest, none left out."""
    host = work.client.host

    def read(answer: Any) -> set[str]:
        found = {str(one.get("date")) for one in objects(host, answer)}
        require_documented(host, bool(found) and all(_MONTH.fullmatch(month) for month in found))
        return found

    published: set[str] = work.ask("crimes-street-dates", read=read)
    newest = max(published)
    last = int(newest[:4]) * 12 + int(newest[5:]) - 1
    return published, [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(last - count + 1, last + 1)]


def _outlines(work: _Round, tell: Progress) -> list[shapely.Polygon]:
    """Return the areas to ask about: those of all neighbourhoods of the force."""
    host = work.client.host
    places = sorted(work.ask(work.force, "neighbourhoods", read=lambda answer: _named(host, answer, "id")))
    found: list[shapely.Polygon] = []
    without = 0
    for number, place in enumerate(places):
        tell(0.01 + 0.09 * number / len(places), "Neighbourhoods")
        made = areas.outlines(_ring(work, place))
        found += made
        without += not made
    if not found:
        raise SourceError(
            f"{host} has no neighbourhood with an outline for that force, so none to ask about."
        )
    if without:
        work.messages.append(
            f"{without} of {len(places)} neighbourhoods have no outline there; crimes in them may be missing."
        )
    return found


def _ring(work: _Round, place: str) -> list[tuple[float, float]]:
    host = work.client.host

    def read(answer: Any) -> list[tuple[float, float]]:
        corners = objects(host, answer)
        try:
            ring = [(float(corner["longitude"]), float(corner["latitude"])) for corner in corners]
        except (KeyError, TypeError, ValueError):
            ring = [(math.nan, math.nan)]
        require_documented(host, all(abs(east) <= 180 and abs(north) <= 90 for east, north in ring))
        return ring

    without = ("no outline", work.force, place, work.published_on)
    if work.client.recalls(*without):
        return []
    try:
        found: list[tuple[float, float]] = work.ask(work.force, place, "boundary", read=read)
    except SourceError as fault:
        if fault.status != 404:
            raise
        work.client.remember(*without)
        return []
    return found


# --- one month -----------------------------------------------------------------------------------


def _fetch_month(work: _Round, month: str, folder: Path, tell: Callable[[float], None]) -> list[Month]:
    """Fetch and write one month; return it, or none where the force delivered nothing."""
    host, before = work.client.host, work.client.asked
    names = work.ask("crime-categories", read=lambda answer: _named(host, answer, "url"), date=month)
    crimes: dict[int, Crime] = {}
    for number, outline in enumerate(work.outlines):
        tell(number / (len(work.outlines) + 1))
        crimes.update((crime.number, crime) for crime in _in_area(work, outline, month))
    crimes.update((crime.number, crime) for crime in _without_place(work, month))
    if all(crime.is_transport for crime in crimes.values()):
        work.messages.append(f"{month} holds nothing from the force: a gap, not a month without crime.")
        return []
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{month}-{work.force}-street.csv"
    rows = write_month(path, crimes.values(), force_name=work.force_name, names=names)
    return [Month(month, path, rows, from_cache=work.client.asked == before)]


def _in_area(work: _Round, outline: shapely.Polygon, month: str, *, cuts: int = 0) -> Iterator[Crime]:
    """Ask for the crimes of an area, in quarters where it holds too many for one answer.

    The status for too many is also that of a service under repair, so it has to come twice; that the
    area was cut is kept only when all of its quarters came.
    """
    poly = areas.to_poly(outline)
    can_cut = cuts < _DEEPEST
    if not (can_cut and work.client.recalls("too many", month, poly, work.published_on)):
        try:
            yield from work.client.ask(
                "crimes-street",
                "all-crime",
                params={"date": month, "poly": poly},
                read=lambda answer: read_crimes(work.client.host, answer, month=month),
                tag=work.published_on,
                is_post=len(poly) * 1.3 > _LONGEST_GET,  # commas and colons take three characters each
                tries_at={_TOO_MANY: 2} if can_cut else None,
            )
        except SourceError as fault:
            if fault.status != _TOO_MANY or not can_cut:
                raise
        else:
            return
    for quarter in areas.quarters(outline):
        yield from _in_area(work, quarter, month, cuts=cuts + 1)
    work.client.remember("too many", month, poly, work.published_on)


def _without_place(work: _Round, month: str) -> list[Crime]:
    found: list[Crime] = work.ask(
        "crimes-no-location",
        read=lambda answer: read_crimes(work.client.host, answer, month=month),
        category="all-crime",
        force=work.force,
        date=month,
    )
    return found


def _say_thin(months: Sequence[Month], messages: list[str]) -> None:
    """Point out months with so little that the force can hardly have delivered."""
    if len(months) < 3:
        return
    middle = statistics.median(one.rows for one in months)
    messages += [
        f"{one.month} holds {one.rows:,} of the {middle:,.0f} crimes that are usual; perhaps the force did "
        "not deliver all."
        for one in months
        if one.rows < middle * _THIN_SHARE
    ]
