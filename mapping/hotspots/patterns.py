"""The classical companions of the map, category by category: near repeats, live clusters, gathering.

Each speaks of the whole area and period, beside the hotspots and never instead of them. What needs days is
computed from reports known to the day and from no others; where too few are, the answer is the reason.
Work is bounded, so that a borough is answered in seconds, and what was cut short is said.
"""

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import categories as category_table
from mapping.errors import FlatCountsError, MappingError, TooLittleDataError
from mapping.hotspots import autocorrelation, dated, near_repeats, portrait, scan
from mapping.hotspots import pattern_words as words
from mapping.hotspots.grid import OFF_GRID, FloatArray, Grid, IntArray, make_grid
from mapping.hotspots.laying_out import is_of
from mapping.hotspots.local_statistics import lattice_neighbours
from mapping.hotspots.placed import is_placed
from mapping.periods import Period
from mapping.schema import PLACED, REPORTS, require

DRAWS: Final = 199
LEAST_DRAWS: Final = 99
MOST_DRAWS: Final = 9999
LEAST_REPORTS: Final = 20  # below this a ratio of pairs is an anecdote
DISTANCE_LIMITS_M: Final = (0.0, 100.0, 200.0, 400.0)
DAY_LIMITS: Final = (0, 2, 8, 15, 29, 43)
SENTENCE_M: Final = 200.0
SENTENCE_DAYS: Final = 7
RADII_M: Final = (100.0, 200.0, 400.0)
MOST_CLUSTERS: Final = 5
MOST_PAIR_DRAWS: Final = 600_000_000  # pairs of near reports times draws: some seconds
MOST_SCAN_PLACES: Final = 6_000
_FADED: Final = 0.5  # of the first week's excess; where more is left after weeks, time alone explains it
_ROUNDINGS_M: Final = (0.0, 50.0, 100.0, 200.0)
_EPOCH: Final = dt.date(1970, 1, 1)
_ROOK_AND_BISHOP: Final = 1.5  # cells: the eight squares around


@dataclass(frozen=True)
class NearRepeats:
    """Pairs close in place and time, in one sentence and as a table.

    Attributes
    ----------
    said : str
        The sentence, or why there is none.
    cautions : tuple of str
    reports, draws : int
        Counted, and shuffles of their days; 0 where nothing was computed.
    knox_ratio, observed, expected, p_value : float
        Pairs within `SENTENCE_M` and `SENTENCE_DAYS`; NaN where nothing was computed.
    table : DataFrame
        As `near_repeats.near_repeat_table`; empty where nothing was computed.
    """

    said: str
    cautions: tuple[str, ...]
    reports: int
    draws: int
    knox_ratio: float
    observed: float
    expected: float
    p_value: float
    table: pd.DataFrame


@dataclass(frozen=True)
class Live:
    """What stands out at the end of the period.

    Attributes
    ----------
    said : str
        How many places do, or why it was not computed.
    cautions : tuple of str
    table : DataFrame, the most surprising first
        As `scan.scan_space_time`, and `place_name`, `ward_name`, `said`, `is_live` (p-value below 0.05).
    """

    said: str
    cautions: tuple[str, ...]
    table: pd.DataFrame


@dataclass(frozen=True)
class Clumping:
    """How clumped the counts of the squares are over the whole area; NaN where every count is the same."""

    said: str
    cells: int
    half_cells: int
    moran_i: float
    moran_expected: float
    p_value: float
    general_g_z: float


@dataclass(frozen=True)
class Pattern:
    """One category: how well it is known, and what the three companions say of it."""

    category: str
    reports: int
    placed: int
    known_to_the_day: int
    near_repeats: NearRepeats
    live: Live
    clumping: Clumping

    @property
    def known_to_the_day_share(self) -> float:
        """Share of the placed reports that are known to the day, 0-1; NaN where none is placed."""
        return self.known_to_the_day / self.placed if self.placed else float("nan")


