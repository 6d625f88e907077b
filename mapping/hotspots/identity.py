"""Ids that stay with the ground from run to run, and what became of each place since the last one.

Two hotspots of two runs are linked where at least half of the smaller lies in the larger, by area or
by the incidents both hold. A place counts for this by its ground, not by its rank, name or ward.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from mapping.hotspots.grid import FloatArray
from mapping.periods import Period
from mapping.schema import require
from mapping.wording import LIST_SEPARATOR

FIRST_SEEN: Final = "first seen"
CONTINUED: Final = "continued"
GROWN: Final = "grown"
SHRUNK: Final = "shrunk"
SPLIT: Final = "split"
MERGED: Final = "merged"
RETURNED: Final = "returned"

LINK_SHARE: Final = 0.5  # of the smaller of two that must lie in the larger
CHANGED_SHARE: Final = 1 / 3  # by which area or pace must change to be called grown or shrunk
MEMORY: Final = 12  # runs, the last one included, in which a place is remembered

LOOKED_AT: Final = ("hotspot_id", "incident_count", "recorded_at_place", "geometry")
GONE: Final = ("hotspot_id", "place_name", "ward_gss_code", "last_period")
REMEMBERED: Final = ("hotspot_id", "recorded_at_place", "runs_ago", "geometry")
_ROUNDING: Final = 1e-9  # a third exactly is not more than a third
_NUMBER: Final = re.compile(r"H([0-9]{1,9})")


@dataclass(frozen=True)
class Earlier:
    """What a run is held against: the last run, and the places of those before it.

    Attributes
    ----------
    hotspots : GeoDataFrame, EPSG:27700
        Of the last run, as `schema.HOTSPOTS`; empty where it found none. `seen_since_on` may be empty:
        then nothing is known of the runs before it.
    members : DataFrame
        `hotspot_id` and `incident_id` of the last run; empty where only shapes were kept.
    period : Period
        Of the last run.
    remembered : GeoDataFrame, EPSG:27700
        `REMEMBERED`: places of older runs that the last one lacks, each once, as it was last seen.
    last_number : int
        The highest number ever given in this chain of runs.
    """

    hotspots: pd.DataFrame
    members: pd.DataFrame
    period: Period
    remembered: pd.DataFrame
    last_number: int


@dataclass(frozen=True)
class Chain:
    """What a run hands to the next one.

    Attributes
    ----------
    gone : DataFrame
        `GONE`: hotspots of the last run that have no successor, `last_period` as `2025-01-01:2025-07-01`.
    remembered : GeoDataFrame, EPSG:27700
        `REMEMBERED`: the places of the last `MEMORY` runs that this one lacks.
    last_number : int
        The highest number given so far.
    """

    gone: pd.DataFrame
    remembered: pd.DataFrame
    last_number: int


def follow(
    hotspots: pd.DataFrame, members: pd.DataFrame, *, period: Period, earlier: Earlier | None
) -> tuple[pd.DataFrame, pd.DataFrame, Chain]:
    """Give hotspots the ids of the places they are, and say what became of those of the last run.

    Parameters
    ----------
    hotspots : GeoDataFrame, EPSG:27700
        As `find_hotspots` returns them.
    members : DataFrame
        `hotspot_id` and `incident_id`.
    period : Period
        Whose incidents made them.
    earlier : Earlier, optional
        Without it every place is first seen and keeps the number of its rank.

    Returns
    -------
    hotspots : GeoDataFrame
        With `hotspot_id`, `identity`, `before` and `seen_since_on` of `schema.HOTSPOTS`.
    members : DataFrame
        With the same ids.
    chain : Chain
    """
    before = earlier or nothing_before(hotspots, period)
    found = match(hotspots, members, period=period, earlier=before)
    new_ids = dict(zip(hotspots["hotspot_id"], found["hotspot_id"], strict=True))
    followed = hotspots.assign(**{name: found[name].to_numpy() for name in found.columns})
    renamed = members.assign(
        hotspot_id=members["hotspot_id"].map(new_ids).astype(members["hotspot_id"].dtype)
    )
    highest = max([_highest(before), *map(number_of, found["hotspot_id"])])
    chain = Chain(gone(before.hotspots, before.period, found), _remember(before, found), highest)
    return followed, renamed, chain


def nothing_before(like: pd.DataFrame, period: Period, *, last_number: int = 0) -> Earlier:
    """Return what the first run of a chain is held against: no hotspot at all."""
    none = like.iloc[:0]
    remembered = none.assign(runs_ago=np.zeros(0, dtype=np.int64))[list(REMEMBERED)]
    members = pd.DataFrame({"hotspot_id": [], "incident_id": []})
    return Earlier(none, members, period, remembered, last_number)


def match(hotspots: pd.DataFrame, members: pd.DataFrame, *, period: Period, earlier: Earlier) -> pd.DataFrame:
    """Say of every hotspot which place it is.

    A link needs `LINK_SHARE` of the smaller in the larger. By area it needs both to be places where
    things happen, or both where they are recorded: those two kinds may share ground within one run.
    The closest pairs, by the sum of what both hold in common of the larger by incidents and by area,
    take each other first; an id goes to one hotspot at most. What is left takes the id of a remembered
    place it is linked to by area, closest first, or else the next free number, in order of rank.

    Parameters
    ----------
    hotspots : GeoDataFrame, n rows, EPSG:27700
        `LOOKED_AT` and `rank`, with ids that are unique within the run.
    members : DataFrame
        `hotspot_id` and `incident_id`; may be empty, then areas alone decide.
    period : Period
    earlier : Earlier

    Returns
    -------
    DataFrame, n rows, in the order of `hotspots`
        `hotspot_id` (each once), and
        `identity`: first seen (linked to nothing), continued, grown or shrunk (area, or incidents a
        day, changed by more than `CHANGED_SHARE`; the greater change decides), split (one before,
        several now: the closest keeps the id), merged (several before whose ids nobody else took, one
        now), returned (linked to no place of the last run and to a remembered one);
        `before`: the ids it came from, in order, separated by `; `;
        `seen_since_on`: start of the first period since when every run found it.

    Raises
    ------
    MissingColumnsError
        A frame lacks a column.

    Notes
    -----
    Says that two runs drew a place on the same ground, not that the same people or the same problem
    are behind it. A place may be gone because others of its ward came before it.
    """
    require(hotspots, [*LOOKED_AT, "rank"], "hotspots")
    last = earlier.hotspots
    require(last, [*LOOKED_AT, "seen_since_on"], "hotspots of the last run")
    links = _links(last, hotspots, _common(last, earlier.members, hotspots, members))
    taken = _pair(links)
    from_last = _Origins.of(links, taken)
    old_ids, ranks = last["hotspot_id"].tolist(), hotspots["rank"].to_numpy()
    back = _pair(_links_back(earlier.remembered, hotspots, taken))
    fresh = _highest(earlier)
    since = _since(last, earlier.period)
    rows: dict[int, tuple[str, str, str, str]] = {}
    for here in np.lexsort((hotspots["hotspot_id"].to_numpy(dtype=str), ranks)).tolist():
        came_from = [old_ids[place] for place in from_last.origins.get(here, ())]
        seen_since_on = period.start_on.isoformat()
        if here in taken:
            hotspot_id, seen_since_on = old_ids[taken[here]], since[taken[here]]
            change = _change(last, taken[here], hotspots, here, earlier.period.days / period.days)
            said = from_last.say(here, taken[here], change)
        elif here in back:
            hotspot_id = str(earlier.remembered["hotspot_id"].iloc[back[here]])
            said = SPLIT if came_from else RETURNED
            came_from = came_from or [hotspot_id]
        else:
            fresh += 1
            hotspot_id, said = f"H{fresh:03d}", SPLIT if came_from else FIRST_SEEN
        rows[here] = (hotspot_id, said, LIST_SEPARATOR.join(sorted(came_from)), seen_since_on)
    columns = ["hotspot_id", "identity", "before", "seen_since_on"]
    return pd.DataFrame([rows[here] for here in range(len(hotspots))], columns=columns, dtype="str")


def gone(last: pd.DataFrame, period: Period, found: pd.DataFrame) -> pd.DataFrame:
    """Return the hotspots of the last run, of `period`, that `found` neither is nor came from, as `GONE`."""
    require(last, GONE[:-1], "hotspots of the last run")
    lost = last[~last["hotspot_id"].isin(accounted_for(found))]
    stated = lost.assign(last_period=f"{period.start_on.isoformat()}:{period.end_on.isoformat()}")
    return pd.DataFrame(stated[list(GONE)]).sort_values("hotspot_id").reset_index(drop=True)


def accounted_for(found: pd.DataFrame) -> set[str]:
    """Return the ids that hotspots have now, and those they came from."""
    came_from = (part for before in found["before"] for part in before.split(LIST_SEPARATOR) if part)
    return {*found["hotspot_id"], *came_from}


def pool(last: pd.DataFrame, older: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Gather the places of runs before the last one that it lacks, each as it was last seen.

    Parameters
    ----------
    last : GeoDataFrame, EPSG:27700
        Hotspots of the last run, with `LOOKED_AT`.
    older : sequence of GeoDataFrame, EPSG:27700
        Hotspots of the runs before it, newest first; those beyond `MEMORY` are forgotten.

    Returns
    -------
    GeoDataFrame
        `REMEMBERED`, `runs_ago` counted from the run to come: 2 for the run before the last.
    """
    kept = [frame.assign(runs_ago=ago) for ago, frame in enumerate([last, *older][:MEMORY], start=1)]
    joined = pd.concat(kept, ignore_index=True)[list(REMEMBERED)]
    return _once(joined[~joined["hotspot_id"].isin(last["hotspot_id"])])


