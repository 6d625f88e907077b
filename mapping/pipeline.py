"""The whole run on one page: incidents and wards in, hotspots, proposals and their evidence out.

Reading, storing and drawing are the callers' (`runs` and `folder` beside this); here is only the
order of the work, timed, with the identity that every incident is accounted for.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import categories as category_table
from mapping import periods
from mapping.errors import AccountingError
from mapping.evidence import backtest, of_run
from mapping.hotspots import callers, identity, intervals, scoring
from mapping.hotspots.cells import describe_cells
from mapping.hotspots.discs import Known
from mapping.hotspots.find import find_hotspots, tabulate_segments
from mapping.hotspots.grid import OFF_GRID, Grid, make_grid
from mapping.hotspots.harm_tables import CAMBRIDGE, HarmTable
from mapping.hotspots.laying_out import build_history, is_of, months_of
from mapping.hotspots.null_model import Null
from mapping.hotspots.placed import WHOLE, Placed, count_placed, is_coarse, is_placed
from mapping.hotspots.scene import Scene
from mapping.hotspots.scoring import Choice, History
from mapping.hotspots.segments import cut_layer
from mapping.hotspots.simulated import MAPS
from mapping.hotspots.unusual import Unusual, find_unusual
from mapping.periods import Period
from mapping.places.set_apart import NOWHERE, Applied, Place, cautions_of, is_left_out, place_of
from mapping.places.set_apart import count as count_at
from mapping.schema import PLACED, REPORTS, require
from mapping.tasking.proposals import propose

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

Progress = Callable[[float, str], None]  # the share done, and what is being done


@dataclass(frozen=True)
class Settings:
    """What a person may choose about a run; stored with its results.

    Attributes
    ----------
    cell_size_m : float
    method : str
        One of `scoring.METHODS`.
    top_per_ward : int
        The most hotspots a ward may have.
    seed : int
        For the maps that hotspots are held against, and models that draw.
    maps : int
        How many maps without hotspots are drawn; the more, the finer the p-values.
    horizon_days : float, optional
        Days to foretell; the next calendar month where not given.
    categories : tuple of str
        Names in `mapping.categories`; empty for all.
    period : Period, optional
        Days to analyse; the whole months of the data where not given.
    harm : HarmTable, optional
        Weights for what is said beside the count.
    """

    cell_size_m: float = 100.0
    method: str = "auto"
    top_per_ward: int = 3
    seed: int = 0
    maps: int = MAPS
    horizon_days: float | None = None
    categories: tuple[str, ...] = ()
    period: Period | None = None
    harm: HarmTable | None = CAMBRIDGE

    def __post_init__(self) -> None:
        object.__setattr__(self, "categories", tuple(category_table.require(c) for c in self.categories))

    def as_dict(self) -> dict[str, object]:
        """Return what can be written as JSON."""
        return {
            "cell_size_m": self.cell_size_m,
            "method": self.method,
            "top_per_ward": self.top_per_ward,
            "seed": self.seed,
            "maps": self.maps,
            "horizon_days": self.horizon_days,
            "categories": list(self.categories),
            "from": self.period.start_on.isoformat() if self.period else None,
            "to": self.period.end_on.isoformat() if self.period else None,
            "harm": self.harm.as_dict() if self.harm else None,
        }


class Stopwatch:
    """Seconds spent per stage, told on the way to whoever waits."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._started = time.perf_counter()

    @property
    def total(self) -> float:
        """Seconds since the watch was started."""
        return time.perf_counter() - self._started

    @contextmanager
    def stage(self, name: str, share: float) -> Iterator[None]:
        """Time a stage and tell who waits how far the work is, as a share of 1."""
        self.tell(name, share)
        start = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - start, 4)

    def tell(self, name: str, share: float) -> None:
        """Tell who waits what is being done and how far the work is."""
        if self._progress:
            self._progress(share, name)


