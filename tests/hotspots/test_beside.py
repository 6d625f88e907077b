"""What stands beside the count, of one hotspot of a run."""

import math

import numpy as np
import pandas as pd

from mapping.hotspots.beside import Beside
from mapping.hotspots.harm_tables import CAMBRIDGE


def run():
    """Return forty reports by wardens, the first of them a robbery, and forty by 101."""
    many = 40
    return pd.DataFrame(
        {
            "source": ["warden-log"] * many + ["command-and-control"] * many,
            "category": ["Robbery"] + ["Noise"] * (2 * many - 1),
            "stated_category": "",
            "ward_gss_code": "E05999001",
            "occurred_from": pd.Timestamp("2026-05-04 12:00", tz="UTC"),
            "time_precision": "minute",
        }
    )


def test_a_hotspot_gets_its_harm_its_last_day_and_who_sees_it():
    incidents = run()
    rows = np.arange(16)
    told = Beside.of(incidents, CAMBRIDGE).at(rows, incidents.iloc[rows])
    # One robbery of 365 days among 16 reports: 1 / 16 = 0.0625; of the noise 101 brings 40 of 79, so of 15
    # here 7.6 would be usual.
    assert told == {
        "harm_score": 365.0,
        "weighted_share": 0.0625,
        "harm_root": math.sqrt(365),
        "last_seen_on": "2026-05-04",
        "source_mix": "Seen by wardens alone (16), not by 101 (7.6 would be usual).",
    }


def test_without_a_table_nothing_has_a_weight():
    incidents = run()
    told = Beside.of(incidents, None).at(np.arange(2), incidents.iloc[:2])
    assert math.isnan(told["harm_score"]) and told["weighted_share"] == 0
