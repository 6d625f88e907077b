"""Whether a map gathers at all: Moran's I, the Getis-Ord general G and join counts, over the whole of it.

Each says whether alike places lie together more than a random order of the same values would put them;
none says where, or why. All are refused where every value is the same.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mapping.errors import FlatCountsError, MappingError
from mapping.hotspots.grid import FloatArray
from mapping.hotspots.local_statistics import checked


@dataclass(frozen=True)
class Gathering:
    """One statistic of a whole map beside what chance would give.

    Attributes
    ----------
    statistic, expectation, variance : float
        As seen, and the first two moments under the null.
    """

    statistic: float
    expectation: float
    variance: float

    @property
    def deviate(self) -> float:
        """Standard deviations above what is expected."""
        return float((self.statistic - self.expectation) / np.sqrt(self.variance))

    @property
    def p_value(self) -> float:
        """One-sided chance of a deviate at least this high, by the normal curve."""
        from scipy.special import ndtr

        return float(ndtr(-self.deviate))


@dataclass(frozen=True)
class _Weights:
    """Weights and the sums that every variance needs (Cliff & Ord 1981: S0, S1, S2)."""

    matrix: Any
    total: float
    paired: float
    by_place: float


def morans_i(
    values: npt.ArrayLike, weights: Any, *, under: Literal["randomisation", "normality"] = "randomisation"
) -> Gathering:
    """Measure whether alike values lie together (Moran's I).

    Parameters
    ----------
    values : array-like of float, shape (n,), n >= 4
        Not all equal.
    weights : scipy sparse array, shape (n, n)
        Used as given, binary or row-standardised; nothing on the diagonal.
    under : {"randomisation", "normality"}
        The null: these values in a random order, or independent values of one normal distribution. Counts
        are skewed, so the first is the default.

    Raises
    ------
    FlatCountsError
        All values are equal, or there are fewer than four.
    MappingError
        The shapes do not fit, no links, or a place is its own neighbour.

    References
    ----------
    Cliff, A. D. & Ord, J. K. (1981). Spatial processes: models and applications. Pion, 42-46.
    """
    value, weight = _checked(values, weights)
    n = len(value)
    deviation = value - value.mean()
    squares = np.square(deviation).sum()
    statistic = n / weight.total * (deviation @ (weight.matrix @ deviation)) / squares
    expectation = -1.0 / (n - 1)
    s0, s1, s2 = weight.total, weight.paired, weight.by_place
    if under == "normality":
        second = (n**2 * s1 - n * s2 + 3 * s0**2) / (s0**2 * (n**2 - 1))
    else:
        kurtosis = n * np.power(deviation, 4).sum() / squares**2
        free = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
        tied = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
        second = (free - tied) / ((n - 1) * (n - 2) * (n - 3) * s0**2)
    return Gathering(float(statistic), expectation, float(second - expectation**2))


def general_g(values: npt.ArrayLike, weights: Any) -> Gathering:
    """Measure whether high values lie together, rather than low ones (Getis-Ord general G).

    Parameters
    ----------
    values : array-like of float >= 0, shape (n,), n >= 4
        Counts, or anything with a true zero; not all equal, and at least two above 0.
    weights : scipy sparse array of 0 and 1, shape (n, n)
        Nothing on the diagonal.

    Raises
    ------
    FlatCountsError
        All values are equal, or just one is above 0.
    MappingError
        As for `morans_i`; or a value is below 0.

    References
    ----------
    Getis, A. & Ord, J. K. (1992). The analysis of spatial association by use of distance statistics.
    Geographical Analysis, 24(3), 189-206 (equations 5-10).
    """
    value, weight = _checked(values, weights)
    if (value < 0).any():
        raise MappingError("The general G multiplies values, so none may be below 0.")
    n = len(value)
    first, second, third, fourth = (float(np.power(value, power).sum()) for power in (1, 2, 3, 4))
    products = first**2 - second
    if products == 0:
        raise FlatCountsError("Only one place has anything, so nothing can gather. Take a longer period.")
    s0, s1, s2 = weight.total, weight.paired, weight.by_place
    statistic = float(value @ (weight.matrix @ value)) / products
    expectation = s0 / (n * (n - 1))
    mean_square = (
        ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) * second**2
        - ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2) * fourth
        - (2 * n * s1 - (n + 3) * s2 + 6 * s0**2) * first**2 * second
        + (4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2) * first * third
        + (s1 - s2 + s0**2) * first**4
    ) / (products**2 * n * (n - 1) * (n - 2) * (n - 3))
    return Gathering(statistic, expectation, mean_square - expectation**2)


def join_count(is_marked: npt.ArrayLike, weights: Any) -> Gathering:
    """Count links between two marked places, against as many marks in a random order (nonfree sampling).

    Parameters
    ----------
    is_marked : array-like of bool, shape (n,), n >= 4
        E.g. whether a cell is hot; some and not all.
    weights : scipy sparse array, shape (n, n)
        Each link is there both ways and counts half each way.

    Raises
    ------
    FlatCountsError
        All places are marked, or none.
    MappingError
        As for `morans_i`.

    References
    ----------
    Cliff, A. D. & Ord, J. K. (1981). Spatial processes: models and applications. Pion, 19-20.
    """
    value, weight = _checked(np.asarray(is_marked, dtype=bool), weights)
    n, marked = len(value), value.sum()
    # chance that two, three, four given places are all marked
    two = marked * (marked - 1) / (n * (n - 1))
    three = two * (marked - 2) / (n - 2)
    four = three * (marked - 3) / (n - 3)
    s0, s1, s2 = weight.total, weight.paired, weight.by_place
    expectation = 0.5 * s0 * two
    mean_square = 0.25 * (s1 * two + (s2 - 2 * s1) * three + (s0**2 + s1 - s2) * four)
    return Gathering(
        float(0.5 * (value @ (weight.matrix @ value))),
        float(expectation),
        float(mean_square - expectation**2),
    )


def _checked(values: npt.ArrayLike, weights: Any) -> tuple[FloatArray, _Weights]:
    value, matrix = checked(values, weights, least=4)
    if matrix.diagonal().any() or not matrix.sum():
        raise MappingError("`weights` must link places, and none of them to itself.")
    both = matrix + matrix.T
    around = np.asarray(both.sum(axis=1), dtype=np.float64)
    paired = 0.5 * float((both * both).sum())
    return value, _Weights(matrix, float(matrix.sum()), paired, float(np.square(around).sum()))
