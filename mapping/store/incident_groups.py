"""Which incident each report belongs to: the lowest of those that its joined links bring together."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from mapping.store import bulk
from mapping.store.comparing import KEYS_AT_ONCE
from mapping.store.models import Report
from mapping.store.place_models import Link

_REPORTS: Final[Table] = Report.__table__  # type: ignore[assignment]
_OWN: Final = func.coalesce(Report.own_incident_id, Report.incident_id)


def settle(session: Session, report_ids: Iterable[int]) -> int:
    """Give reports whose links changed, and those they were or are together with, their incident.

    A report came with an incident of its own and keeps it (`own_incident_id`); while joined links
    connect it with others, all belong to the lowest of theirs. So taking a link back gives back what
    was, and the order of joining leaves no trace.

    Parameters
    ----------
    report_ids : iterable of int
        Both ends of every link that was added, removed or decided.

    Returns
    -------
    int
        How many reports belong to another incident now.
    """
    session.flush()
    together = _together(session, report_ids)
    if not together:
        return 0
    ids, own, current = (np.array(column, dtype=np.int64) for column in zip(*together, strict=True))
    wanted = _lowest(own, _links_among(session, ids.tolist()), ids)
    changed = wanted != current
    bulk.update_rows(session, _REPORTS, "report_id", ids[changed].tolist(), {"incident_id": wanted[changed]})
    return int(changed.sum())


def _together(session: Session, report_ids: Iterable[int]) -> list[tuple[int, int, int]]:
    """Return report, own incident and incident of these reports and of all that share one with them."""
    found = _read(session, Report.report_id, set(report_ids))
    known: set[int] = set()
    while fresh := {incident for _, *both in found for incident in both} - known:
        known |= fresh
        found = {*found, *_read(session, Report.incident_id, fresh), *_read(session, _OWN, fresh)}
    return sorted(found)


def _read(session: Session, column: Any, wanted: Collection[int]) -> set[tuple[int, int, int]]:
    numbers = sorted(wanted)
    return {
        (row[0], row[1], row[2])
        for start in range(0, len(numbers), KEYS_AT_ONCE)
        for row in session.execute(
            select(Report.report_id, _OWN, Report.incident_id).where(
                column.in_(numbers[start : start + KEYS_AT_ONCE])
            )
        )
    }


def _links_among(session: Session, report_ids: Sequence[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start in range(0, len(report_ids), KEYS_AT_ONCE):
        chunk = report_ids[start : start + KEYS_AT_ONCE]
        rows = select(Link.first_report_id, Link.second_report_id).where(
            Link.state == "joined", Link.first_report_id.in_(chunk)
        )
        found += [(row[0], row[1]) for row in session.execute(rows)]
    return found


def _lowest(own: np.ndarray, links: Sequence[tuple[int, int]], ids: np.ndarray) -> np.ndarray:
    """Return for each report the lowest own incident among those that links connect with it."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    incidents, node = np.unique(own, return_inverse=True)
    at = dict(zip(ids.tolist(), node.tolist(), strict=True))
    ends = np.array([(at[one], at[other]) for one, other in links], dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(incidents),) * 2)
    _, part = connected_components(graph, directed=False)
    lowest = np.full(part.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(lowest, part, incidents)
    return np.asarray(lowest[part[node]])
