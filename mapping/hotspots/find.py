"""From located incidents and their scored cells to hotspots: the order of the work.

Points that stand for a police station, a hospital or the like hold what was *recorded* there.
They are set apart first, go through the same steps on their own, and come last with a caution,
so that a station desk never takes a street's place in the ranking.
"""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from mapping.hotspots import clusters, listing, portrait, units
from mapping.hotspots.beside import Beside
from mapping.hotspots.clusters import Points
from mapping.hotspots.discs import NOWHERE, RADIUS_M, Tiles, assess_discs, make_tiles
from mapping.hotspots.grid import FloatArray, Grid, IntArray, sum_by
from mapping.hotspots.null_model import BoolArray
from mapping.hotspots.scene import Scene
from mapping.hotspots.segments import NO_SEGMENT, Segments, nearest_segment, shape_along, tabulate
from mapping.hotspots.simulated import Maxima, simulate
from mapping.hotspots.units import Ground, Places, Unit, Weighed
from mapping.periods import local_months
from mapping.places.excluded import recorded_at

if TYPE_CHECKING:
    from shapely import MultiPolygon, Polygon

EPS_M: Final = 100.0
LEVEL: Final = 0.05  # of whole maps without any hotspot, the share that may show one
FEWEST: Final = 8  # below this a place is anecdote, whatever its p-value
CORE_SHARE: Final = 0.5  # of what makes a hotspot must lie within EPS_M of a core point

# What the search and the description read of an incident.
LOOKED_AT: Final = (
    "incident_id", "ward_gss_code", "easting_m", "northing_m", "occurred_from", "occurred_to",
    "time_precision", "place_text", "category", "stated_category", "source", "complainant_hash",
)  # fmt: skip


