import io
import re
import zipfile

import pytest

from mapping.access import local_day
from mapping.store import accounts, audit, past_imports
from webapp import site, uploads

HEADER = (
    "reference,occurred_at,reported_at,category,description,address,postcode,easting,northing,source,"
    "grading\n"
)
GOOD = HEADER + (
    "N1,03/02/2026 19:30,,Nuisance,free text,12 Marton Road,,450250,520250,warden-log,\n"
    "N2,04/02/2026 20:00,,Nuisance,,<script>alert(1)</script> Lane,,450260,520260,warden-log,\n"
    "N3,31/02/2026 20:00,,Nuisance,,Marton Road,,450260,520260,warden-log,\n"
    "N4,05/02/2026 20:00,,Nuisance,,=1+1 Close,,450260,520260,warden-log,\n"
)


def _send(visitor, content, *, layout="warden-log", name="log.csv"):
    body = content.encode() if isinstance(content, str) else content
    return visitor.send("/imports/new", "/imports/new", {"layout": layout, "file": (io.BytesIO(body), name)})


def _words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def _rows_held(town):
    with town.store.engine.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM reports").scalar()


def test_a_file_is_checked_and_nothing_of_it_is_kept(town, signed_in):
    visitor = signed_in("analyst")
    before = _rows_held(town)
    page = visitor.get(_send(visitor, GOOD).location)
    words = _words(page)
    assert "3 of 4 rows can be imported; 1 cannot" in words
    assert "4 rows in the file" in words
    assert "ASB nuisance 3 February 2026 at 19:30 Marton Road 450250, 520250 P" in words  # no house number
    assert "3 occurred_at is not a date this layout reads" in words
    assert "free text" not in page.text
    assert "<script>alert(1)" not in page.text
    assert _rows_held(town) == before


def test_a_confirmed_file_is_imported_whole_and_every_row_accounted_for(town, signed_in):
    visitor = signed_in("analyst")
    before = _rows_held(town)
    checked = _send(visitor, GOOD).location
    job = visitor.send(checked, f"{checked}/confirm", {}).location
    assert "The file was imported" in _words(visitor.get(job))
    assert visitor.get(f"{job}.json").json == {"share": 1.0, "message": "Done", "is_over": True}
    words = _words(visitor.get("/imports/2"))
    assert "3 reports new or changed; 1 row rejected" in words
    assert "4 rows = 3 new + 1 rejected. Every row is accounted for." in words
    assert _rows_held(town) == before + 3
    assert not list(uploads.folder(town.settings).iterdir())  # nothing waits any more


def test_the_same_file_again_tells_nothing_new(town, signed_in):
    visitor = signed_in("analyst")
    for _ in range(2):
        checked = _send(visitor, GOOD).location
        visitor.send(checked, f"{checked}/confirm", {})
    assert "The file was imported and told nothing new" in _words(visitor.get("/imports/3"))


def test_a_confirmation_sent_twice_imports_once(signed_in):
    visitor = signed_in("analyst")
    checked = _send(visitor, GOOD).location
    token = visitor.get(checked).text.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    first = visitor.client.post(f"{checked}/confirm", data={"csrf_token": token})
    second = visitor.client.post(f"{checked}/confirm", data={"csrf_token": token})
    assert (first.status_code, second.status_code) == (302, 404)


def test_a_file_can_be_thrown_away(town, signed_in):
    visitor = signed_in("analyst")
    checked = _send(visitor, GOOD).location
    assert visitor.send(checked, f"{checked}/discard", {}).location == "/imports"
    assert visitor.get(checked).status_code == 404
    assert not list(uploads.folder(town.settings).iterdir())


def test_somebody_elses_waiting_file_is_not_there(signed_in):
    checked = _send(signed_in("analyst"), GOOD).location
    stranger = signed_in("stranger")
    assert stranger.get(checked).status_code == 404
    assert stranger.send("/", f"{checked}/confirm", {}).status_code == 404
    assert stranger.send("/", f"{checked}/discard", {}).status_code == 404


