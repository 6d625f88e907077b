"""Sending in, by raw HTTP: what is kept, what is ignored, and who sees it."""

import datetime as dt
import re
from html import unescape

import pytest
from sqlalchemy import select

from mapping.access import Kind, Role
from mapping.store import accounts, audit
from mapping.store.accounts import WardTerm
from mapping.store.models import IntelligenceItem, Report, Submission
from tests.webapp.conftest import NOW, PASSWORD, token_of
from webapp import site
from webapp.sending_forms import clock

REPORT = "/send/report"
INTELLIGENCE = "/send/intelligence"
FACT = "Bags left by two men in a van AB12 CDE; ring 07700 900123."
KEPT = "Bags left by two men in a van [vehicle registration removed]; ring [phone number removed]."


def fields(**changes):
    usual = {
        "category": "Fly-tipping",
        "day": ["10", "2", "2026"],
        "time": "7.30pm",
        "ward": "E05000001",
        "place": "behind the shops, Eden Road",
        "fact": FACT,
    }
    return usual | changes


def item(**changes):
    usual = {
        "opinion": "Will grow.",
        "source_grade": "2",
        "assessment_grade": "B",
        "handling": "P",
        "marking": "OFFICIAL",
    }
    return fields(**usual | changes)


def box(page, name):
    """Read a hidden box out of a page."""
    return unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])


def check(visitor, path=REPORT, **values):
    """Open a form, fill it in and send it to be checked."""
    page = visitor.get(path).text
    sent = {"ticket": box(page, "ticket"), "csrf_token": token_of(page), **values}
    return visitor.client.post(path, data=sent)


def confirm(visitor, checked, path=REPORT):
    page = checked.text
    return visitor.client.post(
        f"{path}/confirm", data={"draft": box(page, "draft"), "csrf_token": token_of(page)}
    )


def held(town, model):
    with town.store.reading() as session:
        return session.execute(select(model)).scalars().all()


def last_report(town):
    return max(held(town, Report), key=lambda row: row.report_id)


def told(answer):
    """Return what a page says, without its tags."""
    return unescape(re.sub(r"<[^>]+>", "", answer.text))


def test_a_councillor_sends_a_report_sees_what_was_removed_and_follows_it(town, signed_in):
    visitor = signed_in("councillor")
    checked = check(visitor, **fields())
    assert "Two things were removed: a phone number and a vehicle registration" in told(checked)
    assert '<mark class="removed">[phone number removed]</mark>' in checked.text
    assert "07700" not in checked.text
    assert len(held(town, Submission)) == 0  # nothing is kept before it is confirmed

    sent = confirm(visitor, checked)
    assert (sent.status_code, sent.location) == (303, "/sent/1/received")
    row = last_report(town)
    assert (row.description, row.source, row.handling_code) == (KEPT, "councillors", "P")
    assert row.occurred_from == dt.datetime(2026, 2, 10, 19, 30, tzinfo=dt.UTC)
    assert row.reference in visitor.get(sent.location).text
    listed = told(visitor.get("/sent"))
    assert f"Fly-tipping, {row.reference}" in listed
    assert "10 February 2026 at 19:30 · behind the shops, Eden Road" in listed
    assert "Placed in Beechwood" in " ".join(listed.split())


def test_the_draft_holds_no_value_that_was_removed(signed_in):
    visitor = signed_in("councillor")
    change = check(visitor, **fields()).text
    again = visitor.client.post(
        f"{REPORT}/change", data={"draft": box(change, "draft"), "csrf_token": token_of(change)}
    )
    assert again.status_code == 200
    assert KEPT in unescape(again.text)
    assert 'value="19:30"' in again.text
    assert [f'value="{part}"' in again.text for part in ("10", "02", "2026")] == [True] * 3
    assert 'value="E05000001" selected' in again.text
    assert "07700" not in again.text
    assert box(again.text, "ticket")


def test_sending_the_same_form_twice_keeps_it_once(town, signed_in):
    visitor = signed_in("councillor")
    page = visitor.get(REPORT).text
    sent = {"ticket": box(page, "ticket"), "csrf_token": token_of(page)}
    first = visitor.client.post(REPORT, data={**fields(), **sent})
    assert confirm(visitor, first).location == "/sent/1/received"
    assert confirm(visitor, first).location == "/sent/1/received"  # a second click
    back = visitor.client.post(REPORT, data={**fields(fact="In other words."), **sent})  # the back button
    assert confirm(visitor, back).location == "/sent/1/received"
    assert len(held(town, Submission)) == 1
    assert last_report(town).description == KEPT
    assert confirm(visitor, check(visitor, **fields())).location == "/sent/2/received"  # a form of its own


