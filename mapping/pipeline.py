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
import pandas as pd

from mapping import categories as category_table
from mapping import periods
from mapping.errors import AccountingError, TooLittleDataError
from mapping.evidence import backtest
from mapping.hotspots import scoring
from mapping.hotspots.capture import AREA_SHARES, Capture
from mapping.hotspots.find import Scene, find_hotspots
from mapping.hotspots.grid import OFF_GRID, Grid, make_grid
from mapping.hotspots.scoring import Choice, History
from mapping.hotspots.significance import Baseline, assess_cells, even_baseline
from mapping.periods import Period
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
    """One run's answer and everything that made it."""

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
    seconds: dict[str, float] = field(default_factory=dict)


def analyse(
    incidents: pd.DataFrame,
    wards: "GeoDataFrame",
    settings: Settings,
    *,
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
        history = build_history(incidents, grid, period, settings.categories)
    with watch.stage("scoring", 0.2):
        choice = scoring.choose(history, method=settings.method)
        score = choice.scorer(history, len(history.days)) * horizon.days
    with watch.stage("significance", 0.4):
        baseline = even_baseline(history.ward, history.everything(0, len(history.days))[history.study] > 0)
        cells = _cells(grid, history, baseline, score)
    with watch.stage("hotspots", 0.5):
        chosen = _in_run(incidents, period, settings.categories)
        hotspots, members = find_hotspots(
            chosen,
            _scene(chosen, wards, history, period, horizon, baseline, score),
            top_per_ward=settings.top_per_ward,
        )
    with watch.stage("proposals", 0.8):
        proposals = propose(hotspots, period=str(period))
    return Analysis(
        settings=settings, period=period, horizon=horizon, wards=wards, incidents=incidents, grid=grid,
        cells=cells, hotspots=hotspots, members=members, proposals=proposals, choice=choice,
        evidence=_evidence(choice), counts=count_up(incidents, grid), seconds=watch.seconds,
    )  # fmt: skip


def build_history(
    incidents: pd.DataFrame, grid: Grid, period: Period, categories: Sequence[str] = ()
) -> History:
    """Lay the located incidents of a period out by month and cell, the margin's included.

    Raises
    ------
    TooLittleDataError
        None of them lies on the grid in that period.
    """
    located = incidents[(incidents["placement"] != "unlocated") & period.holds(incidents["occurred_from"])]
    cells = grid.cell_of(located["easting_m"], located["northing_m"])
    located, cells = located[cells != OFF_GRID], cells[cells != OFF_GRID]
    if located.empty:
        raise TooLittleDataError(f"No located incident lies in these wards from {period}.")
    first = periods.month_number(period.start_on)
    months = periods.local_months(located["occurred_from"]) - first
    is_own = np.ones(len(located), dtype=bool)
    if categories:
        is_own = located["category"].isin(categories).to_numpy(dtype=bool)
    order = np.argsort(months, kind="stable")
    days = _month_days(period)
    days[np.bincount(months, minlength=len(days)) == 0] = 0.0
    return History(grid, months[order], cells[order], is_own[order], days)


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


def _in_run(incidents: pd.DataFrame, period: Period, categories: Sequence[str]) -> pd.DataFrame:
    wanted = (incidents["placement"] == "in ward") & period.holds(incidents["occurred_from"])
    if categories:
        wanted &= incidents["category"].isin(categories)
    wanted &= incidents["easting_m"].notna()
    return incidents[wanted].reset_index(drop=True)


def _scene(
    chosen: pd.DataFrame,
    wards: "GeoDataFrame",
    history: History,
    period: Period,
    horizon: Period,
    baseline: Baseline,
    score: np.ndarray,
) -> Scene:
    forecast = np.zeros(history.grid.size)
    forecast[history.study] = score
    months = periods.local_months(chosen["occurred_from"]) - periods.month_number(period.start_on)
    return Scene(
        grid=history.grid,
        baseline=baseline,
        forecast=forecast,
        months=months,
        month_days=history.days,
        wards=wards,
        horizon_days=horizon.days,
        own_share=float(history.is_own.mean()),
    )


def _cells(grid: Grid, history: History, baseline: Baseline, score: np.ndarray) -> pd.DataFrame:
    """Make one row per study cell, as `schema.CELLS`."""
    study = history.study
    counts = history.own(0, len(history.days))[study]
    p_value, p_value_fdr = assess_cells(counts, baseline)
    east, north = grid.centres(study)
    values = (
        grid.cell_ids(study), east, north, grid.wards_of(study), counts.astype(np.int64), score,
        baseline.expected(counts), p_value, p_value_fdr, p_value_fdr < HOT_LEVEL,
    )  # fmt: skip
    return pd.DataFrame(dict(zip(CELLS, values, strict=True)))


def _evidence(choice: Choice) -> pd.DataFrame:
    """Tabulate what each method held of the rehearsed months."""
    columns = [field for field in Capture.__dataclass_fields__ if field != "best_hits"]
    rows = [(name, *(getattr(capture, column) for column in columns)) for name, capture in choice.rehearsed]
    return pd.DataFrame(rows, columns=["method", *columns])


def count_up(incidents: pd.DataFrame, grid: Grid) -> dict[str, int]:
    """Count incidents by where they were placed: `incidents = unlocated + outside + in_wards`.

    `ward_only` have a ward and no point; `edge` lie in a ward, in a cell whose centre does not.

    Raises
    ------
    AccountingError
        An incident is in none of the three, or in two.
    """
    placement = incidents["placement"]
    in_wards = (placement == "in ward").to_numpy()
    cells = grid.cell_of(incidents["easting_m"], incidents["northing_m"])
    known = in_wards & (cells != OFF_GRID)
    off_centre = np.zeros(len(incidents), dtype=bool)
    off_centre[known] = grid.ward_of_cell[cells[known]] < 0
    counts = {
        "incidents": len(incidents),
        "unlocated": int((placement == "unlocated").sum()),
        "outside": int((placement == "outside").sum()),
        "in_wards": int(in_wards.sum()),
        "ward_only": int((in_wards & incidents["easting_m"].isna().to_numpy()).sum()),
        "edge": int(off_centre.sum()),
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
    area_shares: tuple[float, ...] = AREA_SHARES,
) -> tuple[pd.DataFrame, list[backtest.Trial]]:
    """Hold maps drawn from `train` against what came in `test`.

    Parameters
    ----------
    incidents, wards : as for `analyse`
    train, test : Period
        Whole months; `test` starts where `train` ends.
    categories : sequence of str
        One trial each; where empty, one trial of all incidents.

    Returns
    -------
    (table, trials)
        As `backtest.COLUMNS`.
    """
    require(incidents, [*REPORTS, *PLACED], "incidents")
    grid = make_grid(wards, cell_size_m=cell_size_m)
    whole = Period(train.start_on, test.end_on)
    in_test = (incidents["placement"] == "in ward") & test.holds(incidents["occurred_from"])
    trials = []
    for name in [category_table.require(c) for c in categories] or [""]:
        history = build_history(incidents, grid, whole, (name,) if name else ())
        own = in_test if not name else in_test & (incidents["category"] == name)
        trials.append(
            backtest.try_methods(
                history, train_months=len(train.months()), category=name or "all", total=float(own.sum())
            )
        )
    tables = [backtest.tabulate(trial, area_shares=area_shares) for trial in trials]
    return pd.concat(tables, ignore_index=True), trials
