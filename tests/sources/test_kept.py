import os
import stat

import pytest

from mapping.sources import kept
from mapping.sources.kept import Kept, make_private, write_whole


def test_what_is_kept_is_found_by_its_question_alone(tmp_path):
    answers = Kept(tmp_path / "a")
    answers.keep(b"one", "GET", "x")
    assert answers.find("GET", "x") == b"one"
    assert answers.find("GET", "y") is None
    # the parts of a question are not run together
    assert answers.find("GETx") is None and answers.find("GE", "Tx") is None


def test_the_folder_and_all_that_had_to_be_made_above_it_are_the_owners_alone(tmp_path):
    Kept(tmp_path / "instance" / "fetched" / "answers").keep(b"1", "x")
    for folder in ("instance", "instance/fetched", "instance/fetched/answers"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o700
    make_private(tmp_path / "instance")  # again changes nothing


def test_fresh_sees_nothing_of_before_and_all_of_now(tmp_path):
    Kept(tmp_path).keep(b"old", "x")
    fresh = Kept(tmp_path, is_fresh=True)
    assert fresh.find("x") is None
    fresh.keep(b"new", "x")
    assert fresh.find("x") == b"new" and Kept(tmp_path).find("x") == b"new"


def test_old_answers_and_what_a_killed_run_left_are_deleted(tmp_path):
    answers = Kept(tmp_path)
    answers.keep(b"1", "x")
    answers.keep(b"2", "y")
    (tmp_path / ".half.1.part").write_bytes(b"ha")
    (written,) = (path for path in tmp_path.iterdir() if path.name == kept._name(("x",)))
    now = written.stat().st_mtime
    os.utime(written, (now - 41 * 86_400, now - 41 * 86_400))
    assert answers.forget_old(now_s=now) == 1
    assert answers.find("x") is None and answers.find("y") == b"2"
    assert answers.forget_old(now_s=now + 2 * 86_400) == 1  # the half-written one
    assert Kept(tmp_path / "none").forget_old() == 0


def test_a_file_is_there_whole_or_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "wards.geojson"
    write_whole(path, b"before")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before" and list(tmp_path.iterdir()) == [path]
