"""Street segments: the pieces of street between two junctions, and what happens on each.

Crime gathers on a few pieces of street, and officers walk streets, not squares. Where a layer of
roads is given, it is cut at its junctions, every report belongs to the piece next to it, and a
hotspot is drawn along the pieces that hold its reports.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping.hotspots.grid import FloatArray, IntArray, sum_by

NO_SEGMENT: Final = -1
MOST_M: Final = 200.0  # a longer piece is no place to stand
REACH_M: Final = 50.0  # a report further from every street belongs to none
# Published road lines are thinned and rounded, so that a side street ends a metre or two short of the
# street it leaves. What falls into one square of this size is one junction; no line moves further than
# half its diagonal, 4.2 m.
JUNCTION_M: Final = 6.0
RIBBON_M: Final = 15.0  # half a street with its pavements and fronts
FRONT_M: Final = 10.0  # a report this close to a street is well inside its ribbon
OFF_STREET_M: Final = 30.0  # around a report that no street is near
CLOSE_M: Final = 30.0  # gaps narrower than twice this are filled, so no spur points at one door
_EXACT_M: Final = 0.001  # distances closer than this are equal

ObjectArray = npt.NDArray[np.object_]

COLUMNS: Final = {
    "segment_id": "its two ends in metres, EPSG:27700, e.g. E445300N517200-E445410N517220",
    "street_name": "as the layer names it, or empty",
    "ward_gss_code": "ward of its middle, or empty outside every ward",
    "length_m": "",
    "incident_count": "whole reports of the period next to it",
    "score": "events foretold for the coming period where those reports are",
    "share": "its part of all reports placed in a ward, 0-1",
}


@dataclass(frozen=True)
class Segments:
    """Pieces of street between junctions, sorted by id.

    Attributes
    ----------
    segment_id, name : object arrays of str, shape (n,)
        Ids are unique; a name may be empty.
    line : object array of LineString, shape (n,), EPSG:27700
    """

    segment_id: ObjectArray
    name: ObjectArray
    line: ObjectArray

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.line)

    @property
    def length_m(self) -> FloatArray:
        """Length of each, metres, shape (n,)."""
        return np.asarray(shapely.length(self.line))

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the lines."""
        return shapely.STRtree(self.line)


def cut_streets(lines: npt.ArrayLike, names: npt.ArrayLike) -> Segments:
    """Cut streets where they meet or cross, and long pieces in halves until none exceeds `MOST_M`.

    A bridge crosses like a junction: a line does not say which it is.

    Parameters
    ----------
    lines : array of geometries, shape (streets,), EPSG:27700
        What is no line (a point, an area) is passed over.
    names : array of str, shape (streets,)

    Returns
    -------
    Segments
        The same whatever the order of `lines` and the direction each is drawn in. Ends lie on a
        lattice of `JUNCTION_M`, halving points aside.

    References
    ----------
    Weisburd, D. (2015). The law of crime concentration and the criminology of place. Criminology 53,
    133-157: the street segment, both sides between two intersections, as the unit of place.
    Hobby, J. (1999). Practical segment intersection with finite precision output. Computational
    Geometry 13, 199-214: snap rounding.
    """
    parts, of = shapely.get_parts(np.asarray(lines, dtype=object), return_index=True)
    is_line = np.isin(shapely.get_type_id(parts), (1, 2)) & ~shapely.is_empty(parts)
    parts, known = parts[is_line], np.asarray(names, dtype=object)[of[is_line]]
    # Rounding may fall either way where lines nearly touch, so they are always taken in the same order.
    drawn = shapely.from_wkb(np.unique(shapely.to_wkb(shapely.normalize(parts))))
    noded = shapely.get_parts(shapely.unary_union(drawn, grid_size=JUNCTION_M))
    pieces = _halve(shapely.normalize(noded[shapely.get_type_id(noded) == 1]))
    ids = _ids_of(pieces)
    order = np.argsort(ids, kind="stable")
    return Segments(ids[order], _names_of(pieces, parts, known)[order], pieces[order])


def cut_layer(roads: pd.DataFrame | None) -> Segments | None:
    """Cut the streets of a layer (a GeoDataFrame with `name`, EPSG:27700); None where it has no line."""
    if roads is None:
        return None
    cut = cut_streets(roads["geometry"].to_numpy(), roads["name"].to_numpy())
    return cut if len(cut) else None


def _halve(lines: ObjectArray) -> ObjectArray:
    """Cut every line that is longer than `MOST_M` in two halves, and again, until none is."""
    length = np.asarray(shapely.length(lines))
    is_long = length > MOST_M + _EXACT_M
    if not is_long.any():
        return lines
    return np.concatenate([lines[~is_long], _halve(_halves(lines[is_long]))])


