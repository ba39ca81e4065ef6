"""What a no refuses: a move its event, `adopt` adoption, `sync` its content; whatever else changes meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.cli.harness import SMALL, Platform
from tests.sandbox_support import close_pull, make_repo, merge_pull

REPO = "acme/orders"
DOCKERFILE = "templates/service/files/{% if has.node %}Dockerfile{% endif %}.jinja"
FIRST_LINE = "# syntax=docker/dockerfile:1"

Change = Callable[[Platform, dict[str, object]], None]


def adopted(platform: Platform, **answers: object) -> dict[str, object]:
    """A repo whose team merged `adopt`, with these answers."""
    given = {**SMALL, **answers}
    platform.fleet("orders", answers=given)
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert platform.apply().pulls() == [(REPO, "opened")]
    merge_pull(platform.sandbox, REPO, 1)
    assert platform.apply().pulls() == []
    return given


def opened(platform: Platform) -> dict[str, str]:
    """The title of each pull request that a run opens, by its changeset."""
    applied = platform.apply()
    assert applied.exit_code == 0, applied.stderr
    return {
        each["changeset"]: platform.pull(REPO, each["number"]).title
        for each in applied.json["pull_requests"]
        if each["action"] == "opened"
    }


def comment_in_template(platform: Platform, answers: dict[str, object]) -> None:
    """A line of the template that no answer bears on."""
    text = (platform.root / DOCKERFILE).read_text()
    last = text.rstrip("\n").split("\n")[-1]
    platform.edit(DOCKERFILE, last, f"# How it starts.\n{last}")


def other_answer(platform: Platform, answers: dict[str, object]) -> None:
    answers["port"] = 9090
    platform.fleet("orders", answers=answers)


def below_the_event(platform: Platform, answers: dict[str, object]) -> None:
    answers["node_version"] = "22.11.0"
    platform.fleet("orders", answers=answers)


def beside_the_move(platform: Platform, answers: dict[str, object]) -> None:
    """The template changes the line that the move changes too."""
    text = (platform.root / DOCKERFILE).read_text()
    first = next(line for line in text.split("\n") if line.startswith("FROM "))
    platform.edit(DOCKERFILE, first, f"# The base image.\n{first}")


def another_event(platform: Platform, answers: dict[str, object]) -> None:
    answers["node_version"] = "24"
    platform.fleet("orders", answers=answers)


@pytest.mark.parametrize(
    ("change", "title"),
    [
        (comment_in_template, ""),
        (other_answer, ""),
        (below_the_event, ""),
        (beside_the_move, ""),
        (another_event, "Move Node 18 to 24"),
    ],
)
def test_a_no_to_a_move(platform: Platform, change: Change, title: str) -> None:
    """Closed, and then this changed: the move is asked again for another event alone, and `plan` says why it is not."""
    answers = adopted(platform, node_version="18")
    answers["node_version"] = "22"
    platform.fleet("orders", answers=answers)
    assert opened(platform) == {"debian+node": "Move Node 18 to 22"}
    close_pull(platform.sandbox, REPO, 2)
    assert opened(platform) == {}

    change(platform, answers)
    asked = opened(platform)
    assert asked.get("debian+node", "") == title
    if not title:
        planned = platform.plan().changesets(REPO)["debian+node"]
        assert (planned["action"], planned["reason_code"]) == ("none", "declined")
        text = platform.read(REPO, "Dockerfile", "main") if not asked else None
        assert text is None or "node:18" in text
    for number in range(3, 3 + len(asked)):
        assert "node:18" in (platform.read(REPO, "Dockerfile", platform.pull(REPO, number).head.sha) or "") or title


@pytest.mark.parametrize("change", [comment_in_template, other_answer, below_the_event, another_event])
def test_a_no_to_adopt(platform: Platform, change: Change) -> None:
    """Adoption was refused: nothing that changes in it is asked, until the platform team asks anew."""
    answers: dict[str, object] = {**SMALL, "node_version": "18"}
    platform.fleet("orders", answers=answers)
    make_repo(platform.sandbox, REPO, {"Dockerfile": "FROM scratch\n"})
    assert opened(platform) == {"adopt": "Adopt the platform's files"}
    close_pull(platform.sandbox, REPO, 1)
    assert opened(platform) == {}
    change(platform, answers)
    assert opened(platform) == {}
    planned = platform.plan().changesets(REPO)["adopt"]
    assert (planned["action"], planned["reason_code"]) == ("none", "declined")


def test_adoption_is_asked_anew_by_the_config(platform: Platform) -> None:
    """`adopt: {asked: …}` voids a no that was said before that day, once the day has come."""
    platform.fleet("orders")
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    assert opened(platform) == {"adopt": "Adopt the platform's files"}
    close_pull(platform.sandbox, REPO, 1)
    clock = platform.sandbox.forge.clock
    today = clock.now().date()
    for day in (today, today + timedelta(days=1)):
        platform.fleet({"name": "orders", "adopt": {"asked": day.isoformat()}})
        assert opened(platform) == {}
    clock.advance(timedelta(days=1).total_seconds())
    assert opened(platform) == {"adopt": "Adopt the platform's files"}


@pytest.mark.parametrize("landed", [False, True])
def test_a_no_to_sync(platform: Platform, landed: bool) -> None:
    """A template change was refused: a later one elsewhere asks for itself alone, a move that lands asks nothing."""
    answers = adopted(platform, node_version="18")
    comment_in_template(platform, answers)
    assert list(opened(platform)) == ["sync"]
    close_pull(platform.sandbox, REPO, 2)
    assert opened(platform) == {}
    if landed:
        answers["node_version"] = "22"
        platform.fleet("orders", answers=answers)
        assert opened(platform) == {"debian+node": "Move Node 18 to 22"}
        merge_pull(platform.sandbox, REPO, 3)
        assert opened(platform) == {}
        assert "How it starts" not in (platform.read(REPO, "Dockerfile") or "")
    else:
        platform.edit("templates/service/files/docker-compose.yml.jinja", "services:", "# All of it.\nservices:")
        applied = platform.apply()
        assert applied.changesets(REPO)["sync"]["paths"] == ["docker-compose.yml"]
