"""Real git clones and pushes over HTTP, and pull requests follow."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from syncbot.sandbox.server import Sandbox
from tests.sandbox.conftest import Git
from tests.sandbox_support import commit_files, make_repo, merge_pull, read_file

REPO = "repos/acme/api"


@pytest.fixture
def clone(sandbox: Sandbox, git: Git, tmp_path: Path) -> Path:
    """A clone of `acme/api`, made without a password; its branch `x` is one commit ahead."""
    make_repo(sandbox, "acme/api", {"a": "a\n", "run": ("#!/bin/sh\n", "100755"), "link": ("a", "120000")})
    commit_files(sandbox, "acme/api", "x", {"b": "b\n"})
    git("clone", "--quiet", f"{sandbox.url}/acme/api.git", "clone")
    return tmp_path / "clone"


def commit(git: Git, clone: Path, path: str, text: str) -> str:
    target = clone / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    git("add", path, cwd=clone)
    git("commit", "--quiet", "--message", f"Write {path}", cwd=clone)
    return git("rev-parse", "HEAD", cwd=clone).stdout.strip()


def open_pull(client: httpx.Client) -> None:
    assert client.post(f"{REPO}/pulls", json={"title": "T", "head": "x", "base": "main"}).status_code == 201


def test_clone(sandbox: Sandbox, git: Git, clone: Path, tmp_path: Path) -> None:
    """A clone has the files, modes and links, with or without `.git` in the address, shallow or partial."""
    assert (clone / "run").stat().st_mode & 0o100
    assert (clone / "link").readlink() == Path("a")
    git("clone", "--quiet", "--depth", "1", "--filter", "blob:none", f"{sandbox.url}/acme/api", "shallow")
    assert (tmp_path / "shallow" / "a").read_text() == "a\n"


def test_push_to_a_pull_request(
    sandbox: Sandbox, git: Git, clone: Path, developer: httpx.Client, push_url: str
) -> None:
    """A developer's commit on the branch becomes the head at once, without a forced update."""
    open_pull(developer)
    git("switch", "--quiet", "x", cwd=clone)
    pushed = commit(git, clone, "fix.txt", "fixed\n")
    git("push", "--quiet", push_url, "x", cwd=clone)
    assert developer.get(f"{REPO}/pulls/1").json()["head"]["sha"] == pushed
    git("fetch", "--quiet", "origin", "pull/1/head", cwd=clone)
    assert git("rev-parse", "FETCH_HEAD", cwd=clone).stdout.strip() == pushed
    stats = sandbox.stats()
    assert stats["forced_updates"] == []
    merge_pull(sandbox, "acme/api", 1)
    git("pull", "--quiet", "origin", "main", cwd=clone)
    assert (clone / "fix.txt").exists()


def test_forced_push_is_recorded(
    sandbox: Sandbox, git: Git, clone: Path, developer: httpx.Client, push_url: str
) -> None:
    """A rewritten branch is on record with its owner, in the log and in the pull request's events."""
    open_pull(developer)
    before = developer.get(f"{REPO}/pulls/1").json()["head"]["sha"]
    git("switch", "--quiet", "x", cwd=clone)
    git("commit", "--quiet", "--amend", "--message", "Other", cwd=clone)
    refused = git("push", push_url, "x", cwd=clone, check=False)
    assert refused.returncode != 0
    assert sandbox.stats()["forced_updates"] == []
    git("push", "--quiet", "--force", push_url, "x", cwd=clone)
    after = git("rev-parse", "HEAD", cwd=clone).stdout.strip()
    [forced] = sandbox.stats()["forced_updates"]  # type: ignore[misc]
    assert (forced["before"], forced["after"], forced["actor"]) == (before, after, "developer")
    assert developer.get(f"{REPO}/issues/1/events").json()[0]["event"] == "head_ref_force_pushed"


def test_push_that_merges_and_deletes(git: Git, clone: Path, developer: httpx.Client, push_url: str) -> None:
    """A merge pushed to the base marks the pull request merged; a deleted branch closes another."""
    open_pull(developer)
    git("merge", "--quiet", "--no-ff", "origin/x", cwd=clone)
    git("push", "--quiet", push_url, "HEAD:main", cwd=clone)
    assert developer.get(f"{REPO}/pulls/1").json()["merged"] is True
    git("switch", "--quiet", "--create", "y", cwd=clone)
    commit(git, clone, "y", "y\n")
    git("push", "--quiet", push_url, "y", cwd=clone)
    assert developer.post(f"{REPO}/pulls", json={"title": "T", "head": "y", "base": "main"}).status_code == 201
    git("push", "--quiet", push_url, ":y", cwd=clone)
    assert developer.get(f"{REPO}/pulls/2").json()["state"] == "closed"


def test_first_push(sandbox: Sandbox, git: Git, clone: Path, developer: httpx.Client, push_url: str) -> None:
    """The first branch pushed to an empty repository becomes its default branch."""
    make_repo(sandbox, "acme/new")
    git("push", "--quiet", push_url.replace("/api.", "/new."), "HEAD:trunk", cwd=clone)
    assert developer.get("repos/acme/new").json()["default_branch"] == "trunk"
    git("clone", "--quiet", f"{sandbox.url}/acme/new.git", "new")


