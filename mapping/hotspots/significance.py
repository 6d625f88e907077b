"""Is there more here than chance would put here? Exact small-count tests and one correction.

The null says: a ward's incidents fall evenly on the cells that can hold a report. A cell can
hold one if any report of any kind was ever placed in it (an address, a street, a snap point),
so that fields and water do not make every street look busy. Given the ward's total the count of
a cell is then binomial, and its tail is exact however small the count.

Counts are whole incidents, unweighted. The test says where incidents gather within a ward; it
does not say why, how many people pass there, or that it will go on.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mapping.errors import TooLittleDataError
from mapping.hotspots.grid import FloatArray, IntArray, sum_by

MIN_CELLS = 10


@dataclass(frozen=True)
class Baseline:
    """Where a ward's incidents would fall if no place in it stood out.

    Attributes
    ----------
    ward : int array, shape (n,)
        Ward of each study cell.
    share : float array, shape (n,)
        Share of its ward's incidents that each cell would hold; adds up to 1 per ward that
        has a usable cell.
    """

    ward: IntArray
    share: FloatArray

    def expected(self, counts: FloatArray) -> FloatArray:
        """Spread each ward's total by the baseline, shape (n,)."""
        return self.ward_totals(counts)[self.ward] * self.share

    def ward_totals(self, counts: FloatArray) -> FloatArray:
        """Add up counts per ward."""
        return sum_by(self.ward, counts, int(self.ward.max()) + 1)


def even_baseline(ward: IntArray, can_hold: npt.NDArray[np.bool_]) -> Baseline:
    """Spread each ward's incidents evenly over the cells that can hold a report.

    Raises
    ------
    TooLittleDataError
        Fewer than ten cells can hold a report: nothing can stand out among so few.
    """
    usable = int(can_hold.sum())
    if usable < MIN_CELLS:
        raise TooLittleDataError(
            f"Only {usable} cells hold any report; at least {MIN_CELLS} are needed to say what stands out. "
            "Use a smaller cell size, a longer period or a larger area."
        )
    room = sum_by(ward, can_hold, int(ward.max()) + 1)
    return Baseline(ward, np.where(can_hold, 1.0 / np.maximum(room, 1.0)[ward], 0.0))


def upper_tail(counts: npt.ArrayLike, totals: npt.ArrayLike, shares: npt.ArrayLike) -> FloatArray:
    """Return the chance of at least `counts` of `totals` falling where `shares` would put them.

    Exact one-sided binomial tail; 1 where the count is 0.

    Parameters
    ----------
    counts, totals : array-like of whole numbers, shape (n,)
    shares : array-like of float in 0-1, shape (n,)

    References
    ----------
    Clopper, C. & Pearson, E. (1934). The use of confidence or fiducial limits illustrated in the
    case of the binomial. Biometrika, 26, 404-413. (The tail as an incomplete beta function.)
    """
    from scipy.special import betainc

    came = np.asarray(counts, dtype=np.float64)
    total = np.broadcast_to(np.asarray(totals, dtype=np.float64), came.shape)
    share = np.clip(np.broadcast_to(np.asarray(shares, dtype=np.float64), came.shape), 0.0, 1.0)
    p_value = np.ones(came.shape)
    some = came > 0
    p_value[some] = betainc(came[some], total[some] - came[some] + 1.0, share[some])
    return p_value


def control_fdr(p_values: npt.ArrayLike) -> FloatArray:
    """Correct p-values so that the share of false finds among those called is controlled.

    Benjamini-Hochberg step-up; valid for the positive dependence of neighbouring counts.

    Returns
    -------
    float array, shape (n,)
        Smallest false-discovery rate at which each would be called; never below its p-value.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B, 57, 289-300.
    """
    values = np.asarray(p_values, dtype=np.float64)
    count = len(values)
    if count == 0:
        return values.copy()
    order = np.argsort(values, kind="stable")
    scaled = values[order] * count / np.arange(1, count + 1)
    corrected = np.empty(count)
    corrected[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return corrected


def assess_cells(counts: FloatArray, baseline: Baseline) -> tuple[FloatArray, FloatArray]:
    """Test every study cell that can hold a report, and correct over the borough.

    Returns
    -------
    p_value, p_value_fdr : float arrays, shape (n,)
        1 in cells that can hold no report.
    """
    p_value = upper_tail(counts, baseline.ward_totals(counts)[baseline.ward], baseline.share)
    tested = baseline.share > 0
    corrected = np.ones(len(p_value))
    corrected[tested] = control_fdr(p_value[tested])
    return p_value, corrected
