"""Sharing: how each row may be handled, on what conditions, and by whom alone it may be seen.

A row may be stricter than its source and never looser, and what is unknown counts as the stricter:
of everything a row says about its handling the strictest holds, bounded by its layout.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.intake.gradings import Grading, Handling, is_too_high, read_grading, read_handling
from mapping.intake.layout import HANDLING, Layout
from mapping.intake.row_issues import Mask, RowIssues
from mapping.intake.texts import Texts, as_texts, each, mask_of

_NONE: Final = frozenset(("", "-", "--", "n/a", "na", "nil", "no", "no conditions", "none", "null"))
_MARKED_ABOVE: Final = re.compile(r"(UK )?(TOP )?SECRET\b")
_CODES: Final = as_texts(HANDLING)
_P, _C = HANDLING.index("P"), HANDLING.index("C")
_UNSAID: Final = -1
Levels = npt.NDArray[np.int64]  # place in HANDLING, from loosest to strictest; -1 where nothing is said


@dataclass(frozen=True)
class _Read:
    """What the distinct cells of a column say, and which of them each of n rows has."""

    codes: npt.NDArray[np.int64]
    readings: Sequence[Grading | Handling]

    def of(self, name: str) -> Texts:
        """Return one thing that every row says, shape (n,)."""
        return as_texts([getattr(reading, name) for reading in self.readings])[self.codes]


def read_sharing(cells: Mapping[str, Texts], layout: Layout, issues: RowIssues) -> dict[str, Any]:
    """Read grades, handling, conditions and restriction of n rows.

    Rows marked SECRET or TOP SECRET are refused. Without a word about handling a report takes that
    of its source, and intelligence, or whatever is graded without its letter, is C. Conditions make
    a row C. A restriction that names nobody known here is kept, and lets nobody in.

    Returns
    -------
    dict of arrays, shape (n,)
        `source_grade`, `assessment_grade`, `legacy_grading`, `handling_code`, `conditions` and
        `restricted_to` (agencies separated by `|`).
    """
    n = len(cells["occurred_at"])
    _refuse_markings(cells, layout, issues)
    gradings, handlings = _read(cells, "grading", n), _read(cells, "handling", n)
    for field, read in (("grading", gradings), ("handling", handlings)):
        _flag_doubts(read, field, layout, issues)
    source_grade, legacy = gradings.of("source_grade"), gradings.of("legacy")
    said = np.maximum(_levels(gradings), _levels(handlings))
    is_graded = source_grade != ""
    unsaid = (said == _UNSAID) & (is_graded | (layout.kind == "intelligence"))
    _flag_unsaid(unsaid, is_graded, layout, issues)
    written = each(cells["conditions"], _conditions) if "conditions" in cells else _blank(n)
    conditions = _together(gradings.of("codes"), handlings.of("codes"), written)
    _flag_conditions((conditions != "") & (said == _P), layout, issues)
    if layout.kind == "reports":  # which have no column of their own for it
        conditions = _together(each(legacy, _in_words), conditions)
    level = np.maximum(np.where(unsaid | (conditions != ""), _C, said), HANDLING.index(layout.handling))
    marked = np.where(handlings.of("is_sensitive").astype(bool), _P, 0)
    return {
        "source_grade": source_grade,
        "assessment_grade": gradings.of("assessment_grade"),
        "legacy_grading": legacy,
        "handling_code": _CODES[np.maximum(level, marked)],
        "conditions": conditions,
        "restricted_to": each(cells["restricted_to"], _agencies) if "restricted_to" in cells else _blank(n),
    }


def _refuse_markings(cells: Mapping[str, Texts], layout: Layout, issues: RowIssues) -> None:
    for field in ("grading", "handling", "conditions", "restricted_to"):
        if field in cells:
            above = is_too_high if field in ("grading", "handling") else _begins_with_a_marking
            issues.reject(
                mask_of(cells[field], above),
                layout.label(field),
                "is marked SECRET or TOP SECRET; this system takes OFFICIAL and OFFICIAL-SENSITIVE, no more",
            )


def _begins_with_a_marking(text: str) -> bool:
    return _MARKED_ABOVE.match(text) is not None  # in capitals: "a secret" in a sentence is no marking


def _read(cells: Mapping[str, Texts], field: str, n: int) -> _Read:
    if field not in cells:
        nothing = Grading() if field == "grading" else Handling()
        return _Read(np.zeros(n, dtype=np.int64), [nothing])
    codes, distinct = pd.factorize(cells[field])
    reader: Callable[[str], Grading | Handling] = read_grading if field == "grading" else read_handling
    return _Read(codes, [reader(text) for text in distinct])


def _levels(read: _Read) -> Levels:
    known = {"": _UNSAID, **{code: level for level, code in enumerate(HANDLING)}}
    return np.array([known[reading.letter] for reading in read.readings], dtype=np.int64)[read.codes]


def _flag_doubts(read: _Read, field: str, layout: Layout, issues: RowIssues) -> None:
    for reason in sorted({reading.doubt for reading in read.readings} - {""}):
        issues.flag(read.of("doubt") == reason, layout.label(field), reason)


def _flag_unsaid(unsaid: Mask, is_graded: Mask, layout: Layout, issues: RowIssues) -> None:
    label = next((layout.label(field) for field in ("grading", "handling") if field in layout.columns), "")
    issues.flag(unsaid & is_graded, label, "has no handling letter, so the row is handled as C")
    issues.flag(unsaid & ~is_graded, label, "is blank, so the item stays ungraded and is handled as C")


def _flag_conditions(contradicted: Mask, layout: Layout, issues: RowIssues) -> None:
    field = next((name for name in ("conditions", "handling", "grading") if name in layout.columns), "")
    if field:
        issues.flag(
            contradicted, layout.label(field), "gives conditions beside a P, so the row is handled as C"
        )


def _conditions(text: str) -> str:
    return "" if text.casefold() in _NONE else text


def _in_words(legacy: str) -> str:
    return f"Old 5x5x5 grading {legacy}, not reinterpreted." if legacy else ""


def _agencies(text: str) -> str:
    """Write the agencies that a cell names as `police|housing`; what names none stays as it is."""
    if text.casefold() in _NONE:
        return ""
    named = [" ".join(name.split()) for name in re.split(r"[|;,/]|\band\b|&", text)]
    return "|".join(filter(None, named)) or text


def _together(*texts: Texts) -> Texts:
    """Put what several columns say of a row behind one another, shape (n,)."""
    spoken = [column for column in texts if (column != "").any()]
    if len(spoken) < 2:
        return spoken[0] if spoken else texts[0]
    return as_texts([" ".join(filter(None, row)) for row in zip(*spoken, strict=True)])


def _blank(n: int) -> Texts:
    return np.full(n, "", dtype=object)