def test_push_needs_a_token_that_may(sandbox: Sandbox, git: Git, clone: Path, push_url: str) -> None:
    """No token: asked for one. A wrong token: 401. One that only reads: 403."""
    commit(git, clone, "c", "c\n")
    assert "could not read Username" in git("push", cwd=clone, check=False).stderr
    wrong = push_url.replace("developer:", "developer:x")
    assert "Authentication failed" in git("push", wrong, "main", cwd=clone, check=False).stderr
    reader = sandbox.forge.issue_token("reader", permissions={"contents": "read"})
    url = sandbox.url.replace("//", f"//reader:{reader}@") + "/acme/api.git"
    assert "403" in git("push", url, "main", cwd=clone, check=False).stderr
    assert read_file(sandbox, "acme/api", "main", "c") is None


def test_archived_is_not_pushed_to(
    sandbox: Sandbox, git: Git, clone: Path, developer: httpx.Client, push_url: str
) -> None:
    """A push to an archived repository is 403 in its words; cloning still works."""
    developer.patch(REPO, json={"archived": True})
    commit(git, clone, "c", "c\n")
    refused = git("push", push_url, "main", cwd=clone, check=False).stderr
    assert "403" in refused
    assert "archived so is read-only" in refused
    git("clone", "--quiet", f"{sandbox.url}/acme/api.git", "again")


def test_private_is_hidden(sandbox: Sandbox, git: Git, developer_token: str) -> None:
    """A private repository is cloned with a token that reaches it, and is not there for others."""
    make_repo(sandbox, "acme/secret", {"a": "a\n"}, private=True)
    address = f"{sandbox.url}/acme/secret.git"
    assert git("clone", address, "none", check=False).returncode != 0
    git("clone", "--quiet", address.replace("//", f"//x:{developer_token}@"), "mine")
    other = sandbox.forge.issue_token("other", repositories=("acme/api",))
    assert "not found" in git("clone", address.replace("//", f"//x:{other}@"), "theirs", check=False).stderr


def test_renamed_is_followed(sandbox: Sandbox, git: Git, clone: Path, developer: httpx.Client, push_url: str) -> None:
    """Old addresses keep working for fetch and push."""
    developer.patch(REPO, json={"name": "payments"})
    git("fetch", "--quiet", cwd=clone)
    commit(git, clone, "c", "c\n")
    git("push", "--quiet", push_url, "main", cwd=clone)
    assert read_file(sandbox, "acme/payments", "main", "c") == b"c\n"


def test_workflow_files_need_their_permission(sandbox: Sandbox, git: Git, clone: Path) -> None:
    """An App without `workflows` pushes anything but workflow files."""
    token = sandbox.forge.issue_token("app[bot]", type="Bot", permissions={"contents": "write"})
    url = sandbox.url.replace("//", f"//x:{token}@") + "/acme/api.git"
    commit(git, clone, "c", "c\n")
    git("push", "--quiet", url, "main", cwd=clone)
    commit(git, clone, ".github/workflows/ci.yml", "on: push\n")
    for branch in ("main", "new"):
        refused = git("push", url, f"HEAD:{branch}", cwd=clone, check=False).stderr
        assert "without `workflows` permission" in refused
    assert read_file(sandbox, "acme/api", "main", ".github/workflows/ci.yml") is None


def test_what_cannot_be_pushed(git: Git, clone: Path, push_url: str) -> None:
    """GitHub's own refs and the default branch are kept from being overwritten or deleted."""
    assert git("push", push_url, "main:refs/pull/7/head", cwd=clone, check=False).returncode != 0
    assert git("push", push_url, ":main", cwd=clone, check=False).returncode != 0


def test_requests_are_counted(sandbox: Sandbox, git: Git, clone: Path, push_url: str) -> None:
    """A clone is git requests and no write; a push is one write, even one that fails."""
    sandbox.reset_stats()
    git("fetch", "--quiet", cwd=clone)
    assert sandbox.stats()["writes"] == 0
    commit(git, clone, "c", "c\n")
    git("push", "--quiet", push_url, "main", cwd=clone)
    stats = httpx.get(f"{sandbox.url}/_sandbox/stats").json()
    assert stats["writes"] == 1
    assert stats["requests"]["git"] >= 3
    assert stats["requests"]["rest"] == 0
    assert httpx.post(f"{sandbox.url}/_sandbox/stats/reset").json()["writes"] == 0


def test_large_push_is_one_write(sandbox: Sandbox, git: Git, clone: Path, push_url: str) -> None:
    """A push that git sends in chunks, after asking whether it may, arrives whole and counts once."""
    text = "".join(f"{n * n} " for n in range(400_000))
    commit(git, clone, "large", text)
    sandbox.reset_stats()
    git("-c", "http.postBuffer=65536", "push", "--quiet", push_url, "main", cwd=clone)
    assert sandbox.stats()["writes"] == 1
    assert read_file(sandbox, "acme/api", "main", "large") == text.encode()


def test_dumb_protocol_is_refused(sandbox: Sandbox, clone: Path) -> None:
    """Only the smart protocol is spoken."""
    assert httpx.get(f"{sandbox.url}/acme/api.git/info/refs").status_code == 403