def test_an_officer_sends_an_intelligence_item(town, signed_in):
    visitor = signed_in("officer")
    checked = check(
        visitor, INTELLIGENCE, **item(handling="C", codes=["S2", "A1"], conditions="Tell us first")
    )
    assert "2: Untested" in checked.text
    sent = confirm(visitor, checked, INTELLIGENCE)
    assert sent.location == "/sent/1/received"
    (row,) = held(town, IntelligenceItem)
    assert (row.description, row.opinion) == (KEPT, "Will grow.")
    assert (row.source_grade, row.assessment_grade, row.handling_code) == ("2", "B", "C")
    assert row.conditions == "A1 S2. Tell us first"
    for path in ("/sent", "/sent/1", "/sent/1/received"):
        page = visitor.get(path)
        assert row.reference in page.text
        for words in ("Bags", "Will grow", "Eden Road", "Tell us first"):
            assert words not in page.text
    assert len(held(town, Report)) == 13  # an item is no report


def test_an_item_can_be_changed_before_it_is_sent(signed_in):
    visitor = signed_in("officer")
    page = check(
        visitor, INTELLIGENCE, **item(handling="C", codes=["A1"], conditions="Tell us. Then act")
    ).text
    sent = {"draft": box(page, "draft"), "csrf_token": token_of(page)}
    again = visitor.client.post(f"{INTELLIGENCE}/change", data=sent).text
    assert re.search(r'value="A1" checked', again)
    assert 'value="Tell us. Then act"' in again
    assert re.search(r'name="source_grade" type="radio" value="2" checked', again)
    assert visitor.client.post(f"{REPORT}/confirm", data=sent).status_code == 400  # not by the other door


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"category": ""}, "Choose what it is about"),
        ({"category": "<script>"}, "Not a valid choice"),
        ({"day": ["", "", ""]}, "Enter the day it happened"),
        ({"day": ["31", "2", "2026"]}, "Enter a real date"),
        ({"day": "10"}, "Enter a real date"),
        ({"day": ["1", "2", "3", "4"]}, "lies before 1990"),
        ({"day": ["١٠", "x", "9" * 5000]}, "Enter a real date"),
        ({"day": ["1", "1", "2199"]}, "That day is still to come"),
        ({"day": ["1", "1", "1899"]}, "lies before 1990"),
        ({"time": "25:00"}, "Enter a time such as 19:30"),
        ({"time": "7"}, "Enter a time such as 19:30"),
        ({"last_day": ["9", "2", "2026"]}, "The last day lies before the first"),
        ({"ward": "E05999999"}, "Not a valid choice"),
        ({"ward": "", "place": ""}, "Say where it was"),
        ({"ward": "", "place": "", "longitude": "1e9", "latitude": "nan"}, "Say where it was"),
        ({"postcode": "TS3"}, "Enter a whole postcode"),
        ({"place": "x" * 201}, "Keep it under 200 characters"),
        ({"fact": ""}, "Say what happened"),
        ({"fact": "..."}, "Say what happened in a few words at least"),
        ({"fact": "x" * 4001}, "Keep it under 4,000 characters"),
        ({"fact": "nul \x00 byte"}, "holds a NUL"),
        ({"repeat": "sometimes"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_in_the_summary(town, signed_in, changes, sentence):
    answer = check(signed_in("councillor"), **fields(**changes))
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert told(answer).count(sentence) >= 2
    for target in re.findall(r'<a href="#([^"]+)"', answer.text):
        if target != "main-content":
            assert f'id="{target}"' in answer.text
    assert held(town, Submission) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"marking": "above"}, "takes OFFICIAL and OFFICIAL-SENSITIVE only"),
        ({"marking": ""}, "Say how it is marked"),
        ({"fact": "TOP SECRET\nSomething."}, "takes OFFICIAL and OFFICIAL-SENSITIVE only"),
        ({"opinion": "UK SECRET"}, "takes OFFICIAL and OFFICIAL-SENSITIVE only"),
        ({"conditions": "SECRET: tell nobody", "handling": "C"}, "this system takes OFFICIAL and"),
        ({"source_grade": "4"}, "Not a valid choice"),
        ({"assessment_grade": ""}, "Assess the information"),
        ({"handling": "X"}, "Not a valid choice"),
        ({"handling": "P", "codes": ["A1"]}, "P carries no conditions"),
        ({"handling": "C"}, "Say the conditions below"),
        ({"codes": ["Z9"], "handling": "C", "conditions": "x"}, "not a valid choice"),
    ],
)
def test_an_item_that_may_not_be_held_or_is_not_graded_is_refused(town, signed_in, changes, sentence):
    answer = check(signed_in("officer"), INTELLIGENCE, **item(**changes))
    assert answer.status_code == 422
    assert sentence in told(answer)
    assert held(town, IntelligenceItem) == []


