"""A clerk and a file that the site has never seen: from upload to a stored layout, in a real browser."""

import json

import pytest

from mapping.store import layouts
from mapping.store.engine import open_store

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Odd headings, semicolons, day first, grid references in Newmouth.
WORDS = ("Loud music", "Graffiti", "Treasure found")
FILE = "Vorgang Nr;Passiert am;Art der Meldung;Lage;Gitter;Melder Telefon;Bemerkung\n" + "".join(
    f"M-{k:03d};{1 + k % 28:02d}/09/2026 19:{k:02d};{WORDS[k % 3]};{k} Marton Road;SE 20{k % 10} 79{k % 10};"
    f"01642 55{k:04d};caller says that it happens every evening after the shops close\n"
    for k in range(30)
)


@pytest.fixture
def unknown(tmp_path):
    path = tmp_path / "meldungen 2026-09.csv"
    path.write_text(FILE, encoding="cp1252")
    return str(path)


@pytest.fixture
def audited(axe):
    def no_faults(page):
        page.evaluate(axe)
        found = page.evaluate(f"axe.run({{runOnly: {{type: 'tag', values: {TAGS}}}}})")
        told = [
            (fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in found["violations"]
        ]
        assert told == [], json.dumps(told, indent=1)
        assert page.evaluate("window.violations") == []

    return no_faults


def _upload(page, served, path):
    page.goto(served.address + "/imports/new")
    page.check("input[value='?']")
    page.set_input_files("#file", path)
    _press(page.locator("button:has-text('Check the file')"))


def _press(control):
    """Press what leads to another page, and wait until that page is there whole."""
    with control.page.expect_navigation(wait_until="load"):
        control.click()


def _select(page, heading):
    return page.locator(".learn__column", has=page.locator(f"h3:text-is('{heading}')")).locator("select")


def test_a_file_never_seen_ends_in_a_stored_layout_and_an_import(open_page, served, unknown, audited):
    page, watch = open_page("analyst")
    _upload(page, served, unknown)
    assert "6 of 7 columns recognised" in page.locator("h1").inner_text()
    assert _select(page, "Gitter").input_value() == "grid_reference"
    assert _select(page, "Passiert am").input_value() == "occurred_at"
    assert "01642" not in page.locator("main").inner_text()
    assert "every evening" not in page.locator("main").inner_text()
    assert "01/09/2026 19:00 is read as 1 September 2026 at 19:00" in page.locator("main").inner_text()
    audited(page)

    # The clerk corrects a guess and a word, and looks at ten rows.
    assert _select(page, "Bemerkung").input_value() == "description"
    _select(page, "Lage").select_option("outcome")
    page.get_by_label("Our category for Treasure found").select_option("Other theft")
    _press(page.locator("button:has-text('See ten rows')"))
    assert page.url.endswith("#ten-rows")
    assert page.locator("#ten-rows + .scroll tbody tr").count() == 10
    assert "Marton Road" not in page.locator("#ten-rows + .scroll").inner_text()
    _select(page, "Lage").select_option("place")
    _press(page.locator("button:has-text('See ten rows')"))
    third = page.locator("#ten-rows + .scroll tbody tr").nth(2).inner_text()
    assert "Other theft" in third
    assert "3 September 2026 at 19:02" in third
    assert "Marton Road" in third
    assert "none: kept" not in third  # the grid reference gave a point
    audited(page)

    # Something is wrong: it is said beside the field, and nothing is kept.
    page.fill("#title", "Warden log")
    _press(page.locator("button:has-text('Save and go on')"))
    assert "comes with the system" in page.locator("[role=alert]").inner_text()
    audited(page)
    page.click("[role=alert] a")
    assert page.evaluate("document.activeElement.id") == "title"

    page.fill("#title", "Meldungen from abroad")
    _press(page.locator("button:has-text('Save and go on')"))
    assert page.locator("h1").inner_text() == "All 30 rows can be imported"
    assert "row issue" not in page.locator("main").inner_text()
    audited(page)
    store = open_store(served.database_url)
    with store.reading() as session:
        layout = layouts.resolve(session, "meldungen-from-abroad")
    store.close()
    assert layout.columns["grid_reference"].names == ("Gitter",)
    assert layout.categories["treasure found"] == "Other theft"
    assert "Melder Telefon" not in str(layout.columns)

    page.click("button:has-text('Import 30 rows')")
    page.wait_for_selector("text=See what became of every row", timeout=30_000)
    _press(page.locator("text=See what became of every row"))
    assert page.locator("h1").inner_text() == "30 reports new or changed"

    # The next one of its kind is known.
    _upload(page, served, unknown)
    offer = page.locator(".offer")
    assert "Meldungen from abroad" in offer.inner_text()
    audited(page)
    _press(offer.locator("button").first)
    assert "held already" in page.locator("h1").inner_text()
    page.goto(served.address + "/layouts")
    _press(page.locator("text=Meldungen from abroad").first)
    assert "Passiert am" in page.locator("pre").inner_text()
    audited(page)
    assert [said for said in watch.errors if "422" not in said] == []  # the form that was refused
    assert watch.foreign == []


def test_the_mapping_screen_does_the_same_without_scripts(open_page, served, unknown):
    page, _ = open_page("analyst", javascript=False)
    _upload(page, served, unknown)
    _select(page, "Lage").select_option("outcome")
    _press(page.locator("button:has-text('See ten rows')"))
    assert page.locator("#ten-rows + .scroll tbody tr").count() == 10
    assert _select(page, "Lage").input_value() == "outcome"


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_mapping_screen_never_scrolls_sideways(open_page, served, unknown, width):
    page, _ = open_page("analyst", width=width)
    _upload(page, served, unknown)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.fill("#title", "")
    _press(page.locator("button:has-text('Save and go on')"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_choice_can_be_reached_and_made_by_keyboard(open_page, served, unknown):
    page, _ = open_page("analyst")
    _upload(page, served, unknown)
    _select(page, "Lage").focus()
    page.keyboard.press("Home")
    assert _select(page, "Lage").input_value() == ""  # left out
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SELECT"
    page.locator("#title").focus()
    page.keyboard.press("Enter")  # sends the form by its first button, which keeps nothing
    page.wait_for_url("**#ten-rows")
    assert page.locator("#ten-rows").count() == 1
