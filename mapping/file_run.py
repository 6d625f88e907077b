"""Files in, an analysis out: the `run` and `backtest` commands, with nothing stored anywhere."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from mapping import wording
from mapping.errors import FileRefusedError
from mapping.folder import Account
from mapping.pipeline import Stopwatch
from mapping.places.wards import place, read_wards, surroundings

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from mapping.intake import Intake
    from mapping.intake.layout import Layout

AUDIENCE: Final[dict[str, Any]] = {
    "agencies": [],
    "purpose": "files in, files out: whoever holds the folder",
}


@dataclass(frozen=True)
class Loaded:
    """Files read and placed, ready to analyse, and the account of their rows."""

    incidents: pd.DataFrame
    wards: "GeoDataFrame"
    account: Account


def load(
    ward_files: Sequence[Path],
    incident_files: Sequence[Path],
    *,
    layout: str,
    edition: str,
    attribution: str = "",
    layers: Sequence[Path] = (),
    now: dt.datetime,
    watch: Stopwatch,
) -> Loaded:
    """Read wards and incidents, join reports to incidents and give each its ward.

    Raises
    ------
    FileRefusedError, BoundaryError
        A file cannot be used, or holds no row that can; every reason found is said at once.
    """
    from mapping import intake
    from mapping.intake.event_groups import SEPARATOR
    from mapping.intake.layout import Area

    chosen = _layout(layout)
    if chosen.kind != "reports":
        raise FileRefusedError(
            layout,
            ["Intelligence is never counted, so no hotspot is made of it; name a layout of reports instead."],
        )
    with watch.stage("read wards", 0.0):
        wards = read_wards(ward_files, edition=edition)
    with watch.stage("read incidents", 0.02):
        taken = intake.read_reports(
            incident_files,
            chosen,
            now=now,
            area=Area(*surroundings(wards)),
            complainant_key=secrets.token_bytes(32),  # nothing is kept, so the key need not outlive the run
        )
    if taken.reports.empty:
        raise FileRefusedError(", ".join(path.name for path in incident_files), [_nothing(taken)])
    with watch.stage("join", 0.11):
        told, _ = intake.to_incidents(taken.reports)
        incidents, links = intake.join_incidents(told)
    with watch.stage("place", 0.12):
        placed = place(incidents, wards)
    linked = len(told) - len(incidents)
    doubtful = int((links["state"] == "queued").sum())
    account = Account(
        rows_in=taken.rows_in,
        joined=taken.joined + linked,
        rejected=taken.rejected,
        issues=taken.issues,
        files=[{"name": file.name, "sha256": file.sha256, "rows_in": file.rows_in} for file in taken.files],
        messages=[*taken.messages, *wording.linked(linked, doubtful)],
        audience=AUDIENCE,
        attribution=" ".join(text for text in (attribution, chosen.attribution) if text),
        layers={path.stem: path.read_text(encoding="utf-8") for path in layers},
        linked=int(incidents["told_by"].str.contains(SEPARATOR, regex=False).sum()),
        queued_links=doubtful,
    )
    return Loaded(placed, wards, account)


def _layout(named: str) -> "Layout":
    """Return a layout that ships, by its name, or the one in a TOML file, as `layouts learn --out` writes."""
    from mapping.intake import layout as layouts

    if not named.casefold().endswith(".toml"):
        return layouts.load(named)
    path = Path(named)
    if not path.is_file():
        raise FileRefusedError(path.name, ["There is no such layout file."])
    return layouts.parse(path.read_bytes().decode("utf-8", "replace"))


def _nothing(taken: "Intake") -> str:
    if taken.rows_in == 0:
        return "There is no data row to read."
    first = taken.issues.iloc[0]
    return (
        f"All {taken.rows_in} rows were refused; the first, row {first['row']}, because of "
        f"{first['field']}: {first['reason']}"
    )
