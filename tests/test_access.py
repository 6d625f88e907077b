"""The authorisation table and the record rule."""

import datetime as dt

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import given

from mapping import access
from mapping.access import (
    EVERY,
    TABLE,
    Action,
    Actor,
    Agreement,
    AgreementState,
    Audience,
    Kind,
    Role,
)
from mapping.errors import MissingColumnsError, NotAllowedError

TODAY = dt.date(2026, 3, 2)
SAFETY = "community safety"


def make_agreement(**changes: object) -> Agreement:
    facts: dict[str, object] = {
        "agreement_id": 1,
        "name": "Exampleshire agreement",
        "signatories": frozenset({"police", "council", "fire"}),
        "purposes": frozenset({SAFETY}),
        "categories": frozenset({EVERY}),
        "areas": frozenset({EVERY}),
        "starts_on": dt.date(2025, 1, 1),
        "review_on": dt.date(2027, 1, 1),
    }
    return Agreement(**facts | changes)  # type: ignore[arg-type]


def make_actor(role: Role, agency: str = "police", *agreements: Agreement, operator: bool = False) -> Actor:
    return Actor(1, "A", role, agency, frozenset(), agreements or (make_agreement(),), operator)


def make_records(*rows: dict[str, object]) -> pd.DataFrame:
    usual = {
        "source_agency": "council",
        "handling_code": "P",
        "conditions": "",
        "restricted_to": "",
        "category": "Noise",
        "ward_gss_code": "E05000001",
    }
    return pd.DataFrame([usual | row for row in rows], columns=list(usual))


def entering(
    *rows: dict[str, object],
    agencies: tuple[str, ...] = ("police", "council"),
    purpose: str = SAFETY,
    agreements: tuple[Agreement, ...] | None = None,
    today: dt.date = TODAY,
) -> list[bool]:
    found = access.enters_run(
        make_records(*rows),
        Audience(frozenset(agencies), purpose),
        (make_agreement(),) if agreements is None else agreements,
        today=today,
    )
    return found.tolist()


# Who may do what. Written out here a second time on purpose: a change of the table must be meant twice.
MEETING = {"analyst", "chair", "officer", "manager"}
EXPECTED = {
    "home": {"view": set(Role)},
    "own_account": {"view": set(Role), "change": set(Role)},
    "borough_map": {"view": MEETING},
    "ward_map": {"view": MEETING},
    "hotspot": {"view": MEETING},
    "cell": {"view": MEETING},
    "run": {"view": MEETING, "create": {"analyst"}},
    "incident": {"view": {"analyst", "chair"}},
    "report": {"view": {"analyst"}, "change": {"analyst"}},
    "import": {"view": {"analyst"}, "create": {"analyst"}},
    "submission": {
        "view": {"analyst", "chair", "officer", "councillor"},
        "create": {"analyst", "chair", "officer", "councillor"},
    },
    "intelligence": {"view": {"analyst"}, "create": {"analyst", "officer"}},
    "layout": {"view": {"analyst"}, "create": {"analyst"}},
    "place": {"view": {"analyst"}, "decide": {"analyst"}},
    "link": {"view": {"analyst"}, "decide": {"analyst"}},
    "excluded_place": {"view": MEETING, "change": {"analyst"}},
    "gazetteer": {"view": {"analyst"}, "create": {"analyst", "administrator"}},
    "proposal": {"view": MEETING, "decide": {"chair"}},
    "tasking": {"view": MEETING},
    "job": {"view": {"analyst"}, "create": {"analyst"}},
    "boundary": {"view": MEETING | {"administrator", "auditor"}, "create": {"analyst", "administrator"}},
    "agency": {"view": MEETING | {"administrator", "auditor"}, "create": {"administrator"}},
    "agreement": {
        "view": {"analyst", "chair", "manager", "administrator", "auditor"},
        "create": {"administrator"},
        "change": {"administrator"},
    },
    "account": {
        "view": {"administrator", "auditor"},
        "create": {"administrator"},
        "change": {"administrator"},
    },
    "audit_log": {"view": {"auditor"}},
}


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_do_what_the_matrix_says_and_nothing_else(role: Role, action: Action, kind: Kind):
    expected = role in EXPECTED[kind].get(action, set())
    assert access.allows(make_actor(role), action, kind, today=TODAY) is expected


