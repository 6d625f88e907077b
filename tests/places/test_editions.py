"""What became of wards, on squares by hand and on the real editions of 2013 and 2025."""

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from mapping import crs
from mapping.places import editions
from mapping.places.wards import assign, read_wards


def wards(*rows):
    codes, names, boxes = zip(*rows, strict=True)
    shapes = [shapely.box(*box) for box in boxes]
    return gpd.GeoDataFrame({"ward_gss_code": codes, "ward_name": names}, geometry=shapes, crs="EPSG:27700")


def told(old, new):
    found = editions.changes(editions.compare(old, new))
    return {
        (row.edition, row.code): (row.change, row.other_code, row.lies_in)
        for row in found.itertuples(index=False)
    }


A, B, C = (0, 0, 1000, 1000), (1000, 0, 2000, 1000), (2000, 0, 3000, 1000)
AB = (0, 0, 2000, 1000)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ([("O1", "Park", A)], [("O1", "Park", A)], {("old", "O1"): ("unchanged", "O1", "O1")}),
        ([("O1", "Park", A)], [("N1", "Park", A)], {("old", "O1"): ("recoded", "N1", "N1")}),
        ([("O1", "Mandale and Victoria", A)], [("N1", "Mandale & Victoria", A)],
         {("old", "O1"): ("recoded", "N1", "N1")}),
        ([("O1", "Park", A)], [("O1", "Quay", A)], {("old", "O1"): ("renamed", "O1", "O1")}),
        ([("O1", "Park", AB)], [("N1", "Park", A), ("N2", "Quay", B)],
         {("old", "O1"): ("split", "", ""), ("new", "N1"): ("split", "O1", "O1")}),
        ([("O1", "Park", A), ("O2", "Quay", B)], [("N1", "Park", AB)],
         {("old", "O1"): ("merged", "N1", "N1"), ("new", "N1"): ("merged", "", "")}),
        # the same name over other ground is another ward
        ([("O1", "Park", A), ("O2", "Quay", C)], [("N1", "Quay", A), ("N2", "Park", C)],
         {("old", "O1"): ("renamed", "N1", "N1"), ("old", "O2"): ("renamed", "N2", "N2")}),
    ],
)  # fmt: skip
def test_what_became_of_a_ward_is_told_by_its_ground(old, new, said):
    found = told(wards(*old), wards(*new))
    assert {key: found[key] for key in said} == said


def test_a_shift_narrower_than_the_drawing_is_no_change():
    moved = (30, 0, 1030, 1000)  # 30 m: two outlines, each drawn to within 20 m
    assert told(wards(("O1", "Park", A)), wards(("N1", "Park", moved)))["old", "O1"][0] == "recoded"


def test_amounts_are_shared_out_by_area_and_add_up():
    old = wards(("O1", "Park", (0, 0, 1000, 1000)), ("O2", "Quay", (1000, 0, 2000, 1000)))
    new = wards(("N1", "Park", (0, 0, 600, 1000)), ("N2", "Quay", (600, 0, 2000, 1000)))
    carried = editions.carry({"O1": 100.0, "O2": 50.0}, editions.compare(old, new))
    # 60 of the 100 lie west of 600 m, 40 east of it with the other 50
    assert carried["value"].to_dict() == pytest.approx({"N1": 60.0, "N2": 90.0})
    assert carried["estimated"].to_dict() == pytest.approx({"N1": 60.0, "N2": 40.0})
    assert "estimates" in carried.attrs["messages"][0]


def test_amounts_follow_the_points_where_there_are_some():
    old = wards(("O1", "Park", (0, 0, 1000, 1000)))
    new = wards(("N1", "Park", (0, 0, 600, 1000)), ("N2", "Quay", (600, 0, 1000, 1000)))
    weighed = editions.weigh(old, new, [100.0, 700.0, 800.0, 900.0], [500.0] * 4)
    carried = editions.carry({"O1": 100.0}, editions.compare(old, new), weights=weighed)
    assert carried["value"].to_dict() == pytest.approx({"N1": 25.0, "N2": 75.0})


def test_only_what_lies_in_one_new_ward_is_read_as_it():
    old = wards(("O1", "Park", A), ("O2", "Quay", (1000, 0, 3000, 1000)))
    new = wards(("N1", "Park", (0, 0, 1010, 1000)), ("N2", "Quay", (1010, 0, 2000, 1000)), ("N3", "Hill", C))
    assert editions.holders(editions.compare(old, new)) == {"O1": "N1"}


# How many wards there were then and are now (see the notes of the open data).
TEES = {"E06000001": (11, 12), "E06000002": (23, 20), "E06000003": (22, 24), "E06000004": (26, 27),
        "S12000018": (6, 7)}  # fmt: skip


