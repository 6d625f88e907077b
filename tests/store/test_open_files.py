"""Every open police.uk file in one import: each row accounted for, and nothing new the second time."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mapping import store_import
from mapping.kept_keys import IntakeKeys
from mapping.settings import Settings
from mapping.store import accounts, engine
from mapping.store.imports import COUNTS, ImportResult
from mapping.store.models import Incident, Report, ReportVersion

pytestmark = [pytest.mark.real_data, pytest.mark.slow]

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
ROWS = 477_392  # counted with `zcat` and `wc -l`, less one heading for each of the 73 files


@pytest.fixture(scope="module")
def imported(
    real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[engine.Store, list[ImportResult]]]:
    """Import the whole folder twice."""
    store = engine.open_store(f"sqlite:///{tmp_path_factory.mktemp('open')}/hotspots.db", upgrade=True)
    with store.transaction() as session:
        actor = accounts.first_actor(session, now=NOW)
    keys = IntakeKeys(Settings())
    folder = real_data / "police_uk"
    results = [
        store_import.import_files(store, "police-uk", [folder], keys=keys, actor=actor, now=NOW)
        for _ in range(2)
    ]
    yield store, results
    store.close()


def test_every_row_of_every_file_is_accounted_for(imported):
    _, (first, again) = imported
    for result in (first, again):
        for file in result.files:
            print(file["name"], file["rows_in"], {name: file[name] for name in COUNTS if file[name]})
            assert file["rows_in"] == sum(file[name] for name in COUNTS)
        assert len(result.files) == 73
        assert result.rows_in == sum(file["rows_in"] for file in result.files) == ROWS
        assert {name: sum(file[name] for file in result.files) for name in COUNTS} == result.counts
    assert first.counts["rejected"] == 0


def test_importing_all_of_them_again_tells_nothing_new(imported):
    _, (first, again) = imported
    assert (again.counts["new"], again.counts["updated"]) == (0, 0)
    # What an earlier month said of a crime that a later month repeats is older now, and stays undone.
    assert again.counts["unchanged"] + again.counts["superseded"] + again.counts["joined"] == ROWS
    assert again.counts["superseded"] == first.counts["updated"]


def test_identical_rows_without_a_reference_are_all_held(imported):
    # Cleveland has 13,870 rows without a Crime ID; 4,908 of them say the same as an earlier one.
    store, _ = imported
    with store.reading() as session:
        bare = select(func.count()).where(
            Report.source_agency == "cleveland-police", Report.reference == "", Report.source == "police-uk"
        )
        assert session.execute(bare).scalar_one() == 13_870
        repeats = bare.where(~Report.report_key.endswith("|1"))
        assert session.execute(repeats).scalar_one() == 4_908


def test_repeated_references_are_updates_or_flagged_conflicts_and_never_losses(imported):
    store, (first, _) = imported
    derbyshire = next(file for file in first.files if "derbyshire" in file["name"])
    # 9,199 rows, of which 208 repeat a Crime ID (counted by hand with `sort | uniq -d`)
    assert (derbyshire["rows_in"], derbyshire["new"], derbyshire["joined"]) == (9_199, 8_991, 208)
    said = [issue for issue in first.issues if issue["file"] == derbyshire["name"]]
    flagged = [issue for issue in said if "repeats the reference of row" in issue["reason"]]
    # 199 of them name another place, 186 another outcome, none is the same in every word
    assert len(flagged) == len({issue["row"] for issue in flagged}) == 208
    assert sum("another place" in issue["reason"] for issue in flagged) == 199
    assert sum("outcome" in issue["reason"] for issue in flagged) == 186
    assert {issue["severity"] for issue in flagged} == {"flagged"}
    with store.reading() as session:
        held = session.execute(select(func.count()).select_from(Report)).scalar_one()
        incidents = session.execute(select(func.count()).select_from(Incident)).scalar_one()
        versions = session.execute(select(func.count()).select_from(ReportVersion)).scalar_one()
    assert held == incidents == first.counts["new"]
    # What a later month changed is kept as it was, and what a repeated row said otherwise as it came.
    flags = sum("repeats the reference of row" in issue["reason"] for issue in first.issues)
    assert 500 < flags <= versions - first.counts["updated"] <= first.counts["joined"]
