"""An analysis as a folder: tables, shapes, maps, and `run.json`, which says how it was made.

`run.json` is written last, so a folder without it is unfinished.
"""

import json
import resource
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from mapping import following, wording
from mapping.errors import AccountingError, MappingError
from mapping.evidence.words import line
from mapping.hotspots.placed import WHOLE, Placed, is_placed
from mapping.hotspots.segments import concentration
from mapping.hotspots.unusual import on_bank_holidays
from mapping.pipeline import Analysis, Stopwatch

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from mapping.publishing.view import MapView

ROADS: Final = "roads"  # the layer that hotspots are drawn along
VERSIONED: Final = (
    "ward-hotspots", "numpy", "pandas", "geopandas", "shapely", "scipy", "scikit-learn", "convertbng",
)  # fmt: skip


@dataclass(frozen=True)
class Account:
    """Where the analysed incidents came from, row by row.

    Attributes
    ----------
    rows_in, joined, rejected : int
        `rows_in` = incidents + joined + rejected.
    issues : DataFrame
        As `schema.ROW_ISSUES`.
    files : sequence of dict
        Name, sha256 and rows of each file read.
    messages : sequence of str
        What was assumed on the way.
    audience : dict
        Agencies and purpose the run was made for.
    attribution : str
        What the owners of boundaries and incidents want said under every map.
    layers : mapping of str to GeoJSON text
        Roads, parks and the like to draw under the maps.
    linked, queued_links : int, optional
        Incidents that more than one source told of, and pairs that may be one and were not joined.
    """

    rows_in: int
    joined: int
    rejected: int
    issues: pd.DataFrame
    files: Sequence[dict[str, Any]]
    messages: Sequence[str]
    audience: dict[str, Any]
    attribution: str = ""
    layers: Mapping[str, str] = field(default_factory=dict)
    linked: int | None = None
    queued_links: int | None = None


def write(
    analysis: Analysis, account: Account, out: Path, *, maps: bool, ward_pages: bool, watch: Stopwatch
) -> dict[str, Any]:
    """Write the folder and return what `run.json` holds.

    Raises
    ------
    AccountingError
        A row is not accounted for: a fault here; nothing is written.
    """
    record = describe(analysis, account)
    out.mkdir(parents=True, exist_ok=True)
    (out / "run.json").unlink(missing_ok=True)
    with watch.stage("write", 0.8):
        _write_tables(analysis, account.issues, out)
    if maps:
        with watch.stage("maps", 0.85):
            record["messages"] += _write_maps(analysis, account, out, ward_pages=ward_pages, watch=watch)
    record["seconds"] = {**watch.seconds, "total": round(watch.total, 3)}
    record["peak_mb"] = peak_mb()
    text = json.dumps(record, indent=2, allow_nan=False) + "\n"
    (out / "run.json").write_text(text, encoding="utf-8", newline="\n")
    return record


def describe(analysis: Analysis, account: Account) -> dict[str, Any]:
    """Write down the run, and refuse to go on if a row is not accounted for."""
    counts = analysis.counts
    if account.rows_in != counts["incidents"] + account.joined + account.rejected:
        raise AccountingError(
            f"{account.rows_in} rows came in, but {counts['incidents']} incidents, {account.joined} joined "
            f"and {account.rejected} rejected do not add up to them. Nothing was written."
        )
    return {
        "rows_in": account.rows_in,
        "incidents": counts["incidents"],
        "joined": account.joined,
        "rejected": account.rejected,
        **_links(account),
        **{key: value for key, value in counts.items() if key != "incidents"},
        "placing": placing(analysis.placing[WHOLE]),
        "set_apart": [applied.as_dict() for applied in analysis.set_apart],
        "unusual": analysis.unusual,
        "bank_holidays": bank_holidays(analysis),
        "wards": len(analysis.wards),
        "hotspots": len(analysis.hotspots),
        "recorded_at_places": int(analysis.hotspots["recorded_at_place"].sum()),
        **segments_of(analysis),
        **following.describe(analysis),
        "method": analysis.choice.method,
        "method_description": analysis.choice.description,
        "why_method": analysis.choice.reason,
        "from": analysis.period.start_on.isoformat(),
        "to": analysis.period.end_on.isoformat(),
        "horizon_from": analysis.horizon.start_on.isoformat(),
        "horizon_to": analysis.horizon.end_on.isoformat(),
        "settings": analysis.settings.as_dict(),
        "edition": analysis.wards.attrs.get("edition", ""),
        "audience": account.audience,
        "seed": analysis.settings.seed,
        "foretold": analysis.foretold.to_dict("records"),
        "evidence": json.loads(analysis.evidence.to_json(orient="records")),
        "files": list(account.files),
        "messages": [*analysis.wards.attrs.get("messages", []), *account.messages],
        "versions": versions(),
    }


def segments_of(analysis: Analysis) -> dict[str, Any]:
    """Say on how few street segments the reports lie; nothing where no layer of roads was given."""
    if analysis.segments is None:
        return {}
    return {"segments": concentration(analysis.segments["incident_count"])}


def bank_holidays(analysis: Analysis) -> dict[str, str]:
    """Say at which hotspots bank holidays hold more than chance, by the ids that the run is kept with."""
    return on_bank_holidays(analysis.incidents, analysis.members, analysis.hotspots, analysis.period)


def placing(placed: Placed) -> dict[str, Any]:
    """Say how well a run's own reports are known: counts, shares (null where none), and the words."""
    return {
        **placed.as_dict(),
        "placed_share": placed.share if placed.reports else None,
        "tests_leave_out_share": placed.untested_share if placed.reports else None,
        "said": placed.sentence,
        "warning": placed.warning,
    }


