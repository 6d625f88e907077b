"""A person's answers to where words are: given once for all records that say them, kept, and taken back.

Whoever answers moves only records they may see. A record may be shared with others once its ward is
known, or with fewer: a run that holds it is withdrawn where its readers may no longer see it.
"""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapping import access, crs
from mapping.access import RECORD_COLUMNS, Action, Actor, Kind
from mapping.errors import ConflictError
from mapping.places.wards import place
from mapping.store import audit, boundaries, bulk, frames, local_names, locks, runs
from mapping.store.comparing import KEYS_AT_ONCE
from mapping.store.local_names import fold
from mapping.store.place_models import DecidedRecord, PlaceDecision
from mapping.store.place_reviews import Item, Words, waiting
from mapping.store.shelves import FOUND, PLACEMENT, REPORTS, SHELVES, Shelf

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

CANDIDATE: Final = "candidate"
PIN: Final = "pin"
SET_ASIDE: Final = "set aside"
PINNED: Final = "pinned"  # the status of a record that a person placed, from candidates or by a pin
BY_A_PERSON: Final = (PINNED, SET_ASIDE)
LEAST_REASON_LETTERS: Final = 3
LONGEST_REASON: Final = 500
LARGEST_ERROR_M: Final = 20_000.0

COARSE: Final = ("sector", "district")

POINT: Final = ("easting_m", "northing_m", "error_m", "match_level")
# What an answer changes of a record, and what is kept of how it stood before.
CHANGED: Final = (*POINT, *FOUND, *PLACEMENT, "boundary_edition")


@dataclass(frozen=True)
class Said:
    """What a person answered: a candidate, a pin (EPSG:27700, metres), or that it cannot be placed.

    `name` is what the place is called here; with `learn_name` later imports know it by that name too.
    """

    answer: str
    easting_m: float | None = None
    northing_m: float | None = None
    error_m: float | None = None
    match_level: str = ""
    name: str = ""
    learn_name: str = ""
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Land:
    """The wards in use and the name of their edition; "" and None where none was added yet."""

    edition: str = ""
    wards: "GeoDataFrame | None" = None

    @property
    def codes(self) -> frozenset[str]:
        """Their GSS codes."""
        return frozenset() if self.wards is None else frozenset(self.wards["ward_gss_code"])

    def place(self, records: pd.DataFrame) -> pd.DataFrame:
        """Return a copy of the records with their ward and placement, as an import gives them."""
        if self.wards is not None:
            return self._as_stated(place(records, self.wards))
        located = records["easting_m"].notna() & records["northing_m"].notna()
        placement = located.map({True: "outside", False: "unlocated"}).astype("str")
        return records.assign(ward_gss_code="", placement=placement)

    def _as_stated(self, placed: pd.DataFrame) -> pd.DataFrame:
        """Let a stated ward stand where a place is known to many streets only: its middle says less."""
        if not {"match_level", "stated_area"} <= set(placed):
            return placed
        is_surer = placed["match_level"].isin(COARSE) & placed["stated_area"].isin(self.codes)
        return placed.assign(
            ward_gss_code=placed["ward_gss_code"].mask(is_surer, placed["stated_area"]),
            placement=placed["placement"].mask(is_surer, "in ward"),
        )


def land_in_use(session: Session) -> Land:
    """Return the wards that records are placed in now."""
    if not boundaries.editions(session):
        return Land()
    edition, wards = boundaries.current(session)
    return Land(edition.name, wards)


@dataclass(frozen=True)
class Answered:
    """What an answer did: the records it moved, and how many of them other words led to."""

    decision_id: int
    reports: int
    intelligence: int
    by_name: int
    runs_withdrawn: int


