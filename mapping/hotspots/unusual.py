"""What a run says beside its hotspots of days: what is unusual at the end of its data, and bank holidays.

Both need reports whose day is known and say nothing where there are none. Neither changes a count or a shape.
"""

from collections.abc import Hashable
from typing import Any, Final, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.errors import TooLittleDataError
from mapping.hotspots import callers
from mapping.hotspots.bank_holidays import LEVEL, HolidayEffect, bank_holidays, holiday_effect
from mapping.hotspots.exceedance import HISTORY_WEEKS, exceedances
from mapping.hotspots.moments import middles_of, spans_of
from mapping.hotspots.significance import control_fdr
from mapping.periods import Period

MOST_ROWS: Final = 20
SPOKE_EARLY_WEEKS: Final = 1  # a source first heard of after this began to tell meanwhile
MOST_HOURS: Final = 3.5 * 24 + 1  # half of seven days, one of which may have 25 hours
NATIONS: Final = {"E": "ENG", "N": "NIR", "S": "SCT", "W": "WLS"}  # by the first letter of a ward's code


class Unusual(TypedDict):
    """One category in one ward with more reports than normal, as a run keeps it.

    `ward` is the GSS code, `until` the end of the window (ISO 8601, UTC, not included), `normal` the
    events of the time before per window, `said` one sentence without ward and category.
    """

    ward: str
    category: str
    window_days: int
    until: str
    count: int
    normal: float
    p_value: float
    p_value_fdr: float
    said: str


def find_unusual(incidents: pd.DataFrame) -> list[Unusual]:
    """List what the last 24 hours and 7 days of the data hold more of than normal, by ward and category.

    Parameters
    ----------
    incidents : DataFrame
        As `schema.REPORTS` and `schema.PLACED`, of any time; one caller counts as `callers` says. Not
        changed.

    Returns
    -------
    list of Unusual
        Those that pass `bank_holidays.LEVEL` after correction over all wards and categories, the most
        telling first, `MOST_ROWS` at most. Empty where no day is known or too little time lies before.

    Notes
    -----
    The data ends at the last moment that is known to half a week or better, and begins at the first; a
    clock is not asked. Sources that were first heard of after the weeks compared begin (or, where the
    data is shorter, after its first week) are left out: that they began to tell is no rise. A source
    that ends earlier than the others looks quiet and is never unusual. See `exceedances` for the test.
    """
    spans = spans_of(incidents)
    known = (incidents["time_precision"] != "month").to_numpy() & (spans <= MOST_HOURS)
    known &= (incidents["placement"] == "in ward").to_numpy() & incidents["occurred_from"].notna().to_numpy()
    dated = incidents[known]
    if dated.empty:
        return []
    until = _end_of(dated)
    reach = pd.Timedelta(weeks=HISTORY_WEEKS + 1 + SPOKE_EARLY_WEEKS)
    start = max(dated["occurred_from"].min(), until - reach)
    first = dated.groupby("source")["occurred_from"].min()
    early = first.index[first < start + pd.Timedelta(weeks=SPOKE_EARLY_WEEKS)]
    recent = dated[dated["source"].isin(early) & (dated["occurred_to"] >= start)]
    recent = recent[callers.counted(recent)]  # of the weeks compared, which may lie outside a run's period
    try:
        found = exceedances(recent, now=until, data_from=start)
    except TooLittleDataError:
        return []
    found = found[(found["p_value_fdr"] < LEVEL) & (found["count"] > found["normal"])].head(MOST_ROWS)
    return [_row(row, until) for row in found.to_dict("records")]


def _end_of(dated: pd.DataFrame) -> pd.Timestamp:
    """Return the end of the last day known, or just after the last moment known, whichever is later."""
    moments = middles_of(dated[dated["time_precision"] == "minute"])
    days = dated.loc[dated["time_precision"] == "day", "occurred_to"]
    ends = [*([moments.max() + pd.Timedelta(seconds=1)] if len(moments) else []), *days.nlargest(1)]
    return max(ends)


def _row(row: dict[Hashable, Any], until: pd.Timestamp) -> Unusual:
    return {
        "ward": str(row["ward_gss_code"]),
        "category": str(row["category"]),
        "window_days": int(row["window_days"]),
        "until": until.floor("s").isoformat(),
        "count": int(row["count"]),
        "normal": float(row["normal"]),
        "p_value": float(row["p_value"]),
        "p_value_fdr": float(row["p_value_fdr"]),
        "said": str(row["words"]),
    }


def nation_of(ward_gss_code: str) -> str:
    """Return whose bank holidays a ward keeps; England's where its code tells none."""
    return NATIONS.get(ward_gss_code[:1], "ENG")


def on_bank_holidays(
    incidents: pd.DataFrame, members: pd.DataFrame, hotspots: pd.DataFrame, period: Period
) -> dict[str, str]:
    """Say at which hotspots bank holidays hold more reports than other days of the same weekday.

    Parameters
    ----------
    incidents : DataFrame
        With `incident_id`, `occurred_from`, `occurred_to` and `time_precision`.
    members : DataFrame
        `hotspot_id` and `incident_id`: what each hotspot is made of.
    hotspots : DataFrame
        With `hotspot_id` and `ward_gss_code`, whose first letter names the nation.
    period : Period
        The days with data.

    Returns
    -------
    dict of hotspot_id to sentence
        Those alone that pass `bank_holidays.LEVEL` after correction over all hotspots.

    Notes
    -----
    A borough tests many hotspots, so that one in twenty would be named by luck without the correction.
    """
    dated = incidents[(incidents["time_precision"] != "month").to_numpy()]
    if members.empty or dated.empty:
        return {}
    of_hotspot = members.merge(dated, on="incident_id").groupby("hotspot_id", sort=True)
    wards = dict(zip(hotspots["hotspot_id"], hotspots["ward_gss_code"], strict=True))
    nations = {hotspot: nation_of(wards[hotspot]) for hotspot in of_hotspot.groups}
    days_off = {nation: bank_holidays(period, nation=nation) for nation in sorted(set(nations.values()))}
    effects: dict[str, HolidayEffect] = {
        str(hotspot): holiday_effect(own, days_off[nations[hotspot]], period) for hotspot, own in of_hotspot
    }
    passed: npt.NDArray[np.bool_] = control_fdr([one.p_value for one in effects.values()]) < LEVEL
    return {
        hotspot: effect.sentence for (hotspot, effect), is_kept in zip(effects.items(), passed, strict=True)
        if is_kept
    }  # fmt: skip
