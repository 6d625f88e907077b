import urllib.error
import urllib.request

import pytest

from mapping.errors import SettingsError, StoreError
from mapping.settings import Settings
from webapp import create_app, server


def test_it_serves_while_the_block_lasts_and_names_no_server(town):
    with server.running(town.settings) as address:
        with urllib.request.urlopen(f"{address}/sign-in") as answer:
            assert answer.status == 200
            assert "Server" not in answer.headers
        assert address.startswith("http://127.0.0.1:")
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{address}/sign-in")


@pytest.mark.parametrize(("size", "words"), [(2_000_000, "larger than this site takes"), (9_000_000, "")])
def test_a_body_above_the_limit_is_413_also_over_a_real_socket(town, size, words):
    # The limit of these tests is 1 MB; beyond four times that waitress answers by itself.
    with server.running(town.settings) as address:
        request = urllib.request.Request(f"{address}/sign-in", data=b"x" * size, method="POST")
        with pytest.raises((urllib.error.HTTPError, ConnectionError, urllib.error.URLError)) as caught:
            urllib.request.urlopen(request)
        if isinstance(caught.value, urllib.error.HTTPError):
            assert caught.value.code == 413
            assert words in caught.value.read().decode()
        else:
            assert not words  # cut off while it was still sending


def test_an_address_that_others_reach_needs_a_name_in_the_settings():
    with pytest.raises(SettingsError, match="HOTSPOTS_HOSTS"):
        server.serve(Settings(), host="0.0.0.0")


def test_a_database_that_was_never_set_up_stops_the_start(tmp_path):
    settings = Settings(database_url=f"sqlite:///{tmp_path}/new.db", instance_dir=tmp_path)
    with pytest.raises(StoreError, match="upgrade"):
        create_app(settings)