@dataclass(frozen=True)
class Analysis:
    """One run's answer and everything that made it.

    Attributes
    ----------
    foretold : DataFrame
        As `intervals.COLUMNS`: all events of the horizon and tenths of them, with 90 % intervals.
    counts : dict of str to int
        Every incident that was given, by where it lies, as `count_up`.
    placing : dict of ward code to Placed
        The run's own incidents (its period and categories) by how well they are known; `placed.WHOLE`
        for the study area.
    set_apart : tuple of Applied
        The places that people set apart, and how many of the run's own incidents each holds.
    segments : DataFrame, optional
        Street segments and what happens on each, as `segments.COLUMNS`; None without a layer of roads.
    unusual : list of Unusual
        What the last week of the whole data holds more of than normal, in the run's categories.
    """

    settings: Settings
    period: Period
    horizon: Period
    wards: "GeoDataFrame"
    incidents: pd.DataFrame
    grid: Grid
    cells: pd.DataFrame
    hotspots: "GeoDataFrame"
    members: pd.DataFrame
    proposals: pd.DataFrame
    choice: Choice
    foretold: pd.DataFrame
    evidence: pd.DataFrame
    counts: dict[str, int]
    placing: dict[str, Placed]
    set_apart: tuple[Applied, ...] = ()
    segments: pd.DataFrame | None = None
    unusual: list[Unusual] = field(default_factory=list)
    chain: identity.Chain | None = None  # once the run follows an earlier one, or starts a chain
    seconds: dict[str, float] = field(default_factory=dict)


def analyse(
    incidents: pd.DataFrame,
    wards: "GeoDataFrame",
    settings: Settings,
    *,
    places: Sequence[Place] = (),
    kept: Mapping[str, Any] | None = None,
    roads: "GeoDataFrame | None" = None,
    watch: Stopwatch | None = None,
) -> Analysis:
    """Find where incidents gather, how well that would have held, and what to propose.

    Parameters
    ----------
    incidents : DataFrame, EPSG:27700
        As `schema.REPORTS` and `schema.PLACED`: one row per incident, located or not.
    wards : GeoDataFrame, EPSG:27700
        The study area.
    settings : Settings
    places : sequence of Place
        Set apart by people: left out of squares, tests and hotspots, or listed last with a caution.
    kept : mapping, optional
        What an earlier run of the same month chose, as `Choice.as_dict`; used again for `auto`.
    roads : GeoDataFrame, EPSG:27700, optional
        Lines of streets and their `name`; hotspots are then drawn along them, and segments counted.
    watch : Stopwatch, optional
        Times the stages and tells who waits.

    Raises
    ------
    TooLittleDataError
        No incident of the wanted categories and period lies in a ward.
    """
    require(incidents, [*REPORTS, *PLACED], "incidents")
    watch = watch or Stopwatch()
    with watch.stage("grid", 0.15):
        grid = make_grid(wards, cell_size_m=settings.cell_size_m)
        period = settings.period or periods.whole_months(incidents["occurred_from"])
        horizon = _horizon(period, settings.horizon_days)
        placed = is_placed(incidents, settings.cell_size_m)
        at = np.where(placed, place_of(incidents, places), NOWHERE)  # known roughly is known to be at none
        is_heard = _heard(incidents, period)
        counted = incidents[is_heard & ~is_left_out(at, places)]
        history = build_history(counted, grid, period, settings.categories)
    with watch.stage("scoring", 0.2):
        choice = scoring.choose(history, method=settings.method, seed=settings.seed, kept=kept)
        score = choice.scorer(history, len(history.days)) * horizon.days
    with watch.stage("significance", 0.4):
        known = _known(counted, grid, period)
        cells, null = describe_cells(history, score, known.room(grid))
    with watch.stage("hotspots", 0.5):
        own = _of_run(incidents.assign(at_place=at, is_heard=is_heard), period, settings.categories)
        findable = _findable(own[~is_left_out(own["at_place"].to_numpy(), places)], settings.cell_size_m)
        chosen = findable[findable["is_heard"]].reset_index(drop=True)
        chosen["set_apart"] = cautions_of(chosen["at_place"].to_numpy(), places)
        scene = _scene(chosen, known, wards, settings, history, period, horizon, null, score, choice)
        scene = replace(scene, segments=cut_layer(roads))
        hotspots, members = find_hotspots(chosen, scene, top_per_ward=settings.top_per_ward)
        hotspots["capped_count"] = callers.capped_at(
            findable, findable["is_heard"].to_numpy(dtype=bool), hotspots.geometry.to_numpy()
        )
        on_segments = tabulate_segments(chosen, scene)
    with watch.stage("proposals", 0.8):
        proposals = propose(hotspots, period=str(period))
    with watch.stage("unusual", 0.82):
        unusual = find_unusual(counted[is_of(counted, settings.categories)])
    return Analysis(
        settings=settings, period=period, horizon=horizon, wards=wards, incidents=incidents, grid=grid,
        cells=cells, hotspots=hotspots, members=members, proposals=proposals, choice=choice,
        foretold=intervals.interval(score, choice.errors or intervals.Errors.none()),
        evidence=of_run.gather(history, choice, seed=settings.seed),
        counts=count_up(incidents, grid, is_left_out(at, places), ~is_heard),
        placing=count_placed(own, settings.cell_size_m), set_apart=_count_set_apart(own, places, grid),
        segments=on_segments, unusual=unusual, seconds=watch.seconds,
    )  # fmt: skip


