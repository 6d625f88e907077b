"""A fresh database for each test, on SQLite and on PostgreSQL, and an invented partnership to fill it."""

import contextlib
import datetime as dt
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
import shapely

from mapping import schema
from mapping.access import COMMUNITY_SAFETY, Actor, Audience, Role
from mapping.periods import month_period
from mapping.store import accounts, agencies, agreements, boundaries, engine, imports, runs
from mapping.store.engine import Store
from mapping.store.imports import Delivery

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Give the address of a server in which databases may be made and dropped, without a database name.

    WARD_HOTSPOTS_TEST_POSTGRESQL names one; else a throw-away server is started, seen by this machine only.
    """
    named = os.environ.get("WARD_HOTSPOTS_TEST_POSTGRESQL", "")
    if named:
        yield named.rsplit("/", 1)[0]
        return
    initdb = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None)
    found = str(initdb) if initdb else shutil.which("initdb")
    if found is None:
        pytest.skip("no PostgreSQL here: install Debian's `postgresql` or set WARD_HOTSPOTS_TEST_POSTGRESQL")
    yield from _throw_away_server(Path(found).parent)


def _throw_away_server(programs: Path) -> Iterator[str]:
    as_owner: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="hotspots-postgresql-"))
    if os.geteuid() == 0:  # the server refuses to run as root
        if (
            shutil.which("runuser") is None
            or subprocess.run(["id", "postgres"], capture_output=True).returncode
        ):
            pytest.skip("PostgreSQL will not run as root, and there is no user `postgres` to run it")
        as_owner = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres", "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    run = {"check": True, "capture_output": True, "cwd": "/"}
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    try:
        subprocess.run(
            [*as_owner, programs / "initdb", "-D", data, "-A", "trust", "-U", "tester", "-E", "UTF8"], **run
        )
        # Its output goes to a file: a pipe would stay open with the server and never end.
        subprocess.run(
            [*as_owner, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"],
            **run | {"capture_output": False, "stdout": subprocess.DEVNULL},
        )
    except subprocess.CalledProcessError as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL is installed but would not start ({error.returncode})")
    try:
        yield f"postgresql://tester@127.0.0.1:{port}"
    finally:
        subprocess.run([*as_owner, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)
        shutil.rmtree(folder, ignore_errors=True)


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a SQLite file with every table, to be copied: quicker than migrating for each test."""
    path = tmp_path_factory.mktemp("template") / "hotspots.db"
    engine.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> Iterator[str]:
    """Make a PostgreSQL database with every table, to be copied."""
    with _new_database(postgresql_server) as name:
        engine.upgrade(f"{postgresql_server}/{name}")
        yield name


@contextlib.contextmanager
def _new_database(server: str, template: str = "template0") -> Iterator[str]:
    name = f"hotspots_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield name
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty' / 'hotspots.db'}"
        return
    server = request.getfixturevalue("postgresql_server")
    with _new_database(server) as name:
        yield f"{server}/{name}"


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database of this version with nothing in it."""
    if request.param == "sqlite":
        path = tmp_path / "hotspots.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgresql_server")
    with _new_database(server, request.getfixturevalue("postgresql_template")) as name:
        yield f"{server}/{name}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Give an open store with nothing in it."""
    opened = engine.open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def operator(store: Store) -> Actor:
    """Make the first account of a fresh store."""
    with store.transaction() as session:
        return accounts.first_actor(session, now=NOW)


class Partnership:
    """Police, council, fire and housing in Exampleshire; all but housing have signed one agreement."""

    def __init__(self, store: Store, operator: Actor) -> None:
        self.store, self.operator = store, operator
        with store.transaction() as session:
            for agency in ("Police", "Council", "Fire", "Housing"):
                agencies.create(session, name=agency, actor=operator, now=NOW)
            self.agreement = agreements.create(
                session,
                name="Exampleshire information sharing agreement",
                signatories=["police", "council", "fire"],
                starts_on=dt.date(2025, 1, 1),
                review_on=dt.date(2027, 1, 1),
                actor=operator,
                now=NOW,
            )

    def actor(self, role: Role | str, agency_id: str = "police", name: str = "") -> Actor:
        """Make an account without a password (hashing is slow) and return it as it acts."""
        with self.store.transaction() as session:
            row = accounts._add(
                session,
                name=name or f"{agency_id} {role}",
                role=Role(role),
                agency_id=agency_id,
                password_hash=None,
                now=NOW,
            )
            return accounts.actor_for(session, row.account_id, today=TODAY)

    def again(self, actor: Actor, *, today: dt.date = TODAY) -> Actor:
        """Return an actor as it stands on another day or after a change."""
        with self.store.reading() as session:
            return accounts.actor_for(session, actor.account_id, today=today)


