"""What the values of a column look like, whatever its heading says: dates, grid references, free text ...

A look is taken at a sample. It proposes, and a person decides: a column that looks like eastings may
be a number that happens to lie in their range.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from mapping.intake.gradings import read_grading
from mapping.intake.identifiers import vehicle_registrations
from mapping.intake.texts import is_nothing
from mapping.postcodes import normalise

_MONTHS: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_CLOCK: Final = r"(?:[ T]+\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?\s*(?:[ap]m)?\s*(?:Z|[+-]\d\d:?\d\d)?)?"
_DATE: Final = re.compile(
    r"(?:(?P<a>\d{1,2})[/.\- ](?P<b>\d{1,2}|[A-Za-z]{3,9})[/.\- ,]+(?P<year>\d{4}|\d{2})"
    r"|(?P<iso_year>\d{4})[/\-](?P<iso_a>\d{1,2})[/\-](?P<iso_b>\d{1,2}))(?P<clock>" + _CLOCK + ")",
    re.ASCII | re.IGNORECASE,
)
_MONTH_ALONE: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_TIME: Final = re.compile(
    r"(?:[01]?\d|2[0-3])[:.][0-5]\d(?:[:.][0-5]\d(?:\.\d+)?)?\s*(?:[ap]m)?", re.ASCII | re.I
)
_FOUR_DIGITS: Final = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", re.ASCII)
_GRID: Final = re.compile(
    r"[HJNOST][A-HJ-Z]\s*(?:\d{2}\s*\d{2}|\d{3}\s*\d{3}|\d{4}\s*\d{4}|\d{5}\s*\d{5})", re.ASCII | re.I
)
_CODE: Final = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z/\-])[\w/.:\-]{3,30}", re.ASCII)
_GSS: Final = re.compile(r"[ENSW]\d{8}", re.ASCII)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE: Final = re.compile(r"(?:\+44|0044|\(?0)[\d\s()\-]{8,15}", re.ASCII)
_NATIONAL_INSURANCE: Final = re.compile(r"[A-CEGHJ-PR-TW-Z]{2}\s*(?:\d\s*){6}[A-D]", re.ASCII | re.I)
_STREET: Final = re.compile(
    r"\b(?:road|rd|street|st|lane|ln|avenue|ave|close|cl|drive|dr|way|walk|court|ct|place|crescent|cres|terrace|gardens?"
    r"|grove|square|park|green|hill|row|parade|precinct|mews|gate|bridge|station|school|estate|shops?|centre)\b",
    re.IGNORECASE,
)
_ORGANISATION: Final = re.compile(
    r"\b(?:police|constabulary|council|fire|rescue|housing|homes|wardens?|authority|service|nhs|trust|borough|ambulance"
    r"|probation|councillors?)\b",
    re.IGNORECASE,
)
_HANDLING: Final = frozenset(("p", "c", "open", "p: lawful sharing permitted", "hp", "hc"))
ORDERS: Final = ("day first", "month first", "year first", "month")


@dataclass(frozen=True)
class Look:
    """Shares (0-1) of a column's filled values that look like this or that, and their size."""

    filled: int = 0
    blank: int = 0
    distinct: int = 0
    code: float = 0.0
    mean_letters: float = 0.0
    mean_words: float = 0.0
    date: float = 0.0
    month: float = 0.0
    clock: float = 0.0
    time: float = 0.0
    number: float = 0.0
    decimal: float = 0.0
    least: float = 0.0
    most: float = 0.0
    grid_reference: float = 0.0
    postcode: float = 0.0
    gss_code: float = 0.0
    grading: float = 0.0
    handling: float = 0.0
    street: float = 0.0
    organisation: float = 0.0
    email: float = 0.0
    phone: float = 0.0
    national_insurance: float = 0.0
    registration: float = 0.0

    @property
    def distinct_share(self) -> float:
        """Share of the filled values that differ from all before."""
        return self.distinct / self.filled if self.filled else 0.0

    @property
    def personal(self) -> str:
        """What of a person the values look like, in words, or nothing."""
        told = (
            (self.email, "e-mail addresses"),
            (self.phone, "phone numbers"),
            (self.national_insurance, "National Insurance numbers"),
            (self.registration, "vehicle registrations"),
        )
        return next((words for share, words in told if share >= 0.5), "")


