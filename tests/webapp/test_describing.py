"""The mapping screen over raw HTTP: a file nobody has described, described, kept and read."""

import io
import re

import pytest

from mapping.access import local_day
from mapping.intake import layout as shipped
from mapping.store import accounts, audit, layouts
from webapp import layout_page, site, uploads

# Odd headings, semicolons, day first; E has 3 March 2026 written so that only one order fits.
ODD = "Vorgang;Wann passiert;Was war;Strasse;Rechts;Hoch;Anrufer Telefon\n" + "".join(
    f"V{k:03d};{1 + k % 28:02d}/02/2026 19:{k:02d};{('Laute Musik', 'Müll')[k % 2]};{k} Marton Road;"
    f"{450_200 + k};{520_200 + k};01642 55{k:04d}\n"
    for k in range(40)
)
COLUMNS = {
    "column-0": "reference",
    "column-1": "occurred_at",
    "column-2": "category",
    "column-3": "place",
    "column-4": "easting",
    "column-5": "northing",
    "column-6": "",
}
REST = {
    "dates": "day first",
    "title": "Odd log",
    "source_agency": "wardens",
    "handling": "P",
    "kind": "reports",
    "source": "",
}
FILLED = COLUMNS | REST


def _upload(visitor, content=ODD, *, layout="?", name="odd log 2026-02.csv"):
    body = content.encode() if isinstance(content, str) else content
    return visitor.send("/imports/new", "/imports/new", {"layout": layout, "file": (io.BytesIO(body), name)})


def _learn(visitor, content=ODD, **options):
    answer = _upload(visitor, content, **options)
    assert answer.status_code == 302, answer.text
    assert answer.location.endswith("/layout")
    return answer.location


def _words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def _save(visitor, screen, **changes):
    return visitor.send(screen, screen, FILLED | {"do": "save"} | changes)


def _chosen(page, name):
    """Return which field a column's select shows as chosen."""
    select = page.split(f'name="{name}"', 1)[1].split("</select>", 1)[0]
    found = re.search(r'<option value="([^"]*)" selected', select)
    return found[1] if found else None


def test_an_unknown_file_is_met_with_its_columns_guessed_and_nothing_is_kept(town, signed_in):
    visitor = signed_in("analyst")
    page = visitor.get(_learn(visitor))
    assert page.status_code == 200
    assert _chosen(page.text, "column-0") == "reference"
    assert _chosen(page.text, "column-1") == "occurred_at"
    assert _chosen(page.text, "column-2") == "category"
    assert _chosen(page.text, "column-6") == ""
    words = _words(page)
    assert "40 rows" in words
    assert "40 values looked at are dates" in words
    assert "01642" not in page.text  # phone numbers are neither read nor shown
    assert "Looks like phone numbers: it is not read." in words
    assert "Odd log" in page.text or "odd log" in page.text  # a title out of the file's name
    assert '"12 Marton' not in page.text and ">12 Marton" not in page.text  # no house number


def test_the_described_file_is_checked_imported_and_its_layout_is_there_for_the_next(town, signed_in):
    visitor = signed_in("analyst")
    screen = _learn(visitor)
    musik = layout_key("Laute Musik")
    tried = visitor.send(screen, screen, FILLED | {"do": "preview", musik: "Noise"})
    assert tried.status_code == 200
    words = _words(tried)
    assert "Noise Laute Musik 1 February 2026 at 19:00 Marton Road 450200, 520200 P" in words
    assert _stored(town) == ["cases"]  # trying keeps nothing
    answer = _save(visitor, screen, **{musik: "Noise"})
    assert answer.location == screen.removesuffix("/layout")
    checked = visitor.get(answer.location)
    assert "All 40 rows can be imported" in _words(checked)
    assert "Change how the file is read" in _words(checked)
    job = visitor.send(answer.location, f"{answer.location}/confirm", {}).location
    assert "The file was imported" in _words(visitor.get(job))
    with town.store.reading() as session:
        layout = layouts.resolve(session, "odd-log")
        last = [entry for entry in audit.latest(session, limit=40) if entry.kind == "layout"]
    assert layout.categories == {"laute musik": "Noise"}
    assert layout.source_agency == "wardens"
    assert (last[0].action, last[0].details["name"]) == ("create", "odd-log")
    assert "Odd log" in visitor.get("/imports/new").text
    assert "Odd log" in _words(visitor.get("/layouts"))
    assert "Vorgang" in visitor.get("/layouts/odd-log").text


def layout_key(word):
    from webapp.layout_form import key_of

    return key_of(word)


def _stored(town):
    with town.store.reading() as session:
        return [made.name for made in layouts.list_all(session)]


