"""Queries written by hand in the language of logs, resolved to the open data when they are asked.

Each list names what is right by name and borough (or postcode district); nothing more of the data is in it.
They were written as control rooms, wardens, housing officers and councillors write, before they were asked,
and none was taken out because it failed.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from benchmarks.geocoding.reference import Reference

LISTS = {name: Path(__file__).with_name(f"{name}.csv") for name in ("handwritten", "hard", "unseen")}
RIGHT_WITHIN_M = 75.0


class UnresolvableError(ValueError):
    """A query names something that is not in the data."""


def load(reference: Reference, path: Path = LISTS["handwritten"]) -> pd.DataFrame:
    """Return the queries of a list with the columns of `noise.make_queries`.

    Raises
    ------
    UnresolvableError
        A name or code is not in the data.
    """
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    resolved = [_resolved(row, reference) for row in rows.itertuples(index=False)]
    frame = pd.concat([rows, pd.DataFrame(resolved)], axis=1)
    frame["noise_class"] = "handwritten " + frame["kind"].where(frame["kind"] != "", frame["expected_status"])
    frame["ward_gss_code"] = ""
    frame["is_answerable"] = frame["expected_status"] == "matched"
    frame["is_ambiguous"] = frame["expected_status"] == "ambiguous"
    for column in ("true_easting_m", "true_northing_m"):
        frame[column] = np.nan
    frame["is_truth_held_out"] = False
    frame.index = pd.Index([f"h-{number:03d}" for number in range(len(frame))], name="query_id")
    return frame


def _resolved(row: object, reference: Reference) -> dict[str, object]:
    """Return the place, or the right point and how far from it is right."""
    kind, name, borough = row.kind, row.name, row.right_borough  # type: ignore[attr-defined]
    district = getattr(row, "right_district", "")
    nothing = {"place": "", "tolerance_m": RIGHT_WITHIN_M} | _at(np.nan, np.nan)
    if kind == "street":
        return nothing | {"place": ";".join(_places(reference, name, borough, district))}
    if kind == "postcode":
        held = reference.postcodes[reference.postcodes["postcode"] == name]
        if held.empty:
            raise UnresolvableError(name)
        return nothing | _at(*held.iloc[0][["easting_m", "northing_m"]])
    if kind == "coordinates":
        return nothing | _at(*map(float, name.split()))
    if kind == "junction":
        return nothing | _junction(reference, *name.split(" and "))
    if kind in ("sector", "district") and not (reference.postcodes[kind] == name).any():
        raise UnresolvableError(name)
    return nothing


def _places(reference: Reference, name: str, borough: str = "", district: str = "") -> list[str]:
    anchors = reference.anchors
    held = anchors[(anchors["name"] == name) & (anchors["place"] != "")]
    if borough:
        held = held[held["borough"] == borough]
    if district:
        held = held[held["district"] == district]
    if held.empty:
        raise UnresolvableError(f"{name}, {borough} {district}")
    return sorted(held["place"].unique())


def _junction(reference: Reference, first: str, second: str) -> dict[str, object]:
    """Return the middle of the gap between the nearest points of two streets."""
    one, other = (
        np.vstack([reference.points_of(place) for place in _places(reference, name)])
        for name in (first, second)
    )
    away, nearest = cKDTree(other).query(one)
    at = int(away.argmin())
    middle = (one[at] + other[nearest[at]]) / 2
    return _at(*middle) | {"tolerance_m": RIGHT_WITHIN_M + float(away[at])}


def _at(easting_m: float, northing_m: float) -> dict[str, object]:
    return {"right_easting_m": float(easting_m), "right_northing_m": float(northing_m)}
