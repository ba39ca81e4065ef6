"""Pull requests that the bot would close, where people worked on them or hold them; and words that it cannot follow."""

from __future__ import annotations

import pytest

from tests.cli.harness import SMALL, Platform
from tests.sandbox_support import comment_pull, commit_files, make_repo, merge_pull, set_role

REPO, BRANCH = "acme/orders", "syncbot/debian+node-1"
NODE_22 = SMALL | {"node_version": "22"}


@pytest.fixture
def platform(platform: Platform) -> Platform:
    """One repo whose first pull request is merged, and a second is open."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    set_role(platform.sandbox, REPO, "developer", "write")
    set_role(platform.sandbox, REPO, "stranger", "read")
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    platform.fleet("orders", answers=NODE_22)
    assert platform.apply().pulls() == [(REPO, "opened")]
    return platform


def test_a_fix_of_peoples_outlives_a_template_that_goes_back_and_forth(platform: Platform) -> None:
    """Told once and left open; when the template changes again, it is the same pull request, with the fix on it."""
    commit_files(platform.sandbox, REPO, BRANCH, {"app.js": "fixed\n"})
    platform.fleet("orders")
    applied = platform.apply()
    assert (applied.pulls(), applied.writes) == ([(REPO, "updated")], 1)
    assert applied.changesets(REPO)["debian+node"]["reason_code"] == "drift-gone"
    (comment,) = platform.comments(REPO, 2)
    assert comment.startswith("Nothing is left to change: the default branch is as desired; people committed to it")
    assert platform.apply().writes == 0
    assert "people committed, drift-gone" in platform.run("status", COLUMNS="140").stdout
    platform.fleet("orders", answers=NODE_22)
    again = platform.apply()
    assert (again.pulls(), again.changesets(REPO)["debian+node"]["reason_code"]) == (
        [(REPO, "unchanged")],
        "up-to-date",
    )


@pytest.mark.parametrize(("how", "outcome"), [("committed", "updated"), ("held", "unchanged"), ("", "closed")])
def test_a_repo_that_left_the_fleet(platform: Platform, how: str, outcome: str) -> None:
    """Closed where nobody worked on it or holds it, with a word that promises no other; else left, and said once."""
    if how == "committed":
        commit_files(platform.sandbox, REPO, BRANCH, {"app.js": "fixed\n"})
    if how == "held":
        comment_pull(platform.sandbox, REPO, 2, "/syncbot hold")
    platform.fleet("payments")
    make_repo(platform.sandbox, "acme/payments", {"README.md": "hello\n"})
    assert (REPO, outcome) in platform.apply().pulls()
    assert platform.apply().writes == 0
    assert platform.pull(REPO, 2).state == ("open" if how else "closed")
    (said,) = platform.comments(REPO, 2)
    assert how == "held" or "he repo is no longer in the platform team's config" in said
    assert "does not count as a no" not in said


def test_words_that_are_no_command_are_shown(platform: Platform) -> None:
    """To the platform team, in plan and status, with who said them; a stranger's are not, and nobody is answered."""
    comment_pull(platform.sandbox, REPO, 2, "/syncbot hold!", "stranger")
    assert "which is no command" not in platform.run("plan").stdout
    comment_pull(platform.sandbox, REPO, 2, "/syncbot decline until tomorrow")
    words = "acme/orders#2: @developer said `/syncbot decline until tomorrow`, which is no command"
    for command in ("plan", "status"):
        assert words in platform.run(command, COLUMNS="200").stdout
    assert platform.apply().writes == 0
