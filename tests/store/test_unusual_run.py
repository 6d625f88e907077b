"""What was unusual at the end of the data is kept with the run that found it."""

import datetime as dt

from mapping import pipeline, store_run
from mapping.access import Role
from mapping.store import boundaries, imports, runs

NOW = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)
END = dt.datetime(2026, 6, 28, 12, tzinfo=dt.UTC)


def test_a_recorded_run_keeps_what_was_unusual(store, partnership, two_wards, reports, delivery):
    analyst = partnership.actor(Role.ANALYST, "council")
    # one a week for 16 weeks, then ten in two days, none at the same point
    ages = [*range(0, 40, 4), *(24 * 7 * k + 50 for k in range(1, 17))]
    rows = [
        {
            "reference": f"R{k}",
            "easting_m": 400_010.0 + 30 * k,
            "northing_m": 300_250.0 + 40 * (k % 7),
            "occurred_from": END - dt.timedelta(hours=age),
            "occurred_to": END - dt.timedelta(hours=age),
            "time_precision": "minute",
            "source_agency": "council",
        }
        for k, age in enumerate(ages)
    ]
    with store.transaction() as session:
        boundaries.add_edition(
            session, two_wards, name="May 2025", source="ONS", licence="OGL", sha256="ab" * 32,
            actor=analyst, now=NOW,
        )  # fmt: skip
        imports.store_import(session, delivery(reports(*rows)), actor=analyst, now=NOW)
    made = store_run.refresh(store, settings=pipeline.Settings(method="count"), actor=analyst, now=NOW)
    with store.reading() as session:
        kept = runs.get(session, made.run_id, actor=analyst, today=NOW.date()).counts
    week = next(row for row in kept["unusual"] if row["window_days"] == 7)
    # 10 in the last week, 13 in the 13 before
    assert (week["ward"], week["count"], week["normal"]) == ("E05999001", 10, 1)
    assert week["until"] == "2026-06-28T12:00:01+00:00"
    assert kept["bank_holidays"] == {}
