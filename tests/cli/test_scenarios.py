"""What happens night by night where one thing comes in the way of another: each history ends as its first line says.

A night is a run with its config; by day people merge, close, edit and comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from syncbot.sandbox.server import Sandbox
from tests.cli.harness import LOCK, Result, git
from tests.clock import START
from tests.life.small import COPIER, FILES, SmallPlatform
from tests.sandbox_support import (
    close_pull,
    commit_files,
    make_repo,
    merge_pull,
    move_branch,
    review_pull,
)

REPO = "acme/one"
TEMPLATE = "templates/small/files"
TOOL, RUN = f"{TEMPLATE}/tool.conf.jinja", f"{TEMPLATE}/run.ini.jinja"
DOCKERFILE = f"{TEMPLATE}/{{% if has_node %}}Dockerfile{{% endif %}}.jinja"
COMPOSE = f"{TEMPLATE}/{{% if has_postgres %}}compose.yml{{% endif %}}.jinja"
NODE_18, NODE_22, NODE_24 = ({"node_version": version} for version in ("18", "22", "24"))
POSTGRES_16, POSTGRES_17 = ({"postgres_version": version} for version in ("16", "17"))
OWNED_18 = ("tool.conf", "run.ini", "Dockerfile", ".github/CODEOWNERS")
ADOPTION = {"adopt": "Adopt the platform's files"}
TO_22 = {"node": "Move Node 18 to 22"}


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[SmallPlatform]:
    with Sandbox(tmp_path / "data") as sandbox:
        sandbox.forge.clock.set(START)
        yield SmallPlatform(tmp_path / "platform", sandbox)


def night(platform: SmallPlatform, **answers: object) -> Result:
    """A run, with these answers for the fleet if there are any."""
    platform.sandbox.forge.clock.advance(timedelta(days=1).total_seconds())
    if answers:
        platform.fleet("one", answers=answers)
    applied = platform.apply()
    assert applied.exit_code == 0, applied.stdout + applied.stderr
    return applied


def opened(platform: SmallPlatform, applied: Result) -> dict[str, str]:
    """The title of each pull request that a run opened, by its changeset."""
    rows = (row for row in applied.json["pull_requests"] if row["action"] == "opened")
    return {row["changeset"]: platform.pull(REPO, row["number"]).title for row in rows}


def asked(platform: SmallPlatform, **answers: object) -> dict[str, str]:
    return opened(platform, night(platform, **answers))


def done(applied: Result) -> dict[str, str]:
    """What a run did about each changeset."""
    return {row["changeset"]: row["action"] for row in applied.json["pull_requests"] if row["repo"] == REPO}


def number(platform: SmallPlatform, branch: str) -> int:
    """Of the pull request from a branch of the bot's, by what follows its prefix."""
    with platform.github as github:
        pulls = github.get_repo(REPO).get_pulls(state="all")
        return next(pull.number for pull in pulls if pull.head.ref == f"syncbot/{branch}")


def adopted(platform: SmallPlatform, **answers: object) -> None:
    """A repo whose team merged all of it."""
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert asked(platform, **answers) == ADOPTION
    merge_pull(platform.sandbox, REPO, 1)


def edit(platform: SmallPlatform, path: str, old: str, new: str, branch: str = "main") -> None:
    """A developer's edit, pushed."""
    text = platform.read(REPO, path, branch)
    assert text is not None
    assert old in text
    commit_files(platform.sandbox, REPO, branch, {path: text.replace(old, new)})


def quiet(platform: SmallPlatform) -> Result:
    """A night on which nothing is written."""
    applied = night(platform)
    assert applied.writes == 0, applied.stdout
    return applied


# ---------------------------------------------------------------- one of several is merged


