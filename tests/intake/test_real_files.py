"""The open files themselves: counts that were taken from them by hand, and nothing lost."""

import datetime as dt
import gzip
import shutil
import time
import zipfile

import pytest

from mapping.errors import FileRefusedError
from mapping.intake import read_reports, to_incidents

pytestmark = pytest.mark.real_data

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)


def read(*paths, layout="police-uk"):
    return read_reports(list(paths), layout, now=NOW)


def identity(intake):
    return intake.rows_in, intake.incidents, intake.joined, intake.rejected


@pytest.mark.parametrize(
    ("path", "rows_in", "joined", "unlocated"),
    [
        ("cleveland", 67_094, 0, 0),
        ("city-of-london", 24_503, 258, 1_824),
        ("edge-cases/2025-01-btp-street.csv.gz", 3_304, 0, 0),
        ("edge-cases/2025-06-derbyshire-street.csv.gz", 9_199, 208, 0),
        ("edge-cases/2025-06-dorset-street.csv.gz", 4_985, 0, 23),
        ("edge-cases/2025-06-north-yorkshire-street.csv.gz", 5_449, 70, 38),
        ("edge-cases/2025-06-northern-ireland-street.csv.gz", 11_536, 0, 181),
        pytest.param("south-yorkshire", 351_322, 0, 15_214, marks=pytest.mark.slow),
    ],
)
def test_every_published_row_is_accounted_for(real_data, path, rows_in, joined, unlocated):
    intake = read(real_data / "police_uk" / path)
    incidents, membership = to_incidents(intake.reports)
    assert identity(intake) == (rows_in, rows_in - joined, joined, 0)
    assert (len(incidents), len(membership)) == (rows_in - joined, rows_in)
    assert incidents["incident_id"].is_unique
    assert intake.reports["easting_m"].isna().sum() == unlocated
    assert sum(file.rows_in for file in intake.files) == rows_in
    assert set(intake.issues["severity"]) <= {"flagged"}


def test_cleveland_keeps_its_identical_anti_social_behaviour_rows(real_data):
    started = time.process_time()
    intake = read(real_data / "police_uk" / "cleveland")
    taken_s = time.process_time() - started
    bare = intake.reports[intake.reports["reference"] == ""]
    assert set(bare["category"]) == {"Anti-social behaviour"}
    assert len(bare) == 13_870
    # a row that says the same as an earlier one of its month has an ordinal above 1
    assert (bare["report_key"].str.rsplit("|", n=1).str[1].astype(int) > 1).sum() == 4_908
    assert intake.reports[["easting_m", "northing_m"]].drop_duplicates().shape[0] == 6_862
    assert len(intake.issues) == 0
    assert taken_s < 6  # of one core; about one second on a quiet machine


def test_a_month_in_a_zip_has_the_keys_it_has_in_the_folder(real_data, tmp_path):
    folder = real_data / "police_uk" / "cleveland"
    march = folder / "2025-03-cleveland-street.csv.gz"
    plain = tmp_path / "2025-03-cleveland-street.csv"
    with gzip.open(march) as source, plain.open("wb") as target:
        shutil.copyfileobj(source, target)
    with zipfile.ZipFile(tmp_path / "march.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, "2025-03/2025-03-cleveland-street.csv")
    whole = read(folder).reports
    in_march = whole.loc[whole["occurred_from"] == "2025-03-01T00:00Z", "report_key"].tolist()
    for path in (march, plain, tmp_path / "march.zip"):
        assert read(path).reports["report_key"].tolist() == in_march


def test_derbyshire_repeats_its_crime_ids_and_contradictions_are_flagged(real_data):
    intake = read(real_data / "police_uk" / "edge-cases" / "2025-06-derbyshire-street.csv.gz")
    assert len(intake.issues) == 208  # BAD 61: nine of them differ in their outcome alone
    reasons = intake.issues["reason"]
    assert reasons.str.startswith("repeats the reference of row ").all()
    assert reasons.str.contains("with another outcome;").sum() == 9


def test_south_yorkshire_has_no_july_2019_and_that_is_said(real_data):
    files = [real_data / "police_uk" / "south-yorkshire" / f"2019-{month}-south-yorkshire-street.csv.gz"
             for month in ("06", "08")]  # fmt: skip
    assert read(*files).messages == (
        "South Yorkshire Police: no file holds 2019-07: a gap in the series, not a month without incidents.",
    )


def test_no_name_is_no_place_and_generic_places_stay(real_data):
    reports = read(real_data / "police_uk" / "edge-cases" / "2025-06-north-yorkshire-street.csv.gz").reports
    assert (reports["place_text"] == "").sum() == 460 + 38  # "On or near " with no name, and "No Location"
    assert not reports["place_text"].str.startswith("On or near").any()
    assert "Supermarket" in set(reports["place_text"])


def test_other_open_files_are_refused_by_their_columns(real_data):
    with pytest.raises(FileRefusedError, match="needs the columns 'Crime ID', 'Month'"):
        read(real_data / "incidents" / "nyc_vehicle_thefts_2014_2017.csv.gz")
