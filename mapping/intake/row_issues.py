"""What is wrong with single rows, gathered while they are read."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import schema

REJECTED = "rejected"
FLAGGED = "flagged"

Mask = npt.NDArray[np.bool_]


class RowIssues:
    """Gathers what is wrong with `n` rows, each known by its number in the file.

    A rejected row keeps only its reasons for rejection: that its category was also unknown helps
    nobody.
    """

    def __init__(self, row_numbers: npt.NDArray[np.int64]) -> None:
        self._row_numbers = row_numbers
        self._found: list[tuple[npt.NDArray[np.intp], str, str, str]] = []
        self.rejected: Mask = np.zeros(len(row_numbers), dtype=bool)

    def reject(self, where: Mask, field: str, reason: str) -> None:
        """Refuse the rows of a mask for a reason."""
        self._add(where, field, reason, REJECTED)
        self.rejected |= where

    def flag(self, where: Mask, field: str, reason: str) -> None:
        """Doubt the rows of a mask for a reason; they are kept."""
        self._add(where, field, reason, FLAGGED)

    def _add(self, where: Mask, field: str, reason: str, severity: str) -> None:
        places = np.flatnonzero(where)
        if len(places):
            self._found.append((places, field, reason, severity))

    def frame(self, file: str) -> pd.DataFrame:
        """Return the gathered issues as ROW_ISSUES, by row."""
        found = [
            (places if severity == REJECTED else places[~self.rejected[places]], field, reason, severity)
            for places, field, reason, severity in self._found
        ]
        parts = [
            pd.DataFrame(
                {
                    "file": file,
                    "row": self._row_numbers[places],
                    "field": field,
                    "reason": reason,
                    "severity": severity,
                }
            )
            for places, field, reason, severity in found
            if len(places)
        ]
        return merged(parts).sort_values("row", kind="stable", ignore_index=True)


def one(file: str, row: int, field: str, reason: str, severity: str) -> dict[str, str | int]:
    """Write one issue as a record of ROW_ISSUES."""
    return {"file": file, "row": row, "field": field, "reason": reason, "severity": severity}


def from_records(records: list[dict[str, str | int]]) -> pd.DataFrame:
    """Turn records into ROW_ISSUES; no record gives the empty frame with its columns."""
    return pd.DataFrame(records, columns=list(schema.ROW_ISSUES)) if records else schema.empty_issues()


def merged(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put issue frames one below the other."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else schema.empty_issues()
