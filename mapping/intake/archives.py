"""Gzip and ZIP, inflated in memory under counted limits; nothing is ever written to disk.

Sizes that an archive declares are checked first and never believed: bytes are counted again
while they come out.
"""

import gzip
import re
import stat
import zipfile
import zlib
from collections import Counter
from typing import BinaryIO, Final, Protocol

from mapping.errors import FileRefusedError
from mapping.intake.limits import MIB, Limits


class Stream(Protocol):
    """Anything bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        ...


_CHUNK: Final = MIB
_PLAIN_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNSAFE_NAME: Final = re.compile(r"(^[/\\])|(^[A-Za-z]:)|((^|[/\\])\.\.([/\\]|$))|[\x00-\x1f\x7f]")
_NEVER_DATA: Final = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)")


def gunzip(stream: BinaryIO, packed_bytes: int, name: str, *, limits: Limits) -> bytes:
    """Inflate a gzip stream of `packed_bytes` bytes.

    Raises
    ------
    FileRefusedError
        It is damaged, cut short, or inflates beyond `limits`.
    """
    try:
        with gzip.GzipFile(fileobj=stream) as inflated:
            return _counted(inflated, packed_bytes, name, limits)
    except (gzip.BadGzipFile, EOFError, zlib.error) as fault:
        problem = "is damaged or cut short inside its gzip compression; fetch it again."
        raise FileRefusedError(name, [f"The file {problem}"]) from fault


def open_zip(stream: BinaryIO, packed_bytes: int, name: str, *, limits: Limits) -> zipfile.ZipFile:
    """Open a ZIP whose table of contents holds nothing unsafe.

    Raises
    ------
    FileRefusedError
        With every problem of the table of contents: too many members, declared sizes beyond
        `limits`, encryption, paths that lead outside, links, names that come twice.
    """
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as fault:
        raise FileRefusedError(
            name, ["The ZIP is damaged or cut short: its table of contents cannot be read."]
        ) from fault
    problems = _contents_problems(archive.infolist(), packed_bytes, limits)
    if problems:
        archive.close()
        raise FileRefusedError(name, problems)
    return archive


def data_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """List the members that may hold data, by name: no folders and none of a desktop's own files."""
    infos = [
        info for info in archive.infolist() if not info.is_dir() and not _NEVER_DATA.search(info.filename)
    ]
    return sorted(infos, key=lambda info: info.filename)


def inflate_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, *, limits: Limits) -> bytes:
    """Inflate one member of an opened ZIP, counting what comes out and checking its checksum."""
    try:
        with archive.open(info) as stream:
            return _counted(stream, info.compress_size, name, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as fault:
        raise FileRefusedError(
            name, ["The member is damaged: its checksum or compression does not hold; fetch the ZIP again."]
        ) from fault


def _counted(stream: Stream, packed_bytes: int, name: str, limits: Limits) -> bytes:
    chunks, total = [], 0
    while chunk := stream.read(_CHUNK):
        total += len(chunk)
        if total > limits.member_bytes:
            raise FileRefusedError(
                name,
                [f"It inflates to more than {limits.member_bytes // MIB} MB; split it into smaller files."],
            )
        if total > limits.ratio_free_bytes and total > packed_bytes * limits.ratio:
            raise FileRefusedError(
                name, [f"It inflates to more than {limits.ratio} times its size, which no real table does."]
            )
        chunks.append(chunk)
    return b"".join(chunks)


def _contents_problems(infos: list[zipfile.ZipInfo], packed_bytes: int, limits: Limits) -> list[str]:
    declared = sum(info.file_size for info in infos)
    links = sum(stat.S_ISLNK(info.external_attr >> 16) for info in infos)
    unsafe = sum(bool(_UNSAFE_NAME.search(info.orig_filename)) for info in infos)
    twice = sum(times > 1 for times in Counter(info.filename for info in infos).values())
    checks = (
        (
            len(infos) > limits.members,
            f"The ZIP holds {len(infos):,} members; at most {limits.members:,} are read.",
        ),
        (
            declared > limits.archive_bytes,
            f"The ZIP declares {declared // MIB:,} MB; at most {limits.archive_bytes // MIB:,} MB are read.",
        ),
        (
            declared > limits.ratio_free_bytes and declared > packed_bytes * limits.ratio,
            f"The ZIP declares more than {limits.ratio} times its size, which no real table does.",
        ),
        (
            any(info.flag_bits & 0x1 for info in infos),
            "The ZIP is encrypted; unpack it with its password and send the files themselves.",
        ),
        (
            any(info.compress_type not in _PLAIN_METHODS for info in infos),
            "The ZIP uses a compression that is not read here; pack it again with the usual one (deflate).",
        ),
        (unsafe > 0, f"The ZIP has {unsafe} member names that lead outside it or hold control characters."),
        (links > 0, f"The ZIP has {links} links instead of files."),
        (twice > 0, f"The ZIP has {twice} names that come twice."),
    )
    return [sentence for is_wrong, sentence in checks if is_wrong]
