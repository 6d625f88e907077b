"""The form by which a person says where some words are, and what of it has to be said."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovTextArea, GovTextInput
from wtforms import BooleanField, Field, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from mapping import typed_points
from mapping.store.local_names import LONGEST_NAME
from mapping.store.place_answers import CANDIDATE, LONGEST_REASON, PIN, SET_ASIDE, Said
from mapping.store.place_reviews import Geocoder
from mapping.typed_points import Typed
from webapp.forms import in_words, stripped
from webapp.place_words import Choice

# What a pin may be off: its words, its radius in metres, and the level it is then known to.
RADII: Final = {
    "building": ("This building or spot (20\u00a0m)", 20.0, "property"),
    "about": ("About here (100\u00a0m)", 100.0, "place"),
    "street": ("Somewhere along this street (150\u00a0m)", 150.0, "street"),
    "area": ("Somewhere in this area (500\u00a0m)", 500.0, "place"),
}
_HOW_TO_TYPE: Final = (
    "Enter a grid reference such as NZ 494 203, an easting and a northing, a latitude and a longitude, or a "
    "full postcode"
)
ASIDE: Final = "aside"


class PlaceForm(FlaskForm):
    """One of the candidates, a pin, or that the words cannot be placed."""

    def __init__(self, offered: Sequence[Choice], *, suggested_name: str = "", **values: Any) -> None:
        super().__init__(**values)
        self.offered = offered
        self.choice.choices = [
            *(SelectChoice(one.value, one.name) for one in offered),
            SelectChoice(PIN, "None of these: put a pin" if offered else "Put a pin"),
            SelectChoice(ASIDE, "It cannot be placed"),
        ]
        if not self.is_submitted():
            self.name.data = suggested_name
            # With nothing to choose from there is one thing to do first.
            self.choice.data = None if offered else PIN

    choice = RadioField(
        "Where is it?",
        choices=(),
        validators=[InputRequired("Choose where it is, or say that it cannot be placed")],
        validate_choice=False,
    )
    where = StringField(
        "Point",
        description="Grid reference, easting and northing, latitude and longitude, or a postcode. The pin on "
        "the map fills this in.",
        filters=[stripped],
        widget=GovTextInput(),
        validators=[],
    )
    radius = RadioField(
        "How exact is that?",
        choices=[SelectChoice(name, words) for name, (words, _, _) in RADII.items()],
        widget=GovRadioInput(),
        validators=[],
        validate_choice=False,
    )
    outside = BooleanField("It did happen there, outside our wards")
    remember = BooleanField("Remember a name for this place")
    name = StringField(
        "We call this place",
        description="Later imports find it by this name. Partners' analysts see it: no names of people.",
        filters=[stripped],
        widget=GovTextInput(),
        validators=[],
    )
    reason = TextAreaField(
        "Why not?",
        description="For example, a road as long as the borough, or not in our area.",
        filters=[stripped],
        widget=GovTextArea(),
        validators=[Length(max=LONGEST_REASON, message=f"Keep it under {LONGEST_REASON} characters")],
    )

    def validate_choice(self, field: Field) -> None:
        """Refuse a candidate that is not offered: it is of another gazetteer, or somebody made it up."""
        if field.data not in {choice.value for choice in self.choice.choices}:
            raise ValidationError("That place is not offered any more; choose one of those below")

    def validate_where(self, field: Field) -> None:
        """Ask for a point where a pin is meant."""
        if self.choice.data == PIN and typed_points.read(field.data or "") is None:
            raise ValidationError(
                _HOW_TO_TYPE if field.data else "Put the pin on the map, or type where it is"
            )

    def validate_radius(self, field: Field) -> None:
        """Ask how exact a pin is."""
        if self.choice.data == PIN and field.data not in RADII:
            raise ValidationError("Say how exact the point is")

    def validate_name(self, field: Field) -> None:
        """Ask for the name that is to be remembered."""
        if not self.remember.data or self.choice.data == ASIDE:
            return
        if len(field.data or "") > LONGEST_NAME:
            raise ValidationError(f"Keep the name under {LONGEST_NAME} characters")
        if not any(letter.isalpha() for letter in field.data or ""):
            raise ValidationError("Enter what you call this place, or do not remember a name")

    def validate_reason(self, field: Field) -> None:
        """Ask why words cannot be placed."""
        if self.choice.data == ASIDE:
            in_words("Say in a few words why it cannot be placed")(self, field)

    @property
    def chosen(self) -> Choice | None:
        """The candidate that was chosen, if one was."""
        return next((one for one in self.offered if one.value == self.choice.data), None)

    @property
    def typed(self) -> Typed | None:
        """What was typed as a point, where a pin is meant."""
        return typed_points.read(self.where.data or "") if self.choice.data == PIN else None

    def said(self, pin: Typed | None) -> Said:
        """Return the answer; `pin` is the point of what was typed, with postcodes looked up."""
        learned = self.name.data if self.remember.data else ""
        chosen = self.chosen
        if chosen is not None:
            return Said(
                CANDIDATE, chosen.easting_m, chosen.northing_m, chosen.radius_m, chosen.level,
                name=chosen.name, learn_name=learned,
            )  # fmt: skip
        if pin is None:
            return Said(SET_ASIDE, reason=self.reason.data)
        _, radius_m, level = RADII[self.radius.data]
        return Said(
            PIN, pin.easting_m, pin.northing_m, max(radius_m, pin.rounding_m), level,
            name=learned, learn_name=learned,
        )  # fmt: skip


def postcode_point(geocoder: Geocoder | None, typed: Typed) -> Typed | None:
    """Return the point of a postcode, None where the gazetteer does not know it or there is none."""
    if geocoder is None:
        return None
    asked = pd.DataFrame({"query": [""], "postcode": [typed.postcode]})
    found = geocoder.answer(asked).iloc[0]
    if not math.isfinite(found["easting_m"]) or found["level"] != "postcode":
        return None
    return replace(
        typed, easting_m=float(found["easting_m"]), northing_m=float(found["northing_m"]),
        rounding_m=float(found["error_m"]),
    )  # fmt: skip
