"""What happens night by night to moves where one thing comes in the way of another: each history ends as its first line
says."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.cli.harness import LOCK, git
from tests.clock import START
from tests.life.nights import (
    ADOPTION,
    COMPOSE,
    DOCKERFILE,
    NODE_18,
    NODE_22,
    NODE_24,
    POSTGRES_16,
    POSTGRES_17,
    REPO,
    TO_22,
    TOOL,
    adopted,
    asked,
    done,
    edit,
    night,
    number_of,
    opened,
    quiet,
)
from tests.life.small import COPIER, SmallPlatform
from tests.sandbox_support import (
    close_pull,
    commit_files,
    make_repo,
    merge_pull,
    move_branch,
    review_pull,
)

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


@pytest.mark.parametrize(
    ("before", "after", "title", "restored", "put_back", "source", "line", "shown"),
    [
        (
            POSTGRES_16,
            POSTGRES_17,
            {"postgres": "Move Postgres 16 to 17"},
            "Restore compose.yml",
            ("compose.yml", "postgres:17", "postgres:16"),
            COMPOSE,
            ("PASSWORD: local", "PASSWORD: test"),
            "image: postgres:16\n",
        ),
        (
            NODE_18,
            NODE_22,
            TO_22,
            "Restore run.ini",
            ("Dockerfile", "node:22", "node:18"),
            DOCKERFILE,
            ("USER 1000", "USER 1001"),
            "FROM node:18",
        ),
    ],
)
def test_a_version_put_back_by_hand_is_not_moved_by_sync(
    platform: SmallPlatform,
    before: dict[str, str],
    after: dict[str, str],
    title: dict[str, str],
    restored: str,
    put_back: tuple[str, str, str],
    source: str,
    line: tuple[str, str],
    shown: str,
) -> None:
    """The move was merged; a developer sets the version back and leaves the other lines of that merge. The next
    template change comes without the version, and the move is not asked again: it was taken back."""
    adopted(platform, **before)
    assert asked(platform, **after) == title
    merge_pull(platform.sandbox, REPO, 2)
    quiet(platform)
    edit(platform, *put_back)
    assert asked(platform) == {"sync": restored}
    path = put_back[0]
    assert shown in str(platform.read(REPO, path, "syncbot/sync-1"))
    close_pull(platform.sandbox, REPO, 3)
    quiet(platform)
    platform.edit(source, *line)
    applied = night(platform)
    assert opened(platform, applied).keys() <= {"sync"}
    for row in applied.json["pull_requests"]:
        text = platform.read(REPO, path, platform.pull(REPO, row["number"]).head.ref)
        assert shown in str(text)


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
    close_pull(platform.sandbox, REPO, number_of(platform, "node-1"))
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
