"""What every class of noise draws from: the random numbers, the places, the labels."""

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random

import pandas as pd

from benchmarks.geocoding.labels import Labeller
from benchmarks.geocoding.misspell import fold
from benchmarks.geocoding.reference import Points, Reference
from benchmarks.geocoding.truth import Truth

RIGHT_WITHIN_M = 75.0


@dataclass(frozen=True)
class Query:
    """One query as a geocoder gets it, with its label; the columns are those of `noise.make_queries`."""

    query: str
    postcode: str = ""
    ward_gss_code: str = ""
    borough: str = ""
    expected_status: str = "unmatched"
    kind: str = ""
    name: str = ""
    right_borough: str = ""
    place: str = ""
    right_easting_m: float = math.nan
    right_northing_m: float = math.nan
    tolerance_m: float = RIGHT_WITHIN_M
    true_easting_m: float = math.nan
    true_northing_m: float = math.nan
    is_truth_held_out: bool = False

    def at(self, truth: Truth) -> "Query":
        """Give the query with its truth point."""
        return replace(
            self,
            true_easting_m=round(truth.easting_m, 1),
            true_northing_m=round(truth.northing_m, 1),
            is_truth_held_out=truth.is_held_out,
        )


@dataclass(frozen=True)
class Street:
    """One place of the reference, by its first anchor."""

    place: str
    name: str
    borough: str
    ward_gss_code: str
    ward_name: str
    district: str
    sector: str
    is_held_out: bool


@dataclass(frozen=True)
class Drawing:
    """One class's stream of random numbers over the shared reference."""

    random: Random
    reference: Reference
    labeller: Labeller
    streets: list[Street] = field(repr=False)
    shared_names: list[Street] = field(repr=False)
    held_out: list[Street] = field(repr=False)

    @classmethod
    def begin(cls, reference: Reference, seed: int) -> "Drawing":
        """Sort the places once; `for_class` gives each class numbers of its own."""
        rows = reference.anchors[reference.anchors["place"] != ""].drop_duplicates("place")
        all_streets = [
            Street(
                *(str(row[column]) for column in ("place", "name", "borough", "ward_gss_code", "ward_name")),
                *(str(row[column]) for column in ("district", "sector")),
                is_held_out=bool(row["is_held_out_street"]),
            )
            for row in rows.to_dict("records")
        ]
        streets = [street for street in all_streets if not street.is_held_out]
        counts = pd.Series([fold(street.name) for street in streets]).value_counts()
        shared = [street for street in streets if counts[fold(street.name)] > 1]
        held_out = [street for street in all_streets if street.is_held_out]
        return cls(Random(f"begin {seed}"), reference, Labeller(reference), streets, shared, held_out)

    def for_class(self, name: str, seed: int) -> "Drawing":
        """Give the same drawing with numbers that no other class uses up, so classes can be added later."""
        return replace(self, random=Random(f"{name} {seed}"))

    @cached_property
    def postcodes(self) -> pd.DataFrame:
        """Postcodes that every part of the gazetteer holds, inside the four boroughs."""
        rows = self.reference.postcodes
        return rows[(rows["borough"] != "") & ~rows["is_held_out"]].reset_index(drop=True)

    def points_of(self, street: Street) -> Points:
        """Anchors and address postcodes of a street."""
        return self.reference.points_of(street.place)
