"""How events are reported: references, delays, fixes, and what a person types into a box.

One event becomes one report, and some become two, told by two agencies within minutes and metres.
No report names a person.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.demo import rhythm, wording
from mapping.demo.events import PAIRS_WANTED
from mapping.demo.mixes import COUNCILLORS, FIRE, HOUSING, POLICE, WARDENS
from mapping.demo.town import Town
from mapping.demo.truth import CAUTIONED, Planted

COLUMNS: Final = (
    "reference",
    "occurred_at",
    "reported_at",
    "category",
    "description",
    "address",
    "postcode",
    "easting",
    "northing",
    "source",
    "grading",
)
_LAST: Final = np.datetime64("2026-09-30T23:59", "m")
_NO_POINT: Final = {POLICE: 0.065, WARDENS: 0.05, FIRE: 0.015, HOUSING: 0.05, COUNCILLORS: 0.28}
_GRADED: Final = {POLICE: 0.01, WARDENS: 0.02, FIRE: 0.0, HOUSING: 0.0, COUNCILLORS: 0.0}
_HAS_POSTCODE: Final = {POLICE: 0.35, WARDENS: 0.1, FIRE: 0.3, HOUSING: 0.9, COUNCILLORS: 0.05}
# Minutes from happening to telling: the median, and the spread of its logarithm.
_DELAY: Final = {
    POLICE: (25, 1.3),
    WARDENS: (6, 0.8),
    FIRE: (4, 0.6),
    HOUSING: (1_500, 1.2),
    COUNCILLORS: (4_000, 1.0),
}
_REFERENCE: Final = {POLICE: "NP", WARDENS: "W", FIRE: "FRS", HOUSING: "HSG", COUNCILLORS: "CLR"}
# What a second agency tells of: (category, first source) -> (its category, second source).
_SECOND: Final = {
    ("Anti-social behaviour", POLICE): ("ASB nuisance", WARDENS),
    ("Criminal damage and arson", POLICE): ("Criminal damage and arson", WARDENS),
    ("Off-road vehicles", POLICE): ("Off-road vehicles", WARDENS),
    ("Deliberate fire", FIRE): ("Deliberate fire", POLICE),
    ("Noise", HOUSING): ("Noise", WARDENS),
}


@dataclass(frozen=True)
class Told:
    """All reports, and which of them tell of the same event.

    `rows` has `COLUMNS` as text, with `place_id`, `event` (number in the events frame) and where it
    really was (`true_easting_m`, `true_northing_m`) beside them; `pairs` has `event` and the two
    sources' `first` and `second` reference.
    """

    rows: pd.DataFrame
    pairs: pd.DataFrame


def tell(town: Town, events: pd.DataFrame, planted: list[Planted], rng: np.random.Generator) -> Told:
    """Turn events into the rows of five sources.

    Parameters
    ----------
    town : Town
    events : DataFrame
        As `events.happen` gives them. Not changed.
    planted : list of Planted
    rng : numpy Generator
    """
    reports = events.assign(event=np.arange(len(events)))
    reports = pd.concat([reports, _second_accounts(reports, rng)], ignore_index=True)
    reports["reported"] = _reported(reports, rng)
    reports = reports.sort_values(["reported", "event", "source"], ignore_index=True)
    points = _fixes(reports, rng)
    is_stack = reports["place_id"].isin([p.place_id for p in planted if p.expected == CAUTIONED]).to_numpy()
    has_point = is_stack | (rng.random(len(reports)) >= reports["source"].map(_NO_POINT).to_numpy())
    rows = pd.DataFrame(
        {
            "reference": _references(reports),
            "occurred_at": _clock(reports["at"]),
            "reported_at": _clock(reports["reported"]),
            "category": wording.own_categories(reports),
            "description": wording.descriptions(reports["category"], rng),
            "address": wording.addresses(town, reports, is_stack, rng),
            "postcode": _postcodes(town, reports, rng),
            "easting": np.where(has_point, points[:, 0].astype(np.int64).astype(str), ""),
            "northing": np.where(has_point, points[:, 1].astype(np.int64).astype(str), ""),
            "source": reports["source"].to_numpy(),
            "grading": _gradings(reports["source"], rng),
            "place_id": reports["place_id"].to_numpy(),
            "event": reports["event"].to_numpy(),
            "true_easting_m": reports["easting_m"].to_numpy(),
            "true_northing_m": reports["northing_m"].to_numpy(),
        }
    )
    return Told(rows, _pairs(rows))


def _second_accounts(reports: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the second agency's account of some events: minutes and metres away, in its own words."""
    keys = list(zip(reports["category"], reports["source"], strict=True))
    able = np.flatnonzero([key in _SECOND for key in keys])
    able = able[(reports["at"].to_numpy()[able] < _LAST - 120) & (reports["landmark"].to_numpy()[able] == "")]
    chosen = np.sort(rng.choice(able, min(PAIRS_WANTED, len(able)), replace=False))
    second = reports.iloc[chosen].copy()
    told = [_SECOND[keys[number]] for number in chosen]
    second["category"], second["source"] = [t[0] for t in told], [t[1] for t in told]
    late = rng.integers(1, 25, len(second)).astype("timedelta64[m]")
    second["at"] = rhythm.out_of_the_gap(second["at"].to_numpy().astype("datetime64[m]") + late)
    apart = np.clip(rng.normal(0, 11, (len(second), 2)), -26, 26)
    is_planted = (second["place_id"] != "").to_numpy()
    apart[is_planted] = np.clip(apart[is_planted], -5, 5)  # stay within the planted radius
    second[["easting_m", "northing_m"]] += np.round(apart)
    return second


