"""The button "Update branch": the base merged into the bot's branch is nobody's work, unless it holds more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.harness import SMALL, Platform, git
from tests.sandbox_support import commit_files, make_repo, merge_pull, update_branch

REPO = "acme/orders"
BRANCH = "syncbot/adopt-1"
NODE_22 = SMALL | {"node_version": "22"}


def open_pull_request(platform: Platform) -> None:
    """An open one, and a base that moved on in a file of the team's."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "# Orders\n", "server.js": "listen();\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]
    commit_files(platform.sandbox, REPO, "main", {"server.js": "listen(8080);\n"})


def says_people(platform: Platform) -> bool:
    return "people committed" in platform.run("status").stdout


def node(platform: Platform, branch: str = BRANCH) -> str:
    return str(platform.read(REPO, "Dockerfile", branch)).partition("FROM node:")[2][:2]


def merge_by_hand(platform: Platform, edit: str = "", message: str = "") -> Path:
    """The developer's own merge of main; `edit` is a line that goes into the merge commit itself."""
    clone = platform.clone(REPO, BRANCH)
    git(clone, "fetch", "--quiet", "origin", "main")
    git(clone, "merge", "--quiet", "--no-edit", "origin/main", *(["-m", message] if message else []))
    if edit:
        (clone / "Dockerfile").write_text((clone / "Dockerfile").read_text() + edit)
        git(clone, "commit", "--quiet", "--all", "--amend", "--no-edit")
    platform.push_only(clone)
    return clone


def test_the_button_is_nobodys_work(platform: Platform) -> None:
    """Nobody committed: no word of people, the next change is pushed on top, and what is gone is closed."""
    open_pull_request(platform)
    updated = update_branch(platform.sandbox, REPO, 1)
    assert not says_people(platform) and platform.apply().writes == 0

    platform.fleet("orders", answers=NODE_22)
    assert platform.apply().pulls() == [(REPO, "updated")]
    clone = platform.clone(REPO, BRANCH)
    assert updated in git(clone, "rev-list", "HEAD").split() and platform.forced_updates == []
    assert (node(platform), platform.read(REPO, "server.js", BRANCH)) == ("22", "listen(8080);\n")

    platform.fleet({"name": "orders", "exemptions": [EXEMPT]}, answers=NODE_22)
    assert platform.apply().pulls() == [(REPO, "closed")]


EXEMPT = {"until": "2027-01-31", "owner": "@acme/services", "reason": "busy"}


def test_button_and_bot_by_turns(platform: Platform) -> None:
    """Pressed twice in a row, and once more after the bot's own commit: still nobody's."""
    open_pull_request(platform)
    update_branch(platform.sandbox, REPO, 1)
    commit_files(platform.sandbox, REPO, "main", {"README.md": "# Orders, anew\n"})
    update_branch(platform.sandbox, REPO, 1)
    platform.fleet("orders", answers=NODE_22)
    assert platform.apply().pulls() == [(REPO, "updated")]
    commit_files(platform.sandbox, REPO, "main", {"server.js": "listen(9000);\n"})
    update_branch(platform.sandbox, REPO, 1)
    assert not says_people(platform) and platform.apply().writes == 0
    merge_pull(platform.sandbox, REPO, 1)
    assert platform.plan("--exit-code").exit_code == 0


def test_a_clean_merge_by_hand_is_nobodys_work_either(platform: Platform) -> None:
    """Whoever its author is: `git merge origin/main` holds no line of theirs."""
    open_pull_request(platform)
    merge_by_hand(platform)
    assert not says_people(platform) and platform.apply().writes == 0


def test_one_file_that_both_changed_is_merged_as_git_does(platform: Platform) -> None:
    """The base got a line in an owned file that the branch changes elsewhere: clean, and the line stays."""
    open_pull_request(platform)
    merge_pull(platform.sandbox, REPO, 1)
    platform.fleet("orders", answers=NODE_22)
    assert platform.apply().pulls() == [(REPO, "opened")]
    ours = str(platform.read(REPO, "Dockerfile")) + "\n# ours\n"
    commit_files(platform.sandbox, REPO, "main", {"Dockerfile": ours})
    update_branch(platform.sandbox, REPO, 2)
    platform.apply()
    assert not says_people(platform)
    merged = str(platform.read(REPO, "Dockerfile", "syncbot/debian+node-1"))
    assert "FROM node:22" in merged and merged.endswith("# ours\n")


@pytest.mark.parametrize("message", ["", "Merge it all"])
def test_a_merge_that_holds_more_is_a_persons(platform: Platform, message: str) -> None:
    """A line put into the merge commit itself is kept through an update, and the pull request is not closed."""
    open_pull_request(platform)
    merge_by_hand(platform, "\n# slipped in\n", message)
    assert says_people(platform)
    platform.fleet("orders", answers=NODE_22)
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert str(platform.read(REPO, "Dockerfile", BRANCH)).endswith("# slipped in\n") and node(platform) == "22"
    platform.fleet({"name": "orders", "exemptions": [EXEMPT]}, answers=NODE_22)
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert platform.pull(REPO, 1).state == "open"


def test_another_branch_merged_in_is_a_persons(platform: Platform) -> None:
    """What is merged has to be the base's: a feature branch holds somebody's commits."""
    open_pull_request(platform)
    commit_files(platform.sandbox, REPO, "feature", {"feature.js": "new();\n"})
    clone = platform.clone(REPO, BRANCH)
    git(clone, "fetch", "--quiet", "origin", "feature")
    git(clone, "merge", "--quiet", "--no-edit", "origin/feature")
    platform.push_only(clone)
    assert says_people(platform)


def test_a_commit_that_only_says_it_merges_is_a_persons(platform: Platform) -> None:
    """One parent, and a message like the button's."""
    open_pull_request(platform)
    clone = platform.clone(REPO, BRANCH)
    (clone / "server.js").write_text("listen(1);\n")
    platform.push(clone, f"Merge branch 'main' into {BRANCH}")
    assert says_people(platform)


def test_a_rebase_is_kept_as_it_is(platform: Platform) -> None:
    """The button's rebase rewrites the bot's commits: their committer is who pressed it. The bot goes on on top of
    them, takes nothing back and forces nothing; the closing it leaves to people."""
    open_pull_request(platform)
    clone = platform.clone(REPO, BRANCH)
    git(clone, "fetch", "--quiet", "origin", "main")
    git(clone, "rebase", "--quiet", "origin/main")
    git(clone, "push", "--quiet", "--force", "origin", "HEAD")
    before = len(platform.forced_updates)  # type: ignore[arg-type]
    assert says_people(platform) and platform.apply().writes == 0
    platform.fleet("orders", answers=NODE_22)
    assert platform.apply().pulls() == [(REPO, "updated")]
    assert (node(platform), platform.read(REPO, "server.js", BRANCH)) == ("22", "listen(8080);\n")
    assert len(platform.forced_updates) == before  # type: ignore[arg-type]
