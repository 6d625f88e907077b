"""The real entries the benchmark is drawn from: streets and postcodes of the Tees Valley, and their split.

A *place* (column `place`) is one street: the anchor points of one name, chained at 400 m. The points of one
name that lie 400 m to 1.5 km apart may be one long road or two short ones, and nothing in the open data says
which; those are one `neighbourhood` of several places, and `labels.py` asks no question that turns on them.
Nothing here is shared with the geocoder that is judged, so that neither can inherit the other's mistakes.
"""

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial import cKDTree

from mapping.crs import geometry_to_bng, to_bng

SAME_STREET_M: Final = 400.0
SURELY_ANOTHER_M: Final = 1500.0
ON_THE_STREET_M: Final = 150.0
HELD_OUT_POINTS: Final = 1 / 3
HELD_OUT_STREETS: Final = 0.03
BOROUGHS: Final = {
    "E06000001": "Hartlepool",
    "E06000002": "Middlesbrough",
    "E06000003": "Redcar and Cleveland",
    "E06000004": "Stockton-on-Tees",
}
# Names police.uk gives to kinds of places; they name no place, however the words are put.
GENERIC: Final = re.compile(
    r"/|^(?:Parking Area|Supermarket|Petrol Station|Shopping Area|Police Station|Hospital|Nightclub|Prison|"
    r"Further/?Higher.*|Pedestrian Subway|Bus/Coach Station|Conference.*|Theatre.*|Airport.*|Racecourse)$"
)
ROAD_NUMBER: Final = re.compile(r"^[ABM]\d+")

Part = Literal["everything", "full", "calibration"]
Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Entries:
    """What a gazetteer may be built from; both frames in EPSG:27700, none of the labels in them.

    `anchors` has name, easting_m, northing_m, borough, ward_gss_code; `postcodes` has postcode, easting_m,
    northing_m, borough, ward_gss_code (the last two empty outside the four boroughs).
    """

    anchors: pd.DataFrame
    postcodes: pd.DataFrame


@dataclass(frozen=True)
class Reference:
    """Every anchor point and postcode with what the labels need; see `load_reference`."""

    anchors: pd.DataFrame
    postcodes: pd.DataFrame
    retired: pd.DataFrame
    wards: gpd.GeoDataFrame = field(repr=False)

    @cached_property
    def members(self) -> dict[str, pd.DataFrame]:
        """Points of each place: its anchors, and the postcodes taken to be on it, with `is_held_out` and
        `reach_m` (of postcodes)."""
        columns = ["place", "easting_m", "northing_m", "is_held_out", "reach_m"]
        streets = self.anchors[self.anchors["place"] != ""].assign(reach_m=np.nan)
        addresses = self.postcodes[self.postcodes["place"] != ""]
        rows = pd.concat([streets[columns], addresses[columns]], ignore_index=True)
        return {str(place): points for place, points in rows.groupby("place")}

    def points_of(self, place: str) -> Points:
        """Anchors and address postcodes of a place, shape (k, 2), metres."""
        return self.members[place][["easting_m", "northing_m"]].to_numpy(dtype=float)


def entries(reference: Reference, part: Part) -> Entries:
    """Give what a gazetteer may hold.

    Parameters
    ----------
    part : {"everything", "full", "calibration"}
        `everything` for the handwritten queries. `full` leaves out the held-out streets, so that asking for
        one has no right answer; accuracy is judged on it. `calibration` also leaves out a third of the
        postcodes and of the further anchors of streets that have several: they give the truth points, so
        `error_m` may be calibrated on this part and must be judged on it.
    """
    anchors, postcodes = reference.anchors, reference.postcodes
    if part != "everything":
        anchors = anchors[~anchors["is_held_out_street"]]
    if part == "calibration":
        anchors, postcodes = anchors[~anchors["is_held_out"]], postcodes[~postcodes["is_held_out"]]
    common = ["easting_m", "northing_m", "borough", "ward_gss_code"]
    return Entries(
        anchors[["name", *common]].reset_index(drop=True),
        postcodes[["postcode", *common]].reset_index(drop=True),
    )


def load_reference(folder: Path) -> Reference:
    """Read the open data folder: anchors, Code-Point Open of 2022 and 2014, ward outlines of 2025."""
    wards = _read_wards(folder / "boundaries" / "wards_2025")
    held = folder / "postcodes"
    postcodes = _with_ward(_read_codepoint(held / "codepoint_open_ts_2022.csv.gz"), wards)
    before = _read_codepoint(held / "codepoint_open_ts_2014.csv.gz")
    retired = before[~before["postcode"].isin(postcodes["postcode"])]
    retired = retired[retired["sector"].isin(postcodes["sector"])].reset_index(drop=True)
    anchors = _with_ward(_read_anchors(held / "teesside_street_anchor_points.csv.gz"), wards)
    anchors = _with_places(_with_nearest_postcode(anchors, postcodes))
    return Reference(_held_out(anchors), _addresses(postcodes, anchors), retired, wards)


def _read_wards(folder: Path) -> gpd.GeoDataFrame:
    frames = []
    for code, borough in BOROUGHS.items():
        read = gpd.read_file(folder / f"{code}.geojson")
        geometry = geometry_to_bng(read.geometry.to_numpy())
        columns = {"ward_gss_code": read["WD25CD"], "ward_name": read["WD25NM"], "borough": borough}
        frames.append(gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:27700"))
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs="EPSG:27700")