def test_there_are_seven_roles_and_every_kind_is_somebodys():
    assert len(Role) == 7
    assert {kind for _, kind in TABLE} == set(Kind)


def test_an_administrator_sees_no_content():
    administrator = make_actor(Role.ADMINISTRATOR)
    assert not any(
        access.allows(administrator, action, kind, today=TODAY)
        for action in Action
        for kind in access.CONTENT
    )


def test_an_auditor_only_views():
    allowed = {
        action
        for (action, kind), roles in TABLE.items()
        if Role.AUDITOR in roles and kind is not Kind.OWN_ACCOUNT
    }
    assert allowed == {Action.VIEW}


def test_a_councillor_sees_no_operational_content():
    allowed = {kind for (_, kind), roles in TABLE.items() if Role.COUNCILLOR in roles}
    assert allowed == {Kind.HOME, Kind.OWN_ACCOUNT, Kind.SUBMISSION}  # of these, its own only


def test_the_operator_may_also_set_the_house_up():
    operator = make_actor(Role.ANALYST, operator=True)
    assert access.allows(operator, Action.CREATE, Kind.ACCOUNT, today=TODAY)
    assert access.allows(operator, Action.VIEW, Kind.AUDIT_LOG, today=TODAY)
    assert not access.allows(make_actor(Role.ANALYST), Action.CREATE, Kind.ACCOUNT, today=TODAY)
    assert not access.allows(operator, Action.DECIDE, Kind.PROPOSAL, today=TODAY)


def test_a_refusal_says_who_may_and_whom_to_ask():
    with pytest.raises(NotAllowedError) as refused:
        access.require(make_actor(Role.OFFICER), Action.DECIDE, Kind.PROPOSAL, today=TODAY)
    assert str(refused.value) == (
        "The role officer may not decide this (proposal): it is for chair. Ask an administrator."
    )


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (dt.date(2024, 12, 31), AgreementState.CLOSED),  # not begun
        (dt.date(2025, 1, 1), AgreementState.ACTIVE),
        (dt.date(2026, 12, 1), AgreementState.ACTIVE),
        (dt.date(2026, 12, 2), AgreementState.DUE),  # 2027-01-01 less 30 days
        (dt.date(2026, 12, 31), AgreementState.DUE),
        (dt.date(2027, 1, 1), AgreementState.READ_ONLY),
        (dt.date(2027, 1, 30), AgreementState.READ_ONLY),
        (dt.date(2027, 1, 31), AgreementState.CLOSED),  # 2027-01-01 and 30 days
    ],
)
def test_an_agreement_warns_then_is_read_only_then_closes(today: dt.date, state: AgreementState):
    assert make_agreement().state(today) is state


def test_an_agreement_that_is_read_only_lets_its_agency_view_but_not_add():
    analyst, day = make_actor(Role.ANALYST), dt.date(2027, 1, 1)
    assert access.allows(analyst, Action.VIEW, Kind.BOROUGH_MAP, today=day)
    with pytest.raises(NotAllowedError, match="due for review on 1 January 2027 and is read only"):
        access.require(analyst, Action.CREATE, Kind.IMPORT, today=day)


def test_an_agreement_closes_at_midnight():
    analyst = make_actor(Role.ANALYST)
    assert access.allows(analyst, Action.VIEW, Kind.HOTSPOT, today=dt.date(2027, 1, 30))
    with pytest.raises(NotAllowedError, match="closed on 31 January 2027"):
        access.require(analyst, Action.VIEW, Kind.HOTSPOT, today=dt.date(2027, 1, 31))


def test_an_agency_that_has_signed_nothing_sees_no_content():
    outsider = make_actor(Role.ANALYST, "housing")  # its agreements name other agencies only
    with pytest.raises(NotAllowedError):
        access.require(outsider, Action.VIEW, Kind.BOROUGH_MAP, today=TODAY)
    nobody = Actor(1, "A", Role.ANALYST, "housing")
    with pytest.raises(NotAllowedError, match="signed no sharing agreement"):
        access.require(nobody, Action.VIEW, Kind.BOROUGH_MAP, today=TODAY)
    assert access.allows(nobody, Action.VIEW, Kind.HOME, today=TODAY)


