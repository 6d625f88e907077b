"""What the near repeats, live clusters and gathering of a category mean, in sentences for a councillor."""

import datetime as dt
from typing import Final

from mapping import wording
from mapping.periods import british_date

LEVEL: Final = 0.05
FEW_PAIRS: Final = 5.0
ABOVE_ONE: Final = 1.05  # what is written as 1.1 times or more
SOURCE_CHANGES: Final = "A source that starts within the period looks like a cluster; check that none did."


def lower_name(category: str) -> str:
    """Write a category inside a sentence: `burglary`, but `ASB nuisance`."""
    first = category.split(" ")[0]
    return category if first.isupper() else category[:1].lower() + category[1:]


def near_repeat(
    category: str, *, ratio: float, observed: float, expected: float, p_value: float, within_m: float
) -> str:
    """Say how much more often another report follows close by within a week than chance would have it."""
    pairs = f"{observed:,.0f} {'pair' if observed == 1 else 'pairs'}"
    counted = f"{pairs} seen, {wording.quantity(expected)} expected"
    name = lower_name(category)
    if expected < FEW_PAIRS and not p_value < LEVEL:
        return f"Too few pairs of {name} within {within_m:g} m and a week of each other to tell ({counted})."
    start = f"After one report of {name}, another within {within_m:g} m in the next week is"
    if ratio < ABOVE_ONE:
        return f"{start} no more common than chance alone would make it ({counted})."
    times = f"{ratio:.1f} times as common as chance alone would make it"
    return f"{start} {times} ({counted}); {wording.chance(p_value)}."


def not_fading(late_ratio: float) -> str:
    """Say that an excess of near pairs does not pass within weeks, as one that spreads would."""
    return (
        f"Pairs five to six weeks apart are {late_ratio:.1f} times as common too, so a season or a busy "
        "spell may explain it better than one report drawing the next."
    )


def days_unknown(category: str, *, placed: int, known: int, only_months: bool, least: int) -> str:
    """Say why nothing that needs days can be computed, and how many reports are known to the day."""
    name = lower_name(category)
    if placed < least:
        return f"{wording.reports(placed)} of {name} can be placed; at least {least} are needed."
    if known:
        percent = 100 * known // placed
        start = f"{known:,} of {placed:,} placed reports of {name} ({percent or 'under 1'} %)"
        return f"{start} are known to the day; days between reports need at least {least}."
    what = "only the month is known" if only_months else "the day is not known"
    return (
        f"Of all {placed:,} placed reports of {name} {what} (0 % are known to the day), "
        "so days between reports cannot be counted."
    )


def used(*, used_count: int, placed: int) -> str:
    """Say on what share of the placed reports an answer rests; empty where it rests on all."""
    if used_count == placed:
        return ""
    percent = 100 * used_count // placed
    return (
        f"Rests on the {used_count:,} of {placed:,} placed reports ({percent} %) that are known to the day."
    )


def cluster(
    category: str, *, place: str, ward: str, from_on: dt.date, to_on: dt.date, observed: int,
    expected: float, p_value: float,
) -> str:  # fmt: skip
    """Say where and since when more was reported than the place and the days usually have."""
    last = to_on - dt.timedelta(days=1)
    when = f"on {british_date(last)}"
    if from_on < last:
        when = f"from {british_date(from_on)} to {british_date(last)}"
    where = f"{place} ({ward})" if ward else place
    usual = f"where {wording.quantity(expected)} would be usual"
    name = lower_name(category)
    return f"{where}: {wording.reports(observed)} of {name} {when} {usual}; {wording.chance(p_value)}."


def live(number: int, *, days: int, end_on: dt.date) -> str:
    """Say how many clusters stand out at the end of the period."""
    span = f"in the {days} days to {british_date(end_on - dt.timedelta(days=1))}"
    if not number:
        return f"Nothing stands out {span}."
    return f"{number} {'place stands' if number == 1 else 'places stand'} out {span}."


def gathering(category: str, *, moran: float, p_value: float, placed: int, half: int, cells: int) -> str:
    """Say how clumped a category is over the whole area."""
    share = f"half of its {wording.reports(placed)} lie in {half:,} of {cells:,} squares"
    if p_value >= LEVEL:
        return f"{category} shows no gathering beyond single squares: {share}; {wording.chance(p_value)}."
    return (
        f"{category} gathers: squares with many lie beside squares with many (Moran's I {moran:.2f}, 0 is no "
        f"pattern), and {share}; {wording.chance(p_value)}."
    )
