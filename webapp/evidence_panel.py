"""The panel "Does it hold?" behind every map: pure, from the evidence a run keeps to words and a table."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mapping.evidence import words
from mapping.evidence.words import LIMITS, describe
from webapp import formatters

if TYPE_CHECKING:
    import pandas as pd

    from mapping.store.runs import Run

NOT_KNOWN = "–"  # an en dash, read out as nothing
_NAMES = {"count": "count (what happened before)"}


@dataclass(frozen=True)
class Panel:
    """What a page says of how well its map would have held.

    Attributes
    ----------
    leads : tuple of str
        What was held, of the ward first where the page is about one; empty where nothing is known.
    points : tuple of str
        Chance and stability.
    limits : tuple of str
        What it does not say.
    rows, further_rows : tuple of dict
        A row for each method in all, at 1 % of the area and at other shares of it.
    """

    leads: tuple[str, ...]
    points: tuple[str, ...]
    limits: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    further_rows: tuple[dict[str, str], ...]


def panel(run: "Run", *, ward: str = "", ward_name: str = "") -> Panel:
    """Say whether a run's map would have held, of a ward too where enough followed there."""
    whole = describe(run.evidence, run.method, area="the whole borough" if ward else "the area")
    leads = [*_of_ward(run, ward, ward_name), whole.sentence, whole.caution] if whole.sentence else []
    evidence = words.of_area(run.evidence)
    usual = words.at_usual_share(evidence)
    return Panel(
        leads=tuple(lead for lead in leads if lead),
        points=tuple(point for point in (whole.doubt, whole.stable) if point),
        limits=LIMITS,
        rows=_rows(usual),
        further_rows=_rows(evidence.drop(usual.index)),
    )


def _of_ward(run: "Run", ward: str, name: str) -> Iterable[str]:
    if not ward:
        return ()
    own = describe(run.evidence, run.method, ward=ward, area=name)
    if own.sentence:
        return (f"{own.sentence} {own.caution}".strip(),)
    return (f"Too little followed in {name} to tell how its own map held, so this is about all wards.",)


def _rows(evidence: "pd.DataFrame") -> tuple[dict[str, str], ...]:
    return tuple(_row(row) for row in evidence.to_dict("records"))


def _row(row: dict[Any, Any]) -> dict[str, str]:
    """Write a row's numbers; what an older run does not know is left open."""
    return {
        "method": _NAMES.get(row["method"], row["method"]),
        "area": formatters.percent(row["area_share"]),
        "squares": formatters.number(row["cells"]),
        "events": formatters.number(row["events"]),
        "hits": formatters.number(row["hits"]),
        "hit_rate": formatters.percent(row["hit_rate"]) if _known(row["hit_rate"]) else NOT_KNOWN,
        "pai": f"{row['pai']:.1f}" if _known(row["pai"]) else NOT_KNOWN,
        "pei": f"{row['pei']:.2f}" if _known(row["pei"]) else NOT_KNOWN,
        "pei_range": _range(row.get("pei_low"), row.get("pei_high"), "{:.2f}"),
        "gain": NOT_KNOWN
        if row["method"] == words.PLAIN
        else _range(row.get("gain_low"), row.get("gain_high"), "{:+,.0f}"),
        "kept": formatters.percent(row["kept_share"]) if _known(row.get("kept_share")) else NOT_KNOWN,
        "clumped": f"{row['clumpiness']:.2f}" if _known(row.get("clumpiness")) else NOT_KNOWN,
        "judged": "" if row.get("judged", True) else "too few to judge",
    }


def _range(low: Any, high: Any, form: str) -> str:
    return f"{form.format(low)} to {form.format(high)}" if _known(low) and _known(high) else NOT_KNOWN


def _known(value: Any) -> bool:
    return value is not None and not math.isnan(value)
