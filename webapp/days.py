"""A day as people write it into a form: three boxes."""

import datetime as dt
from typing import Final

from govuk_frontend_wtf.wtforms_widgets import GovDateInput
from wtforms import DateField, Field
from wtforms.validators import ValidationError

from webapp import site

_MONTHS: Final = {f"{dt.date(2000, month, 1):%B}".casefold()[:3]: f"{month:02d}" for month in range(1, 13)}


class DayField(DateField):
    """A day in three boxes; a month may be a word and a year may have two digits."""

    widget = GovDateInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the boxes; whatever was sent, the page shows three again."""
        boxes = [*(value.strip()[:12] for value in valuelist[:3]), "", "", ""][:3]
        self.raw_data = boxes
        self.data = None
        if not any(boxes):
            return
        day, month, year = boxes
        month = _MONTHS.get(month.casefold()[:3], month)
        year = f"20{year}" if len(year) == 2 else year
        try:
            self.data = dt.date(*(int(number) for number in (year, month, day)))
        except (ValueError, OverflowError):
            raise ValueError("Enter a real date, such as 27 3 2026") from None


def not_ahead(_form: object, field: Field) -> None:
    """Refuse a day that is still to come."""
    if field.data and field.data > site.today():
        raise ValidationError("That day is still to come; enter one that has been")
