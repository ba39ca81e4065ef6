"""The templates by the id of their tree: the id is git's own, and leads back to them through what was merged."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncbot.model.files import FileId, blob_id, tree_id
from syncbot.render import Templates, history, load_templates
from syncbot.render.history import EarlierTemplates, trees_at
from tests.render.test_history import OWNED, commit, git

QUIET = settings(
    derandomize=True, deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
names = st.sampled_from(["a", "a.b", "a-b", "a0", "A", "templates", "{% if x %}y{% endif %}", "é", "z z"])
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
contents = st.tuples(st.binary(max_size=5), st.booleans())


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No git settings of the person who runs the tests, and no repository left over from a hook."""
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))


def without_clashes(drawn: dict[str, tuple[bytes, bool]]) -> dict[str, tuple[bytes, bool]]:
    """No path that is a file as well as the folder of another."""
    return {path: file for path, file in drawn.items() if not any(other.startswith(f"{path}/") for other in drawn)}


@QUIET
@given(st.dictionaries(paths, contents, min_size=1, max_size=6).map(without_clashes))
def test_a_tree_has_the_id_that_git_gives_it(tmp_path: Path, files: dict[str, tuple[bytes, bool]]) -> None:
    """Whatever the names, in git's own order, in which a folder sorts as if it ended with a slash."""
    if not (tmp_path / ".git").exists():
        git(tmp_path, "init", "--quiet")
    ids = {
        path: FileId(id=blob_id(content), mode="100755" if executable else "100644")
        for path, (content, executable) in files.items()
    }
    index = "".join(f"{each.mode} {each.id}\t{path}\0" for path, each in ids.items())
    environment = {
        **os.environ,
        "GIT_INDEX_FILE": str(tmp_path / "index"),
        "GIT_CEILING_DIRECTORIES": str(tmp_path.parent),
    }
    (tmp_path / "index").unlink(missing_ok=True)

    def run(*arguments: str, text: str = "") -> str:
        command = ["git", "-C", str(tmp_path), *arguments]
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=True, env=environment)
        return done.stdout.decode().strip()

    run("update-index", "-z", "--index-info", text=index)
    assert tree_id(ids) == run("write-tree", "--missing-ok")


def mktree(root: Path, revision: str) -> str:
    """What git calls the tree of the two entries alone."""
    listed = git(root, "ls-tree", revision, "copier.yml", "templates")
    done = subprocess.run(
        ["git", "-C", str(root), "mktree"], input=f"{listed}\n", capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def history_of(root: Path) -> tuple[str, Templates, str, Templates]:
    """Two commits with other templates each, as commit and templates; a third, which is HEAD, changes config alone."""
    git(root, "init", "--quiet", "--initial-branch=main")
    first = commit(root, "one")
    before = load_templates(root)
    (root / OWNED).write_text("{{ word }}, again\n")
    second = commit(root, "two")
    (root / "config").mkdir()
    (root / "config/repos.yaml").write_text("repos: []\n")
    commit(root, "three")
    return first, before, second, load_templates(root)


def test_templates_know_the_tree_that_git_has_of_them(tree) -> None:
    """As `git mktree` of copier.yml and templates/, whatever else the commit holds; and so from git's own objects."""
    root = tree({"notes.txt": "no source\n", "copier.yaml.orig": "none either\n"})
    (root / "templates/tool/files/run").write_text("#!/bin/sh\n")
    (root / "templates/tool/files/run").chmod(0o755)
    first, before, second, after = history_of(root)
    assert (
        (before.tree, after.tree)
        == (mktree(root, first), mktree(root, second))
        == (mktree(root, first), mktree(root, "HEAD"))
    )
    assert before.tree != after.tree
    assert trees_at(root, [second, "f" * 40, first, "nonsense"]) == {first: before.tree, second: after.tree}


def test_templates_are_found_by_their_tree(tree) -> None:
    """By the commit that a lock names or without it, compiled once; those of today are not read again."""
    root = tree({})
    first, before, second, present = history_of(root)
    earlier = EarlierTemplates(root, present)
    assert earlier.of(present.tree) is present
    with patch.object(history, "compile_templates", wraps=history.compile_templates) as compiling:
        found = earlier.of(before.tree, second)
        assert found is earlier.of(before.tree) is earlier.of(before.tree, first) is earlier.at(first)
    assert compiling.call_count == 1
    assert found is not None
    assert (found.tree, found.render("tool", {})) == (before.tree, before.render("tool", {}))
    assert earlier.at(second) is earlier.at(git(root, "rev-parse", "HEAD")) is present
    for wrong in ("f" * 40, "", "HEAD"):
        assert earlier.of(wrong) is None
        assert earlier.of(wrong, first) is None
        assert earlier.at(wrong) is None


def test_only_what_was_merged_is_compiled(tree) -> None:
    """A tree of another branch is in git's store as well, and a lock can name it; a merge makes it known."""
    root = tree({})
    *_, present = history_of(root)
    git(root, "switch", "--quiet", "--create", "proposal")
    (root / OWNED).write_text("{{ word }}, proposed\n")
    proposed = commit(root, "proposed")
    tree_of_it = load_templates(root).tree
    git(root, "switch", "--quiet", "main")
    earlier = EarlierTemplates(root, present)
    assert earlier.of(tree_of_it, proposed) is earlier.of(tree_of_it) is earlier.at(proposed) is None
    git(root, "merge", "--quiet", "--no-ff", "proposal", "--message", "merged")
    for named in (None, proposed):
        found = EarlierTemplates(root, present).of(tree_of_it, named)
        assert found is not None
        assert found.tree == tree_of_it


def test_an_old_tree_is_found_by_the_commit_that_the_lock_names(tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without that, the newest commits that changed templates are all that is looked at."""
    root = tree({})
    first, before, _, present = history_of(root)
    monkeypatch.setattr(history, "SEARCHED", 1)
    assert EarlierTemplates(root, present).of(before.tree) is None
    assert EarlierTemplates(root, present).of(before.tree, first) is not None


@pytest.mark.parametrize("broken", ["{% if word %}\n", "link"])
def test_templates_that_do_not_load_are_none(tree, broken: str) -> None:
    """What is wrong in an earlier commit is nobody's mistake of today: a template with an error, a link."""
    root = tree({})
    git(root, "init", "--quiet")
    if broken == "link":
        (root / "templates/tool/self").symlink_to("/proc/self")
    else:
        (root / OWNED).write_text(broken)
    wrong = commit(root, "broken")
    (root / "templates/tool/self").unlink(missing_ok=True)
    (root / OWNED).write_text("{{ word }}\n")
    commit(root, "mended")
    earlier = EarlierTemplates(root, load_templates(root))
    assert earlier.at(wrong) is None
    assert earlier.of(mktree(root, wrong)) is None
