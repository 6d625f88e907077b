"""Is there more here than chance would put here? Exact small-count tests and one correction.

The null is `null_model`'s: a ward's incidents fall on the cells that can hold a report, evenly but
for the ordinary differences between places. Given the ward's total the count of a cell is then
beta-binomial, or binomial where places are alike, and its tail is exact however small the count.

Counts are whole incidents, unweighted. The test says where incidents gather within a ward; it
does not say why, how many people pass there, or that it will go on.
"""

import numpy as np
import numpy.typing as npt

from mapping.hotspots.grid import FloatArray
from mapping.hotspots.null_model import Null

SETTLED = 1e-13  # a further term of a sum that adds less than this part of it is left out


def upper_tail(
    counts: npt.ArrayLike,
    totals: npt.ArrayLike,
    shares: npt.ArrayLike,
    concentration: npt.ArrayLike = np.inf,
) -> FloatArray:
    """Return the chance of at least `counts` of `totals` falling where `shares` would put them.

    Exact one-sided tail; 1 where the count is 0.

    Parameters
    ----------
    counts, totals : array-like of whole numbers, shape (n,)
    shares : array-like of float in 0-1, shape (n,)
    concentration : array-like of float > 0
        How firm the shares are: the sum of the beta distribution's two parameters. Without a limit
        the tail is binomial, else beta-binomial.

    References
    ----------
    Clopper, C. & Pearson, E. (1934). The use of confidence or fiducial limits illustrated in the
    case of the binomial. Biometrika, 26, 404-413. (The tail as an incomplete beta function.)
    Skellam, J. G. (1948). A probability distribution derived from the binomial distribution by
    regarding the probability of success as variable. JRSS B, 10, 257-261. (Beta-binomial.)
    """
    from scipy.special import betainc

    came = np.asarray(counts, dtype=np.float64)
    total = np.broadcast_to(np.asarray(totals, dtype=np.float64), came.shape)
    share = np.clip(np.broadcast_to(np.asarray(shares, dtype=np.float64), came.shape), 0.0, 1.0)
    firm = np.broadcast_to(np.asarray(concentration, dtype=np.float64), came.shape)
    p_value = np.ones(came.shape)
    certain = ~np.isfinite(firm) | (share == 0.0) | (share == 1.0)
    some = (came > 0) & certain
    p_value[some] = betainc(came[some], total[some] - came[some] + 1.0, share[some])
    loose = (came > 0) & ~certain
    p_value[loose] = _beta_binomial_tail(came[loose], total[loose], share[loose], firm[loose])
    return p_value


def _beta_binomial_tail(
    count: FloatArray, total: FloatArray, share: FloatArray, firm: FloatArray
) -> FloatArray:
    """Add up the beta-binomial from `count` on, or up to it where that is the shorter sum."""
    low = count <= total * share
    answer = np.empty(len(count))
    answer[low] = 1.0 - _run(count[low] - 1.0, total[low], share[low], firm[low], step=-1.0)
    answer[~low] = _run(count[~low], total[~low], share[~low], firm[~low], step=1.0)
    return np.clip(answer, 0.0, 1.0)


def _run(
    start: FloatArray, total: FloatArray, share: FloatArray, firm: FloatArray, *, step: float
) -> FloatArray:
    """Add up the terms from `start` upwards or downwards until they no longer count."""
    from scipy.special import betaln

    a, b, at = firm * share, firm * (1.0 - share), start.copy()
    possible = (at >= 0) & (at <= total)
    j, n = np.where(possible, at, 0.0), total
    choose = -np.log1p(n) - betaln(n - j + 1.0, j + 1.0)
    term = np.where(possible, np.exp(choose + betaln(j + a, n - j + b) - betaln(a, b)), 0.0)
    whole = term.copy()
    left = np.flatnonzero(possible)
    while len(left):
        j, n, la, lb = at[left], total[left], a[left], b[left]
        if step > 0:
            ratio = (n - j) / (j + 1.0) * (j + la) / np.maximum(n - j - 1.0 + lb, 1e-300)
        else:
            ratio = j / (n - j + 1.0) * (n - j + lb) / np.maximum(j - 1.0 + la, 1e-300)
        at[left] += step
        grown = np.where((at[left] >= 0) & (at[left] <= n), term[left] * ratio, 0.0)
        term[left] = grown
        whole[left] += grown
        # terms may still be rising towards the middle: only falling ones may be left out
        left = left[(grown > 0) & ((grown > SETTLED * whole[left]) | (ratio > 1.0))]
    return whole


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


def assess_cells(counts: FloatArray, null: Null) -> tuple[FloatArray, FloatArray]:
    """Test every study cell that can hold a report, and correct over the borough.

    Returns
    -------
    p_value, p_value_fdr : float arrays, shape (n,)
        1 in cells that can hold no report.
    """
    p_value = upper_tail(
        counts, null.ward_totals(counts)[null.ward], null.share, null.concentration[null.ward]
    )
    tested = null.share > 0
    corrected = np.ones(len(p_value))
    corrected[tested] = control_fdr(p_value[tested])
    return p_value, corrected
