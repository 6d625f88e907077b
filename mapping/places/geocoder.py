"""Free text to a point with an honest radius, without leaving the machine.

A text is taken apart (`place_query`), its names are found (`readings`), what else is known is gathered
(`place_context`) and the candidates are ranked (`ranking`). The answer is matched, ambiguous or unmatched:
two places that cannot be told apart are never guessed between.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import postcodes
from mapping.places.gazetteer import Areas, Gazetteer
from mapping.places.junctions import meet
from mapping.places.name_index import NameIndex, Near, split_type
from mapping.places.place_context import Circle, Towns, WardCircles
from mapping.places.place_query import PlaceQuery, take_apart
from mapping.places.place_words import name_key
from mapping.places.ranking import Candidate, Evidence, Ranked, Ranker
from mapping.places.readings import Hit, Reading, read

MATCHED: Final = "matched"
AMBIGUOUS: Final = "ambiguous"
UNMATCHED: Final = "unmatched"
CONTEXT: Final = ("postcode", "ward_gss_code", "borough", "easting_m", "northing_m")
MOST_CANDIDATES: Final = 8
LEAST_SCORE: Final = 0.5
UNLIKE: Final = 0.2  # wrong letters per letter from which two names that fit equally fit neither

_NEAR_M: Final = 30.0  # how far outside, behind or opposite a place is from it
_APART_M: Final = 400.0  # beyond both errors: what a postcode, a street and a point disagree by
_POSTCODE_SHAPE: Final = re.compile(r"[A-Za-z]{1,2}[0-9][0-9A-Za-z]?\s?[0-9][A-Za-z]{2}")
_NAN: Final = float("nan")


@dataclass(frozen=True)
class LocalName:
    """What people here call a place, learned from an answer."""

    name: str
    match_level: str
    easting_m: float
    northing_m: float
    error_m: float


@dataclass(frozen=True)
class Answer:
    """Where a text is; without a point where it is not matched."""

    status: str = UNMATCHED
    level: str = ""
    score: float = 0.0
    easting_m: float = _NAN
    northing_m: float = _NAN
    error_m: float = _NAN
    ward_gss_code: str = ""
    name: str = ""
    disagreement: str = ""
    candidates: tuple[dict[str, Any], ...] = ()


ANSWERS: Final = ("query", *Answer.__dataclass_fields__)


class Geocoder:
    """Answers where texts are, from one gazetteer and the names learned here."""

    def __init__(self, gazetteer: Gazetteer, local_names: Sequence[LocalName] = ()) -> None:
        self.gazetteer = gazetteer
        self._index = NameIndex(gazetteer)
        self._ranker = Ranker(gazetteer, self._index)
        self._towns = Towns(gazetteer)
        self._not_short = frozenset(self._towns.names) | self._towns.vague
        self._wards = WardCircles(gazetteer)
        self._learned: dict[str, list[LocalName]] = {}
        for name in local_names:
            self._learned.setdefault(name_key(name.name), []).append(name)
        self._sole = self._sole_entries()

    def _sole_entries(self) -> dict[str, int]:
        """Return the keys that one entry alone has, and no learned name: found without any weighing."""
        index = self._index
        sole = {
            key: int(rows[0])
            for number, key in enumerate(index.keys)
            if not index.is_generic[number] and len(rows := index.entries_of(number)) == 1
            and not self._ranker.is_settlement(Hit(0, 0, 1, (_exactly(number),)))
        }
        for key in self._learned:
            sole.pop(key, None)
        return sole

    def answer(self, queries: pd.DataFrame) -> pd.DataFrame:
        """Answer texts, each different one once.

        Parameters
        ----------
        queries : DataFrame, n rows
            `query`, and where known `postcode`, `ward_gss_code`, `borough` (name or code), and the point
            that the source gave: `easting_m`, `northing_m`, EPSG:27700.

        Returns
        -------
        DataFrame, n rows, in the same order (`ANSWERS`)
            NaN and "" where there is nothing. `score` is 0-1; of answers at 0.9 and more, 99 in 100
            are right. `error_m` is the radius that holds the truth 95 times in 100.
        """
        texts = queries["query"].astype(str).tolist()
        known = [name for name in CONTEXT if name in queries]
        if known:
            context = list(zip(*(queries[name].tolist() for name in known), strict=True))
            asked = list(zip(texts, context, strict=True))
            answers = {one: self._slow(one[0], dict(zip(known, one[1], strict=True))) for one in dict.fromkeys(asked)}
            return _frame(texts, [answers[one] for one in asked])
        return self._plain(texts)

    def _plain(self, texts: list[str]) -> pd.DataFrame:
        """Answer texts that come alone: names and postcodes as they stand are looked up all at once."""
        numbers: dict[str, int] = {}
        rows = [numbers.setdefault(text, len(numbers)) for text in texts]
        distinct = list(numbers)
        sole = self._sole
        street = np.array([sole.get(name_key(text), -1) if len(text) < 60 else -1 for text in distinct], dtype=np.int64)
        unit = self._units_of(distinct, street)
        slow = np.flatnonzero((street < 0) & (unit < 0)).tolist()
        made = [self._slow(distinct[place], {}) for place in slow]
        return self._assembled(texts, np.array(rows), street, unit, slow, made)

    def _units_of(self, texts: list[str], street: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the rows of texts that are postcodes and nothing else, -1 for others."""
        found = np.full(len(texts), -1, dtype=np.int64)
        shaped = [
            place for place in np.flatnonzero(street < 0).tolist()
            if len(texts[place]) <= 8 and _POSTCODE_SHAPE.fullmatch(texts[place])
        ]
        codes = self.gazetteer.postcodes
        if not shaped or not len(codes):
            return found
        sought = np.array([texts[place].replace(" ", "").upper().encode() for place in shaped], dtype=codes.code.dtype)
        at = np.minimum(np.searchsorted(codes.code, sought), len(codes) - 1)
        held = (codes.code[at] == sought) & np.isfinite(codes.easting_m[at])
        found[np.array(shaped)[held]] = at[held]
        return found

    def _assembled(
        self, texts: list[str], rows: npt.NDArray[np.int64], street: npt.NDArray[np.int64],
        unit: npt.NDArray[np.int64], slow: list[int], made: list[Answer],
    ) -> pd.DataFrame:  # fmt: skip
        entries, codes = self.gazetteer.entries, self.gazetteer.postcodes
        n = len(street)
        columns: dict[str, npt.NDArray[Any]] = {
            name: np.full(n, "", dtype=object) for name in ("status", "level", "ward_gss_code", "name", "disagreement")
        } | {name: np.full(n, _NAN) for name in ("score", "easting_m", "northing_m", "error_m")}
        columns["candidates"] = np.full(n, None, dtype=object)
        columns["candidates"][:] = [()] * n
        for is_held, at, table in ((street >= 0, street, entries), (unit >= 0, unit, codes)):
            own = at[is_held]
            columns["status"][is_held] = MATCHED
            for name in ("easting_m", "northing_m", "error_m"):
                columns[name][is_held] = getattr(table, name)[own]
            columns["ward_gss_code"][is_held] = table.ward_gss_code[own]
        columns["level"][street >= 0] = entries.level[street[street >= 0]]
        columns["name"][street >= 0] = entries.name[street[street >= 0]]
        columns["score"][street >= 0] = 0.99
        columns["level"][unit >= 0] = "postcode"
        columns["name"][unit >= 0] = [_spaced(code.decode()) for code in codes.code[unit[unit >= 0]].tolist()]
        columns["score"][unit >= 0] = 0.995
        for name in columns:
            values = np.empty(len(made), dtype=object)
            values[:] = [getattr(answer, name) for answer in made]
            columns[name][slow] = values
        return pd.DataFrame({"query": texts} | {name: columns[name][rows] for name in ANSWERS[1:]})

    def _slow(self, text: str, context: dict[str, Any]) -> Answer:
        """Answer one text with all there is to know of it."""
        query = take_apart(text)
        if query.is_words:
            return Answer()
        answer = self._weighed(query, context)
        return self._checked(answer, context)

    # -- the parts of an answer -------------------------------------------------------------------------

    def _weighed(self, query: PlaceQuery, context: dict[str, Any]) -> Answer:
        reading = read(query, self._index, self._not_short)
        learned = self._learned_in(query)
        if learned is not None:
            return learned
        unit = self._unit(query.postcode) if query.postcode else None
        stated = unit or (self._unit(_text(context, "postcode")) if _text(context, "postcode") else None)
        if query.point is not None:
            return self._at_point(query, unit)
        if query.uprn and (found := self._at_property(query.uprn)) is not None:
            return found
        if stated is None and (part := take_apart(_text(context, "postcode"))).district and not query.district:
            area, area_level, area_name = self._area(part, None)
            area_level = ""  # said beside the text, not in it: it helps, and is no answer
        else:
            area, area_level, area_name = self._area(query, stated)
        named = self._named(query, reading, context, stated, area)
        if named is not None and (named.status == MATCHED or stated is None):
            return self._finer(named, stated)
        if stated is not None:
            return stated if named is None else self._torn(named, stated)
        if named is not None:
            return named
        return self._only_area(query, reading, area, area_level, area_name)

    def _learned_in(self, query: PlaceQuery) -> Answer | None:
        """Find a learned name that is a whole phrase of a text."""
        for phrase in query.phrases if self._learned else ():
            held = self._learned.get(name_key(" ".join(phrase)), [])
            if len(held) == 1:
                one = held[0]
                return Answer(MATCHED, one.match_level, 0.97, one.easting_m, one.northing_m, one.error_m, self._ward_at(one.easting_m, one.northing_m), one.name)
            if held:
                listed = tuple(_candidate(one.name, one.match_level, 0.5, one.easting_m, one.northing_m, one.error_m, "") for one in held)
                return Answer(AMBIGUOUS, score=1 / len(held), candidates=listed)
        return None

    def _ward_at(self, easting_m: float, northing_m: float) -> str:
        """Return the ward of the nearest postcode: good enough until the point is placed for good."""
        codes = self.gazetteer.postcodes
        if not len(codes):
            return ""
        away = np.hypot(codes.easting_m - easting_m, codes.northing_m - northing_m)
        nearest = int(np.nanargmin(away))
        return codes.ward_gss_code[nearest] if away[nearest] < 2_000 else ""

    def _unit(self, postcode: str) -> Answer | None:
        code, mended = postcodes.normalise(postcode)
        codes = self.gazetteer.postcodes
        row = codes.row_of(code.replace(" ", "")) if code else -1
        if row < 0 or not np.isfinite(codes.easting_m[row]):
            return None
        return Answer(
            MATCHED, "postcode", 0.95 if mended else 0.995, float(codes.easting_m[row]), float(codes.northing_m[row]),
            float(codes.error_m[row]), codes.ward_gss_code[row], code,
        )  # fmt: skip

    def _at_point(self, query: PlaceQuery, unit: Answer | None) -> Answer:
        point = query.point
        assert point is not None
        error = math.hypot(10.0, point.rounding_m)
        answer = Answer(
            MATCHED, point.level, 0.98, point.easting_m, point.northing_m, error,
            self._ward_at(point.easting_m, point.northing_m), point.level,
        )  # fmt: skip
        return self._finer(answer, unit) if unit is not None else answer

    def _at_property(self, uprn: str) -> Answer | None:
        found = self.gazetteer.find_uprns([uprn])
        if not np.isfinite(found.easting_m[0]):
            return None
        return Answer(MATCHED, "property", 0.995, float(found.easting_m[0]), float(found.northing_m[0]), 15.0, str(found.ward_gss_code[0]), f"UPRN {uprn.lstrip('0')}")

    def _area(self, query: PlaceQuery, unit: Answer | None) -> tuple[Circle | None, str, str]:
        """Return the sector or district that a text names, as far as the gazetteer knows it."""
        wanted = ((self.gazetteer.sectors, query.sector, "sector"), (self.gazetteer.districts, query.district, "district"))
        if query.postcode and unit is None:
            outward, _, inward = query.postcode.partition(" ")
            wanted = ((self.gazetteer.sectors, f"{outward} {inward[0]}", "sector"), (self.gazetteer.districts, outward, "district"))
        for areas, code, level in wanted:
            row = areas.row_of(code.replace(" ", "")) if code else -1
            if row >= 0:
                return Circle(float(areas.easting_m[row]), float(areas.northing_m[row]), float(areas.error_m[row])), level, code
        return None, "", ""

    def _only_area(self, query: PlaceQuery, reading: Reading, area: Circle | None, level: str, name: str) -> Answer:
        if area is None or not level or reading.hits:
            return Answer()
        code = query.district.lower()
        left = tuple(tuple(word for word in run if word != code) for run in reading.left)
        if self._towns.named_in(left)[1]:  # it names something that was not found: the area is not it
            return Answer()
        score = 0.6 if query.postcode else 0.97
        return Answer(MATCHED, level, score, area.easting_m, area.northing_m, area.radius_m, self._ward_at(area.easting_m, area.northing_m), name)

    def _named(
        self, query: PlaceQuery, reading: Reading, context: dict[str, Any], unit: Answer | None, area: Circle | None
    ) -> Answer | None:
        """Answer by the names in a text; None where there is none."""
        towns, unexplained = self._towns.named_in(reading.left)
        ward, ward_phrase = self._wards.named_in(query.phrases)
        if ward:
            reading = replace(reading, hits=tuple(hit for hit in reading.hits if hit.phrase != ward_phrase))
            context = {**context, "ward_gss_code": ward}
            unexplained = 0
        targets = [hit for hit in reading.hits if not self._ranker.is_settlement(hit)]
        for hit in reading.hits:
            if hit not in targets:
                towns |= self._towns.names.get(self._index.keys[hit.near[0].key], frozenset())
        if not targets:
            return None
        evidence = self._evidence(context, towns, unit, area, self._district(query, context))
        order = sorted(targets, key=lambda hit: self._rank_of_target(hit, query))
        if len(targets) > 1:
            if (crossing := self._junction(query, targets, evidence)) is not None:
                return crossing
            others = tuple(
                tuple(self._index.entries_of(other.near[0].key)[:40].tolist())
                for other in order[1:3] if other.distance == 0.0 and not self._index.is_generic[other.near[0].key]
            )
            evidence = replace(evidence, others=others)
        ranked = self._ranker.rank(order[0], evidence, unexplained=unexplained)
        return self._from_ranked(ranked, query)

    def _rank_of_target(self, hit: Hit, query: PlaceQuery) -> tuple[Any, ...]:
        """Sort names by how likely they are what is meant: known kinds last, the exact before the near."""
        key = hit.near[0].key
        words = hit.end - hit.start
        return (bool(self._index.is_generic[key]), hit.distance > 0.7, words == 1, hit.phrase, hit.start)

    def _evidence(
        self, context: dict[str, Any], towns: frozenset[str], unit: Answer | None, area: Circle | None,
        district: str,
    ) -> Evidence:  # fmt: skip
        circles = [area] if area is not None else []
        if unit is not None:
            circles.append(Circle(unit.easting_m, unit.northing_m, unit.error_m))
        if (ward := self._wards.of(_text(context, "ward_gss_code"))) is not None:
            circles.append(ward)
        borough = name_key(_text(context, "borough"))
        if borough and not towns:
            towns = self._towns.names.get(borough, frozenset())
        return Evidence(tuple(circles), towns, district)

    def _district(self, query: PlaceQuery, context: dict[str, Any]) -> str:
        """Return the postcode district that is said in or beside a text, where there is one of that name."""
        beside = take_apart(_text(context, "postcode"))
        for one in (query, beside):
            code = one.postcode.partition(" ")[0] or one.district
            if code and self.gazetteer.districts.row_of(code) >= 0:
                return code
        return ""

    def _junction(self, query: PlaceQuery, targets: list[Hit], evidence: Evidence) -> Answer | None:
        """Answer where two streets of a text meet, if it says so and they do."""
        first, second = targets[0], targets[1]
        is_joined = first.phrase != second.phrase or second.start - first.end <= 2
        if not is_joined:
            return None
        ranked = [self._ranker.rank(hit, evidence, unexplained=0) for hit in (first, second)]
        met = meet(self.gazetteer, *([one.row for one in each.candidates if one.distance <= each.candidates[0].distance + 0.5 and one.conflicts <= each.candidates[0].conflicts] for each in ranked))
        if met is None or not (query.is_junction or (met.gap_m <= 60 and not query.is_near and query_is_pair(query, first, second))):
            return None
        names = [self.gazetteer.entries.name[row] for row in (met.first, met.second)]
        score = min(each.score for each in ranked) if met.is_sole else 0.5
        status = MATCHED if met.is_sole else AMBIGUOUS
        score = max(score, 0.93) if max(first.distance, second.distance) == 0 and met.is_sole else score * 0.97
        if status == AMBIGUOUS:
            return None
        return Answer(status, "junction", score, met.easting_m, met.northing_m, met.error_m, self._ward_at(met.easting_m, met.northing_m), " and ".join(names))

    def _from_ranked(self, ranked: Ranked, query: PlaceQuery) -> Answer:
        listed = tuple(self._listed(one, ranked) for one in _one_each(ranked.candidates)[:MOST_CANDIDATES])
        first = ranked.candidates[0]
        base, _ = split_type(self._index.keys[first.key])
        if not ranked.is_clear and first.distance > max(1.2, UNLIKE * len(base)):
            return Answer(UNMATCHED, score=min(ranked.score, 0.5), candidates=listed)
        if not ranked.is_clear:
            return Answer(AMBIGUOUS, score=min(ranked.score, 0.5), candidates=listed)
        if ranked.score < LEAST_SCORE:
            return Answer(UNMATCHED, score=ranked.score, candidates=listed)
        entries, row = self.gazetteer.entries, first.row
        error = float(entries.error_m[row])
        return Answer(
            MATCHED, entries.level[row], ranked.score, float(entries.easting_m[row]), float(entries.northing_m[row]),
            math.hypot(error, _NEAR_M) if query.is_near else error, entries.ward_gss_code[row], str(entries.name[row]),
        )  # fmt: skip

    def _listed(self, one: Candidate, ranked: Ranked) -> dict[str, Any]:
        entries, row = self.gazetteer.entries, one.row
        likeness = ranked.score * math.exp(ranked.candidates[0].cost - one.cost)
        return _candidate(
            str(entries.name[row]), entries.level[row], likeness, float(entries.easting_m[row]),
            float(entries.northing_m[row]), float(entries.error_m[row]), entries.ward_gss_code[row],
        )  # fmt: skip

    def _finer(self, answer: Answer, unit: Answer | None) -> Answer:
        """Take whichever is the finer of two that agree; say it where they do not."""
        if unit is None or answer.status != MATCHED:
            return answer
        apart = math.hypot(answer.easting_m - unit.easting_m, answer.northing_m - unit.northing_m)
        if apart > answer.error_m + unit.error_m + _APART_M:
            return self._torn(answer, unit)
        if unit.error_m < answer.error_m:
            return replace(unit, name=f"{answer.name}, {unit.name}", score=max(unit.score, answer.score))
        return replace(answer, score=max(answer.score, 0.98))

    def _torn(self, named: Answer, unit: Answer) -> Answer:
        """Answer for a text whose postcode lies elsewhere than its names: a person has to say."""
        if named.status == UNMATCHED:
            return unit
        listed = named.candidates or (_as_candidate(named),)
        nearest = min(math.hypot(one["easting_m"] - unit.easting_m, one["northing_m"] - unit.northing_m) for one in listed)
        said = f"{unit.name} lies {_length(nearest)} from {listed[0]['name']}"
        if nearest <= _APART_M:
            return replace(unit, score=min(unit.score, 0.9))
        return Answer(AMBIGUOUS, score=0.5, disagreement=said, candidates=(_as_candidate(unit), *listed))

    def _checked(self, answer: Answer, context: dict[str, Any]) -> Answer:
        """Hold an answer against the point that the source gave."""
        east, north = context.get("easting_m", _NAN), context.get("northing_m", _NAN)
        if answer.status != MATCHED or east is None or north is None or not (np.isfinite(east) and np.isfinite(north)):
            return answer
        apart = math.hypot(answer.easting_m - east, answer.northing_m - north)
        if apart <= answer.error_m + _APART_M:
            return answer
        return replace(answer, disagreement=f"{answer.name} lies {_length(apart)} from the point given")


