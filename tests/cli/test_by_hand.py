"""What people do by hand around the bot's pull requests: a submodule, an answer to one of two."""

from __future__ import annotations

from tests.cli.harness import SMALL, Platform
from tests.sandbox_support import (
    comment_pull,
    commit_files,
    find,
    make_repo,
    merge_pull,
    set_role,
)

REPO, BRANCH = "acme/orders", "syncbot/adopt-1"
NODE_22 = SMALL | {"node_version": "22"}
SUBMODULE = ("1" * 40, "160000")


def test_a_submodule_on_the_bots_branch(platform: Platform) -> None:
    """Whoever puts one in a file's place keeps it: nothing is written over it, and the others are updated."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    commit_files(platform.sandbox, REPO, BRANCH, {"Dockerfile": None})
    commit_files(platform.sandbox, REPO, BRANCH, {"Dockerfile": SUBMODULE})
    platform.fleet("orders", owners="@acme/core", answers=NODE_22)
    assert platform.apply().pulls() == [(REPO, "updated")]
    entry = platform.sandbox.forge.git(find(platform.sandbox, REPO)).entry(platform.pull(REPO).head.sha, "Dockerfile")
    assert entry is not None
    assert (entry.oid, entry.mode) == SUBMODULE
    assert "@acme/core" in str(platform.read(REPO, ".github/CODEOWNERS", BRANCH))
    assert platform.apply().writes == 0


def test_a_decline_on_one_of_two(platform: Platform) -> None:
    """The one it was said on is closed, and its files are quiet; the other one goes on."""
    platform.fleet("orders", answers={"node_version": "18", "postgres_version": "16"})
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    set_role(platform.sandbox, REPO, "developer", "write")
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    platform.fleet("orders", answers={"node_version": "22", "postgres_version": "17"})
    opened = platform.apply()
    numbers = {pull["changeset"]: pull["number"] for pull in opened.json["pull_requests"] if pull["action"] == "opened"}
    assert len(numbers) == 2
    second = max(numbers, key=lambda name: numbers[name])
    comment_pull(platform.sandbox, REPO, numbers[second], "/syncbot decline until 2027-01-31 because not yet")
    applied = platform.apply()
    done = {pull["number"]: pull["action"] for pull in applied.json["pull_requests"]}
    first = next(number for number in numbers.values() if number != numbers[second])
    assert (done[numbers[second]], done[first]) == ("closed", "unchanged")
    again = platform.apply()
    assert again.writes == 0
    assert platform.pull(REPO, first).state == "open"
