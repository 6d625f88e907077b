"""Places set apart, from a file."""

import pytest

from mapping.errors import FileRefusedError
from mapping.excluded_file import read_places
from mapping.places.set_apart import Place

HEADING = "name,kind,treatment,easting,northing,radius_m,reason\n"


@pytest.fixture
def written(tmp_path):
    def write(text, name="excluded.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_row_is_a_place_in_any_order_of_columns(written):
    path = written(
        "Reason,NAME,kind,treatment,easting,northing,radius_m\n"
        '"Searches, filed here","Police Station, Bridge Street",Police station,EXCLUSION,449400,520300.5,\n'
    )
    assert read_places(path) == (
        Place(
            "Police Station, Bridge Street", "police station", "exclusion", 449_400.0, 520_300.5, 50.0,
            "Searches, filed here",
        ),
    )  # fmt: skip


def test_a_column_that_is_not_there_is_named(written):
    with pytest.raises(FileRefusedError, match="It lacks treatment, reason; the columns are name"):
        read_places(written("name,kind,easting,northing,radius_m\nA desk,other,1,2,3\n"))


def test_every_row_that_cannot_be_used_is_said_at_once(written):
    path = written(
        HEADING
        + "A desk,other,ignore,449400,520300,50,Filed here\n"
        + "A desk,other,caution,west,520300,50,Filed here\n"
        + "A shop,large shop,caution,449500,520300,5000,\n"
    )
    with pytest.raises(FileRefusedError) as refusal:
        read_places(path)
    told = " ".join(refusal.value.problems)
    for words in (
        "Row 1: Choose caution",
        "Row 2: Give an easting",
        "Row 3: Give a radius",
        "Row 3: Give the reason",
    ):
        assert words in told
    assert "A desk" not in told  # a name of a place may be a name


def test_one_point_set_apart_twice_is_refused(written):
    row = "A desk,other,caution,449400,520300,50,Filed here\n"
    with pytest.raises(FileRefusedError, match="Row 2: Another row"):
        read_places(written(HEADING + row + row))


def test_an_empty_list_sets_nothing_apart(written):
    assert read_places(written(HEADING)) == ()


def test_what_is_no_table_is_refused(written):
    with pytest.raises(FileRefusedError):
        read_places(written("%PDF-1.7 nothing"))
