"""Files into the store: several at once, each whole; intelligence beside reports; what the doors rely on."""

import datetime as dt
import json
import zipfile

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from mapping import store_import, store_run
from mapping.cli_store import cli
from mapping.errors import BoundaryError, FileRefusedError
from mapping.kept_keys import IntakeKeys
from mapping.settings import Settings
from mapping.store import accounts, audit, boundaries, erasure, past_imports
from mapping.store.engine import open_store, upgrade
from mapping.store.imports import COUNTS
from mapping.store.models import IntelligenceItem, IntelligenceVersion, Report, ReportVersion

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
LOG = "reference,occurred_at,category,address,easting,northing,grading\n"


@pytest.fixture
def home(tmp_path):
    """Give a fresh store's address and its instance folder."""
    url = f"sqlite:///{tmp_path}/store/hotspots.db"
    upgrade(url)
    return url, tmp_path / "instance"


@pytest.fixture
def store(home):
    """Give a fresh store."""
    opened = open_store(home[0])
    yield opened
    opened.close()


@pytest.fixture
def operator(store):
    """Give the first account."""
    with store.transaction() as session:
        return accounts.first_actor(session, now=NOW)


@pytest.fixture
def bring(store, operator, home):
    """Import files of the warden log, or of another layout."""

    def bring_in(*paths, layout="warden-log", **options):
        keys = IntakeKeys(Settings(instance_dir=home[1]))
        return store_import.import_files(
            store, layout, list(paths), keys=keys, actor=operator, now=NOW, **options
        )

    return bring_in


@pytest.fixture
def write(tmp_path):
    """Write a file."""

    def write_file(name, text):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write_file


def line(reference, *, on="05/01/2026 10:00", category="Noise", east=450_250, grading=""):
    return f"{reference},{on},{category},Eden Road,{east},520250,{grading}\n"


def held(store, table=Report):
    with store.reading() as session:
        return {row.reference: row for row in session.execute(select(table)).scalars()}


def command(home, *words):
    environment = {"HOTSPOTS_DATABASE_URL": home[0], "HOTSPOTS_INSTANCE_DIR": str(home[1])}
    return CliRunner().invoke(cli, [str(word) for word in words], env=environment)


def test_each_file_has_its_own_account_and_all_of_them_one_sum(bring, write, store, operator):
    # january: 2 rows; february: 1 new, 1 that january told otherwise, 1 that is no date
    january = write("jan.csv", LOG + line("A") + line("B"))
    february = write(
        "feb.csv", LOG + line("B", category="Graffiti", on="06/02/2026") + line("C") + line("D", on="x")
    )
    result = bring(january, february)
    told = [(file["name"], file["rows_in"], {n: file[n] for n in COUNTS if file[n]}) for file in result.files]
    assert told == [
        ("feb.csv", 3, {"new": 2, "rejected": 1}),
        ("jan.csv", 2, {"new": 1, "superseded": 1}),
    ]
    assert (result.rows_in, result.counts["new"], result.counts["superseded"]) == (5, 3, 1)
    with store.reading() as session:
        (only,) = past_imports.list_recent(session, actor=operator)
        issues, total = past_imports.row_issues(session, result.import_id, actor=operator)
    assert (only.import_id, only.rows_in, only.file_name) == (result.import_id, 5, "feb.csv and 1 more")
    assert [part["name"] for part in only.parts] == ["feb.csv", "jan.csv"]
    assert (total, issues["file"].unique().tolist()) == (1, ["feb.csv"])


def test_a_file_that_cannot_be_read_stops_all_of_them_before_the_first_is_kept(bring, write, store):
    good = write("a.csv", LOG + line("A"))
    open_quote = write("b.csv", LOG + line("B") + 'C,05/01/2026,"Noise,x,1,2,\n')
    headless = write("c.csv", "something,else\n1,2\n")
    with pytest.raises(FileRefusedError) as refused:
        bring(good, open_quote, headless)
    assert refused.value.file_name == "2 of 3 files"
    assert len(refused.value.problems) == 2
    assert held(store) == {}
    with store.reading() as session:
        assert audit.latest(session, limit=1)[0].details["status"] == "reject_file"


def test_the_members_of_a_zip_are_files_of_their_own(bring, tmp_path, store):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("jan.csv", LOG + line("A"))
        archive.writestr("feb.csv", LOG + line("B") + line("C"))
    result = bring(path)
    assert [(file["name"], file["new"]) for file in result.files] == [("feb.csv", 2), ("jan.csv", 1)]
    assert len({file["sha256"] for file in result.files}) == 1  # that of the ZIP
    assert bring(path).counts["unchanged"] == 3


def test_a_dry_run_of_several_files_foresees_what_one_does_to_the_next(bring, write, store):
    files = [
        write("a.csv", LOG + line("A", on="05/01/2026") + line("B")),
        write("b.csv", LOG + line("A", on="07/01/2026") + line("B") + line("B")),
    ]
    foreseen = bring(*files, dry_run=True)
    assert held(store) == {}
    done = bring(*files)
    assert [{name: file[name] for name in COUNTS} for file in foreseen.files] == [
        {name: file[name] for name in COUNTS} for file in done.files
    ]
    assert done.counts == dict.fromkeys(COUNTS, 0) | {"new": 2, "updated": 1, "unchanged": 1, "joined": 1}


