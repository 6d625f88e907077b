"""Which reports are placed, and what share of a run that is.

A report is *placed* when its point is known to within one cell; *coarse* when it has a point whose
error is larger (a sector's middle, a district's); known *only to the ward* when it has a ward and no
point. Placed reports are counted in their cell and drawn. Coarse ones are spread over where they may
lie and enter no test. All three are in their ward's total.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

BoolArray = npt.NDArray[np.bool_]

LEAST_PERCENT: Final = 85  # Ratcliffe (2004): below this a map may mislead
WHOLE: Final = ""  # key of the whole study area among its wards
_COUNTED: Final = ("reports", "placed", "coarse", "ward_only")


def is_placed(incidents: pd.DataFrame, cell_size_m: float) -> BoolArray:
    """Say of each report whether its point is known to within one cell, shape (n,).

    A point whose error is not told counts as one cell.
    """
    return _has_point(incidents) & ~_is_wide(incidents, cell_size_m)


def is_coarse(incidents: pd.DataFrame, cell_size_m: float) -> BoolArray:
    """Say of each report whether it has a point, but one that may be more than a cell away, shape (n,)."""
    return _has_point(incidents) & _is_wide(incidents, cell_size_m)


def _has_point(incidents: pd.DataFrame) -> BoolArray:
    return (incidents["easting_m"].notna() & incidents["northing_m"].notna()).to_numpy(dtype=bool)


def _is_wide(incidents: pd.DataFrame, cell_size_m: float) -> BoolArray:
    error_m = incidents["error_m"].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(error_m > cell_size_m)  # NaN is not


@dataclass(frozen=True)
class Placed:
    """How many reports of a study area, or of one ward, are known how well.

    Attributes
    ----------
    reports : int
        Those in its wards, and for the whole area those without any place: all that may belong on its
        map. Reports outside every ward are found, and belong on another.
    placed, coarse, ward_only : int
        As the module says; what is left has no place at all.
    """

    reports: int
    placed: int
    coarse: int = 0
    ward_only: int = 0

    @property
    def share(self) -> float:
        """Share of the reports that is placed, 0-1; NaN where there is none."""
        return self.placed / self.reports if self.reports else float("nan")

    @property
    def is_low(self) -> bool:
        """Whether so few are placed that a map may mislead."""
        return 100 * self.placed < LEAST_PERCENT * self.reports

    @property
    def untested_share(self) -> float:
        """Share of the reports in wards that no exact test counts, 0-1; NaN where there is none."""
        in_wards = self.placed + self.coarse + self.ward_only
        return (self.coarse + self.ward_only) / in_wards if in_wards else float("nan")

    @property
    def percent(self) -> int:
        """Whole percent placed, never rounded up."""
        return 100 * self.placed // self.reports if self.reports else 0

    @property
    def sentence(self) -> str:
        """Say under a map what it shows of the reports, and where the rest is; empty without any."""
        if not self.reports:
            return ""
        lost = self.reports - self.placed - self.coarse - self.ward_only
        rest = {
            "known only roughly are spread over the squares they may lie in, and are in no test": self.coarse,
            "known only to the ward are in the totals, not on the map": self.ward_only,
            "without any place are in the count alone": lost,
        }
        told = [f"{count:,} {words}" for words, count in rest.items() if count]
        return "; ".join([f"Placed {self.percent} % of reports", *told])

    @property
    def warning(self) -> str:
        """Say that the map may mislead where too few are placed; else empty."""
        if not self.is_low:
            return ""
        return (
            f"Only {self.percent} % of the reports could be placed. "
            f"Below {LEAST_PERCENT} % a map may mislead: find the missing places first."
        )

    def as_dict(self) -> dict[str, int]:
        """Return what can be written as JSON and read by `stored`."""
        return {name: getattr(self, name) for name in _COUNTED}


def count_placed(incidents: pd.DataFrame, cell_size_m: float) -> dict[str, Placed]:
    """Count the reports of a run by how well they are known, in all (`WHOLE`) and by ward.

    Parameters
    ----------
    incidents : DataFrame
        The run's own, as `schema.REPORTS` and `schema.PLACED`.
    cell_size_m : float
    """
    in_ward = incidents["placement"].eq("in ward").to_numpy(dtype=bool)
    inside = incidents[in_ward]
    kinds = pd.DataFrame(
        {
            "ward": inside["ward_gss_code"].to_numpy(),
            "reports": 1,
            "placed": is_placed(inside, cell_size_m).astype(np.int64),
            "coarse": is_coarse(inside, cell_size_m).astype(np.int64),
            "ward_only": (~_has_point(inside)).astype(np.int64),
        }
    )
    by_ward = kinds.groupby("ward", sort=True)[list(_COUNTED)].sum()
    whole = kinds[list(_COUNTED)].sum()
    lost = int(incidents["placement"].eq("unlocated").sum())
    counted = {WHOLE: Placed(int(whole["reports"]) + lost, *(int(whole[name]) for name in _COUNTED[1:]))}
    for code, *numbers in by_ward.itertuples():
        counted[str(code)] = Placed(*(int(number) for number in numbers))
    return counted


def stored(counts: Mapping[str, Any], ward: str = WHOLE) -> Placed | None:
    """Read what a stored run counted, of the whole or of one ward; None where it says nothing.

    Runs made before error radii were looked at told points from none, and no ward apart.
    """
    if "placing" in counts:
        told = counts["placing"].get(ward)
        return Placed(**{name: int(told[name]) for name in _COUNTED}) if told else Placed(0, 0)
    if ward or not counts.get("incidents"):
        return None
    reports = counts["incidents"] - counts.get("outside", 0)
    ward_only = counts.get("ward_only", 0)
    return Placed(reports, reports - counts.get("unlocated", 0) - ward_only, 0, ward_only)
