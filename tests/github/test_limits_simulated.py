"""A fleet's pull requests under limits that the sandbox enforces, on its own clock: kept by budget, never met."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest

from syncbot.app.applying import publish_all
from syncbot.app.fleet_run import fleet_run
from syncbot.cli.output import say
from syncbot.clock import Clock
from syncbot.github import pacing
from syncbot.github.pacing import RateLimit
from syncbot.sandbox.limits import Limits
from tests.cli.harness import Platform, platform_in
from tests.sandbox_support import make_repo

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = tuple(f"service-{number:02}" for number in range(10))
LIMITS = {"seconds_between_writes": 1, "open_pull_requests": 100, "pull_requests_per_hour": 100}


def clock_of(platform: Platform) -> Clock:
    """The sandbox's clock, which moves in whole seconds."""
    clock = platform.sandbox.forge.clock
    return Clock(now=lambda: clock.now().timestamp(), sleep=lambda seconds: clock.advance(math.ceil(seconds)))


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Platform]:
    with platform_in(tmp_path) as platform:
        platform.fleet(*NAMES, limits=LIMITS)
        for name in NAMES:
            make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
        platform.sandbox.forge.clock.set(START)
        yield platform


def apply_all(platform: Platform) -> tuple[int, float]:
    """One run over the fleet: pull requests opened, and simulated seconds."""
    with (
        patch.dict(os.environ, platform.environment),
        fleet_run(platform.config, (), clock=clock_of(platform), say=say) as run,
    ):
        plans, outcomes, stopped = publish_all(run)
    assert stopped is None
    assert [plan.failure for plan in plans] == [None] * len(NAMES)
    opened = sum(outcome.action == "opened" for outcome in outcomes)
    return opened, (platform.sandbox.forge.clock.now() - START).total_seconds()


def test_limits_are_kept_and_nothing_is_lost(
    fleet: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tenth of GitHub's limits over 10 repos: every pull request, no refusal, within a fifth of the floor."""
    monkeypatch.setattr(pacing, "CONTENT_LIMITS", (RateLimit(amount=8, seconds=60), RateLimit(amount=20, seconds=3600)))
    monkeypatch.setattr(pacing, "POINTS_LIMIT", RateLimit(amount=90, seconds=60))
    fleet.sandbox.forge.limits = Limits(
        primary=5000, graphql=5000, content_minute=8, content_hour=20, points_minute=90, graphql_points_minute=200
    )
    opened, seconds = apply_all(fleet)
    assert opened == len(NAMES)
    assert fleet.sandbox.forge.meter.limited == 0
    assert fleet.sandbox.forge.meter.exhausted == 0
    # 30 content writes: 20 in the first hour, of which 8 a minute; the 21st waits for the hour, the 29th a minute more.
    floor = 3600 + 60
    assert floor <= seconds <= floor * 1.2
    shown = capsys.readouterr().err.splitlines()
    assert shown
    assert all(re.fullmatch(r"GitHub's limit: waiting until \d\d:\d\d:\d\d", line) for line in shown)


def test_limits_that_are_tighter_than_expected_cost_time_and_nothing_else(fleet: Platform) -> None:
    """Where GitHub refuses all the same, each refusal is waited out: nothing lost, nothing twice."""
    fleet.sandbox.forge.limits = Limits(content_minute=7, points_minute=60)
    opened, seconds = apply_all(fleet)
    assert opened == len(NAMES)
    assert fleet.sandbox.forge.meter.limited > 0
    assert seconds >= 4 * 60
    assert [fleet.pull(f"acme/{name}").number for name in NAMES] == [1] * len(NAMES)


def test_a_used_up_hour_is_waited_for(fleet: Platform) -> None:
    """With 30 REST requests an hour nothing is refused: the run waits for each hour to begin anew."""
    fleet.sandbox.forge.limits = Limits(primary=30, graphql=5000)
    opened, seconds = apply_all(fleet)
    assert opened == len(NAMES)
    assert fleet.sandbox.forge.meter.exhausted == 0
    assert 3600 <= seconds < 2 * 3600 + 120
