"""The whole run on one page: incidents and wards in, hotspots, proposals and their evidence out.

Reading, storing and drawing are the callers' (`runs` and `folder` beside this); here is only the
order of the work, timed, with the identity that every incident is accounted for.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import categories as category_table
from mapping import periods
from mapping.errors import AccountingError, TooLittleDataError
from mapping.evidence import backtest, of_run
from mapping.hotspots import scoring
from mapping.hotspots.find import Scene, find_hotspots
from mapping.hotspots.grid import OFF_GRID, Grid, make_grid
from mapping.hotspots.placed import WHOLE, Placed, count_placed, is_coarse, is_placed
from mapping.hotspots.scoring import Choice, History
from mapping.hotspots.significance import Baseline, assess_cells, even_baseline
from mapping.hotspots.spreading import ANYWHERE, Spread, spread_by_month
from mapping.periods import Period
from mapping.places.set_apart import NOWHERE, Applied, Place, cautions_of, is_left_out, place_of
from mapping.places.set_apart import count as count_at
from mapping.schema import CELLS, PLACED, REPORTS, require
from mapping.tasking.proposals import propose

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

HOT_LEVEL: Final = 0.05
Progress = Callable[[float, str], None]  # the share done, and what is being done


@dataclass(frozen=True)
class Settings:
    """What a person may choose about a run; stored with its results.

    Attributes
    ----------
    cell_size_m : float
    method : str
        auto, count, kernel or mixed.
    top_per_ward : int
        The most hotspots a ward may have.
    seed : int
        For anything drawn at random; nothing in a run is yet.
    horizon_days : float, optional
        Days to foretell; the next calendar month where not given.
    categories : tuple of str
        Names in `mapping.categories`; empty for all.
    period : Period, optional
        Days to analyse; the whole months of the data where not given.
    """

    cell_size_m: float = 100.0
    method: str = "auto"
    top_per_ward: int = 3
    seed: int = 0
    horizon_days: float | None = None
    categories: tuple[str, ...] = ()
    period: Period | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "categories", tuple(category_table.require(c) for c in self.categories))

    def as_dict(self) -> dict[str, object]:
        """Return what can be written as JSON."""
        return {
            "cell_size_m": self.cell_size_m,
            "method": self.method,
            "top_per_ward": self.top_per_ward,
            "seed": self.seed,
            "horizon_days": self.horizon_days,
            "categories": list(self.categories),
            "from": self.period.start_on.isoformat() if self.period else None,
            "to": self.period.end_on.isoformat() if self.period else None,
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
    counts : dict of str to int
        Every incident that was given, by where it lies, as `count_up`.
    placing : dict of ward code to Placed
        The run's own incidents (its period and categories) by how well they are known; `placed.WHOLE`
        for the study area.
    set_apart : tuple of Applied
        The places that people set apart, and how many of the run's own incidents each holds.
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
    evidence: pd.DataFrame
    counts: dict[str, int]
    placing: dict[str, Placed]
    set_apart: tuple[Applied, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)


def analyse(
    incidents: pd.DataFrame,
    wards: "GeoDataFrame",
    settings: Settings,
    *,
    places: Sequence[Place] = (),
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
        counted = incidents[~is_left_out(at, places)]
        history = build_history(counted, grid, period, settings.categories)
    with watch.stage("scoring", 0.2):
        choice = scoring.choose(history, method=settings.method)
        score = choice.scorer(history, len(history.days)) * horizon.days
    with watch.stage("significance", 0.4):
        held = history.everything_placed(0, len(history.days))[history.study]
        baseline = even_baseline(history.ward, held > 0)
        cells = _cells(grid, history, baseline, score)
    with watch.stage("hotspots", 0.5):
        own = _of_run(incidents.assign(at_place=at), period, settings.categories)
        chosen = _findable(own[~is_left_out(own["at_place"].to_numpy(), places)], settings.cell_size_m)
        chosen["set_apart"] = cautions_of(chosen["at_place"].to_numpy(), places)
        scene = _scene(chosen, wards, history, period, horizon, baseline, score, choice)
        hotspots, members = find_hotspots(chosen, scene, top_per_ward=settings.top_per_ward)
    with watch.stage("proposals", 0.8):
        proposals = propose(hotspots, period=str(period))
    return Analysis(
        settings=settings, period=period, horizon=horizon, wards=wards, incidents=incidents, grid=grid,
        cells=cells, hotspots=hotspots, members=members, proposals=proposals, choice=choice,
        evidence=of_run.gather(history, choice, seed=settings.seed),
        counts=count_up(incidents, grid, is_left_out(at, places)),
        placing=count_placed(own, settings.cell_size_m), set_apart=_count_set_apart(own, places, grid),
        seconds=watch.seconds,
    )  # fmt: skip


def build_history(
    incidents: pd.DataFrame, grid: Grid, period: Period, categories: Sequence[str] = ()
) -> History:
    """Lay the located incidents of a period out by month and cell, the margin's included.

    Those known to within one cell lie whole in theirs. Coarse ones in a ward are spread over where
    they may lie; coarse ones outside every ward say nothing about any cell here and are left out.

    Raises
    ------
    TooLittleDataError
        None of them lies on the grid in that period, or none is known to within one cell.
    """
    located = incidents[(incidents["placement"] != "unlocated") & period.holds(incidents["occurred_from"])]
    in_doubt = is_coarse(located, grid.cell_size_m)
    doubtful = located[in_doubt & (located["placement"] == "in ward").to_numpy(dtype=bool)]
    located = located[~in_doubt]
    cells = grid.cell_of(located["easting_m"], located["northing_m"])
    located, cells = located[cells != OFF_GRID], cells[cells != OFF_GRID]
    if located.empty:
        raise TooLittleDataError(_nothing_placed(doubtful, grid, period))
    months, is_own = _months_of(located, period), _is_of(located, categories)
    order = np.argsort(months, kind="stable")
    days = _month_days(period)
    known = np.concatenate([months, _months_of(doubtful, period)])
    days[np.bincount(known, minlength=len(days)) == 0] = 0.0
    spread = _spread(doubtful, grid, period, categories, len(days)) if len(doubtful) else None
    return History(grid, months[order], cells[order], is_own[order], days, spread)


def _nothing_placed(doubtful: pd.DataFrame, grid: Grid, period: Period) -> str:
    if doubtful.empty:
        return f"No located incident lies in these wards from {period}."
    return (
        f"None of the {len(doubtful):,} located incidents in these wards from {period} is known to within "
        f"one cell of {grid.cell_size_m:g} m; use cells of {np.ceil(doubtful['error_m'].median()):.0f} m, "
        "to which half of them are known."
    )


def _months_of(incidents: pd.DataFrame, period: Period) -> np.ndarray:
    return periods.local_months(incidents["occurred_from"]) - periods.month_number(period.start_on)


def _is_of(incidents: pd.DataFrame, categories: Sequence[str]) -> np.ndarray:
    if not categories:
        return np.ones(len(incidents), dtype=bool)
    return incidents["category"].isin(categories).to_numpy(dtype=bool)


def _spread(
    doubtful: pd.DataFrame, grid: Grid, period: Period, categories: Sequence[str], length: int
) -> Spread:
    """Spread coarse reports; one that states its ward by its code is kept to that ward."""
    stated = pd.Index(grid.ward_gss_codes).get_indexer(pd.Index(doubtful["stated_area"]))
    return spread_by_month(
        grid,
        easting_m=doubtful["easting_m"].to_numpy(dtype=np.float64),
        northing_m=doubtful["northing_m"].to_numpy(dtype=np.float64),
        error_m=doubtful["error_m"].to_numpy(dtype=np.float64),
        ward=np.where(stated >= 0, stated, ANYWHERE),
        months=_months_of(doubtful, period),
        is_own=_is_of(doubtful, categories),
        length=length,
    )


def _month_days(period: Period) -> np.ndarray:
    numbers = [periods.month_number(period.start_on) + k for k in range(len(period.months()))]
    return np.array(
        [
            (
                min(periods.month_start(n + 1), period.end_on) - max(periods.month_start(n), period.start_on)
            ).days
            for n in numbers
        ],
        dtype=np.float64,
    )


def _horizon(period: Period, days: float | None) -> Period:
    """Return the coming period: so many days, or the calendar month that starts when the data ends."""
    if days is not None:
        return Period(period.end_on, period.end_on + dt.timedelta(days=max(1, round(days))))
    month = periods.month_number(period.end_on)
    if period.end_on.day > 1:
        return Period(period.end_on, period.end_on + dt.timedelta(days=30))
    return Period(periods.month_start(month), periods.month_start(month + 1))


def _of_run(incidents: pd.DataFrame, period: Period, categories: Sequence[str]) -> pd.DataFrame:
    return incidents[period.holds(incidents["occurred_from"]) & _is_of(incidents, categories)]


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
    wards: "GeoDataFrame",
    history: History,
    period: Period,
    horizon: Period,
    baseline: Baseline,
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
        baseline=baseline,
        forecast=forecast,
        owed=owed,
        months=_months_of(chosen, period),
        month_days=history.days,
        wards=wards,
        horizon_days=horizon.days,
        own_share=float(history.is_own.mean()),
    )


def _cells(grid: Grid, history: History, baseline: Baseline, score: np.ndarray) -> pd.DataFrame:
    """Make one row per study cell, as `schema.CELLS`."""
    study = history.study
    counts = history.own_placed(0, len(history.days))[study]
    p_value, p_value_fdr = assess_cells(counts, baseline)
    east, north = grid.centres(study)
    values = (
        grid.cell_ids(study), east, north, grid.wards_of(study), counts.astype(np.int64), score,
        baseline.expected(counts), p_value, p_value_fdr, p_value_fdr < HOT_LEVEL,
    )  # fmt: skip
    return pd.DataFrame(dict(zip(CELLS, values, strict=True)))


def count_up(
    incidents: pd.DataFrame, grid: Grid, left_out: npt.NDArray[np.bool_] | None = None
) -> dict[str, int]:
    """Count incidents by where they were placed: `incidents = unlocated + outside + in_wards`.

    And `in_wards = placed + coarse + ward_only`: with a point known to within one cell, with one that
    may be further off, with none. `edge` are placed in a ward, in a cell whose centre is not; `excluded` are
    placed in a ward, at a place that is left out of squares and hotspots.

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
        to within one cell; a trial says what share of the test months' incidents that leaves out.
    """
    require(incidents, [*REPORTS, *PLACED], "incidents")
    grid = make_grid(wards, cell_size_m=cell_size_m)
    whole = Period(train.start_on, test.end_on)
    trials, tables = [], []
    for name in [category_table.require(c) for c in categories] or [""]:
        history = build_history(incidents, grid, whole, (name,) if name else ())
        own = _of_run(incidents, whole, (name,) if name else ())
        month = _months_of(own, whole)
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
