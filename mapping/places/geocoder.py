"""Free text to a point with an honest radius, without leaving the machine.

A text is taken apart (`place_query`), its names are found (`readings`), what else is known is gathered
(`place_context`) and the candidates are ranked (`ranking`); `answering` puts them together. Two places
that cannot be told apart are never guessed between. Texts that are a name or a postcode as they stand
are looked up here, all at once.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.places.answering import APART_M, Answerer, Beside
from mapping.places.gazetteer import Gazetteer
from mapping.places.place_answers import ANSWERS, MATCHED, Answer, LocalName, in_words, to_frame
from mapping.places.place_words import name_key
from mapping.places.ranking import is_road_number
from mapping.places.readings import is_nameless

__all__ = ["ANSWERS", "Geocoder", "LocalName"]

CONTEXT: Final = ("postcode", "ward_gss_code", "borough", "easting_m", "northing_m")
EXACT_SCORE: Final = 0.99
UNIT_SCORE: Final = 0.995
_LONGEST_NAME: Final = 60  # characters; a longer text is no name as it stands
_UNIT: Final = re.compile(r"[A-Za-z]{1,2}[0-9][0-9A-Za-z]?\s?[0-9][A-Za-z]{2}")
_NUMBERS: Final = ("score", "easting_m", "northing_m", "error_m")

Rows = npt.NDArray[np.int64]


class Geocoder:
    """Answers where texts are, from one gazetteer and the names learned here."""

    def __init__(self, gazetteer: Gazetteer, local_names: Sequence[LocalName] = ()) -> None:
        self.gazetteer = gazetteer
        self._answerer = Answerer(gazetteer, local_names)
        self._sole = self._names_of_one_place()

    def _names_of_one_place(self) -> dict[str, int]:
        """Return the keys that need no weighing: names that one entry has, and nobody learned."""
        index, ranker = self._answerer.index, self._answerer.ranker
        numbers, rows = index.of_one_entry()
        usable = ~index.is_generic[numbers] & ~ranker.is_settlement_row[rows]
        found = {
            index.keys[number]: row
            for number, row in zip(numbers[usable].tolist(), rows[usable].tolist(), strict=True)
        }
        return {
            key: row
            for key, row in found.items()
            if key not in self._answerer.learned
            and not ranker.names_town(key)
            and len(index.bases.get(key, ())) < 2
            and not is_road_number(key)
            and not is_nameless(key.split())
        }

    def answer(self, queries: pd.DataFrame) -> pd.DataFrame:
        """Answer texts, each different one once.

        Parameters
        ----------
        queries : DataFrame, n rows
            `query`, and where known `postcode` (or a part of one), `ward_gss_code`, `borough` (its name),
            and the point that the source gave: `easting_m`, `northing_m`, EPSG:27700.

        Returns
        -------
        DataFrame, n rows, in the same order
            As `ANSWERS` and `place_answers.Answer`: NaN and "" where there is nothing.
        """
        texts = queries["query"].astype(str).tolist()
        known = [name for name in CONTEXT if name in queries]
        if not known:
            return self._plain(texts)
        beside = zip(*(queries[name].tolist() for name in known), strict=True)
        asked = list(zip(texts, beside, strict=True))
        answers: dict[Any, Answer] = {}
        for text, one in asked:
            # NaN is unlike itself: the point is no part of the key, and is held against the answer below.
            context = dict(zip(known, one, strict=True))
            key = (text, Beside.of(context))
            if key not in answers:
                answers[key] = self._answerer.answer(*key)
        given = [dict(zip(known, one, strict=True)) for _, one in asked]
        made = [_checked(answers[text, Beside.of(one)], one) for text, one in zip(texts, given, strict=True)]
        return to_frame(texts, made)

    def _plain(self, texts: list[str]) -> pd.DataFrame:
        """Answer texts that come alone."""
        numbers: dict[str, int] = {}
        rows = np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)
        distinct = list(numbers)
        sole = self._sole
        named = np.fromiter(
            (sole.get(name_key(text), -1) if len(text) <= _LONGEST_NAME else -1 for text in distinct),
            dtype=np.int64,
            count=len(distinct),
        )
        unit = self._units_of(distinct, named)
        columns = self._looked_up(named, unit)
        rest = np.flatnonzero((named < 0) & (unit < 0))
        made = [self._answerer.answer(distinct[place], Beside()) for place in rest.tolist()]
        for name, column in columns.items():
            values = np.empty(len(made), dtype=column.dtype)
            values[:] = [getattr(answer, name) for answer in made]
            column[rest] = values
        return pd.DataFrame({"query": texts} | {name: columns[name][rows] for name in ANSWERS[1:]})

    def _units_of(self, texts: list[str], named: Rows) -> Rows:
        """Return the rows of texts that are postcodes and nothing else, -1 for others."""
        found = np.full(len(texts), -1, dtype=np.int64)
        codes = self.gazetteer.postcodes
        shaped = [
            place
            for place in np.flatnonzero(named < 0).tolist()
            if len(texts[place]) <= 8 and _UNIT.fullmatch(texts[place])
        ]
        if not shaped or not len(codes):
            return found
        packed = ["".join(texts[place].split()).upper().encode() for place in shaped]
        sought = np.array(packed, dtype=codes.code.dtype)
        at = np.minimum(np.searchsorted(codes.code, sought), len(codes) - 1)
        held = (codes.code[at] == sought) & np.isfinite(codes.easting_m[at])
        found[np.array(shaped)[held]] = at[held]
        return found

    def _looked_up(self, named: Rows, unit: Rows) -> dict[str, npt.NDArray[Any]]:
        """Return the columns of answers that are rows of the gazetteer, blank for the others."""
        size = len(named)
        columns: dict[str, npt.NDArray[Any]] = {
            name: np.full(size, np.nan) if name in _NUMBERS else np.full(size, "", dtype=object)
            for name in ANSWERS[1:]
        }
        columns["candidates"][:] = [()] * size
        entries, codes = self.gazetteer.entries, self.gazetteer.postcodes
        for table, at in ((entries, named), (codes, unit)):
            is_held = at >= 0
            columns["status"][is_held] = MATCHED
            columns["ward_gss_code"][is_held] = table.ward_gss_code[at[is_held]]
            for name in _NUMBERS[1:]:
                columns[name][is_held] = getattr(table, name)[at[is_held]]
        is_name, is_unit = named >= 0, unit >= 0
        columns["score"][is_name], columns["score"][is_unit] = EXACT_SCORE, UNIT_SCORE
        columns["level"][is_name], columns["level"][is_unit] = entries.level[named[is_name]], "postcode"
        columns["name"][is_name] = entries.name[named[is_name]]
        packed = [code.decode() for code in codes.code[unit[is_unit]].tolist()]
        columns["name"][is_unit] = [f"{code[:-3]} {code[-3:]}" for code in packed]
        return columns

    def check(self, records: pd.DataFrame) -> dict[str, npt.NDArray[np.object_]]:
        """Hold the points of records against their own postcodes and words.

        Parameters
        ----------
        records : DataFrame, n rows
            With a point each (`easting_m`, `northing_m`, `error_m`), `place_text` and `postcode`.

        Returns
        -------
        dict of array of str, shape (n,)
            Of `place_text` and of `postcode`: what lies how far from the point, or "". Of the words only
            a name or a postcode that is one place as it stands counts: what has to be weighed is no
            witness against a point.
        """
        east, north = (records[name].to_numpy(dtype=np.float64) for name in ("easting_m", "northing_m"))
        own = records["error_m"].fillna(0.0).to_numpy(dtype=np.float64)
        witnesses = {}
        for column in ("place_text", "postcode"):
            found = self._plain_exact(records[column].tolist())
            away = np.hypot(found["easting_m"] - east, found["northing_m"] - north)
            said = np.full(len(records), "", dtype=object)
            for place in np.flatnonzero(away > own + found["error_m"] + APART_M).tolist():
                said[place] = f"{found['name'][place]} lies {in_words(away[place])} from the point given"
            witnesses[column] = said
        return witnesses

    def _plain_exact(self, texts: list[str]) -> dict[str, npt.NDArray[Any]]:
        """Look up texts that are a name or a postcode as they stand; blank for the others."""
        keys = [text.partition(",")[0] if len(text) <= _LONGEST_NAME else "" for text in texts]
        named = np.array([self._sole.get(name_key(key), -1) for key in keys], dtype=np.int64)
        return self._looked_up(named, self._units_of(texts, named))


def _checked(answer: Answer, context: dict[str, Any]) -> Answer:
    """Say where an answer lies far from the point that the source gave."""
    east, north = (float(context.get(name) or np.nan) for name in ("easting_m", "northing_m"))
    if answer.status != MATCHED or not (np.isfinite(east) and np.isfinite(north)):
        return answer
    apart = answer.apart_m(east, north)
    if apart <= answer.error_m + APART_M:
        return answer
    return replace(answer, disagreement=f"{answer.name} lies {in_words(apart)} from the point given")