def test_merging_one_touches_no_other(platform: SmallPlatform) -> None:
    """Node, Postgres and a line of the template are open. Node is merged: the two others, approved, get no push, and
    the template's line is not taken for somebody's edit; both are merged, and nothing is left."""
    adopted(platform, **NODE_18, **POSTGRES_16)
    platform.edit(TOOL, "fast = yes", "fast = no")
    assert asked(platform, **NODE_22, **POSTGRES_17).keys() == {"node", "postgres", "sync"}
    numbers = {name: n for n, name in enumerate(("node", "postgres", "sync"), 2)}
    heads = {name: platform.pull(REPO, number).head.sha for name, number in numbers.items()}
    for number in numbers.values():
        review_pull(platform.sandbox, REPO, number, as_login="reviewer")
    for name, number in numbers.items():
        assert (platform.pull(REPO, number).mergeable, platform.pull(REPO, number).head.sha) == (True, heads[name])
        merge_pull(platform.sandbox, REPO, number)
        assert quiet(platform).exit_code == 0
    assert platform.plan("--exit-code").exit_code == 0
    assert platform.recorded(REPO) == {"tool.conf", "run.ini", "Dockerfile", "compose.yml", ".github/CODEOWNERS"}


# ---------------------------------------------------------------- put back by hand


def test_a_database_put_back_by_hand_is_not_moved_by_sync(platform: SmallPlatform) -> None:
    """17 was merged; a developer sets the image back to 16 and leaves the other lines of that merge. The next template
    change comes without the image, and 17 is not asked again: it was taken back."""
    adopted(platform, **POSTGRES_16)
    assert asked(platform, **POSTGRES_17) == {"postgres": "Move Postgres 16 to 17"}
    merge_pull(platform.sandbox, REPO, 2)
    quiet(platform)
    edit(platform, "compose.yml", "postgres:17", "postgres:16")
    assert asked(platform) == {"sync": "Restore compose.yml"}
    assert "image: postgres:16\n" in str(platform.read(REPO, "compose.yml", "syncbot/sync-1"))
    close_pull(platform.sandbox, REPO, 3)
    quiet(platform)
    platform.edit(COMPOSE, "PASSWORD: local", "PASSWORD: test")
    applied = night(platform)
    assert opened(platform, applied).keys() <= {"sync"}
    for row in applied.json["pull_requests"]:
        text = platform.read(REPO, "compose.yml", platform.pull(REPO, row["number"]).head.ref)
        assert "image: postgres:16\n" in str(text)


def test_a_node_put_back_by_hand_is_not_moved_by_sync(platform: SmallPlatform) -> None:
    """The same of Node."""
    adopted(platform, **NODE_18)
    assert asked(platform, **NODE_22) == TO_22
    merge_pull(platform.sandbox, REPO, 2)
    quiet(platform)
    edit(platform, "Dockerfile", "node:22", "node:18")
    assert asked(platform) == {"sync": "Restore run.ini"}
    close_pull(platform.sandbox, REPO, 3)
    quiet(platform)
    platform.edit(DOCKERFILE, "USER 1000", "USER 1001")
    applied = night(platform)
    assert opened(platform, applied).keys() <= {"sync"}
    for row in applied.json["pull_requests"]:
        text = platform.read(REPO, "Dockerfile", platform.pull(REPO, row["number"]).head.ref)
        assert "FROM node:18" in str(text)


@pytest.mark.parametrize(
    ("path", "before", "by_hand", "answers"),
    [("compose.yml", "postgres:17", "postgres:18", POSTGRES_17), ("Dockerfile", "node:22", "node:24", NODE_22)],
)
def test_a_team_that_went_further_by_hand(
    platform: SmallPlatform, path: str, before: str, by_hand: str, answers: dict[str, str]
) -> None:
    """The team went beyond what the fleet asks for: that file is left alone, by that reason, whatever the template
    says; other files go on."""
    adopted(platform, **answers)
    edit(platform, path, before, by_hand)
    assert quiet(platform).states(REPO)[path] == "by-hand"
    for template in (COMPOSE, DOCKERFILE, TOOL):
        platform.edit(template, "# ", "# Now: ")
    assert asked(platform) == {"sync": "Update tool.conf to the platform template"}
    merge_pull(platform.sandbox, REPO, 2)
    assert by_hand in str(platform.read(REPO, path))
    assert quiet(platform).states(REPO)[path] == "by-hand"


