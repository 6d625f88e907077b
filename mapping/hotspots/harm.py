"""Harm beside the count: what weights are known, summed, ranked, and held against the other order.

Counts come first: harm moves no test, no shape and no forecast. A place's score is the sum of the
weights that are known. Its rank goes by the sum of their square roots, since by the weights
themselves one homicide outweighs 288 common assaults and is a "hotspot" alone; by their roots, 17.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import wording
from mapping.categories import folded
from mapping.hotspots.harm_tables import HarmTable

FloatArray = npt.NDArray[np.float64]

LEAST_PLACES: Final = 4  # with fewer, how two orders differ is seen at a glance
MOST_MOVERS: Final = 2
FEW_SHARE: Final = 0.1  # of a place's reports; with fewer weighed its harm is that of single events
FAR: Final = 2  # places in the order; a neighbour's swap is no news


def harm_of(incidents: pd.DataFrame, table: HarmTable) -> FloatArray:
    """Weigh each incident: by its source's own word for it where the table has it, else by its category.

    Parameters
    ----------
    incidents : DataFrame, n rows
        With `category` and `stated_category`. Not changed.
    table : HarmTable

    Returns
    -------
    float array, shape (n,)
        In the table's unit; NaN where no weight is known.

    References
    ----------
    Sherman, L., Neyroud, P. W. & Neyroud, E. (2016). The Cambridge Crime Harm Index: measuring total
    harm from crime based on sentencing guidelines. Policing, 10(3), 171-183.
    """
    own = incidents["stated_category"].fillna("").map(folded).map(dict(table.offences))
    usual = incidents["category"].map(dict(table.categories))
    return np.asarray(own.astype("float64").fillna(usual.astype("float64")), dtype=np.float64)


@dataclass(frozen=True)
class PlaceHarm:
    """The harm at one place.

    Attributes
    ----------
    score : float
        Sum of the known weights, in the table's unit; NaN where none is known.
    weighted_share : float
        Share of the place's incidents with a known weight, 0-1; NaN without incidents.
    root_sum : float
        Sum of the square roots of the known weights, by which places are ranked; NaN where none is.
    """

    score: float
    weighted_share: float
    root_sum: float


def add_up(weights: npt.ArrayLike) -> PlaceHarm:
    """Add up the weights of one place's incidents, as `harm_of` gives them."""
    every = np.asarray(weights, dtype=np.float64)
    known = every[~np.isnan(every)]
    share = len(known) / len(every) if len(every) else float("nan")
    if len(known) == 0:
        return PlaceHarm(float("nan"), share, float("nan"))
    return PlaceHarm(float(known.sum()), share, float(np.sqrt(known).sum()))


def rank_by_harm(root_sums: npt.ArrayLike) -> FloatArray:
    """Rank places by the sum of the square roots of their weights, shape (n,).

    Returns
    -------
    float array
        1 for the most; places that are even share the better rank; NaN where no weight is known.
    """
    values = np.asarray(root_sums, dtype=np.float64)
    ranks = pd.Series(values).rank(method="min", ascending=False)
    return np.asarray(ranks, dtype=np.float64)


@dataclass(frozen=True)
class Orders:
    """How far the order by harm differs from the order by reports foretold.

    Attributes
    ----------
    places : int
        Hotspots with a known weight; only these are compared, renumbered among themselves.
    spearman : float
        Rank correlation, -1 to 1; NaN with fewer than `LEAST_PLACES` places, or where all are even.
    movers : tuple of (name, by reports foretold, by harm)
        The places that move furthest, `FAR` or more.
    """

    places: int
    spearman: float
    movers: tuple[tuple[str, int, int], ...]

    @property
    def sentence(self) -> str:
        """Say how far the two orders differ; empty where there is too little to compare."""
        if not np.isfinite(self.spearman):
            return ""
        among = f"Among the {self.places:,} hotspots with a known weight"
        rho = f"rank correlation {self.spearman:.2f}"
        if not self.movers:
            return f"{among} the order by harm is much that by reports foretold ({rho})."
        moved = "; ".join(
            f"{name} is number {harm} by harm, {foretold} by reports foretold"
            for name, foretold, harm in self.movers
        )
        differs = f"{among} the order by harm differs from that by reports foretold ({rho})"
        return f"{differs}. Counted among these alone, {moved}."


def compare_orders(
    names: Sequence[str], ranks: npt.ArrayLike, harm_ranks: npt.ArrayLike, *, compared: npt.ArrayLike = True
) -> Orders:
    """Hold the order by harm against the order by reports foretold.

    Parameters
    ----------
    names : sequence of str, n
        What each hotspot is called.
    ranks, harm_ranks : array-like, shape (n,)
        By reports foretold; by harm, NaN where no weight is known.
    compared : array-like of bool, shape (n,) or one
        False for those left out: places where reports are recorded rather than happen.

    References
    ----------
    Spearman, C. (1904). The proof and measurement of association between two things. American
    Journal of Psychology, 15(1), 72-101.
    """
    by_harm = np.asarray(harm_ranks, dtype=np.float64)
    kept = np.flatnonzero(
        ~np.isnan(by_harm) & np.broadcast_to(np.asarray(compared, dtype=bool), by_harm.shape)
    )
    orders = pd.DataFrame({"foretold": np.asarray(ranks, dtype=np.float64)[kept], "harm": by_harm[kept]})
    if len(kept) < LEAST_PLACES or orders["harm"].nunique() < 2 or orders["foretold"].nunique() < 2:
        return Orders(len(kept), float("nan"), ())
    among = orders.rank(method="min").astype("int64")
    moved = (among["foretold"] - among["harm"]).to_numpy()
    furthest = np.lexsort((among["foretold"], -np.abs(moved)))[:MOST_MOVERS]
    movers = tuple(
        (str(names[kept[at]]), int(among["foretold"].iloc[at]), int(among["harm"].iloc[at]))
        for at in furthest.tolist()
        if abs(moved[at]) >= FAR
    )
    means = orders.rank(method="average")
    return Orders(len(kept), float(means["foretold"].corr(means["harm"])), movers)


def said(score: float, weighted_share: float, *, reports: int, table: HarmTable) -> str:
    """Say the harm at one place and of how many of its reports it is known; empty where of none.

    Parameters
    ----------
    score, weighted_share : float
        As `PlaceHarm`.
    reports : int
        The place's reports.
    table : HarmTable
        Whose unit is named; its `credit` belongs beside this.
    """
    if not np.isfinite(score):
        return ""
    weighted = round(weighted_share * reports)
    harm = f"{score:,.0f} {table.unit} of harm"
    if weighted == reports:
        return f"{harm}; every report carries a weight."
    carry = "carries" if weighted == 1 else "carry"
    few = " So few say little about the place." if weighted_share < FEW_SHARE else ""
    known = f"{weighted:,} of the {wording.reports(reports)} {carry} a weight"
    return f"{harm}. {known}; for the others none is known.{few}"