@pytest.mark.parametrize("authority", TEES)
def test_not_one_code_of_2013_is_left_and_every_ward_is_told(real_data, authority):
    then, now = (
        read_wards([real_data / "boundaries" / f"wards_{year}" / f"{authority}.geojson"])
        for year in (2013, 2025)
    )
    assert (len(then), len(now)) == TEES[authority]
    assert not set(then["ward_gss_code"]) & set(now["ward_gss_code"])
    pairs = editions.compare(then, now)
    for side in ("old", "new"):
        shares = pairs[pairs[f"{side}_code"] != ""].groupby(f"{side}_code")[f"share_of_{side}"].sum()
        assert shares.between(0.999, 1.01).all()
    found = editions.changes(pairs)
    assert len(found) == len(then) + len(now)
    counts = Counter(found["change"])
    assert "unchanged" not in counts  # none keeps its code
    carried = editions.carry(dict.fromkeys(then["ward_gss_code"], 100.0), pairs)
    assert carried["value"].sum() == pytest.approx(100 * len(then))


def test_sixty_names_stay_over_other_ground_or_another_code(real_data):
    then, now = (
        read_wards(sorted((real_data / "boundaries" / f"wards_{year}").glob("[ES]*.geojson")))
        for year in (2013, 2025)
    )
    now = now[~now["ward_gss_code"].str.startswith(("E05001", "E05007"))]
    joined = editions.changes(editions.compare(then, now))
    misleading = joined[(joined["edition"] == "old") & joined["keeps_name"]]
    assert len(misleading) >= 20  # a join by name would be wrong for each of these


def test_every_point_has_one_ward_in_either_edition(real_data):
    points = pd.read_csv(
        real_data / "postcodes" / "codepoint_open_ts_2022.csv.gz", header=None, usecols=[2, 3]
    )
    for year in (2013, 2025):
        paths = [
            real_data / "boundaries" / f"wards_{year}" / f"E0600000{number}.geojson" for number in range(1, 5)
        ]
        codes = assign(points[2], points[3], read_wards(paths))
        assert 0.88 < (codes != "").mean() <= 1  # the rest lie over the border, in Durham and North Yorkshire


def test_every_data_zone_lies_in_a_ward_of_its_council(real_data):
    folder = real_data / "boundaries"
    zones = read_wards([folder / "data_zones_2011_S12000018.geojson"], level="data zone")
    assert len(zones) == 114
    council = read_wards([folder / "wards_2025" / "S12000018.geojson"])
    inside = shapely.point_on_surface(zones.geometry.to_numpy())
    codes = assign(shapely.get_x(inside), shapely.get_y(inside), council)
    assert np.count_nonzero(codes == "") <= 1


def test_lsoas_of_two_censuses_change_as_the_published_table_says(real_data):
    """342 unchanged, 8 split in two, 2 merged into one: what the outlines alone say, without the table."""
    folder = real_data / "boundaries"
    then, now = (
        read_wards(sorted((folder / f"lsoa_{year}").glob("*.geojson")), level="LSOA") for year in (2011, 2021)
    )
    pairs = editions.compare(then, now)
    found = editions.changes(pairs)
    table = pd.read_csv(real_data / "lookups" / "lsoa11_lsoa21_tees.csv")
    published = dict(zip(table["lsoa11_code"], table["change_code"], strict=True))
    words = {"U": "same", "S": "split", "M": "merged"}
    old = found[found["edition"] == "old"]
    change = old["change"].replace(dict.fromkeys(editions.SAME, "same"))  # 15 got another name
    assert dict(zip(old["code"], change, strict=True)) == {c: words[w] for c, w in published.items()}
    assert Counter(change) == {"same": 342, "split": 8, "merged": 2}
    real = pairs[~pairs["is_sliver"] & (pairs["old_code"] != "") & (pairs["new_code"] != "")]
    assert set(zip(real["old_code"], real["new_code"], strict=True)) == set(
        zip(table["lsoa11_code"], table["lsoa21_code"], strict=True)
    )


def test_every_report_of_cleveland_is_once_in_either_edition(real_data):
    files = sorted((real_data / "police_uk" / "cleveland").glob("*.csv.gz"))
    points = pd.concat([pd.read_csv(path, usecols=["Longitude", "Latitude"]) for path in files])
    east, north = crs.to_bng(points["Longitude"], points["Latitude"])
    assert len(points) == 67_094
    for year in (2013, 2025):
        folder = real_data / "boundaries" / f"wards_{year}"
        frame = read_wards([folder / f"E0600000{number}.geojson" for number in range(1, 5)])
        codes = assign(east, north, frame)
        assert len(codes) == 67_094
        # 15 lie outside the four boroughs; 11 more, of one road, 35 m beyond the outline drawn in 2013
        assert np.count_nonzero(codes == "") == {2013: 26, 2025: 15}[year]


def test_a_name_may_have_gone_to_the_ward_next_door(real_data):
    """Norton North of 2013 is Norton Central now, and what is called Norton North now was Norton West."""
    then, now = (
        read_wards([real_data / "boundaries" / f"wards_{year}" / "E06000004.geojson"])
        for year in (2013, 2025)
    )
    found = editions.changes(editions.compare(then, now)).query("edition == 'old'").set_index("name")
    assert found.loc["Norton North", ["change", "other_name"]].tolist() == ["renamed", "Norton Central"]
    assert found.loc["Norton West", ["change", "other_name"]].tolist() == ["renamed", "Norton North"]
