"""What a row means, and words that other programs would run: BAD 64 to 69."""

import csv
import html
import io
import json
import re

import pytest
from sqlalchemy import func, select

from mapping.store.models import AuditEntry, Report, RowIssue

from .doors import opened, words_of
from .files import EASTING, NORTHING, WARDEN, log, row, street, table, two_wards

OLD = "is an old 5x5x5 grading: kept as written, and the row is handled as C"
NONE = "is no 3x5x2 grading (such as 2B P), so the row is handled as C"
CONTRADICTED = "gives conditions beside a P, so the row is handled as C"
LOST = "has no handling letter, so the row is handled as C"


@pytest.mark.parametrize(
    ("text", "code", "grades", "reason"),
    [
        ("2B P", "P", "2B", None),
        ("2BP", "P", "2B", None),
        ("2b p", "P", "2B", None),
        ("1A C", "C", "1A", None),
        ("", "P", "", None),
        ("2B", "C", "2B", LOST),
        ("2B/P", "P", "2B", None),
        ("2B P A1", "C", "2B", CONTRADICTED),
        ("B24", "C", "", OLD),
        ("E 4 1", "C", "", OLD),
        ("4B P", "C", "", NONE),
        ("2F P", "C", "", NONE),
        ("2B X", "C", "", NONE),
        ("P", "C", "", NONE),
        ("open", "C", "", NONE),
        ("2B PP", "C", "", NONE),
        ("２B P", "C", "", NONE),
        ("ВЕ P", "C", "", NONE),
        ("2B P.", "C", "", NONE),
        ("2B//", "C", "", NONE),
        ("N/A", "C", "", NONE),
        ("5x5x5", "C", "", NONE),
        ("2B P\nC", "C", "", NONE),
        ("None", "C", "", NONE),
    ],
    ids=ascii,
)
def test_bad_64_an_unknown_grading_is_c_and_never_p(command, write, text, code, grades, reason):
    outcome = command.take("warden-log", write("grading.csv", log({"grading": text})))
    (report,) = outcome.reports
    # A blank one takes the handling of the source, which for a warden's report is P.
    assert report.handling_code == code
    assert report.source_grade + report.assessment_grade == grades
    assert outcome.flagged == ([] if reason is None else [(1, "grading", reason)])


def test_bad_64_no_row_is_looser_than_its_source(door, write):
    content = log(*[{"grading": text} for text in ("open", "2B open", "P", "0A P", "1A P", "")])
    outcome = door.take("warden-log", write("looser.csv", content))
    assert {report.handling_code for report in outcome.reports} == {"C", "P"}


def test_bad_65_area_codes_of_any_year_are_kept_and_the_ward_comes_from_the_point(door, write):
    stated = ["E01000001", "E01033768", "W01000001", "S01006506", "95GG01S1", "nonsense", ""]
    outcome = door.take("police-uk", write("areas.csv", street(*[{"LSOA code": code} for code in stated])))
    assert [report.stated_area for report in outcome.reports] == stated
    assert len({report.ward_gss_code for report in outcome.reports}) == 1


def test_bad_65_another_edition_of_the_wards_places_them_anew(command, write, tmp_path):
    command.take("police-uk", write("street.csv", street({}, {})))
    assert {line["ward_gss_code"] for line in command.incidents()} == {"E05999001"}
    newer = tmp_path / "newer.geojson"
    newer.write_text(two_wards().replace("E05999001", "E05999101"), encoding="utf-8")
    assert command.run("boundaries", "add", newer, "--edition", "May 2026").exit_code == 0
    assert {line["ward_gss_code"] for line in command.incidents()} == {"E05999101"}