@pytest.mark.parametrize("by_hand", ["16", "18"])
def test_a_lock_edited_to_say_what_is_wanted_moves_nothing(platform: SmallPlatform, by_hand: str) -> None:
    """Somebody writes the id of the wanted file into the lock, with another image in the live file: it is not believed,
    `sync` moves no database, and the move that is asked is named as one."""
    adopted(platform, **POSTGRES_16)
    assert asked(platform, **POSTGRES_17) == {"postgres": "Move Postgres 16 to 17"}
    close_pull(platform.sandbox, REPO, 2)
    wanted = platform.plan().file(REPO, "compose.yml")["desired"]["id"]
    recorded = re.search(r'\[files."compose.yml"\]\nid = "(\w+)"', str(platform.read(REPO, LOCK)))
    assert recorded
    edit(platform, LOCK, recorded[1], wanted)
    edit(platform, "compose.yml", "postgres:16", f"postgres:{by_hand}")
    quiet(platform)
    platform.edit(COMPOSE, "PASSWORD: local", "PASSWORD: test")
    if by_hand == "18":
        assert quiet(platform).states(REPO)["compose.yml"] == "by-hand"
        return
    assert asked(platform).keys() == {"sync"}
    proposed = str(platform.read(REPO, "compose.yml", "syncbot/sync-1"))
    assert "image: postgres:16\n" in proposed
    assert "PASSWORD: test" in proposed


# ---------------------------------------------------------------- another target


def test_another_target_goes_on_in_the_same_pull_request(platform: SmallPlatform) -> None:
    """Node 22 is open and a developer mends the service in it; then 24 is wanted: the same pull request, with their
    commit, says so in its title and in one comment; none is opened beside it."""
    adopted(platform, **NODE_18)
    assert asked(platform, **NODE_22) == TO_22
    commit_files(platform.sandbox, REPO, "syncbot/node-1", {"package.json": '{"engines": {"node": ">=22"}}\n'})
    applied = night(platform, **NODE_24)
    assert done(applied) == {"node": "updated"}
    pull = platform.pull(REPO, 2)
    assert (pull.title, pull.state) == ("Move Node 18 to 24", "open")
    assert "engines" in str(platform.read(REPO, "package.json", "syncbot/node-1"))
    assert "FROM node:24" in str(platform.read(REPO, "Dockerfile", "syncbot/node-1"))
    (comment,) = platform.comments(REPO, 2)
    assert comment.startswith("This pull request asks for something else now: Node 18 → 24.")
    quiet(platform)
    platform.edit(DOCKERFILE, "FROM node", "# What it runs.\nFROM node")
    assert done(night(platform)) == {"node": "updated"}
    assert len(platform.comments(REPO, 2)) == 1


def test_below_the_event_is_no_move(platform: SmallPlatform) -> None:
    """22.11.0 to 22.12.0 is a routine change, in a Node whose major is the event."""
    adopted(platform, node_version="22.11.0")
    assert asked(platform, node_version="22.12.0").keys() == {"sync"}
    assert "FROM node:22.12.0" in str(platform.read(REPO, "Dockerfile", "syncbot/sync-1"))


def test_there_and_back_and_there_again(platform: SmallPlatform) -> None:
    """22 is open, the config says 18 again: the bot closes it, which is no refusal; 22 again is asked anew."""
    adopted(platform, **NODE_18)
    assert asked(platform, **NODE_22) == TO_22
    assert done(night(platform, **NODE_18)) == {"node": "closed"}
    quiet(platform)
    assert asked(platform, **NODE_22) == TO_22


