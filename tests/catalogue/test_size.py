"""Line ends, what stands around the table, and how large it is: BAD 11 to 20."""

import re
import shutil
import urllib.error
import urllib.parse
import urllib.request

import pytest

from mapping.settings import Settings
from webapp import server, uploads

from .doors import events, held, measured, new_events, refuse_measured, token_of, words_of
from .files import WARDEN, cells_of, log, packed, rows, street, table, xlsx, xml_rows

HEADING = ",".join(WARDEN)
GOOD = log({}, {})
FIRST, SECOND = GOOD.splitlines()[1:]


def test_bad_11_quoted_line_breaks_quotes_and_commas_are_text(door, write):
    told = 'Canary "q", line\nline 2\r\nline 3\rline 4, and ""'
    content = log({"description": told, "address": 'Canary, 1 "The\nGrove"'}, {})
    (first, second) = door.take("warden-log", write("embedded.csv", content)).reports
    assert first.description == told
    assert first.place_text == 'Canary, 1 "The Grove"'  # a place is one line
    assert second.reference == "W2"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"], ids=["LF", "CRLF", "CR", "CRCRLF"])
def test_bad_12_any_line_end_will_do_and_those_inside_quotes_stay(command, write, end):
    given = rows("warden-log", {"description": "one\ntwo"}, {}, {})
    outcome = command.take("warden-log", write("ends.csv", table(given, heading=WARDEN, end=end)))
    assert outcome.told == {"new": 3}
    assert outcome.by_reference["W1"].description == "one\ntwo"


def test_bad_12_line_ends_may_be_mixed(command, write):
    third = SECOND.replace("W2", "W3")
    content = f"{HEADING}\r\n{FIRST}\r{SECOND}\n\r\n{third}\n\n{third.replace('W3', 'W4')}"
    assert command.take("warden-log", write("mixed_ends.csv", content)).told == {"new": 4}


def test_bad_12_what_only_unicode_calls_a_line_end_ends_no_row(command, write):
    content = f"{HEADING}\n{FIRST}\u2028{SECOND}\n{SECOND}\x85\n"
    outcome = command.take("warden-log", write("unicode_ends.csv", content))
    assert outcome.rejected == [(1, "", "has 21 values where the heading has 11 columns")]
    assert outcome.told == {"new": 1, "rejected": 1}


@pytest.mark.parametrize(
    "again",
    [HEADING, HEADING + ",,", "\ufeff" + HEADING, HEADING.upper(), HEADING.replace(",", " , ")],
    ids=["the same", "longer", "with a mark", "capitals", "spaces"],
)
def test_bad_13_a_heading_repeated_in_the_file_is_no_row(door, write, again):
    content = f"{HEADING}\n{FIRST}\n{again}\n{SECOND}\n"
    outcome = door.take("warden-log", write("heading_twice.csv", content))
    assert outcome.told == {"new": 2, "rejected": 1}
    assert {row for row, _, _ in outcome.rejected} == {2}


@pytest.mark.parametrize(
    ("layout", "good", "footer"),
    [
        ("warden-log", GOOD, "Total,2,,,,,,,,,"),
        ("warden-log", GOOD, "Total: 2"),
        ("warden-log", GOOD, "End of report, printed 03/02/2025"),
        ("police-uk", street({}, {}), "Total,,2,,,,,,,,,"),
        ("police-uk", street({}, {}), ",,,,,,,,,,,2"),
    ],
)
def test_bad_14_a_footer_is_rejected_and_a_blank_tail_not_counted(door, write, layout, good, footer):
    blanks = "\n,,,,,,,,,,\n  , ,\t,\u00a0,,,,,,,\n\n \n"
    outcome = door.take(layout, write("footer.csv", good + footer + blanks))
    assert (outcome.rows_in, outcome.told) == (3, {"new": 2, "rejected": 1})
    assert {row for row, _, _ in outcome.rejected} == {3}


