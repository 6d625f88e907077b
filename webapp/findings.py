"""Headings and lines that say what was found: pure, from frames to sentences."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from mapping import wording
from mapping.evidence import words
from mapping.hotspots import emerging, placed
from mapping.periods import british_date
from webapp import formatters

if TYPE_CHECKING:
    from mapping.store.boundaries import Edition
    from mapping.store.runs import Run

_COUNTED: Final = re.compile(r"^(.*) (\d+)$")
OPEN_STATES: Final = ("proposed", "deferred")


@dataclass(frozen=True)
class RunView:
    """What every page about a run says of it."""

    id: int
    line: str
    period_words: str
    wards: int
    reports: int
    placed: str
    warning: str


def run_view(run: "Run", edition: "Edition", *, ward: str = placed.WHOLE) -> RunView:
    """Put a run into the quiet lines under its maps: how many reports are placed, in all or in a ward.

    Of a run that told no ward apart the whole is told.
    """
    told = placed.stored(run.counts, ward) or placed.stored(run.counts)
    parts = [f"Data {run.period}", f"wards {edition.name}", f"method: {run.method}", held(run)]
    return RunView(
        id=run.run_id,
        line=" · ".join(part for part in parts if part),
        period_words=formatters.sentence(str(run.period)),
        wards=edition.ward_count,
        reports=int(run.counts.get("incidents", 0)),
        placed=told.sentence if told else "",
        warning=told.warning if told else "",
    )


def held(run: "Run") -> str:
    """Say how well the run's method foretold the months held back, beside a plain count; or nothing."""
    return words.line(run.evidence, run.method)


def borough(hotspots: pd.DataFrame, proposals: pd.DataFrame) -> str:
    """Say how many places stand out, in how many wards, and how many wait for a decision."""
    happening = hotspots[~hotspots["recorded_at_place"]]
    if happening.empty:
        return "No place stands out in this period"
    wards, count = happening["ward_gss_code"].nunique(), len(happening)
    places, verb = formatters.some(count, "place"), "stands" if count == 1 else "stand"
    finding = f"{places} in {formatters.some(wards, 'ward')} {verb} out"
    open_count = int(proposals["state"].isin(OPEN_STATES).sum())
    if open_count:
        finding += f"; {_waiting(open_count)}"
    return formatters.sentence(finding)


def ward(name: str, hotspots: pd.DataFrame) -> str:
    """Say how many places stand out in a ward and which way they go."""
    happening = hotspots[~hotspots["recorded_at_place"]]
    if happening.empty:
        return f"{name}: no place stands out in this period"
    count = len(happening)
    changes = happening["change"].value_counts()
    if count == 1:
        told = {"new": ", and it is new", "rising": ", and rising", "falling": ", but falling"}
        return f"{name}: one place stands out{told.get(happening['change'].iloc[0], '')}"
    moving = [
        f"{formatters.words_for(int(changes[word]))} {word}"
        for word in ("new", "rising", "falling")
        if word in changes
    ]
    tail = f", {wording.join_words(moving)}" if moving else ""
    return f"{name}: {formatters.some(count, 'place')} stand out{tail}"


def recorded(hotspots: pd.DataFrame) -> str:
    """Say at how many places reports may only be recorded; nothing where there is none."""
    count = int(hotspots["recorded_at_place"].sum())
    if not count:
        return ""
    places, verb = formatters.some(count, "more place"), "is" if count == 1 else "are"
    return (
        f"{formatters.sentence(places)} {verb} where reports may be recorded rather than happen: check first."
    )


@dataclass(frozen=True)
class Unusual:
    """One category in one ward with more reports than normal: where to read on, and what is said."""

    gss: str
    ward: str
    category: str
    said: str


def unusual(counts: Mapping[str, Any], names: Mapping[str, str], *, ward: str = "") -> list[Unusual]:
    """List what a run found unusual at the end of its data, the most telling first, in all or in a ward.

    Of a day and a week that tell of one ward and category the more telling is kept. `names` are those
    of the wards by their codes.
    """
    told: dict[tuple[str, str], Unusual] = {}
    for row in counts.get("unusual", []):
        code, category = row["ward"], row["category"]
        if not ward or code == ward:
            one = Unusual(code, names.get(code, code), category, row["said"])
            told.setdefault((code, category), one)
    return list(told.values())


def unusual_heading(counts: Mapping[str, Any]) -> str:
    """Head what was unusual with the last day of the data, which may lie long ago; empty without any."""
    rows = counts.get("unusual", [])
    if not rows:
        return ""
    last = dt.datetime.fromisoformat(rows[0]["until"]) - dt.timedelta(seconds=1)  # the end is not included
    return f"Unusual in the last week of the data, to {formatters.date(formatters.local(last))}"


