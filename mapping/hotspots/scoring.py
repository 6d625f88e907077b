"""Expected events per cell in the coming period: the names that other rooms use.

The history is in `history`; the methods in `counting`, `shrunken`, `mixture`, `near_repeat_scores` and
`boosted`; how one is chosen in `rehearsal` and `choosing`; how many to expect in all and how far off
that may be in `levels` and `intervals`. See `docs/methods.md`.
"""

from mapping.errors import TooLittleDataError
from mapping.hotspots.choosing import METHODS, Choice, choose
from mapping.hotspots.counting import (
    KERNEL_BANDWIDTHS_M,
    kernel_name,
    named_scorer,
    score_count,
    score_fading,
    score_kernel,
)
from mapping.hotspots.history import History, Scorer, smooth
from mapping.hotspots.mixture import Mixture, components, fit_weights
from mapping.hotspots.rehearsal import Rehearsal, origins

__all__ = [
    "KERNEL_BANDWIDTHS_M", "METHODS", "Choice", "History", "Mixture", "Rehearsal", "Scorer",
    "TooLittleDataError", "choose", "components", "fit_weights", "kernel_name", "named_scorer", "origins",
    "score_count", "score_fading", "score_kernel", "smooth",
]  # fmt: skip