def _zip_of_nothing():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log.csv", b"\x00" * 50_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        ("a,b\n1,2\n", "needs the columns"),
        (HEADER.replace("category", "reference") + "1,2,3,4,5,6,7,8,9,10,11\n", "reference"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, ""),
        ("<!DOCTYPE html><html><body>no</body></html>", ""),
        ('{"rows": [1, 2]}', ""),
        (_zip_of_nothing(), ""),
        (b"PK\x03\x04 cut short", ""),
    ],
    ids=["empty", "wrong columns", "column twice", "PNG", "HTML", "JSON", "ZIP bomb", "cut ZIP"],
)
def test_a_file_that_cannot_be_used_is_refused_in_words_and_logged(town, signed_in, content, word):
    visitor = signed_in("analyst")
    before = _rows_held(town)
    answer = _send(visitor, content)
    assert answer.status_code == 422, answer.text
    assert "The file was refused and nothing of it was kept" in answer.text
    assert word in answer.text
    assert "Traceback" not in answer.text
    assert _rows_held(town) == before
    waiting = list(uploads.folder(town.settings).iterdir())
    assert len(waiting) == (word == "needs the columns")  # a table may be described instead
    with town.store.reading() as session:
        last = audit.latest(session, limit=1)[0]
    assert (last.action, last.details["status"]) == ("import", "reject_file")


def test_a_heading_without_rows_leads_to_nothing_to_import(signed_in):
    visitor = signed_in("analyst")
    answer = _send(visitor, HEADER)
    if answer.status_code == 302:  # accepted with a word about it
        assert "Import 0" not in visitor.get(answer.location).text
    else:
        assert answer.status_code == 422


def test_a_form_without_a_file_or_a_layout_says_what_is_missing(signed_in):
    answer = signed_in("analyst").send("/imports/new", "/imports/new", {})
    assert answer.status_code == 422
    assert "Choose a file" in answer.text
    assert "Say where the file comes from" in answer.text


def test_an_unknown_layout_is_refused(signed_in):
    assert _send(signed_in("analyst"), GOOD, layout="../../etc/passwd").status_code == 422


def test_a_file_above_the_limit_is_413_before_it_is_read(town, signed_in):
    # The limit of these tests is 1 MB.
    visitor = signed_in("analyst")
    token = visitor.get("/imports/new").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    fields = {"csrf_token": token, "layout": "warden-log", "file": (io.BytesIO(b"x" * 2_000_000), "log.csv")}
    answer = visitor.client.post("/imports/new", data=fields)
    assert answer.status_code == 413
    assert "larger than this site takes" in answer.text
    assert not uploads.folder(town.settings).exists()


