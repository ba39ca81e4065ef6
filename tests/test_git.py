"""git as a program: it reads and acts where it is told to, in its own words, whatever the surroundings say."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from syncbot.git import GitError, NoGitError, act, read, read_text
from tests.test_layers import PACKAGE


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    act(folder, "init", "--quiet", "--initial-branch=trunk")
    return folder


@pytest.mark.parametrize("variable", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"])
def test_a_hooks_variables_do_not_reach_it(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """syncbot in a pre-commit hook of another repository looks where it is told to all the same."""
    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    assert read_text(repository, "symbolic-ref", "--short", "HEAD") == "trunk"
    assert act(repository, "status", "--porcelain") == ""


def test_what_git_refuses(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None, or empty text, where a checkout is read; git's own words in English where something is done."""
    assert read(repository, "rev-parse", "--verify", "HEAD") is None
    assert read_text(repository, "rev-parse", "--verify", "--quiet", "HEAD") == ""
    with pytest.raises(GitError, match=r"^git switch: .*nowhere"):
        act(repository, "switch", "nowhere")
    assert GitError.exit_code == 2


def test_no_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said in one line, by both."""
    monkeypatch.setenv("PATH", str(repository))
    for run in (read, act):
        with pytest.raises(NoGitError, match=r"^git cannot be run: No such file or directory$"):
            run(repository, "status")


def test_nobody_else_starts_git() -> None:
    """No other module of the package has a command line that begins with `git`, but the sandbox's server."""
    starting = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.List) and node.elts
        if isinstance(node.elts[0], ast.Constant) and node.elts[0].value == "git"
    }
    assert starting - {"sandbox/githttp.py"} == {"git.py"}