def test_the_second_file_of_its_kind_is_offered_the_layout_that_was_kept(signed_in):
    visitor = signed_in("analyst")
    _save(visitor, _learn(visitor))
    screen = _learn(visitor, name="again.csv")
    page = visitor.get(screen)
    assert "This looks like a kind of file that is known" in page.text
    assert "it reads 6 of the 7 columns" in _words(page)
    answer = visitor.send(screen, screen, {"do": "use", "layout": "odd-log"})
    assert "read as odd-log" in _words(visitor.get(answer.location))


def test_a_shipped_layout_that_fits_is_offered_first(signed_in):
    visitor = signed_in("analyst")
    text = "reference,occurred_at,category,address,easting,northing\n"
    text += "W1,03/02/2026 19:30,Noise,Eden Road,450250,520250\n"
    screen = _learn(visitor, text)
    assert "Warden log and partners" in _words(visitor.get(screen))
    answer = visitor.send(screen, screen, {"do": "use", "layout": "warden-log"})
    assert "All 1 row can be imported" in _words(visitor.get(answer.location))


def test_a_file_that_the_chosen_layout_does_not_fit_can_be_described_without_sending_it_again(signed_in):
    visitor = signed_in("analyst")
    answer = _upload(visitor, layout="warden-log")
    assert answer.status_code == 422
    assert "Describe this file instead" in answer.text
    screen = re.search(r'href="(/imports/waiting/[^"]+/layout)"', answer.text)[1]
    assert _chosen(visitor.get(screen).text, "column-1") == "occurred_at"


def test_a_file_that_is_no_table_cannot_be_described(town, signed_in):
    for content in (b"", b"\x89PNG\r\n\x1a\n" + b"\x00" * 200, b"one column\n1\n", b"a,b,a\n1,2,3\n"):
        answer = _upload(signed_in("analyst"), content)
        assert answer.status_code == 422, content
        assert "Describe this file instead" not in answer.text
    assert not list(uploads.folder(town.settings).iterdir())


