"""Places that could not be found: the queue of words that wait for a person, what matters most first.

An item is one way of saying where: the same words, postcode and stated area, however many records
say so. What the reader may not see is absent and uncounted, as everywhere.
"""

import datetime as dt
import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapping import access
from mapping.access import RECORD_COLUMNS, Action, Actor, Kind
from mapping.errors import NotFoundError
from mapping.places.place_answers import CANDIDATE, MATCHED
from mapping.store import frames
from mapping.store.local_names import fold
from mapping.store.shelves import REPORTS, SHELVES, Shelf

WAITING: Final = ("ambiguous", "unmatched")

# What an answer is worth; see `effect`.
HALF_LIFE_DAYS: Final = 90.0
UNDATED_AGE_DAYS: Final = 360.0
INTELLIGENCE_WEIGHT: Final = 0.1
FAR_APART_M: Final = 1000.0
LEAST_SHARE: Final = 0.25

MOST_TOLD: Final = 20

_COLUMNS: Final = (
    "place_text", "postcode", "stated_area", "place_status", "source", "occurred_from", "time_precision",
    "import_id", *RECORD_COLUMNS,
)  # fmt: skip


class Geocoder(Protocol):
    """What looks words up: `places.geocoder.Geocoder`."""

    def answer(self, queries: pd.DataFrame) -> pd.DataFrame:
        """Return one answer for each query, with its candidates."""


class Words(NamedTuple):
    """What makes two records one item: what they say of where they are."""

    place_text: str  # folded
    postcode: str
    stated_area: str


@dataclass(frozen=True)
class Told:
    """One record of an item, without its words: what it was about, when, and from which source."""

    kind: str
    category: str
    source: str
    occurred_from: dt.datetime | None
    time_precision: str


@dataclass(frozen=True)
class Item:
    """Words that wait for an answer, and how much it would change.

    `place_text` is the spelling that most records use, `spellings` are all of them. `told` holds up to
    `MOST_TOLD` records, newest first. `effect` is explained where it is made.
    """

    words: Words
    place_text: str
    spellings: tuple[str, ...]
    is_ambiguous: bool
    reports: int
    intelligence: int
    newest_at: dt.datetime | None
    categories: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int], ...]
    told: tuple[Told, ...]
    import_ids: frozenset[int]
    weight: float
    spread_m: float = float("nan")
    effect: float = 0.0

    @property
    def records(self) -> int:
        """Reports and intelligence items together."""
        return self.reports + self.intelligence


def queue(session: Session, *, actor: Actor, today: dt.date, geocoder: Geocoder | None = None) -> list[Item]:
    """Return what waits for this account, what would change the map most first.

    Parameters
    ----------
    geocoder : Geocoder, optional
        Says how far apart the candidates of ambiguous words lie; without it they count as far apart.

    Raises
    ------
    NotAllowedError
        The account may not see places, or its agency's agreements are closed.
    """
    access.require(actor, Action.VIEW, Kind.PLACE, today=today)
    records = waiting(session, actor=actor, today=today)
    items = _items(records, today)
    spreads = _spreads(items, geocoder)
    valued = [
        replace(item, spread_m=spread, effect=effect(item.weight, spread, is_ambiguous=item.is_ambiguous))
        for item, spread in zip(items, spreads, strict=True)
    ]
    return sorted(valued, key=lambda item: (-item.effect, -item.records, item.words))


def find(items: Sequence[Item], token: str, *, secret: str) -> Item:
    """Return the item that an address names.

    Raises
    ------
    NotFoundError
        None of these: it was answered meanwhile, or the reader may not know of it.
    """
    for item in items:
        if hmac.compare_digest(
            token_of(item.words, secret=secret).encode(), token.encode("utf-8", "replace")
        ):
            return item
    raise NotFoundError("These words do not wait for an answer, or not for yours.")


def token_of(words: Words, *, secret: str) -> str:
    """Name an item without its words: nobody can tell what they were, or try words out against it."""
    # A plain digest of an address could be found by trying every address.
    told = "\x1f".join(("place review", *words)).encode("utf-8", "surrogatepass")
    return hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()[:32]


