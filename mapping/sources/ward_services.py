"""Which of the services of ONS Open Geography hold wards, of which edition, and how finely drawn.

The portal lists some thousands of services in one folder and says what each holds by its name alone:
`Wards_May_2025_Boundaries_UK_BFC`, `WD_MAY_2023_UK_BFC`, `Wards_Dec_2020_UK_BGC_2022`. What has no
month, year, area and outline in its name is passed over.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mapping.errors import SourceError

_MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
                  "October", "November", "December")  # fmt: skip
_SHORT: Final = [month[:3].lower() for month in _MONTHS]
# Full resolution clipped to the coast, and to the extent of the realm; then generalised by 20 m and by
# 200 m. BUC (500 m) is for pictures of the whole country: a ward of a town is five corners in it.
_OUTLINES: Final = ("BFC", "BFE", "BGC", "BGE", "BSC", "BSE")
_GENERALISED_M: Final = {"BGC": 20, "BGE": 20, "BSC": 200, "BSE": 200}
# First letters of the codes that an area covers.
_AREAS: Final = {"UK": "ENSW", "GB": "ESW", "EW": "EW", "EN": "E", "WA": "W", "SC": "S", "NI": "N"}

_WARDS: Final = re.compile(
    r"(?:WD|Wards)_(?P<month>[A-Za-z]{3,9})_(?P<year>20\d\d)_(?:Boundaries_)?"
    r"(?P<area>[A-Z]{2})_(?P<outline>[A-Z]{3})(?:_V?(?P<version>\d{1,4}))?",
    re.IGNORECASE,
)
# `WD25_LAD25_UK_LU_v2`, `WD23_LAD23_UK_LU_DEC`, `WD26_LAD26_CTYUA26_RGN26_CTRY26_UK_LU`
_LOOKUP: Final = re.compile(
    r"WD(?P<year>\d\d)_(?P<between>(?:\w+_)??)LAD(?P=year)_(?P<more>(?:\w+_)??)(?P<area>[A-Z]{2})_LU"
    r"(?:_(?P<month>[A-Z]{3}))?(?:_V?(?P<version>\d{1,4}))?",
    re.IGNORECASE,
)
_LONG_LOOKUP: Final = re.compile(
    r"Ward_to_Local_Authority_District_(?P<month>[A-Za-z]{3,9})_(?P<year>20\d\d)_Lookup_in_.*", re.IGNORECASE
)
_EDITION: Final = re.compile(r"(?:(?P<month>[A-Za-z]{3,9})[ _])?(?P<year>20\d\d)(?:-(?P<number>\d\d))?")
_MOST_TOLD: Final = 12


@dataclass(frozen=True)
class WardService:
    """One published set of ward outlines."""

    name: str
    year: int
    month: int
    area: str
    outline: str
    version: int

    @property
    def edition(self) -> str:
        """Month and year, as `May 2025`."""
        return f"{_MONTHS[self.month - 1]} {self.year}"

    @property
    def generalised_m(self) -> int:
        """By how many metres its outlines were smoothed; 0 for full resolution."""
        return _GENERALISED_M.get(self.outline, 0)


def ward_services(names: Iterable[str]) -> list[WardService]:
    """Pick the services that hold ward outlines out of all names."""
    found = []
    for name in names:
        match = _WARDS.fullmatch(_bare(name))
        if not match:
            continue
        month, area, outline = _month(match["month"]), match["area"].upper(), match["outline"].upper()
        if month and area in _AREAS and outline in _OUTLINES:
            version = int(match["version"] or 1)
            found.append(WardService(name, int(match["year"]), month, area, outline, version))
    return found


def choose(names: Iterable[str], authorities: Sequence[str], *, edition: str = "") -> WardService:
    """Choose the service to take wards from.

    Parameters
    ----------
    names : iterable of str
        Of all services.
    authorities : sequence of str
        District codes; the service has to cover their countries.
    edition : str
        `May 2024`, `2024-05` or `2024`, the newest of that year; the newest of all where empty.

    Returns
    -------
    WardService
        Of the edition: the finest outline, then the widest area, then the latest correction.

    Raises
    ------
    SourceError
        None fits; the editions that are published are said.
    """
    countries = {code[0] for code in authorities}
    fitting = [one for one in ward_services(names) if countries <= set(_AREAS[one.area])]
    year, month = _edition(edition)
    wanted = [one for one in fitting if (not year or one.year == year) and (not month or one.month == month)]
    if not wanted:
        told = sorted({(one.year, one.month, one.edition) for one in fitting}, reverse=True)[:_MOST_TOLD]
        listed = ", ".join(said for *_, said in told) or "none"
        raise SourceError(f"No such edition of the wards is published; there are: {listed}.")
    areas = list(_AREAS)
    return max(
        wanted,
        key=lambda one: (
            one.year, one.month, -_OUTLINES.index(one.outline), -areas.index(one.area), one.version, one.name,
        ),
    )  # fmt: skip


def lookups(names: Iterable[str], service: WardService) -> list[str]:
    """List the services that say which ward of an edition lies in which district, the surest first."""
    ranked = []
    for name in names:
        match = _LOOKUP.fullmatch(_bare(name)) or _LONG_LOOKUP.fullmatch(_bare(name))
        if not match or int(match["year"]) % 100 != service.year % 100:
            continue
        facts = match.groupdict()
        month = _month(facts["month"] or "")
        is_other_month = bool(month) and month != service.month
        is_same_month = month == service.month
        # the table of two columns before those that also name counties and regions
        extra = len((facts.get("between") or "") + (facts.get("more") or ""))
        ranked.append((is_other_month, extra, not is_same_month, -int(facts.get("version") or 1), name))
    return [name for *_, name in sorted(ranked)]


def _edition(text: str) -> tuple[int, int]:
    """Read the edition a person asks for: year and month, 0 for any."""
    if not text.strip():
        return 0, 0
    match = _EDITION.fullmatch(text.strip())
    month = _month(match["month"] or "") or int(match["number"] or 0) if match else 0
    if not match or month > 12 or (match["month"] and not month):
        raise SourceError("The edition cannot be read; write it as 'May 2024', 2024-05 or 2024.")
    return int(match["year"]), month


def _month(word: str) -> int:
    """Return 1-12 for a month's name, whole or its first three letters; 0 for anything else."""
    short = word[:3].lower()
    if short not in _SHORT:
        return 0
    number = _SHORT.index(short) + 1
    return number if _MONTHS[number - 1].lower().startswith(word.lower()) else 0


def _bare(name: str) -> str:
    return name.replace("(", "").replace(")", "")
