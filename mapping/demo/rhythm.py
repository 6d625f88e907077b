"""When things happen: season, day of the week, hour. Local clock time, as a sheet would show it.

Each category has a pattern; a planted place may have its own. A pattern gives every hour of the 24
months a weight, and incidents are drawn from those hours. Hours that the clock skips in
March weigh nothing, so no incident ever falls into one.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

FIRST_DAY: Final = dt.date(2024, 10, 1)
DAYS: Final = 730  # to 30 September 2026
MONTHS: Final = tuple(f"{(9 + n) // 12 + 2024}-{(9 + n) % 12 + 1:02d}" for n in range(24))
SKIPPED_HOURS: Final = (dt.datetime(2025, 3, 30, 1), dt.datetime(2026, 3, 29, 1))  # noqa: DTZ001  wall clock

Hours = tuple[int, int]  # from, up to; may run past midnight: (22, 3)

_START: Final = np.datetime64(FIRST_DAY.isoformat(), "D")
_ALL_HOURS: Final = _START.astype("datetime64[h]") + np.arange(DAYS * 24)
_DAY: Final = _ALL_HOURS.astype("datetime64[D]")
_HOUR: Final = (np.arange(DAYS * 24) % 24).astype(np.int64)
_WEEKDAY: Final = ((_DAY.astype(np.int64) + 3) % 7).astype(np.int64)  # Monday is 0
_YEAR_DAY: Final = (_DAY - _DAY.astype("datetime64[Y]")).astype(np.int64)
_MONTH: Final = (_ALL_HOURS.astype("datetime64[M]") - _START.astype("datetime64[M]")).astype(np.int64)
_IS_SKIPPED: Final = np.isin(_ALL_HOURS, np.array(SKIPPED_HOURS, dtype="datetime64[h]"))


@dataclass(frozen=True)
class Pattern:
    """The peak (days and hours), the share of incidents that keep to it, and the season.

    `summer` and `winter` say how much more there is at midsummer and midwinter than on average.
    """

    days: tuple[int, ...]
    hours: Hours
    share: float
    summer: float = 0.0
    winter: float = 0.0
    bonfire: float = 0.0


EVERY_DAY: Final = (0, 1, 2, 3, 4, 5, 6)
_WEEKDAYS: Final = (0, 1, 2, 3, 4)
_WEEKEND: Final = (5, 6)

PATTERNS: Final = {
    "Anti-social behaviour": Pattern(EVERY_DAY, (17, 23), 0.65, summer=0.3),
    "ASB nuisance": Pattern(EVERY_DAY, (16, 22), 0.7, summer=0.35),
    "ASB personal": Pattern(EVERY_DAY, (15, 23), 0.6),
    "ASB environmental": Pattern(_WEEKDAYS, (8, 16), 0.75),
    "Public order": Pattern((4, 5), (20, 25), 0.35, summer=0.1),
    "Violence and sexual offences": Pattern((4, 5), (20, 26), 0.3),
    "Criminal damage and arson": Pattern(EVERY_DAY, (19, 25), 0.5),
    "Burglary": Pattern(_WEEKDAYS, (9, 17), 0.4, winter=0.35),
    "Vehicle crime": Pattern(EVERY_DAY, (22, 29), 0.6, winter=0.15),
    "Bicycle theft": Pattern(_WEEKDAYS, (9, 18), 0.6, summer=0.4),
    "Other theft": Pattern(EVERY_DAY, (9, 19), 0.6),
    "Shoplifting": Pattern(EVERY_DAY, (10, 19), 0.85),
    "Theft from the person": Pattern(EVERY_DAY, (11, 23), 0.7),
    "Robbery": Pattern(EVERY_DAY, (18, 26), 0.6),
    "Drugs": Pattern(EVERY_DAY, (13, 23), 0.7),
    "Possession of weapons": Pattern(EVERY_DAY, (15, 24), 0.7),
    "Deliberate fire": Pattern(EVERY_DAY, (17, 23), 0.7, summer=0.35, bonfire=3.5),
    "Deliberate fire (primary)": Pattern(EVERY_DAY, (20, 28), 0.6),
    "Deliberate fire (vehicle)": Pattern(EVERY_DAY, (22, 28), 0.7),
    "Noise": Pattern((4, 5, 6), (20, 27), 0.55, summer=0.3),
    "Neighbour complaint": Pattern(EVERY_DAY, (9, 21), 0.8, summer=0.15),
    "Fly-tipping": Pattern(_WEEKDAYS, (7, 12), 0.75),
    "Off-road vehicles": Pattern(_WEEKEND, (11, 19), 0.65, summer=0.3),
    "Animals": Pattern(EVERY_DAY, (8, 20), 0.8),
    "Concern for person": Pattern(EVERY_DAY, (8, 24), 0.7),
    "Other crime": Pattern(EVERY_DAY, (9, 18), 0.6),
}

# What is left outside the peak: little before dawn, most in the evening.
_USUAL_DAY: Final = np.array(
    [5, 3, 2, 1, 1, 1, 2, 3, 4, 5, 5, 6, 6, 6, 6, 7, 8, 8, 9, 9, 9, 9, 8, 7], dtype=np.float64
)


def hour_weights(pattern: Pattern) -> npt.NDArray[np.float64]:
    """Return the weight of each hour of the 24 months, shape (17520,)."""
    peak = _in_peak(pattern).astype(np.float64)
    usual = _USUAL_DAY[_HOUR]
    week = pattern.share * peak / peak.sum() + (1 - pattern.share) * usual / usual.sum()
    height = np.cos((_YEAR_DAY - 196) / 365.25 * 2 * np.pi)  # 1 in mid-July, -1 in mid-January
    season = 1 + (pattern.summer - pattern.winter) * height
    season += pattern.bonfire * ((_YEAR_DAY >= 299) & (_YEAR_DAY <= 309))  # 27 October to 5 November
    return np.asarray(np.where(_IS_SKIPPED, 0.0, week * season))


def draw(
    weights: npt.NDArray[np.float64],
    count: int,
    rng: np.random.Generator,
    *,
    month_weights: npt.ArrayLike | None = None,
) -> npt.NDArray[np.datetime64]:
    """Draw `count` local moments to the minute from hours weighted by `weights`.

    With `month_weights`, shape (24,), each month gets its share of them, whatever the season.
    """
    if month_weights is not None:
        held = np.bincount(_MONTH, weights, minlength=len(MONTHS))
        weights = weights * (np.asarray(month_weights) / held)[_MONTH]
    edges = np.cumsum(weights)
    hour = np.searchsorted(edges, rng.random(count) * edges[-1], side="right")
    minutes = rng.integers(0, 60, count)
    # People round: two in five say a full five minutes.
    minutes = np.where(rng.random(count) < 0.4, minutes // 5 * 5, minutes)
    return np.asarray(_ALL_HOURS[hour].astype("datetime64[m]") + minutes)


def month_of(moments: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    """Return the number, 0 to 23, of the month of each local moment."""
    return np.asarray((moments.astype("datetime64[M]") - _START.astype("datetime64[M]")).astype(np.int64))


def out_of_the_gap(moments: npt.NDArray[np.datetime64]) -> npt.NDArray[np.datetime64]:
    """Move moments that the clock skipped an hour on, as a phone would have shown them."""
    skipped = np.isin(moments.astype("datetime64[h]"), np.array(SKIPPED_HOURS, dtype="datetime64[h]"))
    return np.asarray(np.where(skipped, moments + np.timedelta64(60, "m"), moments))


def _in_peak(pattern: Pattern) -> npt.NDArray[np.bool_]:
    """Say of each hour whether it is in the peak; hours past midnight belong to the evening before."""
    first, last = pattern.hours
    same = np.isin(_WEEKDAY, pattern.days) & (first <= _HOUR) & (last > _HOUR)
    night = np.isin((_WEEKDAY - 1) % 7, pattern.days) & (last > _HOUR + 24)
    return np.asarray(same | night)
