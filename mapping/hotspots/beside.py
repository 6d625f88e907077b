"""What stands beside the count of each hotspot of a run: its harm, when it was last seen, who sees it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.hotspots import harm, recency
from mapping.hotspots.harm_tables import HarmTable
from mapping.hotspots.source_mix import Mix
from mapping.wording import CAUTION_SEPARATOR


@dataclass(frozen=True)
class Beside:
    """What a whole run knows of each of its incidents, prepared once.

    Attributes
    ----------
    mix : Mix
        The sources.
    weights : float array, shape (n,)
        Harm weights; NaN where none is known.
    """

    mix: Mix
    weights: npt.NDArray[np.float64]

    @classmethod
    def of(cls, incidents: pd.DataFrame, table: HarmTable | None) -> "Beside":
        """Prepare a run's incidents.

        Parameters
        ----------
        incidents : DataFrame, n rows
            In a ward, with `source`, `category`, `stated_category`, `ward_gss_code`, and `told_by` where
            it is known. Not changed.
        table : HarmTable or None
            Without one nothing has a weight.
        """
        weights = np.full(len(incidents), np.nan) if table is None else harm.harm_of(incidents, table)
        return cls(Mix.of(incidents), weights)

    def at(self, rows: npt.NDArray[np.int64], inside: pd.DataFrame) -> dict[str, object]:
        """Work out what stands beside one hotspot.

        Parameters
        ----------
        rows : int array, shape (k,)
            Positions of its incidents among those given to `of`.
        inside : DataFrame, k rows
            The same incidents, with `occurred_from` and `time_precision`.

        Returns
        -------
        dict
            `harm_score`, `weighted_share`, `last_seen_on` and `source_mix` of `schema.HOTSPOTS`, and
            `harm_root`, from which `harm.rank_by_harm` makes `harm_rank` once every hotspot is known.
        """
        place = harm.add_up(self.weights[rows])
        return {
            "harm_score": place.score,
            "weighted_share": place.weighted_share,
            "harm_root": place.root_sum,
            "last_seen_on": recency.last_seen_on(inside),
            "source_mix": CAUTION_SEPARATOR.join(self.mix.at(rows).sentences),
        }
