"""Sharing agreements."""

import datetime as dt

import pytest

from mapping.access import EVERY, AgreementState, Role
from mapping.errors import ConflictError, NotAllowedError, NotFoundError
from mapping.store import agreements, audit

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)


def test_an_agreement_comes_back_as_it_was_made(store, partnership):
    with store.transaction() as session:
        made = agreements.create(
            session,
            name="Fires",
            signatories=(name for name in ("fire", "housing")),
            purposes=["fire prevention"],
            categories=["Deliberate fire"],
            areas=["E05999001"],
            starts_on=dt.date(2026, 1, 1),
            review_on=dt.date(2026, 4, 1),
            legal_gateway="s115",
            actor=partnership.operator,
            now=NOW,
        )
        assert agreements.get(session, made.agreement_id, today=TODAY) == made
        assert audit.latest(session, limit=1)[0].details == {
            "signatories": ["fire", "housing"],
            "review_on": "2026-04-01",
        }
    assert made.signatories == {"fire", "housing"}
    assert (made.purposes, made.categories, made.areas) == (
        {"fire prevention"},
        {"Deliberate fire"},
        {"E05999001"},
    )
    # Reviewed on 1 April: 30 days before that is 2 March, today.
    assert made.state(TODAY) is AgreementState.DUE


def test_left_alone_an_agreement_covers_every_category_and_area(partnership):
    assert partnership.agreement.categories == partnership.agreement.areas == {EVERY}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"signatories": []}, ConflictError),
        ({"purposes": []}, ConflictError),
        ({"review_on": dt.date(2026, 1, 1)}, ConflictError),
        ({"signatories": ["nobody"]}, NotFoundError),
        ({"name": "Exampleshire information sharing agreement"}, ConflictError),
    ],
)
def test_an_agreement_that_means_nothing_is_refused(store, partnership, changes, why):
    facts = {"name": "New", "signatories": ["fire"], "starts_on": TODAY, "review_on": dt.date(2027, 1, 1)}
    with pytest.raises(why), store.transaction() as session:
        agreements.create(session, **facts | changes, actor=partnership.operator, now=NOW)


def test_an_agency_that_withdraws_loses_access_the_same_day(store, partnership):
    analyst = partnership.actor(Role.ANALYST, "fire")
    assert len(analyst.agreements) == 1
    with store.transaction() as session:
        left = agreements.withdraw(
            session, partnership.agreement.agreement_id, agency_id="fire", actor=partnership.operator, now=NOW
        )
    assert left.signatories == {"police", "council"}
    assert partnership.again(analyst).agreements == ()
    with pytest.raises(NotFoundError), store.transaction() as session:
        agreements.withdraw(
            session, partnership.agreement.agreement_id, agency_id="fire", actor=partnership.operator, now=NOW
        )


def test_a_renewal_opens_what_had_closed(store, partnership):
    late = dt.datetime(2027, 3, 1, tzinfo=dt.UTC)
    assert partnership.agreement.state(late.date()) is AgreementState.CLOSED
    with store.transaction() as session:
        renewed = agreements.renew(
            session, 1 + 1, review_on=dt.date(2028, 1, 1), actor=partnership.operator, now=late
        )
        assert audit.latest(session, limit=1)[0].details == {"from": "2027-01-01", "to": "2028-01-01"}
    assert renewed.state(late.date()) is AgreementState.ACTIVE
    with pytest.raises(ConflictError, match="passed already"), store.transaction() as session:
        agreements.renew(session, 2, review_on=late.date(), actor=partnership.operator, now=late)


def test_only_an_administrator_changes_agreements(store, partnership):
    for role in set(Role) - {Role.ADMINISTRATOR}:
        actor = partnership.actor(role)
        with pytest.raises(NotAllowedError), store.transaction() as session:
            agreements.withdraw(session, 2, agency_id="fire", actor=actor, now=NOW)
        with pytest.raises(NotAllowedError), store.transaction() as session:
            agreements.renew(session, 2, review_on=dt.date(2030, 1, 1), actor=actor, now=NOW)


def test_the_audience_is_the_widest_agreement_for_the_purpose(store, partnership):
    with store.transaction() as session:
        agreements.create(
            session,
            name="Two only",
            signatories=["police", "housing"],
            purposes=["community safety", "housing"],
            starts_on=dt.date(2026, 1, 1),
            review_on=dt.date(2027, 1, 1),
            actor=partnership.operator,
            now=NOW,
        )
    analyst = partnership.actor(Role.ANALYST, "police")
    assert agreements.audience_for(analyst, today=TODAY).agencies == {"police", "council", "fire"}
    assert agreements.audience_for(analyst, purpose="housing", today=TODAY).agencies == {"police", "housing"}
    with pytest.raises(NotAllowedError):
        agreements.audience_for(analyst, purpose="licensing", today=TODAY)
    with pytest.raises(NotAllowedError):
        agreements.audience_for(analyst, today=dt.date(2027, 1, 1))
