"""Incidents laid out by month, cell and day."""

import pandas as pd
import pytest

from mapping.hotspots.grid import make_grid
from mapping.hotspots.history import NO_DAY
from mapping.hotspots.laying_out import build_history
from mapping.periods import month_period


@pytest.fixture
def dated(make_incidents):
    """Three incidents of one place: 31 January and 1 March to the minute, February by its month alone."""
    frame = make_incidents([(400_530, 300_460, month, 1) for month in ("2025-01", "2025-02", "2025-03")])
    frame["occurred_from"] = pd.to_datetime(
        ["2025-01-31T23:30:00Z", "2025-02-01T00:00:00Z", "2025-03-01T08:00:00Z"], utc=True
    )
    frame["occurred_to"] = frame["occurred_from"]
    frame["time_precision"] = ["minute", "month", "minute"]
    return frame


def test_days_count_from_the_first_month_where_they_are_known(dated, two_wards):
    history = build_history(dated, make_grid(two_wards), month_period("2025-01", "2025-03"))
    # 31 January is day 30; 1 March is day 31 + 28 = 59
    assert history.day.tolist() == [30, NO_DAY, 59]
    assert history.month_starts.tolist() == [0, 31, 59, 90]
    assert history.has_days


def test_data_by_the_month_has_no_days(dated, two_wards):
    history = build_history(
        dated.assign(time_precision="month"), make_grid(two_wards), month_period("2025-01", "2025-03")
    )
    assert (history.day == NO_DAY).all() and not history.has_days
