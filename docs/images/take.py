"""Take the pictures of the README and the documents: the demo borough in a real browser.

Run by `make images`. Builds the borough in a temporary folder, serves it on this machine alone,
signs in and takes each picture; look at them before committing them.
"""

import datetime as dt
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mapping.demo import loading
from mapping.kept_keys import IntakeKeys
from mapping.settings import Settings
from mapping.store import accounts, runs
from mapping.store.engine import open_store
from webapp.server import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE: Final = Path(__file__).resolve().parent
CHROMIUM: Final = Path("/usr/bin/chromium")
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Picture:
    """One picture: who looks at which page, and how much of it is shown."""

    name: str
    reader: str
    path: str
    width: int = 1280
    height: int = 900
    is_whole_page: bool = False
    sends: str = ""


# A file in columns that no layout here knows; the picture is of the screen that meets it.
UNKNOWN: Final = "Case Ref;Date Opened;Nature;Property Address;Map ref;Tenant Name;Notes\n" + "".join(
    f"H-{k:04d};{1 + k % 28:02d}/09/2026 19:{k:02d};{('Loud music', 'Graffiti', 'Dog fouling')[k % 3]};"
    f"{k} Marton Road;SE 20{k % 10} 79{k % 10};J. Example;it happens every evening after the shops close\n"
    for k in range(60)
)
PICTURES: Final = (
    Picture("borough", "chair", "/runs/1"),
    Picture("ward", "chair", "/runs/1/wards/{ward}", height=1000),
    Picture("hotspot", "chair", "/runs/1/hotspots/H002", is_whole_page=True),
    Picture("proposal", "chair", "/runs/1/proposals/2", is_whole_page=True),
    Picture("about-a-run", "chair", "/runs/1/about", height=1000),
    Picture("import", "analyst", "/imports/1", height=760),
    Picture("describe", "analyst", "/imports/new", height=1000, sends=UNKNOWN),
    Picture("phone", "officer", "/runs/1/wards/{ward}", width=390, height=844),
)


def main() -> None:
    """Take every picture, or say what is missing."""
    if not CHROMIUM.exists():
        sys.exit(f"No browser here: install Debian's chromium ({CHROMIUM}).")
    from playwright.sync_api import sync_playwright

    with demo_site() as (address, passwords, ward), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        for picture in PICTURES:
            take(browser, picture, address + picture.path.format(ward=ward), passwords[picture.reader])
        browser.close()


@contextmanager
def demo_site() -> Iterator[tuple[str, dict[str, str], str]]:
    """Serve the demo borough while the block lasts; gives its address, passwords and busiest ward."""
    with tempfile.TemporaryDirectory(prefix="ward-hotspots-") as folder:
        instance, now = Path(folder) / "instance", dt.datetime.now(dt.UTC)
        url = f"sqlite:///{instance}/hotspots.db"
        store = open_store(url, upgrade=True)
        with store.transaction() as session:
            operator = accounts.first_actor(session, now=now)
        settings = Settings(database_url=url, instance_dir=instance)
        keys = IntakeKeys(settings)
        loaded = loading.load(
            store, keys=keys, gazetteer=settings.gazetteer_path, actor=operator, now=now,
            new_passwords=False, progress=lambda *_: None,
        )  # fmt: skip
        with store.reading() as session:
            ward = runs.hotspots(session, 1)["ward_gss_code"].mode()[0]
        store.close()
        with running(settings) as address:
            yield address, {account["name"]: account["password"] for account in loaded["accounts"]}, ward


def take(browser: "Browser", picture: Picture, url: str, password: str) -> None:
    """Sign in on the way to the page and write its picture beside this file."""
    size = {"width": picture.width, "height": picture.height}
    window = browser.new_context(viewport=size, reduced_motion="reduce")
    page = window.new_page()
    page.goto(url)  # leads to the sign-in page, and back
    page.fill("#name", picture.reader)
    page.fill("#password", password)
    page.click("button:has-text('Sign in')")
    page.wait_for_url(url)
    if picture.sends:
        page.check("input[value='?']")
        named = {"name": "housing cases.csv", "mimeType": "text/csv", "buffer": picture.sends.encode()}
        page.set_input_files("#file", files=named)
        page.click("button:has-text('Check the file')")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / f"{picture.name}.png", full_page=picture.is_whole_page)
    window.close()


if __name__ == "__main__":
    main()
