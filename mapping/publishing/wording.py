"""A hotspot in words: the same sentences beside the map, on paper and in a pop-up."""

from dataclasses import dataclass
from typing import Any, Final

from mapping.wording import (
    CAUTION_SEPARATOR,
    LIST_SEPARATOR,
    UNNAMED_PLACE,
    counted,
    public_place,
    split_texts,
)

NOTHING_STANDS_OUT: Final = (
    "No place has more reports than its surroundings explain. Look at a longer period, or at all "
    "categories together; the shaded squares still show where most is expected."
)


@dataclass(frozen=True)
class HotspotWords:
    """One hotspot as sentences; an empty string where there is nothing to say."""

    hotspot_id: str
    number: int
    place: str
    where: str
    counts: str
    trend: str
    when: str
    what: str
    cautions: tuple[str, ...]
    is_recorded_here: bool


def describe(hotspot: Any, *, number: int, show_rank: bool = False) -> HotspotWords:
    """Put one row of a HOTSPOTS frame (as `itertuples` gives it) into words.

    Parameters
    ----------
    hotspot : named tuple with the columns of `schema.HOTSPOTS`
    number : int
        The number it bears on this map.
    show_rank : bool
        Say its rank in the whole study area too, where `number` is not that.
    """
    where = [hotspot.ward_name] if hotspot.ward_name else []
    if hotspot.other_wards:
        where.append("also in " + ", ".join(split_texts(hotspot.other_wards, LIST_SEPARATOR)))
    if show_rank:
        where.append(f"rank {int(hotspot.rank)} overall")
    return HotspotWords(
        hotspot_id=str(hotspot.hotspot_id),
        number=number,
        place=public_place(hotspot.place_name) or UNNAMED_PLACE,
        where=", ".join(where),
        counts=f"{counted(hotspot)}.",
        trend=_trend(hotspot.change),
        when=f"Busiest {hotspot.peak_hours}." if hotspot.peak_hours else "",
        what=_what(hotspot.top_categories),
        cautions=split_texts(hotspot.cautions, CAUTION_SEPARATOR),
        is_recorded_here=bool(hotspot.recorded_at_place),
    )


def _trend(trend: str) -> str:
    return {
        "": "",
        "new": "New in this period.",
        "too short": "Too few months to say whether it rises or falls.",
    }.get(trend, f"{trend.capitalize()} over the period.")


def _what(top_categories: str) -> str:
    parts = split_texts(top_categories, LIST_SEPARATOR)
    return f"Mostly {', '.join(parts[:3])}." if parts else ""