@pytest.mark.parametrize(
    "name",
    [
        "../../a.csv",
        "a\x00.csv",
        "n" * 300 + ".csv",
        "<script>alert(1)</script>.csv",
        "=cmd().csv",
        "a.csv.exe",
    ],
)
def test_whatever_a_file_is_called_its_page_shows_it_as_text(signed_in, name):
    visitor = signed_in("analyst")
    answer = _send(visitor, GOOD, name=name)
    assert answer.status_code == 302, answer.text
    page = visitor.get(answer.location)
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_row_issues_download_as_csv_that_no_spreadsheet_runs(signed_in):
    answer = signed_in("analyst").get("/imports/1/row-issues.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="row-issues-1.csv"'
    lines = answer.text.splitlines()
    assert lines[0] == "file,row,field,reason,severity"
    assert lines[1] == "log.csv,14,occurred_at,31/02/2026 is no date,rejected"
    assert "'=HYPERLINK" in lines[2]


def test_thousands_of_issues_are_paged(town, signed_in):
    rows = "".join(
        f"B{k},31/02/2026 20:00,,Nuisance,,Marton Road,,450260,520260,warden-log,\n" for k in range(120)
    )
    visitor = signed_in("analyst")
    checked = _send(
        visitor, HEADER + "A1,03/02/2026 19:30,,Nuisance,,Marton Road,,450250,520250,,\n" + rows
    ).location
    assert "50 of 120 row issues" in _words(visitor.get(checked))
    visitor.send(checked, f"{checked}/confirm", {})
    first, last = visitor.get("/imports/2"), visitor.get("/imports/2?page=3")
    assert "/imports/2?page=2" in first.text
    assert "page=4" not in last.text
    assert first.text.count("rejected: not kept") == 51  # 50 rows and the reason they share
    assert last.text.count("rejected: not kept") == 20
    assert visitor.get("/imports/2?page=x").status_code == 200
    assert visitor.get("/imports/2?page=-5").status_code == 200
    assert len(visitor.get("/imports/2/row-issues.csv").text.splitlines()) == 121


def test_what_was_imported_is_on_the_map_after_it_is_drawn_again(signed_in):
    visitor = signed_in("analyst")
    # Sixty reports at one corner of Eden Road, and thirty spread over fifteen squares.
    places = [("Eden Road", 450_350, 520_350)] * 60
    places += [(f"Quiet Street {k}", 450_050 + 60 * k, 520_050 + 45 * k) for k in range(15)] * 2
    rows = "".join(
        f"R{k},{1 + k % 28:02d}/{1 + k % 2:02d}/2026 20:00,,Nuisance,,{place},,{east},{north},warden-log,\n"
        for k, (place, east, north) in enumerate(places)
    )
    checked = _send(visitor, HEADER + rows).location
    visitor.send(checked, f"{checked}/confirm", {})
    job = visitor.send("/imports/2", "/runs", {}).location
    words = _words(visitor.get(job))
    assert "The maps were drawn again" in words, words
    assert "Eden Road" in _words(visitor.get("/runs/2"))


def test_too_little_data_ends_the_job_with_a_sentence(signed_in):
    visitor = signed_in("analyst")
    words = _words(visitor.get(visitor.send("/", "/runs", {}).location))
    assert "The maps were not drawn" in words
    assert "at least 10 are needed to say what stands out" in words
    assert "Back to the home page" in words


def test_the_import_of_another_agency_is_not_there(signed_in):
    assert signed_in("stranger").get("/imports/1").status_code == 404
    assert "No file has been imported yet" in _words(signed_in("stranger").get("/imports"))


def test_an_import_names_no_file_of_this_machine(town, signed_in):
    visitor = signed_in("analyst")
    checked = _send(visitor, GOOD).location
    visitor.send(checked, f"{checked}/confirm", {})
    assert str(town.settings.instance_dir) not in visitor.get("/imports/2").text
    with town.store.reading() as session:
        analyst = accounts.actor_named(session, "analyst", today=local_day(site.now()))
        held = past_imports.list_recent(session, actor=analyst, limit=1)[0]
    assert held.file_name == "log.csv"


def test_a_thousand_rows_with_one_thing_in_common_are_said_in_one_line(signed_in):
    rows = "".join(
        f"M{k},03/02/2026 19:30,,Nuisance,,Road,,10{k:04d},920250,warden-log,\n" for k in range(200)
    )
    visitor = signed_in("analyst")
    page = visitor.get(_send(visitor, HEADER + rows + "M999,x,,Nuisance,,Road,,450250,520250,,\n").location)
    words = _words(page)
    # what was rejected first, then what was kept in doubt
    assert "1 occurred_at is not a date this layout reads" in words
    assert "200 easting, northing lies outside the expected area flagged: kept" in words
    assert words.index("is not a date") < words.index("lies outside the expected area")


def test_a_zip_of_two_months_is_one_import_and_each_file_is_accounted_for(signed_in):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("feb.csv", GOOD)
        archive.writestr("jan.csv", HEADER + "J1,03/01/2026 19:30,,Nuisance,,Road,,450250,520250,,\n")
    visitor = signed_in("analyst")
    checked = _send(visitor, packed.getvalue(), name="both.zip").location
    assert "4 of 5 rows can be imported; 1 cannot" in _words(visitor.get(checked))
    visitor.send(checked, f"{checked}/confirm", {})
    words = _words(visitor.get("/imports/2"))
    assert "5 rows = 4 new + 1 rejected. Every row is accounted for." in words
    assert "2 files, each accounted for feb.csv 4 rows = 3 new + 1 rejected jan.csv 1 row = 1 new" in words
    assert visitor.get("/imports").text.count("feb.csv and 1 more") == 1


def test_the_day_that_a_sender_declares_keeps_an_older_file_from_undoing_a_newer_one(signed_in):
    visitor = signed_in("analyst")

    def bring(content, day):
        file = (io.BytesIO(content.encode()), "log.csv")
        fields = {"layout": "warden-log", "file": file, "extracted_on": day}
        checked = visitor.send("/imports/new", "/imports/new", fields).location
        counts = _words(visitor.get(checked))
        visitor.send(checked, f"{checked}/confirm", {})
        return counts

    bring(GOOD, ["1", "3", "2026"])
    older = bring(GOOD.replace("450250", "450270"), ["28", "2", "2026"])
    assert "1 older than what is held" in older
    assert "1 changed" in bring(GOOD.replace("450250", "450270"), ["2", "3", "2026"])
    file = (io.BytesIO(GOOD.encode()), "log.csv")
    fields = {"layout": "warden-log", "file": file, "extracted_on": ["1", "1", "2099"]}
    ahead = visitor.send("/imports/new", "/imports/new", fields)
    assert ahead.status_code == 422
    assert "still to come" in _words(ahead)