def find_patterns(
    incidents: pd.DataFrame,
    wards: pd.DataFrame,
    period: Period,
    *,
    categories: Sequence[str] = (),
    cell_size_m: float = 100.0,
    draws: int = DRAWS,
    seed: int,
) -> list[Pattern]:
    """Say of each category whether it repeats nearby, what is live, and how clumped it is.

    Parameters
    ----------
    incidents : DataFrame, EPSG:27700
        As `schema.REPORTS` and `schema.PLACED`. Those in a ward and in the period are used, and of them those
        whose point is known to within one cell. Not changed.
    wards : GeoDataFrame, EPSG:27700
        The study area, as `schema.WARDS`.
    period : Period
        Live clusters reach up to its end, or to the last day that any report is known to have happened on.
    categories : sequence of str
        Each is a pattern of its own; where empty, every category in the data, the commonest first.
    cell_size_m : float
        Side of a square, whose counts Moran's I compares.
    draws : int
        Shuffles behind every p-value, `LEAST_DRAWS` to `MOST_DRAWS`.
    seed : int

    Returns
    -------
    list of Pattern

    Raises
    ------
    MappingError
        The draws or the cell size cannot be used.
    UnknownCategoryError
        No table knows a category.
    TooLittleDataError
        No incident lies in a ward and in the period.

    Notes
    -----
    Where a category has more near pairs than `MOST_PAIR_DRAWS` allows, draws are lowered, to `LEAST_DRAWS` at
    least, and then only its newest reports are counted. Where it has more than `MOST_SCAN_PLACES` places,
    points are rounded for the scan. Either is a caution of the answer. No p-value is corrected for the
    number of categories. One event told twice and not joined looks like a repeat at the same place.
    """
    require(incidents, [*REPORTS, *PLACED], "incidents")
    if not LEAST_DRAWS <= draws <= MOST_DRAWS:
        raise MappingError(f"{draws} draws cannot be used; give from {LEAST_DRAWS} to {MOST_DRAWS}.")
    names = [category_table.require(name) for name in categories]
    grid = make_grid(wards, cell_size_m=cell_size_m)
    is_own = period.holds(incidents["occurred_from"]) & (incidents["placement"] == "in ward")
    own = incidents[is_own]
    if own.empty:
        raise TooLittleDataError(
            f"No incident from {period} lies in a ward, so there is no pattern to look for. "
            "Take another period, or look at the wards."
        )
    links = lattice_neighbours(grid, _ROOK_AND_BISHOP * cell_size_m)
    ward_names = dict(zip(wards["ward_gss_code"], wards["ward_name"], strict=True))
    end_on = _last_day(own, period)
    found = []
    for name in dict.fromkeys(names or own["category"].value_counts().index):
        of_it = own[is_of(own, (name,))]
        placed = of_it[is_placed(of_it, cell_size_m)]
        known = placed[dated.known_to_the_day(placed)]
        why_not = ""
        if len(known) < LEAST_REPORTS:
            only_months = bool((placed["time_precision"] == "month").all())
            why_not = words.days_unknown(
                name, placed=len(placed), known=len(known), only_months=only_months, least=LEAST_REPORTS
            )
        rests_on = words.used(used_count=len(known), placed=len(placed)) if not why_not else ""
        found.append(
            Pattern(
                category=name,
                reports=len(of_it),
                placed=len(placed),
                known_to_the_day=len(known),
                near_repeats=_no_repeats(why_not)
                if why_not
                else _repeats(known, name, draws, seed, rests_on),
                live=_no_live(why_not) if why_not else _live(known, name, ward_names, end_on, draws, seed),
                clumping=_clumping(placed, name, grid, links, draws, seed),
            )
        )
    return found


def _last_day(own: pd.DataFrame, period: Period) -> dt.date:
    """Return the day the data ends, itself not included: data to the 20th says nothing of the 25th."""
    known = own[dated.known_to_the_day(own)]
    if known.empty:
        return period.end_on
    return min(period.end_on, _EPOCH + dt.timedelta(days=int(dated.local_days(known).max()) + 1))


def _points(incidents: pd.DataFrame) -> FloatArray:
    return incidents[["easting_m", "northing_m"]].to_numpy(dtype=np.float64)


