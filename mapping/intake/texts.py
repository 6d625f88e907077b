"""Text cells: trimmed, measured, and freed of what no store or log should meet.

Free text is kept as it came: `=1+1`, `<script>` and `'; DROP` are words here, and whoever shows
or writes them out makes them harmless there. Only what cannot be stored or forges a log line goes.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.intake.layout import Layout
from mapping.intake.row_issues import Mask, RowIssues

Texts = npt.NDArray[np.object_]

MOST_CHARS: Final = {"description": 10_000, "reference": 200}
MOST_CHARS_ELSE: Final = 500
_STRAY_BYTE: Final = re.compile("[\x00\ud800-\udfff]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_NOTHING: Final = frozenset(
    ("", "n/a", "#n/a", "na", "nil", "none", "not applicable", "not known", "null", "tba", "tbc", "unknown")
)
# What a spreadsheet writes into a cell that it could not work out.
_ERRORS: Final = frozenset(("#calc!", "#div/0!", "#name?", "#null!", "#num!", "#ref!", "#spill!", "#value!"))
LONGEST_NOTHING: Final = max(map(len, _NOTHING | _ERRORS))


def cells_of(rows: Sequence[Sequence[str]], positions: Mapping[str, int], layout: Layout) -> dict[str, Texts]:
    """Turn rows of equal width into one array of trimmed texts per field; a field not there is empty."""
    n = len(rows)
    columns = list(zip(*rows, strict=True)) if rows else [()] * (max(positions.values()) + 1)
    found = {
        field: np.fromiter(map(str.strip, columns[place]), dtype=object, count=n)
        for field, place in positions.items()
    }
    empty = np.full(n, "", dtype=object)
    return {field: found.get(field, empty) for field in layout.columns}


def as_texts(values: Sequence[str]) -> Texts:
    """Make an object array of texts, shape (n,)."""
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def each(values: Texts, work: Callable[[str], Any]) -> Texts:
    """Apply `work` to every distinct text once; the answers share memory, shape (n,)."""
    codes, distinct = pd.factorize(values)
    answers = np.empty(len(distinct), dtype=object)
    answers[:] = [work(text) for text in distinct]
    return answers[codes] if len(distinct) else np.empty(0, dtype=object)


def mask_of(values: Texts, claim: Callable[[str], bool]) -> Mask:
    """Say of every text whether `claim` holds, asking once per distinct text."""
    return each(values, claim).astype(bool)


def is_nothing(text: str) -> bool:
    """Say whether a text only says that there is nothing: blank, N/A, none, #REF!, no letter or digit."""
    if len(text) > LONGEST_NOTHING and text[:1].isalnum():
        return False  # nearly every reference, and all that is asked of it
    folded = text.casefold()
    return folded in _NOTHING or folded in _ERRORS or not any(map(str.isalnum, text))


def clean(cells: Mapping[str, Texts], layout: Layout, issues: RowIssues) -> dict[str, Texts]:
    """Check every text cell; return cells that can be stored.

    A NUL or a byte that fits no encoding refuses its row, as does a control character in a
    reference. Elsewhere control characters are taken out and flagged, text beyond the most that
    is kept (10,000 characters of description, 500 of anything else) is cut and flagged, and line
    breaks outside the description become spaces.
    """
    return {
        field: _clean_field(field, values, layout.label(field), issues) for field, values in cells.items()
    }


def _clean_field(field: str, values: Texts, label: str, issues: RowIssues) -> Texts:
    most = MOST_CHARS.get(field, MOST_CHARS_ELSE)
    if "".join(values).isprintable() and len(max(values, key=len, default="")) <= most:
        return values  # nothing to look at, which is nearly always so
    suspects = np.fromiter((not text.isprintable() or len(text) > most for text in values), bool, len(values))
    places = np.flatnonzero(suspects)
    stray, control, long = (np.zeros(len(values), dtype=bool) for _ in range(3))
    cleaned = values.copy()
    for place in places:
        text = values[place]
        stray[place] = _STRAY_BYTE.search(text) is not None
        control[place] = _CONTROL.search(text) is not None or (field == "reference" and not _one_line(text))
        long[place] = len(text) > most
        cleaned[place] = _cleaned(text, field, most)
    issues.reject(stray, label, "holds a NUL or a byte that is not valid in the file's encoding")
    if field == "reference":
        issues.reject(control & ~stray, label, "holds control characters or a line break")
        issues.reject(long, label, f"is longer than {most} characters")
    else:
        issues.flag(control, label, "held control characters, which were taken out")
        issues.flag(long, label, f"is longer than {most:,} characters and was cut there")
    return cleaned


def _one_line(text: str) -> bool:
    return len(text.splitlines()) <= 1


def _cleaned(text: str, field: str, most: int) -> str:
    kept = _CONTROL.sub("", text)
    return (kept if field == "description" else " ".join(kept.split()))[:most].strip()


def composed(text: str) -> str:
    """Return the composed (NFC) form, so that an accent typed two ways is one letter."""
    return unicodedata.normalize("NFC", text)
