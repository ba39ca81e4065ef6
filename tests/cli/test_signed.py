"""Where a branch takes signed commits only: what came of a commit is read back, and GitHub makes it if need be."""

from __future__ import annotations

from syncbot.sandbox.protection import protect
from tests.cli.harness import SMALL, Platform
from tests.sandbox_support import find, make_repo

REPO, MACHINE = "acme/orders", "sync-machine"


def require_signatures(platform: Platform, pattern: str) -> None:
    forge = platform.sandbox.forge
    with forge.store.transaction():
        protect(forge, find(platform.sandbox, REPO), pattern, signatures=True)


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
    assert "FROM node:22" in str(platform.read(REPO, "Dockerfile", "syncbot/sync-1"))
    assert platform.apply(GITHUB_TOKEN=token).writes == 0
    assert platform.forced_updates == []


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