@pytest.mark.parametrize(
    ("above", "count"),
    [
        ("Exampleshire wardens\n\nPrinted 3 February 2025,,\n", 2),
        ("Exampleshire,,,,,,,,,,\n", 1),
        ("a,a,b\n" * 10, 10),
    ],
    ids=["two lines", "as wide as the table", "ten lines"],
)
def test_bad_15_a_heading_below_title_rows_is_found_and_said(command, write, above, count):
    outcome = command.take("warden-log", write("title.csv", above + log({}, {"occurred_at": "31/02/2025"})))
    assert outcome.told == {"new": 1, "rejected": 1}
    assert [row for row, _, _ in outcome.rejected] == [2]  # rows are counted below the heading
    assert f"The heading was found below {count} other rows." in outcome.words


def test_bad_15_a_heading_further_down_is_refused(door, write):
    said = door.refuse("warden-log", write("deep_title.csv", "Canary wardens\n" * 11 + GOOD))
    assert "needs the columns" in said


@pytest.mark.parametrize("cut", [3, 25, 40, 60])
def test_bad_16_a_last_row_cut_short_is_rejected(command, write, cut):
    outcome = command.take("warden-log", write("cut.csv", (GOOD + SECOND.replace("W2", "W3"))[:-cut]))
    assert outcome.told == {"new": 2, "rejected": 1}
    assert "where the heading has 11 columns" in outcome.rejected[0][2]


def test_bad_16_a_file_cut_inside_a_letter_loses_that_row_alone(command, write):
    content = log({"address": "Canary Café"}, {"grading": "é"}).encode()[:-2]
    outcome = command.take("warden-log", write("cut_letter.csv", content))
    assert outcome.told == {"new": 1, "rejected": 1}
    assert outcome.by_reference["W1"].place_text == "Canary Café"


WIDE = [*WARDEN, *(f"column {number}" for number in range(10_000))]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ten_thousand.csv", ",".join(WIDE) + "\n" + ("," * 10_010 + "\n") * 2000),
        ("long_names.csv", ",".join(f"{name}{'x' * 500}" for name in WIDE) + "\n"),
        ("ten_thousand.xlsx", xlsx(xml_rows([WIDE, *[["x"] * len(WIDE)] * 20]))),
    ],
    ids=["CSV", "long names", "XLSX"],
)
def test_bad_17_ten_thousand_columns_are_refused_within_five_seconds(command, write, name, content):
    refused = refuse_measured(command, "warden-log", write(name, content))
    assert "10,011 columns; at most 500 are read" in refused.stderr
    assert len(refused.stderr) < 500
    assert refused.seconds < 5


def test_bad_18_a_long_field_is_cut_and_flagged_or_its_row_rejected(door, write):
    word, text = "y" * 5000, "x" * 300_000
    content = log({"description": text}, {"address": word}, {"category": word}, {"reference": word},
                  {"postcode": word}, {"source": word}, {"grading": word}, {"easting": "9" * 5000},
                  {"occurred_at": "1" * 5000}, {"reported_at": "1" * 5000})  # fmt: skip
    outcome = door.take("warden-log", write("long_fields.csv", content))
    assert outcome.told == {"new": 8, "rejected": 2}
    assert {(row, field) for row, field, _ in outcome.rejected} == {(4, "reference"), (9, "occurred_at")}
    cut = {row for row, _, reason in outcome.flagged if "was cut there" in reason}
    assert cut == {1, 2, 3, 5, 6, 7, 8, 10}
    kept = outcome.by_reference
    assert len(kept["W1"].description) == 10_000
    assert len(kept["W2"].place_text) == 500
    assert all(len(page) < 60_000 for page in outcome.pages.values())


def test_bad_18_a_field_of_sixty_megabytes_takes_neither_memory_nor_time(command, write):
    sent = write("one_field.csv", log({"description": "x" * 60_000_000}, {}))
    assert measured(command, "import", "warden-log", sent).exit_code == 0
    assert [len(report.description) for report in held(command.url)] == [10_000, len("Canary told")]


def test_bad_19_thousands_of_bad_rows_are_paged_and_all_in_the_download(site, write):
    content = log(*[{"occurred_at": "31/02/2025"}] * 4000, {})
    outcome = site.take("warden-log", write("four_thousand.csv", content))
    assert outcome.told == {"new": 1, "rejected": 4000}
    assert "50 of 4,000 row issues" in words_of(outcome.pages["preview"])
    assert outcome.pages["result"].count("rejected: not kept") == 50
    assert len(outcome.pages["row issues"].splitlines()) == 4001
    assert all(len(outcome.pages[name]) < 60_000 for name in ("preview", "result", "list", "job"))


