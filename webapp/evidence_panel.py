"""The panel "Does it hold?" behind every map: pure, from the evidence a run keeps to words and a table."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mapping.evidence import words
from mapping.evidence.words import LIMITS, Held, describe
from webapp import formatters

if TYPE_CHECKING:
    import pandas as pd

    from mapping.store.runs import Run

NOT_KNOWN: Final = "not known"
MINUS: Final = "\u2212"


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
    counted : str
        How many squares and reports the methods are compared on at 1 %.
    rows, further_rows : tuple of dict
        A row for each method in all, at 1 % of the area and at other shares of it.
    """

    leads: tuple[str, ...]
    points: tuple[str, ...]
    limits: tuple[str, ...]
    counted: str
    rows: tuple[dict[str, str], ...]
    further_rows: tuple[dict[str, str], ...]


def panel(run: "Run", *, ward: str = "", ward_name: str = "") -> Panel:
    """Say whether a run's map would have held, of a ward too where enough followed there."""
    whole = describe(run.evidence, run.method, area="the whole borough" if ward else "the area")
    own = describe(run.evidence, run.method, ward=ward, area=ward_name) if ward else Held()
    leads = [
        f"{own.sentence} {own.caution}" if own.sentence else "",
        f"Too little followed in {ward_name} to tell how its own map held."
        if ward and not own.sentence
        else "",
        whole.brief if own.sentence else whole.sentence,
        whole.caution,
    ]
    evidence = words.of_area(run.evidence)
    usual = words.at_usual_share(evidence)
    return Panel(
        leads=tuple(lead.strip() for lead in leads if lead and whole.sentence),
        points=tuple(point for point in (whole.doubt, whole.stable) if point),
        limits=LIMITS,
        counted=_counted(usual),
        rows=_rows(usual, run.method),
        further_rows=_rows(evidence.drop(usual.index), run.method),
    )


def _counted(usual: "pd.DataFrame") -> str:
    if usual.empty:
        return ""
    squares, reports = (formatters.number(usual[name].iloc[0]) for name in ("cells", "events"))
    return f"{squares} squares, {reports} reports followed"


def _rows(evidence: "pd.DataFrame", method: str) -> tuple[dict[str, str], ...]:
    return tuple(_row(row, method) for row in evidence.to_dict("records"))


def _row(row: dict[Any, Any], method: str) -> dict[str, str]:
    """Write a row's numbers; what an older run does not know is said to be unknown."""
    is_plain = row["method"] == words.PLAIN
    return {
        "method": row["method"],
        "note": "this map" if method.startswith(row["method"]) else "",
        "area": formatters.percent(row["area_share"]),
        "squares": formatters.number(row["cells"]),
        "hits": formatters.number(row["hits"]),
        "hit_rate": formatters.percent(row["hit_rate"]) if _known(row["hit_rate"]) else NOT_KNOWN,
        "pai": f"{row['pai']:.1f}" if _known(row["pai"]) else NOT_KNOWN,
        "pei": f"{row['pei']:.2f}" if _known(row["pei"]) else NOT_KNOWN,
        "pei_range": _range(row.get("pei_low"), row.get("pei_high"), "{:.2f}"),
        "gain": "itself" if is_plain else _range(row.get("gain_low"), row.get("gain_high"), "{:+,.0f}"),
        "kept": formatters.percent(row["kept_share"]) if _known(row.get("kept_share")) else NOT_KNOWN,
        "clumped": f"{row['clumpiness']:.2f}".replace("-", MINUS)
        if _known(row.get("clumpiness"))
        else NOT_KNOWN,
        "judged": "" if row.get("judged", True) else "too few to judge",
    }


def _range(low: Any, high: Any, form: str) -> str:
    if not (_known(low) and _known(high)):
        return NOT_KNOWN
    return f"{form.format(low)} to {form.format(high)}".replace("-", MINUS)


def _known(value: Any) -> bool:
    return value is not None and not math.isnan(value)