SPELLINGS = {
    "ASB nuisance": ["NUISANCE", " nuisance ", "Youths  causing annoyance", "nuisance\n"],
    "Anti-social behaviour": [
        "ASB",
        "Anti Social Behaviour",
        "anti-social behaviour",
        "Antisocial behaviour",
    ],
    "Fly-tipping": ["Fly tipping", "fly-tipping", "FLYTIPPING"],
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_bad_66_spellings_lead_to_one_category(command, write, name):
    content = log(*[{"category": text} for text in SPELLINGS[name]])
    outcome = command.take("warden-log", write("spellings.csv", content))
    assert {report.category for report in outcome.reports} == {name}
    assert not outcome.issues


def test_bad_66_hundreds_of_unknown_categories_make_no_new_one(door, write):
    content = log(*[{"category": f"Canary kind {number}"} for number in range(300)], {"category": ""}, {})
    outcome = door.take("warden-log", write("unknown_categories.csv", content))
    assert outcome.told == {"new": 302}
    assert {report.category for report in outcome.reports} == {"Other report", "ASB nuisance"}
    assert {row for row, _, _ in outcome.flagged} == set(range(1, 302))


FORMULAS = [
    "=1+1",
    "+44 1642",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    '=HYPERLINK("x","y")',
    "=cmd|' /C calc'!A0",
    "|calc",
    "%0A=1",
]


def test_bad_67_formulas_are_stored_as_they_came(door, write):
    content = table([row("warden-log", k, address=text, description=text, reference=f"={k}")
                     for k, text in enumerate(FORMULAS, start=1)], heading=WARDEN)  # fmt: skip
    outcome = door.take("warden-log", write("formulas.csv", content))
    assert outcome.told == {"new": len(FORMULAS)}
    assert [report.place_text for report in outcome.reports] == [text.strip() for text in FORMULAS]
    assert [report.reference for report in outcome.reports] == [f"={k}" for k in range(1, len(FORMULAS) + 1)]


RUNS = re.compile(r"^[=+\-@\t\r\n＝＋－＠]")


def is_neutral(text: str) -> bool:
    """Say whether no cell of a CSV would be run by a spreadsheet; a negative number is a number."""
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    return not any(
        RUNS.match(cell) and not re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", cell) for cell in cells
    )


@pytest.mark.parametrize("name", ["=HYPERLINK(1).csv", "+1.csv", "@x.csv", "-2+3.csv"])
def test_bad_67_the_row_issues_of_a_file_named_like_a_formula_are_neutral(site, write, name):
    outcome = site.take(
        "warden-log", write("issues.csv", log({"occurred_at": "=1"}, {"category": "=1"})), name=name
    )
    assert outcome.told == {"new": 1, "rejected": 1}
    assert is_neutral(outcome.pages["row issues"])


def test_bad_67_columns_named_like_formulas_are_neutral_too(command, write):
    heading = log({}).splitlines()[0]
    said = command.refuse(
        "warden-log",
        write("formula_heading.csv", heading.replace("postcode", "=1+1").replace("grading", "=1+1")),
    )
    assert "'=1+1' comes 2 times" in said


@pytest.mark.parametrize("layout", ["police-uk", "timed-points"])
def test_bad_67_the_files_of_a_run_are_neutral(tmp_path, command, write, layout):
    wards, out = tmp_path / "wards.geojson", tmp_path / "out"
    wards.write_text(two_wards().replace("West", "=West()"), encoding="utf-8")
    assert layout in ("police-uk", "timed-points")
    sent = write(f"=1+1-{layout}.csv", town(layout, "=HYPERLINK(1)"))
    done = command.run(
        "run", "--wards", wards, "--incidents", sent, "--layout", layout, "--out", out, "--no-maps"
    )
    assert done.exit_code == 0, done.output
    written = {path.name: path.read_text(encoding="utf-8") for path in out.glob("*.csv")}
    assert "HYPERLINK" in written["proposals.csv"]
    assert [name for name, text in written.items() if not is_neutral(text)] == []


def town(layout: str, place: str) -> str:
    """Write six months of a thin background and one busy place of a given name."""
    rows = []
    for month in range(1, 7):
        for k in range(70):
            busy = k < 15
            east = EASTING if busy else 450_050 + 27 * k
            north = NORTHING if busy else 520_050 + 13 * k
            where = place if busy else f"Road {k}"
            if layout == "timed-points":
                rows.append(row(layout, len(rows), easting=east, northing=north, location=where,
                                timestamp=f"2025-{month:02d}-{1 + k % 27:02d}T20:00:00"))  # fmt: skip
            else:
                lon, lat = -1.2242 + (east - 450_250) / 64_600, 54.575 + (north - 520_250) / 111_200
                rows.append(row(layout, len(rows), Longitude=f"{lon:.6f}", Latitude=f"{lat:.6f}",
                                Location=f"On or near {where}", Month=f"2025-{month:02d}"))  # fmt: skip
    return table(rows)


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "${alert(1)}",
    "`${alert(1)}`",
    "{{7*7}}{{config}}",
    "{% print(7*7) %}",
    "javascript:alert(1)",
    "'\"><svg/onload=alert(1)>",
    "<!--<script>",
    "&lt;script&gt;alert(1)",
    "<a href=x>y</a>",
]
LIVE = re.compile(r"(?i)<script>alert|<img src=x|<svg/onload|<!--<script|<a href=x>|href=[\"']?javascript:")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_bad_68_words_that_a_page_would_run_are_inert_on_every_page(site, write, text):
    content = log({"address": text, "description": text, "category": text, "source": text, "postcode": text,
                   "grading": text, "easting": text, "reported_at": text, "reference": text},
                  {"occurred_at": text}, {"address": text})  # fmt: skip
    outcome = site.take("warden-log", write("hostile.csv", content), name=f"{text}.csv")
    assert outcome.told == {"new": 2, "rejected": 1}
    for name, page in outcome.pages.items():
        if name != "row issues":
            assert not LIVE.search(page), name
            assert "49" not in re.sub(r"\d{3,}", "", words_of(page)) or "7*7" not in text
    assert text in html.unescape(outcome.pages["preview"])  # shown as the words they are
    assert outcome.reports[0].description == text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_bad_68_a_hostile_heading_is_inert_in_a_refusal(site, write, text):
    quoted = '"' + text.replace('"', '""') + '"'
    heading = log({}).splitlines()[0].replace("postcode", quoted).replace("grading", quoted)
    answer = site.post("warden-log", (heading + "\n").encode(), f"{text}.csv")
    assert answer.status_code == 422
    assert not LIVE.search(answer.text)
    assert "comes 2 times" in answer.text


