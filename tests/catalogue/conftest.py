"""The doors, each over a fresh copy of a small store, and a folder to write bad files into."""

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from mapping.settings import Settings
from webapp import create_app

from .doors import Command, Door, Site
from .files import two_wards


def _conftest_of(room: str) -> ModuleType:
    """Load the fixtures of another folder of tests, which pytest keeps to that folder."""
    path = Path(__file__).parents[1] / room / "conftest.py"
    name = f"catalogue_borrows_from_{room}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_webapp = _conftest_of("webapp")
filled = _webapp.filled


@pytest.fixture(scope="session")
def fresh_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store with the wards West and East and nothing else, once, to be copied."""
    folder = tmp_path_factory.mktemp("catalogue")
    wards = folder / "wards.geojson"
    wards.write_text(two_wards(), encoding="utf-8")
    made = Command(folder / "hotspots.db").run("boundaries", "add", wards, "--edition", "May 2025")
    assert made.exit_code == 0, made.output
    return folder / "hotspots.db"


@pytest.fixture
def command(tmp_path: Path, fresh_store: Path) -> Command:
    """Give the command line over a fresh store."""
    path = tmp_path / "store" / "hotspots.db"
    path.parent.mkdir(mode=0o700)
    shutil.copy(fresh_store, path)
    return Command(path)


@pytest.fixture(scope="session")
def standing_site(
    tmp_path_factory: pytest.TempPathFactory, filled: tuple[Path, dict[str, int]]
) -> Iterator[tuple[Site, Settings, Path]]:
    """Open the site over the invented town once, sign the analyst in, and keep a copy of its store."""
    folder = tmp_path_factory.mktemp("site")
    database, copy = folder / "instance" / "hotspots.db", folder / "signed-in.db"
    database.parent.mkdir(mode=0o700)
    shutil.copy(filled[0], database)
    settings = Settings(
        database_url=f"sqlite:///{database}",
        instance_dir=database.parent,
        secret_key="k" * 40,
        max_upload_mb=1,
    )
    app = create_app(settings)
    opened = app.extensions["ward-hotspots"]
    opened.jobs.huey.immediate = True
    browser = _webapp.Browser(app.test_client())
    assert browser.sign_in("analyst").status_code == 302
    opened.store.close()
    shutil.copy(database, copy)
    yield Site(browser, settings.database_url), settings, copy
    opened.store.close()


@pytest.fixture
def settings(standing_site: tuple[Site, Settings, Path]) -> Settings:
    """Give the settings of the site."""
    return standing_site[1]


@pytest.fixture
def site(standing_site: tuple[Site, Settings, Path]) -> Site:
    """Give the site with its store as it was when the analyst signed in."""
    door, settings, copy = standing_site
    database = settings.instance_dir / "hotspots.db"
    door.browser.client.application.extensions["ward-hotspots"].store.close()
    for rest in database.parent.glob("hotspots.db-*"):
        rest.unlink()
    shutil.copy(copy, database)
    shutil.rmtree(settings.instance_dir / "uploads", ignore_errors=True)
    return door


@pytest.fixture(params=["command", "site"])
def door(request: pytest.FixtureRequest) -> Door:
    """Give each of the two doors in turn."""
    found: Door = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file of a given name; text becomes UTF-8."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / "sent" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file
