"""Build a gazetteer out of open tables and a partnership's own names.

Rows are read a line at a time, points are held as numbers, single properties go straight into the file:
all of Great Britain fits in the memory of a small machine. What is written is the same for the same
files, whatever the order of their rows.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from mapping.errors import FileRefusedError
from mapping.places import gazetteer_file as file
from mapping.places import gazetteer_sources as tables
from mapping.places import local_tables, postcode_extents
from mapping.places.gazetteer import NO_POINT
from mapping.places.gazetteer_drafts import Drafts
from mapping.places.gazetteer_entries import Made, make
from mapping.places.gazetteer_rows import SourceFile, source_files
from mapping.places.gazetteer_wards import WardLabels, write_area_wards
from mapping.places.wards import assign

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

Floats = npt.NDArray[np.float64]
Progress = Callable[[float, str], None]

_SAMPLE: Final = 2_000  # points that are looked at for axes the wrong way round


@dataclass(frozen=True)
class Sources:
    """Files or folders of each kind; all may be empty, but not all of them together."""

    code_point: Sequence[Path] = ()
    open_names: Sequence[Path] = ()
    street_points: Sequence[Path] = ()
    uprn: Sequence[Path] = ()
    places: Sequence[Path] = ()


@dataclass(frozen=True)
class BuildReport:
    """What was built: rows of every file with what became of them, and how many there are of each level."""

    files: list[SourceFile]
    levels: dict[str, int]
    kinds: dict[str, int]
    ward_edition: str
    wards: int
    in_wards: dict[str, int]
    content_sha256: str
    learned: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**vars(self), "files": [one.as_dict() for one in self.files]}


def build(
    path: Path,
    sources: Sources,
    *,
    wards: "GeoDataFrame | None" = None,
    edition: str = "",
    built_at: str = "",
    progress: Progress | None = None,
) -> BuildReport:
    """Build the gazetteer at `path`, in place of the one that was there.

    Parameters
    ----------
    path : Path
        Written beside and moved there when whole, readable by its owner alone.
    sources : Sources
    wards : GeoDataFrame (`schema.WARDS`), EPSG:27700, optional
        Without them no entry has a ward; `reward` gives them later.
    edition : str
        Name of the ward edition.
    built_at : str
        The moment, as it is shown; no part of the content's checksum.
    progress : callable, optional
        Told the share done and the stage.

    Raises
    ------
    FileRefusedError
        A file is not what it was said to be, or nothing was given; the old gazetteer stays.
    """
    tell = progress or (lambda _share, _stage: None)
    files = {kind: source_files(kind, paths) for kind, paths in vars(sources).items()}
    if not any(files.values()):
        raise FileRefusedError("gazetteer", ["No source was given; name at least one file."])
    units, drafts = _read(files, tell)
    _require_right_axes(files, units, drafts, wards)
    tell(0.5, "streets and places")
    codes, east, north, quality = _by_code(units)
    units.rows.clear()  # of all of Great Britain 200 MB, not needed from here on
    made = make(drafts, east, north, quality <= 20, _texts(_cut(codes, 3)))
    tell(0.7, "wards")
    with file.replacing(path) as part:
        connection = file.connect(part, is_new=True)
        try:
            writer = file.Writer(connection)
            labels = WardLabels(wards)
            written = _write(writer, made, (codes, east, north, quality), labels)
            properties, placed = _write_uprns(connection, files["uprn"], labels, tell)
            sums = file.content_sum(connection)
            report = BuildReport(
                files=[source for listed in files.values() for _, source in listed],
                levels={**written["levels"], "uprn": properties}, kinds=written["kinds"],
                ward_edition=edition if wards is not None else "", wards=len(labels.words) - 1,
                in_wards={**written["in_wards"], "uprn": placed}, content_sha256=sums,
                learned={"spread_m": round(made.learned.spread_m, 1), "postcodes": made.learned.postcodes,
                         "factors": [round(factor, 2) for factor in made.learned.factors]},
            )  # fmt: skip
            names = (
                {} if wards is None else dict(zip(wards["ward_gss_code"], wards["ward_name"], strict=True))
            )
            writer.meta(
                {**report.as_dict(), "built_at": built_at, "format": file.FORMAT, "ward_names": names}
            )
        finally:
            connection.close()
        tell(1.0, "done")
    return report


def _read(files: dict[str, list[tuple[Path, SourceFile]]], tell: Progress) -> tuple[tables.Units, Drafts]:
    """Read all but properties; postcodes first, because local names may be placed by them."""
    units, drafts = tables.Units(), Drafts()
    readers: dict[str, Callable[[Path, SourceFile], None]] = {
        "code_point": lambda path, source: tables.read_code_point(path, source, units),
        "open_names": lambda path, source: tables.read_open_names(path, source, drafts),
        "street_points": lambda path, source: local_tables.read_street_points(path, source, drafts),
        "places": lambda path, source: local_tables.read_local_names(path, source, drafts, units),
    }
    total = sum(path.stat().st_size for kind in readers for path, _ in files[kind]) or 1
    done = 0
    for kind, read in readers.items():
        for path, source in files[kind]:
            tell(0.5 * done / total, f"reading {path.name}"[:24])
            read(path, source)
            done += path.stat().st_size
    return units, drafts


def _require_right_axes(
    files: dict[str, list[tuple[Path, SourceFile]]], units: tables.Units, drafts: Drafts,
    wards: "GeoDataFrame | None",
) -> None:  # fmt: skip
    """Refuse easting and northing the wrong way round, which in England lie inside Great Britain as well."""
    if wards is None:
        return
    looked_at = (
        ("code_point", np.array(units.easting), np.array(units.northing)),
        ("open_names", drafts.numbers("easting"), drafts.numbers("northing")),
    )
    for kind, east, north in looked_at:
        if not files[kind] or not len(east):
            continue
        step = max(1, len(east) // _SAMPLE)
        x, y = east[::step], north[::step]
        as_given, turned = (np.mean(assign(*axes, wards) != "") for axes in ((x, y), (y, x)))
        if turned > 0.5 and as_given < 0.05:
            raise FileRefusedError(
                files[kind][0][1].name,
                ["Its points lie in the wards only when easting and northing change places; swap them."],
            )


def _by_code(
    units: tables.Units,
) -> tuple[npt.NDArray[np.bytes_], Floats, Floats, npt.NDArray[np.uint8]]:
    codes = np.array(list(units.rows), dtype="S7")
    order = np.argsort(codes)
    east, north = (np.array(values)[order] for values in (units.easting, units.northing))
    return codes[order], east, north, np.array(units.quality, dtype=np.uint8)[order]


def _cut(codes: npt.NDArray[np.bytes_], marks: int) -> npt.NDArray[np.bytes_]:
    """Take the last characters off codes: 2 leaves the sector, 3 the district."""
    length = np.char.str_len(codes) - marks
    cut = codes.astype("S5")
    for size in range(1, 5):
        short = length == size
        cut[short] = codes[short].astype(f"S{size}")
    return cut


def _texts(codes: npt.NDArray[np.bytes_]) -> npt.NDArray[np.object_]:
    words, place = np.unique(codes, return_inverse=True)
    return np.array([word.decode("ascii") for word in words], dtype=object)[place]


def _write(
    writer: file.Writer, made: Made,
    postcodes: tuple[npt.NDArray[np.bytes_], Floats, Floats, npt.NDArray[np.uint8]], labels: WardLabels,
) -> dict[str, Any]:  # fmt: skip
    writer.texts("ward.words", labels.words)
    entry_wards = labels.of(made.point[:, 0], made.point[:, 1])
    _write_entries(writer, made, entry_wards)
    codes, east, north, quality = postcodes
    unit_wards = labels.of(east, north)
    counts = _write_postcodes(writer, codes, east, north, quality, unit_wards)
    levels = Counter(made.level.tolist())
    return {
        "levels": {**dict(sorted(levels.items())), **counts},
        "kinds": dict(sorted(Counter(made.kind.tolist()).items())),
        "in_wards": {"entries": int((entry_wards > 0).sum()), "postcode": int((unit_wards > 0).sum())},
    }


def _write_entries(writer: file.Writer, made: Made, wards: npt.NDArray[np.int32]) -> None:
    """Write the entries, and the list of keys that lead to them."""
    writer.texts("entry.name", made.name)
    for column, values in (
        ("level", made.level), ("kind", made.kind), ("borough", made.borough), ("locality", made.locality),
        ("district", made.district),
    ):  # fmt: skip
        words, codes = np.unique(values.astype(str), return_inverse=True)
        writer.array(f"entry.{column}.codes", codes.astype(np.int32))
        writer.texts(f"entry.{column}.words", words.tolist())
    writer.array("entry.ward.codes", wards)
    writer.array("entry.easting_m", made.point[:, 0])
    writer.array("entry.northing_m", made.point[:, 1])
    writer.array("entry.error_m", made.error_m.round(1))
    writer.array("entry.weight", made.weight.astype(np.float32))
    writer.array("member.start", made.member_start.astype(np.int32))
    writer.array("member.easting_m", made.members[:, 0])
    writer.array("member.northing_m", made.members[:, 1])
    own = made.key_words[made.key].tolist()
    keys = [*own, *made.alias_keys]
    entries = [*range(len(own)), *made.alias_entries]
    order = sorted(range(len(keys)), key=lambda row: (keys[row], entries[row]))
    place = np.empty(len(keys), dtype=np.int32)
    place[order] = np.arange(len(keys), dtype=np.int32)
    writer.texts("name.key", (keys[row] for row in order))
    writer.array("name.entry", np.array(entries, dtype=np.int32)[order])
    writer.array("entry.key", place[: len(own)])


def _write_postcodes(
    writer: file.Writer, codes: npt.NDArray[np.bytes_], east: Floats, north: Floats,
    quality: npt.NDArray[np.uint8], wards: npt.NDArray[np.int32],
) -> dict[str, int]:  # fmt: skip
    """Write units, sectors and districts; what is only the middle of its sector reaches as far as that."""
    errors = postcode_extents.unit_errors(east, north, quality)
    is_good = ~np.isnan(east) & (quality != postcode_extents.SECTOR_MEAN)
    groups = {}
    for name, marks in (("sector", 2), ("district", 3)):
        groups[name] = postcode_extents.group(
            _cut(codes, marks), np.where(is_good, east, np.nan), np.where(is_good, north, np.nan), errors
        )
    is_mean = quality == postcode_extents.SECTOR_MEAN
    sector = groups["sector"]
    errors[is_mean] = np.fmax(errors[is_mean], sector.error_m[sector.member[is_mean]])
    writer.array("postcode.code", codes)
    writer.array("postcode.easting_m", east)
    writer.array("postcode.northing_m", north)
    writer.array("postcode.error_m", errors.round(1))
    writer.array("postcode.quality", quality)
    writer.array("postcode.ward.codes", wards)
    for name, grouped in groups.items():
        writer.array(f"{name}.code", grouped.code)
        writer.array(f"{name}.easting_m", grouped.easting_m.round(1))
        writer.array(f"{name}.northing_m", grouped.northing_m.round(1))
        writer.array(f"{name}.error_m", grouped.error_m.round(1))
        writer.array(f"{name}.units", grouped.units)
        writer.array(f"{name}.member", grouped.member.astype(np.int32))
        write_area_wards(writer, name, grouped.member, len(grouped.code), wards)
    return {
        "postcode": len(codes), "postcode without a point": int((quality == NO_POINT).sum()),
        "sector": len(groups["sector"].code), "district": len(groups["district"].code),
    }  # fmt: skip


def _write_uprns(
    connection: sqlite3.Connection, files: list[tuple[Path, SourceFile]], labels: WardLabels, tell: Progress
) -> tuple[int, int]:
    """Write single properties, half a million at a time; the first row of a number counts."""
    connection.executemany("INSERT INTO uprn_wards VALUES (?, ?)", enumerate(labels.words))
    total, placed = 0, 0
    for path, source in files:
        connection.execute("BEGIN")
        for numbers, east, north in tables.read_uprns(path, source):
            wards = labels.of(east, north)
            before = connection.total_changes
            rows = zip(numbers.tolist(), east.tolist(), north.tolist(), wards.tolist(), strict=True)
            connection.executemany("INSERT OR IGNORE INTO uprns VALUES (?, ?, ?, ?)", rows)
            added = connection.total_changes - before
            if added < len(numbers):
                source.refused[tables.REPEATED] += len(numbers) - added
                source.kept -= len(numbers) - added
            total, placed = total + added, placed + int((wards > 0).sum())
            tell(0.9, f"{total:,} properties")
        connection.execute("COMMIT")
    return total, placed
