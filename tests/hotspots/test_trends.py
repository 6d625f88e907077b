"""Recent change by hand."""

import numpy as np
import pytest

from mapping.hotspots.trends import recent_change

EVEN = np.full(9, 1000.0)


@pytest.mark.parametrize(
    ("monthly", "change"),
    [
        ([5, 5, 5, 5, 5, 5, 5, 5, 5], "steady"),
        ([0, 0, 0, 0, 0, 0, 8, 9, 8], "new"),  # nothing before, 25 of 25 in a third of the time
        ([4, 4, 4, 4, 4, 4, 9, 9, 9], "rising"),  # 27 of 51 recent; a third would be 17
        ([9, 9, 9, 9, 9, 9, 2, 2, 2], "falling"),  # 6 of 60 recent; a third would be 20
    ],
)
def test_each_direction(monthly, change):
    assert recent_change(np.array(monthly, dtype=float), EVEN) == change


def test_the_borough_s_own_rise_is_not_a_place_s_rise():
    place = np.array([4.0, 4, 4, 4, 4, 4, 8, 8, 8])
    borough = np.array([500.0] * 6 + [1000.0] * 3)
    assert recent_change(place, borough) == "steady"


def test_fewer_than_six_months_are_too_short():
    assert recent_change(np.array([1.0, 2, 3, 4, 5]), np.full(5, 10.0)) == "too short"


def test_a_month_without_any_data_is_a_gap_and_not_a_quiet_month():
    borough = np.array([100.0] * 5 + [0.0] + [100.0] * 2)
    assert recent_change(np.full(8, 3.0), borough) == "steady"
    assert recent_change(np.full(6, 3.0), np.array([100.0] * 4 + [0.0] * 2)) == "too short"
