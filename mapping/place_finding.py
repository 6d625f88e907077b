"""Words into points at the door of the store: what a record says of its place, looked up offline.

A point that the source gave is its word, and is only checked. What was found is told apart from it
(`place_status`), carries how sure it is and its error radius, and is found anew when more is known.
"""

import datetime as dt
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.access import Actor, local_day
from mapping.intake import row_issues
from mapping.places.gazetteer import Gazetteer
from mapping.places.geocoder import Geocoder, LocalName
from mapping.places.wards import place
from mapping.store import boundaries, finding, local_names, locks
from mapping.store.engine import Store
from mapping.store.place_answers import decided_point
from mapping.store.shelves import SHELVES, Shelf

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from sqlalchemy.orm import Session

WARD_LEVEL: Final = "ward"
COARSE: Final = ("sector", "district")
SNAPPED: Final = "snap point"  # its words name the map point, so they cannot disagree with it

_SAID_IN: Final = {"place_text": "place", "postcode": "postcode"}
_WORDS: Final = ["place_text", "postcode", "stated_area"]
_POINT: Final = ("easting_m", "northing_m", "error_m")


@dataclass(frozen=True)
class _Kept:
    """The geocoder that was opened last, and what it was opened from."""

    file: tuple[object, ...]
    names: tuple[LocalName, ...]
    gazetteer: Gazetteer
    geocoder: Geocoder


_kept: list[_Kept] = []
_opening = threading.Lock()


def opened(path: Path, session: "Session") -> Geocoder | None:
    """Return the geocoder of a gazetteer file and the local names held; None where no file was built.

    The one opened last is kept until the file or the names change.
    """
    try:
        state = path.stat()
    except OSError:
        return None
    file = (str(path.resolve()), state.st_mtime_ns, state.st_size)
    names = tuple(local_names.for_geocoder(session))
    with _opening:  # two readers at once would each load it
        known = _kept[0] if _kept and _kept[0].file == file else None
        if known is None or known.names != names:
            gazetteer = known.gazetteer if known else Gazetteer.open(path)
            _kept[:] = [_Kept(file, names, gazetteer, Geocoder(gazetteer, names))]
        return _kept[0].geocoder


