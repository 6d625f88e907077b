"""The rules of the house, read from the source: floors, rooms, sizes, and what leaves the machine."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent

# From the ground up: floors, their rooms, and the modules of each room. A room imports what is in itself
# and what lies on the floors below. A name with a dot at its end takes in everything under it.
FLOORS: tuple[dict[str, tuple[str, ...]], ...] = (
    {"ground": ("mapping.errors", "mapping.schema", "mapping.crs", "mapping.periods", "mapping.categories",
                "mapping.wording", "mapping.access", "mapping.settings", "mapping.kept_keys",
                "mapping.web_addresses", "mapping.postcodes", "mapping.grid_squares",
                "mapping.typed_points")},
    {"intake": ("mapping.intake.",), "places": ("mapping.places.",), "sources": ("mapping.sources.",)},
    {"hotspots": ("mapping.hotspots.",)},
    {"tasking": ("mapping.tasking.",), "evidence": ("mapping.evidence.",)},
    {"publishing": ("mapping.publishing.",), "reporting": ("mapping.reporting.",),
     "store": ("mapping.store.",)},
    {"pipeline": ("mapping.pipeline",), "demo": ("mapping.demo.",)},
    # a whole run, from files or from the store, and what it leaves; site and command line both ask for it
    {"runs": ("mapping.folder", "mapping.file_run", "mapping.store_run", "mapping.store_import",
              "mapping.sending", "mapping.place_finding", "mapping.excluded_file", "mapping.following",
              "mapping.demo.loading", "mapping.doctor", "mapping.harm_file")},
    {"site": ("webapp.",)},
    # the doors; `webapp` itself is the factory that hangs the views in
    {"command line": ("mapping.cli.", "mapping.cli_.", "mapping.__main__"), "contents": ("mapping",),
     "views": ("webapp.views.",), "factory": ("webapp", "webapp.server")},
    {"front door": ("webapp.command",)},
)  # fmt: skip
PURE = ("mapping.hotspots", "mapping.evidence", "mapping.tasking")

# Where each library may be imported; None is nowhere in `mapping`. Types alone are free.
LIBRARIES = {
    "flask": ("webapp",),
    "webapp": ("webapp",),
    "folium": ("mapping.publishing.folium_map",),
    "branca": ("mapping.publishing.folium_map",),
    "sqlalchemy": ("mapping.store",),
    "alembic": ("mapping.store",),
    "psycopg": ("mapping.store",),
    "dask": ("mapping.pipeline",),
    "distributed": ("mapping.pipeline",),
    "sklearn": ("mapping.hotspots",),
    "matplotlib": ("mapping.publishing",),
    "convertbng": ("mapping.crs",),
    "click": ("mapping.cli", "webapp"),
    "rich": ("mapping.cli",),
    "requests": ("mapping.sources.client", "mapping.sources.connection"),
    "urllib3": ("mapping.sources.client", "mapping.sources.connection"),
}
# What a pure floor must not touch: files, clock, network, database, chance without a seed.
IMPURE = {"io", "os", "pathlib", "shutil", "tempfile", "time", "random", "secrets", "socket", "sqlite3",
          "subprocess", "urllib", "requests", "logging", "threading", "multiprocessing"}  # fmt: skip
IMPURE_CALLS = re.compile(
    r"(?:datetime|date|Timestamp)\.(?:now|today|utcnow)$|^open$|(?:np|numpy)\.random\.(?!default_rng|Generator)\w+$"
    r"|\.(?:to_csv|to_file|to_parquet|read_csv|read_file)$"
)

MOST_LINES = 450
MOST_FUNCTION_LINES = 60
# A smell that was looked at and kept, with the reason.
LONGER_ON_PURPOSE: dict[str, str] = {}

HEAVY = ("sklearn", "scipy", "folium", "matplotlib", "sqlalchemy", "dask", "flask", "geopandas", "pyogrio",
         "requests")  # fmt: skip


@dataclass(frozen=True)
class Import:
    """One import: who, what, on which line, and whether for a type checker alone."""

    module: str
    target: str
    line: int
    is_typing: bool
    is_lazy: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def python_files() -> list[Path]:
    found = [path for room in ("mapping", "webapp") for path in (HOUSE / room).rglob("*.py")]
    return sorted(path for path in found if "node_modules" not in path.parts)


def module_name(path: Path) -> str:
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 11))
    except SyntaxError:  # told once, by the test below
        return ast.Module(body=[], type_ignores=[])


def test_every_module_can_be_read_by_python_311():
    wrong = [
        str(path.relative_to(HOUSE))
        for path in python_files()
        if path.stat().st_size and not tree_of(path).body
    ]
    assert not wrong, "\n".join(wrong)


@cache
def modules() -> dict[str, Path]:
    # What lies in assets/ and migrations/ are scripts that others run, not rooms.
    skipped = ("webapp.assets", "mapping.store.migrations")
    return {name: path for path in python_files() if not (name := module_name(path)).startswith(skipped)}


def _is_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def walk(
    node: ast.AST, *, is_typing: bool = False, is_lazy: bool = False
) -> Iterator[tuple[ast.AST, bool, bool]]:
    for child in ast.iter_child_nodes(node):
        typing = is_typing or _is_typing(child)
        lazy = is_lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield child, typing, lazy
        yield from walk(child, is_typing=typing, is_lazy=lazy)


def targets_of(node: ast.AST, module: str, path: Path) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
            base = ".".join([*package[: len(package) - node.level + 1], *([base] if base else [])])
        # `from mapping import crs` names a module; `from mapping.crs import BNG` names what is in one
        return [
            f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules() else base for alias in node.names
        ]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
        return [str(node.args[0].value)] if node.args and isinstance(node.args[0], ast.Constant) else []
    return []


@cache
def imports() -> tuple[Import, ...]:
    return tuple(
        Import(module, target, getattr(node, "lineno", 0), is_typing, is_lazy)
        for module, path in modules().items()
        for node, is_typing, is_lazy in walk(tree_of(path))
        for target in targets_of(node, module, path)
    )


def place_of(module: str) -> tuple[int, str]:
    """Return the floor and the room of a module: its own name, or else the longest that fits."""
    fits = [
        (module == name, len(name), floor, room)
        for floor, rooms in enumerate(FLOORS)
        for room, names in rooms.items()
        for name in names
        if module == name or (name.endswith(".") and f"{module.replace('cli_', 'cli_.')}.".startswith(name))
    ]
    assert fits, f"{module} lies on no floor: add it to FLOORS in this test"
    return max(fits)[2:]


def test_the_reader_of_imports_sees_lazy_relative_and_named_ones():
    assert any(found.target == "mapping.errors" for found in imports())
    assert any(found.is_lazy and found.target == "geopandas" for found in imports())
    assert place_of("mapping.crs") == (0, "ground")
    assert place_of("mapping.places.wards") == (1, "places")
    assert place_of("mapping.places") == (1, "places")
    assert place_of("mapping.cli_store") == (8, "command line")
    assert place_of("webapp.guard") == (7, "site")
    assert place_of("webapp.views.maps") == (8, "views")
    assert place_of("webapp") == (8, "factory")


def test_a_floor_imports_only_what_lies_below_it():
    wrong = []
    for found in imports():
        if not found.target.startswith(("mapping", "webapp")):
            continue
        (own_floor, own), (other_floor, other) = place_of(found.module), place_of(found.target)
        # The package itself holds nothing; and the factory hangs in the views, which ask it for nothing.
        is_free = found.target == "mapping" or (own, other) == ("factory", "views")
        if own != other and other_floor >= own_floor and not is_free:
            wrong.append(str(found))
    assert not wrong, "\n".join(wrong)


def test_imports_never_loop():
    edges: dict[str, set[str]] = {}
    for found in imports():
        if not found.is_lazy and not found.is_typing and found.target in modules():
            edges.setdefault(found.module, set()).add(found.target)
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"import loop: {' -> '.join((*path[path.index(module) :], module))}"
        if module not in done:
            for target in sorted(edges.get(module, ())):
                visit(target, (*path, module))
            done.add(module)

    for module in sorted(edges):
        visit(module, ())


@pytest.mark.parametrize(("library", "rooms"), LIBRARIES.items())
def test_a_library_stays_in_its_room(library, rooms):
    wrong = [
        str(found)
        for found in imports()
        if (found.target == library or found.target.startswith(f"{library}."))
        and not found.is_typing
        and not found.module.startswith(rooms)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_pure_floors_touch_no_file_clock_network_or_unseeded_chance():
    wrong = [
        str(found)
        for found in imports()
        if found.module.startswith(PURE) and not found.is_typing and found.target.split(".")[0] in IMPURE
    ]
    for module, path in modules().items():
        if module.startswith(PURE):
            calls = (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))
            wrong += [
                f"{module}:{call.lineno} calls {ast.unparse(call.func)}"
                for call in calls
                if IMPURE_CALLS.search(ast.unparse(call.func))
            ]
    assert not wrong, "\n".join(wrong)


def test_help_pays_for_no_heavy_library():
    code = f"import sys, mapping.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HOUSE
    )
    assert found.stdout.strip() == "[]"


def test_rooms_and_functions_keep_a_readable_size():
    wrong = []
    for module, path in modules().items():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MOST_LINES:
            wrong.append(f"{module}: {lines} lines")
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                start = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
                length = (node.end_lineno or 0) - start.lineno + 1
                if length > MOST_FUNCTION_LINES:
                    wrong.append(f"{module}.{node.name}: {length} lines")
    unknown = [said for said in wrong if said.split(":")[0] not in LONGER_ON_PURPOSE]
    assert not unknown, "\n".join(unknown)
    still = {said.split(":")[0] for said in wrong}
    assert set(LONGER_ON_PURPOSE) <= still, "an exception is no longer needed: take it off the list"


def test_everything_public_in_mapping_says_what_it_does():
    silent = []
    for module, path in modules().items():
        if not module.startswith("mapping"):
            continue
        tree = tree_of(path)
        if not ast.get_docstring(tree):
            silent.append(module)
        silent += [
            f"{module}.{node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
    assert not silent, "\n".join(silent)


# --- what leaves the machine ---------------------------------------------------------------------

# What makes a browser fetch; a link a person clicks, a namespace and a licence text do not.
FETCHES = re.compile(
    r"""(?ix)
    \b(?:src|srcset|poster|data|formaction|action)\s*=\s*["']?\s*(?:https?:)?//
    | <link\b[^>]*\bhref\s*=\s*["']?\s*(?:https?:)?//
    | \burl\(\s*["']?\s*(?:https?:)?//
    | @import\s+["']?\s*(?:https?:)?//
    | \b(?:fetch|importScripts|WebSocket|EventSource|sendBeacon)\(\s*["'`]\s*(?:\w+:)?//
    | \bfrom\s+["']https?://
    | \bimport\(\s*["']https?://
    """
)


def shipped_files() -> list[Path]:
    folders = ("webapp/templates", "webapp/static", "mapping/publishing", "mapping/demo")
    kinds = {".html", ".js", ".mjs", ".css", ".svg", ".py", ".jinja", ".j2"}
    return [
        path for folder in folders for path in sorted((HOUSE / folder).rglob("*")) if path.suffix in kinds
    ]


def test_the_search_for_fetches_finds_them():
    for text in (
        '<script src="https://cdn.example/x.js">', "<img src=//example/x.png>", "<link rel=stylesheet href='https://a/b.css'>",
        "background: url(https://a/b.png)", '@import "//a/b.css"', "fetch('https://a/b')",
    ):  # fmt: skip
        assert FETCHES.search(text), text
    for text in (
        '<a href="https://www.police.uk">', 'xmlns="http://www.w3.org/2000/svg"', "// https://leafletjs.com",
        'src="/static/site.js"', "url(data:image/png;base64,AA//AA)",
    ):  # fmt: skip
        assert not FETCHES.search(text), text


def test_no_page_script_or_style_loads_from_another_host():
    wrong = []
    for path in shipped_files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found = FETCHES.search(line)
            if found:
                wrong.append(f"{path.relative_to(HOUSE)}:{number} {found[0][:60]}")
    assert not wrong, "\n".join(wrong)


def test_no_template_has_anything_inline_that_the_policy_forbids():
    inline = re.compile(
        r"(?i)<script(?![^>]*\bsrc=)[^>]*>|\sstyle\s*=\s*[\"']|\son[a-z]+\s*=\s*[\"']|javascript:"
    )
    wrong = [
        f"{path.relative_to(HOUSE)}:{number}"
        for path in sorted((HOUSE / "webapp/templates").rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if inline.search(line)
    ]
    assert not wrong, "\n".join(wrong)


# --- front-end packages --------------------------------------------------------------------------


def test_front_end_packages_have_exact_versions_and_their_integrity_but_no_address():
    assets = HOUSE / "webapp/assets"
    package = json.loads((assets / "package.json").read_text(encoding="utf-8"))
    wanted = {**package.get("dependencies", {}), **package.get("devDependencies", {})}
    assert wanted
    for name, version in wanted.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name}: {version} is a range"
    text = (assets / "package-lock.json").read_text(encoding="utf-8")
    lock = json.loads(text)["packages"]
    assert "resolved" not in text
    assert "://" not in re.sub(r'"(?:url|homepage)": "[^"]*"', "", text)
    for name, entry in lock.items():
        if name:
            assert entry["integrity"].startswith("sha512-"), name
    for name, version in wanted.items():
        assert lock[f"node_modules/{name}"]["version"] == version
    assert "omit-lockfile-registry-resolved=true" in (assets / ".npmrc").read_text(encoding="utf-8")


# --- what is committed ---------------------------------------------------------------------------


# In pieces, so that this file does not find itself.
FORBIDDEN = re.compile(
    "|".join(
        (
            "registry" + r"\.npmjs",
            "registry" + r"\.yarnpkg",
            "files\\." + "pythonhosted",
            "pypi" + r"\.org",
            "index" + "-url",
            "deb" + r"\.debian\.org",
            "(?<![\\w.])/" + "work/",
            "(?<![\\w.])/" + "home/[a-z]",
            "(?<![\\w.])/" + "root/",
            "/" + "Users/[A-Za-z]",
        )
    )
)


def test_no_registry_or_machine_path_is_committed(committed_files):
    wrong = []
    for path in committed_files:
        content = path.read_bytes()
        if b"\0" in content[:8000]:
            continue
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
            found = FORBIDDEN.search(line)
            if found:
                wrong.append(f"{path.relative_to(HOUSE)}:{number} {found[0]}")
    assert not wrong, "\n".join(wrong)


def test_nobody_elses_code_is_committed(committed_files):
    names = [str(path.relative_to(HOUSE)) for path in committed_files]
    theirs = re.compile(r"node_modules|/vendor/|/leaflet/|\.min\.(?:js|css)$|\.woff2?$")
    wrong = [name for name in names if theirs.search(name)]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_left_for_later(committed_files):
    later = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|raise NotImplemented" + r"Error)\b")
    wrong = [
        f"{path.relative_to(HOUSE)}:{number}"
        for path in committed_files
        if path.suffix in {".py", ".html", ".js", ".css", ".toml", ".cfg"}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if later.search(line)
    ]
    assert not wrong, "\n".join(wrong)
