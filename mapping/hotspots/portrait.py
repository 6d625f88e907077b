"""What a hotspot is made of, in words: its name, categories, sources and what to doubt about it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import wording
from mapping.places.excluded import recorded_kind
from mapping.wording import LIST_SEPARATOR

STACKED_SHARE: Final = 0.6
ONE_CALLER_SHARE: Final = 0.5
THIN_COUNT: Final = 20
COARSE_SHARE: Final = 1 / 3
MOST_LISTED: Final = 4
STREET_REACH_M: Final = 250.0

# What police.uk calls a place when it has no street name: a kind of place, not a place.
KINDS_OF_PLACE: Final = frozenset(
    {
        "airport/airfield", "bus/coach station", "car park", "conference/exhibition centre",
        "further/higher educational building", "hospital", "leisure centre", "motorway service area",
        "nightclub", "no location", "park/open space", "parking area", "pedestrian subway",
        "petrol station", "police station", "prison", "race track", "shopping area",
        "sports/recreation area", "supermarket", "theatre/concert hall", "train station",
        "bus stop", "ferry terminal", "industrial estate", "school", "shop", "pub", "",
    }
)  # fmt: skip


def name_place(place_text: pd.Series, *, nearby: str = "") -> str:
    """Name a place by the words most of its incidents use; a kind of place gets its nearest street.

    Parameters
    ----------
    place_text : Series of str
        Of the place's own incidents.
    nearby : str
        The street next to it, for a place whose incidents name only a kind of place.

    Returns
    -------
    str
        E.g. `Marton Road`, or `Supermarket by Marton Road`; empty where no incident has words.
    """
    words = place_text.map(street_of)
    words = words[words != ""]
    if words.empty:
        return ""
    ranked = words.value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable").index
    first = str(ranked[0])
    if not is_kind_of_place(first):
        return first
    street = next((str(word) for word in ranked if not is_kind_of_place(str(word))), nearby)
    return f"{first} by {street}" if street else first


def street_of(text: str) -> str:
    """Return the street or landmark in a place text: no house number, no postcode, no town."""
    parts = (wording.public_place(part) for part in text.split(","))
    return next((part for part in parts if part), "")


def is_kind_of_place(text: str) -> bool:
    """Say whether the words name a kind of place (Supermarket) rather than a place."""
    return text.strip().casefold() in KINDS_OF_PLACE


@dataclass(frozen=True)
class Streets:
    """Where streets are, as far as the reports themselves say it.

    Attributes
    ----------
    easting_m, northing_m : float arrays, shape (n,), EPSG:27700
    name : object array, shape (n,)
    """

    easting_m: npt.NDArray[np.float64]
    northing_m: npt.NDArray[np.float64]
    name: npt.NDArray[np.object_]

    @classmethod
    def of(cls, incidents: pd.DataFrame) -> "Streets":
        """Take the named points of the incidents, kinds of place left out."""
        points = incidents[["easting_m", "northing_m", "place_text"]].drop_duplicates()
        points = points.assign(place_text=points["place_text"].map(street_of))
        named = points[~points["place_text"].map(is_kind_of_place)]
        named = named.sort_values(["easting_m", "northing_m", "place_text"], kind="stable")
        east, north = (named[c].to_numpy(dtype=np.float64) for c in ("easting_m", "northing_m"))
        return cls(east, north, named["place_text"].to_numpy(dtype=object))

    def nearest(self, easting_m: float, northing_m: float) -> str:
        """Return the name of the street nearest to a point, empty where none is within reach."""
        if len(self.name) == 0:
            return ""
        away = np.hypot(self.easting_m - easting_m, self.northing_m - northing_m)
        at = int(np.argmin(away))
        return str(self.name[at]) if away[at] <= STREET_REACH_M else ""


def list_counts(values: pd.Series, *, most: int = MOST_LISTED) -> str:
    """List the commonest values with their counts, e.g. `Burglary 12; Drugs 3`."""
    counts = values[values != ""].value_counts(sort=False).sort_index()
    ranked = counts.sort_values(ascending=False, kind="stable").head(most)
    return LIST_SEPARATOR.join(f"{value} {count}" for value, count in ranked.items())


def cautions(
    incidents: pd.DataFrame, *, recorded_at: bool, change: str, coarse_share: float = 0.0
) -> list[str]:
    """Say what a reader should doubt before sending anyone.

    Parameters
    ----------
    incidents : DataFrame
        The hotspot's incidents, as `schema.REPORTS`; with `set_apart`, what is said of a place that
        people set apart, where they did.
    recorded_at : bool
        Whether the place is one where reports are recorded.
    change : str
        As `trends.recent_change` names it.
    coarse_share : float
        Part of what is foretold here that reports of roughly known place brought, 0-1.
    """
    said = _reasons_of_people(incidents)
    if recorded_at and (not said or (recorded_kind(incidents["place_text"]) != "").any()):
        said.append(
            "Reports are recorded at this place (a police station, hospital, prison or the like): "
            "they may have happened elsewhere."
        )
    if not recorded_at:
        points = incidents.groupby(["easting_m", "northing_m"]).size()
        if points.max() >= STACKED_SHARE * len(incidents) and len(incidents) >= THIN_COUNT:
            said.append(
                f"{points.max()} of {len(incidents)} reports lie on one map point: "
                "check what that point stands for."
            )
    if len(incidents) < THIN_COUNT:
        said.append(f"Thin evidence: {len(incidents)} reports.")
    if coarse_share > COARSE_SHARE:
        said.append(
            f"About {100 * coarse_share:.0f} % of what is foretold here comes from reports whose place is "
            "only roughly known: find their places first."
        )
    if (incidents["time_precision"] == "month").all():
        said.append("Only the month of each report is known: nothing here says which days or hours.")
    said += _caller_caution(incidents["complainant_hash"])
    if change == "falling":
        said.append("Falling: fewer reports in the last three months than before.")
    return said


def _reasons_of_people(incidents: pd.DataFrame) -> list[str]:
    if "set_apart" not in incidents:
        return []
    counts = incidents["set_apart"].value_counts(sort=False).drop("", errors="ignore").sort_index()
    return [str(reason) for reason in counts.sort_values(ascending=False, kind="stable").index]


def _caller_caution(callers: pd.Series) -> list[str]:
    known = callers[callers != ""]
    if known.empty:
        return []
    most = int(known.value_counts().iloc[0])
    if most < ONE_CALLER_SHARE * len(callers):
        return []
    return [f"One caller made {most} of the {len(callers)} reports."]


def months_of(values: np.ndarray) -> str:
    """Write monthly counts separated by spaces, oldest first."""
    return " ".join(str(int(value)) for value in values)
