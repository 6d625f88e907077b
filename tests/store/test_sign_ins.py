"""Sign-ins end on the server."""

import datetime as dt

import pytest
from sqlalchemy import text

from mapping.access import Role
from mapping.store import audit, sign_ins

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def chair(partnership):
    return partnership.actor(Role.CHAIR)


@pytest.fixture
def token(store, chair) -> str:
    with store.transaction() as session:
        return sign_ins.start(session, actor=chair, now=NOW)


def resolve(store, token, after: dt.timedelta):
    with store.reading() as session:
        return sign_ins.resolve(session, token, now=NOW + after)


def test_a_token_opens_the_account_it_was_given_to(store, chair, token):
    assert resolve(store, token, MINUTE / 2).account_id == chair.account_id
    assert len(token) >= 43  # 32 random bytes
    with store.transaction() as session:
        assert sign_ins.start(session, actor=chair, now=NOW) != token


def test_the_store_keeps_a_hash_of_the_token_only(store, token):
    with store.reading() as session:
        kept = session.execute(text("SELECT token_hash FROM sign_ins")).scalar()
        assert token not in repr(audit.entries(session))
    assert kept != token
    assert len(kept) == 64


@pytest.mark.parametrize("wrong", ["", "x", "\x00", "\udcff", "é" * 50])
def test_any_other_token_opens_nothing(store, token, wrong):
    assert resolve(store, wrong, MINUTE) is None
    assert resolve(store, token[:-1], MINUTE) is None


def test_half_an_hour_without_use_ends_it(store, token):
    assert resolve(store, token, 30 * MINUTE - dt.timedelta(seconds=1))
    assert resolve(store, token, 30 * MINUTE) is None


def test_use_keeps_it_open_until_twelve_hours_are_over(store, token):
    for quarter in range(1, 48):  # 47 quarters of an hour are 11 h 45 min
        assert resolve(store, token, quarter * 15 * MINUTE).is_due
        with store.transaction() as session:
            sign_ins.touch(session, token, now=NOW + quarter * 15 * MINUTE)
    assert resolve(store, token, dt.timedelta(hours=12) - MINUTE)
    assert resolve(store, token, dt.timedelta(hours=12)) is None


def test_being_seen_is_noted_once_a_minute_at_most(store, token):
    assert not resolve(store, token, MINUTE * 0.9).is_due
    assert resolve(store, token, MINUTE).is_due


def test_a_clock_that_was_set_back_opens_nothing_longer(store, token):
    assert resolve(store, token, -MINUTE) is None
    with store.transaction() as session:
        sign_ins.touch(session, token, now=NOW - 60 * MINUTE)
    assert resolve(store, token, 29 * MINUTE)  # the touch from the past changed nothing


def test_signing_out_ends_it_wherever_the_cookie_was_copied_to(store, chair, token):
    with store.transaction() as session:
        sign_ins.end(session, token, actor=chair, now=NOW)
        sign_ins.touch(session, token, now=NOW + MINUTE)  # a late request does not revive it
    assert resolve(store, token, MINUTE) is None
    with store.reading() as session:
        assert [entry.action for entry in audit.latest(session, limit=2)] == ["sign out", "sign in"]


def test_ending_all_leaves_other_accounts_alone(store, partnership, chair, token):
    other = partnership.actor(Role.OFFICER)
    with store.transaction() as session:
        second = sign_ins.start(session, actor=chair, now=NOW)
        others = sign_ins.start(session, actor=other, now=NOW)
        sign_ins.end_all_for(session, chair.account_id, now=NOW)
    assert [bool(resolve(store, one, MINUTE)) for one in (token, second, others)] == [False, False, True]
