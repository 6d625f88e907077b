"""What came lately within a short walk: the part of near repeats in what is expected next.

After a burglary the risk nearby is raised for some weeks. How much, is not assumed: each band of
distance and age is a part of its own in the mixture, and its weight is found by likelihood.
Where only months are known there is no such part.
"""

from typing import Final

import numpy as np

from mapping.hotspots.grid import FloatArray
from mapping.hotspots.history import History, smooth

# Days of age, half-open. Months are foretold, so what is younger than a week says most.
AGE_BANDS: Final = ((0, 14), (14, 42))
# Standard deviations of the kernels that stand for the distance bands: the same and the next cell, and 400 m.
REACHES_M: Final = (100.0, 250.0)


def repeats(history: History, end: int) -> dict[str, FloatArray]:
    """Return, per band of age and distance, the rate of own events that raise the risk around them.

    Parameters
    ----------
    history : History
        With `day` and `month_starts`; else there is nothing to return.
    end : int
        The month to foretell; nothing from it on is looked at.

    Returns
    -------
    dict of str to float array, shape (study cells,)
        Events a day, so that each is on the scale of the category's total.

    References
    ----------
    Mohler, G. et al. (2011). Self-exciting point process modeling of crime. JASA, 106, 100-108.
    Bowers, K., Johnson, S. & Pease, K. (2004). Prospective hot-spotting. British Journal of
    Criminology, 44, 641-658 (400 m and two months).
    """
    if not history.has_days or history.month_starts is None:
        return {}
    last = int(history.month_starts[end])
    parts: dict[str, FloatArray] = {}
    for young, old in AGE_BANDS:
        lately = history.own_between(last - old, last - young)
        for reach_m in REACHES_M:
            rate = smooth(lately, history.grid, reach_m)[history.study] / (old - young)
            parts[f"repeats {young}-{old} days, {reach_m:.0f} m"] = np.asarray(rate)
    return parts
