"""What a map would look like if no place of a ward stood out: the null of every test.

A ward's incidents fall on the cells that can hold a report, evenly but for the ordinary differences
between places. Those are gamma distributed with shape `k`, the same for every cell of a ward: given
the ward's total its cells are then Dirichlet-multinomial, and one cell is beta-binomial. The larger
`k`, the more alike the places; without a limit the cells are multinomial.

`k` is read from the ordinary cells alone. A cell above the ward's ninetieth percentile tells only
that it is above, so that the hotspots that are looked for do not pass themselves off as ordinary.
Trouble is so concentrated that its lesser places would still do so: differences steeper than
`LEAST_ALIKE` are never taken for ordinary (decision 0022).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from mapping.errors import TooLittleDataError
from mapping.hotspots.grid import FloatArray, IntArray, sum_by

BoolArray = npt.NDArray[np.bool_]

MIN_CELLS: Final = 10
ORDINARY_SHARE: Final = 0.9
LEAST_CENSORED: Final = 2  # counts up to this are always read whole: sparse kinds have little else
LEAST_ALIKE: Final = 3.0  # what is steeper is no ordinary difference but what is looked for
ALIKE: Final = 1e4  # a shape from here on is as good as none: the cells are multinomial
SHAPES: Final = np.append(np.geomspace(LEAST_ALIKE, 300.0, 24), ALIKE)
LEVELS: Final = np.geomspace(0.1, 1.2, 16)  # an ordinary cell's rate over its share of its ward
WARD_SD: Final = 0.7  # of a ward's log shape about the borough's


@dataclass(frozen=True)
class Null:
    """Where a ward's incidents would fall if no place in it stood out.

    Attributes
    ----------
    ward : int array, shape (n,)
        Ward of each study cell.
    share : float array, shape (n,)
        Share of its ward's incidents that each cell would hold on average; adds up to 1 per ward
        that has a usable cell, and is 0 in cells that can hold no report.
    shape : float array, shape (wards,)
        How alike the cells of each ward are (`k`); `ALIKE` where nothing tells them apart.
    """

    ward: IntArray
    share: FloatArray
    shape: FloatArray

    def expected(self, counts: FloatArray) -> FloatArray:
        """Spread each ward's total over its cells, shape (n,)."""
        return self.ward_totals(counts)[self.ward] * self.share

    def ward_totals(self, counts: FloatArray) -> FloatArray:
        """Add up counts per ward, shape (wards,)."""
        return sum_by(self.ward, counts, len(self.shape))

    @property
    def concentration(self) -> FloatArray:
        """Sum of the Dirichlet's parameters of each ward, shape (wards,); infinite where cells are alike."""
        return np.where(self.shape >= ALIKE, np.inf, self.shape * self.cells)

    @cached_property
    def cells(self) -> FloatArray:
        """Cells of each ward that can hold a report, at least 1, shape (wards,)."""
        return np.maximum(sum_by(self.ward, self.share > 0, len(self.shape)), 1.0)


def fit_null(
    counts: FloatArray, ward: IntArray, everything: FloatArray, room: FloatArray | None = None
) -> Null:
    """Spread each ward over its usable cells and read how much they ordinarily differ.

    Parameters
    ----------
    counts : float array, shape (n,)
        Whole incidents of the kind that is tested, per study cell.
    ward : int array, shape (n,)
    everything : float array, shape (n,)
        Whole incidents of any kind: a cell can hold a report where one was ever placed.
    room : float array, shape (n,), optional
        How much of its ward each usable cell would hold; evenly where not given.

    Raises
    ------
    TooLittleDataError
        Fewer than ten cells can hold a report: nothing can stand out among so few.

    Notes
    -----
    Each ward's shape and the rate of its ordinary cells have the highest likelihood of a negative
    binomial whose counts above the ninetieth percentile are censored; a cell that is known to hold a
    report only because one of these was placed there is read as one that cannot be empty. A ward's
    log shape is held to the borough's by a normal with standard deviation `WARD_SD`, since a small
    ward says little alone. Shapes are looked for among `SHAPES`.

    References
    ----------
    Johnson, N. L., Kemp, A. W. & Kotz, S. (2005). Univariate discrete distributions, 3rd ed., 5.
    (Negative binomial as a gamma mixture; conditional on the total, Dirichlet-multinomial.)
    """
    usable = everything > 0
    if usable.sum() < MIN_CELLS:
        raise TooLittleDataError(
            f"Reports lie in {int(usable.sum())} of the cells; at least {MIN_CELLS} are needed to say what "
            "stands out. Use a smaller cell size, a longer period or a larger area."
        )
    wards = int(ward.max()) + 1
    weight = usable.astype(np.float64) if room is None else np.where(usable, np.maximum(room, 1.0), 0.0)
    whole = sum_by(ward, weight, wards)
    share = weight / np.maximum(whole, 1e-300)[ward]
    alone = everything <= counts
    mean = (sum_by(ward, counts, wards)[ward] * share)[usable]
    return Null(ward, share, _fit_shapes(counts[usable], ward[usable], alone[usable], mean, wards))


