"""Originals: kept encrypted in the import's own transaction, or not at all."""

import datetime as dt
import hashlib
import zipfile

import pytest
from sqlalchemy import select

from mapping import store_import
from mapping.errors import FileRefusedError, NotFoundError, SettingsError
from mapping.kept_keys import IntakeKeys
from mapping.settings import Settings
from mapping.store import audit, erasure, originals
from mapping.store.models import Original

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TEXT = (
    "incident_id,timestamp,type,easting,northing\n"
    + "".join(f"A{number},2026-01-05 10:00,Noise,450250,520250\n" for number in range(50))
    + "CANARY,2026-01-05 11:00,Noise,450250,520250\n"
)


@pytest.fixture
def log(tmp_path):
    """Write a small log."""
    path = tmp_path / "log.csv"
    path.write_text(TEXT)
    return path


def keys(tmp_path, *, kept=True):
    return IntakeKeys(Settings(instance_dir=tmp_path / "instance", keep_originals=kept))


def put(store, path, operator, using):
    return store_import.import_files(store, "timed-points", [path], keys=using, actor=operator, now=NOW)


def kept(store):
    with store.reading() as session:
        return session.execute(select(Original)).scalars().all()


def test_by_default_nothing_of_the_file_itself_is_kept(store, operator, log, tmp_path):
    put(store, log, operator, keys(tmp_path, kept=False))
    assert kept(store) == []
    assert not (tmp_path / "instance").exists()  # and no key is made that nobody needs


def test_a_zip_of_many_members_is_sealed_once(store, operator, tmp_path, monkeypatch):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(5):
            archive.writestr(f"{number}.csv", TEXT.replace("A1,", f"A1-{number},"))
    real, times = originals.sealed, []
    monkeypatch.setattr(originals, "sealed", lambda *given, **named: times.append(1) or real(*given, **named))
    put(store, path, operator, keys(tmp_path))
    assert (len(times), [row.size_bytes for row in kept(store)]) == (1, [path.stat().st_size])


def test_an_original_is_sealed_once_and_opens_with_its_key(store, operator, log, tmp_path):
    using = keys(tmp_path)
    for _ in range(2):
        put(store, log, operator, using)
    (row,) = kept(store)
    assert row.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert b"CANARY" not in row.sealed
    assert row.size_bytes == len(TEXT)
    with store.transaction() as session:
        found = originals.fetch(session, row.sha256, key=using.originals, actor=operator, now=NOW)
    assert found.decode() == TEXT


def test_another_key_or_another_checksum_opens_nothing(store, operator, log, tmp_path):
    put(store, log, operator, keys(tmp_path))
    (row,) = kept(store)
    other = keys(tmp_path / "elsewhere")
    for key in (other.originals, None):
        with store.transaction() as session, pytest.raises(SettingsError, match="originals-key"):
            originals.fetch(session, row.sha256, key=key, actor=operator, now=NOW)
    with store.transaction() as session, pytest.raises(NotFoundError):
        originals.fetch(session, "0" * 64, key=other.originals, actor=operator, now=NOW)


def test_an_original_that_was_exchanged_for_another_does_not_open(store, operator, log, tmp_path):
    using = keys(tmp_path)
    put(store, log, operator, using)
    second = tmp_path / "second.csv"
    second.write_text(TEXT.replace("CANARY", "OTHER"))
    put(store, second, operator, using)
    first, other = kept(store)
    with store.transaction() as session:
        session.get_one(Original, first.sha256).sealed = other.sealed
    with store.transaction() as session, pytest.raises(SettingsError):
        originals.fetch(session, first.sha256, key=using.originals, actor=operator, now=NOW)


def test_of_a_refused_file_nothing_is_kept(store, operator, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("something,else\n1,2\n")
    with pytest.raises(FileRefusedError):
        put(store, path, operator, keys(tmp_path))
    assert kept(store) == []


def test_what_is_erased_goes_from_the_originals_too(store, operator, log, tmp_path):
    # The layout's owner is no agency here, so the records are held for the importer, who may erase them.
    using = keys(tmp_path)
    put(store, log, operator, using)
    again = tmp_path / "again.csv"
    again.write_text(TEXT + "A99,2026-01-06 10:00,Noise,450250,520250\n")
    put(store, again, operator, using)
    assert len(kept(store)) == 2
    with store.transaction() as session:
        assert erasure.erase(session, ["timed-points|CANARY"], actor=operator, now=NOW) == 1
    assert kept(store) == []
    with store.reading() as session:
        assert audit.latest(session, limit=1)[0].details["originals_removed"] == 2