@pytest.mark.parametrize(
    ("changes", "said", "anchor"),
    [
        ({"column-3": "category"}, "Another column is this already", "#column-3"),
        ({"column-1": ""}, "Say which column holds the date on which it happened", "#columns"),
        ({"column-2": ""}, "Say which column holds what happened", "#columns"),
        ({"column-5": ""}, "none is the northing: a point needs both", "#column-4"),
        ({"column-5": "occurred_to_time"}, "A time needs its date", "#column-5"),
        ({"column-6": "place", "column-3": ""}, "phone numbers, which is not read here", "#column-6"),
        ({"column-3": "is_admin"}, "Choose one of the things that are read here", "#column-3"),
        ({"column-3": "opinion"}, "Rows of reports have no such thing", "#column-3"),
        ({"dates": "backwards"}, "Say how the dates are written", "#dates"),
        ({"handling": "open"}, "Say how the records may be shared", "#handling"),
        (
            {"source_agency": "elsewhere-council"},
            "Choose one of the agencies you share with",
            "#source_agency",
        ),
        ({"source_agency": ""}, "Say whose records these are", "#source_agency"),
        ({"title": "  "}, "Give this kind of file a name", "#title"),
        ({"title": "Warden log"}, "comes with the system", "#title"),
        ({"column-0": ""}, "Without a reference, say what tells one row from another", "#identity"),
        ({"kind": "gossip"}, "Say what each row of the file is", "#kind"),
    ],
)
def test_what_is_wrong_is_said_in_words_beside_its_field_and_nothing_is_kept(
    town, signed_in, changes, said, anchor
):
    visitor = signed_in("analyst")
    answer = _save(visitor, _learn(visitor), **changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'href="{anchor}"' in answer.text
    assert f'id="{anchor[1:]}"' in answer.text
    assert _stored(town) == ["cases"]


def test_rows_without_a_reference_are_told_apart_by_what_was_ticked(town, signed_in):
    visitor = signed_in("analyst")
    answer = _save(visitor, _learn(visitor), **{"column-0": "", "identity": ["occurred_at", "place"]})
    assert answer.status_code == 302
    with town.store.reading() as session:
        assert layouts.resolve(session, "odd-log").identity == ("occurred_at", "place")


def test_a_layout_of_the_same_name_is_replaced_only_when_that_is_ticked(town, signed_in):
    visitor = signed_in("analyst")
    _save(visitor, _learn(visitor))
    refused = _save(visitor, _learn(visitor), handling="C")
    assert refused.status_code == 422
    assert "There is a layout &#39;odd-log&#39; already" in refused.text
    assert 'name="replace"' in refused.text
    assert _save(visitor, _learn(visitor), handling="C", replace="yes").status_code == 302
    with town.store.reading() as session:
        assert layouts.resolve(session, "odd-log").handling == "C"


def test_what_was_said_waits_with_the_file(signed_in):
    visitor = signed_in("analyst")
    screen = _learn(visitor)
    visitor.send(screen, screen, FILLED | {"do": "preview", "column-3": "outcome", "title": "Another name"})
    page = visitor.get(screen)
    assert _chosen(page.text, "column-3") == "outcome"
    assert 'value="Another name"' in page.text
    waiting = screen.removesuffix("/layout")
    assert visitor.get(waiting).location == screen  # it cannot be imported before it is described
    assert visitor.send(screen, f"{waiting}/confirm", {}).location == screen


def test_somebody_elses_file_cannot_be_described(signed_in):
    screen = _learn(signed_in("analyst"))
    stranger = signed_in("stranger")
    assert stranger.get(screen).status_code == 404
    assert stranger.send("/", screen, FILLED | {"do": "save"}).status_code == 404


def test_another_partnerships_layout_is_neither_listed_nor_used(signed_in):
    stranger = signed_in("stranger")
    assert "Cases of" not in stranger.get("/layouts").text
    assert "Cases of" not in stranger.get("/imports/new").text
    assert stranger.get("/layouts/cases").status_code == 404
    assert _upload(stranger, layout="cases").status_code == 422
    screen = _learn(stranger)
    assert stranger.send(screen, screen, {"do": "use", "layout": "cases"}).status_code == 404
    taken = _save(stranger, screen, title="Cases", source_agency="elsewhere-council")
    assert taken.status_code == 422
    assert "taken by another agency" in taken.text


def test_a_form_without_its_token_is_refused(signed_in):
    visitor = signed_in("analyst")
    screen = _learn(visitor)
    assert visitor.client.post(screen, data=FILLED | {"do": "save"}).status_code == 400


def test_a_column_number_of_thousands_of_digits_is_no_column(signed_in):
    visitor = signed_in("analyst")
    screen = _learn(visitor)
    extra = {"do": "preview", "another-column": "9" * 5000, "another-field": "place"}
    assert visitor.send(screen, screen, FILLED | extra).status_code == 200


def test_fields_that_are_not_asked_for_have_no_effect(town, signed_in):
    visitor = signed_in("analyst")
    extra = {"agency_id": "elsewhere-council", "name": "warden-log", "area": "x", "column-99": "place",
             "another-column": "999", "another-field": "place",
             layout_key("never in the file"): "Burglary"}  # fmt: skip
    assert _save(visitor, _learn(visitor), **extra).status_code == 302
    with town.store.reading() as session:
        made = layouts.find(session, "odd-log")
        analyst = accounts.actor_named(session, "analyst", today=local_day(site.now()))
        layout = layouts.read(made)
    assert made.agency_id == analyst.agency_id
    assert "Burglary" not in layout.categories.values()
    assert set(layout.columns) == {field for field in COLUMNS.values() if field}


HOSTILE = (
    "Ort <script>alert('h')</script>,{long},${{alert(1)}},\"Zeile\nzwei\",\x1b[31mred,Datum,Art\n"
    + "am <script>alert('v')</script>,x,`${{alert(1)}}`,y,z,03/02/2026,<img src=x onerror=alert(1)>\n" * 5
).format(long="L" * 300)


def test_a_hostile_file_is_shown_as_text_and_described_all_the_same(signed_in):
    visitor = signed_in("analyst")
    screen = _learn(visitor, HOSTILE, name="<script>alert('n')</script>.csv")
    for page in (
        visitor.get(screen),
        visitor.send(
            screen, screen, {"do": "preview", "column-6": "category", "title": "<script>x</script>"}
        ),
    ):
        assert page.status_code in (200, 422)
        assert "<script>alert" not in page.text
        assert "<script>x" not in page.text
        assert "<img src=x" not in page.text
        assert "\x1b" not in page.text
        assert "L" * 100 not in page.text
    answer = visitor.send(
        screen,
        screen,
        REST | {"do": "save", "title": "<b>Odd</b>", "column-0": "place", "column-5": "occurred_at",
                "column-6": "category", "identity": ["occurred_at", "category"]},
    )  # fmt: skip
    assert answer.status_code == 302, _words(answer)
    assert "<b>Odd</b>" not in visitor.get("/layouts").text
    assert "<script>alert" not in visitor.get("/layouts/b-odd-b").text
    assert "<script>alert" not in visitor.get("/imports/new").text


def test_five_hundred_columns_and_ten_thousand_words_make_no_huge_page(signed_in):
    visitor = signed_in("analyst")
    heading = ["When", "Type", *(f"Column {k}" for k in range(498))]
    rows = [["03/02/2026", f"word {k}", *["1"] * 498] for k in range(300)]
    screen = _learn(visitor, "\n".join(map(",".join, [heading, *rows])))
    page = visitor.send(screen, screen, {"do": "preview"})
    assert len(page.data) < 600_000
    assert page.text.count("This column is") == layout_page.MOST_COLUMNS
    assert "420 more columns" in _words(page)
    assert "There are 300 different words. The 100 commonest are listed" in _words(page)
    moved = visitor.send(
        screen, screen, {"do": "preview", "another-column": "499", "another-field": "outcome"}
    )
    assert _chosen(moved.text, "column-499") == "outcome"
    many = "When,Type,Where\n" + "".join(f"03/02/2026,word {k},Eden Road\n" for k in range(10_000))
    page = visitor.get(_learn(visitor, many))
    assert len(page.data) < 400_000
    assert "There are 10,000 different words" in _words(page) or "Say above which column" in _words(page)


def test_dates_that_fit_both_orders_are_said_to_and_read_out(signed_in):
    visitor = signed_in("analyst")
    text = "Ref,Date,Type\n" + "".join(f"R{k},03/0{1 + k % 3}/2026,Noise\n" for k in range(20))
    words = _words(visitor.get(_learn(visitor, text)))
    assert "do not show whether the day or the month comes first" in words
    assert "03/01/2026 is read as 3 January 2026" in words
    assert "03/01/2026 is read as 1 March 2026" in words


def test_words_of_a_column_of_addresses_or_free_text_are_not_listed(signed_in):
    visitor = signed_in("analyst")
    screen = _learn(visitor)
    page = visitor.send(screen, screen, FILLED | {"do": "preview", "column-2": "", "column-3": "category"})
    assert "looks as if it holds addresses, free text or personal data" in _words(page)
    assert "12 Marton" not in page.text


def test_a_tampered_layout_is_passed_over_and_breaks_no_page(town, signed_in):
    visitor = signed_in("analyst")
    writing = town.store.engine.execution_options(hotspots_mode="write")
    with writing.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE layouts SET toml = replace(toml, 'handling = \"P\"', 'handling = \"open\"')"
        )
    assert "Cases of" not in visitor.get("/imports/new").text
    assert visitor.get("/layouts").status_code == 200
    assert visitor.get("/layouts/cases").status_code == 200
    assert _upload(visitor, layout="cases").status_code == 422


