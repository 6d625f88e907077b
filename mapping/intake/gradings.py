"""Gradings and handling codes: the 3x5x2 of intelligence reports, as cells spell it.

What is read here is only what a cell says. What follows for its row, together with the row's other
cells and its source, is decided in `mapping.intake.sharing`.

References
----------
College of Policing, Authorised Professional Practice: intelligence report (3x5x2). Source 1-3,
assessment A-E, handling P (lawful sharing permitted) or C (with conditions).
Cabinet Office, Government Security Classifications (2023): OFFICIAL with the marking
OFFICIAL-SENSITIVE, SECRET, TOP SECRET.
"""

import re
from dataclasses import dataclass
from typing import Final

_GAP: Final = r"[\s,;/.\-]*"
_CODES: Final = r"(?P<codes>[AS][12](?:[\s,;/]+[AS][12])*)"
_CURRENT: Final = re.compile(
    rf"(?P<source>[123]){_GAP}(?P<assessment>[A-E])(?:{_GAP}(?P<letter>[PC]))?(?:[\s,;:/]+{_CODES})?"
)
_LEGACY: Final = re.compile(r"[A-E][\s/.\-]*[1-5][\s/.\-]*[1-5]")
_LETTER: Final = re.compile(
    rf"(?:(?:HANDLING ?)?(?:CODE ?)?:? ?(?P<letter>[PC])(?:[\s,;:/]+{_CODES})?)?"
    r"(?: ?[-:(]? ?LAWFUL SHARING PERMITTED(?P<conditions>,? WITH CONDITIONS)?\)?)?"
)
_MARKING: Final = re.compile(r"\bOFFICIAL(?P<sensitive>[\s:\-]*SENSITIVE)?\b")
_TOO_HIGH: Final = re.compile(r"\bSECRET\b")


@dataclass(frozen=True)
class Grading:
    """What a grading cell says; `letter` is P, C or not said, `doubt` the reason to flag it, or empty."""

    source_grade: str = ""
    assessment_grade: str = ""
    letter: str = ""
    codes: str = ""
    legacy: str = ""
    doubt: str = ""


@dataclass(frozen=True)
class Handling:
    """What a handling cell says; `letter` is open, P, C or not said, `is_sensitive` its marking."""

    letter: str = ""
    codes: str = ""
    is_sensitive: bool = False
    doubt: str = ""


def read_grading(text: str) -> Grading:
    """Read a grading such as `2B P`.

    An old 5x5x5 grading is kept as it was written and never reinterpreted. It, and what cannot be
    read, says C: what is unknown is handled as the stricter. A blank cell says nothing.
    """
    folded = _folded(text)
    if not folded:
        return Grading()
    found = _CURRENT.fullmatch(folded)
    if found:
        said = found.groupdict(default="")
        return Grading(said["source"], said["assessment"], said["letter"], _listed(said["codes"]))
    if _LEGACY.fullmatch(folded):
        doubt = "is an old 5x5x5 grading: kept as written, and the row is handled as C"
        return Grading(letter="C", legacy=" ".join(text.split()), doubt=doubt)
    return Grading(letter="C", doubt="is no 3x5x2 grading (such as 2B P), so the row is handled as C")


def read_handling(text: str) -> Handling:
    """Read a handling code such as `P` or `C A1`, a marking such as OFFICIAL-SENSITIVE, or both.

    A marking alone says nothing about sharing. What cannot be read says C.
    """
    folded = _folded(text)
    marking = _MARKING.search(folded)
    rest = _MARKING.sub(" ", folded).strip(" ,;:/-") if marking else folded
    is_sensitive = marking is not None and marking["sensitive"] is not None
    if rest == "OPEN":
        return Handling("open", "", is_sensitive)
    found = _LETTER.fullmatch(rest)
    if found is None:
        doubt = "is no handling code (P or C), so the row is handled as C"
        return Handling("C", "", is_sensitive, doubt)
    letter = found["letter"] or ("P" if rest else "")
    return Handling("C" if found["conditions"] else letter, _listed(found["codes"] or ""), is_sensitive)


def is_too_high(text: str) -> bool:
    """Say whether a grading or handling cell carries a marking above OFFICIAL."""
    return _TOO_HIGH.search(_folded(text)) is not None


def _folded(text: str) -> str:
    return " ".join(text.upper().split())


def _listed(codes: str) -> str:
    return " ".join(re.findall(r"[AS][12]", codes))