def ward_totals(analysis: Analysis) -> pd.DataFrame:
    """Count the run's reports in every ward, those included that are on no map.

    Returns
    -------
    DataFrame, one row a ward
        `ward_gss_code`, `ward_name`, `incident_count` = `placed` + `coarse` + `ward_only`.
    """
    rows = [
        (code, name, told.reports, told.placed, told.coarse, told.ward_only)
        for code, name in zip(analysis.wards["ward_gss_code"], analysis.wards["ward_name"], strict=True)
        for told in [analysis.placing.get(code, Placed(0, 0))]
    ]
    columns = ["ward_gss_code", "ward_name", "incident_count", "placed", "coarse", "ward_only"]
    return pd.DataFrame(rows, columns=columns)


def roads_of(layers: Mapping[str, str]) -> "GeoDataFrame | None":
    """Return the streets among the layers of a run, in metres: the one named `roads`, if there is one."""
    from mapping.publishing.view import base_layers

    return base_layers({ROADS: layers.get(ROADS)}).get(ROADS)


def _links(account: Account) -> dict[str, int]:
    known = {"linked": account.linked, "queued_links": account.queued_links}
    return {name: count for name, count in known.items() if count is not None}


def _write_tables(analysis: Analysis, issues: pd.DataFrame, out: Path) -> None:
    from mapping.publishing import gis
    from mapping.publishing.tables import write_csv

    gis.write_geojson(analysis.hotspots, out / "hotspots.geojson")
    gis.write_geopackage(
        out / "hotspots.gpkg",
        hotspots=analysis.hotspots,
        cells=analysis.cells[analysis.cells["incident_count"] > 0],
        wards=analysis.wards,
        cell_size_m=analysis.settings.cell_size_m,
    )
    write_csv(analysis.cells.drop(columns=["expected_count", "p_value"]), out / "cells.csv")
    write_csv(analysis.proposals, out / "proposals.csv")
    write_csv(ward_totals(analysis), out / "wards.csv")
    (out / "segments.csv").unlink(missing_ok=True)  # an earlier run's, made with roads
    if analysis.segments is not None:
        write_csv(analysis.segments, out / "segments.csv")
    write_csv(issues, out / "row_issues.csv")


def _write_maps(
    analysis: Analysis, account: Account, out: Path, *, ward_pages: bool, watch: Stopwatch
) -> list[str]:
    """Draw the borough and, if wanted, every ward; return what could not be drawn, as sentences."""
    from mapping.publishing import folium_map

    view = map_view(analysis, account)
    shutil.rmtree(out / "wards", ignore_errors=True)
    try:
        folium_map.save_offline(view, out / "map.html")
    except MappingError as error:  # the front-end files are not installed; the figures are still worth having
        return [str(error)]
    if ward_pages:
        _write_ward_pages(view, out / "wards", watch)
    return []


def _write_ward_pages(view: "MapView", folder: Path, watch: Stopwatch) -> None:
    from mapping.publishing import folium_map, static_map
    from mapping.publishing.view import for_ward

    folder.mkdir()
    codes = list(view.wards["ward_gss_code"])
    for number, code in enumerate(codes):
        watch.tell(f"Ward {number + 1} of {len(codes)}", 0.88 + 0.12 * number / len(codes))
        ward = for_ward(view, code)
        folium_map.save_offline(ward, folder / f"{code}.html")
        (folder / f"{code}.png").write_bytes(static_map.draw_ward(ward))


def map_view(analysis: Analysis, account: Account) -> "MapView":
    """Make what the maps are drawn from."""
    from mapping.publishing.view import MapView, base_layers, collapse_points

    cell_size_m = analysis.settings.cell_size_m
    shown = analysis.period.holds(analysis.incidents["occurred_from"])
    shown &= is_placed(analysis.incidents, cell_size_m)  # a coarse one's point is not where it happened
    if analysis.settings.categories:
        shown &= analysis.incidents["category"].isin(analysis.settings.categories)
    return MapView(
        title=finding(analysis),
        subtitle=wording.join_words(analysis.settings.categories) or "All reports",
        period=str(analysis.period),
        wards=analysis.wards,
        hotspots=analysis.hotspots,
        cells=analysis.cells,
        points=collapse_points(analysis.incidents[shown]),
        cell_size_m=cell_size_m,
        layers=base_layers(account.layers),
        attribution=account.attribution,
        edition=analysis.wards.attrs.get("edition", "") or "wards as supplied",
        method=_method(analysis),
        horizon=f"from {analysis.horizon}",
        placed=analysis.placing[WHOLE],
        set_apart=analysis.set_apart,
        placed_by_ward={code: told for code, told in analysis.placing.items() if code != WHOLE},
    )


def _method(analysis: Analysis) -> str:
    """Say what drew the map, why, and how it would have held."""
    choice = analysis.choice
    held = line(analysis.evidence, choice.method)
    return " ".join(f"{said.rstrip('.')}." for said in (choice.description, choice.reason, held) if said)


def finding(analysis: Analysis) -> str:
    """Say in one sentence what the map of the whole borough shows."""
    happening = analysis.hotspots[~analysis.hotspots["recorded_at_place"].astype(bool)]
    count, wards = len(happening), happening["ward_gss_code"].nunique()
    if count == 0:
        return f"No place stands out in these {len(analysis.wards)} wards"
    stand = "place stands" if count == 1 else "places stand"
    return f"{count} {stand} out, in {wards} of {len(analysis.wards)} wards"


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    return {name: metadata.version(name) for name in VERSIONED}


def peak_mb() -> float:
    """Return the largest memory this process has held, in megabytes (10^6 bytes)."""
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)
