"""Three hundred pull requests under GitHub's limits, in simulated time: how long, how many refusals, how many lost.

The sandbox enforces the limits on its own clock, and syncbot waits on the same one, so hours pass in a minute.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.fleet import make_platform, make_services
from syncbot.app import demo_fleet
from syncbot.app.applying import publish_all
from syncbot.app.fleet_run import fleet_run
from syncbot.app.workspace import Workspace
from syncbot.cli.sandbox import bot_token, open_sandbox
from syncbot.clock import Clock
from syncbot.sandbox.forge import Forge
from syncbot.sandbox.limits import GITHUB
from syncbot.sandbox.server import Sandbox

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
WRITES, CONTENT = 5, 3
"""Writes a pull request takes (tree, commit, branch, pull request, label), and those that GitHub counts as content."""

Numbers = dict[str, float | int]


def measure(size: int) -> Numbers:
    """One `apply` that opens `size` pull requests; `floor_seconds` is the least that the limits allow."""
    with tempfile.TemporaryDirectory(prefix="syncbot-limits-") as name:
        folder = Path(name)
        workspace = make_platform(folder / "platform", size)
        with open_sandbox(folder / "data") as sandbox:
            make_services(workspace, sandbox.forge)
            _drift(workspace)
            sandbox.forge.clock.set(START)
            sandbox.forge.limits = GITHUB
            with _environment(sandbox), fleet_run(workspace.config, (), clock=clock_of(sandbox.forge)) as run:
                _, outcomes, stopped = publish_all(run)
                writes = run.connection.writes
            seconds = (sandbox.forge.clock.now() - START).total_seconds()
            opened = sum(outcome.action == "opened" for outcome in outcomes)
            floor = floor_seconds(size)
            return {
                "pull_requests": opened,
                "lost": size - opened if stopped is None else size,
                "writes": writes,
                "limits_hit": sandbox.forge.meter.limited + sandbox.forge.meter.exhausted,
                "simulated_seconds": round(seconds),
                "floor_seconds": round(floor),
                "over_floor_percent": round((seconds / floor - 1) * 100, 1),
            }


def floor_seconds(pull_requests: int) -> float:
    """When the last write can go out at best: a second between writes, 500 that create content an hour.

    Of 900 content writes the first 500 go in the first hour; the other 400 begin with the second, at the pace of
    five writes to three that create content. 80 a minute and 900 points a minute are not reached at that pace.
    """
    hours, further = divmod(pull_requests * CONTENT - 1, 500)
    return hours * 3600 + further * WRITES / CONTENT


def clock_of(forge: Forge) -> Clock:
    """The sandbox's clock, which moves in whole seconds, as a clock that syncbot can wait on."""
    return Clock(
        now=lambda: forge.clock.now().timestamp(), sleep=lambda seconds: forge.clock.advance(math.ceil(seconds))
    )


def _drift(workspace: Workspace) -> None:
    """A new line in every docker-compose.yml, and leave to propose it everywhere at once."""
    template = workspace.root / "templates" / "service" / "files" / "docker-compose.yml.jinja"
    template.write_text(template.read_text() + "# Looked after by the platform team.\n")
    limits = "limits: {open_pull_requests: 100000, pull_requests_per_hour: 100000}\n"
    workspace.config.write_text(limits + workspace.config.read_text())
    demo_fleet.commit(workspace.root, demo_fleet.PLATFORM, demo_fleet.SCAFFOLDED, "Say who looks after it")


@contextmanager
def _environment(sandbox: Sandbox) -> Iterator[None]:
    settings: Mapping[str, str] = {
        "GITHUB_API_URL": sandbox.api_url,
        "GITHUB_GRAPHQL_URL": sandbox.graphql_url,
        "GITHUB_TOKEN": bot_token(sandbox.forge),
    }
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
