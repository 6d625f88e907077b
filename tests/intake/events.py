"""Accounts of events, as reports: made from the few things that tell one from another."""

import pandas as pd

from mapping import schema

MOMENTS = ("occurred_from", "occurred_to", "reported_at", "extracted_on")
AT = pd.Timestamp("2026-02-10 21:15", tz="UTC")
USUAL = dict.fromkeys(schema.REPORTS, "") | {
    "row": 1,
    "category": "Anti-social behaviour",
    "time_precision": "minute",
    "reported_at": pd.NaT,
    "extracted_on": pd.NaT,
    "place_text": "Eden Road",
    "easting_m": 450_000.0,
    "northing_m": 520_000.0,
    "error_m": 25.0,
}


def account(source, *, minutes=0.0, east=0.0, north=0.0, **more):
    """Return what one source says of an event so many minutes and metres from the usual one."""
    at = AT + pd.Timedelta(minutes=minutes)
    point = {"easting_m": 450_000.0 + east, "northing_m": 520_000.0 + north}
    return USUAL | {"source": source, "occurred_from": at, "occurred_to": at} | point | more


def reports_of(*accounts):
    """Return accounts as `schema.REPORTS`, each under a key of its own."""
    rows = [
        row | {"reference": str(number), "report_key": f"{row['source']}|{number}"}
        for number, row in enumerate(accounts)
    ]
    frame = pd.DataFrame(rows, columns=list(schema.REPORTS))
    for name in MOMENTS:
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame.astype(dict.fromkeys(("easting_m", "northing_m", "error_m"), "float64"))
