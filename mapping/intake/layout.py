"""Layouts: what a source's columns are called and what its rows mean, one TOML file each.

A layout declares everything that could otherwise be guessed row by row: the order of dates, the
clock, the coordinate system, who owns the records and how they may be shared.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from importlib import resources
from typing import Any, Final

from mapping import categories
from mapping.errors import NotFoundError, SettingsError
from mapping.intake.layout_checks import (
    DATES,
    EXTRACTED,
    FIELDS,
    HANDLING,
    KINDS,
    LISTS,
    PRECISIONS,
    TEXTS,
    problems,
)
from mapping.intake.toml_text import written

__all__ = [
    "DATES", "EXTRACTED", "FIELDS", "GREAT_BRITAIN", "HANDLING", "KINDS", "PRECISIONS",
    "Area", "Column", "Layout", "PointColumns", "load", "names", "own_sources", "parse", "to_toml",
]  # fmt: skip
_MOST_CHARS: Final = 200_000


@dataclass(frozen=True)
class Column:
    """One column: the names it goes by, whether it must be there, whether every row must fill it."""

    names: tuple[str, ...]
    required: bool = False
    filled: bool = False


@dataclass(frozen=True)
class PointColumns:
    """Two fields that hold a point, and the coordinate system they are in."""

    x: str
    y: str
    crs: str


@dataclass(frozen=True)
class Area:
    """A rectangle in metres, EPSG:27700, in which the points of a file are expected."""

    easting_m: tuple[float, float]
    northing_m: tuple[float, float]


# Great Britain's land, a little rounded: St Kilda, Scilly, Shetland, Lowestoft.
GREAT_BRITAIN: Final = Area(easting_m=(5_000.0, 660_000.0), northing_m=(5_000.0, 1_225_000.0))


@dataclass(frozen=True)
class Layout:
    """What a source's files look like and what holds for every row of them.

    `kind` says what the rows become: reports, or intelligence, which is graded and never counted.
    `categories` maps the source's own words and codes (folded) to names of `mapping.categories`,
    and `otherwise` is what a row is whose words no table knows. `identity` lists the fields that
    tell rows without a reference apart; `sensitive` those that no preview may show. `agencies` maps
    a source name to the agency that owns its records, and a source it does not list is owned by its
    namesake.
    """

    name: str
    title: str
    source: str
    source_agency: str
    handling: str
    time_zone: str
    precision: str
    dates: str
    match_level: str
    error_m: float
    columns: Mapping[str, Column]
    points: tuple[PointColumns, ...] = ()
    area: Area = GREAT_BRITAIN
    categories: Mapping[str, str] = field(default_factory=dict)
    agencies: Mapping[str, str] = field(default_factory=dict)
    identity: tuple[str, ...] = ()
    extracted: str = ""
    attribution: str = ""
    place_prefix: str = ""
    no_place: tuple[str, ...] = ()
    skip_files: tuple[str, ...] = ()
    kind: str = "reports"
    otherwise: str = ""
    sensitive: tuple[str, ...] = ()

    def label(self, name: str) -> str:
        """Return the heading that people know a field by."""
        return self.columns[name].names[0]

    def agency_of(self, source: str) -> str:
        """Return the agency that owns the records of a source."""
        if source == self.source:
            return self.source_agency
        return self.agencies.get(source, source)

    def source_named(self, text: str) -> str:
        """Return a source in the layout's own spelling, whatever its case and spaces; others as written."""
        return self._spellings.get(categories.folded(text), text)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        return {categories.folded(name): name for name in (*self.agencies, self.source)}

    def is_sensitive(self, name: str) -> bool:
        """Say whether no preview and no mapping screen may show what a field holds."""
        return name == "complainant" or name in self.sensitive


def names() -> list[str]:
    """List the layouts that ship, in alphabetical order."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in _folder().iterdir() if entry.name[-5:] == ".toml"
    )


@cache
def load(name: str) -> Layout:
    """Read a layout by name.

    Raises
    ------
    NotFoundError
        There is no layout of this name; the message lists those there are.
    SettingsError
        The layout's file names a field, category or choice that does not exist.
    """
    if name not in names():
        raise NotFoundError(f"There is no layout '{name[:40]}'; there are: {', '.join(names())}.")
    return parse((_folder() / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def own_sources() -> frozenset[str]:
    """Return the sources whose reports come in by a shipped layout of their own, folded."""
    shipped = map(load, names())
    return frozenset(categories.folded(each.source) for each in shipped if each.kind == "reports")


def parse(text: str) -> Layout:
    """Turn the text of a layout file into a `Layout`.

    Raises
    ------
    SettingsError
        It is no TOML, or it says what cannot be; every problem found is told at once.
    """
    raw = _toml(text)
    found = problems(raw)
    if found:
        name = raw.get("name")
        called = f" '{name[:60]}'" if isinstance(name, str) and name.isprintable() else ""
        raise SettingsError(f"The layout{called} cannot be used: {' '.join(found)}")
    area = raw.get("area")
    simple: dict[str, Any] = {key: raw[key] for key in TEXTS if key in raw}
    simple |= {key: tuple(raw[key]) for key in LISTS if key in raw}
    return Layout(
        **simple,
        error_m=float(raw["error_m"]),
        columns={
            key: Column(**{**value, "names": tuple(value["names"])}) for key, value in raw["columns"].items()
        },
        points=tuple(PointColumns(**pair) for pair in raw.get("points", ())),
        area=Area(*(_pair(area[key]) for key in ("easting_m", "northing_m"))) if area else GREAT_BRITAIN,
        categories={categories.folded(word): target for word, target in raw.get("categories", {}).items()},
        agencies=raw.get("agencies", {}),
    )


def to_toml(layout: Layout) -> str:
    """Write a layout as the text that `parse` reads back equal; what is left to its default is left out."""
    simple = {name: getattr(layout, name) for name in (*TEXTS, "error_m", *LISTS)}
    values: dict[str, Any] = {name: value for name, value in simple.items() if value != _DEFAULTS.get(name)}
    values["columns"] = {
        field_: {"names": column.names, "required": column.required, "filled": column.filled}
        for field_, column in layout.columns.items()
    }
    values["points"] = [vars(pair) for pair in layout.points]
    values |= {"area": vars(layout.area), "categories": layout.categories, "agencies": layout.agencies}
    return written(values)


def _toml(text: str) -> dict[str, Any]:
    if len(text) > _MOST_CHARS:
        raise SettingsError(f"The layout has {len(text):,} characters; at most {_MOST_CHARS:,} are read.")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as fault:
        line = re.search(r"at line (\d+)", str(fault))
        where = f" near line {line[1]}" if line else ""
        raise SettingsError(f"The layout is no TOML that can be read{where}; put it right there.") from None


def _pair(values: Sequence[float]) -> tuple[float, float]:
    return float(values[0]), float(values[1])


def _folder() -> resources.abc.Traversable:
    return resources.files("mapping.intake") / "layouts"


_DEFAULTS: Final = {each.name: each.default for each in fields(Layout)}