def look_up(geocoder: Geocoder | None, records: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of the records with points for those that have words and no point.

    Parameters
    ----------
    geocoder : Geocoder, optional
        Without one, words stay words.
    records : DataFrame, n rows, EPSG:27700
        With `place_text`, `postcode`, `stated_area`, the columns of a point and `match_level`.

    Returns
    -------
    DataFrame
        With `schema.FOUND`, and `ward_gss_code` where no more than the ward was found. Where nothing
        was matched there is no point; nothing is guessed.
    """
    located = (records["easting_m"].notna() & records["northing_m"].notna()).to_numpy()
    says = ((records["place_text"] != "") | (records["postcode"] != "")).to_numpy()
    columns = {name: records[name].to_numpy(dtype=np.float64, copy=True) for name in _POINT}
    level = records["match_level"].to_numpy(dtype=object, copy=True)
    status = np.where(located, "given", "").astype(object)
    score = np.full(len(records), np.nan)
    ward = np.full(len(records), "", dtype=object)
    wanted = np.flatnonzero(~located & says)
    if geocoder is not None and len(wanted):
        found = _ask(geocoder, records.iloc[wanted])
        matched = (found["status"] == "matched").to_numpy()
        for name in _POINT:
            columns[name][wanted] = np.where(matched, found[name].to_numpy(dtype=np.float64), np.nan)
        level[wanted] = np.where(matched, found["level"], "")
        status[wanted], score[wanted] = found["status"], found["score"]
        ward[wanted] = np.where(matched & (found["level"] == WARD_LEVEL), found["ward_gss_code"], "")
    texts = {"match_level": level, "place_status": status, "ward_gss_code": ward}
    return records.assign(
        **columns, place_score=score, **{name: pd.array(text, dtype="str") for name, text in texts.items()}
    )


def _ask(geocoder: Geocoder, records: pd.DataFrame) -> pd.DataFrame:
    """Ask for each different set of words once, and give every record its answer."""
    words = records[_WORDS]
    number = words.groupby(_WORDS, sort=False).ngroup().to_numpy()
    distinct = words.drop_duplicates().reset_index(drop=True)
    text = distinct["place_text"].where(distinct["place_text"] != "", distinct["postcode"])
    asked = pd.DataFrame(
        {"query": text, "postcode": distinct["postcode"], "ward_gss_code": distinct["stated_area"]}
    )
    return geocoder.answer(asked).iloc[number].reset_index(drop=True)


def place_found(
    records: pd.DataFrame, wards: "GeoDataFrame", successors: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Give records that were looked up their ward.

    One of which only the ward was found stays in its totals. Where no more than a postcode sector or
    district was found, a ward that the source states is surer than the middle of the sector. A ward of
    another edition is read as that of this one in which it lies (`successors`), where there is one.
    """
    stated = records["stated_area"].replace(dict(successors or {}))
    placed = place(records.assign(stated_area=stated), wards).assign(stated_area=records["stated_area"])
    matched = placed["place_status"] == "matched"
    only_ward = matched & (records["match_level"] == WARD_LEVEL)
    ward = records["ward_gss_code"].where(only_ward, "").replace(dict(successors or {}))
    ward = ward.mask(matched & records["match_level"].isin(COARSE), stated)
    is_known = ward.isin(wards["ward_gss_code"])
    return placed.assign(
        ward_gss_code=placed["ward_gss_code"].mask(is_known, ward),
        placement=placed["placement"].mask(is_known, "in ward"),
    )


def as_decided(session: "Session", shelf: Shelf, records: pd.DataFrame) -> pd.DataFrame:
    """Give delivered records the place that a person said for them, where their words are the same still."""
    said = decided_point(session, shelf, records)
    is_decided = said["place_status"] != ""
    if not is_decided.any():
        return records
    columns = {name: records[name].mask(is_decided, said[name]) for name in said.columns}
    return records.assign(**columns, place_score=records["place_score"].mask(is_decided, np.nan))


def disagreements(geocoder: Geocoder | None, records: pd.DataFrame, *, file: str) -> pd.DataFrame:
    """Flag points that lie far from where their own postcode or words say.

    Returns
    -------
    DataFrame (`schema.ROW_ISSUES`)
        Each with the distance; the row keeps the point that its source gave.
    """
    stated = records[(records["place_status"] == "given") & (records["match_level"] != SNAPPED)]
    stated = stated[(stated["place_text"] != "") | (stated["postcode"] != "")]
    if geocoder is None or stated.empty:
        return row_issues.merged([])
    rows = stated["row"].to_numpy()
    found = [
        row_issues.one(
            file, int(rows[n]), _SAID_IN[column], f"{said[n]}, which was taken", row_issues.FLAGGED
        )
        for column, said in geocoder.check(stated).items()
        for n in np.flatnonzero(said != "")
    ]
    return row_issues.from_records(found)


def tally(records: pd.DataFrame) -> dict[str, int]:
    """Count what looking up came to: matched, ambiguous, unmatched."""
    counts = records["place_status"].value_counts()
    return {name: int(counts.get(name, 0)) for name in ("matched", "ambiguous", "unmatched")}


def look_again(store: Store, geocoder: Geocoder, *, actor: Actor, now: dt.datetime) -> dict[str, int]:
    """Look up every record anew whose place only words say: after the gazetteer or the names changed.

    What a source or a person said stays.

    Returns
    -------
    dict
        How many records changed, by kind.
    """
    changed = {}
    with store.transaction() as session:
        locks.hold_records(session)
        on = local_day(now)
        wards = boundaries.current(session, on=on)[1] if boundaries.editions(session, on=on) else None
        for shelf in SHELVES.values():
            before = finding.to_find(session, shelf)
            after = look_up(geocoder, _without_point(before))
            after = _unplaced(after) if wards is None else place_found(after, wards)
            changed[shelf.kind] = finding.set_found(session, shelf, before, after, now=now)
        finding.note_look(session, changed=changed, actor=actor, now=now)
    return changed


def _without_point(records: pd.DataFrame) -> pd.DataFrame:
    return records.assign(**dict.fromkeys(_POINT, np.nan), match_level="")


def _unplaced(records: pd.DataFrame) -> pd.DataFrame:
    located: npt.NDArray[np.bool_] = records["easting_m"].notna().to_numpy()
    return records.assign(ward_gss_code="", placement=np.where(located, "outside", "unlocated"))
