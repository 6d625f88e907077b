import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.intake.toml_text import written


def test_a_table_reads_as_a_person_would_write_it():
    values = {"name": "a", "error_m": 10.0, "columns": {"place": {"names": ['The "Place"'], "filled": True}}}
    assert written(values) == (
        'name = "a"\nerror_m = 10.0\n\n[columns]\nplace = { names = ["The \\"Place\\""], filled = true }\n'
    )


PLAIN = st.text() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.booleans()
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(min_size=1), VALUES))
def test_what_is_written_is_read_back_equal(values):
    filled = {key: value for key, value in values.items() if value != {}}  # an empty table is left out
    assert tomllib.loads(written(values)) == filled


def test_what_no_layout_holds_is_not_written():
    with pytest.raises(TypeError, match="A layout holds no NoneType"):
        written({"a": None})
