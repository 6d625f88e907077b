"""Which reports of different sources may tell of one event, and how sure that is.

Fellegi and Sunter's way of linking records: two reports are compared in what, where, when and in
which words; each comparison lands on one level of a ladder, and a level weighs log2(m / u) bits:
how much more often it is met between two accounts of one event (m) than between strangers (u).
The weights and a prior add up to the odds. `event_groups` says what follows from them. See
`docs/methods.md`, and decision 0016.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import categories, schema
from mapping.intake import event_words
from mapping.intake import link_weights as by
from mapping.periods import LONDON

# What the comparison reads of a report.
COLUMNS: Final = (
    "report_key", "source", "category", "occurred_from", "occurred_to", "time_precision", "reported_at",
    "place_text", "easting_m", "northing_m", "error_m", "description",
)  # fmt: skip
PAIRS: Final = (
    "first", "second", "distance_m", "error_m", "minutes", "others", "words", "accounts", "category",
    "is_sharp", "weights", "bits",
)  # fmt: skip
_DAY_MIN: Final = 24 * 60.0
_CELL_M: Final = 100.0  # the error of a point that says none: one cell of the map
# So many reports of one source at one spot in one hour are some system's default, not events.
_CROWD: Final = 50
# Reports are looked up among those whose points are about as sure: one vague point widens no other's search.
_ERROR_CLASSES_M: Final = (30.0, 100.0, by.MOST_ERROR_M)

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def compare(reports: pd.DataFrame) -> pd.DataFrame:
    """Weigh every two reports of different sources that could be one event at all.

    Parameters
    ----------
    reports : DataFrame, n rows, EPSG:27700
        With `COLUMNS` of `schema.REPORTS`. Not changed.

    Returns
    -------
    DataFrame, one row a pair, by `first` and `second`
        `first` < `second` (positions in `reports`); `distance_m`; `error_m` (both radii together);
        `minutes` between the two (0 where the windows meet); `others`, reports of the same matter about
        them; `words` and `accounts`, how alike the places' words and the descriptions are (0-1, NaN
        where one says nothing); `category`, same or akin; `is_sharp`, whether both times are known;
        `weights`, bits by comparison; `bits`, their sum and the prior's: log2 of the odds.

    Notes
    -----
    Left out are reports without a point or with one less sure than `link_weights.MOST_ERROR_M`, and
    those whose time is known no better than a day and a half: a month's reports are never compared.

    References
    ----------
    Fellegi, I. P. & Sunter, A. B. (1969). A theory for record linkage. Journal of the American
    Statistical Association, 64(328), 1183-1210.
    """
    schema.require(reports, COLUMNS, "reports")
    facts = _facts(reports)
    pairs = _near(facts)
    pairs["category"] = _kinships(reports["category"], pairs)
    pairs = pairs[pairs["category"] != ""].sort_values(["first", "second"], ignore_index=True)
    pairs["others"] = _others(facts, pairs)
    for name, column, is_place in (("words", "place_text", True), ("accounts", "description", False)):
        keys = event_words.keys_of(reports[column], is_place=is_place)
        pairs[name] = event_words.likeness(keys[pairs["first"]], keys[pairs["second"]])
    weights = weigh(pairs)
    pairs["bits"] = math.log2(by.PRIOR / (1 - by.PRIOR)) + weights.sum(axis=1)
    pairs["weights"] = pd.Series(weights.round(3).to_dict("records"), index=pairs.index, dtype=object)
    return pairs[list(PAIRS)]


def weigh(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the bits of each comparison: what, where (and how vaguely), when, and the words.

    Parameters
    ----------
    pairs : DataFrame, n rows
        As `compare` gives them, and `is_sharp`: whether both times are known.
    """
    radii = pairs["distance_m"] / pairs["error_m"]
    place = np.digitize(radii, by.DISTANCE_UP_TO, right=True)
    when = np.digitize(pairs["minutes"], by.TIME_UP_TO, right=True)
    return pd.DataFrame(
        {
            "category": _bits(by.CATEGORY, (pairs["category"] == "akin").to_numpy().astype(np.int64)),
            "distance": _bits(by.DISTANCE, place),
            "vagueness": 2 * np.log2(by.USUAL_ERROR_M / pairs["error_m"].to_numpy()),
            "time": _bits(by.TIME, np.where(pairs["is_sharp"], when, len(by.TIME) - 1)),
            "busy": _bits(by.BUSY, np.digitize(pairs["others"], by.BUSY_UP_TO, right=True)),
            "words": _bits(by.WORDS, _likeness_level(pairs["words"], by.WORDS_DOWN_TO)),
            "accounts": _bits(by.ACCOUNTS, _likeness_level(pairs["accounts"], by.ACCOUNTS_DOWN_TO)),
        }
    )


