"""What stands beside the count of a hotspot: who sees it, when last, its harm, the intelligence near it.

Pure, from stored rows to sentences. A run that was made before these were worked out says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from mapping import wording
from mapping.access import handling_of
from mapping.hotspots import callers, harm, harm_tables, recency
from mapping.hotspots.intelligence_layer import Gathering, grade_of, may_drive
from mapping.publishing.wording import describe
from mapping.wording import CAUTION_SEPARATOR, UNNAMED_PLACE
from webapp import formatters

NOTHING_UNUSUAL: Final = (
    "Its sources bring the part that is usual for reports of its kinds in its ward, or there are too few "
    "reports to say that one does not."
)
NO_WEIGHT: Final = (
    "No weight is known for what is reported here, so no harm is told; that is not to say there is none."
)
BY_ROOTS: Final = (
    "Places are put in order by the square roots of the weights, so that one grave report is not a hotspot."
)


@dataclass(frozen=True)
class HarmLines:
    """The harm at one place: `said` of the place, `order` beside the order by reports, and the source."""

    said: str
    order: tuple[str, ...]
    credit: str


@dataclass(frozen=True)
class ItemLine:
    """One item of intelligence as a page tells it: never what it says."""

    title: str
    grade: str
    handling: str
    owner: str
    reference: str
    is_doubtful: bool


@dataclass(frozen=True)
class Gathered:
    """A place where intelligence gathers, in words; `hotspot_id` is empty where no hotspot is near."""

    place: str
    where: str
    sentence: str
    hotspot_id: str
    items: tuple[ItemLine, ...]


def who_sees(row: Any) -> tuple[str, ...]:
    """Say who sees a hotspot and who does not, and how many of its reports one caller's cap held back."""
    told = wording.split_texts(row.source_mix, CAUTION_SEPARATOR)
    if not told and last_seen(row):
        told = (NOTHING_UNUSUAL,)
    capped = callers.said(int(row.capped_count))
    return (*told, capped) if capped else told


def last_seen(row: Any) -> str:
    """Say when a hotspot was last reported; empty for a run that did not work it out."""
    if not row.last_seen_on:
        return ""
    return recency.said(row.last_seen_on, np.array(row.monthly_counts.split(), dtype=np.int64))


def harm_lines(row: Any, hotspots: pd.DataFrame, settings: Mapping[str, Any]) -> HarmLines | None:
    """Say the harm at a hotspot, and how the order by harm differs from that by reports foretold.

    Parameters
    ----------
    row : named tuple of `hotspots`
    hotspots : DataFrame
        All of the run's.
    settings : mapping
        The run's, with its weights under `harm`; without them nothing is said.
    """
    table = harm_tables.stored(settings.get("harm"))
    if table is None:
        return None
    said = harm.said(row.harm_score, row.weighted_share, reports=int(row.incident_count), table=table)
    if not said:
        return HarmLines(NO_WEIGHT, (), table.credit)
    names = [describe(one, number=0).place for one in hotspots.itertuples(index=False)]
    happening = ~hotspots["recorded_at_place"].to_numpy(dtype=bool)
    orders = harm.compare_orders(names, hotspots["rank"], hotspots["harm_rank"], compared=happening)
    ranked = (
        f"Number {int(row.harm_rank)} by harm of those with a known weight; number {int(row.rank)} of all by "
        "reports foretold."
    )
    return HarmLines(said, tuple(line for line in (ranked, orders.sentence, BY_ROOTS) if line), table.credit)


def item_lines(items: pd.DataFrame, agencies: Mapping[str, str]) -> tuple[ItemLine, ...]:
    """Put items into words, in their order: kind, day, grading, handling and whose each is."""
    rows: list[dict[Any, Any]] = items.to_dict("records")
    return tuple(
        ItemLine(
            title=f"{item['category']}, {_when(item['occurred_from'], item['time_precision'])}",
            grade=grade_of(item["source_grade"], item["assessment_grade"], item["legacy_grading"]),
            handling=_handling(item["handling_code"], item["conditions"]),
            owner=agencies.get(item["source_agency"], item["source_agency"]),
            reference=item["reference"],
            is_doubtful=not may,
        )
        for item, may in zip(rows, may_drive(items).tolist(), strict=True)
    )


def _when(occurred_from: pd.Timestamp, time_precision: str) -> str:
    if time_precision == "month":
        return formatters.month(f"{formatters.local(occurred_from):%Y-%m}")
    return formatters.date(occurred_from)


def _handling(handling_code: str, conditions: str) -> str:
    """Say how an item may be shared; conditions travel with it."""
    if handling_of(handling_code, conditions) != "C":
        return "may be shared"
    return f"with conditions: {conditions}" if conditions else "with conditions: ask its owner first"


def gathered(
    found: Sequence[Gathering], items: pd.DataFrame, wards: pd.DataFrame, agencies: Mapping[str, str]
) -> list[Gathered]:
    """Put the places where intelligence gathers into words.

    Parameters
    ----------
    found : sequence of Gathering
        As `intelligence_layer.gather` gives them.
    items : DataFrame
        All items read, with `intelligence_id` and `ward_gss_code`.
    wards : DataFrame
        With `ward_gss_code` and `ward_name`.
    agencies : mapping of agency id to name
    """
    ward_names = dict(zip(wards["ward_gss_code"], wards["ward_name"], strict=True))
    by_id = items.set_index("intelligence_id", drop=False)
    told = []
    for one in found:
        own = by_id.loc[list(one.item_ids)]
        codes = own["ward_gss_code"].value_counts(sort=False).sort_index()
        ward = ward_names.get(str(codes.idxmax()), "outside the wards")
        told.append(
            Gathered(
                place=one.place or UNNAMED_PLACE,
                where=f"{ward}, grid {one.easting_m:.0f} {one.northing_m:.0f}",
                sentence=one.sentence,
                hotspot_id=one.hotspot_id,
                items=item_lines(own.iloc[::-1], agencies),
            )
        )
    return told


def finding(found: Sequence[Gathering]) -> str:
    """Say at how many places intelligence gathers, and at how many of them reports make no hotspot."""
    if not found:
        return "Intelligence gathers nowhere in this period"
    quiet = sum(one.is_quiet for one in found)
    if not quiet:
        return f"Intelligence gathers at {formatters.some(len(found), 'place')}, and so do reports"
    if quiet == len(found):
        return f"Intelligence gathers at {formatters.some(quiet, 'place')} where reports make no hotspot"
    places = formatters.some(len(found), "place")
    return (
        f"Intelligence gathers at {places}; at {formatters.words_for(quiet)} of them reports make no hotspot"
    )
