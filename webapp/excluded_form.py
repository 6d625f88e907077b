"""The form by which a place is set apart."""

from collections.abc import Callable
from typing import Any, Final

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovSelect, GovTextArea, GovTextInput
from wtforms import Field, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from mapping import typed_points
from mapping.places.set_apart import (
    CAUTION,
    EXCLUSION,
    KINDS,
    LARGEST_RADIUS_M,
    USUAL_RADIUS_M,
    Place,
    problems_of,
)
from mapping.typed_points import Typed
from webapp.excluded_words import DOES
from webapp.formatters import sentence
from webapp.forms import stripped

_HOW_TO_TYPE: Final = (
    "Enter a grid reference such as NZ 494 203, an easting and a northing, a latitude and a longitude, or a "
    "full postcode"
)
_NO_POSTCODE: Final = "The gazetteer knows no such postcode; type the point in another way"
LookUp = Callable[[Typed], Typed | None]  # a postcode to its point, None where it is not known
_FIELDS: Final = {
    "name": "name",
    "kind": "kind",
    "treatment": "treatment",
    "point": "where",
    "radius_m": "radius",
}


def one_line(text: str | None) -> str:
    """Write what was typed on one line; nothing sent is nothing written."""
    return " ".join((text or "").split())


class ExcludedForm(FlaskForm):
    """A place, what is done about it, and why."""

    name = StringField(
        "What is it called?",
        description="As people here call it, without a house number. Everybody who may see maps reads it.",
        filters=[one_line],
        widget=GovTextInput(),
        validators=[InputRequired("Give the place a name")],
    )
    kind = SelectField(
        "What is it?",
        choices=[SelectChoice(kind, sentence(kind)) for kind in KINDS],
        widget=GovSelect(),
        validators=[],
    )
    where = StringField(
        "Where is it?",
        description="A grid reference, an easting and a northing, a latitude and a longitude, or a "
        "postcode. A click on the map fills this in.",
        filters=[stripped],
        widget=GovTextInput(),
        validators=[InputRequired(_HOW_TO_TYPE)],
    )
    radius = StringField(
        "How far around it, in metres?",
        description=f"Reports this close to the point are its own. At most {LARGEST_RADIUS_M:.0f}.",
        default=f"{USUAL_RADIUS_M:.0f}",
        filters=[stripped],
        widget=GovTextInput(),
        validators=[],
    )
    treatment = RadioField(
        "What should maps do?",
        choices=[
            SelectChoice(CAUTION, f"Caution. {DOES[CAUTION]}"),
            SelectChoice(EXCLUSION, f"Leave out. {DOES[EXCLUSION]}"),
        ],
        widget=GovRadioInput(),
        validators=[InputRequired("Say what maps should do")],
    )
    reason = TextAreaField(
        "Why?",
        description="One sentence, which stands on the map. For example: searches at the custody desk are "
        "filed here.",
        filters=[one_line],
        widget=GovTextArea(),
        validators=[InputRequired("Give the reason")],
    )

    def __init__(self, look_up: LookUp, place: Place | None = None, **values: Any) -> None:
        super().__init__(**values)
        self._look_up = look_up
        if place is not None and not self.is_submitted():
            self.name.data, self.kind.data, self.treatment.data = (
                place.name,
                place.kind,
                place.treatment or None,
            )
            self.where.data = f"{place.easting_m:.0f}, {place.northing_m:.0f}"
            self.radius.data, self.reason.data = f"{place.radius_m:.0f}", place.reason
        self._given = place

    def validate_where(self, field: Field) -> None:
        """Ask for a point in a way that can be read here."""
        typed = typed_points.read(field.data or "")
        if typed is None:
            raise ValidationError(_HOW_TO_TYPE)
        if typed.postcode and self._look_up(typed) is None:
            raise ValidationError(_NO_POSTCODE)

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask the same questions as the store does, each beside its field."""
        if not super().validate(extra_validators):
            return False
        for part, words in problems_of(self.place()).items():
            self[_FIELDS.get(part, part)].errors = [words]
        return not any(field.errors for field in self)

    def place(self) -> Place:
        """Return the place as it was typed; a point left as it was given is not rounded."""
        typed = typed_points.read(self.where.data or "")
        if typed and typed.postcode:
            typed = self._look_up(typed)
        east, north = (typed.easting_m, typed.northing_m) if typed else (float("nan"), float("nan"))
        given = self._given
        if given and (round(given.easting_m), round(given.northing_m)) == (east, north):
            east, north = given.easting_m, given.northing_m
        return Place(
            name=self.name.data or "",
            kind=self.kind.data or "",
            treatment=self.treatment.data or "",
            easting_m=east,
            northing_m=north,
            radius_m=_number(self.radius.data),
            reason=self.reason.data or "",
        )


def _number(text: str | None) -> float:
    try:
        return float((text or "").removesuffix("m").strip())
    except ValueError:
        return float("nan")
