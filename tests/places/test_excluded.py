import numpy as np
import pandas as pd
import pytest

from mapping.errors import MissingColumnsError
from mapping.places.excluded import recorded_at, recorded_kind, suggest_stacks


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("On or near Police Station", "police station"),
        ("On or near Hospital", "hospital"),
        ("On or near Prison", "prison"),
        ("On or near James Cook University Hospital", "hospital"),
        ("POLICE   STATION, Bridge Street", "police station"),
        ("Police station on Bridge Street", "police station"),
        ("Police HQ Ladgate Lane", "police station"),
        ("Old Street Police Station", "police station"),
        ("Custody suite", "custody suite"),
        ("Royal Infirmary - A&E", "hospital"),
        ("Accident and Emergency", "hospital"),
        ("HMP Holme House", "prison"),
        ("Holme House Prison", "prison"),
        ("Magistrates’ Court", "court"),
        ("Teesside Crown Court", "court"),
    ],
)
def test_places_where_reports_are_recorded(text, kind):
    assert recorded_kind(pd.Series([text])).tolist() == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "On or near Hospital Road",
        "On or near Station Street",
        "On or near Prison Lane",
        "On or near Court Road",
        "On or near Infirmary Road",
        "On or near Police Station Yard",
        "On or near Hospital Court",
        "On or near Ranskill Court",
        "On or near Crown Court",
        "12 Crown Court",
        "On or near Petrol Station",
        "On or near Bus/Coach Station",
        "On or near Fire Station Yard",
        "12 Hospital Road, Exampleton",
        "Opposite the police station",
        "Shop near hospital",
        "Rear of Exampleton Hospital",
        "O/S Exampleton Police Station, Limpet Road",
        "R/O POLICE STATION",
        "Hospital car park",
        "The Hospital Inn",
        "Old Police Station",
        "Former Exampleton Prison Club",
        "Animal Hospital",
        "Hospitality suite",
        "On or near ",
        "No Location",
        "",
    ],
)
def test_streets_and_neighbours_that_only_bear_the_name(text):
    assert recorded_kind(pd.Series([text])).tolist() == [""]
    assert not recorded_at(pd.Series([text])).any()


def test_each_row_gets_its_own_answer_and_a_missing_text_none():
    texts = pd.Series(["Hospital", None, "Hospital Road", "Hospital", "Prison"], index=[9, 8, 7, 6, 5])
    assert recorded_at(texts).tolist() == [True, False, False, True, True]
    assert recorded_at(pd.Series([], dtype="str")).tolist() == []


def read_real(folder):
    files = sorted(folder.glob("*.csv.gz"))
    columns = ["Longitude", "Latitude", "Location", "Crime type"]
    read = [pd.read_csv(path, usecols=columns, keep_default_na=False) for path in files]
    return pd.concat(read, ignore_index=True)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("force", "expected"),
    [
        # 868 "Hospital" and one "James Cook University Hospital"
        ("cleveland", {"police station": 1267, "hospital": 869, "prison": 214}),
        ("city-of-london", {"police station": 677, "hospital": 87}),
        ("edge-cases", {"police station": 70, "hospital": 145, "prison": 8}),
    ],
)
def test_real_files_hold_these_recording_places(real_data, force, expected):
    kinds = pd.Series(recorded_kind(read_real(real_data / "police_uk" / force)["Location"]))
    assert kinds[kinds != ""].value_counts().to_dict() == expected


@pytest.mark.real_data
def test_the_three_names_of_south_yorkshire(real_data):
    path = real_data / "police_uk/south-yorkshire/2018-01-south-yorkshire-street.csv.gz"
    places = pd.read_csv(path, usecols=["Location"], keep_default_na=False)["Location"]
    kinds = pd.Series(recorded_kind(places))
    # counted with grep
    assert kinds[kinds != ""].value_counts().to_dict() == {
        "hospital": 101,
        "prison": 70,
        "police station": 34,
    }
    assert set(places[kinds != ""]) == {
        "On or near Hospital",
        "On or near Prison",
        "On or near Police Station",
    }


