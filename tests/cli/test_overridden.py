"""A change that did not arrive, since a person's line stands where it would: a state of its own, shown, not asked."""

from __future__ import annotations

import re

from tests.cli.harness import SMALL, Platform
from tests.sandbox_support import commit_files, make_repo, merge_pull

REPO = "acme/orders"
NODE_22 = SMALL | {"node_version": "22"}
STARTED = SMALL | {"entry": "src/start.js", "port": 8099}
THEIRS = 'CMD ["node", "ours.js"]'


def started_otherwise(platform: Platform, branch: str) -> None:
    """The developer's own start command, on the bot's branch."""
    clone = platform.clone(REPO, branch)
    dockerfile = clone / "Dockerfile"
    text = re.sub(r"^CMD .*$", THEIRS, dockerfile.read_text(), flags=re.MULTILINE)
    assert THEIRS in text
    dockerfile.write_text(text)
    platform.push(clone)


def merged_without_the_change(platform: Platform) -> None:
    """Another start and port are wanted; the Dockerfile keeps the developer's command, and all that is merged."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "# Orders\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]
    started_otherwise(platform, "syncbot/adopt-1")
    platform.fleet("orders", answers=STARTED)
    assert platform.apply().pulls() == [(REPO, "updated")]
    merge_pull(platform.sandbox, REPO, 1)


def test_the_platform_team_sees_it_and_nobody_is_asked(platform: Platform) -> None:
    """Its own state and heading, in JSON too; no pull request, no comment, night after night."""
    merged_without_the_change(platform)
    applied = platform.apply()
    assert applied.states(REPO)["Dockerfile"] == applied.file(REPO, "Dockerfile")["quiet"] == "overridden"
    assert (applied.writes, applied.changesets(REPO)["sync"]["reason_code"]) == (0, "overridden")
    assert applied.repo(REPO)["state"] == "drifted" and applied.states(REPO)["docker-compose.yml"] == "in-sync"
    _, _, below = platform.run("status").stdout.partition("Did not get the change")
    assert "Dockerfile" in below and "it did not arrive" in below
    assert len(platform.comments(REPO)) == 1
    assert platform.apply().writes == 0


def test_it_is_proposed_with_the_next_change(platform: Platform) -> None:
    """Another desired content asks anew, as after any answer."""
    merged_without_the_change(platform)
    platform.apply()
    platform.fleet("orders", answers=STARTED | {"entry": "src/again.js"})
    applied = platform.apply()
    assert (applied.states(REPO)["Dockerfile"], applied.pulls()) == ("diverged", [(REPO, "opened")])


def test_once_it_is_there_by_hand_it_is_in_sync(platform: Platform) -> None:
    """The team takes the change after all."""
    merged_without_the_change(platform)
    dockerfile = str(platform.read(REPO, "Dockerfile")).replace(THEIRS, 'CMD ["node", "src/start.js"]')
    dockerfile = dockerfile.replace("8080", "8099")
    commit_files(platform.sandbox, REPO, "main", {"Dockerfile": dockerfile})
    assert platform.plan().states(REPO)["Dockerfile"] == "in-sync"


def test_an_edit_that_has_the_change_is_a_kept_edit(platform: Platform) -> None:
    """A line elsewhere in the file, merged with the change: the fleet's change arrived."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "# Orders\n"})
    platform.apply()
    clone = platform.clone(REPO, "syncbot/adopt-1")
    (clone / "Dockerfile").write_text((clone / "Dockerfile").read_text() + "\n# ours\n")
    platform.push(clone)
    platform.fleet("orders", answers=NODE_22)
    platform.apply()
    merge_pull(platform.sandbox, REPO, 1)
    kept = platform.apply().file(REPO, "Dockerfile")
    assert (kept["state"], kept["quiet"]) == ("edited", "kept-edit")


def test_another_version_there_is_moved_by_hand(platform: Platform) -> None:
    """A Node that nothing here ever rendered, merged on the bot's branch: shown as such, and not asked again."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "# Orders\n"})
    platform.apply()
    text = str(platform.read(REPO, "Dockerfile", "syncbot/adopt-1"))
    commit_files(
        platform.sandbox, REPO, "syncbot/adopt-1", {"Dockerfile": text.replace("FROM node:18", "FROM node:20")}
    )
    merge_pull(platform.sandbox, REPO, 1)
    platform.fleet("orders", answers=NODE_22)
    applied = platform.apply()
    assert (applied.states(REPO)["Dockerfile"], applied.writes) == ("by-hand", 0)
