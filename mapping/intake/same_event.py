"""Which reports of different sources tell of one event, and how sure that is.

Fellegi and Sunter's way of linking records: two reports are compared in what, where, when and in
which words; each comparison lands on one level of a ladder, and a level weighs log2(m / u) bits:
how much more often it is met between two accounts of one event (m) than between strangers (u).
The weights and a prior add up to the odds. See `docs/methods.md`, and decision 0016.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import categories, schema
from mapping.intake import event_words
from mapping.intake.link_weights import (
    CATEGORY, DISTANCE, MOST_ERROR_M, MOST_GAP_MIN, MOST_RADII, MOST_WINDOW_MIN, PRIOR, SHARP_MIN, TELLING, TIME,
    USUAL_ERROR_M, WORDS, Ladder,
)  # fmt: skip

JOIN: Final = 0.9
QUEUE: Final = 0.3

# What the comparison reads of a report.
COLUMNS: Final = (
    "report_key", "source", "category", "occurred_from", "occurred_to", "time_precision", "reported_at",
    "place_text", "easting_m", "northing_m", "error_m", "description",
)  # fmt: skip
# What is kept of a pair, beside the two reports.
EVIDENCE: Final = ("distance_m", "error_m", "minutes", "words", "accounts")
PAIRS: Final = ("first", "second", *EVIDENCE, "category", "weights", "bits")
_CELL_M: Final = 100.0  # the error of a point that says none: one cell of the map
# So many reports of one source at one spot in one hour are a default of some system, not events.
_CROWD: Final = 50

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def candidate_links(
    reports: pd.DataFrame,
    *,
    joined: Iterable[tuple[int, int]] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> pd.DataFrame:
    """Find the reports that tell of one event.

    Parameters
    ----------
    reports : DataFrame, n rows, EPSG:27700
        With `COLUMNS` of `schema.REPORTS`, `report_key` unique. Not changed.
    joined, apart : pairs of positions in `reports`
        What a person has said already. It is taken as it is, is not returned, and shapes the rest.

    Returns
    -------
    DataFrame, one row a link, by `first` and `second`
        `first`, `second` (positions in `reports`), `score` (0-1), `state` (joined or queued),
        `distance_m`, `error_m`, `minutes`, `words`, `accounts`, `category` (same or akin),
        `weights` (dict of bits by comparison).

    Notes
    -----
    Never links two reports of one source (they have references to be told apart by), nor one that
    has no point, or no finer time than a month. An event is told once per source: rival pairs share
    their odds, and of two that cannot both be, the likelier is joined. The order of the rows does not
    matter.

    References
    ----------
    Fellegi, I. P. & Sunter, A. B. (1969). A theory for record linkage. Journal of the American
    Statistical Association, 64(328), 1183-1210.
    """
    return decide(reports, compare(reports), joined=joined, apart=apart)
