"""Which row is which: references, repeats, extracts and erasure: BAD 52 to 63."""

import datetime as dt
from collections import Counter

import pytest
from sqlalchemy import func, select

from mapping.store import accounts, erasure
from mapping.store.engine import open_store
from mapping.store.models import ReportVersion

from .doors import opened
from .files import EASTING, log, points, street

NO_REFERENCE = "is blank or says that there is none, and every row needs its own"
BURGLARY = {"Crime type": "Burglary"}


def crime(identity: str, outcome: str = "", **changes: object) -> dict[str, object]:
    """Return what a burglary with a Crime ID and an outcome changes in a usual street row."""
    return {"Crime ID": identity, "Last outcome category": outcome, **BURGLARY, **changes}


def versions(command) -> int:
    """Return how many earlier versions are kept."""
    with opened(command.url) as session:
        return session.execute(select(func.count()).select_from(ReportVersion)).scalar_one()


def keys(outcome) -> list[str]:
    """Return the keys of everything that is held."""
    return [report.report_key for report in outcome.reports]


@pytest.mark.parametrize("repeats", [1, 2, 500])
def test_bad_52_identical_rows_with_a_reference_are_one_incident(door, write, repeats):
    content = log({}, *[{"reference": "W1"}] * repeats, {"reference": " W1 "})
    outcome = door.take("warden-log", write("identical.csv", content))
    assert outcome.told == {"new": 1, "joined": repeats + 1}
    assert not outcome.issues
    assert len(outcome.reports) == 1


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"category": "Drugs"}, "category"),
        ({"easting": EASTING + 500}, "place"),
        ({"occurred_at": "04/02/2025 10:00"}, "time"),
        ({"category": "Drugs", "easting": EASTING + 500}, "category and place"),
    ],
)
def test_bad_53_a_conflicting_duplicate_is_flagged_and_the_first_stands(door, write, change, differs):
    content = log({}, {"reference": "W1", **change}, {})
    outcome = door.take("warden-log", write("conflict.csv", content))
    assert outcome.told == {"new": 2, "joined": 1}
    reason = f"repeats the reference of row 1 with another {differs}; joined to it as one incident"
    assert outcome.flagged == [(2, "reference", reason)]
    assert outcome.by_reference["W1"].category == "ASB nuisance"
    assert outcome.by_reference["W1"].easting_m == EASTING


@pytest.mark.parametrize(
    "change", [{"description": "other"}, {"postcode": "TS1 1AA"}, {"address": "Other Road"}]
)
def test_bad_53_other_words_under_one_reference_are_said(command, write, change):
    outcome = command.take("warden-log", write("other_words.csv", log({}, {"reference": "W1", **change})))
    assert "1 rows repeat a reference with other content" in outcome.words


@pytest.mark.parametrize("order", [("2B P", "2B C"), ("", "2B C"), ("2B P", "B24")])
def test_bad_53_of_conflicting_handling_codes_the_strictest_holds(command, write, order):
    first, second = order
    content = log({"grading": first}, {"reference": "W1", "grading": second})
    assert command.take("warden-log", write("handling.csv", content)).reports[0].handling_code == "C"


@pytest.mark.parametrize("name", ["log.csv", "renamed.csv"])
def test_bad_54_the_same_file_again_tells_nothing_new(command, write, name):
    content = log({}, {}, {"occurred_at": "31/02/2025"}, {"reference": "W1"})
    first = command.take("warden-log", write("log.csv", content))
    assert first.told == {"new": 2, "joined": 1, "rejected": 1}
    for ending in ("\n", "\r\n", "\r"):
        again = command.take("warden-log", write(name, content.replace("\n", ending)))
        assert again.told == {"unchanged": 2, "joined": 1, "rejected": 1}
        assert again.incidents == first.incidents
    assert versions(command) == 0


