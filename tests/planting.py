"""A copy of the tree in which every enum has one member more, and which enums notice it."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = ("syncbot", "scripts", "tests/__init__.py", "tests/test_tables.py")
PLANTED = re.compile(r"\b(\w+)\.PLANTED\b")
_ENUMS = {"Enum", "StrEnum", "IntEnum", "Flag", "IntFlag", "ReprEnum"}
# Collects what `total` would stop at, table by table, and what is missing in the sets of test_tables.
_TABLES = """
import importlib, sys
import syncbot.tables

def record(members, rows, checked=syncbot.tables.total):
    try:
        return checked(members, rows)
    except TypeError as error:
        print(error)
        return rows

syncbot.tables.total = record
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(f"{name} was not imported: {error}")
from tests.test_tables import ROWS
for members, rows in ROWS:
    print(*(f"{members.__name__}.{member.name}" for member in members if member not in rows))
"""


def enums(root: Path) -> dict[str, Path]:
    """The enums below syncbot/, but for the sandbox, by name, with the file of each."""
    sources = [path for path in _sources(root) if "class " in (text := path.read_text("utf-8")) and "Enum" in text]
    nodes = [(node, path) for path in sources for node in ast.walk(_tree(path))]
    classes = [(node, path) for node, path in nodes if isinstance(node, ast.ClassDef)]
    known, found = set(_ENUMS), dict[str, Path]()
    while new := {node.name: path for node, path in classes if node.name not in known and _bases(node) & known}:
        found |= new
        known |= new.keys()
    return found


def copy_parts(parts: Iterable[str], to: Path, without: Iterable[str] = ()) -> None:
    """These files and folders of the tree, below `to`; `without` are names that are left out.

    What Python compiled comes along: it tells by itself which sources have changed since.
    """
    for part in parts:
        (to / part).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, to / part, ignore=shutil.ignore_patterns(*without))
        else:
            shutil.copyfile(ROOT / part, to / part)


def planted_copy(to: Path) -> Path:
    """The tree at `to`, with a member PLANTED as the last of each enum."""
    copy_parts(PARTS, to, without=("sandbox",))
    found = enums(to)
    for path in set(found.values()):
        _plant(path, {name for name, place in found.items() if place == path})
    return to


def named_by_types(root: Path) -> set[str]:
    """The enums whose planted member mypy names in an error."""
    # Only these say of a member that no case is left for it.
    exhaustive = [path for path in _sources(root) if "assert_never(" in path.read_text(encoding="utf-8")]
    modules = [f"--module={_module(path, root)}" for path in exhaustive]
    return _named(root, "-m", "mypy", f"--cache-dir={root / 'cache'}", "--config-file=", "--strict", *modules)


def named_by_tables(root: Path) -> set[str]:
    """The enums whose planted member a total table, or a set of tests/test_tables.py, names as missing."""
    modules = [_module(path, root) for path in _sources(root) if "total(" in path.read_text(encoding="utf-8")]
    return _named(root, "-c", _TABLES, *modules, "scripts.docs")


def imported(root: Path, module: str) -> subprocess.CompletedProcess[str]:
    """What importing a module of the tree says."""
    return python(root, "-c", f"import {module}")


def run_pytest(root: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """What pytest says of these tests of the tree."""
    return python(root, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests)


def _named(root: Path, *arguments: str) -> set[str]:
    done = python(root, *arguments)
    return set(PLANTED.findall(done.stdout + done.stderr))


def python(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in a copy of the tree."""
    # The tree's own modules come before those of the environment, which are installed from where this test is.
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


def _sources(root: Path) -> Iterator[Path]:
    for path in sorted((root / "syncbot").rglob("*.py")):
        if path.relative_to(root).parts[1] != "sandbox":
            yield path


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rpartition(".")[2] for base in node.bases}


def _plant(path: Path, names: set[str]) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    bodies = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.ClassDef) and node.name in names]
    for node in sorted(bodies, key=lambda node: -node.lineno):
        last = max(part.end_lineno or 0 for part in node.body if isinstance(part, ast.Assign))
        lines.insert(last, f'{" " * node.body[0].col_offset}PLANTED = "planted"')
    path.write_text("\n".join(lines), encoding="utf-8")


def _module(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
