"""Evidence in words that anyone understands: from the rows a run keeps to sentences."""

import math
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from mapping.evidence.backtest import LEAST_CELLS, LEAST_EVENTS
from mapping.evidence.of_run import WHOLE

USUAL_SHARE: Final = 0.01
PLAIN: Final = "count"
_SPACE: Final = "\u00a0"
_NUMBERS: Final = {2: "two", 3: "three"}

LIMITS: Final = (
    "It says where reports come in, not why, and nothing of what nobody reports.",
    "Only reports whose place is known to within one square are counted in it.",
    "It does not say that going there helps: that is told by what changes after an action, beside places "
    "without one.",
    "It is about the map as a whole. A single place can turn quiet in a month when the map held well.",
    "More patrols bring more reports: a place can look right because people were sent to it.",
)


@dataclass(frozen=True)
class Held:
    """How a map would have held, in sentences; each may be empty.

    Attributes
    ----------
    sentence : str
        What the chosen places held of what followed, beside the plain count and the best possible.
    brief : str
        The same, after a sentence about a part of the area.
    doubt : str
        Whether the difference to the plain count is more than chance.
    stable : str
        How many of a month's squares are chosen again in the next.
    caution : str
        Why the figures are shown and not judged.
    """

    sentence: str = ""
    brief: str = ""
    doubt: str = ""
    stable: str = ""
    caution: str = ""


def of_area(evidence: pd.DataFrame, ward: str = WHOLE) -> pd.DataFrame:
    """Return the rows about the whole area, or about one ward; rows of before wards were told are of all."""
    if "ward" not in evidence:
        return evidence if ward == WHOLE else evidence.iloc[:0]
    return evidence[evidence["ward"].fillna(WHOLE) == ward]


def at_usual_share(evidence: pd.DataFrame) -> pd.DataFrame:
    """Return the rows about the share of the area that sentences use, 1 %."""
    if evidence.empty:
        return evidence
    return evidence[(evidence["area_share"] - USUAL_SHARE).abs() < 1e-9]


def describe(evidence: pd.DataFrame, method: str, *, ward: str = WHOLE, area: str = "the area") -> Held:
    """Say how well a run's method would have held, in all or in one ward.

    Parameters
    ----------
    evidence : DataFrame
        As `of_run.gather`; of older runs without intervals, stability or wards.
    method : str
        What drew the map; its name may be followed by its weights.
    ward : str
        GSS code, or `WHOLE`.
    area : str
        How the area is called in a sentence.

    Returns
    -------
    Held
        With every sentence empty where the method was not tried there.
    """
    own, plain = _rows(of_area(evidence, ward), method)
    if own is None:
        return Held()
    when, beside = _when(own), _beside(own, plain)
    places = f"the places this method chose held {percent(own['hit_rate'])} of the reports that followed"
    return Held(
        sentence=f"{when} {places}, in 1{_SPACE}% of {area}; {beside}.",
        brief=f"In 1{_SPACE}% of {area} they held {percent(own['hit_rate'])}; {beside}.",
        doubt=_doubt(own, plain),
        stable=_stable(own),
        caution=_caution(own),
    )


def line(evidence: pd.DataFrame, method: str) -> str:
    """Say it in the one line under a map that leaves the site; empty where nothing is known."""
    own, plain = _rows(of_area(evidence), method)
    if own is None:
        return ""
    words = f"1{_SPACE}% of the area held {percent(own['hit_rate'])} of what followed in trial months"
    return f"{words}; counting alone, {percent(plain['hit_rate'])}" if plain is not None else words


def percent(share: float) -> str:
    """Write a share (0-1) as `39 %`, with a decimal below ten; the space does not break."""
    value = share * 100
    return f"{value:.0f}{_SPACE}%" if value >= 9.95 else f"{value:.1f}".removesuffix(".0") + f"{_SPACE}%"


def _rows(evidence: pd.DataFrame, method: str) -> tuple[Any, Any]:
    """Return the row of the method and that of the plain count where it is another; None where unknown."""
    by_name = {row["method"]: row for row in at_usual_share(evidence).to_dict("records")}
    own = next((row for name, row in by_name.items() if method.startswith(name)), None)
    if own is None or not _known(own.get("hit_rate")):
        return None, None
    return own, None if own["method"] == PLAIN else by_name.get(PLAIN)


def _known(value: Any) -> bool:
    return value is not None and not math.isnan(value)


def _when(own: Any) -> str:
    months = int(own["origins"]) if _known(own.get("origins")) else 0
    if months == 0:
        return "In trial months"
    return "Last month" if months == 1 else f"In the last {_NUMBERS.get(months, months)} months"


def _beside(own: Any, plain: Any) -> str:
    """Say what counting held and what could have been held; where counting is the method, only that."""
    parts = []
    if plain is not None:
        parts.append(f"counting what happened before: {percent(plain['hit_rate'])}")
    best = f"{percent(own['hit_rate'] / own['pei'])}" if own["pei"] else "not known"
    return "; ".join([*parts, f"the best anyone could have done: {best}"])


def _doubt(own: Any, plain: Any) -> str:
    """Word the interval of the difference; silent where the figures are not judged or have none."""
    if own["method"] == PLAIN:
        return "The method is to count what happened before: no other did better by more than its own error."
    if plain is None or not own.get("judged") or not _known(own.get("gain_low")):
        return ""
    low, high = float(own["gain_low"]), float(own["gain_high"])
    if low <= 0 <= high:
        return (
            f"The difference to counting could be chance: between {abs(low):,.0f} fewer and {high:,.0f} more "
            f"of {own['events']:,.0f} reports."
        )
    more, ends = ("more", (low, high)) if low > 0 else ("fewer", (-high, -low))
    return (
        f"That is between {ends[0]:,.0f} and {ends[1]:,.0f} {more} of {own['events']:,.0f} reports than "
        "counting: unlikely to be chance."
    )


def _stable(own: Any) -> str:
    kept = own.get("kept_share")
    if not _known(kept):
        return ""
    if own["cells"] < 10:
        return f"From one month to the next {percent(kept)} of the squares chosen stayed the same."
    return f"About {round(10 * kept)} of 10 squares chosen one month were chosen again the next."


def _caution(own: Any) -> str:
    """Say why figures are shown and not judged, where they are not."""
    if own.get("judged") in (True, None):
        return ""
    few = [
        words
        for words, is_few in (
            (f"{own['cells']:,.0f} square{'s' if own['cells'] != 1 else ''}", own["cells"] < LEAST_CELLS),
            (f"{own['events']:,.0f} reports", own["events"] < LEAST_EVENTS),
        )
        if is_few
    ]
    return f"Only {' and '.join(few)}: shown, but too few to judge a method by."
