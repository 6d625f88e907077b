"""Places where reports are recorded rather than where they happened.

A search at the custody desk, a report told at the front counter and an assault on a ward are all
filed under the police station or the hospital. Such points lead every count and no patrol can
help there, so they are set apart with a caution. Which words mean such a place is one table here.
"""

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import schema

# Kind -> phrases, folded. data.police.uk itself uses three of them: "Police Station", "Hospital" and
# "Prison"; the others are how warden and command logs and gazetteers put it.
TERMS: Final = {
    "police station": (
        "police station",
        "police stn",
        "police office",
        "police hq",
        "police headquarters",
        "police enquiry office",
        "police front counter",
        "police front desk",
    ),
    "custody suite": ("custody suite", "custody centre", "custody block", "custody unit", "police custody"),
    "hospital": (
        "hospital",
        "infirmary",
        "a&e",
        "accident and emergency",
        "accident & emergency",
        "minor injuries unit",
        "urgent care centre",
        "urgent treatment centre",
    ),
    "prison": (
        "prison",
        "hmp",
        "hm prison",
        "hmyoi",
        "young offender institution",
        "young offenders institution",
        "immigration removal centre",
        "secure training centre",
    ),
    # "Court" alone is a block of flats; "Crown Court" too, unless a place is named before it.
    "court": (
        "magistrates court",
        "magistrates' court",
        "magistrate's court",
        "law courts",
        "combined court",
        "combined court centre",
        r"(?!old |former )[a-z]{3,} crown court",
        r"(?!old |former )[a-z]{3,} county court",
    ),
}

# Right after the phrase, these make it the name of a street ("Hospital Road") or of another thing.
_NAMED_AFTER_IT: Final = (
    "road|rd|street|st|lane|ln|avenue|ave|close|drive|dr|way|walk|gardens|grove|crescent|terrace|place|court|"
    "mews|rise|view|hill|square|yard|croft|row|gate|bank|green|park|fields?|estate|cottages?|flats|approach|"
    "roundabout|bridge|junction|bus|car|footpath|alley|passage|shops?|inn|club|officers|farm|wood|lodge"
)
# Right before it, these make it something else by now, or always.
_NOT_ONE: Final = ("old", "former", "ex", "disused", "closed", "animal", "pet", "pets", "vet", "veterinary")

_PREFIX: Final = re.compile(r"^on or near\s+")
_PARTS: Final = re.compile(r"[,;:()/\-–]|\s(?:on|off|in|at)\s")
# What follows one of these is another place than the one meant.
_ELSEWHERE: Final = re.compile(
    r"\b(?:opposite|outside|behind|beside|near|nr|opp|adj|adjacent to|next to|(?:rear|back|front) of)\b"
)


def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    before = "".join(f"(?<!{word} )" for word in _NOT_ONE)
    return re.compile(rf"(?<![\w&]){before}(?:{'|'.join(phrases)})(?![\w&])(?!\s(?:{_NAMED_AFTER_IT})\b)")


_PATTERNS: Final = {kind: _pattern(phrases) for kind, phrases in TERMS.items()}


def recorded_kind(place_text: pd.Series) -> npt.NDArray[np.object_]:
    """Name the kind of recording place that each text says, or nothing.

    Parameters
    ----------
    place_text : Series of str, shape (n,)
        The place in the source's words, with or without "On or near".

    Returns
    -------
    array of str, shape (n,)
        A key of `TERMS`, or empty. "Hospital" and "James Cook Hospital, Marton Road" are hospitals;
        "Hospital Road", "Opposite the police station" and "Old Police Station" are not. Words
        alone: a hospital that is only known by its street is not found.
    """
    numbers, texts = pd.factorize(place_text)
    kinds = np.array([*(_kind_of(str(text)) for text in texts), ""], dtype=object)
    return np.asarray(kinds[numbers], dtype=object)  # a missing text has the number -1


def recorded_at(place_text: pd.Series) -> npt.NDArray[np.bool_]:
    """Say of each text whether reports are recorded at such a place; see `recorded_kind`."""
    return np.asarray(recorded_kind(place_text) != "", dtype=bool)


def _kind_of(text: str) -> str:
    folded = _PREFIX.sub("", " ".join(text.replace("’", "'").casefold().split()))
    folded = folded.replace("o/s", "outside").replace("r/o", "rear of")  # as control rooms write them
    for part in _PARTS.split(folded):
        meant = _ELSEWHERE.split(part)[0]
        for kind, pattern in _PATTERNS.items():
            if pattern.search(meant):
                return kind
    return ""


def suggest_stacks(
    incidents: pd.DataFrame, *, min_incidents: int = 30, times_typical: float = 10.0, min_kinds: float = 3.0
) -> pd.DataFrame:
    """Find single points that hold unusually many incidents of unlike categories.

    A shop is one point with many thefts; a recording place, or a map point on which several streets
    are snapped, is one point with many incidents of everything. The words may not say so.

    Parameters
    ----------
    incidents : DataFrame
        With `easting_m`, `northing_m`, `category` and `place_text`; rows without a point are left
        out. Not changed.
    min_incidents : int
        Fewer are no stack.
    times_typical : float
        A stack holds at least this many times the mean of all points that hold any.
    min_kinds : float
        Least effective number of categories (Hill number of order 2: one over the chance-free sum
        of squared shares). 100 incidents half of one category and half of another count as 2.

    Returns
    -------
    DataFrame
        One row per stack, largest first: `easting_m, northing_m, incident_count, category_count`
        (effective), `times_typical, top_category, place_name, recorded_kind`. Most stacks that the
        words do not explain are busy town centres: a reason to look, not to leave out.

    Raises
    ------
    MissingColumnsError

    References
    ----------
    Hill, M. O. (1973). Diversity and evenness: a unifying notation and its consequences.
    Ecology, 54(2), 427-432.
    """
    needed = ["easting_m", "northing_m", "category", "place_text"]
    schema.require(incidents, needed, "incidents")
    point = ["easting_m", "northing_m"]
    located = incidents.loc[incidents["easting_m"].notna() & incidents["northing_m"].notna(), needed]
    counts = located.groupby([*point, "category"], sort=True).size().rename("in_category").reset_index()
    counts["squared"] = counts["in_category"].astype("float64") ** 2
    points = counts.groupby(point, sort=True).agg(
        incident_count=("in_category", "sum"), squared=("squared", "sum")
    )
    points["category_count"] = points["incident_count"] ** 2 / points["squared"]
    points["times_typical"] = points["incident_count"] / points["incident_count"].mean()
    stacks = points[
        (points["incident_count"] >= min_incidents)
        & (points["times_typical"] >= times_typical)
        & (points["category_count"] >= min_kinds)
    ].reset_index()
    at_stacks = located.merge(stacks[point], on=point)
    for column, source in (("top_category", "category"), ("place_name", "place_text")):
        stacks[column] = (
            _commonest(at_stacks, point, source).reindex(pd.MultiIndex.from_frame(stacks[point])).array
        )
    stacks["recorded_kind"] = recorded_kind(stacks["place_name"])
    order = np.lexsort((stacks["northing_m"], stacks["easting_m"], -stacks["incident_count"]))
    return stacks.drop(columns="squared").iloc[order].reset_index(drop=True)


def _commonest(rows: pd.DataFrame, point: list[str], column: str) -> pd.Series:
    """Return the commonest value at each point, the first in the alphabet of equals."""
    counts = rows.groupby([*point, column]).size().rename("count").reset_index()
    ranked = counts.sort_values([*point, "count", column], ascending=[True, True, False, True])
    return ranked.drop_duplicates(point).set_index(point)[column]