@pytest.mark.real_data
def test_the_busiest_points_of_cleveland_are_among_its_stacks_and_named(real_data):
    rows = read_real(real_data / "police_uk/cleveland")
    stacks = suggest_stacks(
        pd.DataFrame(
            {
                "easting_m": rows["Longitude"].astype(float),  # degrees do: only equality of points matters
                "northing_m": rows["Latitude"].astype(float),
                "category": rows["Crime type"],
                "place_text": rows["Location"],
            }
        )
    )
    # 67,094 rows on 6,862 points are 9.78 a point; 510 / 9.78 = 52.2
    assert stacks.loc[0, ["incident_count", "recorded_kind"]].tolist() == [510, "police station"]
    assert stacks.loc[0, "times_typical"] == pytest.approx(52.2, abs=0.05)
    # The second busiest point, a hospital with 425, is seven tenths violence: words find it, not this.
    assert 425 not in stacks["incident_count"].tolist()
    # A supermarket with 255, nine tenths shoplifting, is a shop and no stack.
    assert 255 not in stacks["incident_count"].tolist()


def incidents(*groups):
    """Make rows from (easting, category, count, place)."""
    rows = [
        {"easting_m": easting, "northing_m": 1.0, "category": category, "place_text": place}
        for easting, category, count, place in groups
        for _ in range(count)
    ]
    return pd.DataFrame(rows)


def test_a_stack_is_one_point_with_much_of_everything():
    rows = incidents(
        *[(0.0, category, 20, "On or near Police Station") for category in "ABCD"],  # 80 of four kinds
        (1.0, "A", 80, "On or near Supermarket"),  # 80 of one kind
        *[(float(easting), "A", 1, "On or near High Street") for easting in range(2, 42)],
    )
    stacks = suggest_stacks(rows)
    # 200 incidents on 42 points are 4.76 a point; 80 / 4.76 = 16.8
    assert len(stacks) == 1
    row = stacks.loc[0]
    assert row[["easting_m", "incident_count", "recorded_kind"]].tolist() == [0.0, 80, "police station"]
    assert row["category_count"] == pytest.approx(4.0)  # four equal shares: 1 / (4 x 0.25^2)
    assert row["times_typical"] == pytest.approx(16.8)
    assert row["top_category"] == "A"  # the first in the alphabet of equals


def test_the_effective_number_of_categories_is_worked_out_by_hand():
    rows = incidents((0.0, "A", 50, "x"), (0.0, "B", 25, "x"), (0.0, "C", 25, "x"))
    stacks = suggest_stacks(rows, times_typical=1.0, min_kinds=2.0)
    # 1 / (0.5^2 + 0.25^2 + 0.25^2) = 1 / 0.375 = 2.67
    assert stacks.loc[0, "category_count"] == pytest.approx(2.6667, abs=1e-4)
    assert len(suggest_stacks(rows, times_typical=1.0, min_kinds=2.7)) == 0


def test_rows_without_a_point_and_their_order_change_nothing():
    rows = incidents(*[(0.0, category, 20, "x") for category in "ABCD"], (1.0, "A", 1, "y"))
    more = pd.concat([rows, rows.head(9).assign(easting_m=np.nan)]).sample(frac=1, random_state=3)
    assert suggest_stacks(more, times_typical=1.5).equals(suggest_stacks(rows, times_typical=1.5))


def test_no_incidents_have_no_stacks_and_the_right_columns():
    empty = suggest_stacks(incidents((0.0, "A", 1, "x")).head(0))
    assert len(empty) == 0
    assert "recorded_kind" in empty.columns
    with pytest.raises(MissingColumnsError, match="category, place_text"):
        suggest_stacks(pd.DataFrame({"easting_m": [], "northing_m": []}))