def _heard(incidents: pd.DataFrame, period: Period) -> npt.NDArray[np.bool_]:
    """Say which incidents count; what lies outside the period uses up nobody's share of it."""
    inside = period.holds(incidents["occurred_from"]).to_numpy(dtype=bool)
    is_heard = np.ones(len(incidents), dtype=bool)
    is_heard[inside] = callers.counted(incidents[inside])
    return is_heard


def _horizon(period: Period, days: float | None) -> Period:
    """Return the coming period: so many days, or the calendar month that starts when the data ends."""
    if days is not None:
        return Period(period.end_on, period.end_on + dt.timedelta(days=max(1, round(days))))
    month = periods.month_number(period.end_on)
    if period.end_on.day > 1:
        return Period(period.end_on, period.end_on + dt.timedelta(days=30))
    return Period(periods.month_start(month), periods.month_start(month + 1))


def _of_run(incidents: pd.DataFrame, period: Period, categories: Sequence[str]) -> pd.DataFrame:
    return incidents[period.holds(incidents["occurred_from"]) & is_of(incidents, categories)]


def _count_set_apart(own: pd.DataFrame, places: Sequence[Place], grid: Grid) -> tuple[Applied, ...]:
    inside = own.loc[own["placement"] == "in ward", "at_place"].to_numpy()
    cells = grid.cell_of([one.easting_m for one in places], [one.northing_m for one in places])
    return count_at(inside, places, np.where(cells == OFF_GRID, "", grid.wards_of(cells)).tolist())


def _findable(own: pd.DataFrame, cell_size_m: float) -> pd.DataFrame:
    """Keep what a hotspot may be made of: in a ward, and known to within one cell."""
    wanted = (own["placement"] == "in ward") & is_placed(own, cell_size_m)
    return own[wanted].reset_index(drop=True)


def _scene(
    chosen: pd.DataFrame,
    known: Known,
    wards: "GeoDataFrame",
    settings: Settings,
    history: History,
    period: Period,
    horizon: Period,
    null: Null,
    score: np.ndarray,
    choice: Choice,
) -> Scene:
    forecast = np.zeros(history.grid.size)
    forecast[history.study] = score
    owed = None
    if history.spread is not None:
        placed_alone = choice.scorer(history.placed_only(), len(history.days)) * horizon.days
        owed = np.zeros(history.grid.size)
        owed[history.study] = np.maximum(score - placed_alone, 0.0)
    return Scene(
        grid=history.grid,
        null=null,
        known=known,
        forecast=forecast,
        owed=owed,
        months=months_of(chosen, period),
        month_days=history.days,
        wards=wards,
        horizon_days=horizon.days,
        own_share=float(history.is_own.mean()),
        maps=settings.maps,
        seed=settings.seed,
        harm=settings.harm,
    )


def _known(counted: pd.DataFrame, grid: Grid, period: Period) -> Known:
    """Return where reports of any kind were placed in the period, and in which ward."""
    placed = _findable(counted[period.holds(counted["occurred_from"])], grid.cell_size_m)
    points = placed[["easting_m", "northing_m", "ward_gss_code"]].drop_duplicates(["easting_m", "northing_m"])
    ward = pd.Index(grid.ward_gss_codes).get_indexer(pd.Index(points["ward_gss_code"]))
    return Known(points["easting_m"].to_numpy(np.float64), points["northing_m"].to_numpy(np.float64), ward)


