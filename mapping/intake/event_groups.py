"""From weighed pairs to links: what is joined, what a person should look at, and who goes together.

An event is told once per source. So rival pairs (one report and two of another source) share their
odds; the likeliest are joined first; and a report joins a group only where it fits every report of it.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.intake import same_event

# At least this probable: joined; and at least this: queued for a person. Scores are calibrated: of the
# pairs scored above 0.75 in the boroughs 99 of 100 are one event, since most score far above it.
JOIN: Final = 0.75
QUEUE: Final = 0.25
# What is told farther apart than this, or of no known hour, is for a person however probable: clocks err.
SURE_MIN: Final = 30.0
LINKS: Final = (
    "first", "second", "score", "state", "distance_m", "error_m", "minutes", "others", "words", "accounts",
    "category", "weights",
)  # fmt: skip

SEPARATOR: Final = "; "

Pairs = Iterable[tuple[int, int]]


def candidate_links(reports: pd.DataFrame, *, joined: Pairs = (), apart: Pairs = ()) -> pd.DataFrame:
    """Find the reports that tell of one event.

    Parameters
    ----------
    reports : DataFrame, n rows, EPSG:27700
        With `same_event.COLUMNS` of `schema.REPORTS`; `report_key` is unique. Not changed.
    joined, apart : pairs of positions in `reports`
        What a person has said already: it is taken as said, is not returned, and shapes the rest.

    Returns
    -------
    DataFrame, one row a link, by `first` and `second`
        `LINKS`: positions in `reports`, `score` (0-1), `state` (joined or queued), and the evidence
        as `same_event.compare` gives it.

    Notes
    -----
    Reports of one source are never linked: they have references to be told apart by. The order of the
    rows changes no link.
    """
    return settle(same_event.compare(reports), reports, joined=joined, apart=apart)


def join_incidents(incidents: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Join incidents of different sources that are one event.

    Parameters
    ----------
    incidents : DataFrame, n rows
        As `linking.to_incidents` gives them: each told by one source. Not changed.

    Returns
    -------
    incidents : DataFrame, one row an event
        The first of each group stands for it; `told_by` names every source, separated by `; `.
    links : DataFrame
        `LINKS`, by position in what was given: those that were joined, and the doubtful ones.
    """
    links = candidate_links(incidents)
    sure = links[links["state"] == "joined"]
    leader = np.arange(len(incidents))
    for first, second in zip(sure["first"].tolist(), sure["second"].tolist(), strict=True):
        one, other = leader[first], leader[second]
        leader[leader == max(one, other)] = min(one, other)
    told_by = incidents["source"].to_numpy(dtype=object).copy()
    for place in np.unique(leader[leader != np.arange(len(incidents))]):
        told_by[place] = SEPARATOR.join(sorted(incidents["source"][leader == place]))
    is_leader = leader == np.arange(len(incidents))
    return incidents.assign(told_by=told_by)[is_leader].reset_index(drop=True), links


def settle(
    pairs: pd.DataFrame, reports: pd.DataFrame, *, joined: Pairs = (), apart: Pairs = ()
) -> pd.DataFrame:
    """Say which of the weighed pairs are joined and which are doubtful; see `candidate_links`."""
    fixed, barred = ({_ordered(*pair) for pair in said} for said in (joined, apart))
    source = pd.factorize(reports["source"])[0]
    groups = Groups(source, fixed, barred)
    is_open = [
        (first, second) not in fixed and groups.may_meet(first, second)
        for first, second in zip(pairs["first"].tolist(), pairs["second"].tolist(), strict=True)
    ]
    open_pairs = pairs[np.array(is_open, dtype=bool)]
    scored = open_pairs.assign(score=_shared_odds(open_pairs, source))
    scored = scored[scored["score"] >= QUEUE]
    ranked = scored.iloc[_ranking(scored, reports)]
    groups.know(ranked["first"], ranked["second"])
    state = pd.Series("", index=ranked.index, dtype=object)
    sure = (ranked["score"] >= JOIN) & ranked["is_sharp"] & (ranked["minutes"] <= SURE_MIN)
    # One reference in two sources is either a copy or a coincidence: a person has to say which.
    keys = reports["report_key"].tolist()
    name = np.array([key.partition("|")[2] or key for key in keys], dtype=object)
    sure &= name[ranked["first"].to_numpy(dtype=int)] != name[ranked["second"].to_numpy(dtype=int)]
    for label, first, second, may_join in zip(
        ranked.index, ranked["first"], ranked["second"], sure, strict=True
    ):
        if groups.may_meet(first, second):
            is_sure = may_join and groups.fit(first, second)
            if is_sure:
                groups.join(first, second)
            state[label] = "joined" if is_sure else "queued"
    kept = ranked.assign(state=state)
    kept = kept[kept["state"] != ""]
    # Of two queued reports that came together by others the question is answered.
    stands = [
        one_state == "joined" or groups.may_meet(first, second)
        for one_state, first, second in zip(kept["state"], kept["first"], kept["second"], strict=True)
    ]
    return kept[np.array(stands, dtype=bool)].sort_values(["first", "second"], ignore_index=True)[list(LINKS)]


