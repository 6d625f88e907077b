import datetime as dt

import pytest

from mapping.errors import SourceError
from mapping.intake import read_reports
from mapping.sources.street_files import read_crimes, write_month

NAMES = {"anti-social-behaviour": "Anti-social behaviour", "violent-crime": "Violence and sexual offences"}


def told(**changes):
    crime = {
        "category": "violent-crime",
        "persistent_id": "ab" * 32,
        "location_subtype": "",
        "id": 116208998,
        "location": {
            "latitude": "54.565200",
            "street": {"id": 1738423, "name": "On or near Eden Road"},
            "longitude": "-1.230100",
        },
        "context": "",
        "month": "2025-09",
        "location_type": "Force",
        "outcome_status": {"category": "Unable to prosecute suspect", "date": "2025-10"},
    }
    return {**crime, **changes}


ASB = {"category": "anti-social-behaviour", "persistent_id": "", "outcome_status": None, "id": 2}
NOWHERE = {"location": None, "location_type": None, "id": 3}
RAILWAY = {"location_type": "BTP", "location_subtype": "STATION", "persistent_id": "", "id": 4}


def written(path, *crimes):
    rows = read_crimes("data.police.uk", list(crimes), month="2025-09")
    count = write_month(path, rows, force_name="Exampleshire Police", names=NAMES)
    return count, path.read_text(encoding="utf-8").splitlines()


def test_each_kind_of_crime_becomes_the_row_of_the_published_file(tmp_path):
    count, lines = written(tmp_path / "m.csv", told(), told(**ASB), told(**NOWHERE), told(**RAILWAY))
    assert count == 4
    force, btp = (
        "Exampleshire Police,Exampleshire Police",
        "British Transport Police,British Transport Police",
    )
    violence = "Violence and sexual offences,Unable to prosecute suspect,"
    where = "-1.230100,54.565200,On or near Eden Road,,,"
    assert lines == [
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
        "Last outcome category,Context",
        f",2025-09,{btp},{where}{violence}",
        f",2025-09,{force},{where}Anti-social behaviour,,",
        f"{'ab' * 32},2025-09,{force},,,No Location,,,{violence}",
        f"{'ab' * 32},2025-09,{force},{where}{violence}",
    ]


def test_the_layout_reads_what_was_written(tmp_path):
    path = tmp_path / "2025-09-exampleshire-street.csv"
    nowhere = {**NOWHERE, "persistent_id": "cd" * 32}
    written(path, told(), told(**ASB), told(**ASB) | {"id": 5}, told(**nowhere), told(**RAILWAY))
    taken = read_reports([path], "police-uk", now=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    reports = taken.reports
    assert taken.rows_in == 5 and len(reports) == 5
    assert int(reports["easting_m"].isna().sum()) == 1
    assert set(reports["category"]) == {"Anti-social behaviour", "Violence and sexual offences"}
    # two anti-social behaviour rows with the same words are two incidents
    assert reports["report_key"].nunique() == 5


def test_the_file_is_the_same_whatever_order_the_answers_came_in(tmp_path):
    one, other = told(), told(persistent_id="aa" * 32, id=9)
    assert written(tmp_path / "a.csv", one, other) == written(tmp_path / "b.csv", other, one)


def test_a_category_without_a_name_keeps_its_word_and_lines_stay_lines(tmp_path):
    street = {"id": 1, "name": 'On or near\n"High",\x00 Street\u202e'}
    odd = told(category="time-travel", location={**told()["location"], "street": street})
    _, lines = written(tmp_path / "m.csv", odd)
    assert len(lines) == 2
    assert '"On or near ""High"", Street"' in lines[1] and ",time-travel," in lines[1]


@pytest.mark.parametrize(
    "answer",
    [
        {"error": "x"},
        [1],
        [told(id=None)],
        [told(month=202509)],
        [{key: value for key, value in told().items() if key != "location"}],
        [told(location={"latitude": "x", "longitude": "0", "street": {"name": ""}})],
        [told(location={"latitude": "95.1", "longitude": "0", "street": {"name": ""}})],
        [told(location={"latitude": "nan", "longitude": "0", "street": {"name": ""}})],
        [told(location={"latitude": "1", "longitude": "0"})],
        [told(location="Eden Road")],
        [told(outcome_status=["x"])],
        [told(), told(category=7)],
    ],
)
def test_one_crime_of_another_shape_refuses_the_answer(answer):
    with pytest.raises(SourceError, match="not the documented one") as caught:
        read_crimes("data.police.uk", answer, month="2025-09")
    assert "Eden Road" not in str(caught.value)


def test_crimes_of_another_month_than_asked_for_are_refused():
    with pytest.raises(SourceError, match="asked for 2025-08"):
        read_crimes("data.police.uk", [told()], month="2025-08")
    assert read_crimes("data.police.uk", [], month="2025-08") == []
