"""Two editions of wards side by side: what became of each ward, told by its ground and never by its name.

Codes change when outlines do, and sometimes when they do not; names stay over ground that was redrawn.
So everything here is measured: a ward is the same ward where its outline is. Counts of old wards can be
carried to new ones as an estimate (`carry`); whole incidents never are, they have points and get their
ward anew (`wards.assign`).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping import crs as coordinates
from mapping import schema
from mapping.places.wards import assign

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

# Two outlines of one line, each generalised to within 20 m of it, lie up to 40 m apart. So an overlap in
# which no point is 20 m from the edge is a sliver of drawing. Held against the published table of LSOAs of
# 2011 and 2021 on Teesside: all its 360 pairs have such a point, none of the 242 other pairs has one.
SLIVER_REACH_M: Final = 20.0
# Of a ward that lies in no ward of the other edition: coasts are clipped at another tide mark. The largest
# share among the 342 LSOAs that the same table calls unchanged is 6.5 %.
COAST_SHARE: Final = 0.10
# A ward lies in another when this much of it does. Unchanged wards of 2013 and 2025 share 97.6 % and more.
MOST_SHARE: Final = 0.95
_LEAST_M2: Final = 1.0

PAIRS: Final = {
    "old_code": "empty: ground of the new ward that is in no old one",
    "old_name": "",
    "new_code": "empty: ground of the old ward that is in no new one",
    "new_name": "",
    "area_m2": "that both share",
    "share_of_old": "0-1; NaN without an old ward",
    "share_of_new": "0-1; NaN without a new ward",
    "is_sliver": "the drawing differs there, not the wards",
}
CHANGES: Final = {
    "unchanged": "same ground, name and code",
    "recoded": "same ground and name, another code",
    "renamed": "same ground, another name",
    "redrawn": "its ground changed; the two are more like each other than like any other ward",
    "split": "one ward became several",
    "merged": "several wards became one",
    "abolished": "its ground went to several wards, none of them its successor",
    "new": "made of parts of several wards, none of them its forerunner",
}
SAME: Final = ("unchanged", "recoded", "renamed")


def compare(old: "GeoDataFrame", new: "GeoDataFrame") -> pd.DataFrame:
    """Measure how the wards of two editions lie over each other.

    Parameters
    ----------
    old, new : GeoDataFrame (`schema.WARDS`), EPSG:27700
        Of one level, as `wards.read_wards` returns them: none overlaps another of its own edition by
        more than slivers.

    Returns
    -------
    DataFrame (`PAIRS`), by old code, then new code
        One row for each pair that shares ground, slivers marked; and one for the ground of a ward that
        is in no ward of the other edition. The shares of a ward add up to 1, but for slivers by which
        wards of one edition overlap.

    Raises
    ------
    WrongCrsError, MissingColumnsError
    """
    for name, frame in (("old", old), ("new", new)):
        coordinates.require_bng(frame, name)
        schema.require(frame, list(schema.WARDS), name)
    ours, theirs = np.asarray(old.geometry), np.asarray(new.geometry)
    one, other = shapely.STRtree(theirs).query(ours, predicate="intersects")
    shared = shapely.intersection(ours[one], theirs[other])
    area = shapely.area(shared)
    kept = area > 0
    one, other, shared, area = one[kept], other[kept], shared[kept], area[kept]
    reaches = shapely.area(shapely.buffer(shared, -SLIVER_REACH_M, quad_segs=4)) > 0
    old_rest = shapely.area(ours) - np.bincount(one, area, minlength=len(ours))
    new_rest = shapely.area(theirs) - np.bincount(other, area, minlength=len(theirs))
    here, there = np.flatnonzero(old_rest >= _LEAST_M2), np.flatnonzero(new_rest >= _LEAST_M2)
    none_here, none_there = np.full(len(there), -1), np.full(len(here), -1)
    olds = np.concatenate([one, here, none_here])
    news = np.concatenate([other, none_there, there])
    area = np.concatenate([area, old_rest[here], new_rest[there]])
    pairs = pd.DataFrame(
        {
            **_named("old", old, olds),
            **_named("new", new, news),
            "area_m2": area,
            "share_of_old": _share(area, shapely.area(ours), olds),
            "share_of_new": _share(area, shapely.area(theirs), news),
        }
    )
    coast = pairs[["share_of_old", "share_of_new"]].max(axis=1).to_numpy()[len(one) :] <= COAST_SHARE
    pairs["is_sliver"] = np.concatenate([~reaches, coast])
    return pairs.sort_values(["old_code", "new_code"], kind="stable").reset_index(drop=True)


def _named(side: str, wards: "GeoDataFrame", numbers: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Return the codes and names of wards by their place in the frame; -1 is none."""
    labels = {"code": "ward_gss_code", "name": "ward_name"}
    held = {
        f"{side}_{short}": np.append(wards[column].to_numpy(dtype=object), "")
        for short, column in labels.items()
    }
    return {name: pd.array(values[numbers], dtype="str") for name, values in held.items()}