class Groups:
    """Which reports go together so far; a report alone is a group of one."""

    def __init__(
        self,
        source: npt.NDArray[np.int64],
        joined: Iterable[tuple[int, int]],
        apart: Iterable[tuple[int, int]],
    ) -> None:
        self._source = source
        self._apart = set(apart)
        self._known: set[tuple[int, int]] = set(joined)
        self._members: dict[int, frozenset[int]] = {}
        for first, second in sorted(self._known):
            self.join(first, second)

    def of(self, report: int) -> frozenset[int]:
        """Return the group of a report."""
        return self._members.get(report, frozenset({report}))

    def know(self, first: Iterable[int], second: Iterable[int]) -> None:
        """Note the pairs that could be one event."""
        self._known.update(_ordered(one, other) for one, other in zip(first, second, strict=True))

    def may_meet(self, first: int, second: int) -> bool:
        """Say whether two reports may still come together: no source twice, and nobody kept them apart."""
        here, there = self.of(first), self.of(second)
        if here is there:
            return False
        if len(here) == len(there) == 1:  # the usual case
            return (first, second) not in self._apart
        if {self._source[report] for report in here} & {self._source[report] for report in there}:
            return False
        return not any(pair in self._apart for pair in _across(here, there))

    def fit(self, first: int, second: int) -> bool:
        """Say whether every report of one group could be one event with every report of the other."""
        return all(pair in self._known for pair in _across(self.of(first), self.of(second)))

    def join(self, first: int, second: int) -> None:
        """Put two groups together."""
        together = self.of(first) | self.of(second)
        self._members.update(dict.fromkeys(together, together))


def _across(here: Iterable[int], there: frozenset[int]) -> Iterable[tuple[int, int]]:
    return (_ordered(one, other) for one in here for other in there)


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def _shared_odds(pairs: pd.DataFrame, source: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return each pair's probability, its odds shared with the pairs that would tell its event twice."""
    odds = np.exp2(pairs["bits"].to_numpy())
    first, second = pairs["first"].to_numpy(), pairs["second"].to_numpy()
    rivals = np.zeros(len(pairs))
    for own, other in ((first, second), (second, first)):
        # All pairs of one report with reports of the other's source, whichever side each stands on.
        ends = pd.DataFrame({"own": [*first, *second], "of": [*source[second], *source[first]]})
        total = ends.assign(odds=[*odds, *odds]).groupby(["own", "of"])["odds"].sum()
        wanted = pd.MultiIndex.from_arrays([own, source[other]])
        rivals += total.reindex(wanted).to_numpy() - odds
    return odds / (1 + odds + rivals)


def _ranking(pairs: pd.DataFrame, reports: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the order of deciding: the likeliest first, then the nearest; keys decide what is left."""
    keys = reports["report_key"].to_numpy()
    ends = np.sort(np.column_stack([keys[pairs["first"]], keys[pairs["second"]]]).astype(object), axis=1)
    by_key = pd.factorize(pd.Series(list(map(tuple, ends.tolist())), dtype=object), sort=True)[0]
    score = np.round(pairs["score"].to_numpy(), 9)
    return np.lexsort((by_key, pairs["distance_m"], pairs["minutes"], -score))
