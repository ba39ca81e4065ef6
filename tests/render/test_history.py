"""Reading the platform team's own repo: where it stands, and its templates as they once were."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from syncbot.errors import ConfigError
from syncbot.model.files import File
from syncbot.render import compile_templates
from syncbot.render.history import (
    commits_since,
    commits_touching,
    config_at,
    day_of,
    file_at,
    is_ancestor,
    is_shallow,
    sources_at,
    trees_at,
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
    root = tree({"config/repos.yaml": "repos: []\n", "notes.txt": "no source\n"})
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
    git(top, "config", "core.autocrlf", "false")
    first = commit(top, "one")
    stored = git(top, "show", f"{first}:./{prefix and prefix + '/'}templates/tool/files/run.jinja")
    (repository / OWNED).write_text("{{ word }}, again\n")
    (repository / "templates/tool/files/run.jinja").unlink()
    second = commit(top, "two")
    (top / "elsewhere.txt").write_text("x\n")
    commit(top, "of no concern")

    sources = sources_at(repository, first)
    assert sources is not None
    assert not sources.refused
    rendered = compile_templates(sources).render("tool", {})
    assert rendered["run"] == File(content=stored.replace("{{ word }}", "hello").encode() + b"\n", mode="100755")
    assert rendered["owned.txt"].content == b"hello\n"
    assert not any("notes" in path or "config" in path for path in sources.files)
    assert file_at(repository, first, "config/repos.yaml") == b"repos: []\n"
    later = sources_at(repository, second)
    assert later is not None
    assert compile_templates(later).render("tool", {}).keys() == {"owned.txt"}
    assert commits_touching(repository, 10) == (second, first)
    assert commits_touching(repository, 1) == (second,)


def test_a_commit_that_is_not_there(tree, tmp_path: Path) -> None:
    """An unknown commit, a commit without templates, a lock's nonsense, no git at all: None, and no crash."""
    root = tree({})
    assert sources_at(root, "0" * 40) is None
    assert commits_touching(root, 5) == ()
    git(root, "init", "--quiet")
    (root / "copier.yml").rename(tmp_path / "copier.yml")
    without = commit(root, "no copier.yml")
    for wrong in (without, "f" * 40, "HEAD", "--all", "", "main", "x; rm -rf ."):
        assert sources_at(root, wrong) is None, wrong
        assert trees_at(root, [wrong]) == {}, wrong
        assert file_at(root, wrong, "copier.yml") is None, wrong
    assert sources_at(tmp_path / "nowhere", "0" * 40) is None
    assert trees_at(tmp_path / "nowhere", ["0" * 40]) == {}


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
    sources = sources_at(root, linked)
    assert sources is not None
    with pytest.raises(ConfigError, match=r"^templates/tool/self: symlinks are not supported in templates$"):
        compile_templates(sources)


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
    trees = trees_at(root, [first, second, third])
    assert trees[third] == trees[second] != trees[first]
    configs = [config_at(root, each) for each in (first, second, third)]
    assert "" != configs[0] == configs[1] != configs[2]
    assert day_of(root, first) == date.fromisoformat(git(root, "show", "--no-patch", "--format=%cs", first))
    assert day_of(root, "0" * 40) is None