def _read_codepoint(path: Path) -> pd.DataFrame:
    read = pd.read_csv(path, header=None, usecols=[0, 1, 2, 3], dtype=str)
    read.columns = pd.Index(["postcode", "quality", "easting_m", "northing_m"])
    read = read.astype({"quality": int, "easting_m": float, "northing_m": float})
    # 90 means that Ordnance Survey has no coordinates for it.
    read = read[read["quality"] < 90].sort_values("postcode", ignore_index=True)
    squeezed = read["postcode"].str.replace(" ", "")
    read["postcode"] = squeezed.str[:-3] + " " + squeezed.str[-3:]
    read["district"], read["sector"] = squeezed.str[:-3], squeezed.str[:-3] + " " + squeezed.str[-3]
    return read.drop(columns="quality")


def _read_anchors(path: Path) -> pd.DataFrame:
    read = pd.read_csv(path).dropna(subset=["street_or_place"])
    anchors = pd.DataFrame({"name": read["street_or_place"].str.strip()})
    anchors["easting_m"], anchors["northing_m"] = to_bng(read["longitude"], read["latitude"])
    return anchors.sort_values(["name", "easting_m", "northing_m"], ignore_index=True)


def _with_ward(points: pd.DataFrame, wards: gpd.GeoDataFrame) -> pd.DataFrame:
    geometry = gpd.points_from_xy(points["easting_m"], points["northing_m"], crs="EPSG:27700")
    joined = gpd.GeoDataFrame(points.copy(), geometry=geometry).sjoin(wards, how="left", predicate="within")
    joined = joined[~joined.index.duplicated()]
    named = {column: joined[column].fillna("") for column in ("ward_gss_code", "borough", "ward_name")}
    return points.assign(**named)


def _with_nearest_postcode(anchors: pd.DataFrame, postcodes: pd.DataFrame) -> pd.DataFrame:
    nearest = cKDTree(_xy(postcodes)).query(_xy(anchors))[1]
    taken = postcodes.iloc[nearest]
    return anchors.assign(district=taken["district"].to_numpy(), sector=taken["sector"].to_numpy())


def _with_places(anchors: pd.DataFrame) -> pd.DataFrame:
    """Chain the points of each name: `place` at 400 m, `neighbourhood` at 1.5 km; generic names get none."""
    place, neighbourhood = np.full(len(anchors), "", object), np.full(len(anchors), "", object)
    usable = ~anchors["name"].str.contains(GENERIC) & ~anchors["name"].str.contains(ROAD_NUMBER)
    for name, rows in anchors[usable & (anchors["borough"] != "")].groupby("name"):
        for labels, reach in ((place, SAME_STREET_M), (neighbourhood, SURELY_ANOTHER_M)):
            labels[rows.index] = [f"{name}|{label}" for label in _chain(_xy(rows), reach)]
    return anchors.assign(place=place, neighbourhood=neighbourhood)


def _chain(points: Points, reach_m: float) -> list[int]:
    if len(points) == 1:
        return [1]
    return [int(label) for label in fcluster(linkage(points, "single"), reach_m, "distance")]


def _held_out(anchors: pd.DataFrame) -> pd.DataFrame:
    """Mark the held-out streets by name, and the points of other places that only give truth."""
    streets = set(anchors.loc[anchors["place"] != "", "name"])
    out = {name for name in streets if share_of(f"street {name}") < HELD_OUT_STREETS}
    keys = "point " + anchors["name"] + anchors["easting_m"].astype(str) + anchors["northing_m"].astype(str)
    drawn = keys.map(share_of)
    # The point of a place with the highest draw always stays, or the place could not be found at all.
    kept = drawn.groupby(anchors["place"]).transform("max") == drawn
    held = (drawn < HELD_OUT_POINTS) & ~kept & (anchors["place"] != "")
    return anchors.assign(is_held_out_street=anchors["name"].isin(out), is_held_out=held)


def _addresses(postcodes: pd.DataFrame, anchors: pd.DataFrame) -> pd.DataFrame:
    """Give each postcode the street nearest to it (within 150 m), its reach, and whether it is held out."""
    streets = anchors[anchors["place"] != ""]
    distance, nearest = cKDTree(_xy(streets)).query(_xy(postcodes), distance_upper_bound=ON_THE_STREET_M)
    found = np.isfinite(distance)
    place = np.full(len(postcodes), "", object)
    place[found] = streets["place"].to_numpy(dtype=object)[nearest[found]]
    held = ("postcode " + postcodes["postcode"]).map(share_of) < HELD_OUT_POINTS
    return postcodes.assign(place=place, is_held_out=held, reach_m=_reach(postcodes))


def _reach(postcodes: pd.DataFrame) -> Points:
    """Half the mean distance to the three nearest other postcode points, between 5 and 250 m."""
    distinct = np.unique(_xy(postcodes), axis=0)
    distance = cKDTree(distinct).query(_xy(postcodes), k=4)[0]
    return np.asarray(np.clip(distance[:, 1:].mean(axis=1) / 2, 5.0, 250.0))


def share_of(key: str) -> float:
    """A number in [0, 1) that depends on the key alone, on every machine and in every run."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=6).digest(), "big") / 2**48


def _xy(points: pd.DataFrame) -> Points:
    return points[["easting_m", "northing_m"]].to_numpy(dtype=float)