def effect(weight: float, spread_m: float, *, is_ambiguous: bool) -> float:
    """Say how much an answer would change the map, in recent reports that move.

    Parameters
    ----------
    weight : float
        Sum over the records of `recency`: a report of today counts 1, one of 90 days ago a half.
    spread_m : float
        Of ambiguous words, how far apart the candidates lie; NaN where not known.

    Notes
    -----
    Words that nothing was found for may be anywhere, so an answer moves all of their weight. Where all
    candidates lie within a street or two, everybody knows already about where it was: an answer makes
    it count, which is worth a quarter, and each metre up to `FAR_APART_M` adds to that in proportion.
    """
    if not is_ambiguous or not np.isfinite(spread_m):
        return weight
    return weight * (LEAST_SHARE + (1 - LEAST_SHARE) * min(spread_m / FAR_APART_M, 1.0))


def recency(
    occurred_from: pd.Series, is_report: npt.NDArray[np.bool_], *, today: dt.date
) -> npt.NDArray[np.float64]:
    """Weigh each record by its age: halved every `HALF_LIFE_DAYS`; intelligence, never counted, a tenth.

    A record without a date weighs as one of `UNDATED_AGE_DAYS`.
    """
    midnight = pd.Timestamp(today, tz="UTC")
    ages = ((midnight - occurred_from.dt.floor("D")).dt.days).astype("float64").fillna(UNDATED_AGE_DAYS)
    weights = np.power(0.5, ages.clip(lower=0.0).to_numpy() / HALF_LIFE_DAYS)
    return np.asarray(weights * np.where(is_report, 1.0, INTELLIGENCE_WEIGHT), dtype=np.float64)


def waiting(session: Session, *, actor: Actor, today: dt.date) -> pd.DataFrame:
    """Return the records that wait for an answer and that this account may see, reports first.

    Returns
    -------
    DataFrame, one row a record
        `kind` (the shelf's), `record_id`, what they say of where they are as written (`as_written`) and
        folded (`Words`), and what the record rule reads.
    """
    parts = [_of_shelf(session, shelf, actor, today) for shelf in SHELVES.values()]
    return pd.concat(parts, ignore_index=True)


def _of_shelf(session: Session, shelf: Shelf, actor: Actor, today: dt.date) -> pd.DataFrame:
    table = shelf.table
    columns = [*dict.fromkeys(_COLUMNS)]
    rows = session.execute(
        select(table.c[shelf.record_id], *(table.c[name] for name in columns))
        .where(table.c.place_status.in_(WAITING), table.c.erased_at.is_(None))
        .order_by(table.c[shelf.record_id])
    )
    frame = frames.to_frame(rows, [shelf.record_id, *columns], table)
    seen = frame[access.may_see(frame, actor, today=today)].reset_index(drop=True)
    folded = {text: fold(text) for text in seen["place_text"].unique()}
    return seen.rename(columns={shelf.record_id: "record_id"}).assign(
        kind=shelf.kind, as_written=seen["place_text"], place_text=seen["place_text"].map(folded)
    )


class _Row(NamedTuple):
    """One record that waits, as `_items` reads it."""

    place_text: str
    postcode: str
    stated_area: str
    as_written: str
    place_status: str
    kind: str
    category: str
    source: str
    time_precision: str
    import_id: int
    occurred_from: Any  # a Timestamp, or NaT
    weight: float


def _items(records: pd.DataFrame, today: dt.date) -> list[Item]:
    """Gather records that say the same; in plain lists, for most words are said once and there are many."""
    is_report = (records["kind"] == REPORTS.kind).to_numpy()
    weighed = records.assign(weight=recency(records["occurred_from"], is_report, today=today))
    rows = (_Row(*values) for values in weighed[list(_Row._fields)].itertuples(index=False, name=None))
    groups: dict[Words, list[_Row]] = {}
    for row in rows:
        groups.setdefault(Words(row.place_text, row.postcode, row.stated_area), []).append(row)
    return [_item(words, group) for words, group in groups.items()]


