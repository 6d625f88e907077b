"""Forms: what each field needs, said in words a person can act on."""

from collections.abc import Callable, Mapping
from typing import Final

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from govuk_frontend_wtf.wtforms_widgets import (
    GovFileInput,
    GovPasswordInput,
    GovRadioInput,
    GovSubmitInput,
    GovTextArea,
    GovTextInput,
)
from wtforms import (
    Field,
    Form,
    PasswordField,
    RadioField,
    SelectChoice,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from mapping.store.proposals import LEAST_REASON_LETTERS as LEAST_LETTERS
from mapping.store.proposals import LONGEST_TEXT as LONGEST_REASON
from webapp.days import DayField, not_ahead

DECISIONS: Final = (
    SelectChoice("accept", "Accept: partners will do this"),
    SelectChoice("change", "Change: partners will do something else here"),
    SelectChoice("defer", "Defer: decide at a later meeting"),
    SelectChoice("decline", "Decline: partners will not do this"),
)

# What is chosen for a file that no layout describes; no layout can be called this.
UNKNOWN: Final = "?"


def stripped(value: str | None) -> str:
    """Take the blanks off both ends; nothing sent is nothing written."""
    return (value or "").strip()


def in_words(message: str) -> Callable[[Form, Field], None]:
    """Return a check that a text says something: a full stop or three dashes do not."""

    def check(_form: Form, field: Field) -> None:
        if sum(letter.isalnum() for letter in field.data or "") < LEAST_LETTERS:
            raise ValidationError(message)

    return check


class SignInForm(FlaskForm):
    """Account name and password."""

    name = StringField(
        "Account name",
        filters=[stripped],
        widget=GovTextInput(),
        validators=[InputRequired("Enter your account name"), Length(max=200)],
    )
    # No upper limit worth guessing: a request body limit applies to everything that is sent.
    password = PasswordField(
        "Password",
        widget=GovPasswordInput(),
        validators=[
            InputRequired("Enter your password"),
            Length(max=1000, message="That password is too long"),
        ],
    )
    submit = SubmitField("Sign in", widget=GovSubmitInput())


class DecisionForm(FlaskForm):
    """What the group decided about a proposal, why, and who was there."""

    decision = RadioField(
        "What was decided?",
        choices=DECISIONS,
        widget=GovRadioInput(),
        validators=[InputRequired("Say what was decided: accept, defer or decline")],
    )
    agreed_response = StringField(
        "If it is changed: what will be done instead?",
        filters=[stripped],
        widget=GovTextInput(),
        validators=[Length(max=500, message="Keep it under 500 characters")],
    )
    reason = TextAreaField(
        "Why?",
        description="One or two sentences that somebody who was not there can follow.",
        filters=[stripped],
        widget=GovTextArea(),
        validators=[
            InputRequired("Give the reason"),
            Length(max=LONGEST_REASON, message=f"Keep the reason under {LONGEST_REASON:,} characters"),
            in_words("Give the reason in a few words at least"),
        ],
    )
    present = StringField(
        "Who was present?",
        description="Posts, not names: for example chair, neighbourhood inspector, warden manager.",
        filters=[stripped],
        widget=GovTextInput(),
        validators=[
            InputRequired("Say who was present"),
            Length(max=500, message="Keep it under 500 characters"),
            in_words("Say who was present, by post"),
        ],
    )
    submit = SubmitField("Record the decision", widget=GovSubmitInput())

    def validate_agreed_response(self, field: Field) -> None:
        """Ask what was agreed where the proposal is changed."""
        if self.decision.data == "change":
            in_words("Say what will be done instead")(self, field)


class UploadForm(FlaskForm):
    """A file and how it is laid out."""

    def __init__(self, titles: Mapping[str, str]) -> None:
        super().__init__()
        choices = [SelectChoice(name, title) for name, title in titles.items()]
        self.layout.choices = [*choices, SelectChoice(UNKNOWN, "I do not know, or none of these")]

    layout = RadioField(
        "Where does the file come from?",
        choices=(),
        widget=GovRadioInput(),
        validators=[InputRequired("Say where the file comes from")],
    )
    file = FileField(
        "The file",
        widget=GovFileInput(),
        validators=[FileRequired("Choose a file")],
    )
    extracted_on = DayField(
        "On which day was it taken from its system? (optional)",
        description="Only if you know it. It keeps an older file from undoing what a newer one said; "
        "else the newest day in the file counts.",
        validators=[Optional(), not_ahead],
    )
    submit = SubmitField("Check the file", widget=GovSubmitInput())