def on_bank_holidays(counts: Mapping[str, Any], hotspot_id: str) -> str:
    """Say what bank holidays hold of a hotspot where it is more than chance, or else nothing."""
    return str(counts.get("bank_holidays", {}).get(hotspot_id, ""))


def hotspot(row: Any, place: str) -> str:
    """Say what is unusual about a place."""
    if row.recorded_at_place:
        return f"{place}: reports may be recorded here rather than happen here"
    change = {"new": ", and it is new", "rising": ", and rising", "falling": ", but falling"}.get(
        row.change, ""
    )
    if row.excess_kind == wording.RISE:
        return f"{place} has more reports than it used to{change}"
    times = "" if pd.isna(row.rate_ratio) else wording.quantity(row.rate_ratio)
    more = f"{times} times the reports expected" if times else "more reports than elsewhere"
    return f"{place} has {more}{change}"


def months(row: Any) -> str:
    """Head the chart of counts by month."""
    return {
        "new": "New: few reports before the last months",
        "rising": "Rising over the months",
        "falling": "Falling over the months",
        "steady": "Steady from month to month",
    }.get(row.change, "Reports by month")


def hours(row: Any) -> str:
    """Head the table of weekdays and hours."""
    return f"Busiest {row.peak_hours}" if row.peak_hours else "No hours stand out"


def proposals(frame: pd.DataFrame) -> str:
    """Say how many proposals wait."""
    if frame.empty:
        return "Nothing is proposed for this period"
    open_count = int(frame["state"].isin(OPEN_STATES).sum())
    if not open_count:
        return f"All {formatters.counted(len(frame), 'proposal')} are decided"
    waiting = _waiting(open_count)
    settled = len(frame) - open_count
    return formatters.sentence(waiting + (f"; {settled} decided" if settled else ""))


def _waiting(count: int) -> str:
    return f"{formatters.some(count, 'proposal')} {'waits' if count == 1 else 'wait'} for a decision"


_STANDS_OUT_BY: Final = {
    wording.EXCESS: "more reports than its share of its ward",
    wording.RISE: "a rise over its own earlier months",
}


def facts(row: Any, *, run: "Run") -> list[tuple[str, str]]:
    """List what was counted at a hotspot, in words, the most telling first."""
    p_value = row.p_value_fdr if pd.notna(row.p_value_fdr) else row.p_value
    last = british_date(run.horizon.end_on - dt.timedelta(days=1))
    told = [
        ("Counted", f"{wording.reports(int(row.incident_count))}, {run.period}"),
        (
            "Expected",
            f"{wording.quantity(row.expected_count)}, if its ward's reports fell evenly"
            + (f" ({wording.quantity(row.rate_ratio)} times)" if pd.notna(row.rate_ratio) else ""),
        ),
        ("Stands out by", _STANDS_OUT_BY.get(row.excess_kind, "")),
        ("Chance", formatters.sentence(wording.chance(p_value)) or "Not tested"),
        (
            "Foretold",
            f"{wording.foretold(row)} more by {last}" if pd.notna(row.forecast_count) else "",
        ),
        ("Of late", formatters.sentence(row.change)),
        ("History", emerging.MEANINGS[row.trend] if row.trend in emerging.HISTORIES else ""),
        ("When", row.peak_hours),
        ("What", _list(row.top_categories)),
        ("Who reports it", _list(row.sources)),
        ("Ward", f"{row.ward_name}{', also ' + _list(row.other_wards) if row.other_wards else ''}"),
        (
            "Size",
            f"{row.radius_m:.0f} m from its middle to the farthest report" if pd.notna(row.radius_m) else "",
        ),
    ]
    return [(key, value) for key, value in told if value]


def _list(text: str) -> str:
    """Write `Noise 12; Drugs 3` as `Noise (12), Drugs (3)`."""
    parts = wording.split_texts(text, wording.LIST_SEPARATOR)
    return ", ".join(_COUNTED.sub(r"\1 (\2)", part) for part in parts)


def accounts_for(counts: Mapping[str, Any]) -> str:
    """Say the sum that every run must satisfy: nothing lost, nothing twice."""
    total, inside, outside, lost = (
        counts.get(name, 0) for name in ("incidents", "in_wards", "outside", "unlocated")
    )
    return (
        f"{total:,} incidents = {inside:,} in wards + {outside:,} outside + {lost:,} without a place. "
        f"{counts.get('ward_only', 0):,} are known only to their ward: in the totals, not on the map."
        + _coarse(counts.get("coarse", 0))
    )


def _coarse(count: int) -> str:
    if not count:
        return ""
    return (
        f" {count:,} have a place that is only roughly known: in the totals, spread over the squares they "
        "may lie in, and in no test."
    )
