"""Layouts: what a source's columns are called and what its rows mean, one TOML file each.

A layout declares everything that could otherwise be guessed row by row: the order of dates, the
clock, the coordinate system, who owns the records and how they may be shared.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final

from mapping import categories, crs
from mapping.errors import NotFoundError, SettingsError

FIELDS: Final = (
    "reference",
    "occurred_at",
    "reported_at",
    "category",
    "description",
    "place",
    "postcode",
    "area_code",
    "agency",
    "source",
    "outcome",
    "grading",
    "easting",
    "northing",
    "longitude",
    "latitude",
)
HANDLING: Final = ("open", "P", "C")  # from loosest to strictest
DATES: Final = ("day first", "month")
EXTRACTED: Final = ("", "month after")


_NEEDED: Final = (
    "name", "title", "source", "source_agency", "handling", "time_zone", "precision", "dates", "match_level",
    "error_m", "columns", "points", "area",
)  # fmt: skip


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


@dataclass(frozen=True)
class Layout:
    """What a source's files look like and what holds for every row of them.

    `categories` maps the source's own words (folded) to names of `mapping.categories`; `identity`
    lists the fields that tell rows without a reference apart; `agencies` maps a source name to the
    agency that owns its records, and a source it does not list is owned by its namesake.
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
    points: tuple[PointColumns, ...]
    area: Area
    categories: Mapping[str, str] = field(default_factory=dict)
    agencies: Mapping[str, str] = field(default_factory=dict)
    identity: tuple[str, ...] = ()
    extracted: str = ""
    attribution: str = ""
    place_prefix: str = ""
    no_place: tuple[str, ...] = ()
    skip_files: tuple[str, ...] = ()

    def label(self, name: str) -> str:
        """Return the heading that people know a field by."""
        return self.columns[name].names[0]

    def agency_of(self, source: str) -> str:
        """Return the agency that owns the records of a source."""
        if source == self.source:
            return self.source_agency
        return self.agencies.get(source, source)


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


def parse(text: str) -> Layout:
    """Turn the text of a layout file into a `Layout`, gathering every problem before speaking."""
    raw = tomllib.loads(text)
    problems = _problems(raw)
    if problems:
        raise SettingsError(f"The layout '{raw.get('name', '')}' cannot be used: {' '.join(problems)}")
    simple: dict[str, Any] = {key: value for key, value in raw.items() if isinstance(value, str | float)}
    simple |= {
        key: tuple(value) for key, value in raw.items() if key in ("identity", "no_place", "skip_files")
    }
    return Layout(
        **simple,
        columns={
            key: Column(**{**value, "names": tuple(value["names"])}) for key, value in raw["columns"].items()
        },
        points=tuple(PointColumns(**pair) for pair in raw["points"]),
        area=Area(*(tuple(raw["area"][key]) for key in ("easting_m", "northing_m"))),
        categories={categories.folded(word): target for word, target in raw.get("categories", {}).items()},
        agencies=raw.get("agencies", {}),
    )


def _problems(raw: Mapping[str, Any]) -> list[str]:
    missing = [key for key in _NEEDED if key not in raw]
    if missing:
        return [f"It does not say its {', '.join(missing)}."]
    fields = [*raw["columns"], *raw.get("identity", ())]
    fields += [name for pair in raw["points"] for name in (pair["x"], pair["y"])]
    found = [f"'{name}' is not a field." for name in fields if name not in FIELDS]
    found += [f"'{name}' is not among its columns." for name in fields if name not in raw["columns"]]
    found += [
        f"'{target}' is not a category."
        for target in raw.get("categories", {}).values()
        if categories.find(target) != target
    ]
    found += [
        f"{key} is '{raw.get(key, '')}'; it may be {', '.join(allowed)}."
        for key, allowed in (("handling", HANDLING), ("dates", DATES), ("extracted", EXTRACTED))
        if raw.get(key, "") not in allowed
    ]
    found += [
        f"'{pair['crs']}' is not a coordinate system read here."
        for pair in raw["points"]
        if pair["crs"] not in (crs.BNG, crs.WGS84)
    ]
    return found


def _folder() -> resources.abc.Traversable:
    return resources.files("mapping.intake") / "layouts"
