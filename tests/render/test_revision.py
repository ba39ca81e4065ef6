"""The revision that is published: its commit, what differs from it, and whether it is merged. On real git."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from syncbot.model.files import File
from syncbot.model.fleet import Merged, Source
from syncbot.render.revision import source
from syncbot.render.sources import read_sources
from tests.render.test_history import OWNED, commit, empty_home, git

__all__ = ["empty_home"]
CONFIG = "config/repos.yaml"
ACTIONS = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/platform"}


def revision(root: Path, environment: Mapping[str, str] | None = None) -> Source:
    """Of a folder as it is read: its templates and its config."""
    files = dict(read_sources(root).files)
    if (root / CONFIG).is_file():
        files[CONFIG] = File(content=(root / CONFIG).read_bytes())
    return source(root, files, environment or {})


@pytest.fixture
def cloned(tree, tmp_path: Path) -> Path:
    """A clone of a repo with one commit on its default branch, `trunk`; the repo is beside it, `acme/platform`."""
    origin = tmp_path / "acme" / "platform"
    tree({CONFIG: "repos: []\n"}).rename(tmp_path / "moved")
    origin.parent.mkdir()
    (tmp_path / "moved").rename(origin)
    git(origin, "init", "--quiet", "--initial-branch=trunk")
    commit(origin, "one")
    git(tmp_path, "clone", "--quiet", str(origin), "clone")
    return tmp_path / "clone"


def test_commit_and_repository(tree) -> None:
    """The commit, and owner/name from `origin` or GitHub Actions; nothing outside git. Without a remote it is all."""
    root = tree({})
    assert revision(root, {"GITHUB_REPOSITORY": "acme/platform"}) == Source()
    git(root, "init", "--quiet")
    unborn = revision(root)
    assert (unborn.commit, unborn.merged) == (None, Merged.NO_REMOTE)
    assert OWNED in unborn.differing and unborn.dirty
    head = commit(root, "one")
    assert revision(root) == Source(commit=head, merged=Merged.NO_REMOTE)
    assert revision(root, {"GITHUB_REPOSITORY": "acme/platform"}).repository == "acme/platform"


def test_what_was_read_is_what_counts(tree) -> None:
    """Edited, staged, untracked, ignored, made executable, taken away, hidden from git's index: each differs. A file
    that nothing reads does not."""
    root = tree({CONFIG: "repos: []\n", "config/other.yaml": "x: 1\n", "templates/tool/files/run.sh": "true\n"})
    (root / ".gitignore").write_text("*.local\n")
    git(root, "init", "--quiet")
    commit(root, "one")
    (root / "unrelated.txt").write_text("x\n")
    (root / "config/other.yaml").write_text("x: 2\n")
    assert revision(root).differing == ()
    git(root, "update-index", "--assume-unchanged", OWNED)
    (root / OWNED).write_text("{{ word }}, again\n")
    (root / CONFIG).write_text("repos: [x]\n")
    git(root, "add", CONFIG)
    (root / "templates/tool/files/new.local").write_text("x\n")
    (root / "templates/tool/files/run.sh").chmod(0o755)
    (root / "templates/tool/ownership.yaml").unlink()
    assert revision(root).differing == tuple(
        sorted(
            (
                CONFIG,
                OWNED,
                "templates/tool/files/new.local",
                "templates/tool/files/run.sh",
                "templates/tool/ownership.yaml",
            )
        )
    )


def test_a_folder_below_the_top_of_git(tree, tmp_path: Path) -> None:
    """Paths are the folder's own, and what changes beside it is of no concern."""
    top = tmp_path / "top"
    top.mkdir()
    root = tree({CONFIG: "repos: []\n"}).rename(top / "platform")
    git(top, "init", "--quiet")
    commit(top, "one")
    (top / "copier.yml").write_text("x\n")
    assert revision(root).differing == ()
    (root / CONFIG).write_text("repos: [x]\n")
    assert revision(root).differing == (CONFIG,)


def test_bytes_that_git_converts_are_not_what_the_commit_holds(tree) -> None:
    """The rendering takes the carriage returns that this checkout has, so it is another than the commit's."""
    root = tree({".gitattributes": "* text=auto eol=crlf\n"})
    git(root, "init", "--quiet")
    commit(root, "one")
    (root / OWNED).unlink()
    git(root, "checkout", "--quiet", "--", OWNED)
    assert git(root, "status", "--porcelain") == ""
    assert revision(root).differing == (OWNED,)


