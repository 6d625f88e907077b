"""Identifiers in free text: what each looks like, held to its checksum or its rules where it has some.

For `redaction`, which has made digits, blanks and hyphens plain before. Each function yields where in a
text its kind stands, first to last, never overlapping, and never across `GONE`. Where a rule cannot
tell, it takes the identifier: a word too many removed is seen by its writer and put back in other words.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

Span = tuple[int, int]
GONE: Final = "\x00"  # stands for what was removed already

_ALONE: Final = r"(?<![A-Za-z0-9]){}(?![A-Za-z0-9])"
_NUMBER_WORD: Final = r"(?:[ ]{0,2}(?:no|num|number|nr)\b)?[ .:#=-]{0,4}"


def _rule(body: str, *, alone: bool = True) -> re.Pattern[str]:
    """Compile a rule that is tried from every place, so that a near miss hides nothing that overlaps it."""
    return re.compile(f"(?=({_ALONE.format(body) if alone else body}))", re.IGNORECASE)


def _spans(
    rule: re.Pattern[str], text: str, holds: Callable[[re.Match[str]], bool] = lambda _: True
) -> Iterator[Span]:
    """Yield what a rule finds: its group `it` where it has one, else all of it."""
    group = "it" if "it" in rule.groupindex else 1
    last = 0
    for match in rule.finditer(text):
        start, end = match.span(group)
        if start >= last and holds(match):
            yield start, end
            last = end


def merged(*found: Iterator[Span]) -> Iterator[Span]:
    """Yield the spans of several rules in order, of those that overlap the first."""
    last = 0
    for start, end in sorted(span for spans in found for span in spans):
        if start >= last:
            yield start, end
            last = end


# --- e-mail ----------------------------------------------------------------------------------------

_LOCAL: Final = r"[^\s@<>()\[\],;:\"\x00]"
_EMAIL: Final = _rule(rf"(?<!{_LOCAL}){_LOCAL}+@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}}", alone=False)


def email_addresses(text: str) -> Iterator[Span]:
    """Find e-mail addresses; `name at example dot com` is none."""
    return _spans(_EMAIL, text)


# --- dates of birth --------------------------------------------------------------------------------

_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY: Final = r"[0-3]?[0-9](?:st|nd|rd|th)?"
_DATE: Final = (
    rf"(?:{_DAY}[ ./-]{{1,3}}(?:of[ ])?(?:[01]?[0-9]|{_MONTH})[ ./,-]{{1,3}}(?:19|20)?[0-9]{{2}}"
    r"|(?:19|20)[0-9]{2}[./-][01]?[0-9][./-][0-3]?[0-9]"
    rf"|{_MONTH}[ ]{_DAY}[ ,]{{1,2}}(?:19|20)[0-9]{{2}}"
    rf"|(?:{_MONTH}[ ,]{{1,2}})?(?:19|20)[0-9]{{2}}"
    r"|[0-3][0-9][01][0-9](?:19|20)?[0-9]{2})(?![0-9])"
)
_BIRTH: Final = r"(?:d\.?[ ]?o\.?[ ]?b\.?|dates?[ ]of[ ]birth|birth[ ]?(?:day|date)|born)"
_BIRTH_FIRST: Final = _rule(
    rf"(?<![A-Za-z]){_BIRTH}(?![A-Za-z])[ :=,.(-]{{0,5}}(?:(?:is|was|on|in|the)[ :]{{1,2}}){{0,2}}"
    rf"(?P<it>{_DATE})",
    alone=False,
)
_BIRTH_LAST: Final = _rule(
    rf"(?<![A-Za-z0-9./-])(?P<it>{_DATE})[ ,(-]{{1,3}}{_BIRTH}(?![A-Za-z])", alone=False
)


def dates_of_birth(text: str) -> Iterator[Span]:
    """Find dates that are called a date of birth; any other date is when something happened."""
    return merged(_spans(_BIRTH_FIRST, text), _spans(_BIRTH_LAST, text))


# --- numbers written in groups ---------------------------------------------------------------------

_GROUP: Final = re.compile(r"[0-9]+")
_GAP: Final = re.compile(r"[ .()-]{1,3}")
_TOLD_TO_CALL: Final = re.compile(
    r"(?:^|[^A-Za-z])(?:tel|telephone|phone|ph|mob|mobile|no|call|text|t|m)$", re.IGNORECASE
)
_CALLED_NHS: Final = re.compile(rf"\bnhs{_NUMBER_WORD}$", re.IGNORECASE)
_SORT_CODE: Final = _rule(
    rf"(?<![A-Za-z])(?:sort[ ]?code|s/c){_NUMBER_WORD}"
    r"(?P<it>[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2})(?![0-9])",
    alone=False,
)
_ACCOUNT: Final = _rule(
    rf"(?<![A-Za-z])(?:account|acct?|a/c){_NUMBER_WORD}(?P<it>[0-9]{{8}})(?![0-9])", alone=False
)
_CARD_SHAPES: Final = frozenset(((4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), *((n,) for n in range(13, 20))))
_NHS_SHAPES: Final = ((10,), (3, 3, 4))
_MOST_GROUPS: Final = 13
_AREA_DIGITS: Final = frozenset("1235789")  # what can follow the 0 of a national number


def bank_numbers(text: str) -> Iterator[Span]:
    """Find card numbers by their check digit, sort codes and account numbers where they are called so."""
    return merged(_spans(_SORT_CODE, text), _spans(_ACCOUNT, text), _grouped(text, _card_groups))


def nhs_numbers(text: str) -> Iterator[Span]:
    """Find NHS numbers: ten digits that pass modulus 11, or that are called one."""
    return _grouped(text, _nhs_groups)


def phone_numbers(text: str) -> Iterator[Span]:
    """Find UK numbers with their area code, and others with a +; `813456` alone is a number like any."""
    return _grouped(text, _phone_groups)


def _grouped(text: str, count: Callable[[str, list[Span], int], int]) -> Iterator[Span]:
    """Yield numbers made of neighbouring groups of digits.

    `count` says how many groups, from the given one on, are a number; 0 for none.
    """
    groups = [match.span() for match in _GROUP.finditer(text)]
    place = 0
    while place < len(groups):
        found = count(text, groups, place)
        if found:
            yield _opened(text, groups[place][0], groups[place + found - 1][1])
        place += found or 1


def _opened(text: str, start: int, end: int) -> Span:
    """Take in the + and the bracket that a number begins with."""
    if text[start - 1 : start] == "+":
        start -= 1
    if text[start - 1 : start] == "(" and text.count(")", start, end) > text.count("(", start, end):
        start -= 1
    return start, end


def _shape(text: str, groups: list[Span], place: int, most: int) -> tuple[int, ...]:
    """Return how long the groups from `place` on are, as far as only a gap lies between them."""
    lengths: list[int] = []
    for start, end in groups[place : place + most]:
        if lengths and not _GAP.fullmatch(text, groups[place + len(lengths) - 1][1], start):
            break
        lengths.append(end - start)
    return tuple(lengths)


def _digits(text: str, groups: list[Span], place: int, count: int) -> str:
    return "".join(text[start:end] for start, end in groups[place : place + count])


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())


def _card_groups(text: str, groups: list[Span], place: int) -> int:
    shape = _shape(text, groups, place, 5)
    for count in range(len(shape), 0, -1):
        if shape[:count] in _CARD_SHAPES:
            digits = _digits(text, groups, place, count)
            whole = _stands_alone(text, groups[place][0], groups[place + count - 1][1])
            if whole and digits[0] in "23456" and _passes_luhn(digits):
                return count
    return 0


def _passes_luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _nhs_groups(text: str, groups: list[Span], place: int) -> int:
    shape = _shape(text, groups, place, 3)
    for wanted in _NHS_SHAPES:
        count = len(wanted)
        if shape[:count] != wanted:
            continue
        start, end = groups[place][0], groups[place + count - 1][1]
        digits = _digits(text, groups, place, count)
        is_called = _CALLED_NHS.search(text, max(0, start - 20), start) is not None
        if _stands_alone(text, start, end) and (is_called or (digits[0] != "0" and _passes_mod_11(digits))):
            return count
    return 0


def _passes_mod_11(digits: str) -> bool:
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9]))
    return (11 - total % 11) % 11 == int(digits[9])  # a remainder of 10 equals no digit


def _phone_groups(text: str, groups: list[Span], place: int) -> int:
    start = groups[place][0]
    has_plus = text[start - 1 : start] == "+"
    if not has_plus and not text.startswith(("0", "44"), start):
        return 0
    if not has_plus and not _may_begin_a_phone(text, start):
        return 0
    shape = _shape(text, groups, place, _MOST_GROUPS)
    for count in range(len(shape), 0, -1):
        if sum(shape[:count]) <= 15 and _is_phone(
            _digits(text, groups, place, count), shape[:count], has_plus=has_plus
        ):
            return count
    return 0


def _may_begin_a_phone(text: str, start: int) -> bool:
    before = text[start - 1 : start]
    if before.isalnum():
        return _TOLD_TO_CALL.search(text, max(0, start - 12), start) is not None
    return not (before == "." and text[start - 2 : start - 1].isdigit())  # the decimals of a coordinate


def _is_phone(digits: str, shape: tuple[int, ...], *, has_plus: bool) -> bool:
    if digits.startswith("44") and (has_plus or digits[2:3] == "7" or digits[2:4] == "07"):
        return _is_national(digits[2:].removeprefix("0"))
    if has_plus:
        return 8 <= len(digits) <= 15
    if digits.startswith("0044"):
        return _is_national(digits[4:].removeprefix("0"))
    by_digit = set(shape) == {1}  # 0 7 7 0 0 ...
    by_group = shape[0] >= 3 and min(shape) >= 2
    return digits[0] == "0" and (by_digit or by_group) and _is_national(digits[1:])


def _is_national(digits: str) -> bool:
    """Say whether digits after the 0 or +44 are a number; a few of 01, 05 and 08 have one digit less."""
    return digits[:1] in _AREA_DIGITS and (len(digits) == 10 or (len(digits) == 9 and digits[0] in "158"))


# --- National Insurance ----------------------------------------------------------------------------

_NINO_PREFIX: Final = r"(?P<prefix>(?!bg|gb|kn|nk|nt|tn|zz)[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z])"
_NINO: Final = _rule(rf"{_NINO_PREFIX}(?P<gap>[ .-]?)[0-9]{{2}}[ .-]?[0-9]{{2}}[ .-]?[0-9]{{2}}[ .-]?[a-d]")
_NINO_CALLED: Final = _rule(
    rf"(?:n\.?i\.?|nino|national[ ]insurance){_NUMBER_WORD}"
    rf"(?P<it>{_NINO_PREFIX}[ .-]?[0-9]{{2}}[ .-]?[0-9]{{2}}[ .-]?[0-9]{{2}}(?:[ .-]?[a-d])?)"
)


def insurance_numbers(text: str) -> Iterator[Span]:
    """Find National Insurance numbers by the letters that are given out; without the last where called so."""

    def is_no_word(match: re.Match[str]) -> bool:
        return not match["gap"] or match["prefix"].isupper() or match["prefix"].upper() not in _SHORT_WORDS

    return merged(_spans(_NINO, text, is_no_word), _spans(_NINO_CALLED, text))


# --- vehicle registrations -------------------------------------------------------------------------

_CURRENT: Final = _rule(
    r"(?P<area>[a-hj-pr-y][a-y])(?P<inner>[ ]?)(?P<age>[0-9]{2})(?P<gap>[ -]?)(?P<word>[a-hj-pr-z]{3})"
)
_PREFIXED: Final = _rule(r"(?P<letter>[a-hj-np-tv-y])[0-9]{1,3}(?P<gap>[ -]?)(?P<word>[a-hj-pr-y]{3})")
_SUFFIXED: Final = _rule(r"(?P<word>[a-hj-pr-y]{3})(?P<gap>[ -]?)[0-9]{1,3}(?P<letter>[a-hj-np-tv-y])")
_NORTHERN: Final = re.compile(
    "(?=(" + _ALONE.format(r"[A-Z](?:[A-HJ-NR-Y]Z|I[ABGJLW]|[JUX]I|O[IZ])[ ]?[0-9]{3,4}") + "))"
)  # capitals only
_CALLED_REG: Final = _rule(
    r"(?<![A-Za-z])(?:reg(?:istration)?|vrm|vrn|index|number[ ]?plate|plate)s?(?![A-Za-z])"
    r"(?:[ ]{1,2}(?:no|num|number|mark|plate|is|was|of|partial)\b){0,2}[ .:#=-]{0,4}"
    r"(?P<it>(?P<before>[a-z]{0,3})[ ]?[0-9]{1,4}(?:[ ]?(?P<after>[a-z]{1,3}))?)(?![A-Za-z0-9])",
    alone=False,
)
# Words that stand before or after a road, a house or an hour: A19 THE, NO 12A, AT 10 MEN.
_OF_TWO: Final = "AM AN AS AT AV BY CL CT DO DR GO HE IF IN IS IT ME MY NO NR OF ON OR PM RD SO ST TO UP WE"
_OF_THREE: Final = (
    "AGE AGO ALL AND ANY APR ARE ASB AUG AVE BAY BIN BIT BLK BOX BOY BUS BUT CAN CAR CID CLO CRE DAY DEC "
    "DID DOG END FEB FEW FOR FRI GDN GOT HAD HAS HER HIM HIS HRS ITS JAN JUL JUN KEY KID LAD LAY LOT LOW "
    "MAN MAR MAY MEN MET MIN MON NEW NOT NOV NOW OCT OFF OLD ONE OUR OUT PER POP PUB RAN RED RUN SAT SAW "
    "SEE SEP SET SHE SIX STR SUN TEN THE THU TOO TOP TUE TWO USE VAN VIA WAS WAY WED WHO WHY YET YOB YOU"
)
_SHORT_WORDS: Final = frozenset(_OF_TWO.split())
_WORDS: Final = frozenset(_OF_THREE.split())


def vehicle_registrations(text: str) -> Iterator[Span]:
    """Find registrations since 1963 by their forms; older ones, and parts, where they are called so."""
    return merged(
        _spans(_CURRENT, text, _is_current),
        _spans(_PREFIXED, text, _is_older),
        _spans(_SUFFIXED, text, _is_older),
        _spans(_NORTHERN, text),
        _spans(_CALLED_REG, text, _is_called),
    )


def _is_current(match: re.Match[str]) -> bool:
    area, age, word = match["area"], int(match["age"]), match["word"]
    if not (2 <= age <= 29 or 51 <= age <= 79):
        return False
    letters = area + word
    if not (match["inner"] or match["gap"]):
        return letters.isupper() or letters.islower() or word.isupper()
    if match["gap"] and word.upper() in _WORDS:
        return False
    return letters.isupper() or (
        letters.islower() and not match["inner"] and area.upper() not in _SHORT_WORDS
    )


def _is_older(match: re.Match[str]) -> bool:
    letters, word = match["letter"] + match["word"], match["word"]
    if word.upper() in _WORDS:
        return False
    return letters.isupper() or (letters.islower() and not match["gap"])


def _is_called(match: re.Match[str]) -> bool:
    words = {match["before"].upper(), (match["after"] or "").upper()} - {""}
    return bool(words) and not words & (_SHORT_WORDS | _WORDS)


# --- postcodes -------------------------------------------------------------------------------------

_AREAS: Final = (
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH "
    "EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M "
    "ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST "
    "SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE "
)
_POSTCODE: Final = _rule(
    rf"(?P<area>{'|'.join(_AREAS.split())})[0-9][0-9a-hjkmnp-y]?(?P<gap>[ .-]{{0,2}})"
    r"(?P<inward>[0-9][abd-hjlnp-uw-z]{2})"
)
_ORDINAL: Final = re.compile(r"1st|2nd|3rd|[04-9]th", re.IGNORECASE)


def full_postcodes(text: str) -> Iterator[Span]:
    """Find whole postcodes, some fifteen homes each; `TS3` alone is a part of a town."""

    def is_no_ordinal(match: re.Match[str]) -> bool:
        return not (match["gap"] and not match["inward"].isupper() and _ORDINAL.fullmatch(match["inward"]))

    return _spans(_POSTCODE, text, is_no_ordinal)
