import hashlib
import hmac

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.intake.keys import (
    Ordinals,
    complainant_hashes,
    folded_reference,
    has_invisible,
    looks_rounded,
    report_keys,
)
from mapping.intake.layout import load
from mapping.intake.texts import as_texts

STREET = load("police-uk")
SAME = {
    "agency": "Exampleshire Police", "category": "Anti-social behaviour", "place": "On or near High Street",
    "longitude": "-1.234560", "latitude": "54.500000",
}  # fmt: skip


def keys_of(*rows, references=None, months=None, ordinals=None):
    n = len(rows)
    cells = {field: as_texts([row.get(field, "") for row in rows]) for field in STREET.columns}
    source, said = as_texts(["police-uk"] * n), as_texts(references or [""] * n)
    spoken = as_texts(months or ["2025-01"] * n)
    return report_keys(cells, source, said, spoken, STREET, ordinals or Ordinals()).tolist()


def test_a_reference_is_the_key_within_its_source():  # BAD 57
    assert keys_of(SAME, references=["ab12"]) == ["police-uk|ab12"]


NAMES = st.text(alphabet="a|\\\\-", max_size=5)


@given(st.tuples(NAMES, NAMES), st.tuples(NAMES, NAMES))
def test_two_pairs_of_source_and_reference_never_have_one_key(one, other):  # BAD 57
    sources, references = zip(one, other, strict=True)
    cells = {field: as_texts(["", ""]) for field in STREET.columns}
    keys = report_keys(
        cells, as_texts(sources), as_texts(references), as_texts(["2025-01"] * 2), STREET, Ordinals()
    )
    assert (keys[0] == keys[1]) is (one == other and one[1] != "")  # rows without a reference stay apart
    for pair, key in zip((one, other), keys, strict=True):
        if pair[1] and "|" not in "".join(pair):
            assert key == f"{pair[0]}|{pair[1]}"  # as it always was


def test_a_bar_and_what_escapes_it_are_told_apart():  # BAD 57
    assert keys_of(SAME, references=["b|c"]) == ["police-uk|b\\|c"]
    assert keys_of(SAME, references=["b\\c"]) == ["police-uk|b\\c"]
    assert keys_of(SAME, references=["b\\|c"]) == ["police-uk|b\\\\\\|c"]


def test_invisible_characters_are_known():  # BAD 58
    texts = as_texts(["AB-12", "AB\u200b-12", "\ufeffAB-12", "AB\u00ad-12", "AB\u2011 12", "\u200f"])
    assert has_invisible(texts).tolist() == [False, True, True, False, False, True]


def test_identical_rows_without_a_reference_are_separate_and_read_the_same_again():  # BAD 60
    first = keys_of(SAME, SAME, SAME)
    assert len(set(first)) == 3
    assert [key.rsplit("|", 1)[1] for key in first] == ["1", "2", "3"]
    assert keys_of(SAME, SAME, SAME) == first


def test_two_tables_of_one_read_go_on_counting():
    together = keys_of(SAME, SAME, SAME)
    ordinals = Ordinals()
    assert keys_of(SAME, ordinals=ordinals) + keys_of(SAME, SAME, ordinals=ordinals) == together


def test_each_month_counts_for_itself():
    ordinals = Ordinals()
    keys_of(SAME, SAME, ordinals=ordinals)
    assert keys_of(SAME, months=["2025-02"], ordinals=ordinals) == keys_of(SAME, months=["2025-02"])


@pytest.mark.parametrize(
    "change",
    [
        {"longitude": "-1.23456", "latitude": "54.5"},  # as a spreadsheet writes the same numbers
        {"category": "anti-social  behaviour"},
        {"area_code": "E01012345"},
        {"outcome": "Under investigation"},
    ],
)
def test_what_a_later_copy_writes_differently_changes_no_key(change):  # BAD 61
    assert keys_of(SAME | change) == keys_of(SAME)


@pytest.mark.parametrize(
    "change", [{"longitude": "-1.23457"}, {"category": "Drugs"}, {"place": "On or near Low Street"}]
)
def test_other_words_are_another_row(change):
    assert keys_of(SAME | change) != keys_of(SAME)


def test_columns_side_by_side_cannot_be_mistaken_for_one_another():
    assert keys_of({"agency": "a", "category": "bc"}) != keys_of({"agency": "ab", "category": "c"})


@pytest.mark.parametrize(
    "text",
    [
        "WL-0012",
        "\u200bWL-0012\ufeff",
        "WL\u2060-\u200c00\u200d12",
        "WL-\u200e0012\u200f",
        "WL\u20110012",
        " WL - 0012 ",
        "WL\u20130012",
        "WL\u00ad-0012",
        "W L-0012",
    ],
)
def test_spaces_and_kinds_of_hyphen_make_no_other_reference(text):  # BAD 58
    assert folded_reference(text) == "WL-0012"


def test_case_leading_zeros_and_look_alike_letters_do():  # BAD 28, 30
    assert len({folded_reference(text) for text in ("AB1", "ab1", "AB01", "\u0410B1")}) == 4
    assert folded_reference("Cafe\u0301") == folded_reference("Café")


def test_references_a_spreadsheet_rounded_are_known():  # BAD 30
    texts = ["1.23457E+15", "1.234567890123457e+19", "123456789012345678", "E12", "2e4a", "1e5b" * 16, ""]
    assert looks_rounded(as_texts(texts)).tolist() == [True, True, False, False, False, False, False]


def test_a_complainant_is_a_keyed_hash_however_the_reference_is_typed():
    key = b"0123456789abcdef"
    texts = ["T-0099/1", "t 0099/1", "T\u20110099/1", " t\u00ad0099/1", "T-0099/2", "N/A", "", "- -"]
    first = hmac.new(key, b"t0099/1", hashlib.sha256).hexdigest()
    other = hmac.new(key, b"t0099/2", hashlib.sha256).hexdigest()
    assert complainant_hashes(as_texts(texts), key).tolist() == [first] * 4 + [other, "", "", ""]
    assert complainant_hashes(as_texts(texts[:1]), key + b"!").tolist() != [first]


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=40), st.integers(0, 40))
def test_ordinals_are_the_same_however_a_read_is_cut(contents, cut):
    whole = Ordinals().number(as_texts(contents)).tolist()
    ordinals = Ordinals()
    parts = [ordinals.number(as_texts(part)) for part in (contents[:cut], contents[cut:])]
    assert np.concatenate(parts).tolist() == whole
    # each content counts 1, 2, 3 ... by itself
    for content in set(contents):
        numbers = [number for number, other in zip(whole, contents, strict=True) if other == content]
        assert numbers == list(range(1, len(numbers) + 1))
