"""The ladders by which two reports are compared, each level with its m and u, and the limits of looking.

m: how often two accounts of one event land there. u: how often two strangers do that are alike enough
to be compared at all (akin in category, within `MOST_RADII` and `MOST_GAP_MIN`). Measured on the
invented boroughs of seeds 1-30; where a borough is kinder than the world (no clock is ever wrong, no
second account more than 25 minutes late), part of m goes to the levels that it never shows. What was
measured and what was set by judgement is told level by level in `docs/methods.md`.
"""

import math
from dataclasses import dataclass
from typing import Final

# How far apart two accounts may be and still be compared.
MOST_RADII: Final = 2.5  # distance, in radii of both points' errors taken together
MOST_GAP_MIN: Final = 120.0
SHARP_MIN: Final = 60.0  # windows together no longer than this: the time is known
MOST_WINDOW_MIN: Final = 36 * 60.0  # a report's own window; longer ones, as a month, are not compared
MOST_ERROR_M: Final = 250.0  # a point less sure than this places an event nowhere

# The error of two handheld fixes together, for which the distance weighs what the ladder says: the
# strangers inside a radius grow with its square, so a wider one takes 2 log2(radius / this) bits off.
USUAL_ERROR_M: Final = math.hypot(25.0, 25.0)


@dataclass(frozen=True)
class Level:
    """One rung: what it is called, and how often events (m) and strangers (u) stand on it."""

    name: str
    m: float
    u: float

    @property
    def bits(self) -> float:
        """What standing on it says, in bits; 0 is nothing."""
        return math.log2(self.m / self.u)


Ladder = tuple[Level, ...]

# The share of the pairs compared that are one event: 0.84 in the boroughs, and less where partners
# share less of their work. A doubtful pair costs a person a minute, a wrong one an event.
PRIOR: Final = 0.7

CATEGORY: Final[Ladder] = (
    Level("same", 0.98, 0.69),
    Level("akin", 0.02, 0.31),
)
# In radii of both errors together.
DISTANCE: Final[Ladder] = (
    Level("within half a radius", 0.60, 0.25),
    Level("within a radius", 0.36, 0.20),
    Level("within one and a half", 0.03, 0.21),
    Level("farther", 0.01, 0.34),
)
DISTANCE_UP_TO: Final = (0.5, 1.0, 1.5)
TIME: Final[Ladder] = (
    Level("within 10 minutes", 0.42, 0.10),
    Level("within 25 minutes", 0.53, 0.15),
    Level("within 50 minutes", 0.02, 0.24),
    Level("an hour apart", 0.02, 0.17),  # or a clock that was not put forward
    Level("within two hours", 0.01, 0.34),
    Level("the same day, at no known hour", 0.5, 0.5),
)
TIME_UP_TO: Final = (10.0, 25.0, 50.0, 70.0)
WORDS: Final[Ladder] = (
    Level("a word in common", 0.94, 0.83),
    Level("no word in common", 0.06, 0.17),
    Level("one says nothing", 1.0, 1.0),
)
WORDS_DOWN_TO: Final = (0.7,)
ACCOUNTS: Final[Ladder] = (
    Level("much the same account", 0.12, 0.08),
    Level("another account", 0.88, 0.92),
    Level("one says nothing", 1.0, 1.0),
)
ACCOUNTS_DOWN_TO: Final = (0.8,)
# Reports of the same matter close by, the pair left out: among many, two that meet prove little.
BUSY_M: Final = 100.0  # east or west, and north or south
BUSY_DAYS: Final = 14.0  # before or after
BUSY: Final[Ladder] = (
    Level("no other report", 0.66, 0.07),
    Level("one other", 0.21, 0.08),
    Level("two others", 0.07, 0.07),
    Level("three others", 0.025, 0.06),
    Level("four to six", 0.022, 0.26),
    Level("more", 0.013, 0.46),
)
BUSY_UP_TO: Final = (0, 1, 2, 3, 6)
