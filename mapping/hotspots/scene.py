"""What every step of the search for hotspots is held against."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from mapping.hotspots import trends
from mapping.hotspots.discs import Known
from mapping.hotspots.grid import FloatArray, Grid, IntArray
from mapping.hotspots.harm_tables import HarmTable
from mapping.hotspots.null_model import Null
from mapping.hotspots.segments import Segments
from mapping.hotspots.simulated import MAPS

INCIDENTS_A_YEAR: Final = 36.0  # the least that makes a patrol-grade hotspot


@dataclass(frozen=True)
class Scene:
    """What every step of the search is held against.

    Attributes
    ----------
    grid : Grid
    null : Null
        Over the study cells.
    known : Known
        Where a report of any kind was placed.
    forecast : float array, shape (grid.size,)
        Events foretold per lattice cell.
    months : int array, shape (incidents,)
        Month of each incident, 0 for the oldest of the period.
    month_days : float array, shape (months,)
        Days with data in each month; 0 for a gap.
    wards : GeoDataFrame, EPSG:27700
    horizon_days : float
        Days that `forecast` looks ahead.
    own_share : float
        Share of all incidents that are of the categories analysed, 0-1.
    owed : float array, shape (grid.size,), optional
        The part of `forecast` that coarse reports brought; None where there is none of them.
    maps, seed : int
        How many maps are simulated, and from where.
    harm : HarmTable, optional
        Weights for what is said beside the count.
    segments : Segments, optional
        Pieces of street to draw hotspots along; None where no layer of roads is given.
    """

    grid: Grid
    null: Null
    known: Known
    forecast: FloatArray
    months: IntArray
    month_days: FloatArray
    wards: pd.DataFrame
    horizon_days: float
    own_share: float = 1.0
    owed: FloatArray | None = None
    maps: int = MAPS
    seed: int = 0
    harm: HarmTable | None = None
    segments: Segments | None = None

    @cached_property
    def monthly(self) -> FloatArray:
        """Incidents of the whole study area in each month."""
        return np.bincount(self.months, minlength=len(self.month_days)).astype(np.float64)

    @property
    def least_foretold(self) -> float:
        """The fewest events foretold that make a hotspot: the pace of 36 a year.

        Where only some categories are analysed the number shrinks with their share of all
        incidents: 36 burglaries a year within a walk are nowhere, and five can be a series.
        """
        return INCIDENTS_A_YEAR * self.own_share * self.horizon_days / 365

    @property
    def recent_share(self) -> float:
        """Share of all incidents that came in the last three months."""
        return float(self.monthly[self.recent_from :].sum() / max(self.monthly.sum(), 1.0))

    @property
    def recent_from(self) -> int:
        """First of the last three months of the period."""
        return max(0, len(self.month_days) - trends.RECENT_MONTHS)
