import pandas as pd
import pytest

from mapping import schema
from mapping.errors import MissingColumnsError


def test_every_missing_column_is_named_at_once():
    with pytest.raises(MissingColumnsError, match="`cells` lacks score, is_hot") as refused:
        schema.require(pd.DataFrame({"cell_id": []}), ["cell_id", "score", "is_hot"], "cells")
    assert refused.value.frame == "cells"
    assert refused.value.missing == ("score", "is_hot")


def test_further_columns_do_no_harm():
    schema.require(pd.DataFrame({"cell_id": [], "note": []}), ["cell_id"], "cells")


def test_no_issues_are_a_frame_with_the_right_columns():
    issues = schema.empty_issues()
    assert list(issues.columns) == list(schema.ROW_ISSUES)
    assert len(issues) == 0
    assert issues["row"].dtype == "int64"


def test_a_placed_incident_keeps_every_column_of_its_report():
    assert not set(schema.PLACED) & set(schema.REPORTS)


@pytest.mark.parametrize("table", [schema.REPORTS, schema.CELLS, schema.HOTSPOTS, schema.PROPOSALS])
def test_names_carry_their_units(table):
    for name in table:
        assert name == name.lower()
        assert not name.endswith(("_metres", "_meters", "_pct", "_date", "_time"))
