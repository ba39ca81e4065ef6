"""Whose it is: an App and a user may have the same name, and neither is taken for the other."""

from __future__ import annotations

from syncbot.cli.sandbox import DEVELOPER, developer_token
from syncbot.sandbox.issues import add_labels
from syncbot.sandbox.pulls import create_pull
from tests.cli.harness import SMALL, Platform
from tests.sandbox_support import (
    close_pull,
    comment_pull,
    commit_files,
    find,
    identity,
    make_repo,
    set_role,
)

REPO, BRANCH = "acme/orders", "syncbot/adopt-1"
NAMESAKE = "acme-syncbot"
"""A user who is called as the App `acme-syncbot[bot]` is."""


def open_pull_request(platform: Platform) -> None:
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]


def test_a_users_pull_request_is_not_the_apps(platform: Platform) -> None:
    """Branch, repo and label are the bot's, the author's name as well: left alone, in the fleet and out of it."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    commit_files(platform.sandbox, REPO, BRANCH, {"Dockerfile": "FROM scratch\n"}, author=NAMESAKE)
    forge, repo, who = platform.sandbox.forge, find(platform.sandbox, REPO), identity(NAMESAKE)
    with forge.store.transaction():
        create_pull(forge, who, repo, title="Mine", head=BRANCH, base="main")
        add_labels(forge, who, repo, 1, ("syncbot",))
    assert platform.apply().pulls() == [(REPO, "opened")]
    assert platform.pull(REPO, 2).head.ref == "syncbot/adopt-2"
    platform.fleet("other")
    make_repo(platform.sandbox, "acme/other", {"README.md": "hello\n"})
    platform.apply()
    assert (platform.pull(REPO, 1).state, platform.pull(REPO, 2).state) == ("open", "closed")


def test_a_users_commit_is_a_persons(platform: Platform) -> None:
    """They wrote a line into an owned file, under the bot's own message, trailers and all: it stays."""
    open_pull_request(platform)
    before = str(platform.read(REPO, "Dockerfile", BRANCH))
    commit = platform.pull(REPO).get_commits()[0]
    commit_files(
        platform.sandbox,
        REPO,
        BRANCH,
        {"Dockerfile": before + "\nVOLUME /reports\n"},
        author=NAMESAKE,
        message=commit.commit.message,
    )
    platform.fleet("orders", answers=SMALL | {"node_version": "22"})
    assert platform.apply().pulls() == [(REPO, "updated")]
    merged = str(platform.read(REPO, "Dockerfile", BRANCH))
    assert "FROM node:22" in merged
    assert merged.endswith("VOLUME /reports\n")


def test_a_users_closing_is_a_no(platform: Platform) -> None:
    """Closed by them, it was not closed by the bot."""
    open_pull_request(platform)
    close_pull(platform.sandbox, REPO, 1, NAMESAKE)
    again = platform.apply()
    assert (again.writes, again.file(REPO, "Dockerfile")["quiet"]) == (0, "declined")


def test_an_app_does_not_command_by_a_users_right(platform: Platform) -> None:
    """An App that is called as a developer with write access is: its comment is ignored."""
    open_pull_request(platform)
    set_role(platform.sandbox, REPO, "dana", "write")
    comment_pull(platform.sandbox, REPO, 1, "/syncbot hold", "dana[bot]")
    assert platform.apply().changesets(REPO)["adopt"]["reason_code"] == "up-to-date"
    comment_pull(platform.sandbox, REPO, 1, "/syncbot hold", "dana")
    assert platform.apply().changesets(REPO)["adopt"]["reason_code"] == "held"


def test_an_identity_that_is_not_listed_writes_nothing(platform: Platform) -> None:
    """It would not know its own pull requests again, and open them anew each night: one line, which names both."""
    platform.fleet("orders", identities=["acme-syncbot"])
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    theirs = developer_token(platform.sandbox.forge)
    for who, environment in (("acme-syncbot[bot]", {}), (DEVELOPER, {"GITHUB_TOKEN": theirs})):
        before = platform.sandbox.forge.counters.writes
        refused = platform.apply(**environment)
        assert (refused.exit_code, refused.stdout, platform.sandbox.forge.counters.writes) == (2, "", before)
        assert f"this is the identity {who}, and the config's `identities` are acme-syncbot:" in refused.stderr
        assert platform.plan(**environment).exit_code == 0