def answer(session: Session, item: Item, said: Said, *, actor: Actor, now: dt.datetime) -> Answered:
    """Give every record of an item that the account may see the same answer.

    With a name to learn, the answer also holds for what else waits under these words or that name,
    unless it states another postcode or another ward.

    Raises
    ------
    NotAllowedError
        The account may not decide on places, or its agency's agreements share nothing now.
    ConflictError
        Somebody answered first, or the answer is incomplete: nothing was changed.
    """
    today = access.local_day(now)
    access.require(actor, Action.DECIDE, Kind.PLACE, today=today)
    _check(said)
    locks.hold_records(session)  # of two who answer the same words one alone can be first
    records = waiting(session, actor=actor, today=today)
    own = _says(records, item.words)
    if not own.any():
        raise ConflictError(_who_was_first(session, item.words))
    name_id = _learn(session, said, actor=actor, now=now)
    land = land_in_use(session)
    also = _same_name(records, item.words, said, land) & ~own
    decision = PlaceDecision(
        place_text=item.place_text, postcode=item.words.postcode, stated_area=item.words.stated_area,
        answer=said.answer, name=said.name, match_level=said.match_level, easting_m=said.easting_m,
        northing_m=said.northing_m, error_m=said.error_m, name_id=name_id, reason=said.reason.strip(),
        account_id=actor.account_id, decided_at=now,
    )  # fmt: skip
    session.add(decision)
    session.flush()
    moved, withdrawn = {}, 0
    for kind, ids in _by_shelf(records[own | also]).items():
        withdrawn += _move(session, SHELVES[kind], ids, said, decision.decision_id, land, now=now)
        moved[kind] = len(ids)
    details = {"answer": said.answer, **moved, "by_name": int(also.sum()), "learned_name": name_id,
               "runs_withdrawn": withdrawn}  # fmt: skip
    audit.append(
        session, actor=actor, action="place", kind=Kind.PLACE, object_id=decision.decision_id,
        details=details, now=now,
    )  # fmt: skip
    return Answered(
        decision.decision_id,
        moved.get("reports", 0),
        moved.get("intelligence", 0),
        int(also.sum()),
        withdrawn,
    )


def _check(said: Said) -> None:
    if said.answer == SET_ASIDE:
        if sum(letter.isalnum() for letter in said.reason) < LEAST_REASON_LETTERS:
            raise ConflictError("Say in a few words why these words cannot be placed; nothing was changed.")
        return
    if said.answer not in (CANDIDATE, PIN):
        raise ConflictError("An answer is a candidate, a pin, or that it cannot be placed; choose one.")
    numbers = (said.easting_m, said.northing_m, said.error_m)
    if any(number is None or not math.isfinite(number) for number in numbers):
        raise ConflictError(
            "A place needs an easting, a northing and a radius in metres; nothing was changed."
        )
    east, north, error = (float(number or 0.0) for number in numbers)
    in_britain = (
        crs.GB_EASTING_M[0] <= east <= crs.GB_EASTING_M[1]
        and crs.GB_NORTHING_M[0] <= north <= crs.GB_NORTHING_M[1]
    )
    if not in_britain or not 0 < error <= LARGEST_ERROR_M:
        raise ConflictError(
            "The point lies outside Great Britain, or its radius is not between 0 and 20 km; nothing was "
            "changed."
        )


def _who_was_first(session: Session, words: Words) -> str:
    """Say that an item was answered already, without saying by whom: that is in the list of answers."""
    latest = session.execute(
        select(PlaceDecision.place_text)
        .where(PlaceDecision.postcode == words.postcode, PlaceDecision.stated_area == words.stated_area)
        .where(PlaceDecision.reversed_at.is_(None))
    ).scalars()
    if any(fold(text) == words.place_text for text in latest):
        return (
            "Somebody answered these words a moment before you; their answer stands and yours was not kept."
        )
    return "These words do not wait for an answer any more; yours was not kept."


def _says(records: pd.DataFrame, words: Words) -> pd.Series:
    return (
        (records["place_text"] == words.place_text)
        & (records["postcode"] == words.postcode)
        & (records["stated_area"] == words.stated_area)
    )


def _learn(session: Session, said: Said, *, actor: Actor, now: dt.datetime) -> int | None:
    if not said.learn_name.strip() or said.answer == SET_ASIDE:
        return None
    return local_names.learn(
        session,
        said.learn_name,
        match_level=said.match_level,
        easting_m=float(said.easting_m or 0.0),
        northing_m=float(said.northing_m or 0.0),
        error_m=float(said.error_m or 0.0),
        actor=actor,
        now=now,
    )


def _same_name(records: pd.DataFrame, words: Words, said: Said, land: "Land") -> pd.Series:
    """Say which other records a learned name places: the same words, and no other postcode or ward."""
    if not said.learn_name.strip() or said.answer == SET_ASIDE:
        return pd.Series(False, index=records.index)
    names = [name for name in (words.place_text, fold(said.learn_name)) if name]
    point = pd.DataFrame([{"easting_m": said.easting_m, "northing_m": said.northing_m}])
    other_wards = land.codes - {str(land.place(point)["ward_gss_code"].iloc[0])}
    return (
        records["place_text"].isin(names)
        & records["postcode"].isin(["", words.postcode])
        & ~records["stated_area"].isin(other_wards)
    )


def _by_shelf(records: pd.DataFrame) -> dict[str, list[int]]:
    return {
        str(kind): [int(number) for number in group["record_id"]]
        for kind, group in records.groupby("kind", sort=False)
    }


