"""Reports to incidents: what is told twice under one reference happened once.

Only reports of one source with one reference are joined here. That a warden and the police
describe the same event is for a person, or a later step, to say.
"""

from typing import Final

import numpy as np
import pandas as pd

from mapping import schema

_SAME_PLACE_M: Final = 1.0
# What people call it -> the column that holds it; an intelligence item has no outcome.
_COMPARED: Final = {"category": "category", "place": "", "time": "occurred_from", "outcome": "outcome"}


def to_incidents(reports: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Join reports that share a key.

    Parameters
    ----------
    reports : DataFrame, n rows
        REPORTS of `mapping.schema`. Not changed.

    Returns
    -------
    incidents : DataFrame, one row per key
        `incident_id` and the columns of its leading report: the first that has a point, or the
        first. In the order in which the keys first come.
    membership : DataFrame, n rows
        `report_key`, `row` and `incident_id` of every report, in the order of `reports`;
        n = incidents + joined.
    """
    schema.require(reports, list(schema.REPORTS), "reports")
    leaders = reports.iloc[leading_places(reports)].reset_index(drop=True)
    incidents = leaders.assign(incident_id=leaders["report_key"])
    membership = (
        reports[["report_key", "row"]].reset_index(drop=True).assign(incident_id=lambda f: f["report_key"])
    )
    return incidents, membership


def leading_places(reports: pd.DataFrame) -> np.ndarray:
    """Return where the leading report of each key is, in the order in which the keys first come."""
    codes, _ = pd.factorize(reports["report_key"])
    located = reports["easting_m"].notna().to_numpy()
    order = np.lexsort((np.arange(len(codes)), ~located, codes))
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = codes[order][1:] != codes[order][:-1]
    return order[is_first]


def find_conflicts(reports: pd.DataFrame) -> pd.DataFrame:
    """Find joined reports that contradict their leading report.

    Returns
    -------
    DataFrame, one row per contradicting report
        `place` and `leader` (positions in `reports`) and `differs`: which of category, place
        (more than a metre apart, both located), time and outcome are not the same.
    """
    if not reports["report_key"].duplicated().any():
        return pd.DataFrame({"place": [], "leader": [], "differs": []})
    leaders = leading_places(reports)
    codes, _ = pd.factorize(reports["report_key"])
    leader_of = leaders[codes]
    joined = np.flatnonzero(leader_of != np.arange(len(reports)))
    own, lead = reports.iloc[joined], reports.iloc[leader_of[joined]]
    distance = np.hypot(
        own["easting_m"].to_numpy() - lead["easting_m"].to_numpy(),
        own["northing_m"].to_numpy() - lead["northing_m"].to_numpy(),
    )
    facts = {
        word: own[column].to_numpy() != lead[column].to_numpy() if column else distance > _SAME_PLACE_M
        for word, column in _COMPARED.items()
        if not column or column in reports
    }
    differs = [
        " and ".join(word for word, is_other in zip(facts, row, strict=True) if is_other)
        for row in zip(*facts.values(), strict=True)
    ]
    found = pd.DataFrame({"place": joined, "leader": leader_of[joined], "differs": differs})
    return found[found["differs"] != ""].reset_index(drop=True)
