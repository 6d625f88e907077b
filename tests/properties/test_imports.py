"""Properties of an import: every row accounted for, once each, whatever came before and in what order."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.errors import FileRefusedError
from mapping.store.imports import COUNTS

from .importing import bring_in, fresh, held, whole, write
from .tables import LAYOUTS, good_rows, tables, text_of

FILES = st.sampled_from(LAYOUTS).flatmap(
    lambda layout: st.tuples(st.just(layout), st.lists(tables(layout), min_size=1, max_size=2))
)


def put(folder, files):
    """Write the files of an example; no two are alike to the byte, so that none is passed over."""
    return [write(folder, f"{number}.csv", text + "\n" * number) for number, text in enumerate(files)]


@settings(max_examples=60)
@given(FILES)
def test_every_row_is_accounted_for_by_the_reading_and_by_the_store(sqlite_template, files):
    layout, texts = files
    with fresh(sqlite_template) as (store, actor, folder):
        try:
            taken, result = bring_in(store, put(folder, texts), layout, actor=actor)
        except FileRefusedError:
            assert not held(store)
            return
        assert taken.rows_in == taken.incidents + taken.joined + taken.rejected
        assert result.rows_in == taken.rows_in == sum(result.counts[name] for name in COUNTS)
        assert result.counts["rejected"] == taken.rejected
        assert result.counts["new"] == len(held(store)) == taken.incidents
        rejected = taken.issues[taken.issues["severity"] == "rejected"]
        assert len(rejected.drop_duplicates(["file", "row"])) == taken.rejected
        assert (rejected["reason"] != "").all()


@settings(max_examples=40)
@given(FILES)
def test_the_same_files_again_change_nothing(sqlite_template, files):
    layout, texts = files
    with fresh(sqlite_template) as (store, actor, folder):
        paths = put(folder, texts)
        try:
            _, first = bring_in(store, paths, layout, actor=actor)
        except FileRefusedError:
            with pytest.raises(FileRefusedError):
                bring_in(store, paths, layout, actor=actor)
            return
        before = whole(store)
        _, again = bring_in(store, paths, layout, actor=actor)
        assert whole(store) == before
        assert again.counts == {**first.counts, "new": 0, "unchanged": first.counts["new"]}
        assert again.issues == first.issues


EXTRACTS = st.sampled_from(LAYOUTS).flatmap(
    lambda layout: st.tuples(
        st.just(layout), st.lists(good_rows(layout), min_size=2, max_size=4).flatmap(
            lambda given: st.tuples(st.just(given), st.permutations(range(len(given)))))
    )
)  # fmt: skip


@settings(max_examples=25)
@given(EXTRACTS)
def test_extracts_of_different_days_leave_the_same_in_any_order(sqlite_template, extracts):
    layout, (tables_, order) = extracts
    days = [dt.date(2025, 6, 1) + dt.timedelta(days=number) for number in range(len(tables_))]
    states = []
    for turn in (range(len(tables_)), order):
        with fresh(sqlite_template) as (store, actor, folder):
            for number in turn:
                path = write(folder, f"{number}.csv", text_of(layout, tables_[number]))
                _, result = bring_in(store, [path], layout, actor=actor, extracted_on=days[number])
                assert result.counts["rejected"] == 0
            states.append(held(store))
    assert states[0] == states[1]
