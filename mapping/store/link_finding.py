"""Links found: where records came or changed, what lies about them is compared anew, and incidents follow.

What the matcher says of a report depends on nothing but the reports about it and on what people
decided: however the same reports came in, in whatever order, the same are joined.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import ColumnElement, Table, delete, or_, select
from sqlalchemy.orm import Session, aliased

from mapping import access, wording
from mapping.access import Actor, Kind
from mapping.intake import event_groups, link_weights, same_event
from mapping.store import audit, bulk, frames, incident_groups
from mapping.store.comparing import KEYS_AT_ONCE
from mapping.store.models import Report
from mapping.store.place_models import Link

REPORTS: Final[Table] = Report.__table__  # type: ignore[assignment]
LINKS: Final[Table] = Link.__table__  # type: ignore[assignment]

# A report's links depend on what lies so far before and after it: what makes a place busy, and a window.
REACH: Final = pd.Timedelta(days=link_weights.BUSY_DAYS) + pd.Timedelta(days=2)
_MOST_SPANS: Final = 40
_EVIDENCE: Final = ("distance_m", "error_m", "minutes", "others", "words", "accounts", "category", "weights")


@dataclass(frozen=True)
class Found:
    """What became of the rows of one import, as far as the account that sent it may see.

    Attributes
    ----------
    linked : int
        Its reports that belong to an incident which another source told of too.
    queued : int
        Doubtful links of its reports that wait for a person.
    """

    linked: int = 0
    queued: int = 0

    @property
    def messages(self) -> list[str]:
        """Say it in words; nothing where there is nothing."""
        return wording.linked(self.linked, self.queued)


def after_import(
    session: Session,
    import_id: int,
    came: pd.DataFrame,
    before: pd.DataFrame,
    *,
    actor: Actor,
    now: dt.datetime,
) -> Found:
    """Compare what an import added or changed with what is held, in its own transaction.

    Parameters
    ----------
    came : DataFrame
        The reports that are new or changed, as they are now.
    before : DataFrame
        Those that were changed, as they were.
    """
    moments = pd.concat([_when(came), _when(before)])
    # Most files hold nothing to link: months alone, or the only source there is.
    if moments.empty or not (_has_links(session) or _has_rivals(session, moments)):
        return Found()
    changed = session.execute(select(Report.report_id).where(Report.import_id == import_id)).scalars().all()
    counts, touched = _renew(session, changed, moments, now=now)
    incident_groups.settle(session, touched)
    if any(counts.values()):
        audit.append(
            session, actor=actor, action="link", kind=Kind.LINK, object_id=import_id, details=counts, now=now
        )
    return _seen(session, import_id, actor, today=access.local_day(now))


def look_again(session: Session, report_ids: Iterable[int], *, now: dt.datetime) -> dict[str, int]:
    """Compare some reports anew: a person decided about them, or they were placed otherwise.

    Returns
    -------
    dict
        How many links were `added`, `altered` and `removed`.
    """
    ids = sorted(set(report_ids))
    # Also where one has no point any more: its links are to go.
    timed = Report.occurred_from.is_not(None) & (Report.time_precision != "month")
    rows = [
        tuple(row)
        for chunk in _chunks(ids)
        for row in session.execute(select(Report.occurred_from).where(Report.report_id.in_(chunk), timed))
    ]
    when = frames.to_frame(rows, ["occurred_from"], REPORTS)["occurred_from"]
    if when.empty or not (_has_links(session) or _has_rivals(session, when)):
        return {"added": 0, "altered": 0, "removed": 0}
    counts, touched = _renew(session, ids, when, now=now)
    # A person's answer alters no link that was found, and yet what belongs together.
    incident_groups.settle(session, touched | set(ids))
    return counts


def forget(session: Session, report_ids: Sequence[int]) -> None:
    """Remove every link of reports that are erased, decided ones too, and part their incidents."""
    touched: set[int] = set()
    for chunk in _chunks(report_ids):
        of_them = Link.first_report_id.in_(chunk) | Link.second_report_id.in_(chunk)
        for pair in session.execute(select(Link.first_report_id, Link.second_report_id).where(of_them)):
            touched.update(pair)
        session.execute(delete(Link).where(of_them))
    incident_groups.settle(session, touched)


def _when(reports: pd.DataFrame) -> pd.Series:
    """Return when the reports that can be linked at all occurred."""
    can_link = reports["easting_m"].notna() & (reports["time_precision"] != "month")
    return reports.loc[can_link, "occurred_from"].dropna()


def _has_links(session: Session) -> bool:
    return session.execute(select(Link.link_id).limit(1)).first() is not None


def _has_rivals(session: Session, moments: pd.Series) -> bool:
    """Say whether more than one source tells, with a point and a day, of this time."""
    within = (moments.min() - REACH).to_pydatetime(), (moments.max() + REACH).to_pydatetime()
    sources = select(Report.source).where(*_can_link(), Report.occurred_from.between(*within)).distinct()
    return len(session.execute(sources.limit(2)).all()) > 1


def _can_link() -> list[ColumnElement[bool]]:
    return [Report.erased_at.is_(None), Report.easting_m.is_not(None), Report.time_precision != "month"]


def _renew(
    session: Session, changed: Sequence[int], moments: pd.Series, *, now: dt.datetime
) -> tuple[dict[str, int], set[int]]:
    """Bring the links about these moments into line with the reports; return counts, and whose changed."""
    near, pairs, settled = _about(session, moments)
    wanted = _wanted(session, near, pairs, settled)
    ids = sorted({*changed, *near["report_id"].to_numpy()[settled].tolist()})
    held = {(link.first_report_id, link.second_report_id): link for link in _undecided(session, ids)}
    gone = [link for pair, link in held.items() if pair not in wanted]
    added = {pair: facts for pair, facts in wanted.items() if pair not in held}
    altered = [
        pair for pair in held.keys() & wanted.keys()
        if any(getattr(held[pair], name) != value for name, value in wanted[pair].items())
    ]  # fmt: skip
    touched = {end for pair in (*added, *altered) for end in pair}
    touched |= {end for link in gone for end in (link.first_report_id, link.second_report_id)}
    for link in gone:
        session.delete(link)
    for pair in altered:
        for name, value in wanted[pair].items():
            setattr(held[pair], name, value)
    session.flush()
    _add(session, added, now=now)
    return {"added": len(added), "altered": len(altered), "removed": len(gone)}, touched


def _add(session: Session, added: dict[tuple[int, int], dict[str, Any]], *, now: dt.datetime) -> None:
    if not added:
        return
    columns: dict[str, Any] = {
        "first_report_id": [pair[0] for pair in added],
        "second_report_id": [pair[1] for pair in added],
        **{name: [facts[name] for facts in added.values()] for name in ("score", "state", "evidence")},
    }
    bulk.insert_rows(session, LINKS, columns | {"found_at": now, "reason": ""}, len(added))


def _undecided(session: Session, report_ids: Sequence[int]) -> list[Link]:
    found: dict[int, Link] = {}
    for chunk in _chunks(report_ids):
        for end in (Link.first_report_id, Link.second_report_id):
            rows = session.execute(select(Link).where(end.in_(chunk), Link.decided_by.is_(None))).scalars()
            found.update({link.link_id: link for link in rows})
    return list(found.values())


def _about(session: Session, moments: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame, npt.NDArray[np.bool_]]:
    """Return the reports about these moments, their weighed pairs, and which of them are to be settled.

    Settled are those that lie within `REACH` of a moment and all that could, through others, be one
    event with them. Where such a chain leads out of what was read, more is read.
    """
    times = np.sort(moments.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]"))
    reach = REACH.to_timedelta64()
    width = 2 * reach
    while True:
        spans = _spans(times, width)
        near = _read(session, spans)
        pairs = same_event.compare(near)
        at = near["occurred_from"].dt.tz_localize(None).to_numpy().astype("datetime64[us]")
        settled = _reached(pairs, _within(at, times, reach))
        is_whole = np.zeros(len(at), dtype=bool)
        for start, end in spans:
            is_whole |= (at - reach >= start) & (at + reach <= end)
        if is_whole[settled].all():
            return near, pairs, settled
        width *= 2


def _spans(times: npt.NDArray[Any], width: Any) -> list[tuple[Any, Any]]:
    """Return the stretches of time that lie within `width` of one of the moments, in order."""
    if not len(times):
        return []
    breaks = np.flatnonzero(np.diff(times) > 2 * width) + 1
    parts = np.split(times, breaks) if len(breaks) < _MOST_SPANS else [times]
    return [(part[0] - width, part[-1] + width) for part in parts]


def _within(at: npt.NDArray[Any], times: npt.NDArray[Any], reach: Any) -> npt.NDArray[np.bool_]:
    """Say which moments lie within reach of one of `times`, which rise."""
    if not len(times):
        return np.zeros(len(at), dtype=bool)
    after = np.searchsorted(times, at).clip(max=len(times) - 1)
    nearest = np.minimum(np.abs(times[after] - at), np.abs(times[(after - 1).clip(min=0)] - at))
    return np.asarray(nearest <= reach)


def _reached(pairs: pd.DataFrame, start: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return `start` and all that pairs connect with it."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(start)
    if not count:
        return start
    graph = coo_array((np.ones(len(pairs)), (pairs["first"], pairs["second"])), shape=(count, count))
    _, part = connected_components(graph, directed=False)
    return np.isin(part, part[start])


def _read(session: Session, spans: Sequence[tuple[Any, Any]]) -> pd.DataFrame:
    columns = ["report_id", *same_event.COLUMNS]
    stretches = [Report.occurred_from.between(_moment(start), _moment(end)) for start, end in spans]
    if not stretches:
        return frames.to_frame([], columns, REPORTS)
    rows = session.execute(
        select(*(REPORTS.c[name] for name in columns))
        .where(*_can_link(), or_(*stretches))
        .order_by(Report.report_id)
    )
    return frames.to_frame(rows, columns, REPORTS)


def _moment(at: Any) -> dt.datetime:
    return pd.Timestamp(at, tz="UTC").to_pydatetime()


def _wanted(
    session: Session, near: pd.DataFrame, pairs: pd.DataFrame, settled: npt.NDArray[np.bool_]
) -> dict[tuple[int, int], dict[str, Any]]:
    """Return what the matcher wants of the settled reports, by their ids, the lower first."""
    ids = near["report_id"].to_numpy()
    at = {number: place for place, number in enumerate(ids.tolist())}
    said: dict[str, list[tuple[int, int]]] = {"joined": [], "apart": []}
    decided = select(Link.first_report_id, Link.second_report_id, Link.state).where(
        Link.decided_by.is_not(None)
    )
    for first, second, state in session.execute(decided):
        if first in at and second in at:
            said[state].append((at[first], at[second]))
    own = pairs[settled[pairs["first"].to_numpy()]]
    links = event_groups.settle(own, near, joined=said["joined"], apart=said["apart"])
    evidence = links[list(_EVIDENCE)].round({"distance_m": 1, "error_m": 1, "words": 3, "accounts": 3})
    return {
        tuple(sorted((int(ids[first]), int(ids[second])))): {  # type: ignore[misc]
            "state": state,
            "score": round(float(score), 6),
            "evidence": {name: None if value != value else value for name, value in facts.items()},
        }
        for first, second, state, score, facts in zip(
            links["first"], links["second"], links["state"], links["score"], evidence.to_dict("records"),
            strict=True,
        )
    }  # fmt: skip


def _seen(session: Session, import_id: int, actor: Actor, *, today: dt.date) -> Found:
    """Count what became of an import's reports, by links of which the account may see both ends."""
    first, second = aliased(Report), aliased(Report)
    rows = session.execute(
        select(
            Link.state, first.report_id, first.import_id, second.report_id, second.import_id,
            *(getattr(side, name) for side in (first, second) for name in access.RECORD_COLUMNS),
        )
        .join(first, first.report_id == Link.first_report_id)
        .join(second, second.report_id == Link.second_report_id)
        .where((first.import_id == import_id) | (second.import_id == import_id), Link.state != "apart")
    ).all()  # fmt: skip
    width = len(access.RECORD_COLUMNS)
    may = np.ones(len(rows), dtype=bool)
    for start in (5, 5 + width):
        facts = frames.to_frame([row[start : start + width] for row in rows], access.RECORD_COLUMNS, REPORTS)
        may &= access.may_see(facts, actor, today=today)
    shown = [row for row, is_seen in zip(rows, may.tolist(), strict=True) if is_seen]
    linked = {
        number
        for row in shown
        if row[0] == "joined"
        for number, of in ((row[1], row[2]), (row[3], row[4]))
        if of == import_id
    }
    return Found(len(linked), sum(row[0] == "queued" for row in shown))


def _chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + KEYS_AT_ONCE] for start in range(0, len(ids), KEYS_AT_ONCE))
