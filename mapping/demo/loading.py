"""Load the invented borough into a store, with an account for every role.

For trying the product on one machine: the accounts' passwords are made here and shown once.
"""

import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mapping import demo, store_import, store_run
from mapping.access import Actor, Role, local_day
from mapping.errors import NotFoundError
from mapping.kept_keys import IntakeKeys
from mapping.pipeline import Progress, Settings
from mapping.places.gazetteer_build import Sources, build
from mapping.store import accounts, agencies, agreements, boundaries, passwords
from mapping.store.accounts import WardTerm
from mapping.store.engine import Store

if TYPE_CHECKING:
    from mapping.demo.files import DemoPaths

EDITION: Final = "Newmouth wards, May 2025 (invented)"
LICENCE: Final = "Invented for Ward Hotspots; no rights reserved (CC0)."

# account: (role, agency, post)
PEOPLE: Final = {
    "analyst": (Role.ANALYST, "council", "partnership analyst"),
    "chair": (Role.CHAIR, "council", "chair of the joint tasking group"),
    "officer": (Role.OFFICER, "police", "neighbourhood sergeant"),
    "councillor": (Role.COUNCILLOR, "council", "ward councillor"),
    "manager": (Role.MANAGER, "council", "partnership manager"),
    "administrator": (Role.ADMINISTRATOR, "council", "system administrator"),
    "auditor": (Role.AUDITOR, "council", "information governance"),
}


def load(
    store: Store,
    *,
    keys: IntakeKeys,
    gazetteer: Path,
    actor: Actor,
    now: dt.datetime,
    new_passwords: bool,
    progress: Progress,
) -> dict[str, Any]:
    """Build the borough and load it; where it is loaded already, say so and change nothing.

    Parameters
    ----------
    gazetteer : Path
        Where the borough's gazetteer is made.
    new_passwords : bool
        Where it is loaded already, give its accounts new passwords.

    Returns
    -------
    dict
        `message`, and `accounts` as name, role, post and password; empty when nothing was made.
    """
    if _is_loaded(store):
        return _again(store, actor=actor, now=now, new_passwords=new_passwords)
    with tempfile.TemporaryDirectory(prefix="newmouth-") as folder:
        progress(0.0, "Building Newmouth")
        paths = demo.build(demo.DEFAULT_SEED, Path(folder))
        shown = _set_up(store, json.loads(paths.agencies.read_text(encoding="utf-8")), actor=actor, now=now)
        layers = {
            path.stem: path.read_text(encoding="utf-8")
            for path in (paths.roads, paths.parks, paths.shops, paths.water)
        }
        progress(0.15, "Keeping the wards")
        store_run.add_boundaries(
            store, [paths.wards], name=EDITION, licence=LICENCE, base_layers=layers, actor=actor, now=now
        )
        progress(0.18, "Building the gazetteer")
        _build_gazetteer(store, paths, gazetteer, now=now)
        with store.reading() as session:
            analyst = accounts.actor_named(session, "analyst", today=local_day(now))
        for number, source in enumerate(paths.sources):
            progress(0.2 + 0.1 * number, "Importing the sources")
            store_import.import_files(
                store, "warden-log", [source], keys=keys, gazetteer=gazetteer, actor=analyst, now=now
            )
    progress(0.7, "Finding hotspots")
    store_run.refresh(store, settings=Settings(), actor=analyst, now=now)
    return {
        "message": "Newmouth is loaded. Sign in with one of these; they are not shown again:",
        "accounts": shown,
    }


def _build_gazetteer(store: Store, paths: "DemoPaths", file: Path, *, now: dt.datetime) -> None:
    """Build the borough's gazetteer, with the wards that were just added."""
    with store.reading() as session:
        edition, wards = boundaries.current(session)
    sources = Sources(
        code_point=(paths.code_point,), street_points=(paths.street_points,), places=(paths.places,)
    )
    build(file, sources, wards=wards, edition=edition.name, built_at=now.isoformat(timespec="seconds"))


def _is_loaded(store: Store) -> bool:
    with store.reading() as session:
        return any(edition.name == EDITION for edition in boundaries.editions(session))


def _set_up(
    store: Store, partners: dict[str, Any], *, actor: Actor, now: dt.datetime
) -> list[dict[str, str]]:
    """Add the agencies, their agreement and an account for every role."""
    today = local_day(now)
    with store.transaction() as session:
        for agency in partners["agencies"]:
            agencies.create(session, **agency, actor=actor, now=now)
        for agreement in partners["agreements"]:
            dates = {key: dt.date.fromisoformat(agreement[key]) for key in ("starts_on", "review_on")}
            agreements.create(session, **{**agreement, **dates}, actor=actor, now=now)
        shown = []
        for name, (role, agency_id, post) in PEOPLE.items():
            password = passwords.generate()
            terms = [WardTerm("E05999001", today, today + dt.timedelta(days=4 * 365))]
            accounts.create(
                session,
                name=name,
                role=role,
                agency_id=agency_id,
                password=password,
                wards=terms if role is Role.COUNCILLOR else (),
                actor=actor,
                now=now,
            )
            shown.append({"name": name, "role": str(role), "post": post, "password": password})
    return shown


def _again(store: Store, *, actor: Actor, now: dt.datetime, new_passwords: bool) -> dict[str, Any]:
    if not new_passwords:
        return {
            "message": "Newmouth is loaded already; `hotspots demo --new-passwords` shows ways to sign in.",
            "accounts": [],
        }
    shown = []
    with store.transaction() as session:
        held = {account.name: account for account in accounts.list_all(session)}
        for name, (role, _, post) in PEOPLE.items():
            if name not in held:
                raise NotFoundError(
                    "An account of the demo is gone; start with an empty database to load it anew."
                )
            password = passwords.generate()
            accounts.set_password(session, held[name].account_id, password=password, actor=actor, now=now)
            shown.append({"name": name, "role": str(role), "post": post, "password": password})
    return {"message": "New passwords, shown this once:", "accounts": shown}
