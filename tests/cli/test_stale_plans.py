"""A run takes hours under GitHub's limits: what people did since the fleet was read still counts."""

from __future__ import annotations

from importlib import import_module

import pytest

from syncbot.clock import Clock
from tests.cli.harness import SMALL, Platform
from tests.sandbox_support import comment_pull, make_repo

REPO = "acme/orders"


class HoursLater:
    """A clock that jumps an hour each time it is asked, as if every write had waited that long."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def now(self) -> float:
        self.time += 3600
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.fixture
def slow(platform: Platform) -> Platform:
    hours = HoursLater()
    platform.clock = Clock(now=hours.now, sleep=hours.sleep)
    return platform


def test_a_hold_given_after_the_plan_is_heard(slow: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pull request is read again before it is pushed to: a hold that came meanwhile keeps the bot away."""
    slow.fleet("orders")
    make_repo(slow.sandbox, REPO, {"README.md": "hello\n"})
    assert slow.apply().pulls() == [(REPO, "opened")]
    head = slow.pull(REPO).head.sha
    slow.fleet("orders", answers=SMALL | {"node_version": "22"})

    apply = import_module("syncbot.cli.apply")
    planned = apply.publish_all

    def hold_meanwhile(*arguments: object) -> object:
        comment_pull(slow.sandbox, REPO, 1, "/syncbot hold")
        return planned(*arguments)

    monkeypatch.setattr(apply, "publish_all", hold_meanwhile)
    slow.apply()
    assert slow.pull(REPO).head.sha == head
