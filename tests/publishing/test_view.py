import json
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import MappingError, MissingColumnsError, NotFoundError, WrongCrsError
from mapping.hotspots.placed import Placed
from mapping.publishing.view import MapView, base_layers, collapse_points, for_ward

Maker = Callable[..., MapView]


def _incidents(rows: list[tuple[float, float, str, str, str]]) -> pd.DataFrame:
    columns = ["easting_m", "northing_m", "match_level", "place_text", "category"]
    return pd.DataFrame(rows, columns=columns)


def test_incidents_at_one_point_are_counted_with_their_commonest_place_and_categories():
    points = collapse_points(
        _incidents(
            [
                (400_010.0, 500_010.0, "snap point", "On or near Marton Road", "Drugs"),
                (400_010.0, 500_010.0, "snap point", "On or near Marton Road", "Burglary"),
                (400_010.0, 500_010.0, "snap point", "Supermarket", "Drugs"),
                (400_900.0, 500_010.0, "street", "", "Drugs"),
            ]
        )
    )
    assert points["count"].tolist() == [3, 1]
    assert points["place_text"].tolist() == ["Marton Road", ""]
    assert points["top_categories"].tolist() == ["Drugs 2; Burglary 1", "Drugs 1"]


def test_exact_addresses_are_drawn_at_the_middle_of_their_square():
    # E400012 lies in 400000-400050, so 400025; N500074 in 500050-500100, so 500075
    points = collapse_points(
        _incidents(
            [
                (400_012.0, 500_074.0, "coordinates", "12 Eden Road", "Drugs"),
                (400_049.9, 500_050.0, "property", "14 Eden Road", "Drugs"),
            ]
        )
    )
    assert points[["easting_m", "northing_m", "count"]].to_numpy().tolist() == [[400_025.0, 500_075.0, 2.0]]
    assert points["place_text"].tolist() == ["Eden Road"]


def test_incidents_without_a_point_are_not_on_the_map():
    points = collapse_points(_incidents([(np.nan, np.nan, "", "", "Drugs")]))
    assert len(points) == 0
    assert list(points) == ["easting_m", "northing_m", "count", "place_text", "top_categories"]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 300),
            st.integers(0, 300),
            st.sampled_from(["snap point", "coordinates", "postcode"]),
            st.text(max_size=5),
            st.sampled_from(["Drugs", "Burglary"]),
        ),
        min_size=1,
        max_size=40,
    ),
    st.randoms(use_true_random=False),
)
def test_collapsing_loses_no_incident_and_asks_for_no_order(rows, shuffler):
    points = collapse_points(_incidents(rows))
    assert points["count"].sum() == len(rows)
    assert not points.duplicated(["easting_m", "northing_m"]).any()
    shuffler.shuffle(rows)
    pd.testing.assert_frame_equal(points, collapse_points(_incidents(rows)))


def test_ward_map_keeps_what_touches_the_ward_and_counts_its_own(make_view: Maker):
    ward = for_ward(make_view(), "E05999002")
    # H2 lies mostly in Westgate and touches Eastgate; H3 is its own but only recorded there
    assert ward.hotspots["hotspot_id"].tolist() == ["H2", "H3"]
    assert [words.number for words in ward.words] == [1, 2]
    assert ward.words[0].where == "Westgate, also in Eastgate, rank 2 overall"
    assert ward.title == "Eastgate: one place stands out, Eden Road"
    # the ward starts at 1000 m and 300 m more are shown: cell centres from 750 to 1950 m, 13 columns of 10
    assert len(ward.cells) == 130


def test_ward_map_keeps_the_classes_of_the_whole(make_view: Maker):
    view = make_view()
    assert for_ward(view, "E05999002").breaks == view.breaks


def test_quiet_ward_says_that_nothing_stands_out(make_view: Maker):
    view = make_view()
    ward = for_ward(make_view(hotspots=view.hotspots[:0]), "E05999001")
    assert ward.title == "Westgate: no place stands out in this period"
    assert ward.words == ()


def test_unknown_ward_is_refused(make_view: Maker):
    with pytest.raises(NotFoundError):
        for_ward(make_view(), "E05000000")


