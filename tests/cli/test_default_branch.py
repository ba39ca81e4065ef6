"""The default branch is switched in the settings, which moves no pull request: the bot's follows, a person's stays."""

from __future__ import annotations

from tests.cli.harness import SMALL, Platform
from tests.sandbox_support import close_pull, commit_files, make_repo, merge_pull, move_branch, reopen_pull

REPO, BRANCH = "acme/orders", "syncbot/adopt-1"


def open_pull_request(platform: Platform) -> None:
    """Open on main; `next` stands beside it."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    commit_files(platform.sandbox, REPO, "next", {"NEWS.md": "new\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]


def switch(platform: Platform, branch: str = "next") -> None:
    with platform.github as github:
        github.get_repo(REPO).edit(default_branch=branch)


def word(platform: Platform) -> str:
    """The reason code, after a run that must not have written anything."""
    applied = platform.apply()
    assert (applied.exit_code, applied.writes) == (0, 0)
    return str(applied.changesets(REPO)["adopt"]["reason_code"])


def test_it_is_replaced_on_the_new_default_branch(platform: Platform) -> None:
    """Closed with a word why, opened anew on a new branch, and no more is written on the next run."""
    open_pull_request(platform)
    switch(platform)
    changeset = platform.plan().changesets(REPO)["adopt"]
    assert (changeset["action"], changeset["reason_code"]) == ("open", "base-switched")
    assert platform.apply().pulls() == [(REPO, "opened")]
    old, new = platform.pull(REPO, 1), platform.pull(REPO, 2)
    assert (old.state, new.state, new.base.ref, new.head.ref) == ("closed", "open", "next", "syncbot/adopt-2")
    (comment,) = platform.comments(REPO, 1)
    assert "the default branch is next now, and it points at main" in comment
    assert {file.filename for file in new.get_files()} == {file.filename for file in old.get_files()}
    assert word(platform) == "up-to-date"


def test_the_bots_own_closing_is_no_answer(platform: Platform) -> None:
    """Switched back, the same content is proposed there once more; a person's no on either branch holds on both."""
    open_pull_request(platform)
    switch(platform)
    platform.apply()
    switch(platform, "main")
    assert platform.apply().pulls() == [(REPO, "opened")]
    assert platform.pull(REPO, 3).base.ref == "main"
    close_pull(platform.sandbox, REPO, 3)
    assert word(platform) == "declined"
    switch(platform)
    assert word(platform) == "declined"


def test_what_a_person_pointed_elsewhere_stays_there(platform: Platform) -> None:
    """Before the switch or after it: whoever pointed it at a branch decides."""
    open_pull_request(platform)
    commit_files(platform.sandbox, REPO, "release", {"NEWS.md": "released\n"})
    platform.pull(REPO).edit(base="release")
    assert word(platform) == "retargeted"
    switch(platform)
    assert word(platform) == "retargeted"
    platform.pull(REPO).edit(base="next")
    assert word(platform) == "up-to-date"


def test_people_who_committed_to_it_decide(platform: Platform) -> None:
    """Neither closed nor pushed to; pointed at the new default branch, it is gone on with."""
    open_pull_request(platform)
    commit_files(platform.sandbox, REPO, BRANCH, {"server.js": "listen();\n"})
    switch(platform)
    assert word(platform) == "base-switched"
    platform.fleet("orders", answers=SMALL | {"node_version": "22"})
    assert word(platform) == "base-switched"
    platform.pull(REPO).edit(base="next")
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert platform.read(REPO, "server.js", BRANCH) == "listen();\n"
    assert "FROM node:22" in str(platform.read(REPO, "Dockerfile", BRANCH))


def test_one_that_people_reopen_is_not_closed_again(platform: Platform) -> None:
    """They want the old one on the old branch: it stays, and the new one gives way to it."""
    open_pull_request(platform)
    switch(platform)
    platform.apply()
    reopen_pull(platform.sandbox, REPO, 1)
    assert platform.apply().pulls() == [(REPO, "unchanged"), (REPO, "closed")]
    assert (platform.pull(REPO, 1).state, platform.pull(REPO, 2).state) == ("open", "closed")
    assert word(platform) == "base-switched"


def test_the_old_default_branch_is_deleted(platform: Platform) -> None:
    """GitHub closes it with its base, in the name of who deleted that: nobody's no, so it is opened anew."""
    open_pull_request(platform)
    switch(platform)
    move_branch(platform.sandbox, REPO, "main", None)
    assert platform.pull(REPO).state == "closed"
    assert platform.apply().pulls() == [(REPO, "opened")]
    assert platform.pull(REPO, 2).base.ref == "next"
    assert word(platform) == "up-to-date"
    close_pull(platform.sandbox, REPO, 2)
    assert word(platform) == "declined"


def test_a_new_default_branch_that_has_it_all(platform: Platform) -> None:
    """Nothing is left to change there: closed, and none is opened."""
    open_pull_request(platform)
    commit_files(platform.sandbox, REPO, "done", {"NEWS.md": "new\n"})
    merge_pull(platform.sandbox, REPO, 1)
    commit_files(platform.sandbox, REPO, "new", {"NEWS.md": "new\n"})
    platform.fleet("orders", answers=SMALL | {"node_version": "22"})
    assert platform.apply().pulls() == [(REPO, "opened")]
    content = platform.read(REPO, "Dockerfile", "syncbot/debian+node-1")
    commit_files(platform.sandbox, REPO, "new", {"Dockerfile": content})
    switch(platform, "new")
    assert platform.apply().pulls() == [(REPO, "closed")]
    assert platform.plan().changesets(REPO) == {}
