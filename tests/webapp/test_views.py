import re

import pytest
from sqlalchemy import insert, literal, select, update

from mapping.access import local_day
from mapping.store import accounts, audit, proposals
from mapping.store.run_models import RunAgency, RunHotspot, RunRow
from webapp import site


def _words(answer):
    """Return what a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_home_of_an_analyst_opens_with_what_needs_doing(signed_in):
    words = _words(signed_in("analyst").get("/"))
    assert "Two things need you" in words
    assert "Two proposals wait for the meeting to decide" in words
    assert "1 row of the last import could not be used" in words
    assert "Marton Road" in words


def test_home_of_an_officer_opens_with_what_was_found(signed_in):
    # Two hotspots, one of them a place where reports may only be recorded.
    words = _words(signed_in("officer").get("/"))
    assert "One place in one ward stands out; two proposals wait for a decision" in words


@pytest.mark.parametrize(
    ("account", "sentence"),
    [
        ("councillor", "a map of your own ward that is safe to show in public"),
        ("administrator", "An administrator sees no content."),
        ("auditor", "hotspots audit verify"),
    ],
)
def test_home_without_content_says_what_there_is_for_this_role(signed_in, account, sentence):
    answer = signed_in(account).get("/")
    assert sentence in _words(answer)
    assert "OFFICIAL-SENSITIVE" not in answer.text


def test_an_agency_without_a_run_is_told_how_one_comes_to_be(signed_in):
    assert "No map has been drawn yet" in _words(signed_in("stranger").get("/"))
    assert "No map has been drawn yet" in _words(signed_in("stranger").get("/borough"))


def test_pages_with_content_are_marked_at_top_and_bottom(signed_in):
    visitor = signed_in("officer")
    for path in ("/runs/1", "/runs/1/wards/E05000001", "/runs/1/hotspots/H1", "/runs/1/proposals/1"):
        text = visitor.get(path).text
        assert text.count("OFFICIAL-SENSITIVE") >= 2, path
        assert text.index("OFFICIAL-SENSITIVE") < text.index("<main")
        assert text.rindex("OFFICIAL-SENSITIVE") > text.index("</main>")


def test_the_borough_says_counts_with_their_doubt(signed_in):
    words = _words(signed_in("officer").get("/runs/1"))
    assert "12 reports, 5 expected (2.4 times; very unlikely to be chance)." in words
    assert "One more place is where reports may be recorded rather than happen: check first." in words
    assert "Reports may only be recorded here: check before acting." in words


def test_every_page_about_a_run_says_where_it_came_from(signed_in):
    visitor = signed_in("officer")
    line = (
        "Data 1 January 2026 to 28 February 2026 · wards May 2025 · method: mixed (own count 0.80, 250 m "
        "kernel 0.20) · 1 % of the area held 39 % of what followed in trial months; counting alone, 37 %"
    )
    for path in ("/runs/1", "/runs/1/wards/E05000001", "/runs/1/hotspots/H1", "/runs/1/proposals"):
        assert line in _words(visitor.get(path)).replace("\u00a0", " "), path


def test_every_map_says_whether_it_would_have_held(signed_in):
    visitor = signed_in("manager")
    for path in ("/runs/1", "/runs/1/wards/E05000001", "/runs/1/hotspots/H1", "/runs/1/about"):
        words = _words(visitor.get(path)).replace("\u00a0", " ")
        assert "Does it hold?" in words, path
        # the best is 0.39 / 0.75
        assert "counting what happened before: 37 %; the best anyone could have done: 52 %." in words, path
        assert "It says where reports come in, not why" in words, path


def test_a_ward_has_its_own_figures_where_enough_followed_and_else_says_so(town, signed_in):
    with town.store.transaction() as session:
        run = session.get(RunRow, town.run_id)
        own = [{**row, "ward": "E05000001", "hit_rate": 0.5, "judged": False} for row in run.evidence]
        run.evidence = [*({**row, "ward": "", "judged": True} for row in run.evidence), *own]
    visitor = signed_in("officer")
    first, second, borough = (
        _words(visitor.get(path)).replace("\u00a0", " ")
        for path in ("/runs/1/wards/E05000001", "/runs/1/wards/E05000002", "/runs/1")
    )
    assert "held 50 % of the reports that followed, in 1 % of " in first
    assert "Only 2 squares: shown, but too few to judge a method by." in first
    assert "In 1 % of the whole borough they held 39 %; counting what happened before: 37 %" in first
    assert "Too little followed in St Germain" in second
    assert "held 39 % of the reports that followed, in 1 % of the whole borough" in second
    assert "50 %" not in borough


def test_a_run_without_evidence_says_that_it_is_not_known(town, signed_in):
    with town.store.transaction() as session:
        session.get(RunRow, town.run_id).evidence = []
    visitor = signed_in("officer")
    for path in ("/runs/1", "/runs/1/wards/E05000001", "/runs/1/hotspots/H1", "/runs/1/about"):
        assert "how well the method foretells is not known for this run" in _words(visitor.get(path)), path


def test_a_run_of_before_error_radii_still_says_what_it_placed(signed_in):
    visitor = signed_in("manager")
    for path in ("/runs/1", "/runs/1/wards/E05000001", "/runs/1/hotspots/H1", "/runs/1/about"):
        answer = visitor.get(path)
        assert answer.status_code == 200, path
        assert "where-from--warning" not in answer.text, path
    assert "Placed 100 % of reports" in _words(visitor.get("/runs/1/wards/E05000001"))


def test_maps_say_what_share_is_placed_and_warn_where_it_is_too_low(town, signed_in):
    placing = {
        "": {"reports": 1000, "placed": 850, "coarse": 30, "ward_only": 70},
        "E05000001": {"reports": 600, "placed": 509, "coarse": 30, "ward_only": 61},
    }
    with town.store.transaction() as session:
        run = session.get(RunRow, town.run_id)
        run.counts = {**run.counts, "placed": 850, "coarse": 30, "placing": placing}
    visitor = signed_in("manager")
    borough, ward = (visitor.get(path) for path in ("/runs/1", "/runs/1/wards/E05000001"))
    # 850 of 1,000 are just enough; of the ward's 600 it would take 510
    assert "Placed 85 % of reports; 30 known only roughly" in _words(borough)
    assert "70 known only to the ward are in the totals, not on the map" in _words(borough)
    assert "may mislead" not in borough.text
    assert "Only 84 % of the reports could be placed. Below 85 % a map may mislead" in _words(ward)
    assert "61 known only to the ward are in the totals, not on the map" in _words(ward)
    about = _words(visitor.get("/runs/1/about"))
    assert "Of those in a ward, with a place only roughly known 30" in about
    assert "30 have a place that is only roughly known" in about


def test_a_ward_where_nothing_stands_out_leads_on(signed_in):
    answer = signed_in("officer").get("/runs/1/wards/E05000002")
    # The hotspot of the next ward reaches into this one, so it is shown here too.
    assert "St Germain&#39;s: one place stands out, and rising" in answer.text
    assert "Marton Road" in answer.text


def test_a_ward_that_is_not_in_the_edition_is_not_there(signed_in):
    assert signed_in("officer").get("/runs/1/wards/E05099999").status_code == 404
    assert signed_in("officer").get("/runs/1/hotspots/H99").status_code == 404
    assert signed_in("officer").get("/runs/99").status_code == 404


def test_a_hotspot_says_why_when_who_and_what_to_doubt(signed_in):
    words = _words(signed_in("officer").get("/runs/1/hotspots/H1"))
    assert "Marton Road has 2.4 times the reports expected, and rising" in words
    assert "One caller made most of these reports." in words
    assert "All at one point." in words
    assert "ASB nuisance (12)" in words
    assert "warden-log (12)" in words
    assert "Reports by month at Marton Road" in words
    assert "January 2026 6" in words
    assert "February 2026 6" in words
    # 5 expected over two months
    assert "expected a month: 2.5" in words
    assert "12 reports with a known time" in words
    assert "One caller made most of these reports. | " not in words


def test_a_hotspot_says_since_when_every_run_found_it(town, signed_in):
    page = signed_in("analyst").get("/runs/1/hotspots/H1").get_data(as_text=True)
    assert "From run to run" in page and "H1. First found in this run." in page
    with town.store.transaction() as session:
        session.execute(
            update(RunHotspot)
            .where(RunHotspot.hotspot_id == "H1")
            .values(identity="continued", before="H1", seen_since_on="2025-03-03")
        )
    page = signed_in("analyst").get("/runs/1/hotspots/H1").get_data(as_text=True)
    assert "H1. Found in every run since the one whose reports begin on 3 March 2025." in page
    with town.store.transaction() as session:
        session.execute(update(RunHotspot).values(identity="", before="", seen_since_on=""))
    assert "From run to run" not in signed_in("analyst").get("/runs/1/hotspots/H1").get_data(as_text=True)


def test_borough_and_ward_name_the_places_that_are_gone(town, signed_in):
    analyst = signed_in("analyst")
    assert "Gone since last time" not in analyst.get("/runs/1").get_data(as_text=True)
    with town.store.transaction() as session:
        session.execute(insert(RunRow).from_select(*_copy(RunRow, run_id=2, follows_run_id=1)))
        session.execute(insert(RunAgency).from_select(*_copy(RunAgency, run_id=2)))
        session.execute(
            insert(RunHotspot).from_select(
                *_copy(RunHotspot, RunHotspot.hotspot_id == "H2", run_id=2, before="H2")
            )
        )
    for page in ("/runs/2", "/runs/2/wards/E05000001"):
        assert "Gone since last time: Marton Road (H1)." in analyst.get(page).get_data(as_text=True), page
    assert "Gone since last time" not in analyst.get("/runs/2/wards/E05000002").get_data(as_text=True)
    assert "run 1" in analyst.get("/runs/2/about").get_data(as_text=True)
    with town.store.transaction() as session:
        session.execute(update(RunRow).where(RunRow.run_id == 1).values(withdrawn_at=RunRow.created_at))
    assert "Gone since last time" not in analyst.get("/runs/2").get_data(as_text=True)


def _copy(table, *where, **changes):
    """Return the columns of a table, and its rows with some values changed."""
    columns = list(table.__table__.columns)
    return columns, select(*(literal(changes[c.name]) if c.name in changes else c for c in columns)).where(
        *where
    )


def _keep(town, **told):
    with town.store.transaction() as session:
        run = session.get(RunRow, town.run_id)
        run.counts = {**run.counts, **told}


def test_home_and_ward_say_what_was_unusual_and_when_the_data_ends(town, signed_in):
    rows = [
        {
            "ward": "E05000001", "category": category, "window_days": 7, "count": 9, "normal": 1.0,
            "until": "2026-02-28T12:00:01+00:00", "p_value": 1e-6, "p_value_fdr": 1e-5,
            "said": "9 reports in the last 7 days, 1 normal (9 times; very unlikely to be chance).",
        }
        for category in ("Noise", "Drugs", "Burglary", "Robbery", "Animals", "Fly-tipping")
    ]  # fmt: skip
    _keep(town, unusual=rows)
    visitor = signed_in("officer")
    home, ward = visitor.get("/"), _words(visitor.get("/runs/1/wards/E05000001"))
    heading = "Unusual in the last week of the data, to 28 February 2026"
    words = _words(home).replace("\u00a0", " ")
    assert heading in words
    assert heading in ward.replace("\u00a0", " ")
    assert 'href="/runs/1/wards/E05000001"' in home.text
    assert "Animals: 9 reports in the last 7 days, 1 normal" in words
    assert "Fly-tipping" not in words
    assert "1 more on the pages of their wards" in words
    assert "Fly-tipping: 9 reports" in ward.replace("\u00a0", " ")
    assert "Unusual" not in _words(visitor.get("/runs/1/wards/E05000002"))
    assert "Unusual" not in _words(signed_in("councillor").get("/"))


def test_without_anything_unusual_no_page_has_a_heading_for_it(signed_in):
    visitor = signed_in("officer")
    for path in ("/", "/runs/1/wards/E05000001"):
        assert "Unusual" not in visitor.get(path).text


def test_a_hotspot_says_where_bank_holidays_hold_more_than_chance(town, signed_in):
    said = "8 reports on bank holidays, where 4.0 would be usual."
    assert "bank holidays" not in signed_in("officer").get("/runs/1/hotspots/H1").text
    _keep(town, bank_holidays={"H1": said})
    assert said in _words(signed_in("officer").get("/runs/1/hotspots/H1"))


def test_a_hotspot_whose_usual_count_is_not_known_says_so_and_still_opens(signed_in):
    words = _words(signed_in("officer").get("/runs/1/hotspots/H2"))
    assert "reports may be recorded here rather than happen here" in words
    assert "None of these reports carries a time of day" in words


def test_a_script_in_a_street_name_is_text_on_every_page(signed_in):
    visitor = signed_in("chair")
    for path in ("/", "/runs/1", "/runs/1/wards/E05000001", "/runs/1/hotspots/H2", "/runs/1/proposals",
                 "/runs/1/proposals/2", "/runs/1/map.js", "/runs/1/wards/E05000001/map.js"):  # fmt: skip
        text = visitor.get(path).text
        assert "<script>alert" not in text, path
        assert "`" not in text, path  # in which ${...} would run


def test_about_a_run_shows_everything_that_made_it(signed_in):
    words = _words(signed_in("manager").get("/runs/1/about")).replace("\u00a0", " ")
    for sentence in (
        "Mixed held more than counting in the months held back.",
        "2 squares, 100 reports followed",
        "mixed (this map) 39 39 % 39.0 0.75 not known not known",
        "Side of a square 100 m",
        "Seed 0",
        "numpy 2.3",
        "May 2025, 2 wards; invented",
        "Community Safety Partnership and Wardens; for community safety.",
        "Only what all of them may see went in.",
        "13 incidents = 13 in wards + 0 outside + 0 without a place.",
    ):
        assert sentence in words


def _decision(**fields):
    return {
        "decision": "accept",
        "agreed_response": "",
        "reason": "Two partners can be there on Friday.",
        "present": "chair, inspector and warden manager",
        **fields,
    }


@pytest.mark.parametrize(
    ("decision", "state"), [("accept", "accepted"), ("defer", "deferred"), ("decline", "declined")]
)
def test_the_chair_records_what_was_decided_and_why(town, signed_in, decision, state):
    visitor = signed_in("chair")
    answer = visitor.send("/runs/1/proposals/1", "/runs/1/proposals/1", _decision(decision=decision))
    assert answer.status_code == 302
    words = _words(visitor.get("/runs/1/proposals/1"))
    assert state in words
    assert "Two partners can be there on Friday." in words
    assert "Present: chair, inspector, warden manager" in words
    with town.store.reading() as session:
        assert proposals.history(session, 1)[0].present == ("chair", "inspector", "warden manager")
        assert [entry.action for entry in audit.latest(session, limit=3)].count(decision) == 1


def test_a_changed_proposal_says_what_will_be_done_instead(signed_in):
    visitor = signed_in("chair")
    path = "/runs/1/proposals/1"
    without = visitor.send(path, path, _decision(decision="change"))
    assert without.status_code == 422
    assert "Say what will be done instead" in without.text
    assert (
        visitor.send(path, path, _decision(decision="change", agreed_response="Lighting first")).status_code
        == 302
    )
    assert "Instead: Lighting first" in _words(visitor.get(path))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": ""}, "Give the reason"),
        ({"reason": "."}, "Give the reason in a few words at least"),
        ({"reason": "x" * 2001}, "Keep the reason under 2,000 characters"),
        ({"present": ""}, "Say who was present"),
        ({"present": "---"}, "Say who was present, by post"),
        ({"decision": ""}, "Say what was decided"),
        ({"decision": "approve"}, "Not a valid choice"),
    ],
)
def test_a_decision_without_its_words_is_sent_back_and_nothing_is_kept(town, signed_in, fields, sentence):
    visitor = signed_in("chair")
    answer = visitor.send("/runs/1/proposals/1", "/runs/1/proposals/1", _decision(**fields))
    assert answer.status_code == 422
    assert sentence in answer.text
    with town.store.reading() as session:
        assert proposals.history(session, 1) == []


def test_fields_that_nobody_asked_for_change_nothing(town, signed_in):
    visitor = signed_in("chair")
    extra = {"decided_by": "1", "role": "administrator", "state": "declined", "proposal_id": "2"}
    visitor.send("/runs/1/proposals/1", "/runs/1/proposals/1", _decision(**extra))
    with town.store.reading() as session:
        assert proposals.history(session, 2) == []
        assert proposals.history(session, 1)[0].decided_by_name == "chair"
        chair = accounts.actor_named(session, "chair", today=local_day(site.now()))
    assert chair.role == "chair"


def test_what_was_decided_meanwhile_is_not_overwritten(signed_in):
    first, second = signed_in("chair"), signed_in("chair")
    path = "/runs/1/proposals/1"
    page = second.get(path)
    assert first.send(path, path, _decision()).status_code == 302
    token = page.text.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    answer = second.client.post(path, data={**_decision(decision="decline"), "csrf_token": token})
    assert answer.status_code == 409
    assert "was accepted meanwhile" in answer.text


def test_a_deferred_proposal_can_be_decided_again_and_both_are_kept(signed_in):
    visitor = signed_in("chair")
    path = "/runs/1/proposals/1"
    visitor.send(path, path, _decision(decision="defer", reason="Waiting for the lighting survey."))
    assert "Decide again" in visitor.get(path).text
    visitor.send(path, path, _decision())
    words = _words(visitor.get(path))
    assert "Waiting for the lighting survey." in words
    assert words.index("Two partners can be there") < words.index("Waiting for the lighting survey.")


def test_a_proposal_is_found_under_its_own_run_only(signed_in):
    assert signed_in("officer").get("/runs/2/proposals/1").status_code == 404


def test_who_cannot_decide_is_offered_no_form(signed_in):
    text = signed_in("officer").get("/runs/1/proposals/1").text
    assert "Record the decision" not in text
    assert "The chair of the meeting records what the group decides" in text


def test_a_withdrawn_run_is_gone_for_everybody_at_once(town, signed_in):
    visitor = signed_in("officer")
    assert visitor.get("/runs/1/map.js").status_code == 200
    with town.store.engine.execution_options(hotspots_mode="write").begin() as connection:
        connection.exec_driver_sql("UPDATE runs SET withdrawn_at = '2026-03-02 10:00:00.000000'")
    assert visitor.get("/runs/1/map.js").status_code == 404
    assert visitor.get("/runs/1").status_code == 404


def test_map_files_are_served_and_nothing_beside_them(visitor):
    assert visitor.get("/map-files/leaflet/leaflet.js").mimetype == "text/javascript"
    assert visitor.get("/map-files/leaflet/images/layers.png").mimetype == "image/png"
    for name in (
        "../view.py",
        "leaflet/../../view.py",
        "view.py",
        "leaflet/LICENSE-leaflet.txt",
        "%2e%2e/view.py",
    ):
        assert visitor.get(f"/map-files/{name}").status_code == 404
