"""The demo borough, served to a real Chromium."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from mapping import wording
from mapping.demo import loading
from mapping.kept_keys import IntakeKeys
from mapping.settings import Settings
from mapping.store import accounts, boundaries, runs
from mapping.store.engine import open_store
from webapp.server import running

AXE = Path(__file__).parents[2] / "webapp" / "assets" / "node_modules" / "axe-core" / "axe.min.js"

# Kept in the page, since a violation is told to the page and to nobody else.
LISTEN = """
window.violations = []
document.addEventListener('securitypolicyviolation', event => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`)
})
"""


@dataclass(frozen=True)
class Served:
    """Where the demo is, how to sign in, and what there is to look at."""

    address: str
    passwords: dict[str, str]
    ward: str
    quiet_ward: str
    place: str
    database_url: str

    def url(self, path: str) -> str:
        """Return the address of a page; `{ward}` and `{quiet_ward}` are filled in."""
        return self.address + path.format(ward=self.ward, quiet_ward=self.quiet_ward)


@dataclass
class Watch:
    """What a page did that it should not have done."""

    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Build the demo borough, load it and serve it from a thread."""
    instance = tmp_path_factory.mktemp("site") / "instance"
    url, now = f"sqlite:///{instance}/hotspots.db", dt.datetime.now(dt.UTC)
    store = open_store(url, upgrade=True)
    with store.transaction() as session:
        operator = accounts.first_actor(session, now=now)
    settings = Settings(database_url=url, instance_dir=instance)
    keys = IntakeKeys(settings)
    loaded = loading.load(
        store, keys=keys, gazetteer=settings.gazetteer_path, actor=operator, now=now, new_passwords=False,
        progress=lambda *_: None,
    )  # fmt: skip
    with store.reading() as session:
        hotspots, (_, wards) = runs.hotspots(session, 1), boundaries.current(session)
    store.close()
    touched = {*hotspots["ward_name"], *"; ".join(hotspots["other_wards"]).split("; ")}
    quiet = wards.loc[~wards["ward_name"].isin(touched), "ward_gss_code"].iloc[0]
    passwords = {account["name"]: account["password"] for account in loaded["accounts"]}
    with running(settings) as address:
        first = hotspots.iloc[0]
        place = wording.public_place(first["place_name"])
        yield Served(address, passwords, first["ward_gss_code"], quiet, place, url)


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the source of axe-core, or skip and say how to install it."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run `make assets`")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def sign_in(served: Served) -> Callable[[Page, str], None]:
    """Return a way to sign in as a person does."""

    def through_the_form(page: Page, name: str) -> None:
        page.goto(f"{served.address}/sign-in")
        page.fill("#name", name)
        page.fill("#password", served.passwords[name])
        page.click("button:has-text('Sign in')")

    return through_the_form


@pytest.fixture(scope="session")
def cookies(chromium: Browser, sign_in: Callable[[Page, str], None]) -> Callable[[str], Any]:
    """Return a way to be signed in without signing in each time."""
    held: dict[str, Any] = {}

    def of(name: str) -> Any:
        if name and name not in held:
            window = chromium.new_context()
            sign_in(window.new_page(), name)
            held[name] = window.storage_state()
            window.close()
        return held.get(name)

    return of


@pytest.fixture
def open_page(
    chromium: Browser, served: Served, cookies: Callable[[str], Any]
) -> Iterator[Callable[..., tuple[Page, Watch]]]:
    """Return a way to open a window, signed in or not, that is watched for what it must not do."""
    windows = []

    def opened(name: str = "", *, width: int = 1280, javascript: bool = True) -> tuple[Page, Watch]:
        size = {"width": width, "height": 900}
        window = chromium.new_context(
            viewport=size, java_script_enabled=javascript, storage_state=cookies(name)
        )
        windows.append(window)
        page, watch = window.new_page(), Watch()
        page.add_init_script(LISTEN)
        page.on("request", lambda request: _note_foreign(watch, request.url, served.address))
        page.on("console", lambda said: watch.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: watch.errors.append(str(error)))
        page.on("dialog", lambda dialog: (watch.dialogs.append(dialog.message), dialog.dismiss()))
        return page, watch

    yield opened
    for window in windows:
        window.close()


def _note_foreign(watch: Watch, url: str, address: str) -> None:
    if not url.startswith((f"{address}/", "data:", "blob:")):
        watch.foreign.append(url)