def test_bad_54_the_site_and_the_command_know_the_same_rows(site, write):
    for told in ({"new": 3}, {"unchanged": 3}):
        assert site.take("police-uk", write("street.csv", street({}, {}, crime("a")))).told == told


def test_bad_55_an_updated_extract_updates_in_place_and_keeps_history(command, write):
    command.take("warden-log", write("first.csv", log({}, {}, {})))
    content = log({"category": "Drugs"}, {}, {"address": "Other Road"}, {})
    outcome = command.take("warden-log", write("second.csv", content))
    assert outcome.told == {"new": 1, "updated": 2, "unchanged": 1}
    assert outcome.by_reference["W1"].category == "Drugs"
    assert [row["incident_id"] for row in outcome.incidents] == [1, 2, 3, 4]
    assert versions(command) == 2


def test_bad_56_a_shorter_extract_deletes_nothing(door, write):
    door.take("warden-log", write("whole.csv", log({}, {}, {})))
    before = len(door.take("warden-log", write("again.csv", log({}, {}, {}))).reports)
    outcome = door.take("warden-log", write("shorter.csv", log({})))
    assert outcome.told == {"unchanged": 1}
    empty = door.take("warden-log", write("none.csv", log({}).splitlines()[0] + "\n"))
    assert len(empty.reports) == before


def test_bad_57_one_reference_of_two_sources_is_two_incidents(door, write):
    # Days apart: what several sources tell of one minute and place may be one event, whatever its reference.
    content = log(
        {"source": "fire-deliberate", "occurred_at": "01/03/2025 10:00"},
        {"reference": "W1", "source": "housing-asb", "occurred_at": "05/03/2025 10:00"},
        {"reference": "W1", "occurred_at": "09/03/2025 10:00"},
    )
    outcome = door.take("warden-log", write("two_sources.csv", content))
    assert outcome.told == {"new": 3}
    assert len({report.incident_id for report in outcome.reports}) == 3


def test_bad_57_one_reference_in_two_layouts_is_two_incidents(command, write):
    command.take("warden-log", write("log.csv", log({"reference": "A1"})))
    command.take("timed-points", write("points.csv", points({"incident_id": "A1"})))
    outcome = command.take("police-uk", write("street.csv", street(crime("A1"))))
    assert sorted(keys(outcome)) == ["police-uk|A1", "timed-points|A1", "warden-log|A1"]


@pytest.mark.parametrize(
    ("one", "other"), [(("a|b", "c"), ("a", "b|c")), (("warden-log|W1", "x"), ("warden-log", "W1|x"))]
)
def test_bad_57_a_bar_in_a_name_makes_no_two_sources_one(command, write, one, other):
    content = log(*[{"source": source, "reference": reference} for source, reference in (one, other)])
    assert command.take("warden-log", write("bars.csv", content)).told == {"new": 2}


def test_bad_57_a_row_that_names_another_layouts_source_overwrites_nothing(command, write):
    command.take("police-uk", write("street.csv", street(crime("A1"))))
    forged = log({"reference": "A1", "source": "police-uk", "category": "Noise"})
    outcome = command.take("warden-log", write("forged_source.csv", forged))
    reason = "names a source that has a layout of its own; import the row by that one, or leave this blank"
    assert outcome.rejected == [(1, "source", reason)]
    assert [(report.source, report.category) for report in outcome.reports] == [("police-uk", "Burglary")]


@pytest.mark.parametrize("source", ["Police-UK", " police-uk ", "noise-complaints", "generic"])
def test_bad_57_however_it_is_spelt(command, write, source):
    outcome = command.take("warden-log", write("spelt_source.csv", log({"source": source}, {})))
    assert outcome.told == {"new": 1, "rejected": 1}


def test_bad_57_a_new_partner_may_be_named(command, write):
    content = log({"source": "Riverside Homes"}, {"reference": "W1", "source": "warden-log"})
    outcome = command.take("warden-log", write("new_partner.csv", content))
    assert keys(outcome) == ["Riverside Homes|W1", "warden-log|W1"]