def test_an_older_extract_does_not_undo_a_newer_one(bring, write, store):  # BAD 62
    newer = write("newer.csv", LOG + line("A", category="Graffiti") + line("B", on="20/02/2026"))
    older = write("older.csv", LOG + line("A", category="Noise"))
    bring(newer)
    assert bring(older).counts["superseded"] == 1
    assert held(store)["A"].category == "ASB environmental"
    # the day that somebody declares counts for more than what the file shows
    assert bring(older, extracted_on=dt.date(2026, 3, 1)).counts["updated"] == 1
    assert held(store)["A"].category == "Noise"


def test_of_rows_that_repeat_a_reference_the_strictest_handling_binds(bring, write, store):  # BAD 53
    bring(
        write(
            "a.csv", LOG + line("A", grading="2B P") + line("A", grading="2B C") + line("B", grading="2B P")
        )
    )
    assert {reference: row.handling_code for reference, row in held(store).items()} == {"A": "C", "B": "P"}


def test_what_a_repeated_row_says_otherwise_is_kept_among_the_versions(bring, write, store):
    path = write("a.csv", LOG + line("A", category="Noise") + line("A", category="Graffiti"))
    for _ in range(2):  # the second time tells nothing new, and keeps nothing twice
        bring(path)
    with store.reading() as session:
        versions = session.execute(select(ReportVersion)).scalars().all()
    assert [version.content["category"] for version in versions] == ["ASB environmental"]
    assert held(store)["A"].category == "Noise"