def number_of(hotspot_id: str) -> int:
    """Return the number in an id; 0 where it is no id of ours."""
    number = _NUMBER.fullmatch(hotspot_id)
    return int(number[1]) if number else 0


def _highest(earlier: Earlier) -> int:
    given = [*earlier.hotspots["hotspot_id"], *earlier.remembered["hotspot_id"]]
    return max([earlier.last_number, *map(number_of, given)])


def _remember(earlier: Earlier, found: pd.DataFrame) -> pd.DataFrame:
    """Keep what this run lacks of the last one, and of what was remembered then."""
    ago = earlier.remembered["runs_ago"].to_numpy() + 1
    last = earlier.hotspots.assign(runs_ago=2)[list(REMEMBERED)]
    joined = pd.concat([last, earlier.remembered.assign(runs_ago=ago)], ignore_index=True)
    return _once(
        joined[~joined["hotspot_id"].isin(set(found["hotspot_id"])) & (joined["runs_ago"] <= MEMORY)]
    )


def _once(remembered: pd.DataFrame) -> pd.DataFrame:
    ordered = remembered.sort_values(["runs_ago", "hotspot_id"], kind="stable")
    return ordered.drop_duplicates("hotspot_id").reset_index(drop=True)


@dataclass(frozen=True)
class _Origins:
    """For every hotspot that is linked to the last run, the places of it that it came from."""

    origins: dict[int, list[int]]

    @classmethod
    def of(cls, links: "_Links", taken: dict[int, int]) -> "_Origins":
        """Leave out places whose id another hotspot took, unless nothing else is left."""
        owner = {place: here for here, place in taken.items()}
        linked: dict[int, list[int]] = {}
        for place, here in zip(links.old.tolist(), links.new.tolist(), strict=True):
            linked.setdefault(here, []).append(place)
        own = {
            here: [place for place in places if owner.get(place, here) == here]
            for here, places in linked.items()
        }
        return cls({here: own[here] or places for here, places in linked.items()})

    def say(self, here: int, place: int, change: str) -> str:
        """Say what became of a place whose id a hotspot took."""
        if len(self.origins[here]) > 1:
            return MERGED
        shared = any(place in places for other, places in self.origins.items() if other != here)
        return SPLIT if shared else change


