"""How single values are kept."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from mapping.errors import StoreError
from mapping.store.engine import to_json
from mapping.store.models import Agency

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)


def test_a_moment_in_london_comes_back_the_same_moment_in_utc(store):
    # Half past midnight on 1 July in London is half past eleven the evening before, UTC.
    local = dt.datetime(2026, 7, 1, 0, 30, tzinfo=ZoneInfo("Europe/London"))
    with store.transaction() as session:
        session.add(Agency(agency_id="a", name="A", created_at=local))
    with store.reading() as session:
        found = session.get(Agency, "a").created_at
    assert found == dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)
    assert found.tzinfo is dt.UTC


def test_a_moment_without_a_zone_is_refused(store):
    with pytest.raises(StoreError, match="without a time zone"), store.transaction() as session:
        session.add(Agency(agency_id="a", name="A", created_at=NOW.replace(tzinfo=None)))


@pytest.mark.parametrize("words", ["a\x00b", "\x00"])
def test_nul_is_refused_on_both_databases(store, words):
    with pytest.raises(StoreError, match="NUL"), store.transaction() as session:
        session.add(Agency(agency_id="a", name=words, created_at=NOW))


@pytest.mark.parametrize(
    "words",
    [
        "O'Brien; DROP TABLE agencies --",
        "‮gnp.exe",
        "🚓 naïve ﷽",
        "=1+1",
        "<script>${x}</script>",
        "NULL",
        "%s :name",
    ],
)
def test_any_other_text_comes_back_as_it_was(store, words):
    with store.transaction() as session:
        session.add(Agency(agency_id="a", name=words, created_at=NOW))
    with store.reading() as session:
        assert session.execute(text("SELECT name FROM agencies")).scalar() == words


def test_json_knows_dates_sets_and_numpy_numbers_and_refuses_nan():
    import numpy as np

    assert to_json({"on": dt.date(2026, 1, 2), "in": {"b", "a"}, "n": np.int64(3)}) == (
        '{"on": "2026-01-02", "in": ["a", "b"], "n": 3}'
    )
    with pytest.raises(ValueError, match="JSON"):
        to_json(float("nan"))
    with pytest.raises(TypeError, match="object"):
        to_json(object())