def _share(
    area: npt.NDArray[np.float64], whole: npt.NDArray[np.float64], numbers: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    return area / np.append(whole, np.nan)[numbers]


def changes(comparison: pd.DataFrame) -> pd.DataFrame:
    """Say of every ward of either edition what became of it, or what it was made of.

    Parameters
    ----------
    comparison : DataFrame (`PAIRS`)

    Returns
    -------
    DataFrame, old wards by code, then new wards by code
        `edition` (old or new), `code`, `name`, `change` (a key of `CHANGES`), `other_code` (the one ward
        that it is in the other edition: the same, its successor or its forerunner; empty where there is
        none), `other_name`, `lies_in` (the one ward of the other edition that holds at least
        `MOST_SHARE` of it, or empty), `keeps_name` (a ward of the other edition has its name over other
        ground: a join by name would be wrong), and `parts`: (code, name, share of this ward) of every
        ward that shares more than a sliver with it, the largest first.

    Notes
    -----
    `abolished` and `new` are about outlines. A ward whose parts are empty lies on ground that the other
    edition does not cover.
    """
    parts = {side: _parts(comparison, side) for side in ("old", "new")}
    holder = {side: {code: _holder(found) for code, found in parts[side].items()} for side in parts}
    nearest = {side: _nearest(comparison, side) for side in parts}
    names = {side: _names(comparison, side) for side in parts}
    rows = []
    for side, far in (("old", "new"), ("new", "old")):
        for code, found in sorted(parts[side].items()):
            change, other = _change(code, side, far, parts, holder)
            if change == "redrawn":
                other = nearest[side].get(code, "")
                if not other or nearest[far][other] != code:
                    change, other = ("abolished" if side == "old" else "new"), ""
            if change == "same":
                change = _same(code, other, names[side][code], names[far][other])
            name = names[side][code]
            rows.append(
                {
                    "edition": side,
                    "code": code,
                    "name": name,
                    "change": change,
                    "other_code": other,
                    "other_name": names[far].get(other, ""),
                    "lies_in": holder[side][code],
                    "keeps_name": change not in SAME
                    and any(_folded(name) == _folded(one) for one in names[far].values()),
                    "parts": tuple(found),
                }
            )
    columns = ["edition", "code", "name", "change", "other_code", "other_name", "lies_in", "keeps_name",
               "parts"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


Part = tuple[str, str, float]
Parts = dict[str, list[Part]]


def _parts(comparison: pd.DataFrame, side: str) -> Parts:
    """Return the parts of each ward, the largest first; ground in no ward of the other edition is none."""
    far = "new" if side == "old" else "old"
    own = comparison[comparison[f"{side}_code"] != ""]
    found: Parts = {code: [] for code in sorted(own[f"{side}_code"].unique())}
    real = own[~own["is_sliver"] & (own[f"{far}_code"] != "")]
    columns = (f"{side}_code", f"{far}_code", f"{far}_name", f"share_of_{side}")
    for code, other, name, share in zip(*(real[column].tolist() for column in columns), strict=True):
        found[code].append((other, name, share))
    for ward_parts in found.values():
        ward_parts.sort(key=lambda part: (-part[2], part[0]))
    return found


def _names(comparison: pd.DataFrame, side: str) -> dict[str, str]:
    return dict(zip(comparison[f"{side}_code"].tolist(), comparison[f"{side}_name"].tolist(), strict=True))


def _holder(parts: list[Part]) -> str:
    """Return the ward of the other edition that holds at least `MOST_SHARE` of this one, or nothing.

    Of the ground that the other edition covers: a coast clipped elsewhere takes nothing away.
    """
    covered = sum(share for *_, share in parts)
    is_held = covered >= 1 - COAST_SHARE and parts[0][2] >= MOST_SHARE * covered
    return parts[0][0] if is_held else ""


def _change(
    code: str, side: str, far: str, parts: dict[str, Parts], holder: dict[str, dict[str, str]]
) -> tuple[str, str]:
    """Return what became of a ward (`same`, `split`, `merged` or else), and the one it lies in, if any."""
    mine, holds_me = parts[side][code], holder[side][code]
    taken_in = [part for part in mine if holder[far][part[0]] == code]
    if holds_me and taken_in and len(mine) == 1 and len(parts[far][holds_me]) == 1:
        return "same", holds_me
    if len(taken_in) > 1 and sum(part[2] for part in taken_in) >= MOST_SHARE:
        return ("split" if side == "old" else "merged"), ""
    if holds_me:  # it is one of several that make up, or were made out of, one ward
        others = [part for part in parts[far][holds_me] if holder[side][part[0]] == holds_me]
        if len(others) > 1 and sum(part[2] for part in others) >= MOST_SHARE:
            return ("merged" if side == "old" else "split"), holds_me
    return "redrawn", ""


def _nearest(comparison: pd.DataFrame, side: str) -> dict[str, str]:
    """Return the ward of the other edition that each is most like: ground shared, of the ground of both."""
    far = "new" if side == "old" else "old"
    real = comparison[
        ~comparison["is_sliver"] & (comparison["old_code"] != "") & (comparison["new_code"] != "")
    ]
    like = 1 / (1 / real["share_of_old"] + 1 / real["share_of_new"] - 1)
    ranked = real.assign(like=like).sort_values(["like", f"{far}_code"], ascending=[False, True])
    first = ranked.drop_duplicates(f"{side}_code")
    return dict(zip(first[f"{side}_code"].tolist(), first[f"{far}_code"].tolist(), strict=True))


def _same(code: str, other: str, name: str, other_name: str) -> str:
    if _folded(name) != _folded(other_name):
        return "renamed"
    return "unchanged" if code == other else "recoded"


def _folded(name: str) -> str:
    """Fold what publishers write differently from year to year: & and `and`, apostrophes, case."""
    return "".join(mark for mark in name.casefold().replace("&", "and") if mark.isalnum())


def holders(comparison: pd.DataFrame) -> dict[str, str]:
    """Return old code to the new ward in which it lies, for wards that lie in one (`MOST_SHARE`).

    What is known only to be in such an old ward is known to be in the new one; what is known only to be
    in another old ward stays known to that and to no new one.
    """
    found = {code: _holder(parts) for code, parts in _parts(comparison, "old").items()}
    return {code: holder for code, holder in found.items() if holder}


def weigh(
    old: "GeoDataFrame",
    new: "GeoDataFrame",
    easting_m: npt.ArrayLike,
    northing_m: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
) -> pd.DataFrame:
    """Add up points (addresses, postcodes, people) by the old and the new ward that each lies in.

    Parameters
    ----------
    easting_m, northing_m : array-like of float, shape (n,), EPSG:27700
    weight : array-like of float >= 0, shape (n,), optional
        What each stands for; else every one counts 1.

    Returns
    -------
    DataFrame
        `old_code`, `new_code`, `weight`; points outside either edition are left out.
    """
    count = np.size(easting_m)
    frame = pd.DataFrame(
        {
            "old_code": pd.array(assign(easting_m, northing_m, old), dtype="str"),
            "new_code": pd.array(assign(easting_m, northing_m, new), dtype="str"),
            "weight": np.ones(count) if weight is None else np.asarray(weight, dtype=np.float64),
        }
    )
    inside = frame[(frame["old_code"] != "") & (frame["new_code"] != "")]
    return inside.groupby(["old_code", "new_code"])["weight"].sum().reset_index()


def carry(
    values: Mapping[str, float], comparison: pd.DataFrame, *, weights: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Estimate values of new wards from values of old ones: counts, people, hectares.

    Parameters
    ----------
    values : mapping of old code to float
        Amounts that add up, never rates.
    comparison : DataFrame (`PAIRS`)
    weights : DataFrame, optional
        As `weigh` returns it; by its points rather than by area, where an old ward has any.

    Returns
    -------
    DataFrame, by `ward_gss_code`
        `value`, and `estimated`: what of it came from old wards that were shared out, so rests on
        the assumption that amounts lie evenly over the ground (or as the points do). The values add up
        to those given: what lies in no new ward, or in an old ward that is not compared, has an empty
        code. `.attrs["messages"]` says so.

    Notes
    -----
    Areal weighting (Goodchild & Lam, 1980, Areal interpolation: a variant of the traditional spatial
    problem. Geo-Processing, 1, 297-312). Never for incidents: they have points, see `wards.assign`.
    """
    real = comparison[~comparison["is_sliver"] & (comparison["old_code"] != "")]
    by_area = real[["old_code", "new_code", "area_m2"]].rename(columns={"area_m2": "weight"})
    if weights is not None:
        weighed = weights.loc[weights["weight"] > 0, ["old_code", "new_code", "weight"]]
        by_area = by_area[~by_area["old_code"].isin(weighed["old_code"])]
        by_area = pd.concat([by_area, weighed], ignore_index=True)
    given = pd.Series(dict(values), dtype="float64")
    lost = given[~given.index.isin(by_area["old_code"])].sum()
    rows = by_area[by_area["old_code"].isin(given.index)]
    share = rows["weight"] / rows.groupby("old_code")["weight"].transform("sum")
    value = share * rows["old_code"].map(given)
    carried = pd.DataFrame(
        {"ward_gss_code": rows["new_code"], "value": value, "estimated": value.where(share < 1, 0.0)}
    )
    rest = pd.DataFrame({"ward_gss_code": [""], "value": [lost], "estimated": [0.0]})
    total = pd.concat([carried, rest] if lost else [carried], ignore_index=True)
    found = total.groupby("ward_gss_code").sum().sort_index()
    found.attrs["messages"] = _said_of(found, float(given.sum()))
    return found


def _said_of(found: pd.DataFrame, total: float) -> list[str]:
    estimated, outside = found["estimated"].sum(), found["value"].get("", 0.0)
    said = []
    if estimated:
        said.append(
            f"{estimated:,.0f} of {total:,.0f} come from wards that were shared out, so the new values "
            "are estimates."
        )
    if outside:
        said.append(f"{outside:,.0f} of {total:,.0f} lie in none of the new wards.")
    return said