def test_a_run_is_read_by_its_audience_for_its_purpose_only():
    audience = Audience(frozenset({"police", "council"}), SAFETY)
    assert access.may_read_run(make_actor(Role.CHAIR), audience, today=TODAY)
    assert not access.may_read_run(make_actor(Role.CHAIR, "fire"), audience, today=TODAY)
    assert not access.may_read_run(make_actor(Role.COUNCILLOR), audience, today=TODAY)
    elsewhere = make_agreement(purposes=frozenset({"licensing"}))
    assert not access.may_read_run(make_actor(Role.CHAIR, "police", elsewhere), audience, today=TODAY)
    assert not access.may_read_run(make_actor(Role.CHAIR), audience, today=dt.date(2027, 1, 31))


def test_the_day_of_an_agreement_is_londons():
    # Half past eleven in the evening of 30 June, UTC, is half past midnight on 1 July in London.
    assert access.local_day(dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)) == dt.date(2026, 7, 1)


def test_open_records_enter_without_an_agreement():
    assert entering({"handling_code": "open"}, agreements=()) == [True]
    assert entering({"handling_code": "P"}, agreements=()) == [False]


def test_p_records_enter_where_every_agency_shares_with_their_owner():
    assert entering({}) == [True]
    assert entering({}, agencies=("police", "council", "housing")) == [False]  # housing has not signed
    assert entering({"source_agency": "housing"}) == [False]
    assert entering({}, agencies=("council",), agreements=()) == [True]  # its own


def test_nothing_enters_a_run_without_an_audience():
    assert entering({"handling_code": "open"}, agencies=()) == [False]


@pytest.mark.parametrize("handling", ["C", "", "X", "O", "P C", "p?", "OPEN!"])
def test_handling_that_is_c_or_unknown_is_for_its_owner_only(handling: str):
    assert entering({"handling_code": handling}) == [False]
    assert entering({"handling_code": handling}, agencies=("council",)) == [True]


def test_a_conditional_record_enters_where_every_agency_is_named_or_owns_it():
    named = {"handling_code": "C", "restricted_to": "police|council"}
    assert entering(named) == [True]
    assert entering(named, agencies=("police", "council", "fire")) == [False]
    assert entering(named | {"restricted_to": "police|council|housing"}, agencies=("housing",)) == [False]


def test_conditions_make_any_record_conditional():
    assert entering({"handling_code": "P", "conditions": "S1 only after sanitising"}) == [False]
    assert entering({"handling_code": "open", "conditions": "A1"}) == [False]


def test_a_restriction_names_who_alone_may_see():
    assert entering({"restricted_to": "police|council"}) == [True]
    assert entering({"restricted_to": " police | council "}) == [True]
    assert entering({"restricted_to": "police"}) == [False]
    assert entering({"handling_code": "open", "restricted_to": "fire"}) == [False]
    assert entering({"restricted_to": "fire"}, agencies=("council",)) == [False]  # binds its owner too
    assert entering({"restricted_to": "|"}, agencies=("council",)) == [False]  # names nobody


def test_an_agreement_reaches_its_purpose_categories_and_areas_only():
    narrow = make_agreement(categories=frozenset({"Noise", "Drugs"}), areas=frozenset({"E05000001"}))
    records = (
        {},
        {"category": "Burglary"},
        {"ward_gss_code": "E05000002"},
        {"ward_gss_code": ""},  # nobody can say that it lies inside
        {"category": "Drugs"},
    )
    assert entering(*records, agreements=(narrow,)) == [True, False, False, False, True]
    assert entering({}, purpose="licensing", agreements=(narrow,)) == [False]
    empty = make_agreement(categories=frozenset())
    assert entering({}, agreements=(empty,)) == [False]


def test_two_agreements_do_not_add_up_to_one():
    # The purpose of the one and the category of the other let nothing through.
    one = make_agreement(purposes=frozenset({"licensing"}))
    other = make_agreement(agreement_id=2, categories=frozenset({"Drugs"}))
    assert entering({"category": "Noise"}, agreements=(one, other)) == [False]


