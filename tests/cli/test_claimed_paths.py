"""CODEOWNERS claims what was delivered and what the same pull request delivers; never what the team still owns."""

from __future__ import annotations

import pytest
from github import GithubException
from github.PullRequest import PullRequest

from syncbot.sandbox.roles import add_team
from tests.cli.harness import SMALL, Platform
from tests.sandbox_support import close_pull, comment_pull, commit_files, make_repo, merge_pull, protect, set_role

REPO = "acme/orders"
OWNERS, OWN = ".github/CODEOWNERS", "FROM alpine:3.20\n"
EXEMPT = {"path": "Dockerfile", "until": "2027-06-30", "owner": "@acme/services", "reason": "ours for now"}
CONF = "postgres/postgresql.conf"
LINES = "templates/service/files/.github/CODEOWNERS.jinja"


def claimed(platform: Platform, revision: str = "main") -> set[str]:
    """The paths that the block names on a branch."""
    text = platform.read(REPO, OWNERS, revision) or ""
    block = text[text.index("# BEGIN syncbot") :] if "# BEGIN syncbot" in text else ""
    return {line.split()[0].lstrip("/") for line in block.splitlines() if line.startswith("/")}


def opened(platform: Platform, *options: str) -> dict[str, int]:
    """The number of each pull request that a run opens, by changeset."""
    applied = platform.apply(*options)
    assert applied.exit_code == 0, applied.stderr
    return {p["changeset"]: p["number"] for p in applied.json["pull_requests"] if p["action"] == "opened"}


def fleet(platform: Platform, *exemptions: object, **answers: object) -> None:
    platform.fleet({"name": "orders", "exemptions": exemptions}, answers={**SMALL, **answers})


def adopted_but_dockerfile(platform: Platform) -> None:
    """A repo that took all but the Dockerfile, which it has exempt."""
    make_repo(platform.sandbox, REPO, {"Dockerfile": OWN})
    fleet(platform, EXEMPT)
    assert opened(platform) == {"adopt": 1}
    merge_pull(platform.sandbox, REPO, 1)


def proposed_by_team(platform: Platform, path: str, text: str) -> PullRequest:
    """A developer's pull request that changes one file."""
    branch = path.strip(".")
    commit_files(platform.sandbox, REPO, branch, {path: text})
    with platform.github as github:
        return github.get_repo(REPO).create_pull(base="main", head=branch, title="Ours", body="")


def change_block(platform: Platform) -> None:
    """A change of the block that has nothing to do with who owns what."""
    platform.edit(LINES, "your own lines go above this block", "your lines go above this block")


def test_what_is_exempt_is_not_claimed_before_it_is_delivered(platform: Platform) -> None:
    """Nor asked for later: the repo is quiet. With the exemption gone, one pull request brings file and claim."""
    adopted_but_dockerfile(platform)
    assert claimed(platform) == {".dockerignore", ".github/syncbot.lock", "docker-compose.yml"}
    assert opened(platform) == {}
    assert platform.plan().states(REPO)[OWNERS] == "in-sync"

    fleet(platform)
    assert opened(platform) == {"takeover": 2}
    assert "Dockerfile" in claimed(platform, "syncbot/takeover-1")
    assert opened(platform) == {} and platform.pull(REPO, 2).commits == 1
    merge_pull(platform.sandbox, REPO, 2)
    assert claimed(platform) == {".dockerignore", ".github/syncbot.lock", "docker-compose.yml", "Dockerfile"}
    done = platform.plan()
    assert opened(platform) == {} and set(done.states(REPO).values()) == {"in-sync"}


@pytest.mark.parametrize("word", ["", "/syncbot decline until 2027-05-01"])
def test_a_team_that_declined_can_change_its_own_dockerfile(platform: Platform, word: str) -> None:
    """Where owners must review, a no to the takeover leaves the file to its team, also when the block changes later."""
    adopted_but_dockerfile(platform)
    fleet(platform)
    assert opened(platform) == {"takeover": 2}
    set_role(platform.sandbox, REPO, "developer", "write")
    if word:
        comment_pull(platform.sandbox, REPO, 2, word)
    close_pull(platform.sandbox, REPO, 2)
    change_block(platform)
    assert opened(platform) == {"sync": 3}
    assert "Dockerfile" not in claimed(platform, "syncbot/sync-1")
    merge_pull(platform.sandbox, REPO, 3)
    assert opened(platform) == {}

    with platform.sandbox.forge.store.transaction():
        add_team(platform.sandbox.forge, "acme", "platform", ["reviewer"])
    protect(platform.sandbox, REPO, code_owners=True)
    proposed_by_team(platform, "Dockerfile", "FROM alpine:3.21\n").merge()
    assert platform.read(REPO, "Dockerfile") == "FROM alpine:3.21\n"
    theirs = proposed_by_team(platform, ".dockerignore", "*.log\n")
    with pytest.raises(GithubException, match="code owner review"):
        theirs.merge()


def test_a_no_to_a_change_takes_no_claim_away(platform: Platform) -> None:
    """A delivered Dockerfile whose move was refused stays claimed when the block changes."""
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    fleet(platform)
    platform.adopted(REPO)
    fleet(platform, node_version="22")
    ((name, number),) = opened(platform).items()
    assert name != "sync"
    close_pull(platform.sandbox, REPO, number)
    change_block(platform)
    assert opened(platform) == {"sync": 3}
    assert "Dockerfile" in claimed(platform, "syncbot/sync-1")


def test_what_was_refused_with_its_claim_is_not_asked_again_without(platform: Platform) -> None:
    """A new file and the block that claims it, both refused: nothing of it is proposed the next night."""
    adopted_but_dockerfile(platform)
    fleet(platform)
    change_block(platform)
    assert opened(platform) == {"sync": 2, "takeover": 3}
    assert "Dockerfile" not in claimed(platform, "syncbot/sync-1")
    close_pull(platform.sandbox, REPO, 2)
    close_pull(platform.sandbox, REPO, 3)
    assert opened(platform) == {}


def test_an_exempt_codeowners_does_not_hold_back_postgres(platform: Platform) -> None:
    """Who reviews a file says nothing of whether it works: the move goes whole, and the exempt file stays as it is."""
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    fleet(platform)
    platform.adopted(REPO)
    before = platform.read(REPO, OWNERS)
    fleet(platform, {**EXEMPT, "path": OWNERS}, postgres_version="17")
    ((name, number),) = opened(platform).items()
    assert "postgres" in name
    merge_pull(platform.sandbox, REPO, number)
    assert platform.read(REPO, CONF) is not None
    assert platform.read(REPO, OWNERS) == before


def test_a_claim_of_an_older_syncbot_goes_with_the_next_change(platform: Platform) -> None:
    """It claimed what the team had exempt. That alone opens nothing; when the block changes, the brake asks first."""
    platform.edit(LINES, " if path not in unclaimed", "")
    adopted_but_dockerfile(platform)
    assert "Dockerfile" in claimed(platform)
    platform.edit(LINES, "for path in paths", "for path in paths if path not in unclaimed")
    assert opened(platform) == {}
    change_block(platform)
    stopped = platform.apply()
    assert stopped.exit_code == 2
    assert "/Dockerfile" in stopped.stderr
    assert opened(platform, "--allow=codeowners") == {"sync": 2}
    merge_pull(platform.sandbox, REPO, 2)
    assert "Dockerfile" not in claimed(platform)
    assert opened(platform) == {}
