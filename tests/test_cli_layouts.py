"""`hotspots layouts`: a file nobody has described, described on the command line."""

import json

import pytest
from click.testing import CliRunner

from mapping.cli_layouts import cli
from mapping.intake.layout import parse

WORDS = ("Loud [red]music", "Litter")
FILE = "Log No;Incident Date;Opening Code;Where;X;Y;Caller Tel\n" + "".join(
    f"S{k:03d};{1 + k % 28:02d}/03/2026 19:{k:02d};{WORDS[k % 2]};{k} High Street;{450_000 + k};"
    f"{520_000 + k};01642 55{k:04d}\n"
    for k in range(30)
)


@pytest.fixture
def run(tmp_path):
    """Run a command on a fresh store."""
    settings = {
        "HOTSPOTS_DATABASE_URL": f"sqlite:///{tmp_path / 'instance' / 'hotspots.db'}",
        "HOTSPOTS_INSTANCE_DIR": str(tmp_path / "instance"),
    }

    def go(*words):
        return CliRunner().invoke(cli, [str(word) for word in words], env=settings, catch_exceptions=False)

    return go


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "STORM extract 2026-03.csv"
    path.write_text(FILE, encoding="cp1252")
    return path


def test_a_guess_is_shown_with_its_reasons_and_ten_rows_and_nothing_is_stored(run, file):
    answer = run("layouts", "learn", file)
    assert answer.exit_code == 0
    assert "nearly every row has its own" in answer.stdout
    assert "Looks like phone numbers" in answer.stdout
    assert "Loud [red]music" in answer.stdout  # a terminal takes no orders from a file
    assert "2026-03-10 19:09" in answer.stdout
    assert "High Street" in answer.stdout
    assert "9 High Street" not in answer.stdout
    assert "01642" not in answer.stdout
    assert "Nothing was stored. Add --save" in answer.stderr
    assert json.loads(run("layouts", "list", "--json").stdout)["layouts"][-1]["name"] == "warden-log"


def test_json_gives_one_object_with_the_whole_guess(run, file):
    told = json.loads(run("layouts", "learn", file, "--json").stdout)
    fields = {column["column"]: column["field"] for column in told["columns"]}
    assert fields == {
        "Log No": "reference", "Incident Date": "occurred_at", "Opening Code": "category", "Where": "place",
        "X": "easting", "Y": "northing", "Caller Tel": "",
    }  # fmt: skip
    assert told["dates"] == {"order": "day first", "sampled": 30, "fitting": 30, "is_ambiguous": False}
    assert told["rows_in"] == 30
    assert len(told["preview"]) == 10
    assert told["problems"] == []
    assert not told["is_saved"]
    assert parse(told["toml"]).name == told["layout"] == "storm-extract"
    words = {row["word"]: row["category"] for row in told["categories"]}
    assert words == {"Loud [red]music": "Noise", "Litter": "ASB environmental"}


def test_options_change_the_guess_and_save_keeps_it_for_the_next_import(run, file, tmp_path):
    out = tmp_path / "storm.toml"
    answer = run(
        "layouts", "learn", file, "--title", "STORM log", "--set", "place=", "outcome=where", "--map",
        "Loud [red]music=Drugs", "--handling", "C", "--source", "storm", "--out", out, "--save",
    )  # fmt: skip
    assert answer.exit_code == 0, answer.stderr
    assert "Kept as storm-log" in answer.stderr
    shown = json.loads(run("layouts", "show", "storm-log", "--json").stdout)
    assert shown["toml"] == out.read_text(encoding="utf-8")
    layout = parse(shown["toml"])
    assert (layout.source, layout.handling) == ("storm", "C")
    assert layout.categories["loud [red]music"] == "Drugs"
    assert layout.columns["outcome"].names == ("Where",)
    assert "place" not in layout.columns
    assert "storm-log" in run("layouts", "list").stdout
    imported = json.loads(run("import", "storm-log", file, "--json").stdout)
    assert (imported["rows_in"], imported["new"]) == (30, 30)
    assert "hotspots import storm-log FILE" in run("layouts", "learn", file).stderr  # it is known now


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "occurred_at="], "the date on which it happened"),
        (["--set", "northing="], "a point needs both"),
        (["--set", "place=Caller Tel"], "phone numbers, which is not read here"),
        (["--set", "treasure=Where"], "Choose one of the things"),
        (["--dates", "backwards"], "how the dates are written"),
        (["--handling", "open"], "P or C"),
        (["--agency", "nobody"], "whose records"),
        (["--map", "Litter=Treasure"], "a category that does not exist"),
        (["--name", "warden-log"], "comes with the system"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_keeps_nothing(run, file, words, said):
    answer = run("layouts", "learn", file, *words, "--save")
    assert answer.exit_code == 3
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert len(json.loads(run("layouts", "list", "--json").stdout)["layouts"]) == len(_shipped())


def _shipped():
    from mapping.intake import layout

    return layout.names()


@pytest.mark.parametrize("words", [["--set", "place=Nowhere"], ["--set", "place"], ["--map", "Litter"]])
def test_an_option_that_cannot_be_read_is_wrong_usage(run, file, words):
    answer = run("layouts", "learn", file, *words)
    assert answer.exit_code == 2
    assert "Error:" in answer.stderr


def test_a_layout_that_there_is_not_is_said_in_a_sentence(run, file):
    for words in (["layouts", "show", "nothing"], ["import", "nothing", file]):
        answer = run(*words)
        assert answer.exit_code == 3
        assert "There is no layout 'nothing'" in answer.stderr


def test_a_file_that_is_no_table_is_refused(run, tmp_path):
    path = tmp_path / "photo.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 100)
    answer = run("layouts", "learn", path, "--save")
    assert answer.exit_code == 3
    assert "PNG" in answer.stderr
