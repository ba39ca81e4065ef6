"""CODEOWNERS: the file that GitHub honours is extended by a block at its end, and the team's lines stay."""

from __future__ import annotations

import pytest

from tests.cli.harness import Platform
from tests.sandbox_support import commit_files, make_repo, merge_pull

REPO = "acme/orders"
PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
TEAM = "# ours\n* @acme/orders\n/reports/ @acme/reporting"
BEGIN, END = "# BEGIN syncbot", "# END syncbot"


@pytest.mark.parametrize("place", PLACES)
def test_the_file_that_is_there_is_extended(platform: Platform, place: str) -> None:
    """No second file is made that would shadow it; the team's lines come first, the block last."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n", place: TEAM})
    applied = platform.apply()
    assert applied.pulls() == [(REPO, "opened")]
    held = {path for path in PLACES if platform.read(REPO, path, "syncbot/adopt-1") is not None}
    assert held == {place}
    owned = str(platform.read(REPO, place, "syncbot/adopt-1"))
    assert owned.startswith(f"{TEAM}\n\n{BEGIN}")
    assert owned.rstrip().splitlines()[-1].startswith(END)
    merge_pull(platform.sandbox, REPO, 1)
    assert platform.plan("--exit-code").exit_code == 0


def test_the_first_place_counts(platform: Platform) -> None:
    """With files in several places, GitHub reads .github/ first: that one is extended, the others stay as they are."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"CODEOWNERS": "* @acme/root\n", ".github/CODEOWNERS": "* @acme/orders\n"})
    platform.apply()
    assert BEGIN in str(platform.read(REPO, ".github/CODEOWNERS", "syncbot/adopt-1"))
    assert platform.read(REPO, "CODEOWNERS", "syncbot/adopt-1") == "* @acme/root\n"


def test_the_teams_lines_are_theirs_to_change(platform: Platform) -> None:
    """Lines above the block are not compared; a line below it is drift, and is moved above it, not lost."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    delivered = str(platform.read(REPO, ".github/CODEOWNERS"))
    commit_files(platform.sandbox, REPO, "main", {".github/CODEOWNERS": f"/reports/ @acme/reporting\n\n{delivered}"})
    assert platform.plan("--exit-code").exit_code == 0

    commit_files(platform.sandbox, REPO, "main", {".github/CODEOWNERS": f"{delivered}/late/ @acme/late\n"})
    applied = platform.apply()
    assert applied.states(REPO)[".github/CODEOWNERS"] == "edited"
    moved = str(platform.read(REPO, ".github/CODEOWNERS", "syncbot/sync-1"))
    assert "/late/ @acme/late\n" in moved
    assert moved.index("/late/") < moved.index(BEGIN)
    assert moved.endswith(delivered[delivered.index(BEGIN) :])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f"{BEGIN}\n* @acme/platform\n", "end marker"),
        (f"* @acme/orders\n{END}\n", "begin marker"),
        (f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n", "second begin marker"),
        (f"{END}\n{BEGIN}\n", "ends before it begins"),
    ],
)
def test_markers_that_do_not_pair_up_block_the_file(platform: Platform, content: str, reason: str) -> None:
    """It is left as it is, with the reason; everything else is proposed."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"CODEOWNERS": content})
    applied = platform.apply()
    assert applied.exit_code == 0
    status = applied.file(REPO, "CODEOWNERS")
    assert status["state"] == "blocked"
    assert reason in status["reason"]
    assert applied.pulls() == [(REPO, "opened")]
    assert platform.read(REPO, "CODEOWNERS", "syncbot/adopt-1") == content
    assert platform.read(REPO, ".github/CODEOWNERS", "syncbot/adopt-1") is None


def test_markers_broken_while_the_pull_request_is_open(platform: Platform) -> None:
    """Whether main breaks them or the developer on the branch: nothing crashes, nobody's text is replaced."""
    platform.fleet("main", "branch")
    for name in ("main", "branch"):
        make_repo(platform.sandbox, f"acme/{name}", {"CODEOWNERS": "* @acme/orders\n"})
    platform.apply()
    broken = f"{BEGIN}\n* @acme/orders\n"
    commit_files(platform.sandbox, "acme/main", "main", {"CODEOWNERS": broken})
    commit_files(platform.sandbox, "acme/branch", "syncbot/adopt-1", {"CODEOWNERS": broken})
    platform.fleet("main", "branch", owners="@acme/other", answers={"node_version": "22", "postgres_version": "none"})
    applied = platform.apply()
    assert applied.exit_code == 0
    assert platform.read("acme/branch", "CODEOWNERS", "syncbot/adopt-1") == broken
    assert "FROM node:22" in str(platform.read("acme/branch", "Dockerfile", "syncbot/adopt-1"))
