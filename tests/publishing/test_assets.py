from pathlib import Path

import pytest

from mapping.errors import MappingError, NotFoundError
from mapping.publishing import assets


@pytest.mark.parametrize("name", ["../view.py", "leaflet/../view.py", "/etc/passwd", ""])
def test_only_listed_files_are_given_out(name: str):
    with pytest.raises(NotFoundError):
        assets.asset_path(name)


def test_missing_leaflet_says_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(assets, "_HERE", tmp_path)
    with pytest.raises(MappingError, match="run `make assets`"):
        assets.asset_path("leaflet/leaflet.js")


def test_hash_is_what_a_browser_computes():
    # SHA-256 of nothing at all, as every table of it prints
    assert assets.csp_hash("") == "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"


@pytest.mark.usefixtures("leaflet")
def test_inlined_files_ask_for_nothing():
    for name in assets.SCRIPT_FILES:
        assert "sourceMappingURL" not in assets.inline_script(name)
        assert "</script" not in assets.inline_script(name).lower()
    for name in (*assets.STYLE_FILES, assets.PAGE_STYLE_FILE):
        text = assets.inline_style(name)
        assert text.count("url(") == text.count("url(data:image/png;base64,")
        assert "</style" not in text.lower()
        assert "@import" not in text