def look_at(values: Sequence[str]) -> Look:
    """Take a look at the values of one column."""
    said = [text for text in (value.strip()[:2000] for value in values) if not is_nothing(text)]
    if not said:
        return Look(blank=len(values))
    n = len(said)

    def share(claim: Callable[[str], object]) -> float:
        return sum(map(bool, map(claim, said))) / n

    numbers = [float(text.replace(",", "")) for text in said if len(text) < 30 and _NUMBER.fullmatch(text)]
    return Look(
        filled=n,
        blank=len(values) - n,
        distinct=len(set(said)),
        code=share(_CODE.fullmatch),
        mean_letters=sum(map(len, said)) / n,
        mean_words=sum(len(text.split()) for text in said) / n,
        date=share(is_date),
        month=share(_MONTH_ALONE.fullmatch),
        clock=share(_has_clock),
        time=share(lambda text: _TIME.fullmatch(text) or _FOUR_DIGITS.fullmatch(text)),
        number=len(numbers) / n,
        decimal=share(lambda text: _NUMBER.fullmatch(text) and len(text.partition(".")[2]) >= 3),
        least=min(numbers, default=0.0),
        most=max(numbers, default=0.0),
        grid_reference=share(_GRID.fullmatch),
        postcode=share(_is_postcode),
        gss_code=share(_GSS.fullmatch),
        grading=share(_is_grading),
        handling=share(lambda text: text.casefold() in _HANDLING),
        street=share(_STREET.search),
        organisation=share(_ORGANISATION.search),
        email=share(_EMAIL.fullmatch),
        phone=share(
            lambda text: _PHONE.fullmatch(text) and sum(map(str.isdigit, text)) in (10, 11, 12, 13, 14)
        ),
        national_insurance=share(_NATIONAL_INSURANCE.fullmatch),
        registration=share(_is_registration),
    )


def _is_registration(text: str) -> bool:
    return len(text) <= 10 and list(vehicle_registrations(text)) == [(0, len(text))]


def is_date(text: str) -> bool:
    """Say whether a text may be a date in any order, or a month."""
    return bool(orders_of(text))


def orders_of(text: str) -> frozenset[str]:
    """Return the orders of day, month and year by which a text can be a date."""
    text = text.strip()
    if len(text) > 40:
        return frozenset()
    if _MONTH_ALONE.fullmatch(text):
        return frozenset({"month"})
    found = _DATE.fullmatch(text)
    if not found:
        return frozenset()
    if found["iso_year"]:
        is_whole = 1 <= int(found["iso_a"]) <= 12 and 1 <= int(found["iso_b"]) <= 31
        return frozenset({"day first", "month first", "year first"}) if is_whole else frozenset()
    day, month = int(found["a"]), found["b"]
    if not month.isdigit():
        named = month[:3].casefold() in _MONTHS and 1 <= day <= 31
        return frozenset({"day first", "month first", "year first"}) if named else frozenset()
    pairs = {"day first": (day, int(month)), "month first": (int(month), day)}
    return frozenset(order for order, (d, m) in pairs.items() if 1 <= d <= 31 and 1 <= m <= 12)


def is_twice_the_same(text: str) -> bool:
    """Say whether day and month of a date are the same number, so that their order says nothing."""
    found = _DATE.fullmatch(text.strip()) if len(text) <= 40 else None
    return bool(found and found["a"] and found["b"].isdigit() and int(found["a"]) == int(found["b"]))


def _has_clock(text: str) -> bool:
    """Say whether a date has a time of day; midnight is what a system adds to a date that has none."""
    found = _DATE.fullmatch(text) if len(text) <= 40 else None
    return bool(found and re.search("[1-9]", found["clock"]))


def _is_postcode(text: str) -> bool:
    code, is_mended = normalise(text) if len(text) <= 10 else ("", False)
    return bool(code) and not is_mended  # a mended one may be a word: NOISE is not NO1 5E


def _is_grading(text: str) -> bool:
    found = read_grading(text) if len(text) <= 20 else None
    return bool(found and (found.source_grade or found.legacy))