def _halves(lines: ObjectArray) -> ObjectArray:
    """Cut every line at the middle of its way: 2 n lines."""
    number = np.arange(len(lines))
    half = np.asarray(shapely.length(lines)) / 2
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, half))
    xy, line = shapely.get_coordinates(lines, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    step[np.diff(line, prepend=-1) != 0] = 0.0
    along = np.cumsum(step)
    along -= along[np.searchsorted(line, number)][line]
    apart = np.abs(along - half[line]) > _EXACT_M  # a corner at the middle is there as the middle already
    xy, line, along = xy[apart], line[apart], along[apart]
    part = np.concatenate([2 * line + (along > half[line]), 2 * number, 2 * number + 1])
    order = np.lexsort((np.concatenate([along, half, half]), part))
    every = np.concatenate([xy, middle, middle])
    return np.asarray(shapely.linestrings(every[order], indices=part[order]), dtype=object)


def _ids_of(lines: ObjectArray) -> ObjectArray:
    """Name every line by its two ends; of several with the same ends, the further ones get a number."""
    if len(lines) == 0:
        return np.empty(0, dtype=object)
    ends = [shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)]
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    # not `np.round`: half a metre would go to the even one, here up and there down
    whole = [np.floor(end + 0.5).astype(np.int64) for end in ends]
    table = pd.DataFrame({"id": [_id_of(*a, *b) for a, b in zip(*whole, strict=True)]})
    table[["east", "north"]] = middle.round(3)
    table["nth"] = table.sort_values(["id", "east", "north"], kind="stable").groupby("id").cumcount()
    nth, ids = table["nth"].to_numpy(), table["id"].to_numpy(dtype=object)
    return np.where(nth == 0, ids, ids + "-" + (nth + 1).astype(str).astype(object))


def _id_of(east: int, north: int, to_east: int, to_north: int) -> str:
    return f"E{east:06d}N{north:06d}-E{to_east:06d}N{to_north:06d}"


def _names_of(pieces: ObjectArray, lines: ObjectArray, names: ObjectArray) -> ObjectArray:
    """Return the name of the line that each piece was cut from: the one at its middle."""
    middle = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    piece, line = shapely.STRtree(lines).query(middle, predicate="dwithin", distance=2 * JUNCTION_M)
    away = shapely.distance(middle[piece], lines[line])
    text = np.array([str(name or "") for name in names], dtype=object)[line]
    found = np.full(len(pieces), "", dtype=object)
    # the nearest is written last; of equals, one with a name, and the first of the alphabet
    table = pd.DataFrame({"piece": piece, "away": away.round(3), "empty": text == "", "text": text})
    table = table.sort_values(["away", "empty", "text"], kind="stable").drop_duplicates("piece")
    found[table["piece"].to_numpy()] = table["text"].to_numpy()
    return found


def nearest_segment(segments: Segments, xy: FloatArray) -> IntArray:
    """Say which segment each point belongs to: the nearest within `REACH_M`; of equals, the lowest id.

    Parameters
    ----------
    segments : Segments
    xy : float array, shape (n, 2), EPSG:27700

    Returns
    -------
    int array, shape (n,)
        Its row in `segments`, or `NO_SEGMENT`.
    """
    found = np.full(len(xy), NO_SEGMENT, dtype=np.int64)
    if len(segments) == 0 or len(xy) == 0:
        return found
    distinct, at = np.unique(xy, axis=0, return_inverse=True)
    spots = shapely.points(distinct)
    spot, segment = segments.tree.query(spots, predicate="dwithin", distance=REACH_M)
    away = np.round(shapely.distance(spots[spot], segments.line[segment]) / _EXACT_M)
    order = np.lexsort((segment, away, spot))
    spot, first = np.unique(spot[order], return_index=True)
    of_spot = np.full(len(distinct), NO_SEGMENT, dtype=np.int64)
    of_spot[spot] = segment[order][first]
    return np.asarray(of_spot[at.ravel()])


