"""What goes into the store comes out of it the same."""

import datetime as dt

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from pandas.testing import assert_frame_equal

from mapping import access, schema
from mapping.errors import AccountingError, MissingColumnsError
from mapping.store import frames, imports, incidents, runs
from mapping.store.shelves import REPORTS as SHELF

REPORTS = SHELF.table
NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
MOMENTS = ("occurred_from", "occurred_to", "reported_at", "extracted_on")
NUMBERS = ("easting_m", "northing_m", "error_m")
# Named anew on the way in (owners by agency id) or what rows are known by.
GIVEN = (
    *("row", "source_agency", "reference", "report_key", "handling_code", "conditions", "restricted_to"),
    *MOMENTS,
    *NUMBERS,
)

words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
numbers = st.one_of(st.just(float("nan")), st.floats(-1e6, 2e6, allow_nan=False))
instants = st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2100, 1, 1))  # noqa: DTZ001  UTC is put on below
moments = st.one_of(st.just(pd.NaT), instants.map(lambda moment: pd.Timestamp(moment, tz="UTC")))
rows = st.fixed_dictionaries(
    {name: words for name in schema.REPORTS if name not in GIVEN}
    | dict.fromkeys(NUMBERS, numbers)
    | dict.fromkeys(MOMENTS, moments)
    | {"handling_code": st.sampled_from(["open", "P"])}
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, min_size=1, max_size=5))
def test_reports_come_back_as_they_went_in(store, operator, reports, delivery, given_rows):
    frame = reports(*given_rows).assign(source_agency=operator.agency_id)
    with pytest.raises(ZeroDivisionError), store.transaction() as session:
        imports.store_import(session, delivery(frame), actor=operator, now=NOW)
        audience = access.Audience(frozenset({operator.agency_id}), access.COMMUNITY_SAFETY)
        loaded = incidents.load(session, audience, today=NOW.date())
        again = imports.preview(session, delivery(frame), actor=operator, now=NOW)
        raise ZeroDivisionError  # undo it, so that each example starts afresh
    columns = [*schema.REPORTS, "ward_gss_code", "placement"]
    assert_frame_equal(loaded[columns], frame[columns].astype(loaded[columns].dtypes.to_dict()))
    assert again.counts["unchanged"] == len(frame)


def test_an_empty_frame_comes_back_with_its_columns_and_types():
    found = frames.to_frame([], ["report_id", "source", "occurred_from", "easting_m"], REPORTS)
    assert found.dtypes.astype(str).to_dict() == {
        "report_id": "int64",
        "source": "str",
        "occurred_from": "datetime64[us, UTC]",
        "easting_m": "float64",
    }


def test_missing_numbers_and_moments_are_null_and_nothing_else_is():
    frame = pd.DataFrame(
        {
            "source": ["NA", "None", "nan"],
            "easting_m": [1.5, np.nan, 0.0],
            "reported_at": pd.to_datetime(["2026-01-01", None, "2026-01-02"], utc=True),
        }
    )
    found = frames.to_rows(frame, list(frame.columns), REPORTS, "reports")
    assert [row["source"] for row in found] == ["NA", "None", "nan"]
    assert [row["easting_m"] for row in found] == [1.5, None, 0.0]
    assert found[0]["reported_at"] == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert found[1]["reported_at"] is None


def test_missing_text_is_refused_by_column():
    frame = pd.DataFrame({"source": ["a", None]})
    with pytest.raises(AccountingError, match="missing `source`"):
        frames.to_rows(frame, ["source"], REPORTS, "reports")


def test_a_missing_column_is_refused_by_name():
    with pytest.raises(MissingColumnsError, match="`reports` lacks source"):
        frames.to_rows(pd.DataFrame(), ["source"], REPORTS, "reports")


def test_every_column_of_the_schema_has_one_in_its_table():
    # An outline is kept as bytes, a proposal's id within its run as a label.
    for wanted, table in (
        (set(schema.REPORTS) | set(schema.PLACED), REPORTS),
        (set(schema.CELLS), runs.CELLS),
        (set(schema.HOTSPOTS) - {"geometry"} | {"outline"}, runs.HOTSPOTS),
        (set(schema.PROPOSALS) | {"label"}, runs.PROPOSALS),
    ):
        assert wanted <= set(table.columns.keys())