def test_handling_that_nobody_chose_is_c(town, signed_in):  # BAD 64
    visitor = signed_in("officer")
    checked = check(visitor, INTELLIGENCE, **item(handling=""))
    assert "because none was chosen" in checked.text
    confirm(visitor, checked, INTELLIGENCE)
    assert [row.handling_code for row in held(town, IntelligenceItem)] == ["C"]


def test_fields_that_nobody_asked_for_change_nothing_and_are_written_down(town, signed_in):  # ACC 22
    visitor = signed_in("councillor")
    extra = {
        "handling": "open", "handling_code": "open", "source_agency": "elsewhere-council", "account_id": "1",
        "role": "administrator", "reference": "F-2222-2222", "kind": "intelligence", "source": "police-101",
        "removed": "{}", "restricted_to": "nobody", "jo bloggs": "x",
    }  # fmt: skip
    checked = check(visitor, **fields(**extra))
    with town.store.reading() as session:
        noted = [one for one in audit.latest(session, limit=5) if one.action == "fields nobody asked for"]
    assert noted[0].details["count"] == len(extra)
    assert "jo bloggs" not in str(noted)
    assert "handling_code" in noted[0].details["known"]
    page = checked.text
    sent = {"draft": box(page, "draft"), "csrf_token": token_of(page), **extra}
    visitor.client.post(f"{REPORT}/confirm", data=sent)
    row = last_report(town)
    assert (row.handling_code, row.source, row.restricted_to) == ("P", "councillors", "")
    assert row.source_agency == "community-safety-partnership"
    assert row.reference != "F-2222-2222"
    (kept,) = held(town, Submission)
    with town.store.reading() as session:
        assert kept.account_id == accounts.actor_named(session, "councillor", today=site.today()).account_id


def test_a_draft_is_good_for_its_account_its_form_and_as_it_was_signed(town, signed_in):
    page = check(signed_in("councillor"), **fields()).text
    draft = box(page, "draft")
    officer = signed_in("officer")
    token = token_of(officer.get(REPORT).text)
    for stolen in (draft, draft[:-2], f"A{draft}", "", "x.y.z"):
        answer = officer.client.post(f"{REPORT}/confirm", data={"draft": stolen, "csrf_token": token})
        assert answer.status_code == 400
    assert officer.client.post(REPORT, data={"ticket": draft[:-2], "csrf_token": token}).status_code == 400
    assert held(town, Submission) == []


def test_a_ticket_is_no_draft(town, signed_in):
    visitor = signed_in("councillor")
    page = visitor.get(REPORT).text
    sent = {"draft": box(page, "ticket"), "csrf_token": token_of(page)}
    assert visitor.client.post(f"{REPORT}/confirm", data=sent).status_code == 400
    draft = box(check(visitor, **fields()).text, "draft")
    answer = visitor.client.post(REPORT, data={**fields(), "ticket": draft, "csrf_token": token_of(page)})
    assert answer.status_code == 400
    assert held(town, Submission) == []


@pytest.mark.parametrize("path", [REPORT, f"{REPORT}/confirm", f"{REPORT}/change", INTELLIGENCE])
def test_without_a_form_token_nothing_is_taken(town, signed_in, path):  # ACC 40
    visitor = signed_in("officer")
    assert visitor.client.post(path, data=fields()).status_code == 400
    assert visitor.client.post(path, json=fields()).status_code == 400
    assert held(town, Submission) == []


def test_other_peoples_submissions_are_not_there(town, signed_in):
    councillor = signed_in("councillor")
    confirm(councillor, check(councillor, **fields()))
    assert councillor.get("/sent/1").status_code == 200
    for other in ("officer", "analyst", "chair", "stranger"):
        visitor = signed_in(other)
        for path in ("/sent/1", "/sent/1/received", "/sent/2"):
            assert visitor.get(path).status_code == 404
        assert last_report(town).reference not in visitor.get("/sent").text
    assert councillor.get("/sent/99999999999999999999").status_code == 404