def tabulate(segments: Segments, xy: FloatArray, foretold: FloatArray, wards: pd.DataFrame) -> pd.DataFrame:
    """Count what happens on every segment.

    Parameters
    ----------
    segments : Segments
    xy : float array, shape (reports, 2), EPSG:27700
        The run's reports placed in a ward.
    foretold : float array, shape (reports,)
        The part of the events foretold that lies where each report is.
    wards : GeoDataFrame, EPSG:27700

    Returns
    -------
    DataFrame, one row a segment
        As `COLUMNS`, the most events foretold first. Reports and events away from every street are in
        no row: the counts add up to the reports within `REACH_M` of a street.
    """
    size = len(segments)
    of_report = nearest_segment(segments, xy)
    on_street = of_report != NO_SEGMENT
    count = sum_by(of_report[on_street], np.ones(int(on_street.sum())), size).astype(np.int64)
    table = pd.DataFrame(
        {
            "segment_id": segments.segment_id,
            "street_name": segments.name,
            "ward_gss_code": _ward_of(segments, wards),
            "length_m": segments.length_m.round(1),
            "incident_count": count,
            "score": sum_by(of_report[on_street], foretold[on_street], size),
            "share": count / max(len(xy), 1),
        },
        columns=list(COLUMNS),
    )
    ranked = table.assign(foretold=table["score"].round(9))  # so that rounding noise never decides
    order = ranked.sort_values(
        ["foretold", "incident_count", "segment_id"], ascending=[False, False, True], kind="stable"
    ).index
    return table.loc[order].reset_index(drop=True)


def _ward_of(segments: Segments, wards: pd.DataFrame) -> ObjectArray:
    middle = shapely.line_interpolate_point(segments.line, 0.5, normalized=True)
    segment, ward = shapely.STRtree(wards["geometry"].to_numpy()).query(middle, predicate="intersects")
    found = np.full(len(segments), "", dtype=object)
    codes = wards["ward_gss_code"].to_numpy(dtype=object)[ward]
    order = np.argsort(codes, kind="stable")[::-1]  # on an edge the first code is written last
    found[segment[order]] = codes[order]
    return found


def concentration(counts: npt.ArrayLike) -> dict[str, float | None]:
    """Say on how few of the segments the reports lie.

    Parameters
    ----------
    counts : int array, shape (segments,)

    Returns
    -------
    dict
        `count` of segments, `with_reports`, and `half_on_share`: the smallest share of all segments,
        0-1, that holds half of the reports of all of them; None where there is no report.

    References
    ----------
    Weisburd (2015), as `cut_streets`: half of crime on 2 to 6 % of a city's segments.
    """
    counts = np.asarray(counts, dtype=np.int64)
    held = np.cumsum(np.sort(counts)[::-1])
    total = int(counts.sum())
    needed = int(np.searchsorted(2 * held, total)) + 1
    return {
        "count": len(counts),
        "with_reports": int((counts > 0).sum()),
        "half_on_share": needed / len(counts) if total else None,
    }


def shape_along(
    segments: Segments, xy: FloatArray, centre: tuple[float, float], walk_m: float
) -> shapely.Polygon | shapely.MultiPolygon:
    """Draw a place along the streets that hold its reports.

    Parameters
    ----------
    segments : Segments
    xy : float array, shape (n, 2), EPSG:27700, n at least 1
        Where the place's reports lie.
    centre : (easting, northing)
    walk_m : float
        Streets are followed no further than this from the centre.

    Returns
    -------
    Polygon or MultiPolygon
        The streets and `RIBBON_M` to both sides, with every report inside: one beside a street by the
        way to it, one that no street is near by `OFF_STREET_M` around it. Narrow gaps, and the
        blocks that streets enclose, are filled. Several parts where the streets do not meet within the walk.
    """
    xy = np.unique(xy, axis=0)
    of_point = nearest_segment(segments, xy)
    beside = of_point != NO_SEGMENT
    within = shapely.buffer(shapely.Point(centre), walk_m)
    streets = shapely.union_all(shapely.intersection(segments.line[np.unique(of_point[beside])], within))
    spots, line = shapely.points(xy[beside]), segments.line[of_point[beside]]
    aside = shapely.distance(spots, streets) > FRONT_M
    aside |= shapely.is_empty(streets)  # nothing is any distance from nothing
    ways = shapely.shortest_line(spots[aside], line[aside])
    ribbons = shapely.buffer([streets, *ways], RIBBON_M, quad_segs=4)
    apart = shapely.buffer(shapely.points(xy[~beside]), OFF_STREET_M, quad_segs=4)
    drawn = shapely.union_all([*ribbons, *apart])
    # filled while it is grown, so that a bay with a mouth too narrow to stay open goes with the gaps
    grown = _filled(shapely.buffer(drawn, CLOSE_M, quad_segs=4))
    closed = shapely.buffer(grown, -CLOSE_M, quad_segs=4)
    return _filled(shapely.set_precision(shapely.union(drawn, closed), 0.1))


def _filled(shape: shapely.Polygon | shapely.MultiPolygon) -> shapely.Polygon | shapely.MultiPolygon:
    """Fill the blocks that streets enclose: on a map a hole reads as a mark of its own."""
    rings = shapely.get_exterior_ring(shapely.get_parts(shape))
    return shapely.union_all(shapely.polygons(rings), grid_size=0.1)
