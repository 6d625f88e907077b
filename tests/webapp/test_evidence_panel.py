"""The panel of evidence: what the table says."""

from types import SimpleNamespace

import pandas as pd

from webapp.evidence_panel import panel

ROW = {
    "ward": "", "method": "count", "area_share": 0.01, "cells": 60, "events": 1234.0, "hits": 370.2,
    "hit_rate": 0.3, "pai": 30.0, "pei": 0.6, "origins": 3, "judged": True, "gain_low": 0.0, "gain_high": 0.0,
    "pei_low": 0.55, "pei_high": 0.65, "kept_share": 0.9, "clumpiness": -0.104,
}  # fmt: skip


def run(*rows):
    return SimpleNamespace(evidence=pd.DataFrame(rows), method="kernel 150 m")


def kernel(**changes):
    return ROW | {"method": "kernel 150 m", "gain_low": -31.4, "gain_high": -8.2} | changes


def test_the_table_tells_ranges_with_a_true_minus_and_marks_the_method_of_the_map():
    count, own = panel(run(ROW, kernel())).rows
    assert (count["note"], own["note"]) == ("", "this map")
    assert (count["gain"], own["gain"]) == ("itself", "\u221231 to \u22128")
    assert (own["pei_range"], own["clumped"]) == ("0.55 to 0.65", "\u22120.10")
    assert own["kept"] == "90\u00a0%"


def test_other_shares_and_wards_stay_out_of_the_first_table():
    found = panel(run(ROW, kernel(), kernel(area_share=0.05, cells=300), kernel(ward="E05")))
    assert [row["method"] for row in found.rows] == ["count", "kernel 150 m"]
    assert [row["squares"] for row in found.further_rows] == ["300"]
    assert found.counted == "60 squares, 1,234 reports followed"


def test_a_row_that_is_not_judged_says_so():
    assert panel(run(ROW, kernel(judged=False))).rows[1]["judged"] == "too few to judge"


def test_what_an_older_run_does_not_know_is_said_to_be_unknown():
    old = {
        name: ROW[name]
        for name in ("method", "area_share", "cells", "events", "hits", "hit_rate", "pai", "pei")
    }
    row = panel(run(old)).rows[0]
    assert (row["pei_range"], row["kept"], row["clumped"], row["judged"]) == ("not known",) * 3 + ("",)
