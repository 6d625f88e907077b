"""Who may do what: the one table that the site and the command line both ask.

Two questions are answered here, and nowhere else. *May this account do this to that kind of
thing?* (`allows`, `require`: role, action, kind, and the state of the agency's sharing
agreements.) *May this record enter what these agencies will see?* (`enters_run`, `may_see`:
handling, conditions, restriction, owner, purpose, category, area.) Both fail closed: what no
line permits is refused.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import schema
from mapping.errors import NotAllowedError
from mapping.periods import LONDON, british_date

EVERY: Final = "*"
COMMUNITY_SAFETY: Final = "community safety"
WARNING_DAYS: Final = 30
READ_ONLY_DAYS: Final = 30


class Role(StrEnum):
    """What an account is for."""

    ANALYST = "analyst"
    CHAIR = "chair"
    OFFICER = "officer"
    COUNCILLOR = "councillor"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Action(StrEnum):
    """What is done to a thing."""

    VIEW = "view"
    CREATE = "create"
    CHANGE = "change"
    DECIDE = "decide"


class Kind(StrEnum):
    """What it is done to."""

    HOME = "home"
    OWN_ACCOUNT = "own_account"
    BOROUGH_MAP = "borough_map"
    WARD_MAP = "ward_map"
    HOTSPOT = "hotspot"
    RUN = "run"
    CELL = "cell"
    INCIDENT = "incident"
    REPORT = "report"
    IMPORT = "import"
    SUBMISSION = "submission"
    INTELLIGENCE = "intelligence"
    LAYOUT = "layout"
    PLACE = "place"
    LINK = "link"
    EXCLUDED_PLACE = "excluded_place"
    GAZETTEER = "gazetteer"
    PROPOSAL = "proposal"
    TASKING = "tasking"
    JOB = "job"
    BOUNDARY = "boundary"
    ACCOUNT = "account"
    AGENCY = "agency"
    AGREEMENT = "agreement"
    AUDIT_LOG = "audit_log"


_EVERYBODY: Final = frozenset(Role)
_ANALYST: Final = frozenset({Role.ANALYST})
_MEETING: Final = frozenset({Role.ANALYST, Role.CHAIR, Role.OFFICER, Role.MANAGER})
_ADMINISTRATOR: Final = frozenset({Role.ADMINISTRATOR})
_OVERSIGHT: Final = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
_SENDERS: Final = frozenset({Role.ANALYST, Role.CHAIR, Role.OFFICER, Role.COUNCILLOR})

# What is not listed is nobody's. A councillor's member-safe map is a page of its own, to be listed
# when it exists; operational content is never theirs.
TABLE: Final[dict[tuple[Action, Kind], frozenset[Role]]] = {
    (Action.VIEW, Kind.HOME): _EVERYBODY,
    (Action.VIEW, Kind.OWN_ACCOUNT): _EVERYBODY,
    (Action.CHANGE, Kind.OWN_ACCOUNT): _EVERYBODY,
    (Action.VIEW, Kind.BOROUGH_MAP): _MEETING,
    (Action.VIEW, Kind.WARD_MAP): _MEETING,
    (Action.VIEW, Kind.HOTSPOT): _MEETING,
    (Action.VIEW, Kind.CELL): _MEETING,
    (Action.VIEW, Kind.RUN): _MEETING,
    (Action.CREATE, Kind.RUN): _ANALYST,
    # Rows and their free text go to fewer people than counts and shapes.
    (Action.VIEW, Kind.INCIDENT): frozenset({Role.ANALYST, Role.CHAIR}),
    (Action.VIEW, Kind.REPORT): _ANALYST,
    (Action.CHANGE, Kind.REPORT): _ANALYST,
    (Action.VIEW, Kind.IMPORT): _ANALYST,
    (Action.CREATE, Kind.IMPORT): _ANALYST,
    # What an account sent in itself by a form, and what has become of it: nobody else's is ever listed.
    (Action.VIEW, Kind.SUBMISSION): _SENDERS,
    (Action.CREATE, Kind.SUBMISSION): _SENDERS,
    # Whoever sends an item in does not by that read items: of these, some are for analysts alone.
    (Action.VIEW, Kind.INTELLIGENCE): _ANALYST,
    (Action.CREATE, Kind.INTELLIGENCE): frozenset({Role.ANALYST, Role.OFFICER}),
    (Action.VIEW, Kind.LAYOUT): _ANALYST,
    (Action.CREATE, Kind.LAYOUT): _ANALYST,
    # Where words are, and which reports tell of one event: the words are rows, so for who reads rows.
    (Action.VIEW, Kind.PLACE): _ANALYST,
    (Action.DECIDE, Kind.PLACE): _ANALYST,
    (Action.VIEW, Kind.LINK): _ANALYST,
    (Action.DECIDE, Kind.LINK): _ANALYST,
    (Action.VIEW, Kind.EXCLUDED_PLACE): _MEETING,
    (Action.CHANGE, Kind.EXCLUDED_PLACE): _ANALYST,
    (Action.VIEW, Kind.GAZETTEER): _ANALYST,
    (Action.CREATE, Kind.GAZETTEER): _ANALYST | _ADMINISTRATOR,
    (Action.VIEW, Kind.PROPOSAL): _MEETING,
    # Who draws the list up does not also agree it: the chair records what the group decided.
    (Action.DECIDE, Kind.PROPOSAL): frozenset({Role.CHAIR}),
    (Action.VIEW, Kind.TASKING): _MEETING,
    (Action.VIEW, Kind.JOB): _ANALYST,
    (Action.CREATE, Kind.JOB): _ANALYST,
    (Action.VIEW, Kind.BOUNDARY): _MEETING | _OVERSIGHT,
    (Action.CREATE, Kind.BOUNDARY): _ANALYST | _ADMINISTRATOR,
    (Action.VIEW, Kind.AGENCY): _MEETING | _OVERSIGHT,
    (Action.CREATE, Kind.AGENCY): _ADMINISTRATOR,
    (Action.VIEW, Kind.AGREEMENT): frozenset({Role.ANALYST, Role.CHAIR, Role.MANAGER}) | _OVERSIGHT,
    (Action.CREATE, Kind.AGREEMENT): _ADMINISTRATOR,
    (Action.CHANGE, Kind.AGREEMENT): _ADMINISTRATOR,
    (Action.VIEW, Kind.ACCOUNT): _OVERSIGHT,
    (Action.CREATE, Kind.ACCOUNT): _ADMINISTRATOR,
    (Action.CHANGE, Kind.ACCOUNT): _ADMINISTRATOR,
    (Action.VIEW, Kind.AUDIT_LOG): frozenset({Role.AUDITOR}),
}

# Kinds that hold what agencies share: closed to an agency whose agreements are all closed.
CONTENT: Final = frozenset(
    {
        Kind.BOROUGH_MAP,
        Kind.WARD_MAP,
        Kind.HOTSPOT,
        Kind.RUN,
        Kind.CELL,
        Kind.INCIDENT,
        Kind.REPORT,
        Kind.IMPORT,
        Kind.SUBMISSION,
        Kind.INTELLIGENCE,
        Kind.PLACE,
        Kind.LINK,
        Kind.EXCLUDED_PLACE,
        Kind.PROPOSAL,
        Kind.TASKING,
    }
)

# The operator is whoever sits at the machine and owns the database file: it has no password, so
# it cannot sign in to the site. From the command line it may also set the house up.
OPERATOR_ALSO: Final = frozenset(
    {
        (Action.VIEW, Kind.ACCOUNT),
        (Action.CREATE, Kind.ACCOUNT),
        (Action.CHANGE, Kind.ACCOUNT),
        (Action.CREATE, Kind.AGENCY),
        (Action.CREATE, Kind.AGREEMENT),
        (Action.CHANGE, Kind.AGREEMENT),
        (Action.VIEW, Kind.AUDIT_LOG),
    }
)


class AgreementState(StrEnum):
    """How far a sharing agreement still reaches on a day."""

    ACTIVE = "active"
    DUE = "due for review"
    READ_ONLY = "read only"
    CLOSED = "closed"


SHARING: Final = frozenset({AgreementState.ACTIVE, AgreementState.DUE})
READING: Final = SHARING | {AgreementState.READ_ONLY}


@dataclass(frozen=True)
class Agreement:
    """What its signatories share, for what, and until when.

    `signatories` are the agencies that have signed and not withdrawn; `categories` and `areas`
    (ward GSS codes) hold `EVERY` where nothing is left out, and reach nothing where empty.
    """

    agreement_id: int
    name: str
    signatories: frozenset[str]
    purposes: frozenset[str]
    categories: frozenset[str]
    areas: frozenset[str]
    starts_on: dt.date
    review_on: dt.date
    legal_gateway: str = ""

    @property
    def closes_on(self) -> dt.date:
        """First day on which nothing can be read under it."""
        return self.review_on + dt.timedelta(days=READ_ONLY_DAYS)

    def state(self, today: dt.date) -> AgreementState:
        """Say how far it reaches: active, due for review, read only from the review date, then closed."""
        if today < self.starts_on or today >= self.closes_on:
            return AgreementState.CLOSED
        if today >= self.review_on:
            return AgreementState.READ_ONLY
        if today >= self.review_on - dt.timedelta(days=WARNING_DAYS):
            return AgreementState.DUE
        return AgreementState.ACTIVE


@dataclass(frozen=True)
class Actor:
    """The account that acts, as it stands now: its role, agency, wards in term and agreements."""

    account_id: int
    name: str
    role: Role
    agency_id: str
    wards: frozenset[str] = frozenset()
    agreements: tuple[Agreement, ...] = ()
    is_operator: bool = False


@dataclass(frozen=True)
class Audience:
    """Who a run is for: agencies, and the purpose they share it for."""

    agencies: frozenset[str]
    purpose: str


def local_day(now: dt.datetime) -> dt.date:
    """Return the day it is in London, on which agreements begin and end."""
    return now.astimezone(LONDON).date()


def allows(actor: Actor, action: Action, kind: Kind, *, today: dt.date) -> bool:
    """Say whether this account may do this to this kind of thing today."""
    return not _objection(actor, action, kind, today)


def require(actor: Actor, action: Action, kind: Kind, *, today: dt.date) -> None:
    """Refuse unless this account may do this to this kind of thing today.

    Raises
    ------
    NotAllowedError
        With the rule that stands in the way and who can help.
    """
    objection = _objection(actor, action, kind, today)
    if objection:
        raise NotAllowedError(objection)


def _objection(actor: Actor, action: Action, kind: Kind, today: dt.date) -> str:
    if actor.is_operator and (action, kind) in OPERATOR_ALSO:
        return ""
    thing = kind.value.replace("_", " ")
    allowed = TABLE.get((action, kind), frozenset())
    if actor.role not in allowed:
        who = ", ".join(sorted(allowed)) or "nobody"
        return (
            f"The role {actor.role} may not {action} this ({thing}): it is for {who}. Ask an administrator."
        )
    if kind not in CONTENT:
        return ""
    states = READING if action is Action.VIEW else SHARING
    if any(_in_force(agreement, actor.agency_id, states, today) for agreement in actor.agreements):
        return ""
    return _agreement_objection(actor, thing, today)


def _agreement_objection(actor: Actor, thing: str, today: dt.date) -> str:
    started = [agreement for agreement in actor.agreements if agreement.starts_on <= today]
    if not started:
        return f"Your agency has signed no sharing agreement in force, so this ({thing}) is closed to it."
    last = max(started, key=lambda agreement: agreement.review_on)
    if last.state(today) is AgreementState.READ_ONLY:
        return (
            f"Your agency's sharing agreement was due for review on {british_date(last.review_on)} and is "
            f"read only until it is renewed, so this ({thing}) cannot be added to or changed."
        )
    return (
        f"Your agency's sharing agreement closed on {british_date(last.closes_on)}, so this ({thing}) is "
        "closed to it until the agreement is renewed."
    )


def _in_force(
    agreement: Agreement, agency_id: str, states: frozenset[AgreementState], today: dt.date
) -> bool:
    return agency_id in agreement.signatories and agreement.state(today) in states


def may_read_run(actor: Actor, audience: Audience, *, today: dt.date) -> bool:
    """Say whether this account may read a run: a reader of runs, in its audience, for its purpose."""
    return (
        allows(actor, Action.VIEW, Kind.RUN, today=today)
        and actor.agency_id in audience.agencies
        and any(
            audience.purpose in agreement.purposes and _in_force(agreement, actor.agency_id, READING, today)
            for agreement in actor.agreements
        )
    )


# What the record rule reads of a report.
RECORD_COLUMNS: Final = (
    "source_agency",
    "handling_code",
    "conditions",
    "restricted_to",
    "category",
    "ward_gss_code",
)


class _Record(NamedTuple):
    source_agency: str
    handling_code: str
    conditions: str
    restricted_to: str
    category: str
    ward_gss_code: str


def enters_run(
    reports: pd.DataFrame, audience: Audience, agreements: Iterable[Agreement], *, today: dt.date
) -> npt.NDArray[np.bool_]:
    """Say which reports may enter a run: those that every agency of its audience may see.

    Parameters
    ----------
    reports : DataFrame, n rows
        With `RECORD_COLUMNS`; agencies named as in the agreements. Not changed.
    audience : Audience
        With no agency in it nothing enters.
    agreements : iterable of Agreement
        Every agreement there is. Only those active or due for review share anything new.

    Returns
    -------
    Array of bool, shape (n,)

    Notes
    -----
    Open records enter. P records enter where each agency owns them or shares an agreement with
    their owner that holds for the purpose, category and ward. C records, and records whose
    handling is unknown or that carry conditions, further need each agency to be their owner or
    to be named. A restriction binds the owner too. A missing value is no permission.
    """
    sharing = [agreement for agreement in agreements if agreement.state(today) in SHARING]
    return _judge(
        reports,
        lambda record: (
            bool(audience.agencies)
            and all(_may_see(agency, record, audience.purpose, sharing) for agency in audience.agencies)
        ),
    )


def may_see(reports: pd.DataFrame, actor: Actor, *, today: dt.date) -> npt.NDArray[np.bool_]:
    """Say which reports this account's agency may read, for any purpose of its agreements.

    Same rule as `enters_run` for the one agency, except that an agreement that is read only still
    lets it read. Does not ask whether the account's role may see rows at all: see `allows`.
    """
    reading = [agreement for agreement in actor.agreements if agreement.state(today) in READING]
    purposes = sorted({purpose for agreement in reading for purpose in agreement.purposes})
    return _judge(
        reports,
        lambda record: any(_may_see(actor.agency_id, record, purpose, reading) for purpose in purposes),
    )


def _judge(reports: pd.DataFrame, rule: Callable[[_Record], bool]) -> npt.NDArray[np.bool_]:
    """Ask `rule` once for each distinct combination of what it reads, and spread the answers."""
    schema.require(reports, RECORD_COLUMNS, "reports")
    if reports.empty:
        return np.zeros(0, dtype=bool)
    facts = reports[list(RECORD_COLUMNS)].astype(object)
    group = facts.groupby(list(RECORD_COLUMNS), sort=False, dropna=False).ngroup().to_numpy()
    _, first = np.unique(group, return_index=True)
    answers = [
        all(isinstance(value, str) for value in values) and rule(_Record(*values))
        for values in facts.iloc[first].itertuples(index=False, name=None)
    ]
    return np.asarray(answers, dtype=bool)[group]


def _may_see(agency_id: str, record: _Record, purpose: str, agreements: Iterable[Agreement]) -> bool:
    named = agencies_named(record.restricted_to)
    if record.restricted_to.strip() and agency_id not in named:
        return False
    handling = handling_of(record.handling_code, record.conditions)
    if handling == "open":
        return True
    if agency_id == record.source_agency:
        return True
    if handling == "C" and agency_id not in named:
        return False
    return any(_covers(agreement, agency_id, record, purpose) for agreement in agreements)


def agencies_named(restricted_to: str) -> frozenset[str]:
    """Split `fire|housing` into the agencies it names."""
    return frozenset(name.strip() for name in restricted_to.split("|") if name.strip())


def handling_of(handling_code: str, conditions: str) -> str:
    """Return open, P or C: what carries conditions is C, and so is what nobody can read."""
    code = handling_code.strip().casefold()
    if conditions.strip() or code not in {"open", "p"}:
        return "C"
    return "open" if code == "open" else "P"


def _covers(agreement: Agreement, agency_id: str, record: _Record, purpose: str) -> bool:
    return (
        {agency_id, record.source_agency} <= agreement.signatories
        and purpose in agreement.purposes
        and not agreement.categories.isdisjoint({EVERY, record.category})
        and not agreement.areas.isdisjoint({EVERY, record.ward_gss_code or EVERY})
    )
