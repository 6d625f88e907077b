"""Queries for junctions, postcodes and coordinates, and for no place at all; one function per class."""

import math
from functools import cache
from typing import Final

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from benchmarks.geocoding.drawing import RIGHT_WITHIN_M, Drawing, Query
from benchmarks.geocoding.labels import NOWHERE
from benchmarks.geocoding.misspell import fold, readings, shorten
from benchmarks.geocoding.reference import Reference
from benchmarks.geocoding.truth import Truth, at_junction, in_region, of_postcode
from mapping.crs import to_bng, to_wgs84

MEET_WITHIN_M: Final = 100.0
CORNERS: Final = (
    "{x}/{y}", "{x} / {y}", "{x} j/w {y}", "j/w {x} and {y}", "jct {x} & {y}", "junction of {x} and {y}",
    "cnr of {x} and {y}", "corner of {x} & {y}", "{x} at {y}", "{x} junction with {y}", "cnr {x}/{y}",
    "jct of {x}/{y}",
)  # fmt: skip
# What logs say where the place is not known or is no place. "{n}" is a number.
NO_PLACE: Final = (
    "unknown", "unknown location", "not known", "n/a", "no fixed abode", "NFA", "various",
    "various locations", "tbc", "borough wide", "all wards", "refused to say", "see notes", "as above",
    "his mum's house", "her nan's", "on a bus", "home address", "the usual place", "by the bins", "outside",
    "the lads' flat", "over the phone", "online", "facebook", "somewhere in town", "moving vehicle",
    "no {n}", "flat {n}", "bed {n}", "asdf ghjk", "xxxxx", "????", "caller rang off", "at his girlfriends",
    "not stated", "victim unsure where", "number {n} bus", "estate wide",
)  # fmt: skip
SWAPS: Final = {"O": "0", "0": "O", "I": "1", "1": "I"}


def junction(drawing: Drawing) -> Query | None:
    """Name two streets whose anchors come within 100 m of each other, each name unique in the reference."""
    random, pairs = drawing.random, _meeting_pairs(drawing.reference)
    pair = pairs.iloc[random.randrange(len(pairs))]
    names = [str(pair["first"]), str(pair["second"])]
    random.shuffle(names)
    written = [shorten(random, name) if random.random() < 0.5 else name for name in names]
    for name, text in zip(names, written, strict=True):
        label = drawing.labeller.of(name, readings(fold(text)), NOWHERE)
        if label is None or label.status != "matched":
            return None
    text = random.choice(CORNERS).format(x=written[0], y=written[1])
    point, gap_m = (float(pair["easting_m"]), float(pair["northing_m"])), float(pair["gap_m"])
    found = _at(text, "junction", " / ".join(sorted(names)), point, RIGHT_WITHIN_M + gap_m / 2)
    return found.at(at_junction(random, *point, gap_m))


def postcode_exact(drawing: Drawing) -> Query | None:
    """Give the postcode as it is written."""
    row = _postcode(drawing)
    return _for_postcode(drawing, row, str(row["postcode"]))


def postcode_spacing(drawing: Drawing) -> Query | None:
    """Leave out, add or move the space; change case; put words around it."""
    random, row = drawing.random, _postcode(drawing)
    code = str(row["postcode"])
    bare = code.replace(" ", "")
    spaced = (
        bare,
        code.replace(" ", "  "),
        f"{bare[:2]} {bare[2:]}",
        f"{bare[:-3]}-{bare[-3:]}",
        f" {code} ",
    )
    forms = (*spaced, bare.lower(), code.lower(), f"postcode {code}", f"area of {bare}", f"{code.lower()}.")
    return _for_postcode(drawing, row, random.choice(forms))


def postcode_letters(drawing: Drawing) -> Query | None:
    """Write O for 0, I for 1 or the other way round, where only one postcode can have been meant."""
    row = _postcode(drawing)
    code = str(row["postcode"])
    places = [at for at, letter in enumerate(code) if letter in SWAPS]
    if not places:
        return None
    at = drawing.random.choice(places)
    spoilt = code[:at] + SWAPS[code[at]] + code[at + 1 :]
    return _for_postcode(
        drawing, row, drawing.random.choice((spoilt, spoilt.replace(" ", ""), spoilt.lower()))
    )


def postcode_retired(drawing: Drawing) -> Query | None:
    """Give a postcode of 2014 that 2022 no longer has: its point of then, or its sector, is right."""
    rows = drawing.reference.retired
    row = rows.iloc[drawing.random.randrange(len(rows))]
    point = (float(row["easting_m"]), float(row["northing_m"]))
    found = _at(str(row["postcode"]), "sector", str(row["sector"]), point, RIGHT_WITHIN_M)
    return found.at(Truth(*point, is_held_out=True))


def sector(drawing: Drawing) -> Query | None:
    """Give a sector alone."""
    value = str(_postcode(drawing)["sector"])
    text = drawing.random.choice(
        (value, value.lower(), f"{value} area", f"somewhere in {value}", f"postcode {value}")
    )
    return _for_region(drawing, "sector", value, text)


def district(drawing: Drawing) -> Query | None:
    """Give a district alone."""
    value = str(_postcode(drawing)["district"])
    frames = (
        "{}",
        "{} area",
        "the {} area",
        "somewhere in {}",
        "postcode {}",
        "{} - exact location not known",
        "all over {}",
    )
    text = drawing.random.choice(frames).format(drawing.random.choice((value, value.lower())))
    return _for_region(drawing, "district", value, text)


