"""When a place was last reported."""

import math

import numpy as np
import pandas as pd
import pytest

from mapping.hotspots.recency import last_seen_on, recent_share, said


def seen(*rows):
    """Return incidents of (moment in UTC, precision)."""
    return pd.DataFrame(
        {
            "occurred_from": pd.to_datetime([row[0] for row in rows], utc=True),
            "time_precision": [row[1] for row in rows],
        }
    )


@pytest.mark.parametrize(
    ("rows", "last"),
    [
        ([("2026-09-02 10:00", "minute"), ("2026-09-14 22:00", "day")], "2026-09-14"),
        # 23:30 in UTC is half past midnight of the next day in a London summer
        ([("2026-08-31 23:30", "minute")], "2026-09-01"),
        ([("2026-08-31 23:00", "month"), ("2026-08-14 22:00", "minute")], "2026-09"),
        # September's month-only report may be of any day, so the last that is known is told
        ([("2026-08-31 23:00", "month"), ("2026-09-14 22:00", "minute")], "2026-09-14"),
        ([(None, "minute")], ""),
        ([], ""),
    ],
)
def test_the_last_day_is_told_or_the_month_where_no_more_is_known(rows, last):
    assert last_seen_on(seen(*rows)) == last


def test_the_share_of_late_is_that_of_the_last_three_months():
    # 2 + 3 + 4 of 1 + 2 + 3 + 4 = 9 of 10
    assert recent_share(np.array([1, 2, 3, 4])) == 0.9
    assert math.isnan(recent_share(np.array([2, 3, 4])))
    assert math.isnan(recent_share(np.zeros(12)))


def test_it_is_said_no_finer_than_it_is_known():
    monthly = np.array([4, 0, 2, 1, 3])
    assert said("2026-09-14", monthly) == (
        "Last reported on 14 September 2026. 6 of its 10 reports (60\u00a0%) came in the last 3 of 5 months."
    )
    assert said("2026-09", monthly[:2]) == "Last reported in September 2026; no day is known."
    assert said("", monthly[:2]) == ""
