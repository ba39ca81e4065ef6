"""The patches in tests/examples each add something in at most two source files, and what they add works.

Each brings tests of its own. Where one does not apply any more, the tree has changed under it: make it anew.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.planting import ROOT, copy_parts, python, run_pytest

EXAMPLES = ROOT / "tests" / "examples"
PARTS = ("syncbot", "scripts", "templates", "copier.yml", "pyproject.toml", "docs", "tests")
WITHOUT = ("examples", "node_modules")
BESIDE = {"file_state": ("tests/test_tables.py",)}
"""Tests of the tree that a patch may break, and does not touch itself."""
TOLD = {
    "file_state": {"docs/json.md": "| `opted-out` | the team keeps it as it is: `syncbot: opt-out` stands in it |"},
    "pull_request_rule": {"docs/pull-requests.md": "| people committed on its branch, and a review asks them"},
}
"""What `make docs` then writes of it."""
PATCHES = sorted(path.stem for path in EXAMPLES.iterdir())


def apply(patch: str, root: Path, *options: str) -> str:
    """`git apply`, which takes no patch of which a line differs from the tree; answers what it prints."""
    done = subprocess.run(
        ["git", "apply", *options, str(EXAMPLES / f"{patch}.patch")],
        cwd=root,
        env=os.environ | {"GIT_CEILING_DIRECTORIES": str(root.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{patch}.patch does not apply to the tree as it is now:\n{done.stderr}"
    return done.stdout


def touched(patch: str) -> list[str]:
    """The paths that it changes or adds."""
    rows = apply(patch, ROOT, "--numstat", "-z").split("\0")
    return [row.split("\t")[2] for row in rows if row]


def test_each_row_has_its_example() -> None:
    """CONTRIBUTING links the four of them, and no other."""
    linked = re.findall(r"\(tests/examples/(\w+)\.patch\)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert sorted(linked) == PATCHES == ["file_state", "format", "move", "pull_request_rule"]


@pytest.mark.parametrize("patch", PATCHES)
def test_an_addition_touches_two_sources_at_most(patch: str) -> None:
    """Whatever is no test or page counts; and each says in its first line what it adds."""
    assert (EXAMPLES / f"{patch}.patch").read_text(encoding="utf-8").startswith("Adds a ")
    assert 1 <= len([path for path in touched(patch) if not path.startswith(("tests/", "docs/"))]) <= 2


@pytest.mark.parametrize("patch", PATCHES)
def test_what_it_adds_works(patch: str, tmp_path: Path) -> None:
    """Its tests fail in the tree as it is and pass with it, as those beside do; its form is right, docs/ tell it."""
    copy_parts(PARTS, tmp_path, WITHOUT)
    paths = touched(patch)
    tests = [path for path in paths if path.startswith("tests/")]
    apply(patch, tmp_path, "--include=tests/*")
    before = run_pytest(tmp_path, "-x", *tests)
    assert before.returncode in (1, 2), before.stdout + before.stderr
    apply(patch, tmp_path, "--exclude=tests/*")
    after = run_pytest(tmp_path, *tests, *BESIDE.get(patch, ()))
    assert (after.returncode, " passed" in after.stdout) == (0, True), after.stdout + after.stderr
    modules = [path for path in paths if path.endswith(".py")]
    for arguments in (("check", "--no-cache"), ("format", "--check", "--no-cache")):
        done = python(tmp_path, "-m", "ruff", *arguments, *modules)
        assert done.returncode == 0, done.stdout + done.stderr
    for page, row in TOLD.get(patch, {}).items():
        assert python(tmp_path, "-m", "scripts.docs").returncode == 0
        assert row in (tmp_path / page).read_text(encoding="utf-8")