def _reported(reports: pd.DataFrame, rng: np.random.Generator) -> npt.NDArray[np.datetime64]:
    median = reports["source"].map({source: delay[0] for source, delay in _DELAY.items()}).to_numpy()
    spread = reports["source"].map({source: delay[1] for source, delay in _DELAY.items()}).to_numpy()
    # A burglary is found on coming home.
    median = np.where(reports["category"].isin(["Burglary", "Vehicle crime"]), 420, median)
    minutes = np.round(median * np.exp(rng.normal(0, 1, len(reports)) * spread)).astype("timedelta64[m]")
    at = reports["at"].to_numpy().astype("datetime64[m]")
    told = at + minutes
    # Letters and case notes are written at a desk: the next morning, 09:00 to 17:00.
    desk = (told.astype("datetime64[D]") + 1).astype("datetime64[m]") + rng.integers(540, 1_020, len(at))
    told = np.where(reports["source"].isin([HOUSING, COUNCILLORS]), desk, told)
    return rhythm.out_of_the_gap(np.maximum(np.minimum(told, _LAST), at))


def _fixes(reports: pd.DataFrame, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return the points as each source records them: address points, handheld fixes, ten-metre squares."""
    points = reports[["easting_m", "northing_m"]].to_numpy()
    source, is_stack = reports["source"].to_numpy(), reports["landmark"].to_numpy() != ""
    drift = np.clip(rng.normal(0, 5, points.shape), -11, 11)
    moved = np.where((source == WARDENS)[:, None], points + drift, points)
    tens = np.round(points / 10) * 10
    moved = np.where(((source == FIRE) & ~is_stack)[:, None], tens, moved)
    return np.asarray(np.round(moved))


def _references(reports: pd.DataFrame) -> npt.NDArray[np.str_]:
    """Give each source's reports numbers in the order they came in, year by year."""
    year = reports["reported"].dt.year
    number = reports.groupby([reports["source"], year]).cumcount() + 1
    prefix = reports["source"].map(_REFERENCE)
    return np.asarray(
        prefix + "-" + year.astype(str).str[2:] + "-" + number.astype(str).str.zfill(5), dtype=str
    )


def _clock(moments: pd.Series) -> npt.NDArray[np.str_]:
    return np.asarray(moments.dt.strftime("%d/%m/%Y %H:%M"), dtype=str)


def _postcodes(town: Town, reports: pd.DataFrame, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    known = town.spots["postcode"].to_numpy()[reports["spot"]]
    says = rng.random(len(reports)) < reports["source"].map(_HAS_POSTCODE).to_numpy()
    return np.asarray(np.where(says, known, ""), dtype=str)


def _gradings(source: pd.Series, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """Grade a few accounts as intelligence reports are graded; all may be shared."""
    grade = rng.choice(["1A P", "2B P", "2C P"], len(source))
    return np.asarray(
        np.where(rng.random(len(source)) < source.map(_GRADED).to_numpy(), grade, ""), dtype=str
    )


def _pairs(rows: pd.DataFrame) -> pd.DataFrame:
    twice = rows[rows["event"].duplicated(keep=False)].sort_values(["event", "reference"])
    told = twice.groupby("event")[["source", "reference"]].agg(list)
    return pd.DataFrame(
        {
            "event": told.index,
            "first": list(zip(told["source"].str[0], told["reference"].str[0], strict=True)),
            "second": list(zip(told["source"].str[1], told["reference"].str[1], strict=True)),
        }
    )
