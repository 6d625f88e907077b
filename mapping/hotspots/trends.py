"""Which way a place is going of late, held against the whole borough.

The last three months are compared with those before by an exact test that takes the borough's
own rise and fall (season, reporting) as what chance would give. The plain fact beside the
history of a place, which `emerging` names.
"""

from typing import Final

import numpy as np

from mapping.hotspots.grid import FloatArray
from mapping.hotspots.significance import upper_tail

RECENT_MONTHS: Final = 3
MIN_MONTHS: Final = 6
LEVEL: Final = 0.05
NEW_SHARE: Final = 1 / 3  # "new": before, less than a third of what comes now


def recent_change(monthly: FloatArray, borough: FloatArray) -> str:
    """Name the direction of one place: rising, new, steady, falling or too short.

    Parameters
    ----------
    monthly : float array, shape (months,)
        Whole incidents of the place per month, oldest first.
    borough : float array, shape (months,)
        The same for the whole borough; a month without any is a gap and is left out.

    Notes
    -----
    Given the place's total, its recent incidents are binomial with the borough's recent share.
    """
    has_data = borough > 0
    place, whole = monthly[has_data], borough[has_data]
    if len(place) < MIN_MONTHS:
        return "too short"
    recent, before = place[-RECENT_MONTHS:].sum(), place[:-RECENT_MONTHS].sum()
    share = whole[-RECENT_MONTHS:].sum() / whole.sum()
    total = recent + before
    rises = upper_tail(np.array([recent]), total, share)[0] < LEVEL
    falls = upper_tail(np.array([before]), total, 1 - share)[0] < LEVEL
    if rises:
        due = recent * (1 - share) / share  # what the months before would hold at today's level
        return "new" if before < NEW_SHARE * due else "rising"
    return "falling" if falls else "steady"
