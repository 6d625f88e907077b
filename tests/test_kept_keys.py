"""Keys that are kept: made once, private, one for each purpose."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from mapping.errors import SettingsError
from mapping.kept_keys import IntakeKeys, kept
from mapping.settings import Settings


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    folder = tmp_path / "instance"
    made = kept(folder, "hash-key")
    assert kept(folder, "hash-key") == made
    assert len(made) >= 32
    assert stat.S_IMODE((folder / "hash-key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_key_cut_short_is_refused_and_never_replaced(tmp_path):
    (tmp_path / "hash-key").write_text("short")
    with pytest.raises(SettingsError, match=r"too short.*HOTSPOTS_HASH_KEY"):
        kept(tmp_path, "hash-key")
    assert (tmp_path / "hash-key").read_text() == "short"


def test_nothing_is_made_before_it_is_needed_and_a_set_key_is_the_same_everywhere(tmp_path):
    here, there = (Settings(instance_dir=tmp_path / name, hash_key="k" * 32) for name in ("a", "b"))
    assert IntakeKeys(here).complainant == IntakeKeys(there).complainant
    assert not (tmp_path / "a").exists()
    assert IntakeKeys(here).originals is None


def test_each_purpose_has_a_key_of_its_own(tmp_path):
    keys = IntakeKeys(Settings(instance_dir=tmp_path, keep_originals=True))
    assert keys.originals is not None
    assert len({keys.complainant, keys.originals, b""}) == 3
    assert "bytes" not in repr(keys)


def test_many_that_ask_at_once_for_a_new_key_get_the_same(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: kept(tmp_path / "new", "hash-key"), range(64)))
    assert len(set(made)) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["hash-key"]


def test_a_key_is_never_there_before_it_is_whole(tmp_path, monkeypatch):
    real, seen = os.fsync, []
    monkeypatch.setattr(
        os, "fsync", lambda handle: seen.append((tmp_path / "hash-key").exists()) or real(handle)
    )
    assert len(kept(tmp_path, "hash-key")) >= 32
    assert seen == [False]