@dataclass(frozen=True)
class _Links:
    """Pairs of an old and a new hotspot, by position, and how close each pair is: the larger the closer."""

    old: np.ndarray
    new: np.ndarray
    closeness: FloatArray
    old_names: np.ndarray
    new_ranks: np.ndarray


def _links(old: pd.DataFrame, new: pd.DataFrame, common: pd.DataFrame) -> _Links:
    """Link old to new where half of the smaller lies in the larger."""
    pairs = _overlaps(old, new).merge(common, on=["old", "new"], how="outer").fillna(0.0)
    before, after = pairs["old"].to_numpy(dtype=np.int64), pairs["new"].to_numpy(dtype=np.int64)
    same_kind = old["recorded_at_place"].to_numpy()[before] == new["recorded_at_place"].to_numpy()[after]
    by_area = np.where(same_kind, pairs["area_of_smaller"], 0.0)
    linked = np.maximum(by_area, pairs["incidents_of_smaller"]) >= LINK_SHARE
    closeness = (np.where(same_kind, pairs["area_of_larger"], 0.0) + pairs["incidents_of_larger"]).to_numpy()
    return _Links(
        before[linked], after[linked], closeness[linked],
        old["hotspot_id"].to_numpy(dtype=str)[before[linked]], new["rank"].to_numpy()[after[linked]],
    )  # fmt: skip


