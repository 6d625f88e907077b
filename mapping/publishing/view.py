"""What a map is drawn from: one frozen object, checked once, the same for screen, file and paper."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapping import crs, schema
from mapping.errors import MappingError, NotFoundError, WrongCrsError
from mapping.hotspots.placed import Placed
from mapping.places import set_apart
from mapping.places.set_apart import Applied
from mapping.publishing import style, wording
from mapping.wording import CAUTION_SEPARATOR, LIST_SEPARATOR, public_place, split_texts

MARKING: Final = "OFFICIAL-SENSITIVE"
POINTS: Final = ("easting_m", "northing_m", "count", "place_text", "top_categories")
WARD_MARGIN_M: Final = 300.0

# These match levels are shared points already; anything finer is drawn at the middle of a square
# that holds several doors, because a map shows a place and never a front door.
_SHARED_POINTS: Final = ("snap point", "street", "postcode", "place")
_SQUARE_M: Final = 50.0


@dataclass(frozen=True, eq=False)
class MapView:
    """Everything one map says.

    Parameters
    ----------
    title, subtitle, period : str
        The finding, what was counted, and the days; plain text.
    wards, hotspots : GeoDataFrame, EPSG:27700
        `schema.WARDS`, `schema.HOTSPOTS`.
    cells : DataFrame
        `schema.CELLS`; every cell of the study area, so that classes mean a share of it.
    points : DataFrame
        As `collapse_points` returns them.
    layers : mapping of name to GeoDataFrame, EPSG:27700
        Light background, e.g. roads, parks, shops; may be empty.
    horizon : str
        When the scores are expected, as the end of "reports expected ...".
    focus_ward : str
        GSS code of the ward this map is about, or "" for all.
    placed : Placed, optional
        How well the reports are known that this map is about; None where that is not known.
    placed_by_ward : mapping of GSS code to Placed
        The same of single wards, for their own maps.
    set_apart : tuple of Applied
        Places that people set apart, for a mark on the map and a sentence under it.
    class_breaks : tuple of float
        Lower limits of the shaded classes; found from `cells` when empty.
    links : mapping of hotspot id or ward code to a path on this site
        Empty for a file.

    Raises
    ------
    MissingColumnsError, WrongCrsError
        A frame is not what its schema says.
    MappingError
        A link leads off this site.
    """

    title: str
    subtitle: str
    period: str
    wards: gpd.GeoDataFrame
    hotspots: gpd.GeoDataFrame
    cells: pd.DataFrame
    points: pd.DataFrame
    cell_size_m: float
    layers: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    marking: str = MARKING
    attribution: str = ""
    edition: str = ""
    method: str = ""
    horizon: str = "in the next month"
    focus_ward: str = ""
    placed: Placed | None = None
    placed_by_ward: Mapping[str, Placed] = field(default_factory=dict)
    set_apart: tuple[Applied, ...] = ()
    notes: tuple[str, ...] = ()
    class_breaks: tuple[float, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        schema.require(self.wards, list(schema.WARDS), "wards")
        schema.require(self.hotspots, list(schema.HOTSPOTS), "hotspots")
        schema.require(self.cells, list(schema.CELLS), "cells")
        schema.require(self.points, POINTS, "points")
        for name, frame in {"wards": self.wards, "hotspots": self.hotspots, **self.layers}.items():
            crs.require_bng(frame, name)
        for path in self.links.values():
            if not path.startswith("/") or path.startswith(("//", "/\\")):
                raise MappingError("A link on a map leads off this site; links must start with one slash.")

    @property
    def breaks(self) -> tuple[float, ...]:
        """Lower limits of the shaded classes."""
        return self.class_breaks or style.score_breaks(self.cells["score"])

    @property
    def words(self) -> tuple[wording.HotspotWords, ...]:
        """Every hotspot in words, in the order of its rank; a ward's map counts its own from 1.

        What `shared_cautions` says of all is left out of each.
        """
        ordered = self.hotspots.sort_values(["rank", "hotspot_id"])
        in_ward, shared = bool(self.focus_ward), self.shared_cautions
        described = (
            wording.describe(row, number=place if in_ward else int(row.rank), show_rank=in_ward)
            for place, row in enumerate(ordered.itertuples(index=False), start=1)
        )
        return tuple(
            dataclasses.replace(words, cautions=tuple(one for one in words.cautions if one not in shared))
            for words in described
        )

    @property
    def shared_cautions(self) -> tuple[str, ...]:
        """Cautions that hold for every hotspot here: said once they are read, said 156 times they are not."""
        each = [split_texts(text, CAUTION_SEPARATOR) for text in self.hotspots["cautions"]]
        if len(each) < 2:
            return ()
        return tuple(one for one in each[0] if all(one in others for others in each))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before trusting the map; the placed share first when it is too low."""
        if self.placed and self.placed.is_low:
            return (self.placed.warning, *self.notes)
        return self.notes

    @property
    def provenance(self) -> str:
        """One line: where the picture comes from."""
        placed = self.placed.sentence if self.placed else ""
        wards = (
            self.edition if not self.edition or self.edition.startswith("ward") else f"wards {self.edition}"
        )
        method = self.method and f"Method: {self.method.rstrip('. ')}"
        parts = (f"Data {self.period}" if self.period else "", wards, method, placed)
        return " · ".join(part for part in parts if part)

    @property
    def set_apart_words(self) -> tuple[str, ...]:
        """What is left out of the map and what is doubted on it, one sentence each."""
        return set_apart.sentences(self.set_apart)

    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east, north of what the map is about, in metres."""
        shown = self.wards
        if self.focus_ward:
            shown = shown[shown["ward_gss_code"] == self.focus_ward]
            if shown.empty:
                raise NotFoundError(
                    f"No ward here has the code {self.focus_ward[:12]!r}; use a code of this edition."
                )
        west, south, east, north = (float(value) for value in shown.total_bounds)
        return west, south, east, north

    def shaded(self) -> pd.DataFrame:
        """Return the cells to shade, coolest first, with `shade` (0 is the coolest class)."""
        cells = self.cells.assign(shade=style.class_of(self.cells["score"], self.breaks))
        return cells[cells["shade"] >= 0].sort_values(["shade", "northing_m", "easting_m"], kind="stable")


def for_ward(view: MapView, ward_gss_code: str) -> MapView:
    """Narrow a map to one ward and its edges, with the classes of the whole.

    A hotspot that only touches the ward is kept: the street does not end at the line. How many reports
    are placed is told of the ward alone where that is known.

    Raises
    ------
    NotFoundError
        No ward of the view has this code.
    """
    breaks = view.breaks
    focused = dataclasses.replace(view, focus_ward=ward_gss_code)
    west, south, east, north = focused.extent()
    name = str(view.wards.loc[view.wards["ward_gss_code"] == ward_gss_code, "ward_name"].iloc[0])
    touches = view.hotspots["other_wards"].map(lambda names: name in split_texts(names, LIST_SEPARATOR))
    hotspots = view.hotspots[(view.hotspots["ward_gss_code"] == ward_gss_code) | touches.astype(bool)]
    box = (west - WARD_MARGIN_M, south - WARD_MARGIN_M, east + WARD_MARGIN_M, north + WARD_MARGIN_M)
    return dataclasses.replace(
        focused,
        title=ward_title(name, hotspots),
        hotspots=hotspots,
        cells=_inside(view.cells, box),
        points=_inside(view.points, box),
        layers={
            label: layer.iloc[layer.sindex.query(shapely.box(*box))] for label, layer in view.layers.items()
        },
        class_breaks=breaks,
        set_apart=tuple(one for one in view.set_apart if _lies_in(one, box)),
        placed=view.placed_by_ward.get(ward_gss_code, Placed(0, 0)) if view.placed_by_ward else view.placed,
    )


def ward_title(ward_name: str, hotspots: pd.DataFrame) -> str:
    """Say what was found in a ward: how many places, and the first of them.

    Places where reports are only recorded are on the map, but are not what was found.
    """
    found = hotspots[~hotspots["recorded_at_place"].astype(bool)].sort_values("rank")
    if found.empty:
        return f"{ward_name}: no place stands out in this period"
    first = public_place(str(found["place_name"].iloc[0])) or "see the map"
    if len(found) == 1:
        return f"{ward_name}: one place stands out, {first}"
    return f"{ward_name}: {len(found)} places stand out, first {first}"


def _lies_in(applied: Applied, box: tuple[float, float, float, float]) -> bool:
    west, south, east, north = box
    return west <= applied.place.easting_m <= east and south <= applied.place.northing_m <= north


def _inside(frame: pd.DataFrame, box: tuple[float, float, float, float]) -> pd.DataFrame:
    west, south, east, north = box
    return frame[frame["easting_m"].between(west, east) & frame["northing_m"].between(south, north)]


def collapse_points(incidents: pd.DataFrame) -> pd.DataFrame:
    """Count incidents that share a point.

    Parameters
    ----------
    incidents : DataFrame
        One row per incident with `easting_m`, `northing_m`, `match_level`, `place_text`,
        `category` of `schema.REPORTS`. Rows without a point are left out.

    Returns
    -------
    DataFrame, one row per point, sorted by northing then easting
        `easting_m`, `northing_m`, `count`, `place_text` (the commonest, without house numbers),
        `top_categories` (three at most, e.g. `Burglary 4; Drugs 2`).

    Notes
    -----
    Points that no one shares by design (exact coordinates, properties) are drawn at the middle of
    their 50 m square, so that a circle never sits on one front door.
    """
    schema.require(
        incidents, ["easting_m", "northing_m", "match_level", "place_text", "category"], "incidents"
    )
    placed = incidents[incidents["easting_m"].notna() & incidents["northing_m"].notna()]
    if placed.empty:
        return pd.DataFrame(
            {
                "easting_m": [0.0],
                "northing_m": [0.0],
                "count": [0],
                "place_text": [""],
                "top_categories": [""],
            }
        )[:0]
    is_shared = placed["match_level"].isin(_SHARED_POINTS).to_numpy()
    work = pd.DataFrame(
        {
            "northing_m": _to_square(placed["northing_m"], is_shared),
            "easting_m": _to_square(placed["easting_m"], is_shared),
            "place_text": placed["place_text"].to_numpy(),
            "category": placed["category"].to_numpy(),
        }
    )
    by_point = work.groupby(["northing_m", "easting_m"], sort=True)
    work["point"] = by_point.ngroup()
    points = by_point.size().rename("count").reset_index()
    cleaned = {text: public_place(text) for text in work["place_text"].unique()}
    work["place_text"] = work["place_text"].map(cleaned)
    points["place_text"] = _commonest(work, "place_text", 1).reindex(points.index, fill_value="")
    points["top_categories"] = _commonest(work, "category", 3).reindex(points.index, fill_value="")
    return points[list(POINTS)]


def _to_square(metres: pd.Series, is_shared: np.ndarray) -> np.ndarray:
    values = metres.to_numpy(dtype=np.float64)
    return np.where(is_shared, values.round(1), (np.floor(values / _SQUARE_M) + 0.5) * _SQUARE_M)


def _commonest(work: pd.DataFrame, column: str, most: int) -> pd.Series:
    """Join the commonest values of each point, with their counts when more than one is asked for."""
    named = work[work[column] != ""]
    counts = named.groupby(["point", column], sort=True).size().rename("count").reset_index()
    counts = counts.sort_values(["point", "count", column], ascending=[True, False, True])
    top = counts.groupby("point", sort=False).head(most)
    texts = top[column] if most == 1 else top[column] + " " + top["count"].astype(str)
    return texts.groupby(top["point"]).agg("; ".join)


def base_layers(sources: Mapping[str, Any]) -> dict[str, gpd.GeoDataFrame]:
    """Read background layers into metres.

    Parameters
    ----------
    sources : mapping of name to GeoJSON (text or parsed, degrees) or GeoDataFrame
        Empty or missing values are left out. Only names (`name`) are kept of the properties.

    Raises
    ------
    WrongCrsError
        Coordinates are neither degrees nor British National Grid.
    """
    layers = {name: _layer(source) for name, source in sources.items() if source is not None and len(source)}
    return {name: layer for name, layer in layers.items() if len(layer)}


def _layer(source: Any) -> gpd.GeoDataFrame:
    if isinstance(source, gpd.GeoDataFrame):
        geometry, code = source.geometry.to_numpy(), source.crs.to_epsg() if source.crs else None
        names = source["name"].fillna("").astype(str).tolist() if "name" in source else [""] * len(source)
    else:
        features = (json.loads(source) if isinstance(source, str | bytes) else source)["features"]
        features = [feature for feature in features if feature["geometry"]]
        geometry = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
        names = [str((feature["properties"] or {}).get("name") or "") for feature in features]
        code = 4326
    if code not in (4326, 27700):
        raise WrongCrsError(
            f"A background layer is in EPSG:{code}; give degrees (EPSG:4326) or metres (EPSG:27700)."
        )
    metres = geometry if code == 27700 else crs.geometry_to_bng(geometry)
    return gpd.GeoDataFrame({"name": names}, geometry=metres, crs=crs.BNG)
