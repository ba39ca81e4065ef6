"""First contact is one pull request; after it, moves and the rest can be merged in any order, a run between each."""

from __future__ import annotations

from itertools import permutations

import pytest

from syncbot.render import load_templates
from tests.cli.harness import Platform
from tests.sandbox_support import comment_pull, commit_files, make_repo, merge_pull, set_role

REPO = "acme/orders"
NAMES = tuple(f"service-{number:02}" for number in range(12))
METHODS = ("merge", "squash", "rebase")
BEFORE = {"node_version": "18", "postgres_version": "15"}
AFTER = {"node_version": "22", "postgres_version": "17"}
IGNORED = "templates/service/files/.dockerignore.jinja"
DOCKERFILE = "templates/service/files/{% if has.node %}Dockerfile{% endif %}.jinja"
NODE, POSTGRES, SYNC = CHANGES = ("debian+node", "postgres+rds-postgres", "sync")
NOTES = {NODE: "node.md", POSTGRES: "postgres.md", SYNC: "sync.md"}
"""What a developer adds on each branch."""


def test_first_contact_is_one_pull_request_a_repo(platform: Platform) -> None:
    """Of 12 repos some have files of their own: 12 pull requests, 12 merges by any method, and `plan` is quiet."""
    platform.fleet(*NAMES, answers=BEFORE)
    theirs = {"Dockerfile": "FROM node:18\n", "compose.yaml": "services: {}\n", "CODEOWNERS": "* @acme/services\n"}
    for number, name in enumerate(NAMES):
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n", **(theirs if number % 2 else {})})
    applied = platform.apply()
    assert applied.pulls() == [(f"acme/{name}", "opened") for name in NAMES]
    for number, name in enumerate(NAMES):
        assert list(applied.changesets(f"acme/{name}")) == ["adopt"]
        merge_pull(platform.sandbox, f"acme/{name}", 1, method=METHODS[number % len(METHODS)])
    planned = platform.plan("--exit-code")
    assert (planned.exit_code, planned.json["summary"]["in_sync"]) == (0, len(NAMES))
    assert platform.apply().writes == 0


def open_three(platform: Platform) -> dict[str, int]:
    """An adopted repo with two moves and a template change open beside each other; their numbers by changeset."""
    platform.fleet("orders", answers=BEFORE)
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    platform.adopted(REPO)
    text = (platform.root / DOCKERFILE).read_text()
    last = text.rstrip("\n").split("\n")[-1]
    platform.edit(DOCKERFILE, last, f"# How it starts.\n{last}")
    platform.edit(IGNORED, "**/*.log\n", "**/*.log\n**/*.tmp\n")
    platform.fleet("orders", answers=AFTER)
    applied = platform.apply()
    assert applied.exit_code == 0, applied.stderr
    return {pull["changeset"]: pull["number"] for pull in applied.json["pull_requests"]}


@pytest.mark.parametrize("order", list(permutations(CHANGES)), ids=" ".join)
def test_two_moves_and_a_template_change_in_any_order(platform: Platform, order: tuple[str, ...]) -> None:
    """Each can be merged, whatever came before it and by whatever method; a developer's commit on each branch stays,
    and the end is a plain rendering."""
    numbers = open_three(platform)
    assert numbers.keys() == set(CHANGES)
    for name, number in numbers.items():
        branch = platform.pull(REPO, number).head.ref
        commit_files(platform.sandbox, REPO, branch, {NOTES[name]: "mine\n"})
    for place, name in enumerate(order):
        assert platform.pull(REPO, numbers[name]).mergeable is True
        merge_pull(platform.sandbox, REPO, numbers[name], method=METHODS[place])
        applied = platform.apply()
        assert applied.exit_code == 0, applied.stderr
        assert {action for _, action in applied.pulls()} <= {"updated", "unchanged"}
        assert set(applied.changesets(REPO)) == set(order[place + 1 :])
        assert platform.apply().writes == 0
    assert {name: platform.read(REPO, note) for name, note in NOTES.items()} == dict.fromkeys(CHANGES, "mine\n")
    assert platform.plan("--exit-code").exit_code == 0
    assert {path: platform.read(REPO, path) for path in plain(platform)} == plain(platform)
    assert "# How it starts." in str(platform.read(REPO, "Dockerfile"))


def plain(platform: Platform) -> dict[str, str]:
    """The owned files as the template renders them for these answers, without any history."""
    given = {"service_name": "orders", "organization": "acme", "team": "@acme/services", "owners": "@acme/platform"}
    rendered = load_templates(platform.root).render_owned("service", {**given, **AFTER})
    return {path: file.content.decode() for path, file in rendered.items()}


def test_a_hold_on_one_leaves_the_others_going(platform: Platform) -> None:
    """Node is held; another Node waits, the template change and the major are brought up to date and merged."""
    numbers = open_three(platform)
    set_role(platform.sandbox, REPO, "developer", "write")
    comment_pull(platform.sandbox, REPO, numbers[NODE], "/syncbot hold")
    platform.edit(IGNORED, "**/*.tmp\n", "**/*.bak\n")
    platform.fleet("orders", answers={**AFTER, "node_version": "24"})
    applied = platform.apply()
    reasons = {name: changeset["reason_code"] for name, changeset in applied.changesets(REPO).items()}
    assert reasons[NODE] == "held"
    assert "**/*.bak" in str(platform.read(REPO, ".dockerignore", platform.pull(REPO, numbers[SYNC]).head.ref))
    for name in (SYNC, POSTGRES):
        merge_pull(platform.sandbox, REPO, numbers[name])
    assert platform.apply().changesets(REPO)[NODE]["reason_code"] == "held"
    assert "FROM node:22" in str(platform.read(REPO, "Dockerfile", platform.pull(REPO, numbers[NODE]).head.ref))
    assert "FROM node:18" in str(platform.read(REPO, "Dockerfile"))