def test_a_merge_to_another_target_voids_a_no(platform: SmallPlatform) -> None:
    """A person closes 22, the team merges 24 later; 22 is wanted again: it is asked, as another question."""
    adopted(platform, **NODE_18)
    assert asked(platform, **NODE_22) == TO_22
    close_pull(platform.sandbox, REPO, 2)
    quiet(platform)
    assert asked(platform, **NODE_24) == {"node": "Move Node 18 to 24"}
    merge_pull(platform.sandbox, REPO, 3)
    quiet(platform)
    assert asked(platform, **NODE_22) == {"node": "Move Node 24 to 22"}


def test_a_version_that_came_by_hand_is_where_the_next_move_starts(platform: SmallPlatform) -> None:
    """The team brings just what is wanted by hand before the bot asks; the lock still says 18. The next move starts
    at 22."""
    adopted(platform, **NODE_18)
    for path in ("Dockerfile", "run.ini"):
        text = str(platform.read(REPO, path))
        commit_files(platform.sandbox, REPO, "main", {path: re.sub(r"(node[: ])18", r"\g<1>22", text)})
    platform.fleet("one", answers=NODE_22)
    quiet(platform)
    assert asked(platform, **NODE_24) == {"node": "Move Node 22 to 24"}


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
    close_pull(platform.sandbox, REPO, number(platform, "takeover-1"))
    merge_pull(platform.sandbox, REPO, number(platform, "sync-1"))
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
    merge_pull(platform.sandbox, REPO, number(platform, "sync-1"))
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


# ---------------------------------------------------------------- proved, or not


def old_lock(platform: SmallPlatform) -> None:
    """As an earlier syncbot wrote it: no tree, no answers; what was delivered is told by the config commit alone."""
    lock = re.sub(r"(?m)^(tree|answers|tool) = .*\n", "", str(platform.read(REPO, LOCK)))
    commit_files(platform.sandbox, REPO, "main", {LOCK: lock})


@pytest.mark.parametrize("old", [False, True])
def test_a_version_that_was_kept_for_a_while(platform: SmallPlatform, old: bool) -> None:
    """Node 18 was kept by an exemption when it was delivered, in a fleet on 22. After its last day 22 is asked as a
    move from 18, also by the lock of an earlier syncbot, whose commit says 22 by today's exemptions."""
    until = (START + timedelta(days=3)).date().isoformat()
    kept = {"answer": "node_version", "keep": "18", "reason": "old", "owner": "@acme/services", "until": until}
    platform.fleet({"name": "one", "exemptions": [kept]}, answers=NODE_22)
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert asked(platform) == ADOPTION
    merge_pull(platform.sandbox, REPO, 1)
    assert "FROM node:18" in str(platform.read(REPO, "Dockerfile"))
    if old:
        old_lock(platform)
    edit(platform, "Dockerfile", "USER 1000", "USER 1000\n# ours")
    assert asked(platform) == {"sync": "Restore Dockerfile"}
    close_pull(platform.sandbox, REPO, 2)
    quiet(platform)
    platform.edit(DOCKERFILE, '"."', '"app.js"')
    applied = night(platform)
    assert opened(platform, applied)["node"] == "Move Node 18 to 22"


def test_what_nobody_can_render_again_is_merged_on_what_was_recorded(platform: SmallPlatform) -> None:
    """The lock names a tree and a commit that are gone, as after a rewritten history; the id it records is in the
    repo. A developer's line and the template's both stand in the pull request."""
    adopted(platform, version=1)
    lock = str(platform.read(REPO, LOCK))
    lock = re.sub(r'(tree|config) = "\w+"', lambda found: f'{found[1]} = "{"0" * 40}"', lock)
    commit_files(platform.sandbox, REPO, "main", {LOCK: lock})
    edit(platform, "tool.conf", "[end]\n", "ours = 1\n[end]\n")
    platform.edit(TOOL, "fast = yes", "fast = no")
    for command in ("checkout --quiet --orphan fresh", "commit --quiet --message all", "branch --move --force main"):
        git(platform.root, *command.split())
    applied = night(platform)
    assert opened(platform, applied).keys() == {"sync"}
    text = str(platform.read(REPO, "tool.conf", "syncbot/sync-1"))
    assert "ours = 1" in text
    assert "fast = no" in text


