import hashlib
import json
import time

import geopandas as gpd
import pytest
import shapely

from mapping import demo, schema
from mapping.demo.files import LAYERS
from mapping.places.wards import assign, read_wards


def digests(folder):
    return {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_the_same_seed_writes_the_same_bytes_and_another_seed_another_borough(built, tmp_path):
    started = time.perf_counter()
    demo.build(demo.DEFAULT_SEED, tmp_path / "again")
    assert time.perf_counter() - started < 30  # about 3 s alone; the machine may be busy
    demo.build(demo.DEFAULT_SEED + 1, tmp_path / "other")
    here, again, other = (
        digests(folder) for folder in (built.folder, tmp_path / "again", tmp_path / "other")
    )
    assert here == again
    # five layers, five sources, the truth, the partners, and three files of a gazetteer
    assert len(here) == 15
    assert all(here[name] != other[name] for name in here if name != "agencies.json")


def test_wards_are_read_like_any_edition_and_hold_the_incidents(built, rows):
    wards = read_wards([built.wards])
    assert list(wards["ward_gss_code"]) == [f"E05{number}" for number in range(999_001, 999_015)]
    assert set(schema.WARDS) <= set(wards.columns)
    assert shapely.coverage_is_valid(wards.geometry.to_numpy())
    located = rows[rows["easting"] != ""]
    codes = assign(located["easting"].astype(float), located["northing"].astype(float), wards)
    assert 0.99 < (codes != "").mean() < 1  # a few lie just over the border, as they do
    assert (codes != "").all() or len(set(codes)) == 15


@pytest.mark.parametrize("name", LAYERS)
def test_layers_are_valid_geojson_in_degrees(built, name):
    layer = gpd.read_file(built.folder / f"{name}.geojson")
    assert layer.crs.to_epsg() == 4326
    assert layer.geometry.is_valid.all()
    west, south, east, north = layer.total_bounds
    assert -2 < west < east < -1.5
    assert 54 < south < north < 54.5


def test_roads_stay_light_enough_for_one_page(built):
    assert built.roads.stat().st_size < 400_000
    assert built.wards.stat().st_size < 120_000


def test_the_edition_that_ships_is_the_default_borough(shipped, tmp_path):
    demo.renew_edition(tmp_path)
    for name in LAYERS:
        ours = gpd.read_file(shipped / f"{name}.geojson")
        made = gpd.read_file(tmp_path / f"{name}.geojson")
        # Another GEOS may round a vertex elsewhere: the same features to within a metre, not the same bytes.
        assert ours.drop(columns="geometry").equals(made.drop(columns="geometry"))
        near = shapely.hausdorff_distance(ours.geometry.to_numpy(), made.geometry.to_numpy())
        assert near.max() < 2e-5


def test_the_edition_says_what_it_is_and_its_checksums_hold(shipped):
    readme = (shipped / "README.md").read_text(encoding="utf-8")
    for word in ("invented", "Source", "Licence", "Date"):
        assert word in readme
    for line in (shipped / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split()
        assert hashlib.sha256((shipped / name).read_bytes()).hexdigest() == digest


def test_truth_lists_every_planted_place_and_what_happened_there(answers, borough):
    assert [place["place_id"] for place in answers["places"]] == [place.place_id for place in borough.planted]
    codes = set(borough.town.wards.codes)
    for place in answers["places"]:
        assert set(place["ward_gss_codes"]) <= codes and place["ward_gss_codes"]
        assert len(place["monthly_counts"]) == 24
        assert sum(place["monthly_counts"]) <= len(place["references"])  # told once, or twice
    assert answers["events"] + len(answers["pairs"]) == answers["reports"]


def test_agencies_own_every_source_and_have_signed_one_agreement(built):
    partners = json.loads(built.agencies.read_text(encoding="utf-8"))
    ids = {agency["agency_id"] for agency in partners["agencies"]}
    assert ids == {"police", "council", "fire"}
    assert {source["agency_id"] for source in partners["sources"]} == ids
    assert set(partners["agreements"][0]["signatories"]) == ids
    assert {pattern["agency_id"] for pattern in partners["working_patterns"]} == ids
