"""The command line as a person uses it: sentences, exit codes, one JSON object, nothing half-done."""

import gzip
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from mapping import crs
from mapping.cli_backtest import cli
from mapping.cli_terminal import spread_values

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n"
)


def square(code, name, west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"WD25CD": code, "WD25NM": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def wards(tmp_path):
    """Two wards in degrees, some 1.3 km by 1.1 km each."""
    features = [
        square("E05999001", "West", -1.24, 54.56, -1.22, 54.57),
        square("E05999002", "East <script>alert(1)</script>", -1.22, 54.56, -1.20, 54.57),
    ]
    path = tmp_path / "wards.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def street_file(path, rows):
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def row(lon, lat, month="2025-01", place="On or near Eden Road", kind="Anti-social behaviour", crime_id=""):
    force = "Exampleshire Police"
    return f"{crime_id},{month},{force},{force},{lon},{lat},{place},E01000001,Example 001A,{kind},,\n"


def town_rows():
    """A thin background over both wards, and one place with ten a month."""
    rows = []
    for month in range(1, 7):
        name = f"2025-{month:02d}"
        rows += [
            row(-1.239 + 0.003 * i, 54.561 + 0.002 * j, name, f"On or near Road {i}")
            for i in range(13)
            for j in range(5)
        ]
        rows += [row(-1.2301, 54.5652, name, "On or near <script>alert(1)</script> Street")] * 10
    return rows


def run(*words, **environment):
    return CliRunner().invoke(cli, [str(word) for word in words], env=environment, catch_exceptions=False)


def test_several_files_may_follow_one_option():
    assert spread_values(["--wards", "a", "b", "--out", "c", "d"], ("--wards",)) == [
        "--wards", "a", "--wards", "b", "--out", "c", "d",
    ]  # fmt: skip
    assert spread_values(["--wards=a", "b"], ("--wards",)) == ["--wards=a", "b"]


def test_a_run_accounts_for_every_row_and_writes_every_file(tmp_path, wards):
    rows = [
        *town_rows(),
        row("", "", place="No Location"),
        row(-3.0, 54.565),
        row(-1.21, 54.565, month="2025-13"),
    ]
    incidents = street_file(tmp_path / "2025-01-exampleshire-street.csv", rows)
    out = tmp_path / "out"
    done = run("run", "--wards", wards, "--incidents", incidents, "--out", out, "--no-maps", "--json")
    assert done.exit_code == 0, done.stderr
    record = json.loads(done.stdout)
    # 6 months x (65 + 10) in the wards, one without a place, one far outside, one month that is none
    assert (record["rows_in"], record["incidents"], record["joined"], record["rejected"]) == (453, 452, 0, 1)
    assert (record["unlocated"], record["outside"], record["in_wards"]) == (1, 1, 450)
    assert record["wards"] == 2 and record["hotspots"] >= 1
    assert set(record["seconds"]) >= {"read incidents", "scoring", "hotspots", "total"}
    assert {p.name for p in out.iterdir()} == {
        "run.json", "hotspots.geojson", "hotspots.gpkg", "cells.csv", "wards.csv", "proposals.csv",
        "row_issues.csv",
    }  # fmt: skip
    issues = (out / "row_issues.csv").read_text().splitlines()
    assert any(",453," in line and "rejected" in line for line in issues[1:])


def test_a_place_set_apart_by_a_file_is_left_out_of_squares_and_counted(tmp_path, wards):
    incidents = street_file(tmp_path / "2025-01-exampleshire-street.csv", town_rows())
    east, north = (float(value[0]) for value in crs.to_bng([-1.2301], [54.5652]))
    listed = tmp_path / "excluded.csv"
    listed.write_text(
        "name,kind,treatment,easting,northing,radius_m,reason\n"
        f"Bridge Street desk,police station,exclusion,{east},{north},20,Custody searches\n"
    )
    out = tmp_path / "out"
    words = ("run", "--wards", wards, "--incidents", incidents, "--out", out, "--no-maps", "--json")
    plain = json.loads(run(*words).stdout)
    done = run(*words, "--excluded", listed)
    assert done.exit_code == 0, done.stderr
    record = json.loads(done.stdout)
    assert (plain["excluded"], plain["set_apart"]) == (0, [])
    # ten a month for six months; every total stays what it was
    assert record["excluded"] == record["set_apart"][0]["reports"] == 60
    assert [record[name] for name in ("rows_in", "incidents", "in_wards", "placed")] == [
        plain[name] for name in ("rows_in", "incidents", "in_wards", "placed")
    ]
    assert record["hotspots"] < plain["hotspots"]
    listed.write_text("name,kind\nA desk,other\n")
    refused = run(*words, "--excluded", listed)
    assert refused.exit_code == 3 and "It lacks treatment" in refused.stderr


def test_a_script_in_a_street_name_is_text_everywhere(tmp_path, wards):
    incidents = street_file(tmp_path / "2025-01-exampleshire-street.csv", town_rows())
    out = tmp_path / "out"
    done = run("run", "--wards", wards, "--incidents", incidents, "--out", out)
    assert done.exit_code == 0, done.stderr
    if not (out / "map.html").exists():
        pytest.skip("map files are not installed here: make assets")
    for page in [out / "map.html", *(out / "wards").glob("*.html")]:
        assert "<script>alert(1)" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "empty"),
        ("header_only.csv", HEADER.encode(), "no data row"),
        ("wrong_columns.csv", b"a,b,c\n1,2,3\n", "Month"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "PNG"),
    ],
)
def test_a_file_that_cannot_be_used_gets_one_sentence_and_leaves_nothing(
    tmp_path, wards, name, content, says
):
    incidents = tmp_path / name
    incidents.write_bytes(content)
    done = run("run", "--wards", wards, "--incidents", incidents, "--out", tmp_path / "out")
    assert done.exit_code == 3
    assert says.casefold() in done.stderr.casefold()
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_windows_1252_text_is_read_right(tmp_path, wards):
    rows = "".join([HEADER, *town_rows(), row(-1.215, 54.565, place="On or near Café Street")])
    incidents = tmp_path / "2025-01-exampleshire-street.csv"
    incidents.write_bytes(rows.encode("cp1252"))
    done = run(
        "run", "--wards", wards, "--incidents", incidents, "--out", tmp_path / "out", "--no-maps", "--json"
    )
    assert json.loads(done.stdout)["rows_in"] == 451


