"""The forms by which people send in a report or an intelligence item, and what each field needs."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovRadioInput,
    GovSelect,
    GovSubmitInput,
    GovTextArea,
    GovTextInput,
)
from wtforms import (
    Field,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from mapping import postcodes
from mapping.intake.form_layouts import CHOICES
from mapping.sending import ACTION_CODES, INTELLIGENCE, REPORT, Said
from webapp.days import DayField, not_ahead
from webapp.forms import in_words, stripped

LONGEST_WORDS: Final = 4000
LONGEST_LINE: Final = 200
_TOO_LONG: Final = f"Keep it under {LONGEST_WORDS:,} characters"

_CLOCK: Final = re.compile(r"(\d{1,2})(?:[:.]?(\d\d))?\s*([ap]\.?m\.?)?", re.IGNORECASE | re.ASCII)
_DEGREES: Final = re.compile(r"-?\d{1,3}\.\d{1,9}", re.ASCII)

REPEATS: Final = (
    SelectChoice("the first that the writer knows of", "No, not that I know of"),
    SelectChoice("once or twice", "Yes, once or twice"),
    SelectChoice("again and again", "Yes, again and again"),
)
SOURCES: Final = (
    SelectChoice("1", "1 – Reliable"),
    SelectChoice("2", "2 – Untested"),
    SelectChoice("3", "3 – Not reliable"),
)
ASSESSMENTS: Final = (
    SelectChoice("A", "A – Known directly to the source"),
    SelectChoice("B", "B – Known indirectly to the source, but corroborated"),
    SelectChoice("C", "C – Known indirectly to the source"),
    SelectChoice("D", "D – Not known"),
    SelectChoice("E", "E – Suspected to be false"),
)
HANDLINGS: Final = (
    SelectChoice("P", "P – Lawful sharing permitted"),
    SelectChoice("C", "C – Lawful sharing permitted with conditions"),
)
ABOVE: Final = "above"
MARKINGS: Final = (
    SelectChoice("OFFICIAL", "OFFICIAL"),
    SelectChoice("OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE"),
    SelectChoice(ABOVE, "SECRET or TOP SECRET"),
)
_REFUSED: Final = (
    "This system takes OFFICIAL and OFFICIAL-SENSITIVE only. Nothing was kept: report it in your own "
    "agency's system for that marking"
)
_HIGHER_MARK: Final = re.compile(r"^\W*(?:UK\s+)?(?:TOP\s+)?SECRET\W*$", re.MULTILINE)


def _day_given(_form: object, field: Field) -> None:
    if field.data is None and not field.errors:
        raise ValidationError("Enter the day it happened, or the first day it can have")


def clock(text: str) -> str | None:
    """Read `19:30`, `1930`, `7.30pm` or `7 pm` as `19:30`; None where it is no time of day."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").casefold()[:1]
    if half and not 1 <= hour <= 12:
        return None
    if not half and found[2] is None:
        return None  # 7 could be either end of the day
    hour = hour % 12 + 12 * (half == "p") if half else hour
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


