"""A command of somebody of whom GitHub does not say whether they may give it: nothing is done, and it is said."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from syncbot.sandbox.roles import set_role
from tests.altered import Exchanged, altered
from tests.cli.harness import SMALL, Platform
from tests.sandbox_support import close_pull, comment_pull, find, make_repo, reopen_pull

REPO = "acme/orders"
NODE_22 = SMALL | {"node_version": "22"}


def held(platform: Platform) -> None:
    """An open pull request on which somebody with write access said to hold it, and something to write in it."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]
    with platform.sandbox.forge.store.transaction():
        set_role(platform.sandbox.forge, find(platform.sandbox, REPO), "developer", "write")
    comment_pull(platform.sandbox, REPO, 1, "/syncbot hold")
    platform.fleet("orders", answers=NODE_22)


def is_permission(exchanged: Exchanged) -> bool:
    return exchanged.path.endswith("/permission")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"message": "Not Found"}),
        (301, {"message": "Moved Permanently"}),
        (200, []),
        (200, None),
        (200, {"permission": "sovereign", "user": {"login": "developer"}}),
        (200, {"permission": "read", "user": {"login": "somebody-else"}}),
        (200, {"permission": None, "user": {"login": "developer"}}),
        (200, {}),
    ],
)
def test_a_failed_look_up_holds(platform: Platform, status: int, body: object) -> None:
    """Not found, redirected, a foreign body: the hold is not taken for an outsider's, and the report says why."""
    held(platform)

    def alter(exchanged: Exchanged) -> tuple[int, Any]:
        return (status, body) if is_permission(exchanged) else (exchanged.status, exchanged.answered)

    with altered(platform.sandbox, alter):
        applied = platform.apply()
    changeset = applied.changesets(REPO)["adopt"]
    assert (applied.exit_code, applied.writes) == (0, 0)
    assert (changeset["action"], changeset["reason_code"]) == ("none", "unverified-command")
    assert "@developer gave it a command" in changeset["reason"]
    assert platform.apply().changesets(REPO)["adopt"]["reason_code"] == "held"


def test_a_comment_without_an_author_holds(platform: Platform) -> None:
    """The account was deleted, or GitHub lost it: nobody can be asked, so nothing is pushed."""
    held(platform)

    def alter(exchanged: Exchanged) -> tuple[int, Any]:
        answered = deepcopy(exchanged.answered)
        for repo in ((answered or {}).get("data") or {}).values() if exchanged.path.endswith("/graphql") else ():
            for pull in repo.get("pullRequests", {}).get("nodes", ()):
                for comment in pull.get("comments", {}).get("nodes", ()):
                    comment["author"] = None
        return exchanged.status, answered

    with altered(platform.sandbox, alter):
        applied = platform.apply()
    assert (applied.writes, applied.changesets(REPO)["adopt"]["reason_code"]) == (0, "unverified-command")


def test_a_hold_survives_closing_and_reopening(platform: Platform) -> None:
    """Reopening is no word against a hold: it stands until another command is given."""
    held(platform)
    close_pull(platform.sandbox, REPO, 1)
    reopen_pull(platform.sandbox, REPO, 1)
    assert platform.apply().changesets(REPO)["adopt"]["reason_code"] == "held"
    comment_pull(platform.sandbox, REPO, 1, "/syncbot decline until 2001-01-01 because that is over")
    assert platform.apply().changesets(REPO)["adopt"]["reason_code"] == "desired-changed"
