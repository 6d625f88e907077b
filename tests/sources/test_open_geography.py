"""Wards from a server that answers as ArcGIS REST does: all of them, once, or a sentence why not."""

import datetime as dt
import json

import pytest

from mapping.errors import SourceError
from mapping.places.wards import read_wards
from mapping.sources import open_geography
from mapping.sources.open_geography import fetch_wards, require_authorities, to_geojson, write

TODAY = dt.date(2026, 3, 2)
BFC = "Wards_May_2025_Boundaries_UK_BFC"
QUERY = f"GET /{BFC}/FeatureServer/0/query"


def fetched(client, *authorities, **more):
    return fetch_wards(client, authorities or ["E06000002"], today=TODAY, **more)


def refused(client, *authorities, **more):
    with pytest.raises(SourceError) as caught:
        fetched(client, *authorities, **more)
    return str(caught.value)


def codes(wards):
    return [feature["properties"]["WD25CD"] for feature in wards.features]


def counts(server):
    """Return the questions for a number, and the offsets of the pages asked for."""
    numbers = [q for q in server.seen if q.params.get("returnCountOnly")]
    pages = [int(q.params["resultOffset"]) for q in server.seen if "resultOffset" in q.params]
    return len(numbers), pages


def test_wards_of_one_authority_come_from_the_newest_service(replay, ons, make_client):
    server = replay(ons.answer)
    wards = fetched(make_client(server.url))
    assert codes(wards) == [f"E0500{n:04d}" for n in range(1, 8)]
    assert (wards.service.name, wards.service.edition, wards.epsg) == (BFC, "May 2025", 27700)
    assert wards.attribution.endswith("Contains OS data © Crown copyright and database right 2025")
    assert server.asked() == [
        "GET ?f=json",
        f"GET /{BFC}/FeatureServer/0?f=json",
        f"{QUERY}?f=json&returnCountOnly=true&where=LAD25CD='E06000002'",
        f"{QUERY}?f=geojson&orderByFields=WD25CD&outFields=WD25CD,WD25NM,LAD25CD&outSR=27700&resultOffset=0"
        "&resultRecordCount=25&returnGeometry=true&where=LAD25CD='E06000002'",
    ]


def test_what_was_fetched_passes_the_checks_of_ward_files_to_the_millimetre(
    replay, ons, make_client, tmp_path
):
    wards = fetched(make_client(replay(ons.answer).url))
    path = tmp_path / "wards.geojson"
    write(wards, path)
    read = read_wards([path])
    assert list(read["ward_name"]) == [f"Ward {n}" for n in range(1, 8)]
    # 1 km squares from easting 451 000 on; nothing was assumed and nothing shifted
    assert read.attrs["messages"] == [] and read.attrs["edition"] == "2025"
    assert read.geometry.bounds.iloc[0].tolist() == [451_000, 518_000, 452_000, 519_000]
    assert to_geojson(wards) == to_geojson(fetched(make_client(replay(ons.answer).url)))


def test_several_authorities_are_one_edition(replay, ons, make_client):
    server = replay(ons.answer)
    wards = fetched(make_client(server.url), "E06000004", "e06000002", "E06000004")
    assert wards.authorities == ("E06000002", "E06000004") and len(wards.features) == 10
    assert "where=LAD25CD IN ('E06000002','E06000004')" in server.asked()[2]


def test_pages_follow_one_another_until_all_that_was_counted_came(replay, ons, make_client):
    ons.wards = [(f"E0500{n:04d}", f"Ward {n}", "E06000002") for n in range(1, 61)]
    server = replay(ons.answer)
    told = []
    wards = fetched(make_client(server.url), progress=lambda share, stage: told.append(share))
    # 60 wards, 25 a page
    assert len(set(codes(wards))) == 60 and counts(server) == (1, [0, 25, 50])
    assert told == sorted(told) and told[0] > 0 and told[-1] <= 1


def test_a_server_that_gives_less_a_page_is_asked_for_as_much_as_it_gives(replay, ons, make_client):
    ons.most = 3
    server = replay(ons.answer)
    assert len(fetched(make_client(server.url)).features) == 7
    assert counts(server) == (1, [0, 3, 6])


@pytest.mark.parametrize("place", ["top", "properties"])
def test_an_empty_page_that_says_there_is_more_does_not_end_it(replay, ons, reply, make_client, place):
    more = {"exceededTransferLimit": True}
    empty = {
        "type": "FeatureCollection",
        "features": [],
        **(more if place == "top" else {"properties": more}),
    }
    ons.most = 3
    ons.first["resultOffset=0"] = reply.of(empty)
    server = replay(ons.answer)
    # the page that came empty was skipped by the server: 3 are missing, and that is noticed
    assert "said that 7 match and sent 4" in refused(make_client(server.url))
    assert counts(server)[1][:3] == [0, 3, 6]