class _PlacedForm(FlaskForm):
    """What a report and an intelligence item ask alike: what, when and where."""

    kind = ""

    def __init__(self, wards: Mapping[str, str], own_wards: frozenset[str], **values: Any) -> None:
        super().__init__(**values)
        own = [code for code in wards if code in own_wards]
        order = [*own, *(code for code in wards if code not in own_wards)]
        self.ward.choices = [
            SelectChoice("", "I do not know"),
            *(SelectChoice(code, wards[code]) for code in order),
        ]

    ticket = HiddenField()
    category = SelectField(
        "What is it about?",
        choices=[SelectChoice("", "Choose one"), *(SelectChoice(words, words) for words in CHOICES)],
        widget=GovSelect(),
        validators=[InputRequired("Choose what it is about")],
    )
    day = DayField(
        "Which day?",
        description="For example, 27 3 2026. If you do not know exactly, the first day it can have been.",
        validators=[_day_given, not_ahead],
    )
    time = StringField(
        "At what time, if you know it?",
        description="For example, 19:30 or 7.30pm. Leave it empty if you do not know.",
        filters=[stripped],
        widget=GovTextInput(),
        validators=[Length(max=12, message="Enter a time such as 19:30, or leave it empty")],
    )
    last_day = DayField(
        "Until which day, if it was some time between two days?",
        description="Leave it empty if it was on one day.",
        validators=[not_ahead],
    )
    ward = SelectField("Which ward?", choices=(), widget=GovSelect())
    place = StringField(
        "Street or landmark",
        description="For example, behind the shops on the High Street. No house number is needed.",
        filters=[stripped],
        widget=GovTextInput(),
        validators=[Length(max=LONGEST_LINE, message=f"Keep it under {LONGEST_LINE} characters")],
    )
    postcode = StringField(
        "Postcode (if you know it)",
        filters=[stripped],
        widget=GovTextInput(),
        validators=[Length(max=12, message="Enter a postcode such as AB12 3CD, or leave it empty")],
    )
    longitude = HiddenField()
    latitude = HiddenField()

    def validate_time(self, field: Field) -> None:
        """Read a time of day; put it in one spelling."""
        if field.data:
            read = clock(field.data)
            if read is None:
                raise ValidationError("Enter a time such as 19:30 or 7.30pm, or leave it empty")
            field.data = read

    def validate_last_day(self, field: Field) -> None:
        """Hold the last day to the first."""
        if field.data and self.day.data and field.data < self.day.data:
            raise ValidationError("The last day lies before the first; put the earlier one first")

    def validate_postcode(self, field: Field) -> None:
        """Read a postcode; put it in one spelling."""
        if field.data:
            read, _ = postcodes.normalise(field.data)
            if not read:
                raise ValidationError("Enter a whole postcode such as AB12 3CD, or leave it empty")
            field.data = read

    def validate_ward(self, field: Field) -> None:
        """Ask for one way at least to know where it was."""
        if not (field.data or self.place.data or self.postcode.data or self._point()[0]):
            raise ValidationError("Say where it was: a ward, a street or landmark, or a postcode")

    def _point(self) -> tuple[str, str]:
        """Return the point that the telephone gave; what is no pair of degrees is none."""
        pair = (self.longitude.data or "", self.latitude.data or "")
        return pair if all(map(_DEGREES.fullmatch, pair)) else ("", "")

    def said(self, reference: str) -> Said:
        """Return what was written: the fields that this form asks for, and no other."""
        longitude, latitude = self._point()
        told = Said(
            kind=self.kind,
            reference=reference,
            category=self.category.data,
            day=_iso(self.day.data),
            time=self.time.data or "",
            last_day=_iso(self.last_day.data),
            ward=self.ward.data or "",
            place=self.place.data or "",
            postcode=self.postcode.data or "",
            longitude=longitude,
            latitude=latitude,
        )
        return self._with_words(told)

    def _with_words(self, told: Said) -> Said:
        return told

    def problems(self) -> list[dict[str, str]]:
        """Return every error with the box it leads to, in the order of the page."""
        fields = [field for field in self if field.errors]
        return [
            {"text": field.errors[0], "href": f"#{field.name}{'-day' if isinstance(field, DayField) else ''}"}
            for field in fields
        ]


class ReportForm(_PlacedForm):
    """What somebody saw or was told."""

    kind = REPORT
    fact = TextAreaField(
        "What happened?",
        description="What you saw, or what you were told and how. Leave out names, and anything else that "
        "says who somebody is.",
        filters=[stripped],
        widget=GovTextArea(),
        validators=[
            InputRequired("Say what happened"),
            Length(max=LONGEST_WORDS, message=_TOO_LONG),
            in_words("Say what happened in a few words at least"),
        ],
    )
    repeat = RadioField(
        "Has it happened there before?",
        choices=REPEATS,
        widget=GovRadioInput(),
        validators=[Optional()],
    )
    submit = SubmitField("Check what will be kept", widget=GovSubmitInput())

    def _with_words(self, told: Said) -> Said:
        return replace(told, fact=self.fact.data or "", repeat=self.repeat.data or "")


