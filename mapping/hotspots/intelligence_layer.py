"""Where intelligence gathers: a layer of its own, beside the reports and never among them.

An item of intelligence changes no count, test, score or shape of a hotspot. Here items are grouped by
themselves, and each group is held against the reports around it: where intelligence gathers and
reports do not is worth knowing. An item of grade E, or from a source of grade 3, makes no group; one
without a grade, or with an old 5x5x5 grading, is treated like 2D. Who may read items is not decided here.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import schema, wording
from mapping.hotspots import clusters, portrait
from mapping.periods import LONDON, british_date

BoolArray = npt.NDArray[np.bool_]

REACH_M: Final = 150.0
LEAST_ITEMS: Final = 3
LARGEST_ERROR_M: Final = 250.0  # beyond it an item is known to a neighbourhood, and gathers nowhere
UNGRADED: Final = "ungraded, treated like 2D"

COLUMNS: Final = (
    "intelligence_id", "category", "occurred_from", "time_precision", "place_text", "easting_m", "northing_m",
    "error_m", "source_grade", "assessment_grade", "legacy_grading",
)  # fmt: skip


@dataclass(frozen=True)
class Gathering:
    """A place where intelligence gathers.

    Attributes
    ----------
    place : str
        What most of its items call it, without a house number; or empty.
    easting_m, northing_m : float, EPSG:27700
        The mean of its items.
    radius_m : float
        How far around that reports are looked for: to its farthest item, `REACH_M` at least.
    item_ids : tuple of int
        Its items, the oldest first.
    first_on, last_on : str
        ISO dates of the oldest and the newest.
    categories : str
        Names with their counts, separated by `; `.
    reports : int
        Reports of the period within `radius_m`.
    hotspot_id : str
        The nearest hotspot whose outline reaches within `radius_m` of the middle; empty where none does.
    """

    place: str
    easting_m: float
    northing_m: float
    radius_m: float
    item_ids: tuple[int, ...]
    first_on: str
    last_on: str
    categories: str
    reports: int
    hotspot_id: str

    @property
    def is_quiet(self) -> bool:
        """Whether intelligence gathers here and reports do not: no hotspot is near."""
        return not self.hotspot_id

    @property
    def sentence(self) -> str:
        """Say how much of both there is."""
        since = british_date(pd.Timestamp(self.first_on).date())
        items = f"{len(self.item_ids):,} items since {since}"
        reports = f"{wording.reports(self.reports)} within {self.radius_m:.0f} m"
        if self.is_quiet:
            return f"Intelligence gathers here and reports make no hotspot: {items}, {reports}."
        return f"Intelligence gathers where reports do: {items}, {reports}."


def may_drive(items: pd.DataFrame) -> BoolArray:
    """Say which items may draw attention to a place, shape (n,): neither grade E nor source 3."""
    is_false = items["assessment_grade"] == "E"
    is_unreliable = items["source_grade"] == "3"
    return ~(is_false | is_unreliable).to_numpy(dtype=bool)


def grade_of(source_grade: str, assessment_grade: str, legacy_grading: str) -> str:
    """Write a grading: `2B`; one that is missing or of the old kind says what it is treated like."""
    if source_grade and assessment_grade:
        return f"{source_grade}{assessment_grade}"
    return f"{legacy_grading} (old grading), treated like 2D" if legacy_grading else UNGRADED


def gather(items: pd.DataFrame, incidents: pd.DataFrame, hotspots: pd.DataFrame) -> list[Gathering]:
    """Group items that lie together, and hold each group against the reports around it.

    Parameters
    ----------
    items : DataFrame, n rows, EPSG:27700
        With `COLUMNS`: those of the period that a reader may see. Not changed.
    incidents : DataFrame, EPSG:27700
        The run's reports of the same period, with `easting_m` and `northing_m`.
    hotspots : GeoDataFrame, EPSG:27700
        The run's, with `hotspot_id`.

    Returns
    -------
    list of Gathering
        Density clusters (DBSCAN) of at least `LEAST_ITEMS` items, `REACH_M` from one another, told on two
        days at least. Those with no hotspot near come first, then those with most items.

    Notes
    -----
    Says where items were sent in about, by whoever sends them in; not how much goes on there. Items
    known to within more than `LARGEST_ERROR_M`, without a date, or that may not drive are in no group.
    """
    schema.require(items, COLUMNS, "intelligence")
    usable = items[_is_sharp(items) & may_drive(items) & items["occurred_from"].notna().to_numpy(dtype=bool)]
    usable = usable.sort_values(["occurred_from", "intelligence_id"], ignore_index=True)
    points = clusters.collapse(usable)
    # Items are whole, so half an item below the least is the least, whatever thirds are rounded to.
    labels, _ = clusters.find_clusters(points, points.count, eps_m=REACH_M, min_weight=LEAST_ITEMS - 0.5)
    of_item = labels[points.point_of]
    reports = incidents[["easting_m", "northing_m"]].to_numpy(dtype=np.float64)
    found = []
    for number in range(int(of_item.max(initial=clusters.NOISE)) + 1):
        together = usable[of_item == number]
        days = [day.isoformat() for day in together["occurred_from"].dt.tz_convert(LONDON).dt.date]
        if days[0] != days[-1]:
            found.append(_describe(together, days, reports, hotspots))
    found.sort(key=lambda one: (not one.is_quiet, -len(one.item_ids), one.easting_m, one.northing_m))
    return found


def _describe(
    together: pd.DataFrame, days: list[str], reports: npt.NDArray[np.float64], hotspots: pd.DataFrame
) -> Gathering:
    middle = together[["easting_m", "northing_m"]].to_numpy(dtype=np.float64).mean(axis=0)
    away = np.hypot(*(together[["easting_m", "northing_m"]].to_numpy(dtype=np.float64) - middle).T)
    radius_m = max(REACH_M, float(away.max()))
    return Gathering(
        place=portrait.name_place(together["place_text"]),
        easting_m=round(float(middle[0]), 1),
        northing_m=round(float(middle[1]), 1),
        radius_m=radius_m,
        item_ids=tuple(int(number) for number in together["intelligence_id"]),
        first_on=days[0],
        last_on=days[-1],
        categories=portrait.list_counts(together["category"]),
        reports=int((np.hypot(*(reports - middle).T) <= radius_m).sum()),
        hotspot_id=_nearest(middle, radius_m, hotspots),
    )


def _nearest(middle: npt.NDArray[np.float64], radius_m: float, hotspots: pd.DataFrame) -> str:
    """Return the hotspot nearest to a point, empty where none reaches within the radius."""
    import shapely

    if hotspots.empty:
        return ""
    away = shapely.distance(hotspots.geometry.to_numpy(), shapely.Point(middle))
    at = int(np.argmin(away))
    return str(hotspots["hotspot_id"].iloc[at]) if away[at] <= radius_m else ""


def items_at(items: pd.DataFrame, outline: object) -> pd.DataFrame:
    """Return the items that may lie within an outline, the newest first.

    Parameters
    ----------
    items : DataFrame, EPSG:27700
        With `COLUMNS`.
    outline : shapely geometry, EPSG:27700
        An item belongs to it where its point is as near as it is known (`error_m`, one that says none
        counts as lying where it stands); those known to within more than `LARGEST_ERROR_M` never do.
    """
    import shapely

    sharp = items[_is_sharp(items)]
    points = shapely.points(sharp[["easting_m", "northing_m"]].to_numpy(dtype=np.float64))
    inside = shapely.distance(points, outline) <= sharp["error_m"].fillna(0.0).to_numpy(dtype=np.float64)
    return sharp[inside].sort_values(["occurred_from", "intelligence_id"], ascending=False, ignore_index=True)


def _is_sharp(items: pd.DataFrame) -> BoolArray:
    has_point = (items["easting_m"].notna() & items["northing_m"].notna()).to_numpy(dtype=bool)
    return has_point & ~(items["error_m"].to_numpy(dtype=np.float64, na_value=np.nan) > LARGEST_ERROR_M)
