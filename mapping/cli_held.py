"""What the store holds, for commands that take files or the store."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mapping.cli_store import moment, opened

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from mapping.periods import Period
    from mapping.pipeline import Stopwatch


def from_store(
    edition_name: str, period: "Period | None", *, action: str, details: Mapping[str, Any], watch: "Stopwatch"
) -> "tuple[pd.DataFrame, GeoDataFrame]":
    """Read what everyone the account's agency shares with may see, less places left out, and note it.

    Parameters
    ----------
    edition_name : str
        Of wards; those in force where empty.
    period : Period, optional
        All that is held where not given.
    action : str
        What the log says was done.
    details : mapping
        What else it says.
    watch : Stopwatch
    """
    from mapping.access import Action, Kind, local_day, require
    from mapping.errors import TooLittleDataError
    from mapping.places.set_apart import is_left_out, place_of
    from mapping.store import agreements, audit, excluded_places
    from mapping.store_run import load_placed

    now = moment()
    today = local_day(now)
    with opened() as (store, actor), watch.stage("load", 0.0):
        require(actor, Action.CREATE, Kind.RUN, today=today)
        audience = agreements.audience_for(actor, today=today)
        with store.transaction() as session:
            edition, wards, found = load_placed(
                session, audience, period=period, today=today, edition_name=edition_name,
                needs="an edition of wards is needed",
            )  # fmt: skip
            places = excluded_places.in_force(session)
            told = {
                **details, "edition_id": edition.edition_id, "incidents": len(found),
                "agencies": sorted(audience.agencies),
            }  # fmt: skip
            audit.append(session, actor=actor, action=action, kind=Kind.RUN, details=told, now=now)
    if found.empty:
        raise TooLittleDataError(
            "There is nothing to analyse: no incident that every agency of this audience may see. "
            "Import a file first, or take another period."
        )
    return found[~is_left_out(place_of(found, places), places)], wards
