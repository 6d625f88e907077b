"""Hotspots become proposals: a suggested response, why, and what to doubt.

Nobody has agreed to a proposal yet. This is its first form: the response follows from the
evidence alone; shifts, powers and what was tried before join it later.
"""

from typing import Any, Final

import pandas as pd

from mapping import wording
from mapping.hotspots import emerging
from mapping.schema import HOTSPOTS, PROPOSALS, require

JOINT_PATROL: Final = "joint patrol"
PROBLEM_SOLVING: Final = "problem-solving"
MORE_INFORMATION: Final = "more information first"
CHECK_PLACE: Final = "check the place"
THIN_COUNT: Final = 20
CHRONIC_MONTHS: Final = 6

_DOING: Final = {
    JOINT_PATROL: "Joint patrol",
    PROBLEM_SOLVING: "Problem-solving",
    MORE_INFORMATION: "Find out more",
    CHECK_PLACE: "Check what was recorded",
}


def propose(hotspots: pd.DataFrame, *, period: str) -> pd.DataFrame:
    """Suggest a response for every hotspot, in the order of the hotspots.

    Parameters
    ----------
    hotspots : DataFrame
        As `schema.HOTSPOTS`.
    period : str
        The days counted, as a sentence ends: `1 January to 30 September 2025`.

    Returns
    -------
    DataFrame
        As `schema.PROPOSALS`, one row per hotspot.
    """
    require(hotspots, list(HOTSPOTS), "hotspots")
    within: dict[str, int] = {}
    rows = []
    for hotspot in hotspots.sort_values("rank", kind="stable").itertuples():
        ward = str(hotspot.ward_gss_code)
        within[ward] = within.get(ward, 0) + 1
        rows.append(_proposal(hotspot, within[ward], period))
    return pd.DataFrame(rows, columns=list(PROPOSALS))


def _proposal(hotspot: Any, ward_rank: int, period: str) -> dict[str, object]:
    response = suggest_response(hotspot)
    place = wording.public_place(hotspot.place_name) or wording.UNNAMED_PLACE
    when = f", {hotspot.peak_hours}" if hotspot.peak_hours else ""
    return {
        "proposal_id": f"P-{hotspot.hotspot_id}",
        "hotspot_id": hotspot.hotspot_id,
        "rank": hotspot.rank,
        "ward_rank": ward_rank,
        "ward_gss_code": hotspot.ward_gss_code,
        "ward_name": hotspot.ward_name,
        "place_name": place,
        "response": response,
        "headline": f"{_DOING[response]}: {place}, {hotspot.ward_name}{when}",
        "reasons": wording.CAUTION_SEPARATOR.join(give_reasons(hotspot, period=period)),
        "cautions": hotspot.cautions,
        "easting_m": hotspot.easting_m,
        "northing_m": hotspot.northing_m,
    }


def suggest_response(hotspot: Any) -> str:
    """Name the response that the evidence points to.

    A place where reports are recorded is checked first. Thin evidence asks for more before anyone
    is sent. A place that is busy month after month, without hours that stand out, is a problem to
    solve rather than to patrol. The rest are patrols.
    """
    if hotspot.recorded_at_place:
        return CHECK_PLACE
    if hotspot.incident_count < THIN_COUNT:
        return MORE_INFORMATION
    months = [int(count) for count in hotspot.monthly_counts.split()]
    chronic = hotspot.change == "steady" and len(months) >= CHRONIC_MONTHS and min(months) > 0
    return PROBLEM_SOLVING if chronic and hotspot.sources and not hotspot.peak_hours else JOINT_PATROL


def give_reasons(hotspot: Any, *, period: str) -> list[str]:
    """Say why this place: counts, forecast, change, history, hours, kinds and sources."""
    counted = wording.counted(hotspot, period=f" from {period}", against=" if its ward's reports fell evenly")
    said = [f"{counted}."]
    about = wording.foretold(hotspot)
    said.append(f"{about[0].upper()}{about[1:]} more are foretold there for the coming period.")
    change = {
        "new": "New: little was reported here before the last three months.",
        "rising": "Rising: more in the last three months than the borough's own change explains.",
        "steady": "Steady from month to month.",
    }.get(hotspot.change)
    said += [change] if change else []
    said += [emerging.MEANINGS[hotspot.trend]] if hotspot.trend in emerging.HISTORIES else []
    said += [f"Stands out on {hotspot.peak_hours}."] if hotspot.peak_hours else []
    said += (
        [f"Mostly {wording.join_words(hotspot.top_categories.split('; ')[:3])}."]
        if hotspot.top_categories
        else []
    )
    sources = [part.rsplit(" ", 1)[0] for part in hotspot.sources.split("; ") if part]
    if len(sources) > 1:
        said.append(f"{wording.join_words(sources)} {'both' if len(sources) == 2 else 'all'} report it.")
    if hotspot.other_wards:
        said.append(f"It lies across a ward edge: also in {hotspot.other_wards.replace('; ', ', ')}.")
    return said
