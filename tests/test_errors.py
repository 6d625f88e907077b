import inspect
import pickle

import pytest

from mapping import errors
from mapping.errors import BoundaryError, FileRefusedError, MappingError, MissingColumnsError

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, MappingError) and kind is not MappingError
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_a_mapping_error_and_its_natural_built_in(kind):
    assert kind.__name__.endswith("Error")
    assert issubclass(kind, (ValueError, LookupError, PermissionError, RuntimeError))
    assert kind.__doc__


@pytest.mark.parametrize(
    "error",
    [
        MissingColumnsError("cells", ["score", "is_hot"]),
        FileRefusedError("june.csv", ["The file is empty."]),
        BoundaryError(
            "wards.geojson", ["Ward E05000001: it has no code.", "Ward E05000002: it has no code."]
        ),
        errors.PeriodError("The period holds no day."),
    ],
)
def test_an_error_travels_between_processes_with_its_facts(error):
    # A worker's error has to reach the page that words it.
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert arrived.__dict__ == error.__dict__


def test_a_refused_file_says_everything_that_is_wrong_with_it():
    error = FileRefusedError("june.csv", ["Column `Month` is missing.", "Column `Location` is missing."])
    assert str(error) == (
        "june.csv: Column `Month` is missing. Column `Location` is missing. Nothing from this file was kept."
    )
    assert error.problems == ("Column `Month` is missing.", "Column `Location` is missing.")