def _move(
    session: Session,
    shelf: Shelf,
    ids: Sequence[int],
    said: Said,
    decision_id: int,
    land: "Land",
    *,
    now: dt.datetime,
) -> int:
    """Write an answer into records and keep how they stood; return how many runs that withdrew."""
    before = fetch(session, shelf, ids)
    is_placed = said.answer != SET_ASIDE
    kept = [
        {"decision_id": decision_id, "kind": shelf.kind, "record_id": number, "before": row}
        for number, row in zip(before["record_id"].tolist(), _plain_rows(before), strict=True)
    ]
    session.add_all(DecidedRecord(**row) for row in kept)
    after = before.assign(
        easting_m=said.easting_m if is_placed else float("nan"),
        northing_m=said.northing_m if is_placed else float("nan"),
        error_m=said.error_m if is_placed else float("nan"),
        match_level=said.match_level if is_placed else "",
        place_status=PINNED if is_placed else SET_ASIDE,
        place_score=float("nan"),
    )
    return write(session, shelf, before, after, land, now=now)


def fetch(session: Session, shelf: Shelf, ids: Sequence[int]) -> pd.DataFrame:
    """Return `record_id`, what an answer changes, and what decides who may see a record."""
    also = (*RECORD_COLUMNS, "stated_area", "occurred_from", "erased_at")
    table, parts, named = shelf.table, [], [*dict.fromkeys((shelf.record_id, *CHANGED, *also))]
    for chunk in in_chunks(ids):
        rows = session.execute(
            select(*(table.c[name] for name in named)).where(table.c[shelf.record_id].in_(chunk))
        )
        parts.append(frames.to_frame(rows, named, table))
    frame = pd.concat(parts, ignore_index=True) if parts else frames.to_frame([], named, table)
    return frame.rename(columns={shelf.record_id: "record_id"})


def write(
    session: Session,
    shelf: Shelf,
    before: pd.DataFrame,
    after: pd.DataFrame,
    land: "Land",
    *,
    now: dt.datetime,
) -> int:
    """Write records that moved, each into its ward; return how many runs that withdrew."""
    placed = land.place(after).assign(boundary_edition=land.edition)
    ids = placed["record_id"].tolist()
    bulk.update_rows(session, shelf.table, shelf.record_id, ids, {name: placed[name] for name in CHANGED})
    if shelf is not REPORTS:
        return 0  # no run is made of intelligence
    deciding = [*RECORD_COLUMNS, "occurred_from"]
    return runs.withdraw_for(session, before[deciding], placed[deciding], now=now)


def _plain_rows(records: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what JSON can hold of how records stand: a number that is not known is null."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in records[list(CHANGED)].astype(object).to_dict("records")
    ]


def in_chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    """Split ids into as many as one statement may hold."""
    return (ids[start : start + KEYS_AT_ONCE] for start in range(0, len(ids), KEYS_AT_ONCE))


# --- for the import ------------------------------------------------------------------------------


def decided_point(session: Session, shelf: Shelf, delivered: pd.DataFrame) -> pd.DataFrame:
    """Return what people said of delivered records that are held, where their words are the same still.

    Parameters
    ----------
    delivered : DataFrame, n rows
        With `report_key`, `place_text`, `postcode` and `stated_area`. Not changed.

    Returns
    -------
    DataFrame, n rows in the same order, same index
        `easting_m`, `northing_m`, `error_m`, `match_level`, `place_status`: pinned or set aside where
        a person's answer holds for the row; NaN and "" elsewhere.
    """
    table, names = shelf.table, ["report_key", *Words._fields, *POINT, "place_status"]
    keys = delivered["report_key"].tolist()
    held: dict[tuple[str, Words], tuple[Any, ...]] = {}
    for chunk in in_chunks(keys):
        rows = session.execute(
            select(*(table.c[name] for name in names)).where(
                table.c.report_key.in_(chunk),
                table.c.place_status.in_(BY_A_PERSON),
                table.c.erased_at.is_(None),
            )
        )
        held |= {(row[0], _folded(*row[1:4])): tuple(row[4:]) for row in rows}
    nothing = (None, None, None, "", "")
    said = zip(keys, *(delivered[name].tolist() for name in Words._fields), strict=True)
    found = (
        [held.get((key, _folded(*words)), nothing) for key, *words in said] if held else [nothing] * len(keys)
    )
    answers = pd.DataFrame(found, columns=[*POINT, "place_status"], index=delivered.index)
    return answers.astype(dict.fromkeys(POINT[:3], "float64"))


def _folded(place_text: str, postcode: str, stated_area: str) -> Words:
    return Words(fold(place_text), postcode, stated_area)
