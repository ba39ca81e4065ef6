"""Dependencies point one way, and the pure packages stay pure: the rules hold, and they bite."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "syncbot"
MIDDLE = {"check", "config", "render", "github", "live", "report", "sandbox"}
LOWER = {"plan", "ownership", "postgres"}
BASE = {"model", "errors", "tables", "credentials", "clock", "git", "__init__", "formats"}
MAY_IMPORT = (
    {"cli": MIDDLE | LOWER | BASE | {"cli"}}
    | {name: {name} | LOWER | BASE for name in MIDDLE}
    | {"plan": {"plan", "ownership"} | BASE, "ownership": {"ownership"} | BASE, "postgres": {"postgres"} | BASE}
    | dict.fromkeys(BASE, BASE)
    | {"formats": {"formats"}}
)
ONLY_IMPORTER = {"github": "syncbot/github", "copier": "syncbot/render/copier_run.py", "click": "syncbot/cli"}
ONLY_IMPORTER |= dict.fromkeys(("boto3", "botocore", "hcl2", "psycopg"), "syncbot/live")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            package = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
            found.add(".".join((*package, node.module or "")))
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_dependencies_point_one_way(path: Path) -> None:
    """cli -> (config, render, github, report, sandbox) -> (plan, ownership) -> model -> formats; none sideways."""
    layer = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    reached = {name.split(".")[1] for name in imports(path) if name.startswith("syncbot.")} - {"__version__"}
    assert reached <= MAY_IMPORT[layer]
    for package, place in ONLY_IMPORTER.items():
        if any(name == package or name.startswith(f"{package}.") for name in imports(path)):
            assert path.relative_to(ROOT).as_posix().startswith(place)


@pytest.mark.parametrize("package", ["plan", "ownership", "postgres", "report", "formats"])
@pytest.mark.parametrize(
    "line",
    [
        "import socket",
        "import subprocess",
        "from pathlib import Path",
        "from github import Github",
        "import copier",
        "from syncbot.github.connection import Connection",
        "from datetime import datetime\n\nnow = datetime.now()",
    ],
)
def test_the_purity_rule_bites(package: str, line: str) -> None:
    """A planted import of a network, disk, clock or outer module in a pure package is a lint error."""
    planted = ROOT / "syncbot" / package / "planted.py"
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--stdin-filename", planted, "-"],
        input=line + "\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 1
    assert "TID251" in done.stdout


def test_help_is_quick() -> None:
    """`syncbot --help` imports neither copier nor PyGithub, nor any command or reader of YAML."""
    code = (
        "import sys; from syncbot.cli.main import cli; cli(['--help'], standalone_mode=False);"
        "sys.exit(' '.join({'copier', 'github', 'jinja2', 'pydantic', 'pygit2', 'ruamel'} & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "apply" in done.stdout


@pytest.mark.parametrize("outer", sorted({path.relative_to(PACKAGE).parts[0] for path in PACKAGE.rglob("*.py")}))
def test_the_bottom_layer_imports_nothing_above_it(outer: str) -> None:
    """Every package and module of syncbot is banned by name in `formats`, so a new one has to be added there."""
    name = outer.removesuffix(".py")
    banned = (PACKAGE / "formats" / "ruff.toml").read_text()
    assert name in {"formats", "__init__"} or f'"syncbot.{name}".msg' in banned