def test_a_shipped_layout_is_shown_as_text(signed_in):
    page = signed_in("analyst").get("/layouts/police-uk")
    assert "It comes with the system" in page.text
    assert "Crime ID" in page.text
    assert shipped.load("police-uk").title in _words(page)


def test_assessed_intelligence_is_described_as_such_and_never_counted(town, signed_in):
    visitor = signed_in("analyst")
    text = "Intel ref,Date,Subject,3x5x2,Information,Comment of officer\n" + "".join(
        f"I{k},{1 + k % 28:02d}/02/2026,Drugs,2B P,canary words of a source about a place,may be so\n"
        for k in range(20)
    )
    screen = _learn(visitor, text, name="intel log.csv")
    page = visitor.get(screen)
    assert re.search(r'value="intelligence" checked', page.text)
    assert "canary" not in page.text
    answer = visitor.send(screen, screen, {"do": "save", "title": "Intel log"})
    assert answer.status_code == 302, _words(answer)
    assert "canary" not in visitor.get(answer.location).text
    job = visitor.send(answer.location, f"{answer.location}/confirm", {}).location
    assert "The file was imported" in _words(visitor.get(job))
    with town.store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM intelligence").scalar() == 20
        assert connection.exec_driver_sql("SELECT count(*) FROM reports").scalar() == 13  # as before


def test_a_callers_reference_is_read_and_shown_nowhere(town, signed_in):
    visitor = signed_in("analyst")
    text = "Case Ref,Date,Type,Tenant Ref\n" + "".join(
        f"C{k},0{1 + k}/02/2026,Noise,TENANT-{k % 2}\n" for k in range(9)
    )
    screen = _learn(visitor, text)
    page = visitor.get(screen)
    assert _chosen(page.text, "column-3") == "complainant"
    assert "TENANT-" not in page.text
    answer = visitor.send(screen, screen, {"do": "save", "title": "Housing"})
    assert "TENANT-" not in visitor.get(answer.location).text
    visitor.send(answer.location, f"{answer.location}/confirm", {})
    with town.store.engine.connect() as connection:
        kept = connection.exec_driver_sql(
            "SELECT complainant_hash FROM reports WHERE reference LIKE 'C%'"
        ).all()
    assert len(kept) == 9
    assert len({row[0] for row in kept}) == 2
    assert not any("TENANT" in row[0] for row in kept)
