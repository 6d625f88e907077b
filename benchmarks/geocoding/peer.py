"""What somebody competent builds in an afternoon: SQLite FTS5 with trigrams, and rapidfuzz's WRatio on top.

The same entries as the product's gazetteer, the same answers' columns; no context, one threshold.
"""

import re
import sqlite3

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process, utils

from benchmarks.geocoding.reference import Entries

MATCHED_FROM = 88.0
CANDIDATES = 50
ERROR_M = {"street": 250.0, "postcode": 100.0}
_POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[\dA-Z]?)\s*(\d[A-Z]{2})\b")
_WORDS = re.compile(r"[^a-z0-9 ]+")


class Peer:
    """Answers texts one at a time."""

    def __init__(self, entries: Entries) -> None:
        streets = entries.anchors.groupby("name")[["easting_m", "northing_m"]].mean().reset_index()
        self._points = dict(
            zip(streets["name"], zip(streets["easting_m"], streets["northing_m"], strict=True), strict=True)
        )
        codes = entries.postcodes
        self._codes = dict(
            zip(codes["postcode"], zip(codes["easting_m"], codes["northing_m"], strict=True), strict=True)
        )
        self._database = sqlite3.connect(":memory:")
        self._database.execute("CREATE VIRTUAL TABLE names USING fts5(name, tokenize='trigram')")
        self._database.executemany("INSERT INTO names VALUES (?)", [(name,) for name in self._points])

    def answer(self, queries: pd.DataFrame) -> pd.DataFrame:
        """Answer the `query` of each row."""
        rows = [self._one(text) for text in queries["query"].tolist()]
        return pd.DataFrame(rows, index=queries.index)

    def _one(self, text: str) -> dict[str, object]:
        found = _POSTCODE.search(text.upper())
        if found and (point := self._codes.get(f"{found[1]} {found[2]}")):
            return _answer("matched", "postcode", 1.0, point, f"{found[1]} {found[2]}")
        plain = _WORDS.sub(" ", text.lower()).strip()
        if len(plain) < 3:
            return _answer("unmatched", "", 0.0, (np.nan, np.nan), "")
        wanted = " OR ".join(f'"{plain[at : at + 3]}"' for at in range(len(plain) - 2))
        rows = self._database.execute(
            "SELECT name FROM names WHERE names MATCH ? ORDER BY rank LIMIT ?", (wanted, CANDIDATES)
        )
        names = [name for (name,) in rows]
        best = process.extractOne(plain, names, scorer=fuzz.WRatio, processor=utils.default_process)
        if best is None or best[1] < MATCHED_FROM:
            return _answer("unmatched", "", 0.0, (np.nan, np.nan), "")
        return _answer("matched", "street", best[1] / 100, self._points[best[0]], best[0])


def _answer(
    status: str, level: str, score: float, point: tuple[float, float], name: str
) -> dict[str, object]:
    return {
        "status": status, "level": level, "score": score, "easting_m": point[0], "northing_m": point[1],
        "error_m": ERROR_M.get(level, np.nan), "name": name,
    }  # fmt: skip
