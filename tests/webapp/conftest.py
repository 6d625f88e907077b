"""A small invented borough in a real store, and the site in front of it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mapping import access, schema
from mapping.access import Audience, Role
from mapping.intake.layout import load
from mapping.periods import month_period
from mapping.settings import Settings
from mapping.store import accounts, agencies, agreements, boundaries, imports, incidents, layouts, runs
from mapping.store.engine import Store, open_store
from mapping.store.imports import Delivery
from webapp import create_app

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"
STREET = "Marton Road"
CASES = "Cases of <b>housing</b>"
SCRIPT = "<script>alert('ward')</script> ${alert(1)} Lane"


@dataclass
class Town:
    """What the tests know of the invented store."""

    settings: Settings
    store: Store
    run_id: int = 0
    import_id: int = 0
    proposal_ids: list[int] = field(default_factory=list)
    hotspot_id: str = "H1"
    ward: str = "E05000001"


def _wards() -> gpd.GeoDataFrame:
    boxes = [shapely.box(450_000 + 1000 * k, 520_000, 451_000 + 1000 * k, 521_000) for k in range(2)]
    return gpd.GeoDataFrame(
        {"ward_gss_code": ["E05000001", "E05000002"], "ward_name": ["Beechwood", "St Germain's"]},
        geometry=boxes,
        crs="EPSG:27700",
    )


def _reports() -> pd.DataFrame:
    """Twelve reports at one corner in January and February 2026, and one with a script in its street."""
    rows = []
    for number in range(13):
        is_odd_one = number == 12
        at = pd.Timestamp(2026, 1 + number % 2, 9, 19, 30, tz="UTC") + pd.Timedelta(days=7 * (number // 4))
        rows.append(
            {
                "row": number + 1,
                "source": "warden-log",
                "source_agency": "Wardens",
                "reference": f"W{number:03d}",
                "report_key": f"warden-log:W{number:03d}",
                "category": "ASB nuisance",
                "stated_category": "ASB nuisance",
                "occurred_from": at,
                "occurred_to": at,
                "time_precision": "minute",
                "reported_at": pd.NaT,
                "place_text": SCRIPT if is_odd_one else STREET,
                "postcode": "",
                "stated_area": "",
                "easting_m": 450_450.0 if is_odd_one else 450_250.0,
                "northing_m": 520_250.0,
                "error_m": 25.0,
                "match_level": "coordinates",
                "description": "canary-free-text-of-a-warden",
                "outcome": "",
                "handling_code": "P",
                "conditions": "",
                "restricted_to": "",
                "source_grade": "",
                "assessment_grade": "",
                "complainant_hash": "",
                "extracted_on": pd.NaT,
                "ward_gss_code": "E05000001",
                "placement": "in ward",
            }
        )
    frame = pd.DataFrame(rows)
    for column in ("occurred_from", "occurred_to", "reported_at", "extracted_on"):
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    return frame


def _hotspots() -> gpd.GeoDataFrame:
    shared = {
        "ward_gss_code": "E05000001",
        "ward_name": "Beechwood",
        "p_value": 0.0004,
        "p_value_fdr": 0.002,
        "harm_score": float("nan"),
        "top_categories": "ASB nuisance 12",
        "sources": "warden-log 12",
        "area_m2": 20_000.0,
        "radius_m": 80.0,
        "northing_m": 520_250.0,
        "forecast_count": 5.5,
        "monthly_counts": "6 6",
        **dict.fromkeys(
            ("harm_rank", "weighted_share", "clumpiness", "low_count", "high_count"), float("nan")
        ),
        **dict.fromkeys(("before", "seen_since_on", "last_seen_on", "source_mix", "excess_kind"), ""),
        "identity": "first seen",
        "change": "steady",
        "capped_count": 0,
    }
    rows = [
        {
            **shared,
            "hotspot_id": "H1",
            "rank": 1,
            "other_wards": "St Germain's",
            "incident_count": 12,
            "expected_count": 5.0,
            "rate_ratio": 2.4,
            "trend": "persistent",
            "change": "rising",
            "peak_hours": "Fri 18:00-21:00",
            "cautions": "One caller made most of these reports. | All at one point.",
            "place_name": STREET,
            "easting_m": 450_250.0,
            "recorded_at_place": False,
        },
        {
            **shared,
            "hotspot_id": "H2",
            "rank": 2,
            "other_wards": "",
            "incident_count": 4,
            "expected_count": float("nan"),
            "rate_ratio": float("nan"),
            "trend": "too short",
            "change": "too short",
            "peak_hours": "",
            "cautions": "",
            "place_name": SCRIPT,
            "easting_m": 450_450.0,
            "recorded_at_place": True,
        },
    ]
    shapes = [shapely.Point(450_250, 520_250).buffer(80), shapely.Point(450_450, 520_250).buffer(60)]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:27700")[list(schema.HOTSPOTS)]


def _cells() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cell_id": ["E450200N520200", "E450400N520200"],
            "easting_m": [450_250.0, 450_450.0],
            "northing_m": [520_250.0, 520_250.0],
            "ward_gss_code": "E05000001",
            "incident_count": [12, 1],
            "score": [5.0, 0.4],
            "expected_count": [1.0, 1.0],
            "p_value": [0.0004, 0.6],
            "p_value_fdr": [0.002, 0.8],
            "is_hot": [True, False],
            "trend": "",
            "gi_star_z": float("nan"),
        }
    )


def _proposals() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "proposal_id": ["P-H1", "P-H2"],
            "hotspot_id": ["H1", "H2"],
            "rank": [1, 2],
            "ward_rank": [1, 2],
            "ward_gss_code": "E05000001",
            "ward_name": "Beechwood",
            "place_name": [STREET, SCRIPT],
            "response": ["joint patrol", "check the place"],
            "headline": [f"Joint patrol: {STREET}, Beechwood", f"Check what was recorded: {SCRIPT}"],
            "reasons": ["12 reports, 5 expected. | Rising.", "4 reports."],
            "cautions": ["All at one point.", ""],
            "easting_m": [450_250.0, 450_450.0],
            "northing_m": 520_250.0,
        }
    )


def _evidence() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "method": ["count", "mixed"],
            "area_share": 0.01,
            "cells": 2,
            "events": 100.0,
            "hits": [37.0, 39.0],
            "hit_rate": [0.37, 0.39],
            "pai": [37.0, 39.0],
            "pei": [0.7, 0.75],
        }
    )


def fill(store: Store) -> dict[str, int]:
    """Put agencies, accounts of all seven roles, an import and a run into a store."""
    today = access.local_day(NOW)
    with store.transaction() as session:
        operator = accounts.first_actor(session, now=NOW)
        home = operator.agency_id
        other = agencies.create(session, name="Elsewhere Council", actor=operator, now=NOW).agency_id
        agencies.create(session, name="Wardens", actor=operator, now=NOW)
        agreements.create(
            session,
            name="Joint tasking",
            signatories=[home, "wardens"],
            starts_on=today,
            review_on=today + dt.timedelta(days=3650),
            actor=operator,
            now=NOW,
        )
        agreements.create(
            session,
            name="Elsewhere alone",
            signatories=[other],
            starts_on=today,
            review_on=today + dt.timedelta(days=3650),
            actor=operator,
            now=NOW,
        )
        for role in Role:
            accounts.create(
                session,
                name=role.value,
                role=role,
                agency_id=home,
                password=PASSWORD,
                actor=operator,
                now=NOW,
            )
        accounts.create(
            session,
            name="stranger",
            role=Role.ANALYST,
            agency_id=other,
            password=PASSWORD,
            actor=operator,
            now=NOW,
        )
        analyst = accounts.actor_named(session, "analyst", today=today)
        edition_id = boundaries.add_edition(
            session,
            _wards(),
            name="May 2025",
            source="invented",
            licence="Invented, no licence needed",
            sha256="0" * 64,
            actor=analyst,
            now=NOW,
        )
        issues = pd.DataFrame(
            {
                "file": "log.csv",
                "row": [14, 15],
                "field": ["occurred_at", "category"],
                "reason": ["31/02/2026 is no date", SCRIPT],
                "severity": ["rejected", "flagged"],
            }
        )
        issues.loc[1, "reason"] = '=HYPERLINK("http://evil.example")'
        result = imports.store_import(
            session,
            Delivery(
                reports=_reports(),
                issues=issues,
                rows_in=14,
                layout="warden-log",
                source_name="warden-log",
                files=[{"name": "log.csv", "sha256": "a" * 64, "rows_in": 14, "accepted": 13, "rejected": 1}],
                boundary_edition="May 2025",
            ),
            actor=analyst,
            now=NOW,
        )
        layouts.save(
            session, replace(load("timed-points"), name="cases", title=CASES), actor=analyst, now=NOW
        )
    audience = Audience(frozenset({home, "wardens"}), access.COMMUNITY_SAFETY)
    period = month_period("2026-01", "2026-02")
    with store.reading() as session:
        held = incidents.load(session, audience, period, today=today)
    with store.transaction() as session:
        run_id = runs.record(
            session,
            audience=audience,
            period=period,
            horizon=month_period("2026-03"),
            settings={"cell_size_m": 100.0, "method": "auto", "categories": [], "top_per_ward": 3},
            method="mixed (own count 0.80, 250 m kernel 0.20)",
            choice="Mixed held more than counting in the months held back.",
            edition_id=edition_id,
            seed=0,
            versions={"numpy": "2.3"},
            counts={
                "incidents": 13,
                "unlocated": 0,
                "outside": 0,
                "in_wards": 13,
                "ward_only": 0,
                "edge": 0,
            },
            seconds={"scoring": 0.1},
            evidence=_evidence(),
            cells=_cells(),
            hotspots=_hotspots(),
            members=pd.DataFrame(
                {"hotspot_id": "H1", "incident_id": held.loc[held["place_text"] == STREET, "incident_id"]}
            ),
            proposals=_proposals(),
            data_to=NOW,
            actor=analyst,
            now=NOW,
        )
    return {"run_id": run_id, "import_id": result.import_id or 0}


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """Fill one store, once; tests get copies, since hashing passwords takes time."""
    path = tmp_path_factory.mktemp("store") / "hotspots.db"
    store = open_store(f"sqlite:///{path}", upgrade=True)
    numbers = fill(store)
    store.close()
    return path, numbers


@pytest.fixture
def town(tmp_path: Path, filled: tuple[Path, dict[str, int]]) -> Town:
    """Return a fresh copy of the invented store."""
    source, numbers = filled
    path = tmp_path / "instance" / "hotspots.db"
    path.parent.mkdir(mode=0o700)
    path.write_bytes(source.read_bytes())
    settings = Settings(
        database_url=f"sqlite:///{path}", instance_dir=path.parent, secret_key="k" * 40, max_upload_mb=1
    )
    store = open_store(settings.database_url)
    return Town(settings, store, **numbers, proposal_ids=[1, 2])


@pytest.fixture
def app(town: Town) -> Flask:
    """Return the site; background work runs at once, in the request."""
    app = create_app(town.settings)
    app.extensions["ward-hotspots"].jobs.huey.immediate = True
    return app


def token_of(page: str) -> str:
    """Read the form token out of a page."""
    return page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]


class Browser:
    """A browser that fills in forms as a person would: with the token of the page they are on."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        """Send the sign-in form."""
        return self.send("/sign-in", "/sign-in", {"name": name, "password": password})

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path)

    def send(self, page: str, path: str, fields: dict[str, Any]) -> TestResponse:
        """Open `page`, then send its form to `path`."""
        return self.client.post(path, data={**fields, "csrf_token": token_of(self.client.get(page).text)})


@pytest.fixture
def visitor(app: Flask) -> Browser:
    """Return a browser in which nobody is signed in."""
    return Browser(app.test_client())


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Browser]:
    """Return a way to open a browser in which an account is signed in."""

    def as_account(name: str) -> Browser:
        fresh = Browser(app.test_client())
        assert fresh.sign_in(name).status_code == 302
        return fresh

    return as_account
