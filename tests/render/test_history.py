"""Reading the platform team's own repo: where it stands, and its templates as they once were."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from syncbot.errors import ConfigError
from syncbot.render import load_templates
from syncbot.render.history import (
    commits_since,
    commits_touching,
    day_of,
    is_ancestor,
    is_shallow,
    sources_of,
    templates_at,
)

OWNED = "templates/tool/files/owned.txt.jinja"


def git(folder: Path, *arguments: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{
            f"GIT_{who}_{what}": f"{what.lower()}@example.org"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.strip()


def commit(folder: Path, message: str) -> str:
    git(folder, "add", "--all", ".")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No git settings of the person who runs the tests, and no repository left over from a hook."""
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "no-such-repository"))


@pytest.mark.parametrize("prefix", ["", "platform/syncbot"])
def test_templates_of_an_earlier_commit(tree, tmp_path: Path, prefix: str) -> None:
    """An earlier commit's templates load and render as they did, whether the folder is git's top level or below it."""
    root = tree({"config/repos.yaml": "repos: []\n", "notes.txt": "not exported\n"})
    script = root / "templates/tool/files/run.jinja"
    script.write_text("#!/bin/sh\r\necho {{ word }}\n", newline="")
    script.chmod(0o755)
    (root / ".gitattributes").write_text("* text=auto\ntemplates export-ignore\n")
    top = tmp_path / "top"
    if prefix:
        (top / prefix).parent.mkdir(parents=True)
        root.rename(top / prefix)
    else:
        root.rename(top)
    repository = top / prefix
    git(top, "init", "--quiet")
    first = commit(top, "one")
    before = load_templates(repository).render("tool", {})
    (repository / OWNED).write_text("{{ word }}, again\n")
    (repository / "templates/tool/files/run.jinja").unlink()
    second = commit(top, "two")
    (top / "elsewhere.txt").write_text("x\n")
    commit(top, "of no concern")

    with templates_at(repository, first) as exported:
        assert exported is not None
        assert load_templates(exported).render("tool", {}) == before
        assert (exported / "config/repos.yaml").read_text() == "repos: []\n"
        assert not (exported / "notes.txt").exists()
    assert not exported.exists()
    with templates_at(repository, second) as exported:
        assert exported is not None
        assert load_templates(exported).render("tool", {}).keys() == {"owned.txt"}
    assert commits_touching(repository, 10) == (second, first)
    assert commits_touching(repository, 1) == (second,)


def test_a_commit_that_is_not_there(tree, tmp_path: Path) -> None:
    """An unknown commit, a commit without templates, a lock's nonsense, no git at all: None, and no crash."""
    root = tree({})
    with templates_at(root, "0" * 40) as exported:
        assert exported is None
    assert commits_touching(root, 5) == ()
    git(root, "init", "--quiet")
    (root / "copier.yml").rename(tmp_path / "copier.yml")
    without = commit(root, "no copier.yml")
    for wrong in (without, "f" * 40, "HEAD", "--all", "", "main", "x; rm -rf ."):
        with templates_at(root, wrong) as exported:
            assert exported is None, wrong
    with templates_at(tmp_path / "nowhere", "0" * 40) as exported:
        assert exported is None


def test_only_what_was_merged_is_an_ancestor(tree) -> None:
    """A commit of another branch is in git's store as well, and a lock can name it; so can it name nonsense."""
    root = tree({})
    assert not is_ancestor(root, "f" * 40)
    git(root, "init", "--quiet")
    first = commit(root, "one")
    git(root, "switch", "--quiet", "--create", "proposal")
    (root / OWNED).write_text("{{ word }}, again\n")
    proposed = commit(root, "two")
    git(root, "switch", "--quiet", "-")
    assert is_ancestor(root, first)
    for wrong in (proposed, "f" * 40, "HEAD", "--all", "", "main"):
        assert not is_ancestor(root, wrong), wrong
    git(root, "merge", "--quiet", "proposal")
    assert is_ancestor(root, proposed)


def test_a_link_at_an_earlier_commit_is_refused_as_it_is_in_the_work_tree(tree) -> None:
    """It is neither followed nor left out in silence."""
    root = tree({})
    git(root, "init", "--quiet")
    (root / "templates/tool/self").symlink_to("/proc/self")
    linked = commit(root, "a link")
    with templates_at(root, linked) as exported:
        assert exported is not None
        with pytest.raises(ConfigError, match=r"^templates/tool/self: symlinks are not supported in templates$"):
            load_templates(exported)


def test_a_history_that_is_cut_off(tree, tmp_path: Path) -> None:
    """A clone of depth 1 is shallow; a whole one is not, nor is a folder outside git."""
    root = tree({})
    assert not is_shallow(root)
    git(root, "init", "--quiet")
    commit(root, "one")
    (root / "more.txt").write_text("x\n")
    commit(root, "two")
    assert not is_shallow(root)
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", "shallow")
    assert is_shallow(tmp_path / "shallow")


def test_what_changed_since(tree, tmp_path: Path) -> None:
    """The main line's commits to templates and config, oldest first; a merge goes by its pull request's title."""
    root = tree({"config/repos.yaml": "repos: []\n"})
    git(root, "init", "--quiet", "--initial-branch=main")
    first = commit(root, "one")
    (root / OWNED).write_text("{{ word }} 2\n")
    second = commit(root, "two #7\n\nwith more to say")
    (root / "notes.txt").write_text("of no concern\n")
    commit(root, "notes")
    git(root, "switch", "--quiet", "--create", "topic")
    (root / "config/repos.yaml").write_text("repos: [1]\n")
    commit(root, "wip")
    git(root, "switch", "--quiet", "main")
    message = "Merge pull request #3 from acme/topic\n\nThree\n\nbody"
    git(root, "merge", "--quiet", "--no-ff", "--message", message, "topic")
    third = git(root, "rev-parse", "HEAD")
    found = commits_since(root, first, 50)
    assert found is not None
    assert [(each.id, each.subject) for each in found] == [(second, "two #7"), (third, "Three")]
    assert [each.id for each in commits_since(root, first, 0) or ()] == [third]
    assert commits_since(root, third, 50) == ()
    assert commits_since(root, "0" * 40, 50) is None
    assert commits_since(root, "--all", 50) is None
    at = [sources_of(root, each) for each in (first, second, third)]
    assert at[0][0] != at[1][0] == at[2][0] != ""
    assert "" != at[0][1] == at[1][1] != at[2][1]
    assert day_of(root, first) == date.fromisoformat(git(root, "show", "--no-patch", "--format=%cs", first))
    assert day_of(root, "0" * 40) is None
