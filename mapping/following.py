"""A run follows an earlier one: its hotspots get the ids of the places they are.

What a run hands to the next is in the store, or in the folder that `hotspots run` writes: the shapes
in `hotspots.gpkg`, the rest in `run.json`.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from mapping import crs
from mapping.errors import FileRefusedError
from mapping.hotspots import identity
from mapping.hotspots.identity import Earlier
from mapping.periods import Period, parse_date
from mapping.pipeline import Analysis, Settings
from mapping.tasking.proposals import propose

_OUTLINE_M: Final = 0.01  # to which outlines of remembered places are kept


def follow(analysis: Analysis, earlier: Earlier | None) -> Analysis:
    """Give an analysis the ids of the earlier run's places, in hotspots, members and proposals alike."""
    hotspots, members, chain = identity.follow(
        analysis.hotspots, analysis.members, period=analysis.period, earlier=earlier
    )
    proposals = propose(hotspots, period=str(analysis.period))
    return replace(analysis, hotspots=hotspots, members=members, proposals=proposals, chain=chain)


def describe(analysis: Analysis) -> dict[str, Any]:
    """Return what `run.json` holds for the next run: `gone`, and `identity`, null where none was followed."""
    chain = analysis.chain
    if chain is None:
        return {"gone": [], "identity": None}
    own = analysis.hotspots[["hotspot_id", "seen_since_on", "recorded_at_place"]]
    remembered = pd.DataFrame(chain.remembered.drop(columns="geometry")).assign(
        outline=chain.remembered.geometry.set_precision(_OUTLINE_M).to_wkt()
    )
    return {
        "gone": _rows(chain.gone),
        "identity": {
            "last_number": chain.last_number,
            "hotspots": _rows(pd.DataFrame(own)),
            "remembered": _rows(remembered),
        },
    }


def read_earlier(folder: Path, settings: Settings, audience: Mapping[str, Any]) -> Earlier:
    """Read what a folder that was written before hands to a run.

    Parameters
    ----------
    folder : Path
        With `run.json` and `hotspots.gpkg`.
    settings : Settings
        Of the run to come; its categories and its cell size must be those of the earlier one.
    audience : mapping
        `agencies` and `purpose` of the run to come; ids come only from runs of the same audience.

    Raises
    ------
    FileRefusedError
        The folder is unfinished, older than ids, or was made of something else; every reason is said.
    """
    record = _record(folder)
    problems = _differences(record, settings, audience)
    if problems:
        raise FileRefusedError(folder.name, problems)
    period = Period(parse_date(record["from"]), parse_date(record["to"]))
    none = pd.DataFrame({"hotspot_id": [], "incident_id": []})  # a folder keeps no incidents
    kept = record["identity"]
    return Earlier(_shapes(folder, kept), none, period, _remembered(kept), int(kept["last_number"]))


def _record(folder: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        record = {}
    if not record.get("identity") or not (folder / "hotspots.gpkg").is_file():
        raise FileRefusedError(
            folder.name,
            [
                "It holds no finished run that hands ids on (run.json and hotspots.gpkg); name a folder "
                "that `hotspots run` wrote, or leave --since out."
            ],
        )
    return record


def _differences(record: dict[str, Any], settings: Settings, audience: Mapping[str, Any]) -> list[str]:
    then, now = record["settings"], settings.as_dict()
    problems = []
    if set(then["categories"]) != set(settings.categories):
        problems.append("It is a run of other categories; its places are others.")
    if then["cell_size_m"] != now["cell_size_m"]:
        problems.append(f"Its cells are of {then['cell_size_m']:g} m, not of {settings.cell_size_m:g} m.")
    if record["audience"] != dict(audience):
        problems.append("It was made for another audience.")
    return problems


def _shapes(folder: Path, kept: Mapping[str, Any]) -> pd.DataFrame:
    import pyogrio

    columns = ["hotspot_id", "incident_count", "place_name", "ward_gss_code"]
    found = pyogrio.read_dataframe(folder / "hotspots.gpkg", layer="hotspots", columns=columns)
    own = pd.DataFrame(kept["hotspots"], columns=["hotspot_id", "seen_since_on", "recorded_at_place"])
    return found.merge(own.astype({"recorded_at_place": bool}), on="hotspot_id")


def _remembered(kept: Mapping[str, Any]) -> pd.DataFrame:
    import geopandas as gpd
    import shapely

    rows = pd.DataFrame(
        kept["remembered"], columns=["hotspot_id", "recorded_at_place", "runs_ago", "outline"]
    ).astype({"hotspot_id": "str", "recorded_at_place": bool, "runs_ago": "int64"})
    outlines = shapely.from_wkt(rows.pop("outline").to_numpy(dtype=object))
    return gpd.GeoDataFrame(rows, geometry=outlines, crs=crs.BNG)


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records"))
    return rows