def _no_repeats(said: str) -> NearRepeats:
    nan = float("nan")
    return NearRepeats(said, (), 0, 0, nan, nan, nan, nan, pd.DataFrame())


def _repeats(known: pd.DataFrame, name: str, draws: int, seed: int, rests_on: str) -> NearRepeats:
    points, days = _points(known), dated.local_days(known)
    kept, fewer = _within_reach(points, days, draws)
    cautions = [rests_on] if rests_on else []
    if fewer < draws:
        cautions.append(f"{fewer} draws instead of {draws}, because so many reports lie close together.")
    if not kept.all():
        since = _EPOCH + dt.timedelta(days=int(days[kept].min()))
        cautions.append(
            f"Only the newest {int(kept.sum()):,} of {len(days):,} are paired, from {since.isoformat()} on, "
            "because so many lie close together; take a shorter period for all of it."
        )
    error_m = known["error_m"].median()
    if error_m > DISTANCE_LIMITS_M[1] / 2:
        cautions.append(
            f"Half of the points may be {error_m:.0f} m off or more: the same place may be the same street."
        )
    east, north, day = points[kept, 0], points[kept, 1], days[kept]
    try:
        knox = near_repeats.knox(
            east, north, day, within_m=SENTENCE_M, within_days=SENTENCE_DAYS, draws=fewer, seed=seed
        )
        table = near_repeats.near_repeat_table(
            east, north, day, distance_limits_m=DISTANCE_LIMITS_M, day_limits=DAY_LIMITS, draws=fewer,
            seed=seed,
        )  # fmt: skip
    except TooLittleDataError as error:
        return _no_repeats(str(error))
    seen, expected = float(knox.observed[0, 0]), float(knox.expected[0, 0])
    late = _late_ratio(table)
    if knox.p_value < words.LEVEL and late >= max(1 + _FADED * (knox.ratio - 1), words.ABOVE_ONE):
        cautions.append(words.not_fading(late))
    said = words.near_repeat(
        name, ratio=knox.ratio, observed=seen, expected=expected, p_value=knox.p_value, within_m=SENTENCE_M
    )
    return NearRepeats(
        said, tuple(cautions), len(day), fewer, knox.ratio, seen, expected, knox.p_value, table
    )


def _late_ratio(table: pd.DataFrame) -> float:
    """Return the Knox ratio of pairs as near as the sentence's, in the last band of days."""
    distances, days = list(table["distance_band"].unique()), list(table["time_band"].unique())
    near = distances[: DISTANCE_LIMITS_M.index(SENTENCE_M) + 1]
    late = table[table["distance_band"].isin(near) & (table["time_band"] == days[-2])]  # after it, all later
    expected = float(late["expected"].sum())
    return float(late["observed"].sum()) / expected if expected else 0.0


