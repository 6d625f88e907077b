"""Layouts that were made here, on both databases."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from mapping.access import Role
from mapping.errors import ConflictError, NotAllowedError, NotFoundError
from mapping.intake.layout import load
from mapping.store import audit, layouts
from mapping.store.models import LayoutRow

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)


def made(name="housing-cases", **changes):
    """A layout as the mapping screen makes it."""
    return replace(load("warden-log"), name=name, title="Housing cases", **changes)


@pytest.fixture
def analyst(partnership):
    return partnership.actor(Role.ANALYST, "council")


@pytest.fixture
def keep(store, analyst):
    """Keep a layout, as the council's analyst where no other is named."""

    def kept(layout, *, actor=None, now=NOW):
        with store.transaction() as session:
            return layouts.save(session, layout, actor=actor or analyst, now=now)

    return kept


def test_a_layout_that_was_made_here_reads_back_as_it_was(store, keep, analyst):
    words = {"=1+1": "Noise", "müll 🗑": "Fly-tipping", 'a "quoted" word': "Burglary"}
    layout = made(categories=words, handling="C")
    kept = keep(layout)
    assert (kept.name, kept.title, kept.agency_id) == ("housing-cases", "Housing cases", "council")
    assert kept.account_name == analyst.name
    with store.reading() as session:
        assert layouts.resolve(session, "housing-cases") == layout
        (listed,) = layouts.list_all(session)
        assert listed == kept
        entry = audit.latest(session, limit=1)[0]
    assert (entry.action, entry.kind, entry.object_id) == ("create", "layout", str(kept.layout_id))
    assert "=1+1" not in str(entry.details)  # a source's own words are no matter for the log
    assert entry.details["name"] == "housing-cases"


def test_the_newest_of_a_name_holds_and_the_older_stays_in_the_table(store, keep):
    first = keep(made())
    second = keep(made(handling="C"), now=NOW + dt.timedelta(days=1))
    assert second.layout_id > first.layout_id
    with store.reading() as session:
        assert layouts.resolve(session, "housing-cases").handling == "C"
        assert [kept.layout_id for kept in layouts.list_all(session)] == [second.layout_id]
        assert len(session.execute(select(LayoutRow.layout_id)).all()) == 2


def test_keeping_what_holds_already_keeps_nothing_new(store, keep):
    first = keep(made())
    assert keep(made(), now=NOW + dt.timedelta(days=1)).layout_id == first.layout_id
    with store.reading() as session:
        assert len(session.execute(select(LayoutRow.layout_id)).all()) == 1


def test_a_shipped_layout_comes_first_and_its_name_cannot_be_taken(store, keep):
    with pytest.raises(ConflictError, match="comes with the system"):
        keep(made("warden-log"))
    with store.reading() as session:
        assert layouts.resolve(session, "warden-log") is load("warden-log")


@pytest.mark.parametrize("name", ["", "Über log", "a b", "../etc", "x" * 100])
def test_a_name_that_no_command_could_type_is_refused(keep, name):
    with pytest.raises((ConflictError, ValueError)):
        keep(made(name))


def test_nobody_here_can_declare_records_open(keep):
    with pytest.raises(ConflictError, match="choose P or C"):
        keep(made(handling="open"))


def test_only_an_analyst_makes_layouts(store, partnership, keep):
    for role in set(Role) - {Role.ANALYST}:
        with pytest.raises(NotAllowedError):
            keep(made(), actor=partnership.actor(role, "council"))
    with store.reading() as session:
        assert layouts.list_all(session) == []


def test_a_name_belongs_to_the_agency_that_took_it_first(store, partnership, keep):
    keep(made())
    with pytest.raises(ConflictError, match="taken by another agency"):
        keep(made(handling="C"), actor=partnership.actor(Role.ANALYST, "police"))
    with store.reading() as session:
        assert layouts.resolve(session, "housing-cases").handling == "P"


def test_layouts_are_for_those_who_share_with_their_owner(store, partnership, keep):
    keep(made())
    police = partnership.actor(Role.ANALYST, "police")  # signed the same agreement
    housing = partnership.actor(Role.ANALYST, "housing")  # signed none
    assert layouts.partners(police, today=TODAY) == {"police", "council", "fire"}
    assert layouts.partners(housing, today=TODAY) == {"housing"}
    with store.reading() as session:
        seen = layouts.partners(police, today=TODAY)
        assert layouts.resolve(session, "housing-cases", visible_to=seen).name == "housing-cases"
        unseen = layouts.partners(housing, today=TODAY)
        assert layouts.list_all(session, visible_to=unseen) == []
        assert layouts.readable(session, visible_to=unseen) == []
        with pytest.raises(NotFoundError):
            layouts.resolve(session, "housing-cases", visible_to=unseen)


def test_a_name_that_is_of_neither_kind_is_not_found_and_both_kinds_are_named(store):
    with store.reading() as session, pytest.raises(NotFoundError, match=r"ships.*made here"):
        layouts.resolve(session, "nothing")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('handling = "P"', 'handling = "open"'),
        ('name = "housing-cases"', 'name = "another"'),
        ('name = "housing-cases"', "name = "),
        ("[columns]", "[collumns]"),
        ("required = true", 'required = "yes"'),
        ("[columns]", "columns = 3\n[more]"),
    ],
)
def test_a_row_that_was_tampered_with_is_refused_and_passed_over(store, keep, old, new):
    kept = keep(made())
    assert old in kept.toml
    with store.transaction() as session:
        session.execute(update(LayoutRow).values(toml=kept.toml.replace(old, new, 1)))
    with store.reading() as session:
        assert layouts.readable(session) == []
        assert len(layouts.list_all(session)) == 1  # it is seen to be there
        with pytest.raises(NotFoundError, match="cannot be used any more"):
            layouts.resolve(session, "housing-cases")