def test_bad_57_a_source_in_other_capitals_is_the_same_source(command, write):
    content = log({"source": "fire-deliberate"}, {"reference": "W1", "source": "Fire-Deliberate"})
    assert command.take("warden-log", write("capitals.csv", content)).told == {"new": 1, "joined": 1}


SAME = [
    "AB-1 2",
    "AB\u20111\u00a02",
    "AB\u201312",
    " AB-12",
    "AB\u2212\u200912",
    "AB\uff0d12",
    "AB\ufe6312",
    "AB\u00ad-12",
]


@pytest.mark.parametrize("spelling", SAME, ids=ascii)
def test_bad_58_spaces_and_kinds_of_hyphen_make_no_other_reference(command, write, spelling):
    command.take("warden-log", write("plain.csv", log({"reference": "AB-12"})))
    outcome = command.take(
        "warden-log", write("spelt.csv", log({"reference": spelling, "category": "Drugs"}))
    )
    assert outcome.counts["new"] == 0
    assert len(outcome.reports) == 1


@pytest.mark.parametrize("other", ["AB12", "ab-12", "AB_12", "AB/12", "AB-012", "AB-12a"])
def test_bad_58_another_letter_or_digit_is_another_reference(command, write, other):
    content = log({"reference": "AB-12"}, {"reference": other})
    assert command.take("warden-log", write("other.csv", content)).told == {"new": 2}


@pytest.mark.parametrize(
    "mark", ["\u200b", "\u200c", "\u200d", "\ufeff", "\u2060", "\u200e", "\u200f"], ids=ascii
)
def test_bad_58_an_invisible_character_makes_no_other_reference(command, write, mark):
    content = log({"reference": "AB-12"}, {"reference": f"AB{mark}-12"})
    outcome = command.take("warden-log", write("invisible.csv", content))
    assert outcome.told == {"new": 1, "joined": 1}
    reason = "holds characters that nobody sees; they make no other reference"
    assert outcome.flagged == [(2, "reference", reason)]


NOTHING = [
    "",
    "  ",
    "N/A",
    "n/a",
    "#N/A",
    "-",
    "--",
    "---",
    ".",
    "?",
    "None",
    "NULL",
    "nil",
    "unknown",
    "TBC",
    "not applicable",
    "\u200b",
    "\u00a0",
    "#REF!",
    "#VALUE!",
    "#NAME?",
    "#DIV/0!",
]


def test_bad_59_rows_without_a_reference_are_rejected_and_never_merged(door, write):
    content = log({}, *[{"reference": text} for text in NOTHING])
    outcome = door.take("warden-log", write("no_reference.csv", content))
    assert outcome.rejected == [(number, "reference", NO_REFERENCE) for number in range(2, len(NOTHING) + 2)]
    assert outcome.told == {"new": 1, "rejected": len(NOTHING)}


def test_bad_59_where_none_is_usual_they_are_kept_apart(command, write):
    content = street(*[crime(text) for text in ("", "N/A", "none", " ", "#N/A")])
    outcome = command.take("police-uk", write("no_crime_id.csv", content))
    assert outcome.told == {"new": 5}
    assert {report.reference for report in outcome.reports} == {""}


def test_bad_60_identical_rows_without_a_reference_are_all_kept_and_added_once(door, write):
    content = street(*[{}] * 40, {"Location": "On or near Other Road"}, crime("a"))
    first = door.take("police-uk", write("anti_social.csv", content))
    again = door.take("police-uk", write("anti_social_again.csv", content))
    assert (first.told, again.told) == ({"new": 42}, {"unchanged": 42})
    assert len({report.incident_id for report in first.reports}) == 42


