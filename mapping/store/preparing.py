"""Delivered records made ready: owners by agency id, handling as strict as it must be, a content hash.

What takes time and needs no lock; the store is read for its agencies alone.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from mapping import access, schema
from mapping.access import Actor
from mapping.store import agencies
from mapping.store.shelves import Shelf

SHARING: Final = ("handling_code", "conditions", "restricted_to")
_STRICTNESS: Final = ("open", "P", "C")
_OF_A_POINT: Final = ("easting_m", "northing_m", "error_m", "match_level")


def prepare(
    session: Session, records: pd.DataFrame, shelf: Shelf, *, actor: Actor
) -> tuple[pd.DataFrame, list[str]]:
    """Make delivered records ready: owners and restrictions by agency id, placed, with a content hash.

    Parameters
    ----------
    records : DataFrame, n rows
        The shelf's fields, with `schema.PLACED`'s ward columns where they were placed. Not changed.

    Returns
    -------
    (frame, messages)
        The shelf's columns and `content_hash`, n rows, and what had to be assumed.
    """
    messages: list[str] = []
    schema.require(records, list(shelf.fields), shelf.kind)
    frame = records[list(shelf.fields)].reset_index(drop=True)
    located = frame["easting_m"].notna() & frame["northing_m"].notna()
    unplaced = np.where(located, "outside", "unlocated")
    frame["ward_gss_code"] = records["ward_gss_code"].to_numpy() if "ward_gss_code" in records else ""
    frame["placement"] = records["placement"].to_numpy() if "placement" in records else unplaced
    given = np.where(located, "given", "")
    frame["place_status"] = records["place_status"].to_numpy() if "place_status" in records else given
    frame["place_score"] = records["place_score"].to_numpy() if "place_score" in records else np.nan
    frame["handling_code"] = _handling(frame)
    frame["restricted_to"] = _as_ids(session, frame["restricted_to"])
    _share_as_the_strictest(frame)
    frame["source_agency"] = _owners(session, frame, messages, actor=actor)
    frame["content_hash"] = _content_hashes(frame, shelf)
    return frame, messages


def _handling(frame: pd.DataFrame) -> list[str]:
    """Return open, P or C for every row, asking the rule once for each pair of code and conditions."""
    pairs = list(zip(frame["handling_code"].tolist(), frame["conditions"].tolist(), strict=True))
    codes = {pair: access.handling_of(*pair) for pair in set(pairs)}
    return [codes[pair] for pair in pairs]


def _share_as_the_strictest(frame: pd.DataFrame) -> None:
    """Let no row be shared more widely than another under its reference, whichever of them speaks."""
    keys = frame["report_key"]
    repeated = frame.loc[keys.duplicated(keep=False), ["report_key", *SHARING]].drop_duplicates()
    ways: dict[str, list[tuple[str, ...]]] = {}
    for key, *way in repeated.itertuples(index=False, name=None):
        ways.setdefault(key, []).append(tuple(way))
    # Mostly they agree: a file with a row for every person of a case repeats all else.
    strictest = {key: _strictest(said) for key, said in ways.items() if len(said) > 1}
    places = np.flatnonzero(keys.isin(strictest))
    if len(places):
        agreed = zip(*(strictest[key] for key in keys.iloc[places]), strict=True)
        for name, values in zip(SHARING, agreed, strict=True):
            frame.loc[places, name] = values


class Shared(Protocol):
    """What is known of a record that is held: its owner, and its handling, conditions and restriction."""

    @property
    def source_agency(self) -> str:
        """Agency that owns it."""

    @property
    def sharing(self) -> tuple[str, ...]:
        """Its values of `SHARING`."""


def no_wider_than_held(
    frame: pd.DataFrame, shelf: Shelf, held: Mapping[str, Shared], *, actor: Actor
) -> tuple[pd.DataFrame, int]:
    """Let no account share another agency's record more widely than that agency does.

    Returns
    -------
    (frame, count)
        The frame, with the stricter of what came and what is held where the account's agency is not
        the owner, and how many rows that made stricter.
    """
    came = zip(frame["report_key"].tolist(), *(frame[name].tolist() for name in SHARING), strict=True)
    stricter: dict[int, tuple[str, str, str]] = {}
    for place, (key, *way) in enumerate(came):
        record = held.get(key)
        if record is not None and record.source_agency != actor.agency_id and record.sharing != tuple(way):
            strictest = _strictest([record.sharing, tuple(way)])
            if strictest != tuple(way):
                stricter[place] = strictest
    if not stricter:
        return frame, 0
    changed, places = frame.copy(), list(stricter)
    for name, values in zip(SHARING, zip(*stricter.values(), strict=True), strict=True):
        changed.loc[places, name] = values
    changed.loc[places, "content_hash"] = _content_hashes(changed.iloc[places], shelf)
    return changed, len(places)


def _strictest(ways: Sequence[tuple[str, ...]]) -> tuple[str, str, str]:
    """Return the handling, conditions and restriction that bind where rows differ in them."""
    codes, conditions, restrictions = zip(*ways, strict=True)
    code = max((access.handling_of(each, "") for each in codes), key=_STRICTNESS.index)
    # By their parts, so that what was joined once is not joined again when the file comes again.
    parts = dict.fromkeys(part.strip() for text in conditions for part in text.split(";"))
    return code, "; ".join(filter(None, parts)), _shared_by_all(restrictions)


def _shared_by_all(restrictions: Sequence[str]) -> str:
    """Return a restriction that every one of these allows; where they have nobody in common, all of them."""
    named = [access.agencies_named(text) for text in restrictions if text.strip()]
    common = frozenset.intersection(*named) if named else frozenset()
    # Agencies in common, else what names nobody they know: it is still a restriction, and lets nobody in.
    return "|".join(sorted(common)) or ("nobody" if named else "")


def _owners(session: Session, frame: pd.DataFrame, messages: list[str], *, actor: Actor) -> pd.Series:
    """Name each owner by its agency id; what has none here and is not open is held by the importer's."""
    known = {owner: agencies.find(session, owner) for owner in frame["source_agency"].unique()}
    ids = frame["source_agency"].map(
        {owner: agency.agency_id if agency else "" for owner, agency in known.items()}
    )
    declared = frame["source_agency"].map({owner: agencies.slug(owner) for owner in known})
    is_open = frame["handling_code"] == "open"
    homeless = (ids == "") & ~is_open
    if homeless.any():
        messages.append(
            f"{int(homeless.sum())} rows name an owner that is no agency here; they are held for "
            f"{agencies.get(session, actor.agency_id).name}."
        )
    return ids.mask(ids == "", declared).mask(homeless, actor.agency_id)