def test_nothing_at_0_0_or_swapped_is_put_on_the_map(tmp_path, wards):
    rows = [*town_rows(), row(0, 0), row(54.565, -1.215)]
    incidents = street_file(tmp_path / "2025-01-exampleshire-street.csv", rows)
    done = run(
        "run", "--wards", wards, "--incidents", incidents, "--out", tmp_path / "out", "--no-maps", "--json"
    )
    record = json.loads(done.stdout)
    assert (record["incidents"], record["unlocated"], record["in_wards"]) == (452, 2, 450)
    issues = (tmp_path / "out" / "row_issues.csv").read_text()
    assert ",451," in issues and ",452," in issues


def test_swapped_easting_and_northing_on_valid_land_are_told_by_the_area(tmp_path, wards):
    # the wards lie near E 449 500 N 518 700; swapped, that is in the Highlands
    head = "incident_id,timestamp,type,easting,northing,longitude,latitude,location\n"
    right = [
        f"{k},2025-0{1 + k % 6}-03T10:00:00,Burglary,{449_300 + 70 * k},518600,,,Eden Road\n"
        for k in range(30)
    ]
    path = tmp_path / "points.csv"
    path.write_text(head + "".join(right) + "99,2025-02-03T10:00:00,Burglary,518600,449500,,,Eden Road\n")
    out = tmp_path / "out"
    words = [
        "--wards",
        wards,
        "--incidents",
        path,
        "--layout",
        "timed-points",
        "--out",
        out,
        "--no-maps",
        "--json",
    ]
    done = run("run", *words)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["unlocated"] == 1
    assert ",31," in (out / "row_issues.csv").read_text()


def test_a_bow_tie_ward_is_refused_by_name(tmp_path):
    crossed = square("E05999001", "West", -1.24, 54.56, -1.22, 54.57)
    ring = crossed["geometry"]["coordinates"][0]
    ring[1], ring[2] = ring[2], ring[1]
    path = tmp_path / "wards.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [crossed]}))
    incidents = street_file(tmp_path / "2025-01-exampleshire-street.csv", town_rows())
    done = run("run", "--wards", path, "--incidents", incidents, "--out", tmp_path / "out")
    assert done.exit_code == 3 and "E05999001" in done.stderr


def test_wrong_usage_is_exit_code_2(tmp_path):
    assert run("run", "--out", tmp_path).exit_code == 2
    assert (
        run("run", "--wards", tmp_path / "none.geojson", "--incidents", tmp_path, "--out", tmp_path).exit_code
        == 2
    )


