"""The table of the study cells: what each held, what is foretold of it, and whether it stands out."""

from typing import Final

import numpy as np
import pandas as pd

from mapping.hotspots import emerging
from mapping.hotspots.grid import FloatArray
from mapping.hotspots.local_statistics import cell_gi_star
from mapping.hotspots.null_model import Null, fit_null
from mapping.hotspots.scoring import History
from mapping.hotspots.significance import assess_cells
from mapping.schema import CELLS

HOT_LEVEL: Final = 0.05


def describe_cells(history: History, score: FloatArray, room: FloatArray) -> tuple[pd.DataFrame, Null]:
    """Test every study cell and make its row.

    Parameters
    ----------
    history : History
    score : float array, shape (study cells,)
        Events foretold for the coming period.
    room : float array, shape (study cells,)
        How much of its ward each cell would hold, as `Known.room`.

    Returns
    -------
    cells : DataFrame, one row per study cell
        As `schema.CELLS`.
    null : Null
        What they were held against.

    Raises
    ------
    TooLittleDataError
        Fewer than ten cells hold any report.
    """
    grid, study, months = history.grid, history.study, len(history.days)
    counts = history.own_placed(0, months)[study]
    null = fit_null(counts, history.ward, history.everything_placed(0, months)[study], room)
    p_value, p_value_fdr = assess_cells(counts, null)
    east, north = grid.centres(study)
    values = (
        grid.cell_ids(study), east, north, grid.wards_of(study), counts.astype(np.int64), score,
        null.expected(counts), p_value, p_value_fdr, p_value_fdr < HOT_LEVEL, _trends(history, null),
        cell_gi_star(counts, grid),
    )  # fmt: skip
    return pd.DataFrame(dict(zip(CELLS, values, strict=True))), null


def _trends(history: History, null: Null) -> emerging.ObjectArray:
    """Name the history of each study cell."""
    monthly = [history.own_placed(month, month + 1)[history.study] for month in range(len(history.days))]
    return emerging.cell_trends(np.column_stack(monthly), null, history.days)