def test_a_councillor_reaches_no_intelligence_and_nothing_operational(signed_in):
    visitor = signed_in("councillor")
    token = token_of(visitor.get(REPORT).text)
    for path in (INTELLIGENCE, f"{INTELLIGENCE}/change", f"{INTELLIGENCE}/confirm"):
        assert visitor.client.post(path, data={"csrf_token": token, **item()}).status_code == 403
    assert visitor.get(INTELLIGENCE).status_code == 403
    for path in ("/", "/sent", REPORT):
        assert "intelligence" not in visitor.get(path).text.casefold()


def test_a_script_is_text_on_every_page_it_comes_to(signed_in):  # ACC 42, BAD 68
    visitor = signed_in("councillor")
    script = '<script>alert(1)</script>"><img src=x onerror=alert(1)> ${alert(1)} {{7*7}} </textarea>'
    checked = check(visitor, **fields(fact=script, place=script))
    sent = confirm(visitor, checked)
    change = visitor.client.post(
        f"{REPORT}/change", data={"draft": box(checked.text, "draft"), "csrf_token": token_of(checked.text)}
    )
    pages = [checked, change, *(visitor.get(path) for path in (sent.location, "/sent", "/sent/1", "/"))]
    failed = check(visitor, **fields(fact=script, place=script, category="", time=script[:12]))
    for page in (*pages, failed):
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
        assert ">49" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in visitor.get("/sent/1").text


def test_only_the_forms_may_ask_where_the_device_is(signed_in):
    visitor = signed_in("officer")
    for path, is_allowed in ((REPORT, True), (INTELLIGENCE, True), ("/sent", False), ("/", False)):
        policy = visitor.get(path).headers["Permissions-Policy"]
        assert ("geolocation=(self)" in policy) is is_allowed
        assert "camera=()" in policy
    assert "geolocation=(self)" in check(visitor, **fields(category="")).headers["Permissions-Policy"]
    assert visitor.get(REPORT).headers["Cache-Control"] == "no-store"  # ACC 44


def test_a_councillors_own_wards_come_first(town, signed_in):
    with town.store.transaction() as session:
        operator = accounts.first_actor(session, now=NOW)
        today = site.today()
        accounts.create(
            session, name="two wards", role=Role.COUNCILLOR, agency_id=operator.agency_id, password=PASSWORD,
            wards=[WardTerm("E05000002", today, today + dt.timedelta(days=9))], actor=operator, now=NOW,
        )  # fmt: skip
    page = signed_in("two wards").get(REPORT).text
    assert re.findall(r'<option value="(E\d+)"', page) == ["E05000002", "E05000001"]
    assert re.findall(r'<option value="(E\d+)"', signed_in("officer").get(REPORT).text) == [
        "E05000001",
        "E05000002",
    ]


def test_the_way_there_is_offered_to_those_who_may_take_it(signed_in):
    for name in ("councillor", "officer"):
        assert 'href="/send/report"' in signed_in(name).get("/").text
    assert 'href="/send/intelligence"' in signed_in("officer").get("/").text
    for name in ("manager", "administrator", "auditor"):
        page = signed_in(name).get("/").text
        assert "/send" not in page
        assert 'href="/sent"' not in page


def test_the_log_names_what_was_sent_in_and_refused(town, signed_in):
    visitor = signed_in("councillor")
    confirm(visitor, check(visitor, **fields()))
    visitor.get(INTELLIGENCE)
    with town.store.reading() as session:
        entries = audit.latest(session, limit=6)
    assert (entries[0].action, entries[0].kind) == ("create refused", Kind.INTELLIGENCE)
    assert (entries[1].action, entries[1].kind) == ("send in", Kind.SUBMISSION)
    assert not any(word in str(entries) for word in ("Eden", "Bags", "07700"))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("19:30", "19:30"), ("9:05", "09:05"), ("1930", "19:30"), ("19.30", "19:30"), ("7.30pm", "19:30"),
        ("7 pm", "19:00"), ("12am", "00:00"), ("12pm", "12:00"), ("12.15 a.m.", "00:15"), ("00:00", "00:00"),
        ("7", None), ("24:00", None), ("13pm", None), ("0am", None), ("19:60", None), ("teatime", None),
        ("١٩:٣٠", None), ("", None), ("19:30:00", None),
    ],
)  # fmt: skip
def test_a_time_is_read_as_people_write_it(text, read):
    assert clock(text) == read