def test_bad_68_the_log_holds_no_word_of_a_hostile_file(site, write):
    content = log(*[{"address": text, "category": text, "source": text} for text in HOSTILE])
    site.take("warden-log", write("hostile.csv", content), name="<script>alert(1)</script>.csv")
    with opened(site.url) as session:
        logged = json.dumps([entry.details for entry in session.execute(select(AuditEntry)).scalars()])
    assert "script" not in logged and "alert" not in logged and "7*7" not in logged


def test_bad_68_hostile_places_are_inert_on_the_maps_drawn_of_them(site, write):
    text = HOSTILE[2] + "${alert(1)}`{{7*7}}"
    sent = write("town.csv", town("timed-points", text))
    taken = site.take("timed-points", sent)
    assert taken.told == {"new": 420}
    job = site.browser.send("/imports/2", "/runs", {}).location
    assert "The maps were drawn again" in words_of(site.browser.get(job).text)
    pages = [site.browser.get(path) for path in
             ("/runs/2", "/runs/2/about", "/runs/2/proposals", "/runs/2/map.js", "/")]  # fmt: skip
    for answer in pages:
        assert answer.status_code == 200
        assert not LIVE.search(answer.text)
        assert "</script><script>" not in answer.text


SQL = [
    "x'); DROP TABLE reports;--",
    "' OR 1=1 --",
    "'; DELETE FROM audit; --",
    "%_%",
    "\\",
    "1; VACUUM",
    ":name",
    "?",
    "$1",
    '"; DROP TABLE reports; --',
]


def test_bad_69_fragments_of_sql_are_text(door, write):
    content = table(
        [
            row(
                "warden-log",
                k,
                reference=f"{text}{k}",
                address=text,
                description=text,
                source=text,
                category=text,
            )
            for k, text in enumerate(SQL, start=1)
        ],
        heading=WARDEN,
    )
    outcome = door.take("warden-log", write("'; DROP TABLE reports; --.csv", content))
    assert outcome.told == {"new": len(SQL)}
    assert [report.place_text for report in outcome.reports] == SQL
    assert [report.source for report in outcome.reports] == SQL
    with opened(door.url) as session:
        for kept in (Report, RowIssue, AuditEntry):
            assert session.execute(select(func.count()).select_from(kept)).scalar_one() > 0
    assert door.take("warden-log", write("again.csv", content)).told == {"unchanged": len(SQL)}
