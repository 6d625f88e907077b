"""Labelled noisy queries from the real entries of the Tees Valley, the same for the same seed everywhere.

    python -m benchmarks.geocoding.noise --seed 1 --n 4000 > queries.csv

This module was committed before the ranking code that it judges, and shares nothing with it. Each query says
how it was spoilt (`noise_class`), what should come of it (`expected_status`: matched, ambiguous, unmatched)
and, where it is answerable, which entry is right and where the person really was. How the label is decided,
and which queries are not asked because no label would be fair, is in `labels.py`; where the truth lies is in
`truth.py`. Two streets with names one edit apart are asked for only while the noisy text stays nearer to the
true name than to the other, or where the region given rules the other out; else the query is drawn again.

"Rear of", "opp" and house numbers leave the truth on the street named, as nothing open places them better.

Seeds 1-9 are for developing the geocoder, 100-109 for the final figures and for nothing else.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from random import Random
from typing import Final

import pandas as pd

from benchmarks.geocoding import noise_places, noise_streets
from benchmarks.geocoding.drawing import Drawing, Query
from benchmarks.geocoding.reference import Reference, load_reference
from benchmarks.geocoding.where import data_folder

DEVELOPING_SEEDS: Final = range(1, 10)
FINAL_SEEDS: Final = range(100, 110)
# A class whose rules are met by less than one draw in so many is a mistake in the rules.
MOST_DRAWS: Final = 400


@dataclass(frozen=True)
class NoiseClass:
    """One way to spoil a query, and its share of all."""

    make: Callable[[Drawing], Query | None]
    share: float


CLASSES: Final = {
    "exact": NoiseClass(noise_streets.exact, 0.05),
    "typo_neighbour": NoiseClass(noise_streets.typo_neighbour, 0.04),
    "typo_drop": NoiseClass(noise_streets.typo_drop, 0.04),
    "typo_double": NoiseClass(noise_streets.typo_double, 0.03),
    "typo_swap": NoiseClass(noise_streets.typo_swap, 0.03),
    "typo_two": NoiseClass(noise_streets.typo_two, 0.04),
    "phonetic": NoiseClass(noise_streets.phonetic, 0.05),
    "abbreviation": NoiseClass(noise_streets.abbreviation, 0.06),
    "type_dropped": NoiseClass(noise_streets.type_dropped, 0.05),
    "the_dropped": NoiseClass(noise_streets.the_dropped, 0.01),
    "house_number": NoiseClass(noise_streets.house_number, 0.05),
    "relation_words": NoiseClass(noise_streets.relation_words, 0.05),
    "trailing_town": NoiseClass(noise_streets.trailing_town, 0.04),
    "trailing_postcode": NoiseClass(noise_streets.trailing_postcode, 0.05),
    "wrong_town": NoiseClass(noise_streets.wrong_town, 0.03),
    "case_punctuation": NoiseClass(noise_streets.case_punctuation, 0.03),
    "as_logged": NoiseClass(noise_streets.as_logged, 0.08),
    "same_name_bare": NoiseClass(noise_streets.same_name_bare, 0.06),
    "same_name_region": NoiseClass(noise_streets.same_name_region, 0.06),
    "junction": NoiseClass(noise_places.junction, 0.04),
    "postcode_exact": NoiseClass(noise_places.postcode_exact, 0.02),
    "postcode_spacing": NoiseClass(noise_places.postcode_spacing, 0.02),
    "postcode_letters": NoiseClass(noise_places.postcode_letters, 0.025),
    "postcode_retired": NoiseClass(noise_places.postcode_retired, 0.01),
    "sector": NoiseClass(noise_places.sector, 0.015),
    "district": NoiseClass(noise_places.district, 0.01),
    "grid_reference": NoiseClass(noise_places.grid_reference, 0.015),
    "easting_northing": NoiseClass(noise_places.easting_northing, 0.01),
    "lat_lon": NoiseClass(noise_places.lat_lon, 0.01),
    "street_held_out": NoiseClass(noise_streets.street_held_out, 0.03),
    "street_invented": NoiseClass(noise_streets.street_invented, 0.02),
    "no_place": NoiseClass(noise_places.no_place, 0.015),
}


def make_queries(reference: Reference, *, seed: int, n: int = 4000) -> pd.DataFrame:
    """Make labelled noisy queries.

    Parameters
    ----------
    seed : int
        1-9 for developing, 100-109 for final figures.
    n : int
        How many, at least 100; each class gets its share, rounded.

    Returns
    -------
    DataFrame, one row per query, indexed by `query_id`
        What a geocoder is given: `query`, `postcode`, `ward_gss_code`, `borough` ("" where not given). The
        label: `noise_class`, `expected_status`, `is_answerable`, `is_ambiguous`, `kind` (street, junction,
        postcode, sector, district, coordinates or ""), `name` (of the right entry), `right_borough`, `place`
        (of a street, see `Reference.points_of`), `right_easting_m`, `right_northing_m` (of what is no
        street; NaN else), `tolerance_m`, `true_easting_m`, `true_northing_m`, `is_truth_held_out`.
    """
    drawing = Drawing.begin(reference, seed)
    rows = [
        {"noise_class": name, **asdict(query)}
        for name, noise_class in CLASSES.items()
        for query in _draw(
            drawing.for_class(name, seed), noise_class.make, max(1, round(noise_class.share * n))
        )
    ]
    Random(f"order {seed}").shuffle(rows)
    frame = pd.DataFrame(rows)
    frame["is_answerable"] = frame["expected_status"] == "matched"
    frame["is_ambiguous"] = frame["expected_status"] == "ambiguous"
    frame.index = pd.Index([f"{seed}-{number:05d}" for number in range(len(frame))], name="query_id")
    return frame


def _draw(drawing: Drawing, make: Callable[[Drawing], Query | None], wanted: int) -> list[Query]:
    """Draw until there are enough; what `make` cannot label fairly is drawn again."""
    found: dict[tuple[str, str, str, str], Query] = {}
    for _ in range(wanted * MOST_DRAWS):
        query = make(drawing)
        if query is not None:
            found.setdefault((query.query, query.postcode, query.ward_gss_code, query.borough), query)
        if len(found) == wanted:
            return list(found.values())
    raise RuntimeError(
        f"{make.__name__} gave {len(found)} of {wanted} queries; loosen its rules or ask fewer."
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the labelled noisy queries of one seed as CSV.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n", type=int, default=4000)
    named = parser.parse_args()
    folder = data_folder()
    if folder is None:
        print("Skipped: set WARD_HOTSPOTS_TEST_DATA to the folder of open data.", file=sys.stderr)
        return 0
    make_queries(load_reference(folder), seed=named.seed, n=named.n).to_csv(sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
