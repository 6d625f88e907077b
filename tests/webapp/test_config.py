import stat
from pathlib import Path

import pytest

from mapping.errors import SettingsError
from mapping.settings import SETTINGS, SHORTEST_KEY, Settings, read_settings
from webapp import config


def test_without_any_variable_the_defaults_hold():
    assert read_settings({"PATH": "/usr/bin"}) == Settings()


def test_test_data_folder_has_another_prefix_and_is_no_setting():
    assert read_settings({"WARD_HOTSPOTS_TEST_DATA": "/data"}) == Settings()


def test_every_variable_reaches_its_field():
    settings = read_settings(
        {
            "HOTSPOTS_DATABASE_URL": "postgresql+psycopg://hotspots@db/hotspots",
            "HOTSPOTS_INSTANCE_DIR": "/srv/hotspots",
            "HOTSPOTS_SECRET_KEY": "k" * 32,
            "HOTSPOTS_HOSTS": "maps.exampleshire.gov.uk, 127.0.0.1",
            "HOTSPOTS_MAX_UPLOAD_MB": "8",
            "HOTSPOTS_ACTOR": "jo",
            "HOTSPOTS_ONS_URL": "https://mirror.exampleshire.gov.uk/ons",
            "HOTSPOTS_POLICE_UK_URL": "http://127.0.0.1:8000/api",
        }
    )
    assert settings == Settings(
        database_url="postgresql+psycopg://hotspots@db/hotspots",
        instance_dir=Path("/srv/hotspots"),
        secret_key="k" * 32,
        hosts=("maps.exampleshire.gov.uk", "127.0.0.1"),
        max_upload_mb=8,
        actor="jo",
        ons_url="https://mirror.exampleshire.gov.uk/ons",
        police_uk_url="http://127.0.0.1:8000/api",
    )


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("HOTSPOTS_DATABASE", "x", "is not a setting"),
        ("HOTSPOTS_SECRET_KEY", "short", "5 characters"),
        ("HOTSPOTS_DATABASE_URL", "mysql://host/db", "must start with sqlite:///"),
        ("HOTSPOTS_HOSTS", "*", "no *"),
        ("HOTSPOTS_HOSTS", "http://host", "no http://"),
        ("HOTSPOTS_HOSTS", "a,,b", "plain host names"),
        ("HOTSPOTS_MAX_UPLOAD_MB", "-4", "1 to 1024"),
        ("HOTSPOTS_MAX_UPLOAD_MB", "4.5", "1 to 1024"),
        ("HOTSPOTS_MAX_UPLOAD_MB", "²", "1 to 1024"),
    ],
)
def test_unknown_or_unsafe_setting_stops_the_start(name, value, word):
    with pytest.raises(SettingsError, match="The start was stopped") as caught:
        read_settings({name: value})
    assert word in str(caught.value)
    assert value not in str(caught.value) or len(value) < 3 or "://" in value


def test_every_problem_is_said_at_once():
    with pytest.raises(SettingsError) as caught:
        read_settings({"HOTSPOTS_COLOUR": "red", "HOTSPOTS_HOSTS": "*", "HOTSPOTS_MAX_UPLOAD_MB": "0"})
    assert all(word in str(caught.value) for word in ("HOTSPOTS_COLOUR", "HOTSPOTS_HOSTS", "MAX_UPLOAD_MB"))


def test_settings_cannot_be_changed_later():
    with pytest.raises(AttributeError):
        Settings().hosts = ("elsewhere",)


def test_every_setting_has_a_field_and_a_description():
    fields = {f"HOTSPOTS_{name.upper()}" for name in Settings.__dataclass_fields__}
    assert {setting.name for setting in SETTINGS} == fields
    assert all(len(setting.description) > 20 for setting in SETTINGS)


@pytest.mark.parametrize(
    ("hosts", "is_loopback"),
    [
        (("127.0.0.1", "localhost"), True),
        (("[::1]",), True),
        (("127.0.0.2",), True),
        (("127.0.0.1", "maps.exampleshire.gov.uk"), False),
        (("10.0.0.1",), False),
        (("127.0.0.1.evil.example",), False),
    ],
)
def test_only_names_of_this_machine_are_loopback(hosts, is_loopback):
    assert Settings(hosts=hosts).is_loopback_only is is_loopback


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    settings = Settings(instance_dir=tmp_path / "instance")
    config.make_instance_dir(settings)
    first = config.secret_key(settings)
    assert len(first) >= SHORTEST_KEY
    assert config.secret_key(settings) == first
    assert stat.S_IMODE((tmp_path / "instance" / "secret-key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "instance").stat().st_mode) == 0o700


def test_a_kept_key_that_is_too_short_stops_the_start(tmp_path):
    (tmp_path / "secret-key").write_text("abc")
    with pytest.raises(SettingsError, match="too short"):
        config.secret_key(Settings(instance_dir=tmp_path))