@pytest.fixture
def partnership(store: Store, operator: Actor) -> Partnership:
    """Give an invented partnership."""
    return Partnership(store, operator)


def make_reports(*rows: dict[str, object]) -> pd.DataFrame:
    """Return `schema.REPORTS` rows: warden reports of the council, varied by `rows`."""
    usual: dict[str, object] = dict.fromkeys(schema.REPORTS, "")
    usual |= {
        "source": "warden-log",
        "source_agency": "council",
        "category": "Noise",
        "occurred_from": pd.Timestamp("2026-02-10 21:15", tz="UTC"),
        "occurred_to": pd.Timestamp("2026-02-10 21:15", tz="UTC"),
        "reported_at": pd.NaT,
        "time_precision": "minute",
        "easting_m": 400_500.25,
        "northing_m": 300_500.5,
        "error_m": 10.0,
        "match_level": "coordinates",
        "handling_code": "P",
        "extracted_on": pd.NaT,
        "ward_gss_code": "E05999001",
        "placement": "in ward",
    }
    table = []
    for number, row in enumerate(rows, start=1):
        reference = str(row.get("reference", f"W{number}"))
        named = {"row": number, "reference": reference, "report_key": f"warden-log|{reference}"}
        table.append(usual | named | row)
    frame = pd.DataFrame(table, columns=list(usual))
    moments = ["occurred_from", "occurred_to", "reported_at", "extracted_on"]
    for column in moments:
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    numbers = ["easting_m", "northing_m", "error_m"]
    return frame.astype(dict.fromkeys(numbers, "float64") | {"row": "int64"})


def make_delivery(reports: pd.DataFrame, *, rejected: int = 0, **changes: object) -> Delivery:
    """Return a delivery of one file whose last `rejected` rows were refused."""
    rows = [len(reports) + number for number in range(1, rejected + 1)]
    issues = pd.DataFrame(
        {
            "file": ["wardens.csv"] * rejected,
            "row": rows,
            "field": ["occurred_at"] * rejected,
            "reason": ["This is not a date."] * rejected,
            "severity": ["rejected"] * rejected,
        }
    ).astype({"row": "int64"})
    rows_in = len(reports) + rejected
    told = {"name": "wardens.csv", "sha256": "ab" * 32, "rows_in": rows_in}
    facts: dict[str, object] = {
        "reports": reports,
        "issues": issues,
        "rows_in": rows_in,
        "layout": "warden-log",
        "source_name": "warden-log",
        "files": [told | {"accepted": len(reports), "rejected": rejected}],
    }
    return Delivery(**facts | changes)  # type: ignore[arg-type]


@pytest.fixture
def reports() -> Callable[..., pd.DataFrame]:
    """Give `make_reports`."""
    return make_reports


@pytest.fixture
def delivery() -> Callable[..., Delivery]:
    """Give `make_delivery`."""
    return make_delivery


@pytest.fixture
def two_wards() -> gpd.GeoDataFrame:
    """West and East, 1 km squares that share the edge at easting 401 000."""
    frame = gpd.GeoDataFrame(
        {"ward_gss_code": ["E05999001", "E05999002"], "ward_name": ["West", "East"]},
        geometry=[
            shapely.box(400_000, 300_000, 401_000, 301_000),
            shapely.box(401_000, 300_000, 402_000, 301_000),
        ],
        crs="EPSG:27700",
    )
    frame.attrs.update({"edition": "", "messages": []})
    return frame