class IntelligenceForm(_PlacedForm):
    """A 3x5x2 item: graded, with its handling, fact and opinion apart."""

    kind = INTELLIGENCE
    fact = TextAreaField(
        "What is known, as fact",
        description="What was seen or said, and nothing of what you make of it.",
        filters=[stripped],
        widget=GovTextArea(),
        validators=[
            InputRequired("Enter what is known"),
            Length(max=LONGEST_WORDS, message=_TOO_LONG),
            in_words("Enter what is known in a few words at least"),
        ],
    )
    opinion = TextAreaField(
        "Your professional opinion, if you have one",
        description="What you make of it, kept apart from the fact.",
        filters=[stripped],
        widget=GovTextArea(),
        validators=[Length(max=LONGEST_WORDS, message=_TOO_LONG)],
    )
    source_grade = RadioField(
        "How reliable is the source?",
        choices=SOURCES,
        widget=GovRadioInput(),
        validators=[InputRequired("Grade the source: 1, 2 or 3")],
    )
    assessment_grade = RadioField(
        "How is the information assessed?",
        choices=ASSESSMENTS,
        widget=GovRadioInput(),
        validators=[InputRequired("Assess the information: A to E")],
    )
    handling = RadioField(
        "How may it be shared?",
        description="If you choose neither, it is handled as C.",
        choices=HANDLINGS,
        widget=GovRadioInput(),
        validators=[Optional()],
    )
    codes = SelectMultipleField(
        "Action and sanitisation codes, for C",
        choices=[SelectChoice(code, code) for code in ACTION_CODES],
        widget=GovCheckboxesInput(),
        validators=[Optional()],
    )
    conditions = StringField(
        "Conditions in words, for C",
        description="For example, tell the originator before acting on it.",
        filters=[stripped],
        widget=GovTextInput(),
        validators=[Length(max=LONGEST_LINE, message=f"Keep it under {LONGEST_LINE} characters")],
    )
    marking = RadioField(
        "How is it marked?",
        choices=MARKINGS,
        widget=GovRadioInput(),
        validators=[InputRequired("Say how it is marked")],
    )
    submit = SubmitField("Check what will be kept", widget=GovSubmitInput())

    def validate_marking(self, field: Field) -> None:
        """Refuse what this system may not hold."""
        if field.data == ABOVE:
            raise ValidationError(_REFUSED)

    def validate_fact(self, field: Field) -> None:
        """Refuse words that carry a higher marking on a line of their own."""
        if _HIGHER_MARK.search(field.data or "") or _HIGHER_MARK.search(self.opinion.data or ""):
            raise ValidationError(_REFUSED)

    def validate_handling(self, field: Field) -> None:
        """Hold handling and conditions to one another."""
        has_conditions = bool(self.codes.data or self.conditions.data)
        if field.data == "P" and has_conditions:
            raise ValidationError("P carries no conditions: choose C, or clear the codes and conditions")
        if field.data == "C" and not has_conditions:
            raise ValidationError("Say the conditions below, by a code or in words")

    def _with_words(self, told: Said) -> Said:
        codes = " ".join(code for code in ACTION_CODES if code in (self.codes.data or ()))
        conditions = ". ".join(filter(None, (codes, self.conditions.data)))
        return replace(
            told,
            fact=self.fact.data or "",
            opinion=self.opinion.data or "",
            source_grade=self.source_grade.data,
            assessment_grade=self.assessment_grade.data,
            handling=self.handling.data or "",
            conditions=conditions,
        )
