"""Dependencies point one way, and the pure packages stay pure: the rules hold, and they bite."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "syncbot"
MIDDLE = {"check", "config", "render", "github", "postgres.live", "report", "sandbox"}
BASE = {"model", "errors", "tables", "credentials", "clock", "git", "__init__", "formats"}
PLAN = {"plan.fleet", "plan.pulls", "plan.files", "plan"}
LOWER = PLAN | {"ownership", "postgres"}
MAY_IMPORT = (
    {"cli": MIDDLE | LOWER | BASE | {"app", "cli"}, "app": MIDDLE | LOWER | BASE | {"app"}}
    | {name: {name} | LOWER | BASE for name in MIDDLE}
    | {
        "plan.fleet": PLAN | {"ownership"} | BASE,
        "plan.pulls": PLAN - {"plan.fleet"} | {"ownership"} | BASE,
        "plan.files": {"plan.files", "plan", "ownership"} | BASE,
        "plan": {"plan"} | BASE,
        "ownership": {"ownership"} | BASE,
        "postgres": {"postgres"} | BASE,
    }
    | dict.fromkeys(BASE, BASE)
    | {"formats": {"formats"}}
)
"""Which layers each may import. `plan` alone is the shared values at its top."""
ONLY_IMPORTER = {"github": "syncbot/github", "copier": "syncbot/render/copier_run.py", "click": "syncbot/cli"}
ONLY_IMPORTER |= dict.fromkeys(("boto3", "botocore", "hcl2", "psycopg"), "syncbot/postgres/live")


def layer(module: str) -> str:
    """The layer of a module, by its name below `syncbot`: of two parts where the packages of one are layers."""
    parts = module.split(".")
    return ".".join(parts[:2]) if ".".join(parts[:2]) in MAY_IMPORT else parts[0]


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
    """cli -> app -> (config, render, github, report, sandbox) -> (plan, ownership) -> model -> formats; none sideways.

    In plan: fleet -> pulls -> files -> the values at its top.
    """
    names = {name.removeprefix("syncbot.") for name in imports(path) if name.startswith("syncbot.")} - {"__version__"}
    own = layer(".".join(path.relative_to(PACKAGE).with_suffix("").parts))
    assert {layer(name) for name in names} <= MAY_IMPORT[own]
    for package, place in ONLY_IMPORTER.items():
        if any(name == package or name.startswith(f"{package}.") for name in imports(path)):
            assert path.relative_to(ROOT).as_posix().startswith(place)


@pytest.mark.parametrize("package", ["plan", "plan/files", "plan/pulls", "ownership", "postgres", "report", "formats"])
@pytest.mark.parametrize(
    "line",
    [
        "import socket",
        "import subprocess",
        "from pathlib import Path",
        "from github import Github",
        "import copier",
        "from syncbot.github.connection import Connection",
        "from syncbot.app.session import open_session",
        "from syncbot.postgres.live.server import read_server",
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
