"""Where a branch takes signed commits only: what came of a commit is read back, and GitHub makes it if need be."""

from __future__ import annotations

import pytest

from syncbot.sandbox.protection import protect
from syncbot.sandbox.rulesets import add_ruleset
from tests.cli.harness import SMALL, Platform
from tests.sandbox_support import commit_files, find, make_repo

REPO, MACHINE = "acme/orders", "sync-machine"


def require_signatures(platform: Platform, pattern: str) -> None:
    forge = platform.sandbox.forge
    with forge.store.transaction():
        protect(forge, find(platform.sandbox, REPO), pattern, signatures=True)


def require_by_ruleset(platform: Platform, *include: str) -> None:
    forge = platform.sandbox.forge
    with forge.store.transaction():
        add_ruleset(forge, find(platform.sandbox, REPO), "signed", include=include)


def commits(platform: Platform) -> list[tuple[str, bool]]:
    """(headline, verified) of the pull request's commits."""
    pull = platform.pull(REPO)
    return [
        (c.commit.message.splitlines()[0], c.commit.raw_data["verification"]["verified"]) for c in pull.get_commits()
    ]


def test_a_machine_users_commits_are_made_and_signed_by_github(platform: Platform) -> None:
    """A personal token's commits are unsigned: GitHub makes them instead, on opening and on every update."""
    token = platform.sandbox.forge.issue_token(MACHINE)
    platform.fleet("orders", identities=[MACHINE])
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n", ".github/CODEOWNERS": "* @acme/orders\n"})
    require_signatures(platform, "main")
    assert platform.apply(GITHUB_TOKEN=token).pulls() == [(REPO, "opened")]
    platform.fleet("orders", identities=[MACHINE], answers=SMALL | {"node_version": "22"})
    assert platform.apply(GITHUB_TOKEN=token).pulls() == [(REPO, "updated")]
    assert [verified for _, verified in commits(platform)] == [True, True]
    assert "FROM node:22" in str(platform.read(REPO, "Dockerfile", "syncbot/adopt-1"))
    assert platform.apply(GITHUB_TOKEN=token).writes == 0
    assert platform.forced_updates == []


@pytest.mark.parametrize("include", ["~DEFAULT_BRANCH", "~ALL", "refs/heads/main", "refs/heads/syncbot/**"])
def test_a_ruleset_asks_for_signatures_too(platform: Platform, include: str) -> None:
    """For the default branch it is read beforehand; for the bot's own branches GitHub's refusal tells. No branch is
    left behind, and the commit is one."""
    token = platform.sandbox.forge.issue_token(MACHINE)
    platform.fleet("orders", identities=[MACHINE])
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    require_by_ruleset(platform, include)
    assert platform.apply(GITHUB_TOKEN=token).pulls() == [(REPO, "opened")]
    platform.fleet("orders", identities=[MACHINE], answers=SMALL | {"node_version": "22"})
    assert platform.apply(GITHUB_TOKEN=token).pulls() == [(REPO, "updated")]
    assert [verified for _, verified in commits(platform)] == [True, True]
    assert platform.apply(GITHUB_TOKEN=token).writes == 0
    git = platform.sandbox.forge.git(find(platform.sandbox, REPO))
    assert [name for name, _ in git.branches("syncbot/")] == ["syncbot/adopt-1"]


def test_what_github_cannot_sign_is_said(platform: Platform) -> None:
    """A merge of the base is needed, and the mutation makes none: an error of that repo, and nothing is written."""
    token = platform.sandbox.forge.issue_token(MACHINE)
    platform.fleet("orders", identities=[MACHINE])
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply(GITHUB_TOKEN=token)
    require_by_ruleset(platform, "refs/heads/syncbot/*")
    commit_files(platform.sandbox, REPO, "main", {"Dockerfile": "FROM scratch\n"})
    head = platform.pull(REPO).head.sha
    applied = platform.apply(GITHUB_TOKEN=token)
    assert (applied.exit_code, applied.repo(REPO)["error"]["code"]) == (1, "unsigned")
    assert platform.pull(REPO).head.sha == head


def test_who_does_not_administer_the_repo_sees_its_protection(platform: Platform) -> None:
    """GitHub shows the rule itself to administrators only, and to others what it asks of them."""
    token = platform.sandbox.forge.issue_token(MACHINE, permissions={"contents": "write", "pull_requests": "write"})
    platform.fleet("orders", identities=[MACHINE])
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    require_signatures(platform, "main")
    assert platform.apply(GITHUB_TOKEN=token).pulls() == [(REPO, "opened")]
    assert [verified for _, verified in commits(platform)] == [True]


def test_an_apps_commits_are_signed_already(platform: Platform) -> None:
    """What GitHub signed on its own needs no second commit: the ordinary writes, read back as verified."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    require_signatures(platform, "main")
    applied = platform.apply()
    assert (applied.pulls(), applied.writes) == ([(REPO, "opened")], 5)
    assert [verified for _, verified in commits(platform)] == [True]


def test_without_the_requirement_nobody_asks(platform: Platform) -> None:
    """A personal token's unsigned commit is fine where the repo does not care."""
    token = platform.sandbox.forge.issue_token(MACHINE)
    platform.fleet("orders", identities=[MACHINE])
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply(GITHUB_TOKEN=token)
    assert [verified for _, verified in commits(platform)] == [False]
