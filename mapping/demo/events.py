"""What happened: background incidents and those of the planted places, on one list."""

from typing import Final

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from mapping.demo import mixes, rhythm
from mapping.demo.intensity import Background
from mapping.demo.lines import FloatArray
from mapping.demo.town import Town
from mapping.demo.truth import Planted

REPORTS_WANTED: Final = 30_000
PAIRS_WANTED: Final = 420  # events that two agencies tell of
_SERIES_DAYS: Final = 21.0
_SERIES_STEP_M: Final = 130.0


def happen(
    town: Town, background: Background, planted: list[Planted], rng: np.random.Generator
) -> pd.DataFrame:
    """Draw every event of the 24 months.

    Returns
    -------
    DataFrame
        One row per event, in order of time: `at` (local clock, to the minute), `category`, `source`
        (who tells of it first), `easting_m`, `northing_m`, `spot` (number in `town.spots`),
        `place_id` (planted place, or empty) and `landmark` (what the place is called, or empty).
    """
    parts = [_of_place(town, place, rng) for place in planted]
    wanted = REPORTS_WANTED - PAIRS_WANTED - sum(len(part) for part in parts)
    parts.append(_background(town, background, int(rng.poisson(wanted)), rng))
    events = pd.concat(parts, ignore_index=True)
    return events.sort_values(["at", "easting_m", "northing_m", "category"], ignore_index=True)


def _background(town: Town, background: Background, count: int, rng: np.random.Generator) -> pd.DataFrame:
    mix = mixes.background_mix()
    parts = []
    for category, number in zip(mix, rng.multinomial(count, list(mix.values())), strict=True):
        edges = np.cumsum(background.by_category[category])
        spot = np.searchsorted(edges, rng.random(number) * edges[-1], side="right")
        told = mixes.BACKGROUND[category][1]
        hours = rhythm.hour_weights(rhythm.PATTERNS[category])
        parts.append(
            pd.DataFrame(
                {
                    "at": rhythm.draw(hours, int(number), rng),
                    "category": category,
                    "source": rng.choice(list(told), number, p=list(told.values())),
                    "spot": spot,
                }
            )
        )
    events = pd.concat(parts, ignore_index=True)
    points = town.spots[["easting_m", "northing_m"]].to_numpy()[events["spot"]]
    return events.assign(easting_m=points[:, 0], northing_m=points[:, 1], place_id="", landmark="")


def _of_place(town: Town, place: Planted, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the events of one planted place: so many in each month, on its spots, at its hours."""
    counts = rng.poisson(place.monthly)
    total = int(counts.sum())
    kinds = list(place.theme.told)
    chances = np.array(list(place.theme.told.values()))
    kind = rng.choice(len(kinds), total, p=chances / chances.sum())
    if place.kind == "near repeat":
        points, at = _series(place, total, rng)
    else:
        points = place.spots[rng.choice(len(place.spots), total, p=place.weights)]
        hours = rhythm.hour_weights(place.theme.pattern)
        at = rhythm.draw(hours, total, rng, month_weights=counts)
    spot = cKDTree(town.spots[["easting_m", "northing_m"]].to_numpy()).query(points)[1]
    return pd.DataFrame(
        {
            "at": at,
            "category": [kinds[k][0] for k in kind],
            "source": [kinds[k][1] for k in kind],
            "spot": spot,
            "easting_m": points[:, 0],
            "northing_m": points[:, 1],
            "place_id": place.place_id,
            "landmark": place.landmark,
        }
    )


def _series(place: Planted, count: int, rng: np.random.Generator) -> tuple[FloatArray, np.ndarray]:
    """Draw a chain: each burglary within a short walk of an earlier one, all within three weeks."""
    chosen = [int(rng.integers(len(place.spots)))]
    while len(chosen) < count:
        last = place.spots[chosen[int(rng.integers(len(chosen)))]]
        near = np.flatnonzero(np.hypot(*(place.spots - last).T) <= _SERIES_STEP_M)
        chosen.append(int(rng.choice(near)))
    month = int(np.flatnonzero(place.monthly)[0])
    first = np.datetime64(rhythm.MONTHS[month] + "-04", "m")
    day = np.sort(rng.integers(0, int(_SERIES_DAYS), count))
    minute = rng.integers(9 * 60, 17 * 60, count)
    at = first + day.astype("timedelta64[D]").astype("timedelta64[m]") + minute.astype("timedelta64[m]")
    return place.spots[chosen[:count]], at
