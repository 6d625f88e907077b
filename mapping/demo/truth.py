"""What is planted, where and when: the answers that a run can be held against.

Strengths come from the patrol-grade range in the domain's rules (36 to 150 incidents in 12 months
within 150 m, centres at least 500 m apart), drawn before anything is known of how they would be
found. A place is only planted where the year's strength is at least `STAND_OUT` times what the
background expects within 75 m.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from mapping.demo import mixes, words
from mapping.demo.intensity import Background, within
from mapping.demo.lines import FloatArray
from mapping.demo.mixes import Theme
from mapping.demo.rhythm import MONTHS
from mapping.demo.town import Town

STAND_OUT: Final = 2.5
APART_M: Final = 520.0
STACK_GAP_M: Final = 320.0
CHRONIC, EMERGING, FADING = 6, 4, 3
SERIES_MONTH: Final = 20
CALLER_FROM: Final = 15
_PER_WARD: Final = 2
_TRIES: Final = 400
_SLACK_M: Final = 22.0  # what a rounded or jittered fix may add to a spot's distance

FOUND, MAY_BE, GONE, CAUTIONED = "found", "may be found", "not found once over", "cautioned"


@dataclass(frozen=True)
class Planted:
    """One planted place, EPSG:27700.

    Attributes
    ----------
    kind : str
        chronic, ward edge, emerging, fading, near repeat, police station, hospital or prolific caller.
    expected : str
        What a run should do with it: "found", "may be found", "not found once over" or "cautioned".
    monthly : array of float, shape (24,)
        Events expected a month.
    spots, weights : arrays, shape (n, 2) and (n,)
        Where its events fall, and how many of them on each.
    wards : tuple of str
        Codes of the wards that hold its events, the one with most of them first.
    landmark : str
        The named place it stands on, or empty.
    """

    place_id: str
    kind: str
    name: str
    expected: str
    theme: Theme
    spots: FloatArray
    weights: FloatArray
    monthly: FloatArray
    wards: tuple[str, ...]
    landmark: str = ""

    @property
    def centre(self) -> FloatArray:
        """Weighted middle of its spots, shape (2,)."""
        return np.asarray(self.weights @ self.spots / self.weights.sum())

    @property
    def radius_m(self) -> float:
        """Distance that no event of it exceeds."""
        return float(np.hypot(*(self.spots - self.centre).T).max() + _SLACK_M)

    def as_dict(self, monthly_counts: Sequence[int]) -> dict[str, Any]:
        """Return what truth.json keeps, with the events that were drawn in each month."""
        active = np.flatnonzero(np.asarray(self.monthly) > 0)
        categories: dict[str, float] = {}
        for (category, _), share in self.theme.told.items():
            categories[category] = round(categories.get(category, 0.0) + share, 3)
        return {
            "place_id": self.place_id,
            "kind": self.kind,
            "name": self.name,
            "theme": self.theme.name,
            "expected": self.expected,
            "easting_m": round(float(self.centre[0]), 1),
            "northing_m": round(float(self.centre[1]), 1),
            "radius_m": round(self.radius_m, 1),
            "from_month": MONTHS[active[0]],
            "to_month": MONTHS[active[-1]],
            "events_per_month": [round(float(value), 2) for value in self.monthly],
            "monthly_counts": [int(count) for count in monthly_counts],
            "peak_hours": self.theme.peak,
            "categories": categories,
            "ward_gss_codes": list(self.wards),
        }


def plant(town: Town, background: Background, per_year: float, rng: np.random.Generator) -> list[Planted]:
    """Choose every planted place of one borough.

    Parameters
    ----------
    town : Town
    background : Background
    per_year : float
        Background incidents expected in 12 months, borough-wide.
    rng : numpy Generator

    Returns
    -------
    list of Planted
        Stacks first, then hotspots, the burglary series and the prolific caller; no two centres of
        hotspots are closer than `APART_M`.
    """
    ground = _Ground(town, background, per_year, rng)
    for kind, name in (("police station", words.POLICE_STATION), ("hospital", words.HOSPITAL)):
        ground.add_stack(kind, name)
    ground.add(_edge_candidates(town), "ward edge", rng.uniform(62, 105) / 12 * np.ones(24), FOUND)
    themes = _theme_order(rng)
    for strength in rng.permutation(_spread(50, 135, CHRONIC, rng)):
        ground.add_themed(themes.pop(), "chronic", strength / 12 * np.ones(24), FOUND)
    for strength in rng.permutation(_spread(38, 75, EMERGING, rng)):
        ground.add_themed(themes.pop(), "emerging", _emerging(strength, int(rng.integers(4, 7))), FOUND)
    for strength in rng.permutation(_spread(6, 11, FADING, rng)):
        ground.add_themed(themes.pop(), "fading", _fading(strength, int(rng.integers(9, 14))), GONE)
    ground.add_series()
    ground.add_caller()
    return ground.planted


def _spread(low: float, high: float, count: int, rng: np.random.Generator) -> FloatArray:
    """Draw `count` sizes, one from each equal part of the log scale, so that they differ."""
    share = (np.arange(count) + rng.random(count)) / count
    return np.asarray(low * (high / low) ** share)


def _emerging(total: float, months: int) -> FloatArray:
    """Nothing, then half strength for a month, then all of it to the end: `total` so far."""
    monthly = np.zeros(24)
    monthly[-months:] = total / (months - 0.5)
    monthly[-months] /= 2
    return monthly


def _fading(per_month: float, months: int) -> FloatArray:
    """All of it for so many months, then a half, a fifth, and nothing."""
    monthly = np.zeros(24)
    monthly[:months] = per_month
    monthly[months : months + 2] = per_month * np.array([0.5, 0.2])
    return monthly


def _theme_order(rng: np.random.Generator) -> list[Theme]:
    wanted = CHRONIC + EMERGING + FADING
    rounds = wanted // len(mixes.THEMES) + 1
    themes = [mixes.THEMES[n] for _ in range(rounds) for n in rng.permutation(len(mixes.THEMES))]
    return themes[:wanted]


def _edge_candidates(town: Town) -> npt.NDArray[np.int64]:
    """Return spots in town whose surroundings lie in two wards, neither holding less than a third."""
    points = town.spots[["easting_m", "northing_m"]].to_numpy()
    ward, zone = town.spots["ward"].to_numpy(), town.spots["zone"].to_numpy()
    tried = np.flatnonzero((town.spots["junction"] >= 0) & np.isin(zone, ["inner", "suburb"]) & (ward >= 0))
    found = []
    for spot, near in zip(tried, cKDTree(points).query_ball_point(points[tried], 70), strict=True):
        counts = np.bincount(ward[near] + 1)  # what lies outside the borough comes first
        held = counts[counts > 0]
        if len(held) == 2 and counts[0] == 0 and held.min() / held.sum() > 0.34:
            found.append(spot)
    return np.array(found, dtype=np.int64)


class _Ground:
    """The town with what is planted so far; each `add` finds a free place or the best there is."""

    def __init__(self, town: Town, background: Background, per_year: float, rng: np.random.Generator) -> None:
        self.town, self.rng, self.planted = town, rng, list[Planted]()
        self.points = town.spots[["easting_m", "northing_m"]].to_numpy()
        self.expected = within(self.points, background.share * per_year, self.points, 75.0)
        self.edge_m = shapely.distance(town.land.borough.exterior, shapely.points(self.points))

    def add_themed(self, theme: Theme, kind: str, monthly: FloatArray, expected: str) -> None:
        """Plant a theme on one of the kinds of place it stands on."""
        self.add(self._candidates(theme), kind, monthly, expected, theme=theme)

    def add(
        self,
        candidates: npt.NDArray[np.int64],
        kind: str,
        monthly: FloatArray,
        expected: str,
        *,
        theme: Theme | None = None,
    ) -> None:
        """Plant on one of `candidates` (numbers of spots)."""
        theme = theme or mixes.THEMES[0]
        yearly = float(np.sort(monthly)[-4:].mean() * 12)
        free = candidates[self._is_free(candidates)]
        if len(free) == 0:  # every anchor is taken: any street in town will do
            streets = np.flatnonzero(self.town.spots["zone"].isin(["inner", "suburb"]))
            free = streets[self._is_free(streets)]
        clear = free[self.expected[free] * STAND_OUT <= yearly]
        spot = int(self.rng.choice(clear)) if len(clear) else int(free[self.expected[free].argmin()])
        spots, weights = self._spots_about(spot)
        self._append(kind, theme, expected, spots, weights, monthly, spot)

    def add_stack(self, kind: str, name: str) -> None:
        """Plant a place where reports are recorded: one point, everything filed under it."""
        mark = next(mark for mark in self.town.landmarks if mark.name == name)
        spots = np.array([[mark.easting_m, mark.northing_m]])
        monthly = np.full(24, self.rng.uniform(5, 7.5))
        theme = mixes.POLICE_STACK if kind == "police station" else mixes.HOSPITAL_STACK
        self._append(kind, theme, CAUTIONED, spots, np.ones(1), monthly, self._nearest(spots[0]), name)

    def add_series(self) -> None:
        """Plant a burglary series: the same few streets, again and again for three weeks."""
        suburb = np.flatnonzero(self.town.spots["zone"] == "suburb")
        spot = int(self.rng.choice(suburb[self._is_free(suburb)]))
        near = np.flatnonzero(np.hypot(*(self.points - self.points[spot]).T) < 125)
        near = near[self.town.spots["house"].to_numpy()[near] > 0]
        monthly = np.zeros(24)
        monthly[SERIES_MONTH] = float(self.rng.integers(14, 19))
        weights = np.ones(len(near))
        self._append("near repeat", mixes.SERIES, MAY_BE, self.points[near], weights, monthly, spot)

    def add_caller(self) -> None:
        """Plant one address about which one person keeps reporting."""
        streets = np.flatnonzero((self.town.spots["zone"] == "suburb") & (self.town.spots["house"] > 0))
        spot = int(self.rng.choice(streets[self._is_free(streets)]))
        monthly = np.zeros(24)
        monthly[CALLER_FROM:] = self.rng.uniform(4.0, 6.0)
        spots = self.points[[spot]]
        self._append("prolific caller", mixes.CALLER, MAY_BE, spots, np.ones(1), monthly, spot)

    def _append(
        self,
        kind: str,
        theme: Theme,
        expected: str,
        spots: FloatArray,
        weights: FloatArray,
        monthly: FloatArray,
        spot: int,
        landmark: str = "",
    ) -> None:
        near = int(self.town.spots["near"].iloc[spot])
        road, park = self.town.spots["road"].iloc[spot], self.town.spots["park"].iloc[spot]
        street = self.town.roads[road].name if road >= 0 else self.town.parks[park].name
        mark = landmark or (self.town.landmarks[near].name if near >= 0 and len(spots) > 1 else "")
        if kind == "near repeat":
            mark = ""
        self.planted.append(
            Planted(
                place_id=f"P{len(self.planted) + 1:02d}",
                kind=kind,
                name=mark or street,
                expected=expected,
                theme=theme,
                spots=spots,
                weights=weights / weights.sum(),
                monthly=np.asarray(monthly),
                wards=self._wards(spots, weights),
                landmark=mark,
            )
        )

    def _wards(self, spots: FloatArray, weights: FloatArray) -> tuple[str, ...]:
        """Return the codes of the wards that hold its events, the one with most of them first."""
        number = self.town.wards.index_of(spots)
        held = np.bincount(number, weights, minlength=len(self.town.wards.codes))
        return tuple(str(self.town.wards.codes[n]) for n in np.argsort(-held, kind="stable") if held[n] > 0)

    def _candidates(self, theme: Theme) -> npt.NDArray[np.int64]:
        """Return the spots a theme may stand on."""
        spots = self.town.spots
        found: list[int] = []
        if "estate" in theme.anchors:
            inner = spots["zone"].isin(["inner", "suburb"]) & (spots["house"] > 0)
            found += list(self.rng.choice(np.flatnonzero(inner), _TRIES, replace=False))
        if "park" in theme.anchors:
            found += list(np.flatnonzero(spots["zone"] == "park"))
        marks = [mark for mark in self.town.landmarks if mark.kind in theme.anchors]
        found += [self._nearest(np.array([mark.easting_m, mark.northing_m])) for mark in marks]
        return np.array(found, dtype=np.int64)

    def _is_free(self, candidates: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Say which spots keep their distance from all that is planted, and from the borough's edge."""
        free = (self.edge_m[candidates] > 190) & (self.town.spots["ward"].to_numpy()[candidates] >= 0)
        for other in self.planted:
            apart = STACK_GAP_M if other.expected == CAUTIONED else APART_M
            free &= np.hypot(*(self.points[candidates] - other.centre).T) > apart + 60
        planted = [other.wards[0] for other in self.planted if other.expected == FOUND]
        full = [n for n, code in enumerate(self.town.wards.codes) if planted.count(str(code)) >= _PER_WARD]
        return np.asarray(free & ~np.isin(self.town.spots["ward"].to_numpy()[candidates], full))

    def _spots_about(self, spot: int) -> tuple[FloatArray, FloatArray]:
        """Return the spots of a planted place and their weights: a focus, and less with distance."""
        reach = self.rng.uniform(55, 105)
        away = np.hypot(*(self.points - self.points[spot]).T)
        inside = (away <= reach) & (self.town.spots["ward"] >= 0).to_numpy()
        spots = self.points[inside]
        if len(spots) < 8:  # open ground: benches and paths that no street names
            more = self.points[spot] + self.rng.normal(0, reach / 2.2, (24, 2))
            kept = np.hypot(*(more - self.points[spot]).T) <= reach
            spots = np.vstack([spots, np.round(more[kept])[: 10 - len(spots)]])
        distance = np.hypot(*(spots - self.points[spot]).T)
        weights = np.exp(-((distance / (0.7 * reach)) ** 2)) * self.rng.gamma(2.0, 0.5, len(spots))
        weights /= weights.sum()
        focus = self.rng.uniform(0.15, 0.35)
        return spots, np.where(distance < 1, focus, 0) + (1 - focus) * weights

    def _nearest(self, point: FloatArray) -> int:
        return int(np.hypot(*(self.points - point).T).argmin())
