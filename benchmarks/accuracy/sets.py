"""Real events laid out by month and cell, each set with the months that judge it.

Read from the folder named by WARD_HOTSPOTS_TEST_DATA; nothing of it is in this repository.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping import file_run, periods, pipeline
from mapping.hotspots.grid import OFF_GRID, FloatArray, Grid, make_grid
from mapping.hotspots.scoring import History
from mapping.periods import Period, parse_period

CELL_M: Final = 100.0
FOOT_M: Final = 1200 / 3937  # the United States survey foot
EARTH_M: Final = 6_371_008.8
ALL: Final = "all"
SPARSE_A_YEAR: Final = 3000


@dataclass(frozen=True)
class TestSet:
    """One category of one place: months to draw maps from, followed by months to judge them by.

    Attributes
    ----------
    place, category : str
    history : History
        Training months, then test months.
    train_months : int
    """

    place: str
    category: str
    history: History
    train_months: int

    @property
    def events_a_year(self) -> float:
        """Own events a year in the training months."""
        events = self.history.own_placed(0, self.train_months)[self.history.study].sum()
        return float(events) / self.history.span(0, self.train_months) * 365.25

    @property
    def is_sparse(self) -> bool:
        """Whether the category has fewer than 3,000 events a year."""
        return self.events_a_year < SPARSE_A_YEAR


def data_folder() -> Path | None:
    """Return the folder of open data, or None where it is not named."""
    folder = Path(os.environ.get("WARD_HOTSPOTS_TEST_DATA", ""))
    return folder if (folder / "police_uk").is_dir() else None


def police_history(data: Path, force: str, wards: str, period: Period) -> tuple[History, pd.DataFrame]:
    """Return a force's months as one history of all categories, and the incidents on its grid.

    The incidents are in the order of the history's events.
    """
    loaded = file_run.load(
        sorted((data / "boundaries" / "wards_2025").glob(f"{wards}.geojson")),
        [data / "police_uk" / force],
        layout="police-uk",
        edition="",
        now=dt.datetime.now(dt.UTC),
        watch=pipeline.Stopwatch(),
    )
    grid = make_grid(loaded.wards, cell_size_m=CELL_M)
    inside = loaded.incidents[period.holds(loaded.incidents["occurred_from"])]
    cells = grid.cell_of(inside["easting_m"], inside["northing_m"])
    inside = inside[cells != OFF_GRID]
    months = periods.local_months(inside["occurred_from"]) - periods.month_number(period.start_on)
    inside = inside.iloc[np.argsort(months, kind="stable")]
    return pipeline.build_history(inside, grid, period), inside


def _by_category(
    place: str, history: History, category: npt.NDArray[np.object_], train_months: int
) -> Iterator[TestSet]:
    for name in [ALL, *sorted(set(category.tolist()))]:
        own = np.ones(len(category), dtype=bool) if name == ALL else category == name
        yield TestSet(place, name, replace(history, is_own=own), train_months)


def _police(place: str, force: str, wards: str, train: str, test: str) -> Callable[[Path], Iterator[TestSet]]:
    def load(data: Path) -> Iterator[TestSet]:
        first, last = parse_period(train), parse_period(test)
        history, inside = police_history(data, force, wards, Period(first.start_on, last.end_on))
        category = inside["category"].to_numpy(dtype=object)
        yield from _by_category(place, history, category, len(first.months()))

    return load


def dated_history(
    east_m: FloatArray, north_m: FloatArray, dates: pd.Series, grid: Grid, period: Period
) -> tuple[History, npt.NDArray[np.int64]]:
    """Lay dated events of whole months out by month, cell and day; also return which they were, in order."""
    cells = grid.cell_of(east_m, north_m)
    day = (dates - pd.Timestamp(period.start_on)).dt.days.to_numpy()
    length = (period.end_on - period.start_on).days
    used = np.flatnonzero((cells != OFF_GRID) & (day >= 0) & (day < length))
    used = used[np.argsort(day[used], kind="stable")]
    starts = pd.date_range(period.start_on, period.end_on, freq="MS")
    month_starts = (starts - starts[0]).days.to_numpy().astype(np.int64)
    months = np.searchsorted(month_starts, day[used], side="right") - 1
    own = np.ones(len(used), dtype=bool)
    history = History(
        grid, months.astype(np.int64), cells[used], own, np.diff(month_starts).astype(np.float64),
        day=day[used].astype(np.int64), month_starts=month_starts,
    )  # fmt: skip
    return history, used


def _local_grid(
    east_m: FloatArray, north_m: FloatArray, is_study: Callable[[Grid], npt.NDArray[np.bool_]]
) -> Grid:
    """Lay cells over local metres, 500 m past the farthest point; one ward for the whole study area."""
    west, south = (np.floor((values.min() - 500) / CELL_M) * CELL_M for values in (east_m, north_m))
    columns, rows = (
        int(np.ceil((values.max() + 500 - first) / CELL_M))
        for values, first in ((east_m, west), (north_m, south))
    )
    blank = Grid(CELL_M, float(west), float(south), rows, columns, ("study area",), np.empty(0, np.int64))
    return replace(blank, ward_of_cell=np.where(is_study(blank), 0, -1).astype(np.int64))


def _portland(data: Path) -> Iterator[TestSet]:
    folder = data / "incidents"
    outline = pd.read_csv(folder / "portland_boundary_vertices.csv").to_numpy() * FOOT_M
    area = shapely.make_valid(shapely.Polygon(outline))
    train, test = parse_period("2012-03:2016-12"), parse_period("2017-01:2017-02")
    kinds = {"Burglary": "burglary", "Vehicle theft": "vehicle_theft"}
    events = pd.concat(
        pd.read_csv(folder / f"portland_{name}_2012-03_2017-02.csv.gz", parse_dates=["occ_date"]).assign(
            kind=kind
        )
        for kind, name in kinds.items()
    )
    east, north = (events[name].to_numpy(dtype=np.float64) * FOOT_M for name in ("x_coordina", "y_coordina"))

    def inside(grid: Grid) -> npt.NDArray[np.bool_]:
        return np.asarray(shapely.contains_xy(area, *grid.centres(np.arange(grid.size))))

    grid = _local_grid(outline[:, 0], outline[:, 1], inside)
    history, used = dated_history(east, north, events["occ_date"], grid, Period(train.start_on, test.end_on))
    kind = events["kind"].to_numpy(dtype=object)[used]
    for name in kinds:
        yield TestSet("Portland", name, replace(history, is_own=kind == name), len(train.months()))


def _new_york(data: Path) -> Iterator[TestSet]:
    events = pd.read_csv(data / "incidents" / "nyc_vehicle_thefts_2014_2017.csv.gz")
    dates = pd.to_datetime(events["date_single"]).dt.normalize()
    train, test = parse_period("2014-01:2016-12"), parse_period("2017-01:2017-06")
    latitude = np.radians(events["latitude"].to_numpy())
    middle = np.median(latitude)
    # Equirectangular about the city's middle: within 0.5 % of true distances over 50 km.
    east = EARTH_M * np.radians(events["longitude"].to_numpy()) * np.cos(middle)
    north = EARTH_M * latitude
    seen = (dates < pd.Timestamp(train.end_on)).to_numpy()

    def used_in_training(grid: Grid) -> npt.NDArray[np.bool_]:
        return grid.count(grid.cell_of(east[seen], north[seen])) > 0

    grid = _local_grid(east, north, used_in_training)
    history, _ = dated_history(east, north, dates, grid, Period(train.start_on, test.end_on))
    yield TestSet("New York", "Vehicle theft", history, len(train.months()))


SETS: Final[dict[str, Callable[[Path], Iterator[TestSet]]]] = {
    "cleveland": _police("Cleveland", "cleveland", "E0600000[1-4]", "2025-01:2025-06", "2025-07:2025-09"),
    "south-yorkshire": _police(
        "South Yorkshire", "south-yorkshire", "E080000[13][789]", "2018-01:2018-12", "2019-01:2019-06"
    ),
    "city": _police("City of London", "city-of-london", "E09000001", "2018-01:2019-12", "2020-01:2020-03"),
    "city-2019": _police(
        "City of London 2019", "city-of-london", "E09000001", "2018-01:2018-12", "2019-01:2019-06"
    ),
    "south-yorkshire-24": _police(
        "South Yorkshire", "south-yorkshire", "E080000[13][789]", "2018-01:2018-12", "2019-01:2019-12"
    ),
    "city-36": _police("City of London", "city-of-london", "E09000001", "2018-01:2018-12", "2019-01:2020-12"),
    "portland": _portland,
    "new-york": _new_york,
}