def find_hotspots(
    incidents: pd.DataFrame, scene: Scene, *, top_per_ward: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Find the places to go to, ranked by the events foretold there.

    Parameters
    ----------
    incidents : DataFrame, EPSG:27700
        Incidents in a ward, known to within one cell, as `schema.REPORTS` and `schema.PLACED`, index
        0 to n-1. Coarse ones are in the forecast and found no hotspot. Where there is a column
        `set_apart`, it holds the caution of the place that people set apart there, or nothing.
    scene : Scene
        Its `months` are those of `incidents`, row by row.
    top_per_ward : int
        The most hotspots a ward may have, places where reports are recorded not counted.

    Returns
    -------
    hotspots : GeoDataFrame, EPSG:27700
        As `schema.HOTSPOTS`; empty, with its columns, where no place stands out.
    members : DataFrame
        `hotspot_id` and `incident_id`: the rows each shape was made from.
    """
    incidents = incidents[list(LOOKED_AT)].assign(
        set_apart=incidents.get("set_apart", ""), told_by=incidents.get("told_by", incidents["source"])
    )
    beside = Beside.of(incidents, scene.harm)
    recorded = recorded_at(incidents["place_text"]) | (incidents["set_apart"] != "").to_numpy(dtype=bool)
    streets = portrait.Streets.of(incidents)
    tiles = make_tiles(scene.grid, scene.null, scene.known)
    found: list[tuple[pd.DataFrame, dict[str, object]]] = []
    maxima = None
    for apart in (False, True):
        chosen = incidents[recorded == apart]
        if chosen.empty:
            continue
        ground, maxima = _ground(chosen, scene, tiles, maxima)
        most = len(incidents) if apart else top_per_ward
        found += _search(chosen, scene, ground, streets, top_per_ward=most, recorded=apart)
    for inside, row in found:
        row.update(beside.at(inside.index.to_numpy(), inside))
    return listing.assemble(found, incidents, scene)


def tabulate_segments(incidents: pd.DataFrame, scene: Scene) -> pd.DataFrame | None:
    """Count the incidents of `find_hotspots` on the scene's street segments, with what is foretold there.

    Returns
    -------
    DataFrame or None
        As `segments.COLUMNS`; None where the scene has no segments.
    """
    if scene.segments is None:
        return None
    points = clusters.collapse(incidents)
    foretold = _share_among_points(scene.forecast, points, scene.grid) / points.count
    xy = incidents[["easting_m", "northing_m"]].to_numpy(dtype=np.float64)
    return tabulate(scene.segments, xy, foretold[points.point_of], scene.wards)


def _ground(chosen: pd.DataFrame, scene: Scene, tiles: Tiles, maxima: Maxima | None) -> tuple[Ground, Maxima]:
    """Test every disc of these incidents against whole maps, drawn now unless they already are.

    Places where reports are recorded need not stand out; they are referred to the maps of the others.
    """
    tile = tiles.of(chosen["easting_m"], chosen["northing_m"])
    is_recent = scene.months[chosen.index.to_numpy()] >= scene.recent_from
    counts, recent = tiles.count(tile), tiles.count(tile[is_recent])
    tested = assess_discs(tiles, counts, recent, scene.recent_share)
    drawn = maxima or simulate(tiles, counts, scene.recent_share, maps=scene.maps, seed=scene.seed)
    return Ground(scene.grid, tiles, counts, tested, drawn.refer(tested)), drawn


def _search(
    chosen: pd.DataFrame,
    scene: Scene,
    ground: Ground,
    streets: portrait.Streets,
    *,
    top_per_ward: int,
    recorded: bool,
) -> list[tuple[pd.DataFrame, dict[str, object]]]:
    """Cluster, measure, choose: the incidents of each unit with what was measured of it."""
    points = clusters.collapse(chosen)
    recent = points.add_up(scene.months[chosen.index.to_numpy()] >= scene.recent_from)
    tile = ground.tiles.of(points.easting_m, points.northing_m)
    weighed = Weighed(recent, _share_among_points(scene.forecast, points, scene.grid), tile)
    cluster_id, is_core = clusters.find_clusters(
        points, weighed.forecast, eps_m=EPS_M, min_weight=CORE_SHARE * scene.least_foretold
    )
    eligible = is_core if recorded else is_core & units.stands_out(weighed, ground, LEVEL)
    pairs = units.neighbours(points, cluster_id, np.flatnonzero(eligible))
    candidates = units.measure(points, pairs, len(points.count), weighed)
    eligible = eligible & _is_busy(candidates, scene) & _on_two_dates(chosen, points, pairs)
    ward = _main_ward(chosen, points, pairs, eligible)
    taken = units.choose_units(
        points, candidates, cluster_id, eligible=eligible, ward=ward, top_per_ward=top_per_ward
    )
    measured = units.measure(points, units.pairs_of(taken), len(taken), weighed)
    owed = np.zeros(len(points.count))
    if scene.owed is not None:
        owed = _share_among_points(scene.owed, points, scene.grid)
    rows = []
    for number, unit in enumerate(taken):
        inside = chosen.iloc[points.incidents_at(unit.members)]
        shape, street = _lay_out(points, unit, scene.segments)
        at = int(tile[unit.candidate])
        facts = {
            "expected_count": ground.expected_in(shape, tile[unit.members]),
            "p_value": float(ground.tested.p_value[at]) if at != NOWHERE else 1.0,
            "p_value_fdr": float(ground.p_map[at]) if at != NOWHERE else 1.0,
            "forecast_count": float(measured.forecast[number]),
            "owed": float(owed[unit.members].sum()),
            "clumpiness": float(points.count[unit.members].max() / len(inside)),
        }
        row = listing.describe(inside, unit, shape, scene, facts, recorded=recorded)
        nearby = street or streets.nearest(unit.easting_m, unit.northing_m)
        row["excess_kind"] = ground.tested.kind_at(at) if at != NOWHERE else ""
        row["place_name"] = portrait.name_place(inside["place_text"], nearby=nearby)
        rows.append((inside, row))
    return rows


def _lay_out(points: Points, unit: Unit, segments: Segments | None) -> tuple["Polygon | MultiPolygon", str]:
    """Draw a unit along its streets and name the busiest; its points' outline where none is near."""
    xy = points.xy[unit.members]
    of_point = nearest_segment(segments, xy) if segments else np.full(len(xy), NO_SEGMENT)
    near = of_point != NO_SEGMENT
    if segments is None or not near.any():
        return units.outline(points, unit.members), ""
    held = pd.Series(points.count[unit.members][near]).groupby(segments.name[of_point[near]]).sum()
    named = held.drop("", errors="ignore").sort_values(ascending=False, kind="stable")
    street = str(named.index[0]) if len(named) else ""
    return shape_along(segments, xy, (unit.easting_m, unit.northing_m), RADIUS_M), street


def _is_busy(candidates: Places, scene: Scene) -> BoolArray:
    """Say of each candidate whether it holds enough, and at what pace: foretold, or seen of late."""
    recent_days = scene.month_days[scene.recent_from :].sum()
    pace = np.maximum(candidates.forecast, candidates.recent * scene.horizon_days / max(recent_days, 1.0))
    return (candidates.count >= FEWEST) & (pace >= scene.least_foretold)


def _share_among_points(forecast: FloatArray, points: Points, grid: Grid) -> FloatArray:
    """Share what is foretold for a cell among its points, by their counts."""
    cell = grid.cell_of(points.easting_m, points.northing_m)
    held = sum_by(cell, points.count, grid.size)
    return forecast[cell] * points.count / held[cell]


def _on_two_dates(chosen: pd.DataFrame, points: Points, pairs: tuple[IntArray, IntArray]) -> BoolArray:
    """Say of each candidate whether it was seen on two dates (two months where only months are known)."""
    day = pd.DatetimeIndex(chosen["occurred_from"]).asi8 // _per_day(chosen["occurred_from"])
    when = np.where(chosen["time_precision"] == "month", local_months(chosen["occurred_from"]) * 31, day)
    size = len(points.count)
    first, last = np.full(size, np.iinfo(np.int64).max), np.full(size, np.iinfo(np.int64).min)
    np.minimum.at(first, points.point_of, when)
    np.maximum.at(last, points.point_of, when)
    centre, member = pairs
    disc_first, disc_last = first.copy(), last.copy()
    np.minimum.at(disc_first, centre, first[member])
    np.maximum.at(disc_last, centre, last[member])
    return disc_first < disc_last


def _per_day(moments: pd.Series) -> int:
    return int(pd.Timedelta(days=1) / pd.Timedelta(1, unit=pd.DatetimeIndex(moments).unit))


def _main_ward(
    chosen: pd.DataFrame, points: Points, pairs: tuple[IntArray, IntArray], eligible: BoolArray
) -> IntArray:
    """Return, per eligible candidate, the number of the ward that most of its incidents lie in."""
    codes = sorted(chosen["ward_gss_code"].unique())
    best = np.full(len(points.count), -1, dtype=np.int64)
    if not eligible.any():
        return best
    wards = pd.Index(codes).get_indexer(pd.Index(chosen["ward_gss_code"]))
    of_point = points.first(wards).astype(np.int64)
    wanted = eligible[pairs[0]]
    centre, member = pairs[0][wanted], pairs[1][wanted]
    key, inverse = np.unique(centre * len(codes) + of_point[member], return_inverse=True)
    weight = sum_by(inverse, points.count[member], len(key))
    candidate, ward = np.divmod(key, len(codes))
    order = np.lexsort((-ward, weight))
    best[candidate[order]] = ward[order]  # the heaviest is written last; ties go to the first code
    return best
