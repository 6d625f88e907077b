"""What the site's forms hold: one row each, read by the same rules as a row of a file.

The headings are what the fields are called on the page, so that an issue of a row is an error beside
its field. Who owns a row and how it may be shared follows from who sends it, never from the form.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mapping import categories, crs
from mapping.intake.layout import GREAT_BRITAIN, Column, Layout, PointColumns, load

# How people call what happened, and the category that stands for it.
CHOICES: Final = {
    "Nuisance or intimidating behaviour": "ASB nuisance",
    "Trouble aimed at one person or family": "ASB personal",
    "Graffiti, litter or mess": "ASB environmental",
    "Fly-tipping": "Fly-tipping",
    "Noise": "Noise",
    "Neighbour dispute": "Neighbour complaint",
    "Drug use or dealing": "Drugs",
    "Vandalism or other damage": "Criminal damage and arson",
    "A fire that was set": "Deliberate fire",
    "Off-road bikes or quads": "Off-road vehicles",
    "Damage to or theft from a vehicle": "Vehicle crime",
    "Burglary": "Burglary",
    "Theft from a shop": "Shoplifting",
    "Other theft": "Other theft",
    "Robbery": "Robbery",
    "Violence or threats": "Violence and sexual offences",
    "Weapons": "Possession of weapons",
    "Hate incident": "Hate incident",
    "Worry about somebody's safety": "Concern for person",
    "Dogs or other animals": "Animals",
    "Something else": categories.UNMAPPED,
}
COUNCILLORS: Final = "councillors"
# What a telephone says of where it is, between houses.
POINT_ERROR_M: Final = 50.0

_HEADINGS: Final = {
    "reference": "reference",
    "occurred_at": "when",
    "occurred_time": "time",
    "occurred_to": "until",
    "reported_at": "sent",
    "category": "what",
    "description": "what you know",
    "place": "place",
    "postcode": "postcode",
    "area_code": "ward",
    "longitude": "longitude",
    "latitude": "latitude",
}
_GRADED: Final = {
    "opinion": "opinion",
    "grading": "grading",
    "handling": "handling",
    "conditions": "conditions",
}


def for_reports(*, source: str, source_agency: str) -> Layout:
    """Return the layout of a report that somebody of an agency sends in."""
    name = "councillor-reports" if source == COUNCILLORS else "warden-log"
    return replace(_as_form(load(name), _HEADINGS), source=source, source_agency=source_agency)


def for_intelligence(*, source_agency: str) -> Layout:
    """Return the layout of an intelligence item that somebody of an agency sends in."""
    return replace(_as_form(load("intelligence"), {**_HEADINGS, **_GRADED}), source_agency=source_agency)


def _as_form(layout: Layout, headings: Mapping[str, str]) -> Layout:
    """Keep what holds for every row of a source, and read the form's own fields."""
    return replace(
        layout,
        columns={
            field: Column((heading,), required=True, filled=field == "reference")
            for field, heading in headings.items()
        },
        points=(PointColumns("longitude", "latitude", crs.WGS84),),
        error_m=POINT_ERROR_M,
        area=GREAT_BRITAIN,
        identity=(),
        extracted="",
        categories={categories.folded(words): name for words, name in CHOICES.items()},
    )