def _fit_shapes(
    counts: FloatArray, ward: IntArray, alone: BoolArray, mean: FloatArray, wards: int
) -> FloatArray:
    """Return the shape of each ward, from its usable cells and what each would hold."""
    limit = _censor_above(counts, ward, wards)
    likelihood = _profile(counts, ward, alone, mean, limit)
    borough = SHAPES[int(np.argmax(likelihood.sum(axis=0)))]
    held = likelihood - (np.log(SHAPES) - np.log(borough)) ** 2 / (2 * WARD_SD**2)
    return np.asarray(SHAPES[np.argmax(held, axis=1)])


def _censor_above(counts: FloatArray, ward: IntArray, wards: int) -> FloatArray:
    """Return the count above which a ward's cells tell only that they are above it, shape (wards,)."""
    order = np.lexsort((counts, ward))
    size = np.bincount(ward, minlength=wards)
    first = np.concatenate([[0], np.cumsum(size)[:-1]])
    at = first + np.minimum(np.ceil(ORDINARY_SHARE * size).astype(np.int64), np.maximum(size - 1, 0))
    sorted_counts = np.append(counts[order], 0.0)
    return np.maximum(sorted_counts[np.minimum(at, len(counts))], LEAST_CENSORED)


def _profile(
    counts: FloatArray, ward: IntArray, alone: BoolArray, mean: FloatArray, limit: FloatArray
) -> FloatArray:
    """Return each ward's likelihood for every shape at its best rate, shape (wards, shapes)."""
    above = counts > limit[ward]
    kinds, times = np.unique(
        np.column_stack([ward, np.where(above, limit[ward], counts), above, alone, mean]),
        axis=0,
        return_counts=True,
    )  # cells that say the same are read once
    at, value, expected = kinds[:, 0].astype(np.int64), kinds[:, 1], kinds[:, 4]
    is_above, is_alone = kinds[:, 2] > 0, kinds[:, 3] > 0
    best = np.full((len(limit), len(SHAPES)), -np.inf)
    for level in LEVELS:
        rate = np.maximum(level * expected, 1e-9)
        told = _log_likelihood(value, rate, is_above, is_alone) * times[:, None]
        whole = np.stack([sum_by(at, told[:, k], len(limit)) for k in range(len(SHAPES))], axis=1)
        best = np.maximum(best, whole)
    return best


def _log_likelihood(value: FloatArray, rate: FloatArray, above: BoolArray, alone: BoolArray) -> FloatArray:
    """Return the log likelihood of every kind of cell for every shape, shape (kinds, shapes)."""
    from scipy.special import betainc, gammaln

    k, mu, y = SHAPES[None, :], rate[:, None], value[:, None]
    empty = -k * np.log1p(mu / k)  # log chance of nothing
    exactly = gammaln(y + k) - gammaln(k) - gammaln(y + 1.0) + empty + y * (np.log(mu) - np.log(mu + k))
    more = np.log(np.maximum(betainc(y + 1.0, k, mu / (mu + k)), 1e-300))
    told = np.where(above[:, None], more, exactly)
    some = np.log(np.maximum(-np.expm1(empty), 1e-300))
    return np.asarray(np.where(alone[:, None], told - some, told))
