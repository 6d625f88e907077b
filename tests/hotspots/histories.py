"""Small invented histories that the tests of scoring share."""

import numpy as np

from mapping.hotspots.grid import Grid
from mapping.hotspots.history import History


def lattice(rows=4, columns=10):
    """Two wards side by side, every cell in one of them."""
    ward = np.tile(np.repeat([0, 1], columns // 2), rows)
    return Grid(100.0, 400_000.0, 300_000.0, rows, columns, ("A", "B"), ward.astype(np.int64))


def history(events, *, months, is_own=None, days=30.0, grid=None):
    """Make a history of (month, cell) events."""
    events = sorted(events)
    month, cell = (np.array(v, dtype=np.int64) for v in zip(*events, strict=True))
    own = np.ones(len(month), dtype=bool) if is_own is None else np.array(is_own)
    return History(grid or lattice(), month, cell, own, np.full(months, days))


def dated(events, *, days=(30, 30, 30), grid=None):
    """Make a history of (day, cell) events; `days` are the lengths of its months."""
    events = sorted(events)
    day, cell = (np.array(v, dtype=np.int64) for v in zip(*events, strict=True))
    starts = np.concatenate([[0], np.cumsum(days)]).astype(np.int64)
    month = np.searchsorted(starts, day, side="right") - 1
    own = np.ones(len(day), dtype=bool)
    return History(
        grid or lattice(), month, cell, own, np.array(days, dtype=float), day=day, month_starts=starts
    )


def bump(rng, *, months, a_month, rows=40, columns=40, others=0):
    """Make events that follow a smooth hill, `others` of another category a month on the same hill."""
    row, column = np.divmod(np.arange(rows * columns), columns)
    rate = np.exp(-((row - rows / 2) ** 2 + (column - columns / 2) ** 2) / 40.0)
    cells = rng.choice(rows * columns, (months, a_month + others), p=rate / rate.sum())
    month = np.repeat(np.arange(months), a_month + others)
    own = np.tile(np.arange(a_month + others) < a_month, months)
    return History(lattice(rows, columns), month, cells.ravel().astype(np.int64), own, np.full(months, 30.0))
