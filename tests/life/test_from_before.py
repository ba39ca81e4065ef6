"""What an older syncbot left in a fleet is read and gone on with: nothing is asked twice, or closed on people."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.harness import LOCK
from tests.life.before import Before
from tests.life.small import SmallPlatform
from tests.sandbox_support import close_pull, commit_files, make_repo, merge_pull

REPO = "acme/one"
THEN = {"node_version": "18", "postgres_version": "16"}


@pytest.fixture
def before(platform: SmallPlatform) -> Before:
    """A repo in the fleet, to which nothing was delivered."""
    platform.fleet("one", answers=THEN)
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n", "src/app.txt": "1\n"})
    return Before(platform=platform)


def deliver(before: Before) -> None:
    """Its first `sync` was merged: pull request 1."""
    number = before.open("sync", "Add the platform's files", before.render(**THEN))
    merge_pull(before.platform.sandbox, REPO, number)


def states(platform: SmallPlatform) -> dict[int, str]:
    with platform.github as github:
        return {pull.number: pull.state for pull in github.get_repo(REPO).get_pulls(state="all")}


def settle(platform: SmallPlatform) -> None:
    """Nothing to write, as the plan says as well."""
    assert platform.apply().writes == 0
    assert {c["action"] for c in platform.plan().changesets(REPO).values()} <= {"none"}


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
@pytest.mark.parametrize("worked_on", [False, True])
def test_a_first_contact_in_two_is_answered_as_it_was_asked(
    before: Before, worked_on: bool, order: tuple[int, int]
) -> None:
    """`sync` with what the repo lacks and `adopt` with its own: both go on, are merged in any order, and all is in
    sync then, each stanza with what it is a rendering of where the bot wrote it anew."""
    platform = before.platform
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": "# ours\n"})
    files = before.render(**THEN)
    mine = {"tool.conf": files.pop("tool.conf")}
    assert before.open("sync", "Add the platform's files", files) == 1
    assert before.open("adopt", "Adopt the platform's tool.conf", mine) == 2
    if worked_on:
        commit_files(platform.sandbox, REPO, "syncbot/adopt-1", {"src/app.txt": "theirs\n"})
    applied = platform.apply()
    assert sorted(applied.changesets(REPO)) == ["adopt", "sync"]
    assert states(platform) == {1: "open", 2: "open"}
    settle(platform)
    for number in order:
        platform.apply()
        merge_pull(platform.sandbox, REPO, number)
    assert platform.plan("--exit-code").exit_code == 0
    assert platform.read(REPO, "tool.conf") == mine["tool.conf"]
    assert not worked_on or platform.read(REPO, "src/app.txt") == "theirs\n"
    settle(platform)
    assert states(platform) == {1: "closed", 2: "closed"}


def test_a_no_to_the_old_adopt_is_one_to_what_was_the_teams(before: Before) -> None:
    """Closed beside a merged `sync`: the team's own file stays, whatever the template says of it later."""
    platform = before.platform
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": "# ours\n"})
    files = before.render(**THEN)
    mine = {"tool.conf": files.pop("tool.conf")}
    merge_pull(platform.sandbox, REPO, before.open("sync", "Add the platform's files", files))
    close_pull(platform.sandbox, REPO, before.open("adopt", "Adopt the platform's tool.conf", mine))
    settle(platform)
    assert platform.read(REPO, "tool.conf") == "# ours\n"


@pytest.mark.parametrize("worked_on", [False, True])
def test_a_postgres_major_under_its_old_name_goes_on(before: Before, worked_on: bool) -> None:
    """`postgres-17` is the move of today: no other is opened, what people did on it stays, and it lands."""
    platform = before.platform
    deliver(before)
    now = THEN | {"postgres_version": "17"}
    platform.fleet("one", answers=now)
    number = before.open("postgres-17", "Move Postgres 16 to 17", {"compose.yml": before.render(**now)["compose.yml"]})
    if worked_on:
        commit_files(platform.sandbox, REPO, "syncbot/postgres-17-1", {"src/app.txt": "dumped\n"})
    applied = platform.apply()
    assert {c["pull_request"] for c in applied.changesets(REPO).values() if c["pull_request"]} == {number}
    assert states(platform) == {1: "closed", number: "open"}
    settle(platform)
    merge_pull(platform.sandbox, REPO, number)
    assert platform.plan("--exit-code").exit_code == 0
    settle(platform)