def test_an_agreement_that_is_read_only_shares_nothing_new():
    day = dt.date(2027, 1, 1)
    assert entering({}, today=day) == [False]
    reader = make_actor(Role.ANALYST)
    assert access.may_see(make_records({}), reader, today=day).tolist() == [True]
    assert access.may_see(make_records({}), reader, today=dt.date(2027, 1, 31)).tolist() == [False]


def test_a_missing_value_is_no_permission():
    assert entering({"restricted_to": None}, {"handling_code": float("nan")}, {}) == [False, False, True]


def test_a_frame_without_handling_is_refused():
    with pytest.raises(MissingColumnsError, match="handling_code"):
        access.enters_run(
            make_records({}).drop(columns="handling_code"),
            Audience(frozenset({"police"}), SAFETY),
            (),
            today=TODAY,
        )


def test_no_record_in_no_answer_out():
    assert entering() == []


AGENCIES = ("police", "council", "fire", "housing")
records = st.fixed_dictionaries(
    {
        "source_agency": st.sampled_from((*AGENCIES, "")),
        "handling_code": st.sampled_from(("open", "P", "C", "", "?")),
        "conditions": st.sampled_from(("", "A1")),
        "restricted_to": st.sets(st.sampled_from(AGENCIES)).map(lambda named: "|".join(sorted(named))),
        "category": st.sampled_from(("Noise", "Drugs")),
        "ward_gss_code": st.sampled_from(("E05000001", "E05000002", "")),
    }
)
agreements = st.builds(
    make_agreement,
    signatories=st.frozensets(st.sampled_from(AGENCIES)),
    categories=st.frozensets(st.sampled_from((EVERY, "Noise"))),
    areas=st.frozensets(st.sampled_from((EVERY, "E05000001"))),
    review_on=st.sampled_from((dt.date(2026, 1, 1), dt.date(2026, 2, 20), dt.date(2027, 1, 1))),
)
audiences = st.frozensets(st.sampled_from(AGENCIES), min_size=1)


def audience_sees(record: dict[str, object], audience: frozenset[str], held: list[Agreement]) -> bool:
    return entering(record, agencies=tuple(audience), agreements=tuple(held))[0]


@given(records, audiences, st.lists(agreements, max_size=3))
def test_a_stricter_record_is_never_seen_by_more(record, audience, held):
    seen = audience_sees(record, audience, held)
    named = access.agencies_named(str(record["restricted_to"]))
    stricter = [
        record | {"handling_code": "C"},
        record | {"conditions": "A1"},
        record | {"restricted_to": "|"},
    ]
    if record["handling_code"] == "open":
        stricter.append(record | {"handling_code": "P"})
    if not named and record["handling_code"] in ("open", "P") and not record["conditions"]:
        stricter += [record | {"restricted_to": agency} for agency in AGENCIES]
    for agency in named if len(named) > 1 else ():
        stricter.append(record | {"restricted_to": "|".join(sorted(named - {agency}))})
    assert seen or not any(audience_sees(one, audience, held) for one in stricter)


@given(records, audiences, st.sampled_from(AGENCIES), st.lists(agreements, max_size=3))
def test_one_more_agency_in_the_audience_never_lets_more_in(record, audience, another, held):
    assert audience_sees(record, audience, held) or not audience_sees(record, audience | {another}, held)


@given(records, audiences, agreements, st.lists(agreements, max_size=3))
def test_losing_an_agreement_never_lets_more_in(record, audience, lost, held):
    assert audience_sees(record, audience, [*held, lost]) or not audience_sees(record, audience, held)


@given(st.lists(records, min_size=1, max_size=8), audiences, st.lists(agreements, max_size=2))
def test_each_record_is_judged_as_if_it_were_alone(rows, audience, held):
    together = entering(*rows, agencies=tuple(audience), agreements=tuple(held))
    assert together == [audience_sees(row, audience, held) for row in rows]


@given(records, st.lists(agreements, max_size=3))
def test_what_enters_a_run_for_an_agency_its_reader_may_see(record, held):
    reader = Actor(1, "A", Role.ANALYST, "police", agreements=tuple(held))
    enters = audience_sees(record, frozenset({"police"}), held)
    has_any = any(agreement.state(TODAY) in access.READING for agreement in held)
    assert not enters or not has_any or access.may_see(make_records(record), reader, today=TODAY)[0]
