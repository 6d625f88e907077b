"""Accounts."""

import datetime as dt

import pytest

from mapping.access import COMMUNITY_SAFETY, EVERY, Actor, Role
from mapping.errors import ConflictError, NotAllowedError, NotFoundError
from mapping.store import accounts, agencies, audit, passwords, sign_ins
from mapping.store.accounts import WardTerm

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)
PASSWORD = "correct horse battery"


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with few passes where a test is about something else; the real ones are in test_passwords."""
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "hashed", lambda password: weak.hash(password))


def create(session, actor: Actor, name: str = "Alex", role: str = "analyst", **more: object):
    facts = {"name": name, "role": role, "agency_id": actor.agency_id, "password": PASSWORD}
    return accounts.create(session, **facts | more, actor=actor, now=NOW)


def test_a_fresh_store_gets_an_operator_an_agency_and_an_agreement(store):
    with store.transaction() as session:
        first = accounts.first_actor(session, now=NOW)
        again = accounts.first_actor(session, now=NOW)
        found = agencies.list_all(session)
        entries = audit.entries(session)
    assert first == again
    assert (first.name, first.role, first.is_operator) == ("operator", Role.ANALYST, True)
    assert [agency.name for agency in found] == ["Community Safety Partnership"]
    (agreement,) = first.agreements
    assert agreement.signatories == {first.agency_id}
    assert (agreement.purposes, agreement.categories, agreement.areas) == (
        {COMMUNITY_SAFETY},
        {EVERY},
        {EVERY},
    )
    assert agreement.review_on == dt.date(2027, 3, 2)
    assert [entry.action for entry in entries] == ["set up"]


def test_the_operator_has_no_password_and_gets_none(store, operator):
    with store.transaction() as session:
        assert accounts.check_password(session, "operator", "") is None
        assert accounts.check_password(session, "operator", PASSWORD) is None
        with pytest.raises(NotAllowedError):
            accounts.set_password(session, operator.account_id, password=PASSWORD, actor=operator, now=NOW)


def test_a_password_opens_its_own_account_however_the_name_is_cased(store, operator):
    with store.transaction() as session:
        made = create(session, operator, name="  Alex   O'Brien ")
    assert made.name == "Alex O'Brien"
    with store.reading() as session:
        assert accounts.check_password(session, "ALEX o'brien", PASSWORD) == made.account_id
        assert accounts.check_password(session, "Alex O'Brien", PASSWORD + "x") is None
        assert accounts.check_password(session, "nobody", PASSWORD) is None
        assert accounts.check_password(session, "nul\x00", PASSWORD) is None


def test_names_that_differ_by_case_spaces_or_composition_are_one(store, operator, quick_hashes):
    with store.transaction() as session:
        create(session, operator, name="José Straße")
    for name in ("JOSÉ STRASSE", "  jose\u0301   straße"):
        with pytest.raises(ConflictError, match="that name already"), store.transaction() as session:
            create(session, operator, name=name)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x1b[31mb", "a\u202eb", "a\x00b"])
def test_a_name_nobody_could_read_is_refused(store, operator, quick_hashes, name):
    with pytest.raises(ConflictError, match="printable name"), store.transaction() as session:
        create(session, operator, name=name)


def test_a_role_or_agency_that_is_not_there_is_refused(store, operator, quick_hashes):
    with pytest.raises(ConflictError, match="the roles are: analyst"), store.transaction() as session:
        create(session, operator, role="superuser")
    with pytest.raises(NotFoundError), store.transaction() as session:
        create(session, operator, agency_id="nobody")


def test_a_failed_creation_leaves_nothing(store, operator):
    with pytest.raises(ConflictError), store.transaction() as session:
        create(session, operator, password="short")
    with store.reading() as session:
        assert [account.name for account in accounts.list_all(session)] == ["operator"]


def test_only_administrators_and_the_operator_make_accounts(store, partnership, quick_hashes):
    for role in set(Role) - {Role.ADMINISTRATOR}:
        with pytest.raises(NotAllowedError), store.transaction() as session:
            create(session, partnership.actor(role))
    administrator = partnership.actor(Role.ADMINISTRATOR)
    with store.transaction() as session:
        create(session, administrator)
        create(session, partnership.operator, name="Bo")


def test_a_disabled_account_is_out_everywhere_at_once(store, operator, quick_hashes):
    with store.transaction() as session:
        made = create(session, operator)
        alex = accounts.actor_for(session, made.account_id, today=TODAY)
        token = sign_ins.start(session, actor=alex, now=NOW)
        accounts.disable(session, made.account_id, actor=operator, now=NOW)
        accounts.disable(session, made.account_id, actor=operator, now=NOW)  # twice is once
    with store.reading() as session:
        assert sign_ins.resolve(session, token, now=NOW) is None
        assert accounts.check_password(session, "Alex", PASSWORD) is None
        with pytest.raises(NotAllowedError, match="disabled"):
            accounts.actor_for(session, made.account_id, today=TODAY)
        assert not accounts.get(session, made.account_id).is_active
        actions = [entry.action for entry in audit.entries(session)]
    assert actions == ["set up", "create", "sign in", "disable"]


def test_the_last_administrator_cannot_be_disabled(store, operator, quick_hashes):
    with store.transaction() as session:
        one = create(session, operator, name="One", role="administrator")
        two = create(session, operator, name="Two", role="administrator")
        accounts.disable(session, one.account_id, actor=operator, now=NOW)
    with pytest.raises(ConflictError, match="last administrator"), store.transaction() as session:
        accounts.disable(session, two.account_id, actor=operator, now=NOW)


def test_nobody_disables_their_own_account(store, operator):
    with pytest.raises(NotAllowedError, match="itself"), store.transaction() as session:
        accounts.disable(session, operator.account_id, actor=operator, now=NOW)


def test_once_the_operator_is_disabled_somebody_must_be_named(store, operator, quick_hashes):
    with store.transaction() as session:
        made = create(session, operator, role="administrator")
        administrator = accounts.actor_for(session, made.account_id, today=TODAY)
        accounts.disable(session, operator.account_id, actor=administrator, now=NOW)
        with pytest.raises(NotAllowedError, match="HOTSPOTS_ACTOR"):
            accounts.first_actor(session, now=NOW)
        assert accounts.actor_named(session, "alex", today=TODAY) == administrator
        with pytest.raises(NotFoundError, match="HOTSPOTS_ACTOR"):
            accounts.actor_named(session, "nobody", today=TODAY)


def test_a_new_password_ends_every_sign_in(store, operator, quick_hashes):
    with store.transaction() as session:
        made = create(session, operator)
        alex = accounts.actor_for(session, made.account_id, today=TODAY)
        token = sign_ins.start(session, actor=alex, now=NOW)
        accounts.set_password(session, made.account_id, password="another horse battery", actor=alex, now=NOW)
    with store.reading() as session:
        assert sign_ins.resolve(session, token, now=NOW) is None
        assert accounts.check_password(session, "Alex", PASSWORD) is None
        assert accounts.check_password(session, "Alex", "another horse battery") == made.account_id


def test_only_an_administrator_sets_somebody_elses_password(store, partnership, quick_hashes):
    analyst, chair = partnership.actor(Role.ANALYST), partnership.actor(Role.CHAIR)
    with pytest.raises(NotAllowedError), store.transaction() as session:
        accounts.set_password(session, chair.account_id, password=PASSWORD, actor=analyst, now=NOW)
    administrator = partnership.actor(Role.ADMINISTRATOR)
    with store.transaction() as session:
        accounts.set_password(session, chair.account_id, password=PASSWORD, actor=administrator, now=NOW)


def test_a_councillor_has_the_wards_of_the_current_term(store, operator, quick_hashes):
    before, now_on, later = dt.date(2022, 5, 9), dt.date(2026, 3, 2), dt.date(2030, 5, 6)
    terms = [
        WardTerm("E05000001", before, TODAY),  # ended today
        WardTerm("E05000002", now_on, later),  # began today
        WardTerm("E05000003", before, later),
        WardTerm("E05000004", later, dt.date(2034, 5, 8)),
    ]
    with store.transaction() as session:
        made = create(session, operator, role="councillor", wards=terms)
        actor = accounts.actor_for(session, made.account_id, today=TODAY)
        after = accounts.actor_for(session, made.account_id, today=later)
    assert actor.wards == {"E05000002", "E05000003"}
    assert after.wards == {"E05000004"}


def test_an_actor_has_the_agreements_its_agency_is_signed_to(partnership):
    assert [held.name for held in partnership.actor(Role.ANALYST, "fire").agreements] == [
        "Exampleshire information sharing agreement"
    ]
    assert partnership.actor(Role.ANALYST, "housing").agreements == ()


def test_lists_never_show_a_password(store, operator, quick_hashes):
    with store.transaction() as session:
        create(session, operator)
        assert "argon2" not in repr(accounts.list_all(session))
        assert "argon2" not in repr(audit.entries(session))
        assert "Alex" not in repr([entry.details for entry in audit.entries(session)])