def test_a_layer_without_districts_is_asked_ward_by_ward(replay, ons, make_client):
    ons.services = {BFC: "bare", "WD25_LAD25_UK_LU_v2": "table"}
    ons.wards = [(f"E0500{n:04d}", f"Ward {n}", "E06000002") for n in range(1, 31)]
    ons.wards += [("E05009999", "Elsewhere", "E06000001")]
    server = replay(ons.answer)
    wards = fetched(make_client(server.url))
    assert codes(wards) == [f"E0500{n:04d}" for n in range(1, 31)]
    asked = server.asked()
    assert asked[2] == "GET /WD25_LAD25_UK_LU_v2/FeatureServer/0?f=json"
    # 30 wards are asked for as 25 and 5, by their codes
    wheres = [q.params["where"] for q in server.seen if q.params.get("f") == "geojson"]
    assert [where.count("E0500") for where in wheres] == [25, 5]
    assert wheres[1] == "WD25CD IN ('E05000026','E05000027','E05000028','E05000029','E05000030')"


def test_a_table_of_many_rows_is_paged_and_a_ward_named_twice_is_one(replay, ons, make_client):
    ons.services = {BFC: "bare", "WD25_LAD25_UK_LU": "table"}
    ons.most = 4
    ons.wards += [ward for ward in ons.wards if ward[0] == "E05000003"]
    server = replay(ons.answer)
    with pytest.raises(SourceError, match="came twice"):  # the outlines hold it twice as well here
        fetched(make_client(server.url))
    table = [q.params["resultOffset"] for q in server.seen if "LU" in q.path and "resultOffset" in q.params]
    assert table == ["0", "4"]


def test_wards_of_the_table_that_have_no_outline_are_missed(replay, ons, reply, make_client):
    ons.services = {BFC: "bare", "WD25_LAD25_UK_LU": "table"}
    ons.wards.append(("E05000099", "New", "E06000002"))
    server = replay(lambda question: answer(question))

    def answer(question):
        if f"{BFC}/FeatureServer/0/query" in question.path:
            ons.wards = [ward for ward in ons.wards if ward[0] != "E05000099"]
        return ons.answer(question)

    assert "1 of 8 wards of the authority are not among the outlines" in refused(make_client(server.url))


def test_without_district_and_without_table_it_says_so(replay, ons, make_client):
    ons.services = {BFC: "bare", "WD24_LAD24_UK_LU": "table"}
    assert "do not say which district" in refused(make_client(replay(ons.answer).url))


def test_degrees_are_taken_where_the_server_gives_degrees(replay, ons, make_client, tmp_path):
    ring = [[-1.24, 54.56], [-1.22, 54.56], [-1.22, 54.57], [-1.24, 54.57], [-1.24, 54.56]]
    ons.epsg = 4326
    ons.wards = [("E05000001", "Ward 1", "E06000002")]
    ons.features["E05000001"] = {"geometry": {"type": "Polygon", "coordinates": [ring]}}
    server = replay(ons.answer)
    wards = fetched(make_client(server.url))
    assert wards.epsg == 4326 and "outSR=4326" in server.asked()[-1]
    assert "crs" not in json.loads(to_geojson(wards))
    write(wards, tmp_path / "w.geojson")
    west, south, *_ = read_wards([tmp_path / "w.geojson"]).total_bounds
    assert 449_000 < west < 450_000 and 518_000 < south < 519_000


def test_a_coarse_edition_says_how_coarse(replay, ons, make_client):
    ons.services = {"Wards_May_2025_Boundaries_UK_BSC": "wards"}
    (message,) = fetched(make_client(replay(ons.answer).url)).messages
    assert "smoothed by 200 m" in message


# --- faults --------------------------------------------------------------------------------------


def test_a_fault_told_with_status_200_is_a_fault_and_a_passing_one_is_asked_again(
    replay, ons, reply, make_client, time_told
):
    ons.first["resultOffset=0"] = reply.of({"error": {"code": 504, "message": "Timeout", "details": []}})
    assert len(fetched(make_client(replay(ons.answer).url)).features) == 7
    assert time_told.waits == [1]
    ons.first["resultOffset=0"] = reply.of(
        {"error": {"code": 400, "message": "Invalid query", "details": []}}
    )
    error = refused(make_client(replay(ons.answer).url))
    assert "refused the question (400)" in error and "Invalid query" not in error


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("returnCountOnly", {"count": "7"}),
        ("returnCountOnly", []),
        ("resultOffset=0", {"features": [{"properties": {"WD25CD": None}, "geometry": {}}]}),
        ("resultOffset=0", {"features": [{"properties": {"WD25CD": "E05'--"}, "geometry": {}}]}),
        ("resultOffset=0", {"features": {"a": 1}}),
        ("resultOffset=0", {"features": [1]}),
        ("FeatureServer/0?f=json", {"fields": "none"}),
        ("/api?f=json", {"services": None}),
        ("/api?f=json", ["services"]),
    ],
)
def test_an_answer_of_another_shape_is_refused(replay, ons, reply, make_client, where, value):
    ons.first[where] = reply.of(value)
    assert "not the documented one" in refused(make_client(replay(ons.answer).url))