def test_bad_60_shuffled_or_with_one_more_they_are_still_the_same(command, write):
    command.take("police-uk", write("three.csv", street({}, {}, {}, crime("a"))))
    shuffled = command.take("police-uk", write("shuffled.csv", street(crime("a"), {}, {}, {})))
    assert shuffled.told == {"unchanged": 4}
    more = command.take("police-uk", write("four.csv", street({}, {}, {}, {})))
    assert more.told == {"new": 1, "unchanged": 3}
    fewer = command.take("police-uk", write("two.csv", street({}, {})))
    assert fewer.told == {"unchanged": 2}
    assert len(fewer.reports) == 5


def test_bad_60_the_publishers_later_outcome_and_area_make_no_other_row(command, write):
    command.take("police-uk", write("first.csv", street({}, {})))
    later = street(*[{"LSOA code": "E01999999", "Last outcome category": "Under investigation"}] * 2)
    outcome = command.take("police-uk", write("later.csv", later))
    assert outcome.told == {"updated": 2}


def test_bad_61_an_outcome_is_updated_by_its_crime_id(door, write):
    door.take("police-uk", write("january.csv", street(crime("a", "Under investigation"))))
    outcome = door.take("police-uk", write("january_again.csv", street(crime("a", "Offender charged"))))
    assert outcome.told == {"updated": 1}


def test_bad_61_an_id_on_two_rows_is_one_incident_and_a_conflict_is_flagged(command, write):
    content = street(
        crime("b", "Under investigation"), crime("b", "Offender charged"), crime("b", Longitude="-1.21")
    )
    outcome = command.take("police-uk", write("twice.csv", content))
    assert outcome.told == {"new": 1, "joined": 2}
    reason = "repeats the reference of row 1 with another {}; joined to it as one incident"
    assert outcome.flagged == [
        (2, "Crime ID", reason.format("outcome")),
        (3, "Crime ID", reason.format("place and outcome")),
    ]
    assert "2 rows repeat a reference with other content" in outcome.words
    assert outcome.by_reference["b"].outcome == "Under investigation"
    with opened(command.url) as session:  # what the other rows said is kept beside it
        said = session.execute(select(ReportVersion).order_by(ReportVersion.version_id)).scalars().all()
    assert [version.content["outcome"] for version in said] == ["Offender charged", ""]


def test_bad_62_an_older_extract_undoes_nothing(command, write):
    command.take("police-uk", write("march.csv", street(crime("a", "Charged", Month="2025-03"))))
    older = command.take("police-uk", write("january.csv", street(crime("a", "Open", Month="2025-01"), {})))
    assert older.told == {"new": 1, "superseded": 1}
    assert older.by_reference["a"].outcome == "Charged"
    newer = command.take("police-uk", write("may.csv", street(crime("a", "Closed", Month="2025-05"))))
    assert (newer.told, newer.by_reference["a"].outcome) == ({"updated": 1}, "Closed")


def test_bad_62_within_one_file_the_latest_extract_speaks_too(command, write):
    content = street(crime("a", "Charged", Month="2025-03"), crime("a", "Open", Month="2025-01"))
    for given in (content, "\n".join([content.splitlines()[0], *content.splitlines()[:0:-1]])):
        outcome = command.take("police-uk", write("two_months.csv", given))
        assert outcome.by_reference["a"].outcome == "Charged"


def test_bad_63_an_erased_reference_stays_erased_and_is_reported(command, write):
    content = log({}, {}, {})
    command.take("warden-log", write("log.csv", content))
    now = dt.datetime.now(dt.UTC)
    store = open_store(command.url)
    with store.transaction() as session:
        erased = erasure.erase(
            session, ["warden-log|W2"], actor=accounts.first_actor(session, now=now), now=now
        )
    store.close()
    assert erased == 1
    for spelling in ("W2", " W2 ", "W\u00a02"):
        changed = log({}, {"reference": spelling, "description": "Canary returns"}, {})
        outcome = command.take("warden-log", write("again.csv", changed))
        assert outcome.told == {"unchanged": 2, "erased": 1}
        assert len(outcome.incidents) == 2
        assert Counter(report.description for report in outcome.reports) == {"Canary told": 2, "": 1}
