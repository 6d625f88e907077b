"""What every test may ask for."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every machine, and no time limit on a shared one: a failure is a finding.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of open data, or skip and say how to name it."""
    folder = os.environ.get("WARD_HOTSPOTS_TEST_DATA", "")
    if not folder or not (Path(folder) / "police_uk").is_dir():
        pytest.skip("no open data here: set WARD_HOTSPOTS_TEST_DATA to its folder")
    return Path(folder)


@pytest.fixture(scope="session")
def committed_files() -> tuple[Path, ...]:
    """Return what git tracks or would add, nothing ignored; skip where this is no checkout."""
    house = Path(__file__).resolve().parent.parent
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=house, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout, so what is committed cannot be listed")
    names = listed.stdout.decode().split("\0")
    return tuple(house / name for name in names if name and (house / name).is_file())