def test_bad_19_a_hundred_thousand_bad_rows_are_all_told_by_the_command(command, write):
    sent = write("ragged.csv", HEADING + "\n" + "x\n" * 100_000)
    answer = measured(command, "import", "warden-log", sent, "--json")
    assert answer.stdout.count('"severity": "rejected"') == 100_000
    assert not held(command.url)


def test_bad_19_a_million_bad_rows_do_not_fill_the_memory(command, write):
    sent = write("million.csv", HEADING + "\n" + "x\n" * 1_000_000)
    measured(command, "import", "warden-log", sent)


def test_bad_20_a_file_above_the_limit_is_413_before_it_is_read(site, settings, write):
    before = events(site.url)
    answer = site.post("warden-log", GOOD.encode() + b"\n" * 2_000_000, "large.csv")  # the limit here is 1 MB
    assert answer.status_code == 413
    assert "larger than this site takes" in answer.text
    assert not uploads.folder(settings).exists()
    assert not new_events(site.url, before, action="import")


@pytest.mark.parametrize("megabytes", [2, 9])
def test_bad_20_a_body_of_unsaid_length_is_cut_off_at_the_limit(tmp_path, filled, megabytes):
    database = tmp_path / "hotspots.db"
    shutil.copy(filled[0], database)
    settings = Settings(
        database_url=f"sqlite:///{database}", instance_dir=tmp_path, secret_key="k" * 40, max_upload_mb=1
    )
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    pieces = (b"x" * 65_536 for _ in range(megabytes * 16))  # no Content-Length: sent in chunks
    with server.running(settings) as address:
        page = browser.open(f"{address}/sign-in").read().decode()
        fields = {"name": "analyst", "password": "correct horse battery", "csrf_token": token_of(page)}
        browser.open(f"{address}/sign-in", data=urllib.parse.urlencode(fields).encode())
        assert browser.open(f"{address}/imports/new").status == 200
        request = urllib.request.Request(f"{address}/imports/new", data=pieces, method="POST")
        request.add_header("Content-Type", "multipart/form-data; boundary=b")
        with pytest.raises((urllib.error.HTTPError, ConnectionError, urllib.error.URLError)) as caught:
            browser.open(request, timeout=20)
    if isinstance(caught.value, urllib.error.HTTPError):
        assert caught.value.code == 413
    assert not uploads.folder(settings).exists()


@pytest.mark.parametrize(
    "path", ["imports/{}", "imports/{}/row-issues.csv", "jobs/{}", "runs/{}", "runs/{}/about"]
)
def test_bad_20_an_id_that_no_database_holds_is_no_page(site, path):
    for number in (2**31, 2**63, 10**400, "1" * 5000):
        assert site.browser.get("/" + path.format(number)).status_code == 404


def test_bad_20_each_member_of_a_zip_is_logged_by_the_checksum_of_the_zip(command, write):
    members = {f"{number}.csv": log({"reference": f"Z{number}"}) for number in range(60)}
    assert command.take("warden-log", write("sixty.zip", packed(members))).told == {"new": 60}


def test_bad_19_a_page_beyond_the_last_is_an_answer_too(site, write):
    site.take("warden-log", write("one_bad.csv", log({"occurred_at": "x"}, {})))
    newest = re.search(r'href="/imports/(\d+)"', site.browser.get("/imports").text)
    for page in ("0", "99999", "-1", "x", "1e9", "99999999999999999999"):
        assert site.browser.get(f"/imports/{newest[1]}?page={page}").status_code == 200


def test_bad_17_a_workbook_of_one_wide_row_is_a_ragged_row(command, write):
    given = [*cells_of("warden-log", rows("warden-log", {}, {}))]
    given.append(["x"] * 400)
    outcome = command.take("warden-log", write("wide_row.xlsx", xlsx(xml_rows(given))))
    assert outcome.told["rejected"] >= 1
