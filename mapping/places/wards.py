"""Wards: one edition of boundaries, checked; and a point to exactly one of them.

An outline that would put incidents in the wrong ward, or in none, is refused and never mended in
silence: every fault of every file is gathered and told at once.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping import crs as coordinates
from mapping import schema
from mapping.errors import BoundaryError
from mapping.places import outlines
from mapping.places.boundary_files import Boundaries, read_boundaries

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

# Vertices are kept to the millimetre, so where one ward has a vertex on a neighbour's straight edge
# a gap of up to 0.7 mm can open. A point in it belongs to a neighbour, not outside.
HAIRLINE_M: Final = 0.002

_MOST_PROBLEMS_TOLD: Final = 20
_SAFE_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")

# Attribute names, the surest first: the year's own (WD25CD, wd16cd; never WD13CDO, the code of an
# older system), then spelt out (ward_code, ward22_code, ward_gss_code), then anything plain.
_PLAIN_CODE: Final = r"()(?:gss_?|ons_?)?code"
_CODE_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "ward": (r"wd(\d\d)cd", r"ward_?(\d\d)?_?(?:gss_?)?(?:code|cd)", _PLAIN_CODE),
    # Scotland's own files call it DataZone, with the year in the name of the file alone.
    "data zone": (r"(?:dz|data_?zone)_?(?:20)?(\d\d)?_?(?:code|cd)", r"()data_?zone", _PLAIN_CODE),
    "LSOA": (r"lsoa_?(?:20)?(\d\d)?_?(?:code|cd)", _PLAIN_CODE),
}
_NAME_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "ward": (r"wd(\d\d)nm", r"ward_?(\d\d)?_?(?:name|nm)", r"()name"),
    "data zone": (r"(?:dz|data_?zone)_?(?:20)?(\d\d)?_?(?:name|nm)", r"()name"),
    "LSOA": (r"lsoa_?(?:20)?(\d\d)?_?(?:name|nm)", r"()name"),
}
LEVELS: Final = tuple(_CODE_COLUMNS)


@dataclass(frozen=True)
class _Table:
    """One file's wards, outlines in metres; `problems` are told once, `messages` are only said."""

    codes: list[str]
    names: list[str]
    geometry: npt.NDArray[np.object_]
    year: str
    problems: list[str]
    messages: list[str]


def read_wards(
    paths: Sequence[Path], *, edition: str = "", crs: str | None = None, level: str = "ward"
) -> "GeoDataFrame":
    """Read the wards of one edition from one or more files, or its data zones or LSOAs.

    Parameters
    ----------
    paths : sequence of Path
        GeoJSON, TopoJSON, GeoPackage or shapefile, plain, gzipped or zipped.
    edition : str
        Name of the edition. Where not given, the year in the attribute names (WD25CD is 2025).
    crs : str, optional
        Used instead of what the files say, as `EPSG:27700` or `EPSG:4326`.
    level : str
        One of `LEVELS`: what the areas are. Messages call them wards whatever they are.

    Returns
    -------
    GeoDataFrame (`schema.WARDS`), EPSG:27700
        Sorted by `ward_gss_code`, which holds the code of the level. `.attrs["edition"]` is the edition,
        `.attrs["messages"]` holds
        sentences a person should see: what was assumed, slivers of overlap, gaps, far wards.

    Raises
    ------
    BoundaryError
        Once, naming every ward with what is wrong: no outline, unclosed, crossing itself, not an
        area, outside Great Britain, code missing or used twice, overlapping another ward; or the
        file as a whole: unreadable, axes swapped, unknown coordinate system, no code column.
    """
    tables, problems = _read_all(paths, crs, level)
    messages = [said for table in tables for said in table.messages]
    codes = np.array([code for table in tables for code in table.codes], dtype=str)
    names = np.array([name for table in tables for name in table.names], dtype=object)
    geometry = np.array([shape for table in tables for shape in table.geometry], dtype=object)
    problems += _repeated(codes)
    if not problems:
        problems, slivers = outlines.overlaps(codes, geometry)
        messages += [*slivers, *outlines.gaps(geometry), *outlines.strays(codes, geometry)]
    if problems:
        told = problems[:_MOST_PROBLEMS_TOLD]
        if len(problems) > len(told):
            told.append(f"And {len(problems) - len(told)} more.")
        raise BoundaryError(", ".join(path.name for path in paths) or "wards", told)
    years = sorted({table.year for table in tables})
    if len(years) > 1:
        said = ", ".join(year or "unknown" for year in years)
        messages.append(f"The files are of different years ({said}); one edition should serve a whole map.")
    wards = _frame(codes, names, geometry)
    wards.attrs = {"edition": edition or (years[0] if len(years) == 1 else ""), "messages": messages}
    return wards


