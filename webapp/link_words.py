"""What the pages about links say: two accounts, and what speaks for and against their being one event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mapping import wording
from mapping.store.links import LinkView, Told
from webapp import formatters

LEAST_BITS: Final = 0.5  # what weighs less says nothing either way
_OUTCOMES: Final = {"joined": "One event", "apart": "Two events", "queued": "Not decided"}


@dataclass(frozen=True)
class Account:
    """One of the two reports in words; `words` is empty for who may not read them."""

    letter: str
    title: str
    reference: str
    when: str
    where: str
    what: str
    words: str
    easting_m: float | None
    northing_m: float | None
    error_m: float


@dataclass(frozen=True)
class Said:
    """One comparison in words: `sign` is `+` where it speaks for one event, `−` against, `·` neither."""

    sign: str
    spoken: str
    text: str


def accounts(link: LinkView, agencies: Mapping[str, str], *, with_words: bool) -> list[Account]:
    """Put both reports into words, as A and B."""
    return [
        Account(
            letter=letter,
            title=title(told, agencies),
            reference=told.reference,
            when=when(told),
            where=_where(told),
            what=_what(told),
            words=told.description if with_words else "",
            easting_m=told.easting_m,
            northing_m=told.northing_m,
            error_m=told.error_m or 0.0,
        )
        for letter, told in (("A", link.first), ("B", link.second))
    ]


def title(told: Told, agencies: Mapping[str, str]) -> str:
    """Name a source and whose it is."""
    name = source(told)
    agency = agencies.get(told.source_agency, told.source_agency)
    return name if not agency or agency.casefold() in name.casefold() else f"{name}, {agency}"


def source(told: Told) -> str:
    """Name a source as a sentence does."""
    return formatters.sentence(told.source.replace("-", " "))


def when(told: Told) -> str:
    """Say when it happened, no finer than the source knows."""
    if told.occurred_from is None:
        return "No time is known"
    if told.time_precision == "month":
        return formatters.month(f"{formatters.local(told.occurred_from):%Y-%m}")
    if told.time_precision == "day":
        return f"{formatters.date(told.occurred_from)}, at no known hour"
    start = formatters.local(told.occurred_from)
    if told.occurred_to is None or told.occurred_to <= told.occurred_from:
        return f"{start:%A} {formatters.moment(told.occurred_from)}"
    end = formatters.local(told.occurred_to)
    last = f"{end:%H:%M}" if end.date() == start.date() else formatters.moment(told.occurred_to)
    return f"Between {start:%A} {formatters.moment(told.occurred_from)} and {last}"


def _where(told: Told) -> str:
    place = ", ".join(part for part in (told.place_text, told.postcode) if part) or "No words for the place"
    if told.easting_m is None:
        return f"{place}; no point"
    reach = f"known to within {told.error_m:.0f} m" if told.error_m else "how exactly is not said"
    return f"{place}; {reach}"


def _what(told: Told) -> str:
    stated = told.stated_category
    return f"{told.category} (“{stated}”)" if stated and stated != told.category else told.category


def comparisons(link: LinkView) -> list[Said]:
    """Say what the score was made of, what weighs most first."""
    told, weights = link.evidence, link.evidence.get("weights", {})
    where = float(weights.get("distance", 0)) + float(weights.get("vagueness", 0))
    parts = [
        (where, _apart(told, is_vague=where <= -LEAST_BITS)),
        (float(weights.get("time", 0)), _times(told, link)),
        (float(weights.get("category", 0)), _categories(link)),
        (float(weights.get("words", 0)), _alike("their words for the place", told.get("words"))),
        (float(weights.get("accounts", 0)), _alike("their accounts", told.get("accounts"))),
        (float(weights.get("busy", 0)), _busy(float(weights.get("busy", 0)))),
    ]
    parts.sort(key=lambda part: -abs(part[0]))
    return [_said(bits, text) for bits, text in parts if text]


def _said(bits: float, text: str) -> Said:
    if bits >= LEAST_BITS:
        return Said("+", "For one event", formatters.sentence(text))
    if bits <= -LEAST_BITS:
        return Said("−", "Against", formatters.sentence(text))
    return Said("·", "Neither", formatters.sentence(text))


def _apart(told: Mapping[str, Any], *, is_vague: bool = False) -> str:
    metres, reach = told.get("distance_m"), told.get("error_m")
    if metres is None:
        return ""
    if reach is None:
        return f"{metres:.0f} m apart"
    if metres > reach:
        return f"{metres:.0f} m apart, farther than both allow ({reach:.0f} m)"
    if is_vague:
        return f"{metres:.0f} m apart, but the places are known to within {reach:.0f} m only"
    return f"{metres:.0f} m apart, within what both allow ({reach:.0f} m)"


def _times(told: Mapping[str, Any], link: LinkView) -> str:
    minutes = told.get("minutes")
    if minutes is None:
        return ""
    if "minute" not in (link.first.time_precision, link.second.time_precision):
        return "the same day, at no known hour"
    if minutes < 1:
        return "the same time"
    return f"{minutes:.0f} minute{'' if round(minutes) == 1 else 's'} apart"


def _categories(link: LinkView) -> str:
    one, other = link.first.category, link.second.category
    return f"both say {one}" if one == other else f"one says {one}, the other {other}"


def _alike(what: str, likeness: float | None) -> str:
    if likeness is None:
        return ""
    common = _IN_COMMON[min(int(likeness * len(_IN_COMMON)), len(_IN_COMMON) - 1)]
    return f"{what} {common} in common ({likeness:.1f} alike)"


_IN_COMMON: Final = ("have little", "have something", "have much")


def _busy(bits: float) -> str:
    if bits >= LEAST_BITS:
        return "few reports of the same matter close by"
    return (
        "many reports of the same matter close by, so two may meet by chance" if bits <= -LEAST_BITS else ""
    )


def line(link: LinkView) -> str:
    """Name a pair by where and when: what a person remembers it by."""
    place = formatters.place(link.first.place_text or link.second.place_text)
    return f"{place}, {_lower_first(when(link.first))}"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:] if text.startswith(("Between", "No ")) else text


def told_by(link: LinkView) -> str:
    """Say which two sources told of it."""
    return f"{source(link.first)} and {source(link.second)}"


def brief(link: LinkView) -> str:
    """Say in one line why they may be one event."""
    told = link.evidence
    parts = [_apart(told).split(",")[0], _times(told, link), _categories(link)]
    return formatters.sentence("; ".join(part for part in parts if part) + ".")


def chance(score: float) -> str:
    """Say how likely one event is, as the matcher sees it; nothing here is certain."""
    tenths = round(10 * score)
    if tenths >= 10:
        return "more than 9 in 10"
    return f"about {tenths} in 10" if tenths else "less than 1 in 10"


def outcome(link: LinkView) -> str:
    """Say what was decided."""
    return _OUTCOMES[link.state]


def finding(links: Sequence[LinkView]) -> str:
    """Say how many pairs wait."""
    if not links:
        return "No pair of reports waits for an answer"
    count = len(links)
    verb = "may be one event" if count == 1 else "may each be one event"
    return formatters.sentence(f"{formatters.some(count, 'pair')} of reports {verb}")


def need(links: Sequence[LinkView]) -> str:
    """Say on the home page that pairs wait, and between whom where it is always the same two."""
    count = formatters.counted(len(links), "doubtful link")
    sources = {frozenset((one.first.source, one.second.source)) for one in links}
    if len(sources) != 1:
        return f"{count} between reports of different sources"
    names = sorted(name.replace("-", " ") for name in next(iter(sources)))
    return f"{count} between {wording.join_words(names)}"
