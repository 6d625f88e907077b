"""Who sees a place and who does not: its sources against what reports of its kinds would bring.

Wardens see what nobody rings 101 about, and the other way round. So a place's sources are held
against those of the other reports of the same ward, period and family of categories: burglaries come
from the police alone everywhere, and that is no finding. Few reports say nothing, and are not made to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import categories, wording
from mapping.intake.event_groups import SEPARATOR

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LEVEL: Final = 0.05  # over all sources of a place, both ways
LEAST_REPORTS: Final = 10  # of a place, before its mix is spoken of
LEAST_USUAL: Final = 3.0  # of a source, before its absence is
LEAST_TO_AGREE: Final = 5  # of each of two sources that agree
HARDLY: Final = 0.5  # of what is usual, or less
MORE: Final = 1.5  # times what is usual, or more
MOST_NAMED: Final = 3

# How a sentence names the sources of the layouts that ship; others by their own name.
NAMES: Final = {
    "warden-log": "wardens",
    "council-wardens": "wardens",
    "command-and-control": "101",
    "police-101": "101",
    "police-uk": "police.uk",
    "force-extract": "police crime records",
    "housing-asb": "housing",
    "noise-complaints": "noise complaints",
    "deliberate-fires": "the fire service",
    "fire-deliberate": "the fire service",
    "fly-tipping": "fly-tipping reports",
    "councillor-reports": "councillors",
}


def name_of(source: str) -> str:
    """Name a source as a sentence does."""
    return NAMES.get(source, source.replace("-", " "))


@dataclass(frozen=True)
class Share:
    """One source at one place.

    Attributes
    ----------
    source : str
    count : int
        Incidents here that it told of.
    usual : float
        As many as reports of these kinds bring in these wards.
    p_more, p_fewer : float
        Chance of at least, and of at most, `count` if who tells had nothing to do with the place.
    """

    source: str
    count: int
    usual: float
    p_more: float
    p_fewer: float


@dataclass(frozen=True)
class Seen:
    """Who sees a place.

    Attributes
    ----------
    reports : int
        Its incidents.
    shares : tuple of Share
        Every source of the run, the one with most first.
    corroborated : int
        Its incidents that more than one source told of.
    """

    reports: int
    shares: tuple[Share, ...]
    corroborated: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """What can be said; empty where there is too little to say anything."""
        there = [share for share in self.shares if share.count]
        if not there:
            return ()
        if len(self.shares) == 1:
            return (f"Every report of this map comes from {name_of(there[0].source)}: nobody else is heard.",)
        told = list(self._alone(there[0]) if len(there) == 1 else self._mixed())
        if self.corroborated:
            verb = "was" if self.corroborated == 1 else "were"
            of_all = f"{self.corroborated:,} of the {wording.reports(self.reports)}"
            told.append(f"{of_all} {verb} told by more than one source.")
        return tuple(told)

    def _alone(self, share: Share) -> Sequence[str]:
        missing = [other for other in self._unusual if not other.count]
        if missing:
            return [f"Seen by {name_of(share.source)} alone ({share.count:,}), {_hardly(missing)}."]
        return [f"All {wording.reports(self.reports)} come from {name_of(share.source)}."] * (share.count > 1)

    def _mixed(self) -> Sequence[str]:
        fewer = [share for share in self._unusual if share.count < share.usual]
        more = [share for share in self._unusual if share.count > share.usual]
        if fewer:
            by = more or [share for share in self.shares if share.count >= max(share.usual, 1.0)][:1]
            seen = wording.join_words([f"{name_of(share.source)} ({share.count:,})" for share in by])
            return [f"Seen by {seen}, {_hardly(fewer)}."] if by else [f"Seen {_hardly(fewer)}."]
        if more:
            seen = wording.join_words([_with_usual(share) for share in more])
            return [f"Seen more than usual by {seen}."]
        agreeing = self._agreeing()
        if not agreeing:
            return []
        names = wording.join_words([name_of(share.source) for share in agreeing])
        counts = wording.join_words([f"{share.count:,}" for share in agreeing])
        usual = wording.join_words([wording.quantity(share.usual) for share in agreeing])
        said = f"{names} agree ({counts} reports; {usual} would be usual)."
        return [said[:1].upper() + said[1:]]

    @property
    def _unusual(self) -> tuple[Share, ...]:
        """The sources that differ from what is usual by more than chance, and by enough to matter."""
        if self.reports < LEAST_REPORTS:
            return ()
        level = LEVEL / (2 * len(self.shares))
        return tuple(
            share
            for share in self.shares
            if (share.p_fewer < level and share.usual >= LEAST_USUAL and share.count <= HARDLY * share.usual)
            or (share.p_more < level and share.count >= MORE * share.usual)
        )

    def _agreeing(self) -> tuple[Share, ...]:
        """Two sources or more with their usual part each; nothing where one may not have its own."""
        if self.reports < LEAST_REPORTS:
            return ()
        heard = [share for share in self.shares if share.usual >= LEAST_TO_AGREE]
        if len(heard) < 2 or not all(_is_usual(share) for share in heard):
            return ()
        return tuple(sorted(heard, key=lambda share: -share.count)[:MOST_NAMED])


def _is_usual(share: Share) -> bool:
    """Say whether a source brings its part: about as much, and so that chance explains what is missing."""
    is_near = share.usual / MORE <= share.count <= share.usual * MORE
    return is_near and share.count >= LEAST_TO_AGREE and min(share.p_more, share.p_fewer) >= LEVEL / 2


def _hardly(shares: Sequence[Share]) -> str:
    said = [
        f"hardly by {_with_usual(share)}"
        if share.count
        else f"not by {name_of(share.source)} ({wording.quantity(share.usual)} would be usual)"
        for share in shares
    ]
    return wording.join_words(said)


def _with_usual(share: Share) -> str:
    return f"{name_of(share.source)} ({share.count:,}; {wording.quantity(share.usual)} would be usual)"


@dataclass(frozen=True)
class Mix:
    """The sources of a whole run, against which each place is held.

    Attributes
    ----------
    sources : tuple of str
    told : bool array, shape (n, sources)
        Which source told of which incident.
    stratum : int array, shape (n,)
        The ward and family of categories of each incident, as a number.
    """

    sources: tuple[str, ...]
    told: BoolArray
    stratum: IntArray

    @cached_property
    def _log_factorial(self) -> FloatArray:
        """Logarithms of 0! to n!, for the largest ward and family there may be."""
        return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1.0, len(self.stratum) + 1)))])

    @classmethod
    def of(cls, incidents: pd.DataFrame) -> "Mix":
        """Read the sources of a run's incidents.

        Parameters
        ----------
        incidents : DataFrame, n rows
            Of the run's period and categories, in a ward, with `source`, `category` and
            `ward_gss_code`; where there is `told_by`, it names every source of an incident, separated
            by `; `. Not changed.
        """
        told_by = incidents["told_by"] if "told_by" in incidents else incidents["source"]
        codes, texts = pd.factorize(told_by, sort=True)
        named = [set(wording.split_texts(str(text), SEPARATOR)) for text in texts]
        sources = tuple(sorted(set().union(*named)))
        has = np.array([[source in names for source in sources] for names in named], dtype=bool)
        family = incidents["category"].map(
            {name: categories.family(name) for name in incidents["category"].unique()}
        )
        strata = incidents["ward_gss_code"].astype(str) + "|" + family.astype(str)
        told = has.reshape(len(named), len(sources))[codes]
        return cls(sources, told, pd.factorize(strata)[0].astype(np.int64))

    def at(self, rows: npt.ArrayLike) -> Seen:
        """Say who sees a place.

        Parameters
        ----------
        rows : array-like of int, shape (k,)
            Positions of the place's incidents among those given to `of`.

        Notes
        -----
        Exact and conditional: given how many incidents a ward and family holds, how many of them a
        source told of, and how many lie here, the number here that it told of is hypergeometric;
        over wards and families these are added up (the exact form of the Cochran-Mantel-Haenszel
        test). The place is part of its ward, so a place that holds most of a ward finds nothing.
        It does not say why a source is silent: nobody patrols there, nobody dares, or nobody is asked.

        References
        ----------
        Mantel, N. & Haenszel, W. (1959). Statistical aspects of the analysis of data from
        retrospective studies of disease. Journal of the National Cancer Institute, 22, 719-748.
        """
        inside = np.asarray(rows, dtype=np.int64)
        size = int(self.stratum.max()) + 1 if len(self.stratum) else 0
        here = np.bincount(self.stratum[inside], minlength=size)
        met = np.flatnonzero(here)
        held = np.bincount(self.stratum, minlength=size)[met]
        shares = []
        for number, source in enumerate(self.sources):
            by_source = np.bincount(self.stratum[self.told[:, number]], minlength=size)[met]
            count = int(self.told[inside, number].sum())
            chances = _chances(held, by_source, here[met], self._log_factorial)
            usual = float((here[met] * by_source / held).sum())
            shares.append(
                Share(source, count, usual, float(chances[count:].sum()), float(chances[: count + 1].sum()))
            )
        shares.sort(key=lambda share: (-share.count, share.source))
        several = int((self.told[inside].sum(axis=1) > 1).sum())
        return Seen(len(inside), tuple(shares), several)


def _chances(held: IntArray, by_source: IntArray, here: IntArray, log_factorial: FloatArray) -> FloatArray:
    """Return the chance of each number of a source's incidents here, the strata added up."""
    chances = np.ones(1)
    for total, told, drawn in zip(held.tolist(), by_source.tolist(), here.tolist(), strict=True):
        chances = np.convolve(chances, _hypergeometric(total, told, drawn, log_factorial))
    return chances


def _hypergeometric(total: int, told: int, drawn: int, log_factorial: FloatArray) -> FloatArray:
    """Return the chance of 0 to `drawn` marked ones among `drawn` of `total`, of which `told` are marked."""
    chances = np.zeros(drawn + 1)
    some = np.arange(max(0, drawn + told - total), min(drawn, told) + 1)
    chances[some] = np.exp(
        _log_choose(told, some, log_factorial)
        + _log_choose(total - told, drawn - some, log_factorial)
        - _log_choose(total, np.array([drawn]), log_factorial)
    )
    return chances


def _log_choose(of: int, chosen: IntArray, log_factorial: FloatArray) -> FloatArray:
    return np.asarray(log_factorial[of] - log_factorial[chosen] - log_factorial[of - chosen])
