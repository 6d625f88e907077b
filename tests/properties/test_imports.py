"""Properties of an import: every row accounted for, once each, whatever came before and in what order."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.errors import FileRefusedError
from mapping.intake import read_reports
from mapping.store.imports import COUNTS

from .importing import NOW, bring_in, fresh, held, whole, write
from .tables import LAYOUTS, good_rows, tables, text_of

FIRST_DAY = dt.date(2025, 6, 1)
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
        paths = put(folder, texts)
        try:
            taken = read_reports(paths, layout, now=NOW)
        except FileRefusedError:
            with pytest.raises(FileRefusedError):
                bring_in(store, paths, layout, actor=actor)
            assert not held(store)
            return
        foreseen = bring_in(store, paths, layout, actor=actor, dry_run=True)
        assert not held(store)
        result = bring_in(store, paths, layout, actor=actor)
        assert (foreseen.counts, foreseen.issues) == (result.counts, result.issues)
        assert taken.rows_in == taken.incidents + taken.joined + taken.rejected
        assert result.rows_in == taken.rows_in == sum(result.counts[name] for name in COUNTS)
        assert result.counts["rejected"] == taken.rejected
        assert result.counts["new"] == len(held(store)) == taken.incidents
        for file in result.files:
            assert file["rows_in"] == sum(file[name] for name in COUNTS)
        rejected = [issue for issue in result.issues if issue["severity"] == "rejected"]
        assert len({(issue["file"], issue["row"]) for issue in rejected}) == taken.rejected
        assert all(issue["reason"] for issue in rejected)


@settings(max_examples=40)
@given(FILES, st.booleans())
def test_the_same_files_again_change_nothing(sqlite_template, files, backwards):
    layout, texts = files
    with fresh(sqlite_template) as (store, actor, folder):
        dated = [
            (path, FIRST_DAY + dt.timedelta(days=number)) for number, path in enumerate(put(folder, texts))
        ]
        first = {}
        for path, day in dated:
            try:
                first[path] = bring_in(store, [path], layout, actor=actor, extracted_on=day)
            except FileRefusedError:
                continue
        before = whole(store)
        for path, day in dated[::-1] if backwards else dated:
            if path not in first:
                with pytest.raises(FileRefusedError):
                    bring_in(store, [path], layout, actor=actor, extracted_on=day)
                continue
            again = bring_in(store, [path], layout, actor=actor, extracted_on=day)
            same = ("joined", "erased", "rejected")
            assert again.counts["new"] == again.counts["updated"] == 0
            assert [again.counts[name] for name in same] == [first[path].counts[name] for name in same]
            assert again.issues == first[path].issues
        assert whole(store) == before


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
    days = [FIRST_DAY + dt.timedelta(days=number) for number in range(len(tables_))]
    states = []
    for turn in (range(len(tables_)), order):
        with fresh(sqlite_template) as (store, actor, folder):
            for number in turn:
                path = write(folder, f"{number}.csv", text_of(layout, tables_[number]))
                result = bring_in(store, [path], layout, actor=actor, extracted_on=days[number])
                assert result.counts["rejected"] == 0
            states.append(held(store))
    assert states[0] == states[1]