# ---------------------------------------------------------------- what goes only together


def test_a_move_that_the_delivered_template_does_not_know(platform: SmallPlatform) -> None:
    """One commit teaches the template Node 24 and asks for it: the move brings what it needs of the template with it,
    and a no to it holds both back, said as such, while the rest goes on."""
    known = "node_version:\n  type: str\n  help: Which Node, if any\n  default: none\n"
    file = platform.root / "copier.yml"
    choices = known.replace("  default", "  choices: [none, '18', '22']\n  default")
    file.write_text(COPIER.replace(known, choices))
    platform.commit("Choices")
    adopted(platform, **NODE_18)
    file.write_text(COPIER.replace(known, choices.replace("'22'", "'22', '24'")))
    platform.edit(TOOL, "fast = yes", "fast = no")
    found = asked(platform, **NODE_24)
    assert found == {"node": "Move Node 18 to 24", "sync": "Update tool.conf to the platform template"}
    close_pull(platform.sandbox, REPO, number(platform, "node-1"))
    assert quiet(platform).changesets(REPO)["node"]["reason_code"] == "declined"


@pytest.mark.parametrize("refused", [False, True])
def test_a_template_that_has_forgotten_the_delivered_version(platform: SmallPlatform, refused: bool) -> None:
    """The template no longer knows Node 18, and the fleet asks for 22, along with a line elsewhere. Nothing renders at
    18 any more: all of it is one pull request, named by the move. With a no to that, nothing can go."""
    known = "node_version:\n  type: str\n  help: Which Node, if any\n  default: none\n"
    adopted(platform, **NODE_18)
    file = platform.root / "copier.yml"
    file.write_text(COPIER.replace(known, known.replace("  default", "  choices: [none, '22', '24']\n  default")))
    platform.edit(TOOL, "fast = yes", "fast = no")
    assert asked(platform, **NODE_22) == TO_22
    assert {f.filename for f in platform.pull(REPO, 2).get_files()} >= {"Dockerfile", "tool.conf", "run.ini"}
    if not refused:
        merge_pull(platform.sandbox, REPO, 2)
        quiet(platform)
        assert platform.plan("--exit-code").exit_code == 0
        return
    close_pull(platform.sandbox, REPO, 2)
    declined = quiet(platform).changesets(REPO)
    assert {name: each["reason_code"] for name, each in declined.items()} == {"node": "declined"}
    assert "tool.conf" in declined["node"]["paths"]


# ---------------------------------------------------------------- every trace of it gone


@pytest.mark.parametrize("times", [1, 3])
def test_a_no_of_which_people_took_every_trace(platform: SmallPlatform, times: int) -> None:
    """Closed, the label taken off, the branch deleted: the no is found by the branch's name before another is opened,
    however often that happened."""
    adopted(platform, **NODE_18)
    for number in range(2, 2 + times):
        assert asked(platform, node_version=str(20 + 2 * number)).keys() == {"node"}
        close_pull(platform.sandbox, REPO, number)
    for number in range(2, 2 + times):
        pull = platform.pull(REPO, number)
        pull.remove_from_labels("syncbot")
        move_branch(platform.sandbox, REPO, pull.head.ref, None)
    applied = quiet(platform)
    assert applied.changesets(REPO)["node"]["reason_code"] == "declined"
    planned = platform.plan()
    assert planned.changesets(REPO)["node"]["branch"] == f"syncbot/node-{times + 1}"
