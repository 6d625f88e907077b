"""How a map looks: one accent, one warm ramp in at most five classes, and where the classes part.

The ramp falls evenly in lightness, so it reads the same to colour-blind eyes and on a grey
printer; every class and every kind of shape also differs by hatch, dash or number.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

# ColorBrewer "OrRd" without its faintest step, which vanishes on paper.
RAMP: Final = ("#fdd49e", "#fdbb84", "#fc8d59", "#e34a33", "#a50f15")
HATCHES: Final = ("", "", "//", "xx", "oo")  # matplotlib's names, one for each class

ACCENT: Final = "#12436d"  # hotspot outlines and numbers
INK: Final = "#0b0c0c"
QUIET_INK: Final = "#505a5f"
PAPER: Final = "#ffffff"
OUTSIDE: Final = "#eceff1"  # land outside the study area: not zero, only unknown
WARD_LINE: Final = "#8a9299"
FOCUS_LINE: Final = "#0b0c0c"
CAUTION: Final = "#594d00"
BASE_COLOURS: Final = {"water": "#d3e3ee", "parks": "#dfead9", "roads": "#c3c8cd", "shops": "#5b4b8a"}
BASE_COLOUR: Final = "#cfd4d8"  # a layer whose name is not in the table

# Only the hottest twentieth of the squares is shaded: a wall of colour points nowhere.
SHADED_SHARE: Final = 0.05
_STEPS: Final = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)


def score_breaks(scores: npt.ArrayLike, *, shaded_share: float = SHADED_SHARE) -> tuple[float, ...]:
    """Find round lower limits of the shaded classes.

    Parameters
    ----------
    scores : array-like of float, shape (n,)
        One for each cell of the whole study area; NaN is ignored.
    shaded_share : float, 0-1
        Share of the cells to shade, about: the lowest limit is rounded.

    Returns
    -------
    tuple of float, at most `len(RAMP)` long, rising
        Empty when no score is above zero. Limits rise in equal ratios, since scores of places do.
    """
    values = np.asarray(scores, dtype=np.float64)
    values = values[np.isfinite(values) & (values > 0)]
    if not values.size:
        return ()
    rank = max(1, round(shaded_share * np.asarray(scores).size))
    low = float(np.sort(values)[-min(rank, values.size)])
    high = float(values.max())
    ratio = (high / low) ** (1 / len(RAMP))
    return tuple(sorted({_round(low * ratio**step) for step in range(len(RAMP))}))


def _round(value: float) -> float:
    """Round to the nearest number that people like to read, by ratio, below or above."""
    power = 10.0 ** math.floor(math.log10(value))
    choices = [step * scale for scale in (power, power * 10) for step in _STEPS]
    return float(f"{min(choices, key=lambda choice: abs(math.log(choice / value))):.6g}")


def class_of(scores: npt.ArrayLike, breaks: Sequence[float]) -> npt.NDArray[np.int64]:
    """Return the class of each score, from 0 for the coolest; -1 where it is below every limit or NaN."""
    values = np.nan_to_num(np.asarray(scores, dtype=np.float64), nan=-np.inf)
    return np.searchsorted(np.asarray(breaks, dtype=np.float64), values, side="right") - 1


def class_colours(count: int) -> tuple[str, ...]:
    """Return `count` colours of the ramp, always ending with the strongest."""
    return RAMP[len(RAMP) - count :]


def class_hatches(count: int) -> tuple[str, ...]:
    """Return the hatches that go with `class_colours`."""
    return HATCHES[len(HATCHES) - count :]


def class_labels(breaks: Sequence[float]) -> tuple[str, ...]:
    """Say each class in words: `2 to 5`, and for the last `12 or more`."""
    closed = [f"{low:g} to {high:g}" for low, high in pairwise(breaks)]
    return (*closed, *(f"{low:g} or more" for low in breaks[-1:]))
