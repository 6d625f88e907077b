"""An import that is killed at any moment leaves whole files or none, and the same files again complete it."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mapping.store import audit, engine
from mapping.store.models import ImportRow, Incident, Report

KILLS = 20
MONTHS = ("2025-01", "2025-02", "2025-03", "2025-04")
ROWS = 1200  # in each file
HEADING = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n"
)


def street_files(folder: Path, force: str) -> list[Path]:
    """Write four months of an invented force: a third without a reference, of which many are alike."""
    paths = []
    for month in MONTHS:
        rows = [
            f"{'' if row % 3 == 0 else f'{force}-{month}-{row:05d}'},{month},{force},{force},"
            f"-1.2{row % 40:02d},54.5{row % 25:02d},On or near Road {row % 40},,,"
            f"{'Anti-social behaviour' if row % 3 == 0 else 'Burglary'},,\n"
            for row in range(ROWS)
        ]
        path = folder / f"{month}-{force.lower()}-street.csv"
        path.write_text(HEADING + "".join(rows))
        paths.append(path)
    return paths


def start_import(url: str, files: list[Path], instance: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mapping", "import", "police-uk", *map(str, files), "--json"]
    environment = os.environ | {"HOTSPOTS_DATABASE_URL": url, "HOTSPOTS_INSTANCE_DIR": str(instance)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def whole_files(url: str) -> set[str]:
    """Return the files that are held, having checked that each of them is held whole."""
    store = engine.open_store(url)
    try:
        with store.reading() as session:
            by_import = dict(
                session.execute(select(Report.import_id, func.count()).group_by(Report.import_id)).all()
            )
            imports = session.execute(select(ImportRow).where(ImportRow.new_count > 0)).scalars().all()
            assert by_import == {row.import_id: row.new_count for row in imports}
            assert all(row.new_count == row.rows_in == ROWS for row in imports)
            incidents = session.execute(select(func.count()).select_from(Incident)).scalar_one()
            assert incidents == sum(by_import.values())  # no incident without its report
            assert audit.verify(session) is None
            return {row.file_name for row in imports}
    finally:
        store.close()


def keys_held(url: str) -> Counter[str]:
    store = engine.open_store(url)
    try:
        with store.reading() as session:
            return Counter(session.execute(select(Report.report_key)).scalars())
    finally:
        store.close()


@pytest.mark.slow
def test_imports_killed_at_twenty_random_moments_leave_whole_files_and_can_be_sent_again(url, tmp_path):
    """FLT 1 and 3, I1 to I3: each import is of new files, so that every kill meets real writing."""
    draw = random.Random(20261125)
    instance = tmp_path / "instance"
    began = time.monotonic()
    first = street_files(tmp_path, "Force-0")
    assert start_import(url, first, instance).wait() == 0
    life = time.monotonic() - began
    sent, left_whole = [first], []
    while len(left_whole) < KILLS:
        before = whole_files(url)
        sent.append(street_files(tmp_path, f"Force-{len(sent)}"))
        process = start_import(url, sent[-1], instance)
        time.sleep(draw.uniform(0.4, 1.0) * life)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        held = whole_files(url)
        assert before <= held <= before | {path.name for path in sent[-1]}
        if process.returncode == -signal.SIGKILL:  # else it was done before the moment came
            left_whole.append(len(held - before))
    print(f"whole files after each kill, of {len(MONTHS)}: {left_whole}")
    assert min(left_whole) < len(MONTHS)

    everything = [path for paths in sent for path in paths]
    again = start_import(url, everything, instance)
    answer = json.loads(again.communicate()[0])
    assert answer["new"] + answer["unchanged"] == answer["rows_in"] == ROWS * len(everything)
    assert whole_files(url) == {path.name for path in everything}
    keys = keys_held(url)
    assert (len(keys), set(keys.values())) == (ROWS * len(everything), {1})