def test_on_the_default_branch_of_the_remote(cloned: Path) -> None:
    """A clone notes the default branch. A commit is merged once that branch, as it was fetched last, holds it."""
    first = git(cloned, "rev-parse", "HEAD")
    assert revision(cloned) == Source(
        commit=first, merged=Merged.YES, remote="origin", branch="trunk", repository="acme/platform"
    )
    git(cloned, "switch", "--quiet", "--create", "proposal")
    (cloned / OWNED).write_text("{{ word }}, again\n")
    proposed = commit(cloned, "two")
    git(cloned, "push", "--quiet", "origin", "proposal")
    assert (revision(cloned).commit, revision(cloned).merged) == (proposed, Merged.NO)
    git(cloned.parent / "acme" / "platform", "merge", "--quiet", "--no-ff", "proposal")
    assert revision(cloned).merged is Merged.NO
    git(cloned, "fetch", "--quiet")
    assert revision(cloned).merged is Merged.YES
    git(cloned, "switch", "--quiet", "--detach", first)
    assert revision(cloned).merged is Merged.YES


def test_a_default_branch_that_nobody_noted(cloned: Path) -> None:
    """It is unknown until git is told; the remote need not be called origin."""
    git(cloned, "remote", "set-head", "origin", "--delete")
    assert (revision(cloned).merged, revision(cloned).branch) == (Merged.UNKNOWN, "")
    git(cloned, "remote", "set-head", "origin", "--auto")
    assert revision(cloned).merged is Merged.YES
    git(cloned, "remote", "rename", "origin", "upstream")
    git(cloned, "remote", "set-head", "upstream", "trunk")
    assert (revision(cloned).merged, revision(cloned).remote) == (Merged.YES, "upstream")


def as_actions_checks_out(origin: Path, folder: Path, fetched: str, *, depth: int | None = 1) -> Path:
    """What actions/checkout does: init, add the remote, fetch one ref, check it out. `origin/HEAD` is never set."""
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "remote", "add", "origin", f"file://{origin}")
    git(
        folder,
        "-c",
        "remote.origin.followRemoteHEAD=never",
        "fetch",
        "--quiet",
        *([f"--depth={depth}"] if depth else []),
        "origin",
        fetched,
    )
    git(folder, "checkout", "--quiet", "--detach", fetched.partition(":")[2])
    return folder


@pytest.mark.parametrize("depth", [1, None])
def test_in_github_actions(cloned: Path, tmp_path: Path, depth: int | None) -> None:
    """The event tells the default branch, and a scheduled run is on no other; both of this repository alone."""
    origin = tmp_path / "acme" / "platform"
    trunk = as_actions_checks_out(origin, tmp_path / "run", "+refs/heads/trunk:refs/remotes/origin/trunk", depth=depth)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"repository": {"default_branch": "trunk"}}))
    pushed = {**ACTIONS, "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(event)}
    nightly = {**ACTIONS, "GITHUB_EVENT_NAME": "schedule", "GITHUB_REF_NAME": "trunk"}
    for environment in (pushed, nightly):
        assert revision(trunk, environment).merged is Merged.YES
        assert revision(trunk, environment | {"GITHUB_REPOSITORY": "acme/other"}).merged is Merged.UNKNOWN
        assert revision(trunk, {**environment, "GITHUB_ACTIONS": ""}).merged is Merged.UNKNOWN
    by_hand = {**ACTIONS, "GITHUB_EVENT_NAME": "workflow_dispatch", "GITHUB_REF_NAME": "trunk"}
    assert revision(trunk, by_hand).merged is Merged.UNKNOWN


def test_a_pull_request_in_github_actions(cloned: Path, tmp_path: Path) -> None:
    """A run of a pull request has fetched its merge alone: that is not on the default branch, as far as it knows."""
    origin = tmp_path / "acme" / "platform"
    git(origin, "update-ref", "refs/pull/1/merge", "trunk")
    run = as_actions_checks_out(origin, tmp_path / "run", "+refs/pull/1/merge:refs/remotes/pull/1/merge")
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"repository": {"default_branch": "trunk"}}))
    environment = {**ACTIONS, "GITHUB_EVENT_PATH": str(event)}
    assert (revision(run, environment).merged, revision(run, environment).branch) == (Merged.NOT_FETCHED, "trunk")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/acme/platform.git", "acme/platform"),
        ("https://github.example.org/acme/platform", "acme/platform"),
        ("git@github.com:acme/platform.git", "acme/platform"),
        ("ssh://git@github.com:22/acme/platform.js/", "acme/platform.js"),
        ("platform", None),
    ],
)
def test_owner_and_name_from_any_remote_url(tree, url: str, name: str | None) -> None:
    """Git's spellings of a remote all give owner/name."""
    root = tree({})
    git(root, "init", "--quiet")
    git(root, "remote", "add", "origin", url)
    assert source(root, {}, {}).repository == name
