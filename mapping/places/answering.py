"""One text answered with all there is to know of it: its names, its codes, and what was said beside it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from mapping.places.code_lookup import CodeLookup, circle_of
from mapping.places.gazetteer import Gazetteer
from mapping.places.junctions import are_joined, meet
from mapping.places.name_index import NameIndex, split_type
from mapping.places.place_answers import AMBIGUOUS, MATCHED, UNMATCHED, Answer, LocalName, ambiguous, in_words
from mapping.places.place_context import Circle, Towns, Vicinity, WardCircles
from mapping.places.place_query import PlaceQuery, take_apart
from mapping.places.place_words import name_key
from mapping.places.ranking import Candidate, Evidence, Ranked, Ranker
from mapping.places.readings import ARTICLE, Hit, Reading, Span, read

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
_SLIP: Final = 1.5  # wrong letters up to which a name with its kind of street speaks against a postcode
_WITH_WORDS: Final = 0.9  # of an area: the words beside it, which say nothing, might have said more


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
        reading = read(query, self.index, self._towns)
        circles = [circle_of(one) for one in (nearby, stated) if one is not None]
        named = self._named(query, reading, beside, circles, self.codes.district(query, part))
        is_said = any(self._is_said(hit) for hit in reading.hits)
        if named is not None and named.status == MATCHED:
            made, code = finer(named, stated), unit or area
            # Incidental words count beside a code only where they lie in it.
            is_apart = made.status != MATCHED or bool(named.disagreement)
            return code if code is not None and is_apart and not is_said else made
        if unit is not None and not is_said:
            return unit
        if stated is not None:
            return stated if named is None else torn(named, stated)
        if area is not None and not (is_said and named is not None and named.status == AMBIGUOUS):
            return self._only_area(query, reading, area)
        return named or Answer()

    def _is_said(self, hit: Hit) -> bool:
        """Say whether a name is written out, so that it counts beside a code; other words are incidental."""
        if hit.is_plain or self.index.is_generic[hit.near[0].key]:
            return False
        return hit.distance <= (_SLIP if hit.kind else ARTICLE)

    def _only_area(self, query: PlaceQuery, reading: Reading, area: Answer) -> Answer:
        """Answer by a sector or district, whatever the words beside it are; say where they name a street."""
        code = query.district.lower()
        left = tuple(tuple(word for word in run if word != code) for run in reading.left)
        if not self._towns.named_in(left)[1] and not reading.hits:
            return area
        said = "a street is named that is not known" if reading.unknown else ""
        return replace(area, score=min(area.score, _WITH_WORDS), disagreement=said)

    def _named(
        self, query: PlaceQuery, reading: Reading, beside: Beside, circles: list[Circle], district: str
    ) -> Answer | None:
        """Answer by the names in a text; None where there is none."""
        towns, unexplained = self._towns.named_in(reading.left)
        ward, ward_phrase = self._wards.named_in(query.phrases)
        hits = sorted((hit for hit in reading.hits if hit.phrase != ward_phrase), key=lambda hit: hit.span)
        areas = self._areas(query, hits)
        for hit in areas:
            towns |= self._towns.names.get(self.index.keys[hit.near[0].key], frozenset())
        targets = [hit for hit in hits if hit not in areas]
        if not targets:
            return None
        if all(self._may_be_ward(hit, query) for hit in targets):
            ranked = self.ranker.rank(targets[0], Evidence(), unexplained=unexplained)
            return ambiguous(self._best(ranked), score=ranked.score)
        targets = [hit for hit in targets if not self._may_be_ward(hit, query)]
        is_told = bool(towns or areas or circles or ward or query.has_number)
        towns = towns or self._towns.names.get(name_key(beside.borough), frozenset())
        if (lies_in := self._wards.of(ward or beside.ward_gss_code)) is not None:
            circles = [*circles, lies_in]
        evidence = Evidence(tuple(circles), towns, district, (), self._vicinities(areas), is_told)
        if (crossing := self._pair(query, targets, reading.unknown, evidence)) is not None:
            return crossing
        order = sorted(targets, key=self._sort_key)
        evidence = replace(evidence, others=self._others(order[1:3]))
        ranked = self.ranker.rank(order[0], evidence, unexplained=0 if ward else unexplained)
        if self._is_unnamed(order[0], query, reading.unknown, is_told=is_told):
            listed = ambiguous(self._best(ranked), score=ranked.score)
            return listed if order[0].is_plain else replace(listed, status=UNMATCHED)
        return self._from_ranked(ranked, query, evidence)

    def _areas(self, query: PlaceQuery, hits: list[Hit]) -> list[Hit]:
        """Return the names that say where another is: towns, and names on a map that follow a street's."""
        areas = [hit for hit in hits if self.ranker.is_settlement(hit)]
        streets = [hit for hit in hits if hit.is_plain or (hit.kind and not hit.is_bare)]
        for hit in hits:
            if (
                streets
                and streets[0].span < hit.span
                and hit not in areas
                and self.ranker.may_be_area(hit)
                and not any(are_joined(query, hit.span, one.span) for one in streets)
            ):
                areas.append(hit)
        return areas

    def _vicinities(self, areas: list[Hit]) -> tuple[Vicinity, ...]:
        """Return where areas lie; of a town whose streets are known it only tells two of them apart."""
        found = []
        for hit in areas:
            is_town = self.ranker.names_town(self.index.keys[hit.near[0].key])
            if not is_town or self.ranker.is_settlement_row[self.index.entries_of(hit.near[0].key)].all():
                found.append(self.ranker.vicinity(hit, is_town=is_town))
        return tuple(found)

    def _is_unnamed(self, hit: Hit, query: PlaceQuery, unknown: tuple[Span, ...], *, is_told: bool) -> bool:
        """Say whether a text names no place: "down the close", or a town beside a street not known in it."""
        if hit.is_plain:
            words = [word for phrase in query.phrases for word in phrase]
            return not is_told and len(words) > hit.end - hit.start
        return any(span < hit.span for span in unknown) and self.ranker.may_be_area(hit)

    def _may_be_ward(self, hit: Hit, query: PlaceQuery) -> bool:
        """Say whether a name cut short is that of a ward: "Newport" need not be Newport Close."""
        return hit.is_bare and self._wards.is_name(query.phrases[hit.phrase][hit.start : hit.end])

    def _sort_key(self, hit: Hit) -> tuple[bool, bool, bool, bool, int, int]:
        """Sort names by how likely they are meant: kinds of places last, the exact before the near."""
        is_generic = bool(self.index.is_generic[hit.near[0].key])
        is_loose = hit.is_plain or (hit.is_bare and not hit.kind)
        return (is_generic, is_loose, hit.distance > 0.7, hit.end - hit.start == 1, hit.phrase, hit.start)

    def _others(self, hits: Sequence[Hit]) -> tuple[tuple[int, ...], ...]:
        """Return the entries of the other names in a text: what is meant lies near one of each."""
        return tuple(
            tuple(self.index.entries_of(hit.near[0].key)[:_MOST_OTHERS].tolist())
            for hit in hits
            if hit.distance == 0.0 and not hit.is_plain and not self.index.is_generic[hit.near[0].key]
        )

    def _pair(
        self, query: PlaceQuery, targets: list[Hit], unknown: tuple[Span, ...], evidence: Evidence
    ) -> Answer | None:
        """Answer by two names of a text where it joins them, or says that they meet, or they plainly do."""
        usable = [hit for hit in targets if not self.index.is_generic[hit.near[0].key]]
        pairs = list(pairwise(usable))
        joined = [pair for pair in pairs if are_joined(query, pair[0].span, pair[1].span)]
        for pair in (joined or pairs)[:1]:
            found = self._junction(query, pair, evidence, is_said=bool(joined) or query.is_junction)
            if joined or found is not None:
                return found
        for hit in usable:
            if self._is_street(hit) and any(are_joined(query, hit.span, span) for span in unknown):
                ranked = self.ranker.rank(hit, evidence, unexplained=0)
                said = f"of the two streets named only {self._best(ranked)[0].name} is known"
                return ambiguous(self._best(ranked), score=ranked.score, disagreement=said)
        return None

    def _is_street(self, hit: Hit) -> bool:
        """Say whether a name is a street's, in full."""
        rows = self.index.entries_of(hit.near[0].key)
        return not hit.is_bare and bool(self.ranker.is_street_row[rows].any())

    def _junction(
        self, query: PlaceQuery, pair: tuple[Hit, Hit], evidence: Evidence, *, is_said: bool
    ) -> Answer | None:
        """Answer where two streets of a text meet, if it says so and they do, at one place only."""
        if pair[0].phrase == pair[1].phrase and pair[1].start - pair[0].end > 2 and not is_said:
            return None
        if not is_said and any(hit.is_bare for hit in pair):
            return None
        must = query.is_junction or (is_said and all(map(self._is_street, pair)))
        ranked = [self.ranker.rank(hit, evidence, unexplained=0) for hit in pair]
        met = meet(self._gazetteer, *(self._likely(one) for one in ranked))
        score = min(one.score for one in ranked) * 0.97
        if all(hit.distance == 0.0 and not hit.is_bare for hit in pair):
            score = max(score, 0.93)
        if met is None or not met.is_sole or score < LEAST_SCORE:
            return self._no_junction(ranked, is_many=met is not None) if must else None
        is_pair = len(query.phrases) <= 2 and not query.has_number and not query.is_near
        if not is_said and not (is_pair and met.gap_m <= _CROSSING_M):
            return None
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