def test_caution_that_holds_for_all_is_said_once(make_view: Maker):
    view = make_view()
    months = "Only the month is known."
    frame = view.hotspots.assign(cautions=[months, f"One caller. | {months}", f"{months} | Recorded here."])
    said = make_view(hotspots=frame)
    assert said.shared_cautions == (months,)
    assert [words.cautions for words in said.words] == [(), ("One caller.",), ("Recorded here.",)]


def test_single_hotspot_keeps_its_cautions(make_view: Maker):
    view = make_view()
    one = make_view(hotspots=view.hotspots[1:2])
    assert one.shared_cautions == ()
    assert one.words[0].cautions == ("One caller.",)


@pytest.mark.parametrize(
    ("placed", "warned"), [(Placed(1000, 849), True), (Placed(1000, 850), False), (None, False)]
)
def test_low_placed_share_warns(make_view: Maker, placed: Placed | None, warned: bool):
    warnings = make_view(placed=placed, notes=("A note.",)).warnings
    assert warnings[-1] == "A note."
    assert (len(warnings) == 2) is warned
    if warned:
        assert warnings[0].startswith("Only 84 % of the reports could be placed.")  # never rounded up to 85


def test_provenance_says_where_the_picture_comes_from(make_view: Maker):
    assert (
        make_view(edition="2025", method="mixed. It held.").provenance
        == "Data 1 January to 31 March 2025 · wards 2025 · Method: mixed. It held"
        " · Placed 97 % of reports; 30 without any place are in the count alone"
    )


def test_ward_map_tells_how_many_of_its_own_reports_are_placed(make_view: Maker):
    view = make_view(placed=Placed(1000, 970), placed_by_ward={"E05999001": Placed(400, 300, 20, 80)})
    ward = for_ward(view, "E05999001")
    # 300 of 400 are 75 %, though 97 % of the borough's are placed
    assert ward.warnings[0].startswith("Only 75 % of the reports could be placed.")
    assert ward.provenance.endswith(
        "Placed 75 % of reports; 20 known only roughly are spread over the squares they may lie in, and are "
        "in no test; 80 known only to the ward are in the totals, not on the map"
    )
    assert for_ward(view, "E05999002").warnings == ()  # no report at all is nothing to warn of


def test_ward_map_of_a_run_that_told_no_ward_apart_tells_of_the_whole(make_view: Maker):
    assert for_ward(make_view(), "E05999001").provenance == make_view().provenance


@pytest.mark.parametrize(
    "path", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil"]
)
def test_links_may_not_leave_the_site(make_view: Maker, path: str):
    with pytest.raises(MappingError, match="leads off this site"):
        make_view(links={"H1": path})


def test_frames_are_checked_once(make_view: Maker):
    view = make_view()
    with pytest.raises(MissingColumnsError):
        make_view(cells=view.cells.drop(columns="score"))
    with pytest.raises(WrongCrsError):
        make_view(wards=view.wards.set_crs("EPSG:4326", allow_override=True))


def test_background_layers_come_as_text_or_frames_and_end_in_metres():
    road = shapely.LineString([(400_000, 500_000), (400_100, 500_000)])
    degrees = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "Marton Road", "kind": "secondary"},
                "geometry": {"type": "LineString", "coordinates": [[-2.0, 54.0], [-2.001, 54.0]]},
            },
            {"type": "Feature", "properties": None, "geometry": None},
        ],
    }
    layers = base_layers(
        {
            "roads": json.dumps(degrees),
            "lanes": gpd.GeoDataFrame({"name": [None]}, geometry=[road], crs="EPSG:27700"),
            "parks": "",
        }
    )
    assert list(layers) == ["roads", "lanes"]
    assert layers["roads"]["name"].tolist() == ["Marton Road"]
    assert layers["lanes"]["name"].tolist() == [""]
    # two degrees west is the grid's central meridian: easting 400000, give or take the OSTN15 shift
    assert abs(layers["roads"].geometry.iloc[0].coords[0][0] - 400_000) < 120
    assert layers["roads"].crs.to_epsg() == 27700


def test_background_in_an_unknown_system_is_refused():
    frame = gpd.GeoDataFrame({"name": ["x"]}, geometry=[shapely.Point(0, 0)], crs="EPSG:3857")
    with pytest.raises(WrongCrsError):
        base_layers({"shops": frame})
