import pytest

pytestmark = pytest.mark.browser

HEADER = (
    "reference,occurred_at,reported_at,category,description,address,postcode,easting,northing,source,"
    "grading\n"
)
HOSTILE = HEADER + "".join(
    f"X{number},0{number}/09/2026 19:30,,Nuisance,,{street},,452300,521300,council-wardens,\n"
    for number, street in enumerate(
        [
            "<script>alert('street')</script> Lane",
            "<img src=x onerror=alert(1)> Road",
            '"${alert(1)} Close"',
            "`${alert(1)}` Court",
            "{{ 7 * 7 }} Drive",
            '"=HYPERLINK(""http://evil.example"") Way"',
        ],
        start=1,
    )
)
BAD_ROW = "X9,31/02/2026 19:30,,Nuisance,,Marton Road,,452300,521300,council-wardens,\n"


@pytest.fixture
def hostile(tmp_path):
    path = tmp_path / "hostile.csv"
    path.write_text(HOSTILE + BAD_ROW, encoding="utf-8")
    return path


def test_a_hostile_file_goes_all_the_way_in_and_runs_nothing(open_page, served, hostile):
    page, watch = open_page("analyst")
    page.goto(served.address + "/imports/new")
    page.check("input[value='warden-log']")
    page.set_input_files("#file", str(hostile))
    page.click("button:has-text('Check the file')")
    assert page.locator("h1").inner_text() == "6 of 7 rows can be imported; 1 cannot"
    assert "<script>alert('street')</script> Lane" in page.locator("main").inner_text()

    page.click("button:has-text('Import 6 rows')")
    page.wait_for_selector("text=See what became of every row", timeout=30_000)
    page.click("text=See what became of every row")
    assert page.locator("h1").inner_text() == "6 reports new or changed; 1 row rejected"

    page.click("button:has-text('Draw the maps again')")
    page.wait_for_selector("text=Open the borough map", timeout=120_000)
    page.click("text=Open the borough map")
    page.wait_for_load_state("networkidle")
    run = page.url.rsplit("/", 1)[1]
    for path in (
        f"/runs/{run}",
        f"/runs/{run}/wards/{served.ward}",
        f"/runs/{run}/proposals",
        "/imports",
        "/",
    ):
        page.goto(served.address + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.violations") == []
    assert watch.dialogs == []
    assert watch.errors == []
    assert watch.foreign == []


def test_a_file_of_another_kind_is_refused_in_words(open_page, served, tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 200)
    page, _ = open_page("analyst")
    page.goto(served.address + "/imports/new")
    page.check("input[value='warden-log']")
    page.set_input_files("#file", str(path))
    page.click("button:has-text('Check the file')")
    assert "nothing of it was kept" in page.locator("[role=alert]").inner_text()