def _bits(ladder: by.Ladder, levels: npt.NDArray[np.int64]) -> FloatArray:
    return np.array([level.bits for level in ladder])[levels]


def _likeness_level(likeness: pd.Series, down_to: tuple[float, ...]) -> IntArray:
    """Return the level of each likeness: the highest first, and the last where one says nothing."""
    falling = np.asarray(down_to)
    level = (likeness.to_numpy()[:, None] < falling).sum(axis=1)
    return np.where(likeness.isna(), len(falling) + 1, level)


def _facts(reports: pd.DataFrame) -> pd.DataFrame:
    """Return where and when of the reports that can be compared, by position: metres and minutes."""
    start, end = (_minutes(reports[name]) for name in ("occurred_from", "occurred_to"))
    end = np.fmax(start, end)
    # Midnight to the minute is how many a system writes that no time is known.
    local = pd.to_datetime(reports["occurred_from"], utc=True).dt.tz_convert(LONDON)
    is_midnight = (local.dt.hour * 60 + local.dt.minute == 0).to_numpy() & (end == start)
    end = np.where(is_midnight, start + _DAY_MIN, end)
    error = reports["error_m"].fillna(_CELL_M).clip(lower=1.0).to_numpy()
    facts = pd.DataFrame(
        {
            "east": reports["easting_m"].to_numpy(),
            "north": reports["northing_m"].to_numpy(),
            "error": error,
            "start": start,
            "end": end,
            "is_sharp": end - start <= by.SHARP_MIN / 2,
            "source": pd.factorize(reports["source"], sort=True)[0],
            "matter": pd.factorize(reports["category"].map(categories.matter))[0],
        }
    )
    usable = np.isfinite(facts[["east", "north", "start"]]).all(axis=1) & (error <= by.MOST_ERROR_M)
    usable &= (end - start <= by.MOST_WINDOW_MIN) & (reports["time_precision"] != "month").to_numpy()
    facts = facts[usable]
    spot = [facts["source"], facts["east"].round(), facts["north"].round(), facts["start"] // 60]
    return facts[facts.groupby(spot)["source"].transform("size") <= _CROWD]


def _minutes(moments: pd.Series) -> FloatArray:
    """Return moments as minutes since 1970; NaN where there is none."""
    naive = pd.to_datetime(moments, utc=True).dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    return np.where(np.isnat(naive), np.nan, naive.astype(np.int64) / 60)


def _near(facts: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of different sources that are near enough in place and time to be compared."""
    groups = [group for _, group in facts.groupby([_error_class(facts), ~facts["is_sharp"]])]
    found = [
        _between(one, other)
        for number, first in enumerate(groups)
        for second in groups[number:]
        for one, other in _by_source(first, second)
    ]
    ends = np.concatenate([np.zeros((0, 2), dtype=np.int64), *found])
    ends.sort(axis=1)
    first, second = facts.loc[ends[:, 0]], facts.loc[ends[:, 1]]
    one, other = (side.reset_index(drop=True) for side in (first, second))
    gap = np.maximum(0, np.maximum(other["start"] - one["end"], one["start"] - other["end"]))
    pairs = pd.DataFrame(
        {
            "first": ends[:, 0],
            "second": ends[:, 1],
            "distance_m": np.hypot(one["east"] - other["east"], one["north"] - other["north"]),
            "error_m": np.hypot(one["error"], other["error"]),
            "minutes": gap,
            "is_sharp": one["is_sharp"] & other["is_sharp"],
        }
    )
    is_near = pairs["distance_m"] <= by.MOST_RADII * pairs["error_m"]
    is_near &= pairs["minutes"] <= np.where(pairs["is_sharp"], by.MOST_GAP_MIN, 0)
    return pairs[is_near]


def _others(facts: pd.DataFrame, pairs: pd.DataFrame) -> IntArray:
    """Count the reports of the same matter about each pair, of any source, the pair left out."""
    from scipy.spatial import cKDTree

    if pairs.empty:
        return np.zeros(0, dtype=np.int64)
    days = (facts["start"] + facts["end"]) / 2 / (24 * 60)
    # Matters lie so far apart that none reaches another.
    scaled = [facts["east"] / by.BUSY_M, facts["north"] / by.BUSY_M, days / by.BUSY_DAYS, facts["matter"] * 3]
    points = pd.DataFrame(np.column_stack(scaled), index=facts.index)
    tree = cKDTree(points.to_numpy())
    about = [
        tree.query_ball_point(points.loc[pairs[end]].to_numpy(), 1.0, p=np.inf, return_length=True) - 1
        for end in ("first", "second")
    ]
    return np.maximum(*about) - (pairs["category"] == "same").to_numpy()


def _error_class(facts: pd.DataFrame) -> pd.Series:
    return pd.Series(np.digitize(facts["error"], _ERROR_CLASSES_M, right=True), index=facts.index)


def _by_source(first: pd.DataFrame, second: pd.DataFrame) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Split two groups so that no part meets reports of its own source, and no two meet twice."""
    if first is second:
        sources = sorted(first["source"].unique())[:-1]
        return [(first[first["source"] == own], first[first["source"] > own]) for own in sources]
    sources = sorted(first["source"].unique())
    return [(first[first["source"] == own], second[second["source"] != own]) for own in sources]


def _between(one: pd.DataFrame, other: pd.DataFrame) -> IntArray:
    """Return the positions of each report of `one` and those of `other` that lie in reach of it."""
    from scipy.spatial import cKDTree

    if one.empty or other.empty:
        return np.zeros((0, 2), dtype=np.int64)
    reach_m = by.MOST_RADII * math.hypot(one["error"].max(), other["error"].max())
    half = [(side["end"] - side["start"]).max() / 2 for side in (one, other)]
    is_sharp = bool(one["is_sharp"].iloc[0] and other["is_sharp"].iloc[0])
    reach_min = sum(half) + (by.MOST_GAP_MIN if is_sharp else 1.0)
    trees = [
        cKDTree(
            np.column_stack(
                [
                    side["east"] / reach_m,
                    side["north"] / reach_m,
                    (side["start"] + side["end"]) / 2 / reach_min,
                ]
            )
        )
        for side in (one, other)
    ]
    met = trees[0].sparse_distance_matrix(trees[1], 1.0 + 1e-9, p=np.inf, output_type="ndarray")
    return np.column_stack([one.index.to_numpy()[met["i"]], other.index.to_numpy()[met["j"]]])


def _kinships(names: pd.Series, pairs: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return same, akin or nothing for each pair, asking the table once for every two categories."""
    codes, distinct = pd.factorize(names)
    table = np.array([[categories.kinship(a, b) for b in distinct] for a in distinct], dtype=object)
    if not len(pairs):
        return np.zeros(0, dtype=object)
    return table[codes[pairs["first"]], codes[pairs["second"]]]
