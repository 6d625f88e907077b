"""The work that the site does in the background, and the check of a file before it."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from mapping import kept_keys, pipeline, store_import, store_run
from mapping.access import Actor
from mapping.harm_file import read_harm
from mapping.hotspots.harm_tables import CAMBRIDGE
from mapping.settings import Settings
from mapping.store import imports, past_imports
from webapp import formatters, site, uploads

if TYPE_CHECKING:
    from mapping.store.engine import Store
    from webapp.jobs import Tell, Work

PREVIEW_ROWS: Final = 10
PREVIEW_ISSUES: Final = 50


def works(settings: Settings) -> "dict[str, Work]":
    """Return what can be asked for, by kind of job."""

    def import_upload(
        store: "Store", actor: Actor, details: Mapping[str, Any], tell: "Tell"
    ) -> dict[str, Any]:
        upload = uploads.find(settings, details["token"], account_id=actor.account_id)
        path = uploads.path_of(settings, upload)
        result = store_import.import_files(
            store,
            upload.layout,
            [path],
            keys=kept_keys.IntakeKeys(settings),
            gazetteer=settings.gazetteer_path,
            extracted_on=_day(upload.extracted_on),
            actor=actor,
            now=site.now(),
            progress=_telling(tell),
        )
        uploads.discard(settings, upload.token)
        return {"import_id": result.import_id}

    def refresh(
        store: "Store",
        actor: Actor,
        details: Mapping[str, Any],  # noqa: ARG001
        tell: "Tell",
    ) -> dict[str, Any]:
        """Analyse everything that the agency and its partners share, and record the run."""
        harm = read_harm(settings.harm) if settings.harm else CAMBRIDGE
        made = store_run.refresh(
            store, settings=pipeline.Settings(harm=harm), actor=actor, now=site.now(), progress=_telling(tell)
        )
        return {"run_id": made.run_id}

    return {"import": import_upload, "refresh": refresh}


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def check_file(
    store: "Store", settings: Settings, actor: Actor, path: Path, layout: str, *, extracted_on: str = ""
) -> dict[str, Any]:
    """Say what importing a file would do, and keep nothing.

    Raises
    ------
    FileRefusedError
        The file cannot be used; every reason found is said.
    """
    first: list[pd.DataFrame] = []
    result = store_import.import_files(
        store,
        layout,
        [path],
        keys=kept_keys.IntakeKeys(settings),
        gazetteer=settings.gazetteer_path,
        extracted_on=_day(extracted_on),
        dry_run=True,
        actor=actor,
        now=site.now(),
        watching=lambda reports: first.append(reports.head(PREVIEW_ROWS)) if not first else None,
    )
    return {
        "rows_in": result.rows_in,
        "counts": result.counts,
        "messages": result.messages[:PREVIEW_ISSUES],
        "rows": [_as_read(row) for rows in first for row in rows.itertuples(index=False)],
        "issues": result.issues[:PREVIEW_ISSUES],
        "issues_total": len(result.issues),
        "issue_kinds": _kinds(result.issues),
    }


def _kinds(issues: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Count issues by their reason: nobody need see a thousand rows to know what they have in common."""
    counts = Counter((issue["field"], issue["reason"], issue["severity"]) for issue in issues)
    kinds = past_imports.in_order(past_imports.IssueKind(*what, rows) for what, rows in counts.items())
    return [asdict(kind) for kind in kinds[:PREVIEW_ISSUES]]


def _as_read(row: Any) -> dict[str, Any]:
    """Say how one row was understood, without its free text."""
    if pd.isna(row.occurred_from):
        occurred = "not known"
    elif row.time_precision == "month":
        occurred = formatters.month(f"{formatters.local(row.occurred_from):%Y-%m}")
    elif row.time_precision == "day":
        occurred = formatters.date(row.occurred_from)
    else:
        occurred = formatters.moment(row.occurred_from)
    has_point = pd.notna(row.easting_m)
    return {
        "row": int(row.row),
        "category": row.category,
        "occurred": occurred,
        "place": formatters.place(row.place_text) if row.place_text else "",
        "point": f"{row.easting_m:.0f}, {row.northing_m:.0f}" if has_point else "none: kept, not on the map",
        "handling": row.handling_code,
    }


def note_refusal(
    store: "Store", actor: Actor, *, layout: str, file_name: str, sha256: str, problems: Sequence[str]
) -> None:
    """Write down that a file came and was refused whole."""
    with store.transaction() as session:
        imports.record_refusal(
            session,
            layout=layout,
            source_name=layout,
            files=[{"name": file_name, "sha256": sha256, "rows_in": 0, "accepted": 0, "rejected": 0}],
            problems=problems,
            actor=actor,
            now=site.now(),
        )


# The pipeline names its stages for a terminal; a page says what they do.
_STAGES: Final = {
    "checking": "Looking through the files",
    "reading": "Reading the rows",
    "finding the wards": "Finding the wards",
    "storing": "Keeping what is new",
    "load": "Loading what the partners share",
    "grid": "Laying the grid over the wards",
    "scoring": "Trying methods out on the earlier months",
    "significance": "Testing what could be chance",
    "hotspots": "Drawing hotspots",
    "proposals": "Writing proposals",
}


def _telling(tell: "Tell") -> "Tell":
    """Return a teller that puts a stage's name into words for a page."""

    def told(share: float, stage: str) -> None:
        name, colon, rest = stage.partition(":")  # reading: 120,000 rows
        tell(share, f"{_STAGES.get(name, name)}{colon}{rest}")

    return told
