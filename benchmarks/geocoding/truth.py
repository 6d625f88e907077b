"""Where the person really was: truth points that scatter as addresses do, made without any geocoder.

- Street: an address on it. The addresses are proxied by the anchor points of the street and by the postcodes
  whose nearest named anchor of all is one of them (within 150 m); one is drawn with equal chance, from the
  held-out ones where there are any. A postcode drawn is scattered over its reach; an anchor is left as it is.
- Postcode: Code-Point Open gives the address nearest to the middle of its addresses, so the truth is drawn
  uniformly from the disc around it whose radius is half the mean distance to the three nearest other postcode
  points (5 to 250 m). Neighbours at that distance meet half way.
- Sector, district: a random postcode of it, scattered the same way.
- Junction: half way between the two nearest anchor points, with a normal scatter of 10 m plus half their gap
  on each axis, as anchors stand in mid-street and nothing open says where the corner is.
- Coordinates: the notation cuts off or rounds the point, which is drawn first.
"""

import math
from dataclasses import dataclass
from random import Random

import pandas as pd

from benchmarks.geocoding.reference import Reference


@dataclass(frozen=True)
class Truth:
    """A point, EPSG:27700, and whether the calibration part of the gazetteer was kept from it."""

    easting_m: float
    northing_m: float
    is_held_out: bool


def on_street(random: Random, reference: Reference, place: str) -> Truth:
    """Draw an address of a street."""
    members = reference.members[place]
    held = members[members["is_held_out"]]
    drawn = (held if len(held) else members).iloc[random.randrange(len(held) or len(members))]
    reach_m = 0.0 if pd.isna(drawn["reach_m"]) else float(drawn["reach_m"])
    return _scatter(random, drawn, reach_m, bool(drawn["is_held_out"]))


def of_postcode(random: Random, row: pd.Series) -> Truth:
    """Draw an address of one postcode; no gazetteer knows its scatter, so it counts as held out."""
    return _scatter(random, row, float(row["reach_m"]), True)


def in_region(random: Random, reference: Reference, column: str, value: str) -> Truth:
    """Draw an address of a sector or a district (`column`), from its held-out postcodes where it has any."""
    inside = reference.postcodes[reference.postcodes[column] == value]
    held = inside[inside["is_held_out"]]
    drawn = (held if len(held) else inside).iloc[random.randrange(len(held) or len(inside))]
    return _scatter(random, drawn, float(drawn["reach_m"]), bool(len(held)))


def at_junction(random: Random, easting_m: float, northing_m: float, gap_m: float) -> Truth:
    """Draw the corner of two streets whose nearest anchors lie `gap_m` apart."""
    sigma_m = 10.0 + gap_m / 2
    return Truth(easting_m + random.gauss(0, sigma_m), northing_m + random.gauss(0, sigma_m), True)


def _scatter(random: Random, row: pd.Series, reach_m: float, is_held_out: bool) -> Truth:
    # The square root makes every part of the disc as likely as its area.
    distance, angle = reach_m * math.sqrt(random.random()), random.uniform(0, 2 * math.pi)
    east, north = distance * math.sin(angle), distance * math.cos(angle)
    return Truth(float(row["easting_m"]) + east, float(row["northing_m"]) + north, is_held_out)