def test_a_postgres_major_under_its_old_name_is_updated(before: Before) -> None:
    """Another target is one more commit on the same pull request, under the title of today."""
    platform = before.platform
    platform.fleet("one", answers=THEN | {"postgres_version": "15"})
    first = before.open("sync", "Add the platform's files", before.render(**THEN | {"postgres_version": "15"}))
    merge_pull(platform.sandbox, REPO, first)
    platform.fleet("one", answers=THEN)
    number = before.open("postgres-16", "Move Postgres 15 to 16", {"compose.yml": before.render(**THEN)["compose.yml"]})
    platform.fleet("one", answers=THEN | {"postgres_version": "17"})
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert platform.pull(REPO, number).title == "Move Postgres 15 to 17"
    assert states(platform) == {1: "closed", number: "open"}
    settle(platform)


def test_an_old_lock_is_read_by_its_commit(before: Before) -> None:
    """A template line and a version change beside an edit of the team's: `sync` has the one and keeps their line, the
    move has the other alone and leaves the lock as it is."""
    platform = before.platform
    deliver(before)
    lock = platform.read(REPO, LOCK)
    assert "tree =" not in str(lock)
    theirs = str(platform.read(REPO, "tool.conf")).replace("fast = yes", "fast = ours")
    commit_files(platform.sandbox, REPO, "main", {"tool.conf": theirs})
    platform.edit("templates/small/files/tool.conf.jinja", "all = yes", "all = no")
    platform.fleet("one", answers=THEN | {"node_version": "22"})
    assert platform.apply().pulls() == [(REPO, "opened")] * 2
    assert "FROM node:22-slim\n" in str(platform.read(REPO, "Dockerfile", "syncbot/node-1"))
    assert platform.read(REPO, LOCK, "syncbot/node-1") == lock
    merged = str(platform.read(REPO, "tool.conf", "syncbot/sync-2"))
    assert "fast = ours" in merged
    assert "all = no" in merged
    settle(platform)


def comment_in_template(platform: SmallPlatform) -> None:
    """The Dockerfile says the same in other words."""
    platform.edit(
        "templates/small/files/{% if has_node %}Dockerfile{% endif %}.jinja", "# What it runs on", "# Runs on"
    )


@pytest.mark.parametrize("then", [lambda platform: None, comment_in_template], ids=["as it was", "template edited"])
def test_a_version_that_was_refused_in_an_old_sync_stays_refused(
    before: Before, then: Callable[[SmallPlatform], None]
) -> None:
    """It offered Node 22 in a `sync` whose trailers name no move, and people closed it: 22 is not asked once more."""
    platform = before.platform
    deliver(before)
    now = THEN | {"node_version": "22"}
    platform.fleet("one", answers=now)
    files = before.render(**now)
    number = before.open(
        "sync", "Move Node 18 to 22", {path: files[path] for path in ("Dockerfile", "run.ini")}, branch=2
    )
    close_pull(platform.sandbox, REPO, number)
    then(platform)
    platform.apply()
    with platform.github as github:
        later = [pull for pull in github.get_repo(REPO).get_pulls(state="all") if pull.number > number]
        assert not [pull.title for pull in later if "node:22" in str(platform.read(REPO, "Dockerfile", pull.head.ref))]
    settle(platform)
    platform.fleet("one", answers=THEN | {"node_version": "24"})
    assert (REPO, "opened") in platform.apply().pulls()
