import datetime as dt

import pytest

from mapping.intake import drafts, samples, trials
from mapping.intake.guessing import guess
from mapping.intake.layout import DATES, Area, parse, to_toml

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
TEXT = "Log No;Incident Date;Incident Type;Where;X;Y;Caller Name;Notes\n" + "".join(
    f"S{k:03d};{1 + k % 28:02d}/03/2026 19:{k:02d};{('Noise nuisance', 'Müll')[k % 2]};{k} High Street;"
    f"{450_000 + k};{520_000 + k};Jo Bloggs;youths again in the alley behind\n"
    for k in range(40)
)


@pytest.fixture
def looked(write):
    """A sample of a log, and what is guessed of it."""
    sample = samples.take(write("STORM extract 03-2026 v2.csv", TEXT))
    return sample, guess(sample.columns, sample.rows)


def _draft(found, **changes):
    first = drafts.draft_of(
        found, title="STORM log", source_agency="police", categories={"Müll": "Fly-tipping"}
    )
    return drafts.replace(first, **changes)


def _texts(draft, found):
    return [problem.text for problem in drafts.problems_of(draft, found)]


def test_a_guess_becomes_a_layout_that_reads_back_the_same(looked):
    sample, found = looked
    draft = _draft(found)
    assert _texts(draft, found) == []
    layout = drafts.to_layout(draft, drafts.as_rows(sample.columns, sample.rows))
    assert parse(to_toml(layout)) == layout
    assert (layout.name, layout.handling, layout.source_agency) == ("storm-log", "P", "police")
    assert layout.columns["reference"].filled
    assert layout.sensitive == ("description",)
    assert layout.categories == {"müll": "Fly-tipping"}


def test_the_first_rows_are_read_as_an_import_would_read_them(looked):
    sample, found = looked
    rows = trials.try_rows(sample, drafts.to_layout(_draft(found)), now=NOW)
    assert len(rows) == 10
    assert (rows[0].row, rows[0].category, rows[1].category) == (1, "Other report", "Fly-tipping")
    assert rows[0].occurred_from == dt.datetime(2026, 3, 1, 19, 0, tzinfo=dt.UTC)
    assert (rows[0].easting_m, rows[0].northing_m, rows[0].handling_code) == (450_000.0, 520_000.0, "P")
    assert "Incident Type" in rows[0].doubts[0]


def test_a_row_that_would_be_refused_says_why(write):
    path = write(
        "log.csv", "Ref,Date,Type\nR1,31/02/2026,Noise\nR2,03/02/2026,Noise\n" + "R3,13/02/2026,Noise\n" * 3
    )
    sample = samples.take(path)
    layout = drafts.to_layout(_draft(guess(sample.columns, sample.rows)))
    rows = trials.try_rows(sample, layout, now=NOW)
    assert rows[0].refused[0].startswith("Date is not a date")
    assert rows[1].refused == ()


def test_rows_without_a_reference_are_told_apart_by_what_they_say(write):
    sample = samples.take(
        write("log.csv", "When,What happened,Street\n" + "03/02/2026,Noise,Eden Road\n" * 4)
    )
    found = guess(sample.columns, sample.rows)
    draft = _draft(found)
    assert draft.identity == ("occurred_at", "category", "place")
    layout = drafts.to_layout(draft)
    assert layout.identity == draft.identity
    assert parse(to_toml(layout)) == layout
    assert "Without a reference" in _texts(drafts.replace(draft, identity=()), found)[0]


def test_a_reference_that_some_rows_lack_is_helped_by_an_identity(write):
    text = "Ref,Date,Type\n" + "".join(f"{f'R{k}' if k else ''},03/02/2026,Noise\n" for k in range(5))
    sample = samples.take(write("log.csv", text))
    draft = _draft(guess(sample.columns, sample.rows))
    layout = drafts.to_layout(draft, drafts.as_rows(sample.columns, sample.rows))
    assert not layout.columns["reference"].filled
    assert layout.identity == ("occurred_at", "category")
    assert parse(to_toml(layout)) == layout


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"Where": "category"}, "Another column is this already"),
        ({"Incident Date": ""}, "the date on which it happened"),
        ({"Incident Type": ""}, "what happened"),
        ({"Y": ""}, "none is the northing"),
        ({"X": ""}, "none is the easting"),
        ({"Where": "reported_time"}, "A time needs its date"),
        ({"Caller Name": "description", "Notes": ""}, "which is not read here"),
        ({"Where": "opinion"}, "no such thing"),
        ({"Where": "is_admin"}, "Choose one of the things"),
        ({"Nowhere": "outcome"}, "does not have"),
    ],
)
def test_what_contradicts_is_said(looked, columns, said):
    _, found = looked
    chosen = {**_draft(found).columns, **columns}
    draft = _draft(found, columns={heading: field for heading, field in chosen.items() if field})
    assert any(said in text for text in _texts(draft, found))


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"handling": "open"}, "handling"),
        ({"dates": "never"}, "dates"),
        ({"kind": "gossip"}, "kind"),
        ({"source_agency": ""}, "source_agency"),
        ({"title": " -- "}, "title"),
        ({"title": "Police UK"}, "title"),
        ({"title": "x" * 200}, "title"),
        ({"title": "a\x1bb"}, "title"),
        ({"categories": {"Müll": "Treasure"}}, "categories"),
    ],
)
def test_a_choice_that_there_is_not_is_refused(looked, changes, part):
    _, found = looked
    assert [problem.part for problem in drafts.problems_of(_draft(found, **changes), found)] == [part]


@pytest.mark.parametrize(
    ("file_name", "title"),
    [
        ("STORM extract 03-2026 v2.csv", "STORM extract"),
        ("housing_asb_cases_Mar2026.final.xlsx", "housing asb cases"),
        ("2026-03.csv", ""),
        ("<script>.csv", "script"),
        ("=cmd()|'x'.csv", "cmd 'x'"),
    ],
)
def test_a_title_comes_from_the_words_of_the_files_name(file_name, title):
    assert drafts.title_of(file_name) == title


def test_a_title_becomes_a_name_that_a_layout_may_have():
    assert drafts.slug("Café & Bar: noise!") == "cafe-bar-noise"
    assert len(drafts.slug("word " * 40)) <= 60


def test_dates_are_read_out_in_every_order():
    said = {order: trials.read_dates(["03/04/2025"], order)[0].at for order in DATES}
    assert said["day first"] == dt.datetime(
        2025, 4, 2, 23, 0, tzinfo=dt.UTC
    )  # midnight in London, summer time
    assert said["month first"] == dt.datetime(2025, 3, 4, 0, 0, tzinfo=dt.UTC)
    assert said["month"] is None


def test_the_dates_read_out_are_those_that_tell_the_orders_apart():
    assert trials.telling_dates(["25/03/2025", "24/03/2025", "03/04/2025"]) == ["03/04/2025", "25/03/2025"]
    assert trials.telling_dates(["01/01/2025", "02/01/2025", "03/01/2025"]) == ["02/01/2025", "03/01/2025"]
    assert trials.telling_dates(["01/01/2025"]) == ["01/01/2025"]
    assert trials.telling_dates(["", "x"]) == []


def test_points_outside_the_expected_area_are_said_to_lie_there(looked):
    sample, found = looked
    area = Area(easting_m=(100_000.0, 200_000.0), northing_m=(100_000.0, 200_000.0))
    rows = trials.try_rows(sample, drafts.to_layout(_draft(found)), now=NOW, area=area)
    assert any("outside the expected area" in doubt for doubt in rows[0].doubts)
