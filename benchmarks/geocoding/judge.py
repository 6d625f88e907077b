"""What a geocoder's answers are worth, held against the labels; the same for the product and its peer."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from benchmarks.geocoding.reference import Reference

SURE = 0.9
LEAST_CASES = 200


@dataclass(frozen=True)
class Judged:
    """Every query with its answer, and what became of it.

    `rows` adds to the queries the answer's columns and `is_right` (matched, and at the right entry),
    `is_expected` (the status that the label says), `away_m` (from the truth) and `holds` (within `error_m`).
    """

    rows: pd.DataFrame

    def summary(self) -> dict[str, float]:
        """Return the figures that the issue asks for."""
        rows = self.rows
        answerable = rows[rows["is_answerable"]]
        right = rows[rows["is_right"]]
        sure = rows[(rows["status"] == "matched") & (rows["score"] >= SURE)]
        none = rows[rows["expected_status"].isin(["unmatched", "not matched"])]
        return {
            "queries": len(rows),
            "as_expected": float(rows["is_expected"].mean()),
            "answerable": len(answerable),
            "accuracy_at_1": float(answerable["is_right"].mean()),
            "right_scoring_sure": float((right["score"] >= SURE).mean()),
            "sure": len(sure),
            "wrong_among_sure": float((~sure["is_right"]).mean()),
            "ambiguous_answered_ambiguous": float(
                rows.loc[rows["is_ambiguous"], "status"].eq("ambiguous").mean()
            ),
            "unanswerable_unmatched": float(none["status"].eq("unmatched").mean()),
            "unanswerable_not_matched": float(none["status"].ne("matched").mean()),
        }

    def by_class(self) -> pd.DataFrame:
        """Return the share answered as expected, for each kind of noise."""
        grouped = self.rows.groupby("noise_class")
        return pd.DataFrame(
            {
                "queries": grouped.size(),
                "as_expected": grouped["is_expected"].mean().round(3),
                "sure_and_wrong": grouped["is_sure_and_wrong"].sum(),
            }
        )

    def coverage(self) -> pd.DataFrame:
        """Return how often `error_m` holds the truth among right answers, by match level."""
        right = self.rows[self.rows["is_right"] & self.rows["true_easting_m"].notna()]
        grouped = right.groupby("level")
        return pd.DataFrame(
            {
                "cases": grouped.size(),
                "holds": grouped["holds"].mean().round(4),
                "median_error_m": grouped["error_m"].median().round(0),
                "median_away_m": grouped["away_m"].median().round(0),
            }
        )


def judge(queries: pd.DataFrame, answers: pd.DataFrame, reference: Reference) -> Judged:
    """Hold answers (`status, level, score, easting_m, northing_m, error_m`) against labelled queries."""
    columns = ["status", "level", "score", "easting_m", "northing_m", "error_m", "name"]
    rows = queries.join(answers[columns].rename(columns={"name": "answered"}))
    for column in ("score", "easting_m", "northing_m", "error_m"):
        rows[column] = rows[column].astype(float)
    trees: dict[str, cKDTree] = {}
    rows["is_right"] = [
        row.status == "matched" and row.is_answerable and _is_right(row, reference, trees)
        for row in rows.itertuples()
    ]
    as_labelled = rows["status"] == rows["expected_status"]
    as_labelled |= (rows["expected_status"] == "not matched") & (rows["status"] != "matched")
    rows["is_expected"] = np.where(rows["is_answerable"], rows["is_right"], as_labelled).astype(bool)
    sure = (rows["status"] == "matched") & (rows["score"] >= SURE)
    rows["is_sure_and_wrong"] = sure & ~rows["is_right"]
    rows["away_m"] = np.hypot(
        rows["easting_m"] - rows["true_easting_m"], rows["northing_m"] - rows["true_northing_m"]
    )
    rows["holds"] = rows["away_m"] <= rows["error_m"]
    return Judged(rows)


def _is_right(row: object, reference: Reference, trees: dict[str, cKDTree]) -> bool:
    if row.place:  # type: ignore[attr-defined]
        place = row.place  # type: ignore[attr-defined]
        if place not in trees:
            # A name that comes in several places of one borough is right at any of them.
            trees[place] = cKDTree(np.vstack([reference.points_of(one) for one in place.split(";")]))
        away = trees[place].query([row.easting_m, row.northing_m])[0]  # type: ignore[attr-defined]
        return bool(away <= row.tolerance_m)  # type: ignore[attr-defined]
    if row.kind in ("sector", "district"):  # type: ignore[attr-defined]
        return bool(row.answered == row.name)  # type: ignore[attr-defined]
    away = np.hypot(row.easting_m - row.right_easting_m, row.northing_m - row.right_northing_m)  # type: ignore[attr-defined]
    return bool(away <= row.tolerance_m)  # type: ignore[attr-defined]