def query_is_pair(query: PlaceQuery, first: Hit, second: Hit) -> bool:
    """Say whether two names are written as a pair: "A Road / B Road", "A Road and B Road"."""
    return len(query.phrases) <= 2 and not query.has_number


def _exactly(number: int) -> Near:
    return Near(number, 0.0)


def _one_each(candidates: Sequence[Candidate]) -> list[Candidate]:
    seen: set[int] = set()
    return [one for one in candidates if not (one.row in seen or seen.add(one.row))]  # type: ignore[func-returns-value]


def _candidate(name: str, level: str, score: float, east: float, north: float, error: float, ward: str) -> dict[str, Any]:
    return {"name": name, "level": level, "score": round(score, 3), "easting_m": east, "northing_m": north, "error_m": error, "ward_gss_code": ward}


def _as_candidate(answer: Answer) -> dict[str, Any]:
    return _candidate(answer.name, answer.level, answer.score, answer.easting_m, answer.northing_m, answer.error_m, answer.ward_gss_code)


def _text(context: dict[str, Any], name: str) -> str:
    value = context.get(name, "")
    return value if isinstance(value, str) else ""


def _spaced(code: str) -> str:
    return f"{code[:-3]} {code[-3:]}"


def _length(metres: float) -> str:
    return f"{metres / 1000:,.1f} km" if metres >= 1000 else f"{metres:,.0f} m"


def _frame(texts: list[str], answers: list[Answer]) -> pd.DataFrame:
    return pd.DataFrame({"query": texts} | {name: [getattr(one, name) for one in answers] for name in ANSWERS[1:]}, columns=list(ANSWERS))