def _links_back(remembered: pd.DataFrame, hotspots: pd.DataFrame, taken: dict[int, int]) -> _Links:
    """Link remembered places to the hotspots that took no id of the last run."""
    none = pd.DataFrame({name: [] for name in ("old", "new", "incidents_of_smaller", "incidents_of_larger")})
    links = _links(remembered, hotspots, none)
    left = ~np.isin(links.new, list(taken))
    return _Links(
        links.old[left], links.new[left], links.closeness[left], links.old_names[left], links.new_ranks[left]
    )


def _pair(links: _Links) -> dict[int, int]:
    """Pair new with old, closest first, each at most once; ties by the older number, then by rank."""
    numbers = np.array([number_of(name) for name in links.old_names], dtype=np.int64)
    taken: dict[int, int] = {}
    used: set[int] = set()
    for one in np.lexsort((links.new_ranks, links.old_names, numbers, -links.closeness)).tolist():
        old, new = int(links.old[one]), int(links.new[one])
        if old not in used and new not in taken:
            taken[new] = old
            used.add(old)
    return taken


def _overlaps(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Measure the ground that pairs share, as a share of the smaller and of the larger of the two."""
    import shapely

    before, after = old.geometry.to_numpy(), new.geometry.to_numpy()
    here, place = shapely.STRtree(before).query(after, predicate="intersects")
    shared = shapely.area(shapely.intersection(before[place], after[here]))
    sizes = np.stack([shapely.area(before)[place], shapely.area(after)[here]])
    return _shares(place, here, shared, sizes, "area")


def _common(
    old: pd.DataFrame, old_members: pd.DataFrame, new: pd.DataFrame, new_members: pd.DataFrame
) -> pd.DataFrame:
    """Count the incidents that pairs share, as a share of the smaller and of the larger of the two."""
    before = _by_position(old, old_members).rename(columns={"position": "old"})
    after = _by_position(new, new_members).rename(columns={"position": "new"})
    held = before.merge(after, on="incident_id").groupby(["old", "new"]).size().reset_index(name="shared")
    sizes = np.stack(
        [
            np.bincount(before["old"], minlength=len(old))[held["old"]],
            np.bincount(after["new"], minlength=len(new))[held["new"]],
        ]
    )
    return _shares(held["old"].to_numpy(), held["new"].to_numpy(), held["shared"], sizes, "incidents")


def _by_position(hotspots: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Name the hotspots that incidents are in by their position, and each incident as text."""
    position = pd.Index(hotspots["hotspot_id"]).get_indexer(pd.Index(members["hotspot_id"]))
    named = pd.DataFrame({"position": position, "incident_id": members["incident_id"].astype(str).to_numpy()})
    return named[named["position"] >= 0].drop_duplicates()


def _shares(old: np.ndarray, new: np.ndarray, shared: object, sizes: np.ndarray, of: str) -> pd.DataFrame:
    held = np.asarray(shared, dtype=np.float64)
    smaller, larger = sizes.min(axis=0).astype(np.float64), sizes.max(axis=0).astype(np.float64)
    return pd.DataFrame(
        {
            "old": old.astype(np.int64),
            "new": new.astype(np.int64),
            f"{of}_of_smaller": np.divide(held, smaller, out=np.zeros(len(held)), where=smaller > 0),
            f"{of}_of_larger": np.divide(held, larger, out=np.zeros(len(held)), where=larger > 0),
        }
    )


def _since(last: pd.DataFrame, period: Period) -> list[str]:
    start = period.start_on.isoformat()
    return [text or start for text in last["seen_since_on"].fillna("")]


def _change(old: pd.DataFrame, place: int, new: pd.DataFrame, here: int, days_ratio: float) -> str:
    """Say whether a place grew or shrank, by area or by incidents a day, whichever changed more."""
    area = new.geometry.iloc[here].area / max(old.geometry.iloc[place].area, 1e-9)
    counted = int(old["incident_count"].iloc[place])
    pace = int(new["incident_count"].iloc[here]) / max(counted, 1) * days_ratio
    ratio = max(area, pace, key=lambda times: abs(np.log(max(times, 1e-9))))
    if ratio > 1 + CHANGED_SHARE + _ROUNDING:
        return GROWN
    return SHRUNK if ratio < 1 - CHANGED_SHARE - _ROUNDING else CONTINUED