def count_up(
    incidents: pd.DataFrame,
    grid: Grid,
    left_out: npt.NDArray[np.bool_] | None = None,
    held_back: npt.NDArray[np.bool_] | None = None,
) -> dict[str, int]:
    """Count incidents by where they were placed: `incidents = unlocated + outside + in_wards`.

    And `in_wards = placed + coarse + ward_only`: with a point known to within one cell, with one that
    may be further off, with none. `edge` are placed in a ward, in a cell whose centre is not; `excluded` are
    placed in a ward, at a place that is left out of squares and hotspots; `capped` are in a ward, and one
    caller made too many for them to count towards those.

    Raises
    ------
    AccountingError
        An incident is in none of the three, or in two.
    """
    placement = incidents["placement"]
    in_wards = (placement == "in ward").to_numpy()
    placed = in_wards & is_placed(incidents, grid.cell_size_m)
    coarse = in_wards & is_coarse(incidents, grid.cell_size_m)
    cells = grid.cell_of(incidents["easting_m"], incidents["northing_m"])
    known = placed & (cells != OFF_GRID)
    off_centre = np.zeros(len(incidents), dtype=bool)
    off_centre[known] = grid.ward_of_cell[cells[known]] < 0
    counts = {
        "incidents": len(incidents),
        "unlocated": int((placement == "unlocated").sum()),
        "outside": int((placement == "outside").sum()),
        "in_wards": int(in_wards.sum()),
        "placed": int(placed.sum()),
        "coarse": int(coarse.sum()),
        "ward_only": int((in_wards & ~placed & ~coarse).sum()),
        "edge": int(off_centre.sum()),
        "excluded": int((placed & left_out).sum()) if left_out is not None else 0,
        "capped": int((in_wards & held_back).sum()) if held_back is not None else 0,
    }
    if counts["incidents"] != counts["unlocated"] + counts["outside"] + counts["in_wards"]:
        raise AccountingError(f"{len(incidents)} incidents were given and their placements do not add up.")
    return counts


def rehearse(
    incidents: pd.DataFrame,
    wards: "GeoDataFrame",
    *,
    train: Period,
    test: Period,
    categories: Sequence[str] = (),
    cell_size_m: float = 100.0,
    area_shares: tuple[float, ...] = backtest.AREA_SHARES,
    rolling: bool = False,
    seed: int = 0,
) -> tuple[pd.DataFrame, list[backtest.Trial]]:
    """Hold maps drawn from `train` against what came in `test`.

    Parameters
    ----------
    incidents, wards : as for `analyse`
    train, test : Period
        Whole months; `test` starts where `train` ends.
    categories : sequence of str
        One part each; where empty, one of all incidents.
    rolling : bool
        Test every month of `test` on its own, with maps drawn from all months before it.
    seed : int
        Of the bootstrap.

    Returns
    -------
    (table, trials)
        As `backtest.COLUMNS`, the tests of a category together; every test. Events are incidents known
        to within one cell; a trial says what share of the test months' incidents that leaves out. What
        one caller's cap holds back is neither trained on nor counted.
    """
    require(incidents, [*REPORTS, *PLACED], "incidents")
    grid = make_grid(wards, cell_size_m=cell_size_m)
    whole = Period(train.start_on, test.end_on)
    incidents = incidents[_heard(incidents, whole)]
    trials, tables = [], []
    for name in [category_table.require(c) for c in categories] or [""]:
        history = build_history(incidents, grid, whole, (name,) if name else ())
        own = _of_run(incidents, whole, (name,) if name else ())
        month = months_of(own, whole)
        found = []
        for origin, end in backtest.splits(history, len(train.months()), rolling=rolling):
            told = count_placed(own[(month >= origin) & (month < end)], cell_size_m)[WHOLE]
            total, left_out = float(told.placed), told.untested_share if told.placed else 0.0
            found.append(
                backtest.try_methods(
                    history.until(end), train_months=origin, category=name or "all", total=total,
                    left_out_share=left_out,
                )
            )  # fmt: skip
        tables.append(backtest.tabulate(*found, area_shares=area_shares, seed=seed))
        trials += found
    return pd.concat(tables, ignore_index=True), trials
