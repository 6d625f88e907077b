"""The list of hotspots: what is said of each, its history, its number and, last, its wards."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from mapping.hotspots import emerging, harm, identity, portrait, trends
from mapping.hotspots.grid import FloatArray
from mapping.hotspots.intervals import place_intervals
from mapping.hotspots.scene import Scene
from mapping.hotspots.timing import peak_window
from mapping.hotspots.units import Unit
from mapping.schema import HOTSPOTS
from mapping.wording import CAUTION_SEPARATOR, LIST_SEPARATOR

if TYPE_CHECKING:
    from shapely import MultiPolygon, Polygon

OTHER_WARD_SHARE: Final = 0.05


def describe(
    inside: pd.DataFrame,
    unit: Unit,
    shape: "Polygon | MultiPolygon",
    scene: Scene,
    facts: dict[str, float],
    *,
    recorded: bool,
) -> dict[str, object]:
    """Write the row of one hotspot, but for its number, its name and its wards."""
    length = len(scene.month_days)
    monthly = np.bincount(scene.months[inside.index.to_numpy()], minlength=length).astype(np.float64)
    change = trends.recent_change(monthly, scene.monthly)
    reach = np.hypot(inside["easting_m"] - unit.easting_m, inside["northing_m"] - unit.northing_m)
    expected, foretold = facts["expected_count"], facts["forecast_count"]
    doubts = portrait.cautions(
        inside,
        recorded_at=recorded,
        change=change,
        coarse_share=facts["owed"] / foretold if foretold else 0.0,
    )
    return {
        "incident_count": len(inside),
        "expected_count": expected,
        "rate_ratio": len(inside) / expected if expected else float("nan"),
        "p_value": facts["p_value"],
        "p_value_fdr": facts["p_value_fdr"],
        "change": change,
        "peak_hours": peak_window(inside),
        "top_categories": portrait.list_counts(inside["category"]),
        "sources": portrait.list_counts(inside["source"]),
        "area_m2": round(float(shape.area)),
        "radius_m": round(float(reach.max()), 1),
        "cautions": CAUTION_SEPARATOR.join(doubts),
        "easting_m": round(unit.easting_m, 1),
        "northing_m": round(unit.northing_m, 1),
        "forecast_count": facts["forecast_count"],
        "recorded_at_place": recorded,
        "monthly_counts": portrait.months_of(monthly),
        "clumpiness": facts["clumpiness"],
        "identity": identity.FIRST_SEEN,  # until it is held against an earlier run
        "before": "",
        "seen_since_on": "",
        "geometry": shape,
    }


def _histories(
    rows: Sequence[dict[str, object]],
    held_in: Sequence[frozenset[str]],
    incidents: pd.DataFrame,
    scene: Scene,
) -> list[str]:
    """Name the history of every hotspot, each held against the wards that its incidents lie in."""
    if not rows:
        return []
    codes = pd.Index(sorted(incidents["ward_gss_code"].unique()))
    length = len(scene.month_days)
    at = codes.get_indexer(pd.Index(incidents["ward_gss_code"])) * length + scene.months
    by_ward = np.bincount(at, minlength=len(codes) * length).reshape(len(codes), length).astype(np.float64)
    totals = np.array([by_ward[codes.isin(wards)].sum(axis=0) for wards in held_in])
    counts = _monthly(rows, scene)
    shares = np.array([row["expected_count"] for row in rows], dtype=np.float64) / totals.sum(axis=1)
    return emerging.place_trends(counts, totals, shares, scene.month_days).tolist()


def _monthly(rows: Sequence[dict[str, object]], scene: Scene) -> FloatArray:
    """Return the counts of each hotspot by month, shape (hotspots, months)."""
    told = [str(row["monthly_counts"]).split() for row in rows]
    return np.array(told, dtype=np.float64).reshape(len(rows), len(scene.month_days))


def assemble(
    found: Sequence[tuple[pd.DataFrame, dict[str, object]]], incidents: pd.DataFrame, scene: Scene
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the hotspots their histories, their numbers and, last, their wards."""
    import geopandas as gpd

    rows, members = [], []
    names = dict(zip(scene.wards["ward_gss_code"], scene.wards["ward_name"], strict=True))
    held_in = [frozenset(inside["ward_gss_code"]) for inside, _ in found]
    histories = _histories([row for _, row in found], held_in, incidents, scene)
    for rank, ((inside, row), history) in enumerate(zip(found, histories, strict=True), start=1):
        hotspot_id = f"H{rank:03d}"
        main, others = _wards_of(inside, row["geometry"], scene.wards)
        rows.append(
            {
                "hotspot_id": hotspot_id,
                "rank": rank,
                "ward_gss_code": main,
                "ward_name": names[main],
                "other_wards": LIST_SEPARATOR.join(names[code] for code in others),
                "trend": history,
                **row,
            }
        )
        members.append(
            pd.DataFrame({"hotspot_id": hotspot_id, "incident_id": inside["incident_id"].to_numpy()})
        )
    hotspots = gpd.GeoDataFrame(rows, columns=list(HOTSPOTS), geometry="geometry", crs="EPSG:27700")
    hotspots["harm_rank"] = harm.rank_by_harm(
        np.array([row["harm_root"] for _, row in found], dtype=np.float64)
    )
    hotspots["low_count"], hotspots["high_count"] = place_intervals(
        _monthly([row for _, row in found], scene), scene.monthly, hotspots["forecast_count"].to_numpy(float)
    )
    joined = (
        pd.concat(members, ignore_index=True)
        if members
        else pd.DataFrame({"hotspot_id": [], "incident_id": []})
    )
    return hotspots, joined


def _wards_of(inside: pd.DataFrame, shape: object, wards: pd.DataFrame) -> tuple[str, list[str]]:
    """Return the ward that holds most incidents, and the others the shape reaches into."""
    counts = inside["ward_gss_code"].value_counts(sort=False).sort_index()
    main = str(counts.sort_values(ascending=False, kind="stable").index[0])
    near = wards.iloc[wards.sindex.query(shape)]
    overlap = near.geometry.intersection(shape).area / shape.area  # type: ignore[attr-defined]
    reached = set(near.loc[overlap >= OTHER_WARD_SHARE, "ward_gss_code"]) | set(counts.index)
    return main, sorted(reached - {main})