def _item(words: Words, rows: Sequence[_Row]) -> Item:
    spellings = _counts(row.as_written.strip() for row in rows)
    dated = sorted((row for row in rows if row.occurred_from is not pd.NaT), key=_when, reverse=True)
    newest_first = [*dated, *(row for row in rows if row.occurred_from is pd.NaT)]
    reports = sum(row.kind == REPORTS.kind for row in rows)
    return Item(
        words=words,
        place_text=spellings[0][0] if spellings else "",
        spellings=tuple(text for text, _ in spellings),
        is_ambiguous=any(row.place_status == "ambiguous" for row in rows),
        reports=reports,
        intelligence=len(rows) - reports,
        newest_at=_moment(newest_first[0]),
        categories=_counts(row.category for row in rows),
        sources=_counts(row.source for row in rows),
        told=tuple(
            Told(row.kind, row.category, row.source, _moment(row), row.time_precision)
            for row in newest_first[:MOST_TOLD]
        ),
        import_ids=frozenset(row.import_id for row in rows),
        weight=sum(row.weight for row in rows),
    )


def _when(row: _Row) -> Any:
    return row.occurred_from


def _moment(row: _Row) -> dt.datetime | None:
    return None if row.occurred_from is pd.NaT else row.occurred_from.to_pydatetime()


def _counts(texts: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Count the texts that say something, the commonest first."""
    return tuple(Counter(text for text in texts if text).most_common())


# --- what the geocoder says of them ---------------------------------------------------------------


def candidates(
    items: Sequence[Item], geocoder: Geocoder | None, *, wards: frozenset[str] = frozenset()
) -> list[list[dict[str, Any]]]:
    """Return, for each item, the places that its words may mean, the likeliest first.

    Each has name, level, score, easting_m, northing_m, error_m and ward_gss_code, and a point: what is
    known to its ward alone cannot be pinned.

    Parameters
    ----------
    wards : set of str
        Codes of the wards in use: a stated area that is one of them helps to choose.
    """
    if geocoder is None or not items:
        return [[] for _ in items]
    asked = pd.DataFrame(
        {
            "query": [item.place_text for item in items],
            "postcode": [item.words.postcode for item in items],
            "ward_gss_code": [
                item.words.stated_area if item.words.stated_area in wards else "" for item in items
            ],
        }
    )
    answers = geocoder.answer(asked).to_dict("records")
    # What is matched by now, by a name learned since, is the one candidate.
    found = [
        [{name: answer[name] for name in CANDIDATE}]
        if answer.get("status") == MATCHED
        else answer["candidates"]
        for answer in answers
    ]
    return [
        [one for one in places if np.isfinite(one["easting_m"]) and np.isfinite(one["northing_m"])]
        for places in found
    ]


def _spreads(items: Sequence[Item], geocoder: Geocoder | None) -> list[float]:
    """Return how far apart the outermost candidates of each ambiguous item lie, in metres."""
    places = [number for number, item in enumerate(items) if item.is_ambiguous]
    spreads = [float("nan")] * len(items)
    for number, found in zip(places, candidates([items[one] for one in places], geocoder), strict=True):
        if len(found) > 1:
            east = np.array([one["easting_m"] for one in found])
            north = np.array([one["northing_m"] for one in found])
            spreads[number] = float(np.hypot(east[:, None] - east, north[:, None] - north).max())
    return spreads


def statuses(session: Session, import_ids: Sequence[int], *, actor: Actor, today: dt.date) -> dict[str, int]:
    """Count the records of some imports by how their place was found, those that the account may see.

    Raises
    ------
    NotAllowedError
        The account may not see places.
    """
    access.require(actor, Action.VIEW, Kind.PLACE, today=today)
    counts: dict[str, int] = {}
    for shelf in SHELVES.values():
        columns = [*dict.fromkeys(("place_status", *RECORD_COLUMNS))]
        rows = session.execute(
            select(*(shelf.table.c[name] for name in columns)).where(
                shelf.table.c.import_id.in_(import_ids), shelf.table.c.erased_at.is_(None)
            )
        )
        frame = frames.to_frame(rows, columns, shelf.table)
        seen = frame[access.may_see(frame, actor, today=today)]
        for status, count in seen["place_status"].value_counts().items():
            counts[str(status)] = counts.get(str(status), 0) + int(count)
    return counts
