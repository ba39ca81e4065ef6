"""`apply --time-limit` stops in time, says what is left, and the next run goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

import pytest

from syncbot.app.applying import publish_all
from syncbot.app.fleet_run import FleetRun, fleet_run
from syncbot.app.session import Session
from syncbot.app.workspace import load_workspace
from syncbot.cli.options import Duration
from syncbot.cli.output import say
from syncbot.clock import Clock
from syncbot.github.connection import OutOfTime
from tests.cli.harness import Platform
from tests.sandbox_support import make_repo

NAMES = ("first", "second", "third")


class Simulated:
    """A clock that only moves when somebody sleeps; starts at the computer's time, as the sandbox does."""

    def __init__(self) -> None:
        self.time = time.time()
        self.clock = Clock(now=lambda: self.time, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.time += seconds


@contextmanager
def run_of(platform: Platform, clock: Clock, time_limit: float) -> Iterator[FleetRun]:
    with (
        patch.dict(os.environ, platform.environment),
        fleet_run(platform.config, (), time_limit=time_limit, clock=clock) as run,
    ):
        yield run


def three_repos(platform: Platform, seconds_between_writes: float) -> None:
    limits = {"seconds_between_writes": seconds_between_writes, "max_fleet_share": 1.0}
    platform.fleet(*NAMES, limits=limits)
    for name in NAMES:
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})


def test_it_stops_between_writes_and_goes_on_later(platform: Platform) -> None:
    """Writes are a second apart: in 7 seconds one pull request is opened, one begun; the next run opens the rest."""
    three_repos(platform, 1)
    simulated = Simulated()
    with run_of(platform, simulated.clock, 7) as run:
        _, outcomes, stopped = publish_all(run)
    assert isinstance(stopped, OutOfTime)
    assert [(outcome.repo, outcome.action) for outcome in outcomes] == [("acme/first", "opened")]
    assert platform.sandbox.forge.counters.writes == 7
    with run_of(platform, simulated.clock, 3600) as run:
        _, outcomes, stopped = publish_all(run)
    assert stopped is None
    opened = [outcome.repo for outcome in outcomes if outcome.action == "opened"]
    assert opened == ["acme/second", "acme/third"]
    assert [platform.pull(f"acme/{name}").number for name in NAMES] == [1, 1, 1]
    assert platform.forced_updates == []


def test_what_is_left_is_said(platform: Platform) -> None:
    """Exit code 0, the number in JSON and on stderr, and nothing written after the limit."""
    three_repos(platform, 0)
    result = platform.apply("--time-limit", "0.001s")
    assert result.exit_code == 0, result
    assert result.json["left"] == 3
    assert result.json["pull_requests"] == []
    assert result.stderr == "Stopped at the time limit; pull requests left: 3. Run it again to go on.\n"
    assert platform.sandbox.forge.counters.writes == 0
    enough = platform.apply("--time-limit", "2h")
    assert (enough.exit_code, enough.json["left"], enough.stderr) == (0, 0, "")
    assert len(enough.pulls()) == 3


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("50m", 3000), ("2h", 7200), ("1.5h", 5400)])
def test_a_time(text: str, seconds: float) -> None:
    """A number and s, m or h."""
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["90", "1d", "-5m", "0s", "m", "1h30m", ""])
def test_what_is_no_time(platform: Platform, text: str) -> None:
    """Anything else is a usage error, with an example."""
    platform.fleet("first")
    result = platform.run("apply", "--time-limit", text)
    assert result.exit_code == 2
    assert "as in 50m" in result.stderr


@pytest.mark.parametrize(("seconds", "end"), [(20, "23:59:50"), (60, "2027-01-16 00:00:30")])
def test_a_wait_is_said_with_its_end(
    platform: Platform, capsys: pytest.CaptureFixture[str], seconds: float, end: str
) -> None:
    """In local time, and with the day where it is another one."""
    platform.fleet("first")
    simulated = Simulated()
    simulated.time = datetime(2027, 1, 15, 23, 59, 30).timestamp()
    session = Session(workspace=load_workspace(platform.config), clock=simulated.clock, say=say)
    with patch.dict(os.environ, platform.environment):
        connection = session.connect()
    connection.pause(seconds, "GitHub's limit")
    connection.close()
    assert capsys.readouterr().err == f"GitHub's limit: waiting until {end}\n"