def grid_reference(drawing: Drawing) -> Query | None:
    """Give a grid reference of four to ten figures; the truth lies anywhere in its square."""
    truth, digits = _somewhere(drawing), drawing.random.choice((2, 3, 3, 3, 4, 5))
    side_m = 10 ** (5 - digits)
    # The whole area lies in square NZ: eastings 400-500 km, northings 500-600 km.
    east, north = truth.easting_m - 400_000, truth.northing_m - 500_000
    figures = [f"{math.floor(value / side_m):0{digits}d}" for value in (east, north)]
    text = drawing.random.choice(("NZ {} {}", "NZ{}{}", "nz {} {}", "grid ref NZ{}{}", "NZ{} {}")).format(
        *figures
    )
    point = (400_000 + (int(figures[0]) + 0.5) * side_m, 500_000 + (int(figures[1]) + 0.5) * side_m)
    return _at(text, "coordinates", text, point, max(RIGHT_WITHIN_M, side_m * 0.75)).at(truth)


def easting_northing(drawing: Drawing) -> Query | None:
    """Give metres on the National Grid, to 1 m or cut to 10 m."""
    truth, step = _somewhere(drawing), drawing.random.choice((1, 1, 10))
    east, north = (math.floor(value / step) * step for value in (truth.easting_m, truth.northing_m))
    forms = ("{e}, {n}", "{e} {n}", "E{e} N{n}", "easting {e} northing {n}", "{e},{n}", "E: {e} N: {n}")
    text = drawing.random.choice(forms).format(e=east, n=north)
    return _at(text, "coordinates", text, (east + step / 2, north + step / 2), RIGHT_WITHIN_M).at(truth)


def lat_lon(drawing: Drawing) -> Query | None:
    """Give degrees, latitude first, rounded to three to six places."""
    truth, places = _somewhere(drawing), drawing.random.choice((3, 4, 5, 6))
    lon, lat = (float(values[0]) for values in to_wgs84([truth.easting_m], [truth.northing_m]))
    forms = (
        "{a:.{p}f}, {o:.{p}f}",
        "{a:.{p}f} {o:.{p}f}",
        "lat {a:.{p}f} lon {o:.{p}f}",
        "{a:.{p}f},{o:.{p}f}",
        "{a:.{p}f}N {w:.{p}f}W",
    )
    text = drawing.random.choice(forms).format(a=lat, o=lon, w=-lon, p=places)
    east, north = to_bng([round(lon, places)], [round(lat, places)])
    # A thousandth of a degree is 111 m from north to south.
    return _at(text, "coordinates", text, (float(east[0]), float(north[0])), RIGHT_WITHIN_M).at(truth)


def no_place(drawing: Drawing) -> Query | None:
    """Say what logs say where the place is not known or is no place."""
    return Query(drawing.random.choice(NO_PLACE).format(n=drawing.random.randint(1, 99)))


@cache
def _pairs_cache() -> dict[int, pd.DataFrame]:
    return {}


def _meeting_pairs(reference: Reference) -> pd.DataFrame:
    """Find the pairs of streets with unique names whose anchors come within 100 m, and the middle between."""
    known = _pairs_cache()
    if id(reference) not in known:
        streets = reference.anchors[
            (reference.anchors["place"] != "") & ~reference.anchors["is_held_out_street"]
        ]
        places = streets.groupby("name")["place"].nunique()
        streets = streets[streets["name"].map(places) == 1].reset_index(drop=True)
        points = streets[["easting_m", "northing_m"]].to_numpy(dtype=float)
        ends = cKDTree(points).query_pairs(MEET_WITHIN_M, output_type="ndarray")
        name = streets["name"].to_numpy(dtype=object)
        middle = points[ends].mean(axis=1)
        gap_m = np.hypot(*(points[ends[:, 0]] - points[ends[:, 1]]).T)
        both = np.sort(np.stack([name[ends[:, 0]], name[ends[:, 1]]], axis=1).astype(str), axis=1)
        pairs = pd.DataFrame(
            {
                "first": both[:, 0],
                "second": both[:, 1],
                "easting_m": middle[:, 0],
                "northing_m": middle[:, 1],
                "gap_m": gap_m,
            }
        )
        pairs = pairs[pairs["first"] != pairs["second"]].sort_values(["gap_m", "first", "second"])
        known[id(reference)] = pairs.drop_duplicates(["first", "second"], ignore_index=True)
    return known[id(reference)]


def _postcode(drawing: Drawing) -> pd.Series:
    return drawing.postcodes.iloc[drawing.random.randrange(len(drawing.postcodes))]


def _somewhere(drawing: Drawing) -> Truth:
    return of_postcode(drawing.random, _postcode(drawing))


def _at(text: str, kind: str, name: str, point: tuple[float, float], tolerance_m: float) -> Query:
    where = {"right_easting_m": point[0], "right_northing_m": point[1], "tolerance_m": tolerance_m}
    return Query(text, expected_status="matched", kind=kind, name=name, **where)


def _for_postcode(drawing: Drawing, row: pd.Series, text: str) -> Query:
    point = (float(row["easting_m"]), float(row["northing_m"]))
    return _at(text, "postcode", str(row["postcode"]), point, RIGHT_WITHIN_M).at(
        of_postcode(drawing.random, row)
    )


def _for_region(drawing: Drawing, column: str, value: str, text: str) -> Query:
    asked = Query(text, expected_status="matched", kind=column, name=value, tolerance_m=0.0)
    return asked.at(in_region(drawing.random, drawing.reference, column, value))
