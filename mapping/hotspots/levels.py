"""How many events to expect in all, and how far off that may be.

Where events fall is the methods' business; how many come is told better by the recent totals of the
whole area. Several simple ways are rehearsed on the months already seen, and the one that was
least far off sets the level of every score.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from mapping.hotspots.grid import FloatArray
from mapping.hotspots.history import History, Scorer

MOST_REHEARSED: Final = 12
FEWEST_REHEARSED: Final = 4  # with fewer, nothing can be said of which is better
BETTER_BY: Final = 0.2  # a way must be so much less far off than the default to take its place
DEFAULT: Final = "fading months"
YEAR: Final = 12

Rates = Callable[[FloatArray, FloatArray, int], float]


def _last(months: int) -> Rates:
    def rate(totals: FloatArray, days: FloatArray, end: int) -> float:
        held = [m for m in range(end) if days[m] > 0][-months:]
        return float(totals[held].sum() / days[held].sum()) if held else 0.0

    return rate


def _faded(totals: FloatArray, days: FloatArray, end: int) -> float:
    fade = 0.6 ** np.arange(end)[::-1]
    return float(fade @ totals[:end] / max(float(fade @ days[:end]), 1.0))


def _as_last_year(totals: FloatArray, days: FloatArray, end: int) -> float:
    """Return last year's rate of the same month, raised by what the last three months were above theirs."""
    before = end - YEAR
    now = [m for m in range(end - 3, end) if m - YEAR >= 0 and days[m] > 0 and days[m - YEAR] > 0]
    if before < 0 or days[before] == 0 or not now:
        return float("nan")
    then = [m - YEAR for m in now]
    ratio = (totals[now].sum() / days[now].sum()) / max(totals[then].sum() / days[then].sum(), 1e-9)
    # Half of what the same month was above its year, because one month's excess is mostly chance.
    return float(np.sqrt(totals[before] / days[before] * ratio * max(_faded(totals, days, end), 1e-9)))


WAYS: Final[dict[str, Rates]] = {
    "last month": _last(1),
    "last 3 months": _last(3),
    "last 6 months": _last(6),
    "last 12 months": _last(YEAR),
    DEFAULT: _faded,
    "same month a year ago": _as_last_year,
}


@dataclass(frozen=True)
class Level:
    """The way that sets the level, and how far off it was.

    Attributes
    ----------
    way : str
        Key of `WAYS`.
    months : list of int
        Months it was rehearsed on.
    expected, came : float arrays, shape (months,)
        Totals of the study area.
    """

    way: str
    months: list[int]
    expected: FloatArray
    came: FloatArray

    def rate(self, history: History, end: int) -> float:
        """Return the events a day expected in the study area after month `end`."""
        found = WAYS[self.way](history.totals(), history.days, end)
        return found if np.isfinite(found) else WAYS[DEFAULT](history.totals(), history.days, end)

    def describe(self) -> str:
        """Say in words where the level comes from."""
        return f"level of the {self.way}"


def choose_level(history: History, *, kept: str = "") -> Level:
    """Choose the way whose totals were least far off in the months already seen.

    The mean absolute log ratio of came to expected is compared, over up to 12 rehearsed months. The
    fading mean of all months stays unless another was less far off by a fifth.

    Parameters
    ----------
    history : History
    kept : str
        A way chosen before, to be used again.
    """
    totals, days, last = history.totals(), history.days, history.whole_months()
    possible = [m for m in range(1, last) if days[m] > 0 and days[:m].sum() > 0]
    months = possible[-MOST_REHEARSED:]
    made = {name: np.array([rate(totals, days, m) * days[m] for m in months]) for name, rate in WAYS.items()}
    way = kept if kept in WAYS else DEFAULT
    if not kept:
        way = _least_far_off(made, totals[months])
    expected = np.where(np.isfinite(made[way]), made[way], made[DEFAULT])
    return Level(way, months, expected, totals[months])


def _least_far_off(made: dict[str, FloatArray], came: FloatArray) -> str:
    """Return the way that was least far off, if by enough, each against the default on its own months."""
    best, least = DEFAULT, 1 - BETTER_BY
    for name, expected in made.items():
        known = np.isfinite(expected)
        if name == DEFAULT or known.sum() < FEWEST_REHEARSED:
            continue
        ratio = _far_off(expected[known], came[known]) / max(
            _far_off(made[DEFAULT][known], came[known]), 1e-9
        )
        if ratio < least:
            best, least = name, ratio
    return best


def _far_off(expected: FloatArray, came: FloatArray) -> float:
    """Return the mean absolute log ratio of what came to what was expected; one is added to both."""
    return float(np.abs(np.log((came + 1) / (expected + 1))).mean())


@dataclass(frozen=True)
class Levelled:
    """A scorer whose total is set by a level."""

    scorer: Scorer
    level: Level

    def __call__(self, history: History, end: int) -> FloatArray:
        """Score, and raise or lower every cell by the same factor: events a day per study cell."""
        made = self.scorer(history, end)
        total = float(made.sum())
        return made * (self.level.rate(history, end) / total) if total > 0 else made
