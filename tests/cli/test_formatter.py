"""A formatter commits to the bot's branch, or to main: its layout is nobody's line, and the fleet's change arrives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.harness import SMALL, Platform, git
from tests.sandbox_support import commit_files, make_repo, merge_pull

REPO = "acme/wishlist"
BRANCH = "syncbot/adopt-1"
COMPOSE = "docker-compose.yml"
PORT = SMALL | {"port": 9090}


def open_pull_request(platform: Platform) -> None:
    platform.fleet("wishlist")
    make_repo(platform.sandbox, REPO, {"package.json": "{}\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]


def formatted(text: str | None) -> str:
    """As a formatter with a taste for single quotes leaves it."""
    assert text and '"' in text
    return "".join(line if line.lstrip().startswith("#") else line.replace('"', "'") for line in text.splitlines(True))


def commit_as(folder: Path, name: str, email: str) -> None:
    person = ["-c", f"user.name={name}", "-c", f"user.email={email}"]
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "style: autofix")
    amend = f'GIT_COMMITTER_NAME="{name}" GIT_COMMITTER_EMAIL="{email}" git commit --amend --quiet --no-edit'
    git(folder, *person, "-c", f"alias.as=!{amend} --author='{name} <{email}>'", "as")
    git(folder, "push", "--quiet", "origin", "HEAD")


def autofix(platform: Platform, edit: str = "") -> None:
    """The App's commit on the bot's branch; `edit` is one more line that it (or somebody through it) writes."""
    clone = platform.clone(REPO, BRANCH)
    compose = clone / COMPOSE
    compose.write_text(formatted(compose.read_text()) + edit)
    commit_as(clone, "autofix[bot]", "2+autofix[bot]@users.noreply.github.com")


def test_the_new_value_is_delivered(platform: Platform) -> None:
    """The formatter's file means what was delivered: nothing to do until the port changes; then it gets that too."""
    open_pull_request(platform)
    autofix(platform)
    assert platform.apply().writes == 0
    assert platform.plan().changesets(REPO)["adopt"]["reason_code"] == "up-to-date"
    status = platform.run("status").stdout
    assert "autofix[bot] committed" in status and "people committed" not in status

    platform.fleet("wishlist", answers=PORT)
    assert platform.apply().pulls() == [(REPO, "updated")]
    for path in ("Dockerfile", COMPOSE):
        text = str(platform.read(REPO, path, BRANCH))
        assert "9090" in text and "8080" not in text
    assert platform.comments(REPO) == [] and platform.apply().writes == 0

    autofix(platform)
    assert platform.apply().writes == 0
    merge_pull(platform.sandbox, REPO, 1)
    merged = platform.apply()
    assert merged.writes == 0 and set(merged.states(REPO).values()) == {"in-sync"}
    assert "'" in str(platform.read(REPO, COMPOSE))


def test_formatted_on_main_is_no_drift(platform: Platform) -> None:
    """Formatted once it is merged: in sync. The next change of the template is `behind`, and loses nothing."""
    open_pull_request(platform)
    merge_pull(platform.sandbox, REPO, 1)
    commit_files(platform.sandbox, REPO, "main", {COMPOSE: formatted(platform.read(REPO, COMPOSE))})
    assert platform.plan("--exit-code").exit_code == 0

    platform.fleet("wishlist", answers=PORT)
    applied = platform.apply()
    assert (applied.states(REPO)[COMPOSE], applied.pulls()) == ("behind", [(REPO, "opened")])
    assert "This would replace edits" not in platform.pull(REPO, 2).body
    assert "9090" in str(platform.read(REPO, COMPOSE, "syncbot/sync-1"))


@pytest.mark.parametrize("edit", ["# ours\n", "  extra: {}\n"])
def test_a_line_beside_the_layout_is_a_persons(platform: Platform, edit: str) -> None:
    """A comment or a key in the same commit is kept, whoever wrote it, and one comment says so."""
    open_pull_request(platform)
    autofix(platform, edit)
    platform.fleet("wishlist", answers=PORT)
    platform.apply()
    text = str(platform.read(REPO, COMPOSE, BRANCH))
    assert text.endswith(edit) and "8080" in text
    (comment,) = platform.comments(REPO)
    assert comment.startswith(f"`{COMPOSE}` stays as `autofix[bot]` committed it on this branch")


def test_without_a_reader_it_is_anybodys_version(platform: Platform) -> None:
    """What no reader of ours can compare stays as committed, and reads as an edit once it is merged."""
    open_pull_request(platform)
    clone = platform.clone(REPO, BRANCH)
    ignored = clone / ".dockerignore"
    ignored.write_text("".join(f"{line}  \n" for line in ignored.read_text().splitlines()))
    commit_as(clone, "autofix[bot]", "2+autofix[bot]@users.noreply.github.com")
    merge_pull(platform.sandbox, REPO, 1)
    kept = platform.apply()
    assert (kept.writes, kept.states(REPO)[".dockerignore"]) == (0, "edited")


def test_a_person_beside_the_bot_is_people(platform: Platform) -> None:
    """Where anybody else had a hand in it, people committed."""
    open_pull_request(platform)
    autofix(platform)
    clone = platform.clone(REPO, BRANCH)
    (clone / "notes.txt").write_text("mine\n")
    platform.push(clone)
    assert "people committed" in platform.run("status").stdout
