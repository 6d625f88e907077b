"""Delivered records made ready to be compared and kept."""

import time

import numpy as np

from mapping.access import Role
from mapping.store import preparing, shelves


def test_of_rows_that_share_a_reference_all_are_shared_as_the_strictest(store, partnership, reports):
    rows = reports(
        {"reference": "A", "restricted_to": "police|fire"},
        {"reference": "A", "handling_code": "C", "conditions": "Ask first.", "restricted_to": "police"},
        {"reference": "A"},
        {"reference": "B"},
        {"reference": "C", "restricted_to": "fire"},
        {"reference": "C", "restricted_to": "police"},
    )
    actor = partnership.actor(Role.ANALYST, "council")
    with store.reading() as session:
        frame, _ = preparing.prepare(session, rows, shelves.REPORTS, actor=actor)
    told = frame[["handling_code", "conditions", "restricted_to"]].apply(tuple, axis=1).tolist()
    a, c = ("C", "Ask first.", "police"), ("P", "", "nobody")  # C: the two name nobody in common
    assert told == [a, a, a, ("P", "", ""), c, c]


def test_many_repeated_references_take_no_longer_than_as_many_others(store, partnership, reports):
    few = reports({}, {"handling_code": "C"})
    many = few.iloc[np.tile([0, 1], 20_000)].assign(
        report_key=[f"warden-log|{k // 2}" for k in range(40_000)]
    )
    actor = partnership.actor(Role.ANALYST, "council")
    started = time.process_time()
    with store.reading() as session:
        frame, _ = preparing.prepare(session, many, shelves.REPORTS, actor=actor)
    assert time.process_time() - started < 5  # a second; it was half a minute
    assert set(frame["handling_code"]) == {"C"}
