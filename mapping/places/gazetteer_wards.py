"""The wards of a gazetteer: given when it is built, and anew when the boundaries change."""

import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from mapping.places import gazetteer_file as file
from mapping.places.wards import assign

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

Floats = npt.NDArray[np.float64]

_AT_ONCE: Final = 500_000  # points that are given their wards together
NO_WARD: Final = 0  # row of the ward list that is empty


class WardLabels:
    """Gives points their wards as numbers; `words` is the list of codes, the first of them empty."""

    def __init__(self, wards: "GeoDataFrame | None") -> None:
        self._wards = wards
        codes = [] if wards is None else sorted(wards["ward_gss_code"].astype(str))
        self.words: list[str] = ["", *codes]

    def of(self, east: Floats, north: Floats) -> npt.NDArray[np.int32]:
        """Return the row of the ward list for each point; 0 for a point in no ward, and for none."""
        found = np.zeros(len(east), dtype=np.int32)
        if self._wards is None:
            return found
        words = np.array(self.words)
        for start in range(0, len(east), _AT_ONCE):
            span = slice(start, start + _AT_ONCE)
            found[span] = np.searchsorted(words, assign(east[span], north[span], self._wards))
        return found


def write_area_wards(
    writer: file.Writer, name: str, member: npt.NDArray[Any], count: int, wards: npt.NDArray[np.int32]
) -> None:
    """Write which wards the postcodes of each area lie in, the commonest first."""
    held = wards != NO_WARD
    size = int(wards.max(initial=0)) + 1
    pairs, times = np.unique(member[held].astype(np.int64) * size + wards[held], return_counts=True)
    area, ward = pairs // size, pairs % size
    order = np.lexsort((ward, -times, area))
    start = np.concatenate(([0], np.cumsum(np.bincount(area, minlength=count))))
    writer.array(f"{name}.ward_start", start.astype(np.int32))
    writer.array(f"{name}.ward_codes", ward[order].astype(np.int32))


def reward(path: Path, wards: "GeoDataFrame", edition: str) -> None:
    """Give everything in a gazetteer its ward in another edition; points and radii stay.

    Raises
    ------
    NotFoundError, StoreError
        There is no gazetteer at `path`, or it is damaged. It stays as it was.
    """
    old = file.connect(path)
    try:
        read = file.Reader(old, path)
        labels = WardLabels(wards)
        entry = labels.of(
            read.array("entry.easting_m", np.float64), read.array("entry.northing_m", np.float64)
        )
        unit = labels.of(
            read.array("postcode.easting_m", np.float64), read.array("postcode.northing_m", np.float64)
        )
        members = {
            name: (read.array(f"{name}.member", np.int32), len(read.array(f"{name}.units", np.int32)))
            for name in ("sector", "district")
        }
        meta = read.meta
    finally:
        old.close()
    with file.replacing(path) as part:
        shutil.copyfile(path, part)
        connection = file.connect_to_change(part)
        try:
            writer = file.Writer(connection)
            writer.texts("ward.words", labels.words)
            writer.array("entry.ward.codes", entry)
            writer.array("postcode.ward.codes", unit)
            for name, (member, count) in members.items():
                write_area_wards(writer, name, member, count, unit)
            placed = _reward_uprns(connection, labels)
            in_wards = {"entries": int((entry > 0).sum()), "postcode": int((unit > 0).sum()), "uprn": placed}
            changed = {
                "ward_edition": edition, "wards": len(labels.words) - 1, "in_wards": in_wards,
                "content_sha256": file.content_sum(connection),
                "ward_names": dict(zip(wards["ward_gss_code"], wards["ward_name"], strict=True)),
            }  # fmt: skip
            writer.meta({**meta, **changed})
        finally:
            connection.close()


def _reward_uprns(connection: sqlite3.Connection, labels: WardLabels) -> int:
    connection.execute("DELETE FROM uprn_wards")
    connection.executemany("INSERT INTO uprn_wards VALUES (?, ?)", enumerate(labels.words))
    last, placed = -1, 0
    while rows := connection.execute(
        "SELECT uprn, easting_m, northing_m FROM uprns WHERE uprn > ? ORDER BY uprn LIMIT ?", (last, _AT_ONCE)
    ).fetchall():
        numbers, east, north = (np.array(column) for column in zip(*rows, strict=True))
        wards = labels.of(east, north)
        connection.execute("BEGIN")
        connection.executemany(
            "UPDATE uprns SET ward = ? WHERE uprn = ?", zip(wards.tolist(), numbers.tolist(), strict=True)
        )
        connection.execute("COMMIT")
        last, placed = int(numbers[-1]), placed + int((wards > 0).sum())
    return placed
