"""Harm weights from a file."""

import pytest

from mapping.errors import FileRefusedError
from mapping.harm_file import LARGEST_BYTES, read_harm

TABLE = 'name = "Ours"\nsource = "Minute 7"\ndated = "2025"\nunit = "points"\n[categories]\nBurglary = 20\n'


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path):
    for number, start in enumerate((b"", b"\xef\xbb\xbf")):
        path = tmp_path / f"harm{number}.toml"
        path.write_bytes(start + TABLE.encode())
        assert read_harm(path).categories == {"Burglary": 20.0}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file"),
        (b"\xff\xfe", "not UTF-8"),
        (b" " * (LARGEST_BYTES + 1), "too large"),
        (TABLE.replace("20", "-20").encode(), "Line 1 of categories needs a number"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_name(tmp_path, content, reason):
    path = tmp_path / "harm.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileRefusedError, match=rf"harm\.toml: .*{reason}"):
        read_harm(path)