def _frame(
    codes: npt.NDArray[np.str_], names: npt.NDArray[np.object_], geometry: npt.NDArray[np.object_]
) -> "GeoDataFrame":
    import geopandas  # half a second that `hotspots --help` need not pay

    order = np.argsort(codes, kind="stable")
    columns = {"ward_gss_code": codes[order], "ward_name": names[order]}
    wards = geopandas.GeoDataFrame(columns, geometry=geometry[order], crs=coordinates.BNG)
    return wards.astype({"ward_gss_code": "str", "ward_name": "str"})


def _read_all(paths: Sequence[Path], crs: str | None, level: str) -> tuple[list[_Table], list[str]]:
    if not paths:
        return [], ["No ward file was given; name at least one."]
    tables, problems = [], []
    for path in paths:
        try:
            table = _table_of(path.name, read_boundaries(path), crs, level)
        except BoundaryError as error:
            found = error.problems
        else:
            found = tuple(table.problems)
            tables.append(table)
        problems += [said if len(paths) == 1 else f"{path.name}: {said}" for said in found]
    return tables, problems


def _table_of(file_name: str, read: Boundaries, crs: str | None, level: str) -> _Table:
    code_column, year = _choose(read.columns, _CODE_COLUMNS[level])
    if not code_column:
        raise BoundaryError(file_name, [_without_codes(read.columns, level)])
    codes = [_text(value) for value in read.columns[code_column]]
    if not codes:
        raise BoundaryError(file_name, ["The file holds no ward."])
    name_column, _ = _choose(read.columns, _NAME_COLUMNS[level])
    names = [_text(value) for value in read.columns.get(name_column, codes)]
    geometry, astray, assumed = outlines.to_metres(read.geometry, crs or read.crs)
    faults = [
        _code_fault(code) or unread or outside or outlines.fault_of(shape)
        for code, unread, outside, shape in zip(codes, read.faults, astray, geometry, strict=True)
    ]
    messages = [f"{file_name}: {assumed}"] if assumed else []
    problems = [
        f"Ward {code if _SAFE_CODE.fullmatch(code) else f'number {number}'}: {fault}."
        for number, (code, fault) in enumerate(zip(codes, faults, strict=True), start=1)
        if fault
    ]
    named = [name or code for name, code in zip(names, codes, strict=True)]
    if not problems:
        codes, named, geometry, joined = _join_parts(codes, named, geometry)
        messages += [f"{file_name}: {said}" for said in joined]
    return _Table(codes, named, geometry, f"20{year}" if year else "", problems, messages)


def _without_codes(columns: dict[str, list[Any]], level: str) -> str:
    """Say that no attribute holds the codes asked for, and whether those of another level are there."""
    held = ", ".join(_plain(name)[:20] for name in list(columns)[:12]) or "none"
    said = f"No attribute holds {level} codes (found: {held}); "
    others = [one for one in LEVELS if one != level and _choose(columns, _CODE_COLUMNS[one][:-1])[0]]
    if others:
        return f"{said}it holds {others[0]} codes: give that as its level."
    return f"{said}name one {'ward_gss_code' if level == 'ward' else 'code'}."


def _join_parts(
    codes: list[str], names: list[str], geometry: npt.NDArray[np.object_]
) -> tuple[list[str], list[str], npt.NDArray[np.object_], list[str]]:
    """Join a ward that the file holds in several features: one code, one name, lying side by side.

    Two Yorkshire wards of 2022 come so, a part for each of their districts.
    """
    parts: dict[tuple[str, str], list[int]] = {}
    for number, ward in enumerate(zip(codes, names, strict=True)):
        parts.setdefault(ward, []).append(number)
    joined, messages, gone = geometry.copy(), [], set()
    for (code, _), numbers in parts.items():
        if len(numbers) == 1:
            continue
        whole = shapely.union_all(geometry[numbers])
        if shapely.area(geometry[numbers]).sum() - shapely.area(whole) < outlines.LEAST_SLIVER_M2:
            joined[numbers[0]] = whole
            gone.update(numbers[1:])
            messages.append(f"Ward {code} comes in {len(numbers)} parts; they were joined.")
    kept = [number for number in range(len(codes)) if number not in gone]
    return [codes[number] for number in kept], [names[number] for number in kept], joined[kept], messages


def _choose(columns: dict[str, list[Any]], patterns: Sequence[str]) -> tuple[str, str]:
    """Return the surest attribute and the two-digit year in its name; the latest year of several."""
    for pattern in patterns:
        matches = [(re.fullmatch(pattern, name.lower()), name) for name in columns]
        dated = [(match[1] or "", name) for match, name in matches if match]
        if dated:
            year, name = max(dated)
            return name, year
    return "", ""


def _text(value: object) -> str:
    """Return an attribute as plain text; missing is empty."""
    missing = value is None or (isinstance(value, float) and np.isnan(value))
    return "" if missing else _plain(str(value))[:120]