def test_a_ward_without_outline_a_ward_twice_and_a_ward_short_are_each_refused(
    replay, ons, reply, make_client
):
    bare = {"properties": {"WD25CD": "E05000001", "WD25NM": "x", "LAD25CD": "E06000002"}, "geometry": None}
    ons.first["resultOffset=0"] = reply.of({"features": [bare]})
    assert "Ward E05000001 came without an outline" in refused(make_client(replay(ons.answer).url))
    same = {**bare, "geometry": {"type": "Polygon", "coordinates": []}}
    ons.first["resultOffset=0"] = reply.of({"features": [same] * 7})
    assert "6 wards came twice" in refused(make_client(replay(ons.answer).url))
    ons.first["returnCountOnly"] = reply.of({"count": 9})
    assert "said that 9 match and sent 7" in refused(make_client(replay(ons.answer).url))


def test_an_authority_that_the_edition_does_not_know_is_told(replay, ons, make_client):
    url = replay(ons.answer).url
    assert "May 2025 hold none of E08000016" in refused(make_client(url), "E08000016")
    assert "hold none of E08000016" in refused(make_client(url), "E06000002", "E08000016")


@pytest.mark.parametrize(
    "code",
    ["", "E06", "E0600000", "E060000022", "E05000001", "E10000001", "Middlesbrough", "E06000002' OR '1'='1",
     "E06000002;--", "E06000002\n", "Ｅ06000002", "E0600000٢"],
)  # fmt: skip
def test_only_the_code_of_an_authority_gets_into_a_question(replay, ons, make_client, code):
    if code.strip() == "E06000002":
        assert require_authorities([code]) == ("E06000002",)
        return
    server = replay(ons.answer)
    assert "is no code of a local authority" in refused(make_client(server.url), code)
    assert server.seen == []


# --- going on ------------------------------------------------------------------------------------


def test_a_second_fetch_on_the_same_day_asks_nothing(replay, ons, make_client):
    server = replay(ons.answer)
    first = fetched(make_client(server.url))
    again = make_client(server.url)
    assert fetched(again).features == first.features
    assert again.asked == 0 and len(server.seen) == 4


def test_on_another_day_only_the_lists_are_asked_unless_the_layer_was_edited(replay, ons, make_client):
    server = replay(ons.answer)
    fetched(make_client(server.url))
    client = make_client(server.url)
    fetch_wards(client, ["E06000002"], today=dt.date(2026, 3, 3))
    assert client.asked == 2  # the services, and the layer's description
    ons.edited += 1
    client = make_client(server.url)
    fetch_wards(client, ["E06000002"], today=dt.date(2026, 3, 4))
    assert client.asked == 4  # and count and page again
    client = make_client(server.url, is_fresh=True)
    fetch_wards(client, ["E06000002"], today=dt.date(2026, 3, 4))
    assert client.asked == 4


def test_an_interrupted_fetch_goes_on_with_exactly_what_is_missing(replay, ons, reply, make_client):
    ons.wards = [(f"E0500{n:04d}", f"Ward {n}", "E06000002") for n in range(1, 61)]
    server = replay(ons.answer)
    ons.first["resultOffset=25"] = reply(b"", status=403)
    refused(make_client(server.url))
    before = len(server.seen)
    wards = fetched(make_client(server.url))
    assert len(wards.features) == 60
    assert [q.params.get("resultOffset") for q in server.seen[before:]] == ["25", "50"]


# --- real wards ----------------------------------------------------------------------------------


@pytest.mark.real_data
def test_real_wards_in_pages_are_the_wards_of_the_file(replay, ons, make_client, real_data, tmp_path):
    source = real_data / "boundaries" / "wards_2025" / "E06000002.geojson"
    features = json.loads(source.read_text(encoding="utf-8"))["features"]
    ons.wards = [(f["properties"]["WD25CD"], f["properties"]["WD25NM"], "E06000002") for f in features]
    ons.features = {f["properties"]["WD25CD"]: f for f in features}  # in degrees, whatever is asked for
    ons.most = 6
    server = replay(ons.answer)
    wards = fetched(make_client(server.url))
    # Middlesbrough has 20 wards: four pages of at most 6
    assert counts(server) == (1, [0, 6, 12, 18]) and wards.epsg == open_geography._WGS84
    write(wards, tmp_path / "wards.geojson")
    mine, theirs = read_wards([tmp_path / "wards.geojson"]), read_wards([source])
    assert len(mine) == 20
    assert list(mine["ward_gss_code"]) == list(theirs["ward_gss_code"])
    assert list(mine["ward_name"]) == list(theirs["ward_name"])
    assert mine.geometry.geom_equals_exact(theirs.geometry, 0).all()
