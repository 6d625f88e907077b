"""Tables for other programs: CSV that no spreadsheet will run as a formula."""

import io
from pathlib import Path
from typing import Final

import pandas as pd

# A cell that starts with one of these is taken for a formula by spreadsheets, the full-width
# signs by some versions in East Asian locales.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run; leave all other text alone."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def csv_text(frame: pd.DataFrame) -> str:
    """Write a frame as CSV: text made neutral, numbers to nine digits, moments as ISO."""
    safe = frame.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]) and not pd.api.types.is_datetime64_any_dtype(
            safe[column]
        ):
            safe[column] = [neutral(str(value)) for value in safe[column]]
    out = io.StringIO()
    safe.to_csv(out, index=False, float_format="%.9g", lineterminator="\n")
    return out.getvalue()


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as a CSV file in UTF-8."""
    path.write_text(csv_text(frame), encoding="utf-8", newline="")