def _within_reach(points: FloatArray, days: IntArray, draws: int) -> tuple[npt.NDArray[np.bool_], int]:
    """Return which reports to pair and how many draws to make, so that the work stays bounded.

    Pairs grow with the square of the reports, so the newest share is the root of what can be afforded.
    """
    pairs = max(_count_near_pairs(points, DISTANCE_LIMITS_M[-1]), 1)
    fewer = min(draws, max(LEAST_DRAWS, MOST_PAIR_DRAWS // pairs))
    if pairs * fewer <= MOST_PAIR_DRAWS:
        return np.ones(len(days), dtype=bool), fewer
    share = np.sqrt(MOST_PAIR_DRAWS / (pairs * fewer))
    oldest = np.sort(days)[int(len(days) * (1 - share))]
    return days >= oldest, fewer


def _count_near_pairs(points: FloatArray, within_m: float) -> int:
    """Count pairs of reports that close without listing them."""
    from scipy.spatial import KDTree

    places, number = np.unique(points, axis=0, return_counts=True)
    tree = KDTree(places)
    both_ways = tree.count_neighbors(tree, within_m, weights=(number.astype(float), number.astype(float)))
    return int((float(both_ways) - len(points)) / 2)


def _no_live(said: str) -> Live:
    return Live(said, (), pd.DataFrame())


def _live(
    known: pd.DataFrame, name: str, ward_names: dict[str, str], end_on: dt.date, draws: int, seed: int
) -> Live:
    days = dated.local_days(known)
    points, rounded_m = _rounded(_points(known))
    cautions = []
    if rounded_m:
        cautions.append(f"Points were rounded to {rounded_m:g} m, because there are so many places.")
    try:
        table = scan.scan_space_time(
            points[:, 0], points[:, 1], days, end_on=end_on, radii_m=RADII_M, most_clusters=MOST_CLUSTERS,
            draws=draws, seed=seed,
        )  # fmt: skip
    except TooLittleDataError as error:
        return _no_live(str(error))
    told = [_tell_cluster(row, name, known, points, days, ward_names) for row in table.to_dict("records")]
    table[["place_name", "ward_name", "said"]] = pd.DataFrame(told, columns=["place", "ward", "said"])
    table["is_live"] = table["p_value"] < words.LEVEL
    if table["is_live"].any():
        cautions.append(words.SOURCE_CHANGES)
    said = words.live(int(table["is_live"].sum()), days=scan.MAX_DAYS, end_on=end_on)
    return Live(said, tuple(cautions), table)


def _tell_cluster(
    row: Mapping[Hashable, Any],
    name: str,
    known: pd.DataFrame,
    points: FloatArray,
    days: IntArray,
    ward_names: dict[str, str],
) -> tuple[str, str, str]:
    """Return a cluster's place, by its own reports, its ward, and its sentence."""
    apart = np.hypot(points[:, 0] - row["easting_m"], points[:, 1] - row["northing_m"])
    is_recent = days >= (row["from_on"] - _EPOCH).days
    inside = known[(apart <= row["radius_m"] + 1e-6) & is_recent]
    place = portrait.name_place(inside["place_text"])
    ward = ward_names.get(inside["ward_gss_code"].mode().iloc[0], "")
    said = words.cluster(
        name, place=place, ward=ward, from_on=row["from_on"], to_on=row["to_on"], observed=row["observed"],
        expected=row["expected"], p_value=row["p_value"],
    )  # fmt: skip
    return place, ward, said


def _rounded(points: FloatArray) -> tuple[FloatArray, float]:
    """Return the points, rounded just as far as leaves few enough places, and how far, in metres."""
    for step in _ROUNDINGS_M:
        tried = np.round(points / step) * step if step else points
        if len(np.unique(tried, axis=0)) <= MOST_SCAN_PLACES:
            break
    return tried, step


def _clumping(placed: pd.DataFrame, name: str, grid: Grid, links: Any, draws: int, seed: int) -> Clumping:
    cells = grid.cell_of(placed["easting_m"], placed["northing_m"])
    counts = grid.count(cells[cells != OFF_GRID])[grid.study_cells]
    counted = int(counts.sum())
    highest = np.cumsum(np.sort(counts)[::-1])
    half = int(np.searchsorted(highest, counted / 2)) + 1 if counted else 0
    try:
        moran = autocorrelation.morans_i(counts, links)
        general_g = autocorrelation.general_g(counts, links).deviate
    except FlatCountsError as error:
        nan = float("nan")
        return Clumping(str(error), len(counts), half, nan, nan, nan, nan)
    p_value = _moran_p_value(counts, links, draws, seed)
    said = words.gathering(
        name, moran=moran.statistic, p_value=p_value, placed=counted, half=half, cells=len(counts)
    )
    return Clumping(said, len(counts), half, moran.statistic, moran.expectation, p_value, general_g)


def _moran_p_value(counts: FloatArray, links: Any, draws: int, seed: int) -> float:
    """Return the share of random orders that gather as much: counts are too skewed for the normal curve.

    All that an order changes in Moran's I is the sum of products over the links.
    """
    rng = np.random.default_rng(seed)
    value = counts - counts.mean()
    seen = value @ (links @ value)
    floor = seen - 1e-9 * float(np.square(value).sum())
    at_least = 0
    for _ in range(draws):
        moved = rng.permutation(value)
        at_least += int(moved @ (links @ moved) >= floor)
    return (1 + at_least) / (draws + 1)
