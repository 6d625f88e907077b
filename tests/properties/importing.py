"""The one place where these tests meet the product: files in, an account of every row, what is held."""

import contextlib
import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from mapping.access import Actor
from mapping.kept_keys import IntakeKeys
from mapping.settings import Settings
from mapping.store import accounts
from mapping.store.engine import Store, open_store
from mapping.store.imports import ImportResult
from mapping.store.models import Incident, Report, ReportVersion
from mapping.store.shelves import REPORTS
from mapping.store_import import import_files

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)


@contextlib.contextmanager
def fresh(template: Path) -> Iterator[tuple[Store, Actor, Path]]:
    """Give an empty store, its first account, and a folder for the files of one example."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(template, folder / "hotspots.db")
        store = open_store(f"sqlite:///{folder / 'hotspots.db'}")
        try:
            with store.transaction() as session:
                actor = accounts.first_actor(session, now=NOW)
            yield store, actor, folder
        finally:
            store.close()


def write(folder: Path, name: str, text: str) -> Path:
    """Write a file of an example, half a surrogate and all."""
    path = folder / name
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


def bring_in(
    store: Store,
    paths: Sequence[Path],
    layout: str,
    *,
    actor: Actor,
    extracted_on: dt.date | None = None,
    dry_run: bool = False,
) -> ImportResult:
    """Import files as `hotspots import` does; the day of their extract may be given."""
    keys = IntakeKeys(Settings(instance_dir=paths[0].parent / "instance"))
    return import_files(
        store, layout, paths, keys=keys, extracted_on=extracted_on, dry_run=dry_run, actor=actor, now=NOW
    )


def held(store: Store) -> dict[str, tuple[Any, ...]]:
    """Return what every report says, by key."""
    with store.reading() as session:
        reports = session.execute(select(Report)).scalars()
        return {
            report.report_key: tuple(getattr(report, name) for name in REPORTS.content) for report in reports
        }


def whole(store: Store) -> list[tuple[Any, ...]]:
    """Return everything that is held of reports, row for row, and the number of versions and incidents."""
    names = [column.name for column in Report.__table__.columns]
    with store.reading() as session:
        rows = [
            tuple(getattr(report, name) for name in names)
            for report in session.execute(select(Report).order_by(Report.report_id)).scalars()
        ]
        counts = (
            session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (ReportVersion, Incident)
        )
        return [*rows, tuple(counts)]
