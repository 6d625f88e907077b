"""Gradings: the 3x5x2 of intelligence reports, read off a row, never loosening its handling.

References
----------
College of Policing, Authorised Professional Practice: intelligence report (3x5x2). Source 1-3,
assessment A-E, handling P (lawful sharing permitted) or C (with conditions).
"""

import re
from dataclasses import dataclass
from typing import Final

from mapping.intake.layout import HANDLING

_CURRENT: Final = re.compile(r"([123])\s*([A-E])(?:\s*([PC]))?(?:[\s,;]+([AS][12](?:[\s,;]+[AS][12])*))?")
_LEGACY: Final = re.compile(r"[A-E]\s*[1-5]\s*[1-5]")


@dataclass(frozen=True)
class Grading:
    """What a grading cell says; `doubt` is the reason to flag it, or empty."""

    source_grade: str
    assessment_grade: str
    handling_code: str
    conditions: str
    doubt: str


def read_grading(text: str, *, handling: str) -> Grading:
    """Read a grading such as `2B P`, within a source whose own handling is `handling`.

    A blank cell takes the source's handling. A grading that cannot be read, an old 5x5x5 one
    (kept in words, never reinterpreted) and one without its handling letter make the row C: what
    is unknown is handled as the stricter. Action codes (A1 A2 S1 S2) become its conditions.
    """
    if not text:
        return Grading("", "", handling, "", "")
    folded = " ".join(text.upper().split())
    found = _CURRENT.fullmatch(folded)
    if found:
        source, assessment, letter, codes = found.groups(default="")
        code = _stricter(handling, letter or "C")
        doubt = "" if letter else "has no handling letter, so the row is handled as C"
        return Grading(source, assessment, code, " ".join(re.findall(r"[AS][12]", codes)), doubt)
    if _LEGACY.fullmatch(folded):
        words = f"Old 5x5x5 grading {folded.replace(' ', '')}, not reinterpreted."
        return Grading(
            "", "", "C", words, "is an old 5x5x5 grading: kept in words, and the row is handled as C"
        )
    return Grading("", "", "C", "", "is no 3x5x2 grading (such as 2B P), so the row is handled as C")


def _stricter(one: str, other: str) -> str:
    return max(one, other, key=HANDLING.index)