class Analysed:
    """Two hotspots found in an invented run: one in West that reaches into East, one in East."""

    def __init__(self, partnership: Partnership, two_wards: gpd.GeoDataFrame) -> None:
        self.partnership, self.store = partnership, partnership.store
        self.analyst = partnership.actor(Role.ANALYST, "council")
        with self.store.transaction() as session:
            self.edition_id = boundaries.add_edition(
                session,
                two_wards,
                name="May 2025",
                source="ONS",
                licence="OGL v3",
                sha256="ab" * 32,
                actor=self.analyst,
                now=NOW,
            )
            rows: list[dict[str, object]] = [{"reference": f"W{number}"} for number in range(1, 5)]
            imports.store_import(session, make_delivery(make_reports(*rows)), actor=self.analyst, now=NOW)

    def facts(self, **changes: object) -> dict[str, object]:
        """Return what `runs.record` takes, varied by `changes`."""
        return {
            "audience": Audience(frozenset({"police", "council"}), COMMUNITY_SAFETY),
            "period": month_period("2026-01", "2026-02"),
            "horizon": month_period("2026-03"),
            "settings": {"cell_size_m": 100, "categories": ()},
            "method": "count",
            "choice": "Counting foretold best.",
            "edition_id": self.edition_id,
            "seed": 0,
            "versions": {"numpy": "2"},
            "counts": {"incidents": 4},
            "seconds": {"total": 0.5},
            "evidence": pd.DataFrame({"method": ["count", "kernel"], "pai": [5.0, float("nan")]}),
            "cells": make_cells(),
            "hotspots": make_hotspots(),
            "members": pd.DataFrame({"hotspot_id": ["H1", "H1", "H2"], "incident_id": [1, 2, 3]}),
            "proposals": make_proposals(),
            "actor": self.analyst,
            "now": NOW,
        } | changes

    def record(self, **changes: object) -> int:
        """Record a run."""
        with self.store.transaction() as session:
            return runs.record(session, **self.facts(**changes))  # type: ignore[arg-type]


def make_cells() -> pd.DataFrame:
    """Return three cells: one with incidents, one hot without any, one with nothing."""
    return pd.DataFrame(
        {
            "cell_id": ["E400500N300500", "E401500N300500", "E400000N300000"],
            "easting_m": [400_550.0, 401_550.0, 400_050.0],
            "northing_m": [300_550.0, 300_550.0, 300_050.0],
            "ward_gss_code": ["E05999001", "E05999002", "E05999001"],
            "incident_count": [3, 0, 0],
            "score": [1 / 3, 0.25, 0.0],
            "expected_count": [0.7, 0.1, float("nan")],
            "p_value": [0.001, 0.5, 1.0],
            "p_value_fdr": [0.01, 0.5, float("nan")],
            "is_hot": [True, True, False],
            "trend": ["new", "", ""],
            "gi_star_z": [3.1, float("nan"), -0.2],
        }
    )


def make_hotspots() -> gpd.GeoDataFrame:
    """Return two hotspots, the second in rank first."""
    usual: dict[str, object] = dict.fromkeys(schema.HOTSPOTS, "") | {
        "incident_count": 2,
        "recorded_at_place": False,
        "easting_m": 400_990.0,
        "northing_m": 300_500.0,
    }
    for name in ("expected_count", "rate_ratio", "p_value", "p_value_fdr", "area_m2", "radius_m"):
        usual[name] = 0.1
    for name in ("harm_score", "harm_rank", "weighted_share"):
        usual[name] = float("nan")
    usual |= {"forecast_count": 1.5, "low_count": 0.0, "high_count": 4.0, "clumpiness": 0.5}
    usual |= {"capped_count": 3, "identity": "continued", "before": "H1", "seen_since_on": "2025-12-01"}
    east = usual | {"hotspot_id": "H2", "rank": 2, "ward_gss_code": "E05999002", "ward_name": "East"}
    edge = usual | {
        "hotspot_id": "H1",
        "rank": 1,
        "ward_gss_code": "E05999001",
        "ward_name": "West",
        "other_wards": "East",
    }
    shapes = [shapely.box(401_500, 300_500, 401_600, 300_600), shapely.Point(400_990, 300_500).buffer(50.3)]
    return gpd.GeoDataFrame([east, edge], geometry=shapes, crs="EPSG:27700")[list(schema.HOTSPOTS)]


def make_proposals() -> pd.DataFrame:
    """Return a proposal for each hotspot."""
    usual: dict[str, object] = dict.fromkeys(schema.PROPOSALS, "") | {
        "ward_rank": 1,
        "easting_m": 400_990.0,
        "northing_m": 300_500.0,
    }
    one = {
        "proposal_id": "P1",
        "hotspot_id": "H1",
        "rank": 1,
        "ward_gss_code": "E05999001",
        "ward_name": "West",
    }
    two = {
        "proposal_id": "P2",
        "hotspot_id": "H2",
        "rank": 2,
        "ward_gss_code": "E05999002",
        "ward_name": "East",
    }
    return pd.DataFrame([usual | two, usual | one], columns=list(schema.PROPOSALS))


@pytest.fixture
def analysed(partnership: Partnership, two_wards: gpd.GeoDataFrame) -> Analysed:
    """Give an invented analysis, ready to be recorded."""
    return Analysed(partnership, two_wards)
