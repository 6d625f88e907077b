"""What the documents say is so: settings, commands, targets and links."""

import re
import subprocess
import sys
from pathlib import Path

from mapping.settings import SETTINGS

HOUSE = Path(__file__).resolve().parent.parent


def test_every_setting_is_in_the_readme_with_its_default():
    lines = (HOUSE / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| `HOTSPOTS_")]
    told = {row.split("`")[1]: row for row in rows}
    assert set(told) == {setting.name for setting in SETTINGS}
    for setting in SETTINGS:
        assert setting.default in told[setting.name], f"{setting.name}: the README has another default"


def test_no_setting_is_read_that_is_not_in_the_table():
    names = {
        found
        for room in ("mapping", "webapp")
        for path in (HOUSE / room).rglob("*.py")
        for found in re.findall(r"\bHOTSPOTS_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8"))
    }
    assert names <= {setting.name for setting in SETTINGS}


def readme_commands() -> list[list[str]]:
    text = (HOUSE / "README.md").read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    return [line.split() for block in blocks for line in block.splitlines() if line.startswith("hotspots ")]


def test_every_command_and_option_in_the_readme_exists():
    assert len(readme_commands()) >= 5
    for words in readme_commands():
        names = [word for word in words[1:3] if re.fullmatch(r"[a-z-]+", word)]
        groups = ("boundaries", "gazetteer", "layouts", "fetch", "users", "agencies", "audit")
        command = names if words[1] in groups else names[:1]
        code = "from webapp.command import main; main()"
        found = subprocess.run(
            [sys.executable, "-c", code, *command, "--help"],
            capture_output=True,
            text=True,
            check=False,
            cwd=HOUSE,
        )
        assert found.returncode == 0, f"{' '.join(words)}: {found.stderr}"
        for option in (word for word in words if word.startswith("--")):
            assert option in found.stdout, f"{' '.join(command)} has no {option}"


def test_every_make_target_in_the_readme_exists():
    makefile = (HOUSE / "Makefile").read_text(encoding="utf-8")
    for name in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(
            r"(?:^|`)make ([a-z]+)", (HOUSE / name).read_text(encoding="utf-8"), re.MULTILINE
        ):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{name}: there is no `make {target}`"


def test_every_link_between_documents_leads_somewhere(committed_files):
    links = [
        (path, link)
        for path in committed_files
        if path.suffix == ".md"
        for link in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    ]
    wrong = [
        f"{path.relative_to(HOUSE)}: {link}"
        for path, link in links
        if "://" not in link and not (path.parent / link).exists()
    ]
    assert not wrong, "\n".join(wrong)
