import datetime as dt
import io
import os
import stat

import pytest

from mapping.errors import NotFoundError
from mapping.settings import Settings
from webapp import uploads

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def _kept(settings, name="log.csv", account_id=1):
    token, path, sha256 = uploads.keep(settings, io.BytesIO(b"a,b\n1,2\n"), name)
    upload = uploads.note(
        settings, token, account_id=account_id, file_name=name, layout="warden-log", sha256=sha256,
        preview={"rows_in": 1}, now=NOW,
    )  # fmt: skip
    return upload, path


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "C:\\logs\\a.csv", "a\x00b.csv", "a\r\nb.csv", "n" * 300 + ".csv", "", "..",
     ".upload.json", "<script>.csv", "=cmd().csv", "log.csv.exe", "журнал.csv", "upload.json"],
)  # fmt: skip
def test_whatever_a_file_is_called_it_stays_in_its_own_folder(tmp_path, name):
    settings = Settings(instance_dir=tmp_path)
    upload, path = _kept(settings, name)
    assert path.parent.parent == tmp_path / "uploads" / upload.token
    assert path.read_bytes() == b"a,b\n1,2\n"
    assert uploads.path_of(settings, upload) == path
    assert len(path.name) <= 90


def test_what_was_sent_is_found_again_with_its_checksum(tmp_path):
    settings = Settings(instance_dir=tmp_path)
    upload, _ = _kept(settings)
    assert uploads.find(settings, upload.token, account_id=1) == upload
    # of the eight bytes above, as sha256sum prints it
    assert upload.sha256 == "492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470"


def test_somebody_else_cannot_reach_it(tmp_path):
    settings = Settings(instance_dir=tmp_path)
    upload, _ = _kept(settings, account_id=1)
    with pytest.raises(NotFoundError):
        uploads.find(settings, upload.token, account_id=2)


@pytest.mark.parametrize("token", ["", "..", "../uploads", "A" * 32, "a/b", "A" * 31 + "/"])
def test_a_token_that_was_never_given_finds_nothing(tmp_path, token):
    with pytest.raises(NotFoundError):
        uploads.find(Settings(instance_dir=tmp_path), token, account_id=1)


def test_its_folder_is_its_owners_alone(tmp_path):
    _, path = _kept(Settings(instance_dir=tmp_path))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


def test_discarding_leaves_nothing_and_may_be_done_twice(tmp_path):
    settings = Settings(instance_dir=tmp_path)
    upload, path = _kept(settings)
    uploads.discard(settings, upload.token)
    uploads.discard(settings, upload.token)
    uploads.discard(settings, "..")
    assert not path.parent.parent.exists()
    assert tmp_path.exists()


def test_what_nobody_confirmed_is_swept_after_half_a_day(tmp_path):
    settings = Settings(instance_dir=tmp_path)
    _, old_path = _kept(settings)
    _, new_path = _kept(settings)
    long_ago = (NOW - uploads.KEPT_FOR).timestamp()
    os.utime(old_path.parent.parent, (long_ago, long_ago))
    os.utime(new_path.parent.parent, (NOW.timestamp(), NOW.timestamp()))
    assert uploads.sweep(settings, now=NOW) == 1
    assert not old_path.exists()
    assert new_path.exists()