def _as_ids(session: Session, restricted_to: pd.Series) -> pd.Series:
    """Name the agencies of each restriction by id; one that is unknown here stays, and lets nobody in."""

    def by_id(text: str) -> str:
        ids = set()
        for name in access.agencies_named(text):
            agency = agencies.find(session, name)
            ids.add(agency.agency_id if agency else agencies.slug(name) or name)
        # A restriction that names nobody is still one.
        return "|".join(sorted(ids)) or text.strip()

    return restricted_to.map({text: by_id(text) for text in restricted_to.unique()})


def _content_hashes(frame: pd.DataFrame, shelf: Shelf) -> list[str]:
    """Return a digest of what each row says; the same words give the same digest on any machine."""
    words = [_words(_as_stated(frame, name)) for name in shelf.content]
    return [
        hashlib.blake2b("\x1f".join(row).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        for row in zip(*words, strict=True)
    ]


def _as_stated(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as the source said it: a point that was found for it is not its word.

    A better gazetteer or a person's answer must not make the same row look changed.
    """
    if name not in _OF_A_POINT:
        return frame[name]
    is_found = ~frame["place_status"].isin(["given", ""])
    nothing = "" if name == "match_level" else np.nan
    return frame[name].mask(is_found, nothing) if is_found.any() else frame[name]


def _words(column: pd.Series) -> list[str]:
    """Write a column as text, each different value once."""
    codes, distinct = pd.factorize(column)
    if pd.api.types.is_datetime64_any_dtype(column):
        said = list(map(str, pd.DatetimeIndex(distinct).as_unit("us").asi8.tolist()))
    elif pd.api.types.is_float_dtype(column):
        said = [repr(float(number)) for number in distinct]
    else:
        said = [str(value) for value in distinct]
    words: list[str] = np.array([*said, ""], dtype=object)[codes].tolist()  # -1, the last, is nothing
    return words
