"""Maps of a run for its readers: from the store's frames to the pieces a page is made of.

A run never changes and is withdrawn when a record in it is restricted, so what was drawn may be
kept in memory. The caller asks first whether the reader may read the run, each time.
"""

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import pandas as pd
from flask import url_for

from mapping.evidence.words import line
from mapping.hotspots import placed
from mapping.hotspots.grid import make_grid
from mapping.places import set_apart
from mapping.publishing import folium_map
from mapping.publishing.folium_map import MapParts
from mapping.publishing.view import MapView, base_layers, collapse_points, for_ward
from mapping.schema import CELLS
from mapping.store import boundaries, incidents, runs
from webapp import ground, site

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from sqlalchemy.orm import Session

    from mapping.store.runs import Run

KEPT_PICTURES: Final = 24
KEPT_VIEWS: Final = 2
KEPT_GROUNDS: Final = 2
WHOLE_BOROUGH: Final = ""


Key = TypeVar("Key")
Value = TypeVar("Value")


class _Key(NamedTuple):
    run_id: int
    ward: str
    with_points: bool


class Pictures:
    """The maps drawn lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._views: OrderedDict[int, MapView] = OrderedDict()
        self._parts: OrderedDict[_Key, MapParts] = OrderedDict()
        self._grounds: OrderedDict[int, str] = OrderedDict()

    def draw(
        self, session: "Session", run: "Run", *, ward: str = WHOLE_BOROUGH, with_points: bool
    ) -> MapParts:
        """Return the map of a run's borough or of one ward.

        Parameters
        ----------
        with_points : bool
            Show where single reports lie (counted at shared points); for readers of incidents.

        Raises
        ------
        NotFoundError
            The run's edition has no such ward.
        """
        key = _Key(run.run_id, ward, with_points)
        with self._lock:  # one at a time: two readers of one page would draw the same map twice
            if key not in self._parts:
                self._parts[key] = folium_map.take_apart(self._view(session, run, ward, with_points))
            return _kept(self._parts, key, KEPT_PICTURES)

    def ground(self, session: "Session", edition_id: int) -> str:
        """Return the wards and background of an edition as JSON, for the map on which a place is chosen."""
        with self._lock:
            if edition_id not in self._grounds:
                wards = boundaries.wards(session, edition_id)
                layers = base_layers(boundaries.base_layers(session, edition_id))
                self._grounds[edition_id] = ground.to_json(wards, layers)
            return _kept(self._grounds, edition_id, KEPT_GROUNDS)

    def _view(self, session: "Session", run: "Run", ward: str, with_points: bool) -> MapView:
        if run.run_id not in self._views:
            self._views[run.run_id] = borough_view(session, run)
        view = _kept(self._views, run.run_id, KEPT_VIEWS)
        if not with_points:
            view = dataclasses.replace(view, points=view.points[:0])
        return for_ward(view, ward) if ward else view


def _kept(held: "OrderedDict[Key, Value]", key: Key, most: int) -> Value:
    """Return what is held under a key, and forget what was asked for longest ago."""
    held.move_to_end(key)
    while len(held) > most:
        held.popitem(last=False)
    return held[key]


def borough_view(session: "Session", run: "Run") -> MapView:
    """Gather everything that the maps of a run are drawn from."""
    edition = boundaries.get(session, run.edition_id)
    wards = boundaries.wards(session, run.edition_id)
    cell_size_m = float(run.settings["cell_size_m"])
    hotspots = runs.hotspots(session, run.run_id)
    return MapView(
        title="Where reports gather in the borough",
        subtitle=", ".join(run.settings.get("categories") or []) or "All reports",
        period=str(run.period),
        wards=wards,
        hotspots=hotspots,
        cells=_every_cell(runs.cells(session, run.run_id), wards, cell_size_m),
        points=collapse_points(_shown_incidents(session, run)),
        cell_size_m=cell_size_m,
        layers=base_layers(boundaries.base_layers(session, run.edition_id)),
        attribution=edition.licence,
        edition=f"wards {edition.name}",
        method=". ".join(said for said in (run.method, line(run.evidence, run.method)) if said),
        horizon=f"from {run.horizon}",
        placed=placed.stored(run.counts),
        placed_by_ward=_placed_by_ward(run.counts),
        set_apart=set_apart.stored(run.counts),
        links=_links(run.run_id, wards, hotspots),
    )


def _shown_incidents(session: "Session", run: "Run") -> pd.DataFrame:
    loaded = incidents.load(session, run.audience, run.period, today=site.today())
    loaded = loaded[placed.is_placed(loaded, float(run.settings["cell_size_m"]))]
    wanted = run.settings.get("categories") or []
    return loaded[loaded["category"].isin(wanted)] if wanted else loaded


def _every_cell(cells: pd.DataFrame, wards: "GeoDataFrame", cell_size_m: float) -> pd.DataFrame:
    """Add the empty cells, which the store leaves out: shades are shares of the whole study area."""
    grid = make_grid(wards, cell_size_m=cell_size_m)
    study = grid.study_cells
    east, north = grid.centres(study)
    every = pd.DataFrame(
        {
            "cell_id": grid.cell_ids(study),
            "easting_m": east,
            "northing_m": north,
            "ward_gss_code": grid.wards_of(study),
            "incident_count": 0,
            "score": 0.0,
            "expected_count": float("nan"),
            "p_value": float("nan"),
            "p_value_fdr": float("nan"),
            "is_hot": False,
            "trend": "",
            "gi_star_z": float("nan"),
        }
    )
    empty = every[~every["cell_id"].isin(cells["cell_id"])]
    return pd.concat([cells, empty], ignore_index=True)[list(CELLS)]


def _placed_by_ward(counts: Mapping[str, Any]) -> dict[str, placed.Placed]:
    told = {code: placed.stored(counts, code) for code in counts.get("placing", {}) if code != placed.WHOLE}
    return {code: of_ward for code, of_ward in told.items() if of_ward is not None}


def _links(run_id: int, wards: "GeoDataFrame", hotspots: "GeoDataFrame") -> dict[str, str]:
    places = {
        code: url_for("hotspots.show", run_id=run_id, hotspot_id=code) for code in hotspots["hotspot_id"]
    }
    return places | {code: url_for("maps.ward", run_id=run_id, gss=code) for code in wards["ward_gss_code"]}
