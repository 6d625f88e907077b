"""One text answered with all there is to know of it: its names, its codes, and what was said beside it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from mapping.places.code_lookup import CodeLookup, circle_of
from mapping.places.gazetteer import Gazetteer
from mapping.places.junctions import meet
from mapping.places.name_index import NameIndex, split_type
from mapping.places.place_answers import MATCHED, UNMATCHED, Answer, LocalName, ambiguous, in_words
from mapping.places.place_context import Circle, Towns, WardCircles
from mapping.places.place_query import PlaceQuery, take_apart
from mapping.places.place_words import name_key
from mapping.places.ranking import Candidate, Evidence, Ranked, Ranker
from mapping.places.readings import Hit, Reading, read

MOST_CANDIDATES: Final = 8
LEAST_SCORE: Final = 0.5
UNLIKE: Final = 0.2  # wrong letters per letter from which two names that fit equally fit neither
APART_M: Final = 400.0  # beyond both errors: by so much a postcode, a street and a point disagree

_NEAR_M: Final = 30.0  # how far outside, behind or opposite a place is from it
_MOST_OTHERS: Final = 40
THREE_WORDS: Final = (
    "what3words cannot be looked up on this machine; give a street, postcode or grid reference"
)
_CROSSING_M: Final = 60.0  # two streets this close are a corner even where nothing says "junction"


@dataclass(frozen=True)
class Beside:
    """What a report says beside the words for its place."""

    postcode: str = ""
    ward_gss_code: str = ""
    borough: str = ""

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> "Beside":
        """Take what there is; what is no text is not there."""
        said = {name: context.get(name, "") for name in ("postcode", "ward_gss_code", "borough")}
        return cls(**{name: value if isinstance(value, str) else "" for name, value in said.items()})


class Answerer:
    """Answers one text at a time from one gazetteer and the names learned here."""

    def __init__(self, gazetteer: Gazetteer, local_names: Sequence[LocalName] = ()) -> None:
        self._entries = gazetteer.entries
        self._gazetteer = gazetteer
        self.index = NameIndex(gazetteer)
        self.ranker = Ranker(gazetteer, self.index)
        self.codes = CodeLookup(gazetteer)
        self._towns = Towns(gazetteer)
        self._not_short = frozenset(self._towns.names) | self._towns.vague
        self._wards = WardCircles(gazetteer)
        self.learned: dict[str, list[LocalName]] = {}
        for name in local_names:
            self.learned.setdefault(name_key(name.name), []).append(name)

    def answer(self, text: str, beside: Beside) -> Answer:
        """Answer one text."""
        query = take_apart(text)
        if query.is_words:
            return Answer(disagreement=THREE_WORDS)
        if (learned := self._by_learned_name(query)) is not None:
            return learned
        unit = self.codes.unit(query.postcode) if query.postcode else None
        if query.point is not None:
            return finer(self.codes.point(query.point), unit)
        if query.uprn and (found := self.codes.uprn(query.uprn)) is not None:
            return found
        return self._by_words(query, unit, beside)

    def _by_learned_name(self, query: PlaceQuery) -> Answer | None:
        """Find a learned name that is a whole phrase of a text."""
        for phrase in query.phrases if self.learned else ():
            held = [
                Answer(
                    MATCHED, one.match_level, 0.97, one.easting_m, one.northing_m, one.error_m,
                    self.codes.ward_at(one.easting_m, one.northing_m), one.name,
                )
                for one in self.learned.get(name_key(" ".join(phrase)), ())
            ]  # fmt: skip
            if held:
                return held[0] if len(held) == 1 else ambiguous(held, score=1 / len(held))
        return None

    def _by_words(self, query: PlaceQuery, unit: Answer | None, beside: Beside) -> Answer:
        """Answer by the names and codes of a text, held against each other."""
        stated = unit or (self.codes.unit(beside.postcode) if beside.postcode else None)
        area = self.codes.area(query, stated)
        part = take_apart(beside.postcode)
        nearby = area or self.codes.area(part, stated)
        reading = read(query, self.index, self._not_short)
        circles = [circle_of(one) for one in (nearby, stated) if one is not None]
        named = self._named(query, reading, beside, circles, self.codes.district(query, part))
        if named is not None and (named.status == MATCHED or stated is None):
            return finer(named, stated)
        if stated is not None:
            return stated if named is None else torn(named, stated)
        return named or self._only_area(query, reading, area)

    def _only_area(self, query: PlaceQuery, reading: Reading, area: Answer | None) -> Answer:
        """Answer by a sector or district alone, unless the text names something that was not found."""
        code = query.district.lower()
        left = tuple(tuple(word for word in run if word != code) for run in reading.left)
        return Answer() if area is None or self._towns.named_in(left)[1] else area

    def _named(
        self, query: PlaceQuery, reading: Reading, beside: Beside, circles: list[Circle], district: str
    ) -> Answer | None:
        """Answer by the names in a text; None where there is none."""
        towns, unexplained = self._towns.named_in(reading.left)
        ward, ward_phrase = self._wards.named_in(query.phrases)
        hits = [hit for hit in reading.hits if hit.phrase != ward_phrase]
        targets = [hit for hit in hits if not self.ranker.is_settlement(hit)]
        for hit in hits:
            if hit not in targets:
                towns |= self._towns.names.get(self.index.keys[hit.near[0].key], frozenset())
        if not targets:
            return None
        if all(self._may_be_ward(hit, query) for hit in targets):
            ranked = self.ranker.rank(targets[0], Evidence(), unexplained=unexplained)
            return ambiguous(self._best(ranked), score=ranked.score)
        targets = [hit for hit in targets if not self._may_be_ward(hit, query)]
        towns = towns or self._towns.names.get(name_key(beside.borough), frozenset())
        if (lies_in := self._wards.of(ward or beside.ward_gss_code)) is not None:
            circles = [*circles, lies_in]
        evidence = Evidence(tuple(circles), towns, district)
        if len(targets) > 1 and (crossing := self._junction(query, targets, evidence)) is not None:
            return crossing
        order = sorted(targets, key=self._sort_key)
        evidence = replace(evidence, others=self._others(order[1:3]))
        ranked = self.ranker.rank(order[0], evidence, unexplained=0 if ward else unexplained)
        return self._from_ranked(ranked, query, evidence)

    def _may_be_ward(self, hit: Hit, query: PlaceQuery) -> bool:
        """Say whether a name cut short is that of a ward: "Newport" need not be Newport Close."""
        return hit.is_bare and self._wards.is_name(query.phrases[hit.phrase][hit.start : hit.end])

    def _sort_key(self, hit: Hit) -> tuple[bool, bool, bool, int, int]:
        """Sort names by how likely they are meant: kinds of places last, the exact before the near."""
        is_generic = bool(self.index.is_generic[hit.near[0].key])
        return (is_generic, hit.distance > 0.7, hit.end - hit.start == 1, hit.phrase, hit.start)

    def _others(self, hits: Sequence[Hit]) -> tuple[tuple[int, ...], ...]:
        """Return the entries of the other names in a text: what is meant lies near one of each."""
        return tuple(
            tuple(self.index.entries_of(hit.near[0].key)[:_MOST_OTHERS].tolist())
            for hit in hits
            if hit.distance == 0.0 and not self.index.is_generic[hit.near[0].key]
        )

    def _junction(self, query: PlaceQuery, targets: list[Hit], evidence: Evidence) -> Answer | None:
        """Answer where two streets of a text meet, if it says so and they do, at one place only."""
        pair = targets[:2]
        if pair[0].phrase == pair[1].phrase and pair[1].start - pair[0].end > 2:
            return None
        if any(self.index.is_generic[hit.near[0].key] for hit in pair):
            return None
        if not query.is_junction and any(hit.is_bare for hit in pair):
            return None
        ranked = [self.ranker.rank(hit, evidence, unexplained=0) for hit in pair]
        met = meet(self._gazetteer, *(self._likely(one) for one in ranked))
        if met is None or not met.is_sole:
            return self._no_junction(ranked, is_many=met is not None) if query.is_junction else None
        is_pair = len(query.phrases) <= 2 and not query.has_number and not query.is_near
        if not query.is_junction and not (is_pair and met.gap_m <= _CROSSING_M):
            return None
        score = min(one.score for one in ranked) * 0.97
        if all(hit.distance == 0.0 for hit in pair):
            score = max(score, 0.93)
        name = " and ".join(str(self._entries.name[row]) for row in (met.first, met.second))
        ward = self.codes.ward_at(met.easting_m, met.northing_m)
        return Answer(MATCHED, "junction", score, met.easting_m, met.northing_m, met.error_m, ward, name)

    def _no_junction(self, ranked: list[Ranked], *, is_many: bool) -> Answer:
        """Answer that two streets do not meet, as far as is known, or do so at several places."""
        first, second = (self._best(one) for one in ranked)
        what = "meet at more than one place" if is_many else "are not known to meet"
        said = f"{first[0].name} and {second[0].name} {what}"
        half = MOST_CANDIDATES // 2
        listed = [*first[:half], *second[: MOST_CANDIDATES - min(half, len(first))]]
        return ambiguous(listed, score=min(one.score for one in ranked), disagreement=said)

    def _best(self, ranked: Ranked) -> list[Answer]:
        """Return each place that was weighed, once and the likeliest first, as an answer."""
        rows = dict.fromkeys(one.row for one in ranked.candidates)
        best = [next(one for one in ranked.candidates if one.row == row) for row in rows]
        return [self._listed(one, ranked) for one in best[:MOST_CANDIDATES]]

    def _likely(self, ranked: Ranked) -> list[int]:
        """Return the entries that are nearly as likely as the first, whatever they lie near."""
        first = ranked.candidates[0]
        return [
            one.row
            for one in ranked.candidates
            if one.distance <= first.distance + 0.5 and one.conflicts <= first.conflicts
        ]

    def _from_ranked(self, ranked: Ranked, query: PlaceQuery, evidence: Evidence) -> Answer:
        first = ranked.candidates[0]
        listed = self._best(ranked)
        base, _ = split_type(self.index.keys[first.key])
        is_unlike = first.distance > max(1.2, UNLIKE * len(base))
        if not ranked.is_clear and not is_unlike:
            return ambiguous(listed, score=ranked.score)
        if not ranked.is_clear or ranked.score < LEAST_SCORE:
            return replace(ambiguous(listed, score=ranked.score), status=UNMATCHED)
        answer = replace(listed[0], score=ranked.score, disagreement=self._conflict(first, evidence))
        return replace(answer, error_m=math.hypot(answer.error_m, _NEAR_M)) if query.is_near else answer

    def _conflict(self, one: Candidate, evidence: Evidence) -> str:
        """Say how far a place lies from the area said beside it, or that it is in another town; or ""."""
        if not one.conflicts:
            return ""
        entries, name = self._entries, str(self._entries.name[one.row])
        away = [circle.beyond_m(*entries.members(one.row)) for circle in evidence.circles]
        if (farthest := max(away, default=0.0)) > 0:
            return f"{name} lies {in_words(farthest)} outside the ward or postcode area said beside it"
        if evidence.towns and (borough := entries.borough[one.row]):
            return f"{name} lies in {borough}, which is not the town named"
        return f"{name} lies far from another place named"

    def _listed(self, one: Candidate, ranked: Ranked) -> Answer:
        """Return a candidate as an answer; those dearer than the first are less likely by that much."""
        entries, row = self._entries, one.row
        score = round(ranked.score * math.exp(ranked.candidates[0].cost - one.cost), 3)
        east, north, error = (
            float(table[row]) for table in (entries.easting_m, entries.northing_m, entries.error_m)
        )
        name, ward = str(entries.name[row]), entries.ward_gss_code[row]
        return Answer(MATCHED, entries.level[row], score, east, north, error, ward, name)


def finer(answer: Answer, unit: Answer | None) -> Answer:
    """Take whichever is the finer of an answer and a postcode that agree; say it where they do not."""
    if unit is None or answer.status != MATCHED:
        return answer
    if answer.apart_m(unit.easting_m, unit.northing_m) > answer.error_m + unit.error_m + APART_M:
        return torn(answer, unit)
    if unit.error_m < answer.error_m:
        return replace(unit, name=f"{answer.name}, {unit.name}", score=max(unit.score, answer.score))
    return replace(answer, score=max(answer.score, 0.98))


def torn(named: Answer, unit: Answer) -> Answer:
    """Answer where a postcode lies elsewhere than the names beside it: a person has to say which is right."""
    if named.status == UNMATCHED:
        return unit
    listed = named.candidates or (named.as_candidate(),)
    away = [unit.apart_m(one["easting_m"], one["northing_m"]) for one in listed]
    if min(away) <= APART_M:
        return replace(unit, score=min(unit.score, 0.9))
    said = f"{unit.name} lies {in_words(min(away))} from {listed[away.index(min(away))]['name']}"
    answer = ambiguous([unit], score=0.5, disagreement=said)
    return replace(answer, candidates=(*answer.candidates, *listed))