def two_wards(path):
    def ward(code, name, west):
        ring = [
            [west, 520_000],
            [west + 1000, 520_000],
            [west + 1000, 521_000],
            [west, 521_000],
            [west, 520_000],
        ]
        return {"type": "Feature", "properties": {"WD25CD": code, "WD25NM": name},
                "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip

    features = [ward("E05999001", "West", 450_000), ward("E05999002", "East", 451_000)]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    return path


INTELLIGENCE = (
    "intelligence urn,date of information,subject area,place,easting,northing,grading,intelligence,comment\n"
)


def test_intelligence_is_kept_apart_updated_placed_anew_and_erased(bring, write, store, operator, tmp_path):
    item = "I1,05/01/2026,Drugs,Eden Road,{east},520250,2B P,Deals at the shops,Likely on Fridays\n"
    first = bring(write("i.csv", INTELLIGENCE + item.format(east=450_250)), layout="intelligence")
    assert (first.counts["new"], first.issues) == (1, [])
    kept = held(store, IntelligenceItem)["I1"]
    assert (kept.description, kept.opinion) == ("Deals at the shops", "Likely on Fridays")
    assert (kept.source_grade, kept.assessment_grade, kept.handling_code) == ("2", "B", "P")
    assert held(store) == {}  # never a report, so never counted
    changed = bring(write("j.csv", INTELLIGENCE + item.format(east=451_250)), layout="intelligence")
    assert changed.counts["updated"] == 1
    with store.reading() as session:
        (before,) = session.execute(select(IntelligenceVersion)).scalars()
    assert before.content["easting_m"] == 450_250.0
    assert kept.ward_gss_code == ""
    store_run.add_boundaries(
        store, [two_wards(tmp_path / "w.geojson")], name="May 2025", licence="", base_layers={},
        actor=operator, now=NOW,
    )  # fmt: skip
    assert held(store, IntelligenceItem)["I1"].ward_gss_code == "E05999002"
    with store.transaction() as session:
        key = held(store, IntelligenceItem)["I1"].report_key
        assert erasure.erase(session, [key], actor=operator, now=NOW) == 1
    again = bring(write("k.csv", INTELLIGENCE + item.format(east=450_250)), layout="intelligence")
    assert again.counts["erased"] == 1
    with store.reading() as session:
        assert session.execute(select(IntelligenceVersion)).all() == []


def test_a_point_near_the_wards_and_in_none_is_flagged(bring, write, store, operator, tmp_path):  # BAD 46
    store_run.add_boundaries(
        store, [two_wards(tmp_path / "w.geojson")], name="May 2025", licence="", base_layers={},
        actor=operator, now=NOW,
    )  # fmt: skip
    rows = line("in") + line("near", east=453_000) + line("far", east=460_000)
    result = bring(write("a.csv", LOG + rows))
    said = {issue["row"]: issue["reason"] for issue in result.issues}
    assert said == {
        2: "lies in no ward of May 2025; it is in the totals, and in no ward's",
        3: "lies outside the expected area",
    }
    assert [row.placement for row in held(store).values()] == ["in ward", "outside", "outside"]
    assert held(store)["near"].easting_m == 453_000


def test_wards_that_are_refused_leave_a_line_in_the_log(store, operator, tmp_path):  # BAD 77
    path = tmp_path / "bad.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(BoundaryError):
        store_run.add_boundaries(store, [path], name="X", licence="", base_layers={}, actor=operator, now=NOW)
    with store.reading() as session:
        entry = audit.latest(session, limit=1)[0]
    assert (entry.action, entry.details["problems"]) == ("add wards refused", 1)
    assert len(entry.details["sha256"][0]) == 64


def test_the_command_prints_one_object_whatever_becomes_of_the_file(home, write):  # BAD 1, 38
    refused = command(home, "import", "warden-log", write("none.csv", ""), "--json")
    told = json.loads(refused.stdout)
    assert (refused.exit_code, told["status"], told["rows_in"], told["import_id"]) == (3, "reject_file", 0, 1)
    assert told["messages"] == ["The file is empty: it has no bytes at all."]
    every = command(home, "import", "warden-log", write("x.csv", LOG + line("A", on="x")), "--json")
    told = json.loads(every.stdout)
    assert (every.exit_code, told["status"], told["rejected"]) == (3, "reject_file", 1)


def test_the_command_accounts_for_each_file_in_words(home, write):
    files = [write("a.csv", LOG + line("A")), write("b.csv", LOG + line("B") + line("C", on="x"))]
    done = command(home, "import", "warden-log", *files)
    assert done.stdout.splitlines() == [
        "a.csv: 1 rows in = 1 new.",
        "b.csv: 2 rows in = 1 new + 1 rejected.",
        "3 rows in = 2 new + 1 rejected.",
    ]
    assert "b.csv, row 2: occurred_at: is not a date" in done.stderr


def test_an_original_is_given_back_by_its_checksum(home, write, tmp_path, monkeypatch):
    monkeypatch.setenv("HOTSPOTS_KEEP_ORIGINALS", "encrypted")
    path = write("a.csv", LOG + line("A"))
    told = json.loads(command(home, "import", "warden-log", path, "--json").stdout)
    out = tmp_path / "back.csv"
    assert command(home, "originals", "get", told["files"][0]["sha256"], "--out", out).exit_code == 0
    assert out.read_text() == path.read_text()
    assert command(home, "originals", "get", "0" * 64, "--out", tmp_path / "no.csv").exit_code == 3


def test_wards_that_are_added_while_files_are_read_place_their_reports(
    bring, write, store, operator, tmp_path
):
    def add_wards(_reports):
        with store.reading() as session:
            if boundaries.editions(session):
                return
        store_run.add_boundaries(
            store, [two_wards(tmp_path / "w.geojson")], name="May 2025", licence="", base_layers={},
            actor=operator, now=NOW,
        )  # fmt: skip

    bring(write("a.csv", LOG + line("A")), write("b.csv", LOG + line("B", east=451_250)), watching=add_wards)
    wards = {reference: (row.ward_gss_code, row.boundary_edition) for reference, row in held(store).items()}
    assert wards == {"A": ("E05999001", "May 2025"), "B": ("E05999002", "May 2025")}


def test_correcting_the_file_and_importing_it_again_adds_the_corrected_rows_only(bring, write, store):
    wrong = LOG + line("A") + line("B", on="31/02/2026") + line("C", category="Loud")
    first = bring(write("log.csv", wrong))
    assert [(issue["row"], issue["severity"]) for issue in first.issues] == [(2, "rejected"), (3, "flagged")]
    right = wrong.replace("31/02/2026", "03/01/2026").replace("Loud", "Noise")
    again = bring(write("log.csv", right))
    assert {name: n for name, n in again.counts.items() if n} == {"new": 1, "updated": 1, "unchanged": 1}
    assert again.issues == []
    assert {row.category for row in held(store).values()} == {"Noise"}
    assert bring(write("log.csv", right)).counts["unchanged"] == 3


def test_two_importers_of_the_same_files_at_once_keep_each_row_once(home, write):  # FLT 11, 12
    import threading

    shared = [write(f"{k}.csv", LOG + "".join(line(f"{k}-{n}") for n in range(200))) for k in range(4)]
    own = [write(f"own{k}.csv", LOG + line(f"own{k}")) for k in range(2)]
    told = {}

    def send(k):
        keys = IntakeKeys(Settings(instance_dir=home[1]))
        opened = open_store(home[0])
        with opened.reading() as session:
            actor = accounts.actor_named(session, "operator", today=NOW.date())
        barrier.wait()
        told[k] = store_import.import_files(
            opened, "warden-log", [*shared, own[k]], keys=keys, actor=actor, now=NOW
        )
        opened.close()

    opened = open_store(home[0])
    with opened.transaction() as session:
        accounts.first_actor(session, now=NOW)
    barrier = threading.Barrier(2)
    threads = [threading.Thread(target=send, args=(k,)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held(opened)) == 802
    assert sum(result.counts["new"] for result in told.values()) == 802
    assert sum(result.counts["unchanged"] for result in told.values()) == 800
    with opened.reading() as session:
        assert audit.verify(session) is None
    opened.close()
