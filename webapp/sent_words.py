"""How what was sent in reads on a page: what is kept of it, what was taken out, how far it has come."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mapping.intake import redaction
from mapping.sending import INTELLIGENCE, Checked, Said
from mapping.store.submissions import Sent
from webapp import formatters

SOURCE_WORDS: Final = {"1": "Reliable", "2": "Untested", "3": "Not reliable"}
ASSESSMENT_WORDS: Final = {
    "A": "Known directly to the source",
    "B": "Known indirectly to the source, but corroborated",
    "C": "Known indirectly to the source",
    "D": "Not known",
    "E": "Suspected to be false",
}


@dataclass(frozen=True)
class Step:
    """How far something has come, in words, and when."""

    name: str
    words: str
    is_reached: bool


@dataclass(frozen=True)
class Line:
    """One thing that was sent in, as a list shows it."""

    submission_id: int
    title: str
    reference: str
    when: str
    where: str
    is_intelligence: bool
    steps: tuple[Step, ...]

    @property
    def furthest(self) -> Step:
        """The last step that was reached."""
        return [step for step in self.steps if step.is_reached][-1]


def removed(tally: Mapping[str, int]) -> str:
    """Say what was taken out: `Two things were removed: a phone number and a vehicle registration`."""
    count = sum(tally.values())
    if not count:
        return "Check what will be kept: nothing was removed"
    verb = "was" if count == 1 else "were"
    said = f"{formatters.some(count, 'thing')} {verb} removed: {redaction.in_words(tally)}"
    return formatters.sentence(said)


def kept(said: Said, found: Checked) -> list[tuple[str, str]]:
    """List what will be kept, each with what it is called; empty fields are left out."""
    rows = [
        ("About", said.category),
        ("When", _day_words(said)),
        ("Where", _where_words(said, found)),
        ("What is known, as fact" if said.kind == INTELLIGENCE else "What happened", said.fact),
        ("Happened there before", formatters.sentence(said.repeat)),
        ("Professional opinion", said.opinion),
    ]
    if said.kind == INTELLIGENCE:
        rows += [
            ("Source", f"{said.source_grade}: {SOURCE_WORDS[said.source_grade]}"),
            ("Assessment", f"{said.assessment_grade}: {ASSESSMENT_WORDS[said.assessment_grade]}"),
            ("Handling", _handling_words(said)),
            ("Conditions", said.conditions),
        ]
    return [(name, words) for name, words in rows if words]


def _handling_words(said: Said) -> str:
    if said.handling_code == "P":
        return "P: lawful sharing permitted"
    assumed = "" if said.handling == "C" else ", because none was chosen"
    return f"C: lawful sharing permitted with conditions{assumed}"


def _day_words(said: Said) -> str:
    day = formatters.date(dt.date.fromisoformat(said.day))
    at = f" at {said.time}" if said.time else ""
    until = f" to {formatters.date(dt.date.fromisoformat(said.last_day))}" if said.last_day else ""
    return f"{day}{at}{until}" if at or until else f"{day}, time not known"


def _where_words(said: Said, found: Checked) -> str:
    point = "the point of your device" if said.longitude else ""
    ward = f"in {found.ward_name}" if found.ward_name else ""
    outside = "outside every ward of this partnership" if found.placement == "outside" else ""
    named = [part for part in (said.place, said.postcode, point, ward, outside) if part]
    return ", ".join(named)


def finding(sent: Sequence[Sent]) -> str:
    """Say in one line what became of everything that was sent in."""
    if not sent:
        return "You have not sent anything in yet"
    acted = sum(one.acted_on_at is not None for one in sent)
    used = sum(one.used_at is not None for one in sent)
    things = formatters.some(len(sent), "thing")
    if acted:
        return f"You sent in {things}; partners agreed to act on {formatters.words_for(acted)}"
    if used:
        return f"You sent in {things}; {formatters.words_for(used)} counted in the partnership's maps"
    return f"You sent in {things}"


def line(sent: Sent) -> Line:
    """Put one thing that was sent in into words."""
    return Line(
        submission_id=sent.submission_id,
        title="Intelligence item" if sent.kind == INTELLIGENCE else sent.stated_category or "Report",
        reference=sent.reference,
        when=_happened(sent),
        where=sent.place_text or sent.ward_name,
        is_intelligence=sent.kind == INTELLIGENCE,
        steps=_steps(sent),
    )


def _happened(sent: Sent) -> str:
    if sent.occurred_from is None or sent.occurred_to is None:
        return ""
    if sent.time_precision == "minute":
        return formatters.moment(sent.occurred_from)
    first, last = formatters.local(sent.occurred_from), formatters.local(sent.occurred_to)
    until = (last - dt.timedelta(seconds=1)).date()
    if until <= first.date():
        return formatters.date(first)
    return f"{formatters.date(first)} to {formatters.date(until)}"


def _steps(sent: Sent) -> tuple[Step, ...]:
    """Say how far it has come. What was not reached says what it waits for."""
    received = Step("Received", f"on {formatters.moment(sent.sent_at)}", True)
    if sent.is_erased:
        return (received, Step("Erased", "at its owner's wish; nothing of it is kept", True))
    where = f"in {sent.ward_name}" if sent.ward_name else "outside every ward of this partnership"
    placed = Step(
        "Placed", where if sent.is_placed else "not yet: its street is still to be found", sent.is_placed
    )
    if sent.kind == INTELLIGENCE:
        return (received, placed)
    return (
        received,
        placed,
        _dated("Used", "counted in a map drawn on", sent.used_at, "not yet: it counts in the next map"),
        _dated("Acted on", "partners agreed to act there on", sent.acted_on_at, "not yet"),
    )


def _dated(name: str, words: str, at: dt.datetime | None, waits: str) -> Step:
    return Step(name, waits if at is None else f"{words} {formatters.date(at)}", at is not None)
