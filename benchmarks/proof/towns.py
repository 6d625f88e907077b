"""Invented towns without hotspots, and places planted in them.

Eight wards of one square kilometre, each of 100 cells with one to several known points; `YEAR` months.
How a ward's reports fall is the kind of town:

- alike: evenly on its cells,
- points: evenly on its points, so a cell with more of them holds more,
- differing: on cells whose rates are gamma distributed about their mean with shape 5 (a spread of 45 %).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping.schema import PLACED, REPORTS

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

KINDS: Final = ("alike", "points", "differing")
MONTHS: Final = pd.date_range("2025-01-01", periods=12, freq="MS", tz="UTC")
WIDE, HIGH = 4, 2
WEST_M, SOUTH_M = 400_000.0, 300_000.0
CELLS_A_WARD: Final = 100
SHAPE: Final = 5.0
PLANTED_RADIUS_M: Final = 60.0

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Planted:
    """A planted place: its middle and the reports it adds."""

    easting_m: float
    northing_m: float
    reports: int


def wards() -> "GeoDataFrame":
    """Return the eight wards, EPSG:27700."""
    import geopandas as gpd

    corners = [(WEST_M + 1000 * i, SOUTH_M + 1000 * j) for i in range(WIDE) for j in range(HIGH)]
    return gpd.GeoDataFrame(
        {
            "ward_gss_code": [f"E05999{k:03d}" for k in range(len(corners))],
            "ward_name": [f"Ward {k + 1}" for k in range(len(corners))],
        },
        geometry=[shapely.box(x, y, x + 1000, y + 1000) for x, y in corners],
        crs="EPSG:27700",
    )


def draw(kind: str, rng: np.random.Generator, *, a_ward: int) -> pd.DataFrame:
    """Draw one town without any hotspot: about `a_ward` reports in each ward, even over the months."""
    drawn = [_ward(kind, rng, k, a_ward) for k in range(WIDE * HIGH)]
    xy = np.concatenate(drawn)
    return _frame(xy, rng.integers(0, len(MONTHS), len(xy)))


def plant(
    town: pd.DataFrame, reports: int, rng: np.random.Generator, *, last_months: int = 12
) -> tuple[pd.DataFrame, Planted]:
    """Add so many reports on the points within 60 m of a point at least 150 m from the edge."""
    points = town[["easting_m", "northing_m"]].drop_duplicates().to_numpy()
    low = np.array([WEST_M + 150, SOUTH_M + 150])
    high = np.array([WEST_M + 1000 * WIDE - 150, SOUTH_M + 1000 * HIGH - 150])
    inner = points[((points > low) & (points < high)).all(axis=1)]
    centre = inner[rng.integers(len(inner))]
    near = points[np.hypot(*(points - centre).T) <= PLANTED_RADIUS_M]
    count = int(rng.poisson(reports))
    xy = near[rng.integers(len(near), size=count)]
    months = rng.integers(len(MONTHS) - last_months, len(MONTHS), count)
    both = pd.concat([town, _frame(xy, months)], ignore_index=True)
    both["incident_id"] = [f"I{k}" for k in range(len(both))]
    middle = xy.mean(axis=0) if count else centre
    return both, Planted(float(middle[0]), float(middle[1]), count)


def _ward(kind: str, rng: np.random.Generator, ward: int, a_ward: int) -> FloatArray:
    """Return the points of one ward's reports, shape (reports, 2)."""
    column, row = divmod(ward, HIGH)
    of_cell = 1 + rng.poisson(1.5, CELLS_A_WARD)
    cell = np.repeat(np.arange(CELLS_A_WARD), of_cell)
    inside = rng.uniform(1, 99, (len(cell), 2)).round(1)  # never on an edge
    corner = np.column_stack([cell // 10, cell % 10]) * 100.0
    points = np.array([WEST_M + 1000 * column, SOUTH_M + 1000 * row]) + corner + inside
    if kind == "points":
        weights = np.ones(len(cell))
    else:
        rate = rng.gamma(SHAPE, size=CELLS_A_WARD) if kind == "differing" else np.ones(CELLS_A_WARD)
        weights = (rate / of_cell)[cell]
    chosen = rng.choice(len(points), size=rng.poisson(a_ward), p=weights / weights.sum())
    return np.asarray(points[chosen])


def _frame(xy: FloatArray, month: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Make reports as a run reads them."""
    made = pd.DataFrame({name: [""] * len(xy) for name in [*REPORTS, *PLACED]})
    ward = ((xy[:, 0] - WEST_M) // 1000 * HIGH + (xy[:, 1] - SOUTH_M) // 1000).astype(int)
    return made.assign(
        row=np.arange(len(xy)),
        incident_id=[f"I{k}" for k in range(len(xy))],
        occurred_from=MONTHS[month],
        occurred_to=MONTHS[month],
        time_precision="month",
        reported_at=pd.NaT,
        extracted_on=pd.NaT,
        category="Anti-social behaviour",
        source="police-uk",
        easting_m=xy[:, 0],
        northing_m=xy[:, 1],
        error_m=50.0,
        match_level="snap point",
        place_text="On or near Acacia Road",
        placement="in ward",
        ward_gss_code=[f"E05999{k:03d}" for k in ward],
    )
