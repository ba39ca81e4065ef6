"""What happens night by night from the first contact with a repo on: each history ends as its first line says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cli.harness import LOCK
from tests.clock import START
from tests.life.nights import (
    ADOPTION,
    NODE_18,
    NODE_22,
    NODE_24,
    OWNED_18,
    REPO,
    RUN,
    TOOL,
    adopted,
    asked,
    done,
    night,
    number_of,
    quiet,
)
from tests.life.small import FILES, SmallPlatform
from tests.sandbox_support import (
    close_pull,
    commit_files,
    make_repo,
    merge_pull,
)

# ---------------------------------------------------------------- first contact


def test_adoption_is_asked_once_more_and_not_each_night(platform: SmallPlatform) -> None:
    """Closed, asked anew by a day in the config, closed again: that no is later than the day, and counts."""
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert asked(platform, version=1) == ADOPTION
    close_pull(platform.sandbox, REPO, 1)
    quiet(platform)
    day = (platform.sandbox.forge.clock.now() + timedelta(days=1)).date().isoformat()
    platform.fleet({"name": "one", "adopt": {"asked": day}}, answers={"version": 1})
    assert asked(platform) == ADOPTION
    close_pull(platform.sandbox, REPO, 2)
    for _ in range(2):
        assert quiet(platform).changesets(REPO)["adopt"]["reason_code"] == "declined"


def test_an_adoption_that_waits_for_long_is_kept_up_to_date(platform: SmallPlatform) -> None:
    """Nobody answers for six changes of the template: each gets there. That is no loop; going to and fro is one."""
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert asked(platform, version=1) == ADOPTION
    for version in range(2, 8):
        assert done(night(platform, version=version)) == {"adopt": "updated"}
    assert "version = 7" in str(platform.read(REPO, "tool.conf", "syncbot/adopt-1"))
    for version in (6, 7, 6, 7, 6):
        assert done(night(platform, version=version)) == {"adopt": "updated"}
    looped = night(platform, version=7)
    assert (looped.writes, looped.changesets(REPO)["adopt"]["reason_code"]) == (0, "bot-loop")


def test_a_no_to_a_takeover_holds_up_nothing(platform: SmallPlatform) -> None:
    """The template comes to own a file that the team has of its own: asked apart from a line elsewhere, which goes on
    after the no; the no holds for that file."""
    adopted(platform, version=1)
    commit_files(platform.sandbox, REPO, "main", {"extra.conf": "# ours\n"})
    assert asked(platform, version=2, extra=True).keys() == {"sync", "takeover"}
    close_pull(platform.sandbox, REPO, number_of(platform, "takeover-1"))
    merge_pull(platform.sandbox, REPO, number_of(platform, "sync-1"))
    assert quiet(platform).file(REPO, "extra.conf")["quiet"] == "declined"
    assert asked(platform, version=2, extra=True, port=2000).keys() == {"sync"}
    assert platform.read(REPO, "extra.conf", "syncbot/sync-2") == "# ours\n"


def test_a_teams_file_whose_exemption_ends_is_asked_apart(platform: SmallPlatform) -> None:
    """Exempt at adoption, with a file of the team's own; the day is over, on which a template's line comes as well."""
    exempt = {"path": "tool.conf", "reason": "ours", "owner": "@acme/services"}
    until = (START + timedelta(days=3)).date().isoformat()
    platform.fleet({"name": "one", "exemptions": [exempt | {"until": until}]})
    make_repo(platform.sandbox, REPO, {"tool.conf": "# ours\n"})
    assert asked(platform) == ADOPTION
    merge_pull(platform.sandbox, REPO, 1)
    quiet(platform)
    platform.edit(RUN, "host = any", "host = one")
    assert asked(platform).keys() == {"sync"}
    assert asked(platform).keys() == {"takeover"}


def test_a_deleted_lock_is_no_first_contact(platform: SmallPlatform) -> None:
    """Somebody deletes the lock of an adopted repo: what changes next is a routine change, and the lock comes back."""
    adopted(platform, **NODE_18)
    commit_files(platform.sandbox, REPO, "main", {LOCK: None})
    quiet(platform)
    platform.edit(TOOL, "fast = yes", "fast = no")
    assert asked(platform, **NODE_22).keys() == {"node", "sync"}
    merge_pull(platform.sandbox, REPO, number_of(platform, "sync-1"))
    assert "tool.conf" in platform.recorded(REPO)
    quiet(platform)


def test_files_that_are_there_already_are_only_recorded(platform: SmallPlatform) -> None:
    """At first contact some files are as wanted: the pull request brings the others, and the lock has all."""
    text = FILES["tool.conf.jinja"].replace("{{ version }}", "1")
    make_repo(platform.sandbox, REPO, {"tool.conf": text})
    platform.fleet("one")
    assert asked(platform) == ADOPTION
    assert {file.filename for file in platform.pull(REPO, 1).get_files()} == {"run.ini", ".github/CODEOWNERS", LOCK}
    merge_pull(platform.sandbox, REPO, 1)
    assert "tool.conf" in platform.recorded(REPO)


def test_an_exemption_after_a_refused_adoption_asks_nothing(platform: SmallPlatform) -> None:
    """The team closed adoption over one file, which the platform team exempts then: nothing is asked until they say
    so, and `status` says that it was declined."""
    make_repo(platform.sandbox, REPO, {"tool.conf": "# ours\n"})
    assert asked(platform, version=1) == ADOPTION
    close_pull(platform.sandbox, REPO, 1)
    exempt = {"path": "tool.conf", "reason": "ours", "owner": "@acme/services", "until": "2027-06-01"}
    platform.fleet({"name": "one", "exemptions": [exempt]}, answers={"version": 1})
    assert quiet(platform).changesets(REPO)["adopt"]["reason_code"] == "declined"
    assert "declined" in platform.run("status").stdout
    asked_on = (platform.sandbox.forge.clock.now() + timedelta(days=1)).date().isoformat()
    platform.fleet({"name": "one", "exemptions": [exempt], "adopt": {"asked": asked_on}}, answers={"version": 1})
    assert asked(platform) == ADOPTION
    assert "tool.conf" not in {file.filename for file in platform.pull(REPO, 2).get_files()}


def test_an_open_adoption_follows_the_config(platform: SmallPlatform) -> None:
    """Adoption waits with Node 18 when 22 is wanted, as where the config had a version that the team does not run: the
    same pull request brings 22, nothing is opened beside it, and after it 24 is a move."""
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert asked(platform, **NODE_18) == ADOPTION
    assert done(night(platform, **NODE_22)) == {"adopt": "updated"}
    assert "FROM node:22" in str(platform.read(REPO, "Dockerfile", "syncbot/adopt-1"))
    merge_pull(platform.sandbox, REPO, 1)
    assert asked(platform, **NODE_24) == {"node": "Move Node 22 to 24"}


def test_a_copy_of_the_template_is_asked_once(platform: SmallPlatform) -> None:
    """A repo that was copied from the template, without a lock: nothing is asked while all is as wanted. The next
    change comes as adoption, with that file alone and a record of all; after it a Node is a move."""
    platform.fleet("one", answers=NODE_18)
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    night(platform)
    copied = {path: str(platform.read(REPO, path, "syncbot/adopt-1")).replace("one", "two") for path in OWNED_18}
    make_repo(platform.sandbox, "acme/two", copied)
    platform.fleet("two", answers=NODE_18)
    assert night(platform).repo("acme/two")["state"] == "in-sync"
    platform.edit(TOOL, "fast = yes", "fast = no")
    applied = night(platform)
    assert applied.changesets("acme/two")["adopt"]["paths"] == ["tool.conf"]
    merge_pull(platform.sandbox, "acme/two", 1)
    platform.fleet("two", answers=NODE_22)
    assert set(night(platform).changesets("acme/two")) == {"node"}


# ---------------------------------------------------------------- who left and came back


@pytest.mark.parametrize("worked_on", [False, True])
def test_a_repo_that_left_and_came_back(platform: SmallPlatform, worked_on: bool) -> None:
    """Out of the config, its pull request is closed by the bot, which is no refusal: back in, it is asked anew. The
    one in which people worked stayed open, and goes on."""
    make_repo(platform.sandbox, "acme/two", {"README.md": "hello\n"})
    adopted(platform, version=1)
    assert asked(platform, version=2).keys() == {"sync"}
    if worked_on:
        commit_files(platform.sandbox, REPO, "syncbot/sync-1", {"mine.txt": "mine\n"})
    platform.fleet("two")
    night(platform)
    assert platform.pull(REPO, 2).state == ("open" if worked_on else "closed")
    applied = night(platform, version=3)
    assert done(applied) == {"sync": "updated" if worked_on else "opened"}
    number = 2 if worked_on else 3
    assert "version = 3" in str(platform.read(REPO, "tool.conf", platform.pull(REPO, number).head.ref))