def test_one_end_of_a_period_is_refused(tmp_path, wards):
    incidents = street_file(tmp_path / "2025-01-exampleshire-street.csv", town_rows())
    words = [
        "run",
        "--wards",
        wards,
        "--incidents",
        incidents,
        "--out",
        tmp_path / "out",
        "--from",
        "2025-01-01",
    ]
    done = run(*words)
    assert done.exit_code == 3 and "both --from and --to" in done.stderr


def test_a_backtest_prints_one_object_with_every_key(tmp_path, wards):
    incidents = street_file(tmp_path / "2025-01-exampleshire-street.csv", town_rows())
    done = run(
        "backtest", "--wards", wards, "--incidents", incidents, "--train", "2025-01:2025-04",
        "--test", "2025-05:2025-06", "--area-share", "0.01", "0.05", "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert {row["area_share"] for row in rows} == {0.01, 0.05}
    assert "auto" in {row["method"] for row in rows}
    assert set(rows[0]) == {
        "method", "category", "area_share", "cells", "events", "hits", "hit_rate", "pai", "pei",
        "rri_pai_ratio", "rri_predicted_observed", "origins", "judged", "gain_over_count", "hit_rate_low",
        "hit_rate_high", "pei_low", "pei_high", "gain_low", "gain_high", "stability", "kept_share",
        "clumpiness",
    }  # fmt: skip


def test_a_rolling_backtest_adds_up_single_months_and_asks_for_one_way_of_saying_which(tmp_path, wards):
    incidents = street_file(tmp_path / "2025-01-exampleshire-street.csv", town_rows())
    common = ("backtest", "--wards", wards, "--incidents", incidents, "--train", "2025-01:2025-04")
    done = run(*common, "--rolling", 2, "--area-share", "0.01", "--json")
    assert done.exit_code == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert {row["origins"] for row in rows} == {2}
    whole = run(*common, "--test", "2025-05:2025-06", "--area-share", "0.01", "--json")
    assert rows[0]["events"] == json.loads(whole.stdout)["rows"][0]["events"]
    assert "Gi*" in run(*common, "--rolling", 2).stdout
    assert run(*common).exit_code == 2
    assert run(*common, "--rolling", 2, "--test", "2025-05").exit_code == 2


def test_the_store_keeps_each_row_once_and_finds_what_the_files_show(tmp_path, wards):
    place = {"HOTSPOTS_DATABASE_URL": f"sqlite:///{tmp_path}/store/hotspots.db"}
    packed = tmp_path / "2025-01-exampleshire-street.csv.gz"
    packed.write_bytes(gzip.compress((HEADER + "".join(town_rows())).encode()))
    assert run("boundaries", "add", wards, "--edition", "May 2025", **place).exit_code == 0
    first = json.loads(run("import", "police-uk", packed, "--json", **place).stdout)
    assert (first["status"], first["rows_in"], first["new"]) == ("accept_all", 450, 450)
    again = json.loads(run("import", "police-uk", packed, "--json", **place).stdout)
    assert (again["new"], again["unchanged"]) == (0, 450)
    listed = run("incidents", "list", **place).stdout.splitlines()
    assert len(listed) == 450
    assert json.loads(listed[0])["ward_gss_code"].startswith("E0599900")
    found = json.loads(run("propose", "--json", **place).stdout)
    out = tmp_path / "out"
    run("run", "--wards", wards, "--incidents", packed, "--out", out, "--no-maps")
    from_files = json.loads((out / "hotspots.geojson").read_text())["features"]
    assert [p["rank"] for p in found["proposals"]] == [f["properties"]["rank"] for f in from_files]
    assert json.loads(run("audit", "verify", "--json", **place).stdout)["verified"] is True


def test_an_import_without_wards_is_placed_when_they_come(tmp_path, wards):
    place = {"HOTSPOTS_DATABASE_URL": f"sqlite:///{tmp_path}/store/hotspots.db"}
    incidents = street_file(tmp_path / "2025-01-exampleshire-street.csv", town_rows())
    run("import", "police-uk", incidents, **place)
    assert run("find", **place).exit_code == 3  # no boundaries yet, and it says so
    run("boundaries", "add", wards, "--edition", "May 2025", **place)
    codes = {
        json.loads(line)["ward_gss_code"] for line in run("incidents", "list", **place).stdout.splitlines()
    }
    assert codes == {"E05999001", "E05999002"}


def test_an_unknown_setting_stops_a_command(tmp_path):
    place = {"HOTSPOTS_DATABASE_URL": f"sqlite:///{tmp_path}/hotspots.db", "HOTSPOTS_DATBASE": "typo"}
    done = run("boundaries", "list", **place)
    assert done.exit_code == 3 and "HOTSPOTS_DATBASE is not a setting" in done.stderr


def test_who_may_not_is_told_by_exit_code_4(tmp_path):
    place = {"HOTSPOTS_DATABASE_URL": f"sqlite:///{tmp_path}/hotspots.db"}
    run("users", "add", "dee", "--role", "auditor", "--agency", "community-safety-partnership", **place)
    done = run("users", "list", HOTSPOTS_ACTOR="dee", **place)
    assert done.exit_code == 0  # an auditor may look at the accounts
    done = run("agencies", "add", "Fire", HOTSPOTS_ACTOR="dee", **place)
    assert done.exit_code == 4 and "auditor" in done.stderr


def test_help_loads_nothing_heavy():
    script = (
        "import sys; sys.argv=['hotspots','--help']\n"
        "from webapp.command import main\n"
        "try:\n main()\nexcept SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'sqlalchemy', 'flask', 'geopandas', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout


def test_the_table_of_contents_leads_to_every_room():
    import mapping

    assert mapping.parse_period("2025-01").days == 31
    assert all(getattr(mapping, name) is not None for name in mapping.__all__)
    with pytest.raises(AttributeError, match="no attribute 'everything'"):
        _ = mapping.everything


def test_a_run_reads_by_a_layout_that_lies_in_a_file(tmp_path, wards):
    from mapping.intake import layout as layouts

    mine = layouts.to_toml(layouts.load("police-uk")).replace('"Crime type"', '"Kind of crime"')
    (tmp_path / "mine.toml").write_text(mine)
    files = street_file(tmp_path / "street.csv", town_rows())
    files.write_text(files.read_text().replace("Crime type", "Kind of crime", 1))
    arguments = ("run", "--wards", wards, "--incidents", files, "--no-maps", "--out", tmp_path / "out")
    done = run(*arguments, "--layout", tmp_path / "mine.toml", "--json")
    assert (done.exit_code, json.loads(done.stdout)["rows_in"]) == (0, 450)
    assert run(*arguments, "--layout", tmp_path / "none.toml").exit_code == 3
    assert run(*arguments, "--layout", "intelligence").exit_code == 3  # never counted


def test_an_edition_of_another_level_is_no_map_of_wards(wards, tmp_path):

    place = {
        "HOTSPOTS_DATABASE_URL": f"sqlite:///{tmp_path / 'h.db'}",
        "HOTSPOTS_INSTANCE_DIR": str(tmp_path),
    }
    zones = tmp_path / "lsoa.geojson"
    zones.write_text(wards.read_text().replace("WD25", "LSOA21"))
    run("boundaries", "add", wards, "--edition", "May 2025", **place)
    run("boundaries", "add", zones, "--edition", "LSOA 2021", "--level", "LSOA", **place)
    done = run("find", "--edition", "LSOA 2021", **place)
    assert done.exit_code == 3 and "LSOA 2021 holds LSOAs; a run needs" in done.stderr
    done = CliRunner().invoke(cli, ["boundaries", "compare", "May 2025", "LSOA 2021"], env=place)
    assert done.exit_code == 3 and "compare two editions of one level" in done.stderr


def test_a_partnership_s_own_harm_weights_are_kept_with_the_run(tmp_path, wards):
    incidents = street_file(tmp_path / "2025-01-exampleshire-street.csv", town_rows())
    own = tmp_path / "harm.toml"
    own.write_text(
        'name = "Ours"\nsource = "Minute 7"\ndated = "2025"\nunit = "points"\n[categories]\nBurglary = 20\n'
    )
    asked = (
        "run",
        "--wards",
        wards,
        "--incidents",
        incidents,
        "--out",
        tmp_path / "out",
        "--no-maps",
        "--json",
    )
    for done in (run(*asked, "--harm", own), run(*asked, HOTSPOTS_HARM=str(own))):
        assert json.loads(done.stdout)["settings"]["harm"]["name"] == "Ours"
    own.write_text("name = 3")
    assert run(*asked, "--harm", own).exit_code == 3