def _plain(text: str) -> str:
    """Drop control characters and direction overrides, and fold blanks."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def _code_fault(code: str) -> str:
    if not code:
        return "it has no code"
    # The code names files and addresses of pages.
    return "" if _SAFE_CODE.fullmatch(code) else "its code holds more than letters, digits, - and _"


def _repeated(codes: npt.NDArray[np.str_]) -> list[str]:
    return [
        f"Ward {code}: its code comes {count} times; every ward needs its own."
        for code, count in sorted(Counter(codes.tolist()).items())
        if count > 1 and _SAFE_CODE.fullmatch(code)
    ]


def surroundings(
    wards: "GeoDataFrame", *, margin_m: float = 2000.0
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the eastings and the northings between which reports are expected: wards and margin."""
    west, south, east, north = (float(value) for value in wards.total_bounds)
    return (west - margin_m, east + margin_m), (south - margin_m, north + margin_m)


def assign(
    easting_m: npt.ArrayLike, northing_m: npt.ArrayLike, wards: "GeoDataFrame"
) -> npt.NDArray[np.str_]:
    """Give each point its one ward.

    Parameters
    ----------
    easting_m, northing_m : array-like of float, shape (n,), EPSG:27700
        NaN where there is no point.
    wards : GeoDataFrame (`schema.WARDS`), EPSG:27700
        In any order.

    Returns
    -------
    array of str, shape (n,)
        `ward_gss_code`; empty for a point in no ward, and for no point. A point on an edge or
        corner that wards share is given to the lowest code, whatever the order of points or wards;
        so is a point in a hairline gap between wards (`HAIRLINE_M`).

    Raises
    ------
    WrongCrsError
        `wards` is not in EPSG:27700.
    MissingColumnsError
        `wards` has no `ward_gss_code`.
    """
    coordinates.require_bng(wards, "wards")
    schema.require(wards, ["ward_gss_code"], "wards")
    codes = wards["ward_gss_code"].to_numpy(dtype=str)
    by_code = np.argsort(codes, kind="stable")
    shapes = np.asarray(wards.geometry)[by_code]
    east = np.asarray(easting_m, dtype=np.float64).ravel()
    north = np.asarray(northing_m, dtype=np.float64).ravel()
    eastwards = np.argsort(east, kind="stable")
    numbers = _ward_numbers(east[eastwards], north[eastwards], shapes)
    labels = np.append(codes[by_code], "")  # number -1 takes the last: no ward
    assigned = np.empty(len(east), dtype=labels.dtype)
    assigned[eastwards] = labels[numbers]
    return assigned


def _ward_numbers(
    east: npt.NDArray[np.float64], north: npt.NDArray[np.float64], shapes: npt.NDArray[np.object_]
) -> npt.NDArray[np.int64]:
    """Return the first shape that holds each point, or -1; points sorted by `east`, NaN last."""
    numbers = np.full(len(east), -1, dtype=np.int64)
    low_x, low_y, high_x, high_y = shapely.bounds(shapes).T
    shapely.prepare(shapes)
    for reach_m in (0.0, HAIRLINE_M):
        starts = np.searchsorted(east, low_x - reach_m, side="left")
        ends = np.searchsorted(east, high_x + reach_m, side="right")
        for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
            span = north[start:end]
            near = (span >= low_y[number] - reach_m) & (span <= high_y[number] + reach_m)
            still = start + np.flatnonzero(near & (numbers[start:end] < 0))
            if reach_m:
                points = shapely.points(east[still], north[still])
                held = shapely.dwithin(shapes[number], points, reach_m)
            else:
                held = shapely.intersects_xy(shapes[number], east[still], north[still])
            numbers[still[held]] = number
    return numbers


def place(incidents: pd.DataFrame, wards: "GeoDataFrame") -> pd.DataFrame:
    """Return a copy of the incidents with their ward (`schema.PLACED`).

    Parameters
    ----------
    incidents : DataFrame
        With `easting_m` and `northing_m`, EPSG:27700, NaN where there is no point, and perhaps with
        `stated_area`. Not changed.
    wards : GeoDataFrame (`schema.WARDS`), EPSG:27700

    Returns
    -------
    DataFrame
        The same rows in the same order, with `ward_gss_code` (empty for none) and `placement`:
        in ward, outside (a point in no ward) or unlocated (no point). Nothing is dropped. What has no
        point and states the code of one of these wards is in that ward: in its totals, on no map.

    Raises
    ------
    MissingColumnsError, WrongCrsError
    """
    schema.require(incidents, ["easting_m", "northing_m"], "incidents")
    codes = assign(incidents["easting_m"], incidents["northing_m"], wards)
    located = np.isfinite(incidents["easting_m"]) & np.isfinite(incidents["northing_m"])
    if "stated_area" in incidents:
        is_stated = ~located & incidents["stated_area"].isin(wards["ward_gss_code"])
        codes = np.where(is_stated, incidents["stated_area"].to_numpy(dtype=object), codes)
    placement = np.where(codes != "", "in ward", np.where(located, "outside", "unlocated"))
    return incidents.assign(
        ward_gss_code=pd.array(codes, dtype="str"), placement=pd.array(placement, dtype="str")
    )
