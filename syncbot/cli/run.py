"""One run over the fleet: load, connect and plan, with progress on a terminal. What plan, apply and status share."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import click
from rich.progress import track

from syncbot.cli.options import console
from syncbot.cli.planning import Planner
from syncbot.cli.workspace import Workspace, load_workspace, selected
from syncbot.github.clock import REAL, Clock
from syncbot.github.connection import Connection, OutOfTime
from syncbot.github.identity import endpoint
from syncbot.model import Fleet
from syncbot.plan.brakes import Brake, brakes
from syncbot.plan.exemptions import notices
from syncbot.plan.limits import openings_left, within_limits
from syncbot.plan.unheard import unheard
from syncbot.plan.values import RepoPlan
from syncbot.render.history import commits_touching, is_shallow
from syncbot.report.values import PlanReport
from syncbot.report.wording import renamed

_log = logging.getLogger(__name__)

CONFIG_HISTORY = 10_000
"""Config commits that are put in order, to tell an older delivery from a later one."""


@dataclass(frozen=True, kw_only=True)
class FleetRun:
    """The plans of one run, within the limits, and the connection that they were made with.

    `unread` says that the time limit came before the fleet was read: there are no plans then.
    """

    workspace: Workspace
    connection: Connection
    planner: Planner
    plans: tuple[RepoPlan, ...]
    now: datetime
    clock: Clock
    unread: bool = False

    def report(self, plans: Sequence[RepoPlan] | None = None) -> PlanReport:
        """What to report, with the requests sent so far; `plans` where they changed since."""
        shown = self.plans if plans is None else tuple(plans)
        return PlanReport(
            plans=shown,
            graphql=self.connection.graphql,
            rest=self.connection.rest,
            writes=self.connection.writes,
            source=self.workspace.source,
            notices=(
                *(str(notice) for notice in notices(self.workspace.fleet.repos, self.now.date())),
                *unheard(shown, self.now.date()),
                *renamed(shown),
            ),
            brakes=tuple(brake.reason for brake in self.brakes),
            warnings=self.planner.versions.warnings(self.now.date()),
        )

    @cached_property
    def brakes(self) -> tuple[Brake, ...]:
        """What stops `apply` unless it is allowed."""
        fleet = self.workspace.fleet
        commits = commits_touching(self.workspace.root, CONFIG_HISTORY)
        share = fleet.limits.max_fleet_share
        return brakes(self.plans, commits, len(fleet.repos), share, is_shallow=is_shallow(self.workspace.root))

    @property
    def failed(self) -> bool:
        return any(plan.failure for plan in self.plans)


@contextmanager
def fleet_run(
    config: Path,
    names: Sequence[str],
    max_prs: int | None = None,
    *,
    time_limit: float | None = None,
    clock: Clock | None = None,
) -> Iterator[FleetRun]:
    """Plan for the repos named, or all; `time_limit` is in seconds. Raises ConfigError, ForgeError and SyncbotError."""
    clock = clock or REAL
    workspace = load_workspace(config)
    repos = selected(workspace.fleet, names)
    limits = workspace.fleet.limits
    connection = connect(workspace.fleet, time_limit=time_limit, clock=clock)
    now = datetime.fromtimestamp(clock.now(), UTC)
    planner = Planner(workspace, connection, now.date())
    try:
        errors = console(stderr=True)
        progress = track(
            planner.plans(repos),
            description="Reading the fleet",
            total=len(repos),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
        try:
            plans = tuple(progress)
            if names:
                planner.count_all_open()
            elif not any(plan.failure and plan.failure.code == "unreadable" for plan in plans):
                # A repo that was renamed and could not be read would look as if it had left the fleet.
                plans += planner.strays()
        except OutOfTime:
            yield FleetRun(
                workspace=workspace,
                connection=connection,
                planner=planner,
                plans=(),
                now=now,
                clock=clock,
                unread=True,
            )
            return
        plans = within_limits(plans, openings_left(limits, planner.opened_at, now, max_prs))
        _log_decisions(plans)
        yield FleetRun(workspace=workspace, connection=connection, planner=planner, plans=plans, now=now, clock=clock)
    finally:
        connection.close()


def connect(fleet: Fleet, *, time_limit: float | None = None, clock: Clock = REAL) -> Connection:
    """GitHub as the environment's identity; waits are said on stderr. Raises SyncbotError."""
    return Connection(
        endpoint(os.environ),
        owner=fleet.organization,
        seconds_between_writes=fleet.limits.seconds_between_writes,
        clock=clock,
        waiting=_say_wait,
        deadline=None if time_limit is None else clock.now() + time_limit,
    )


def _log_decisions(plans: Sequence[RepoPlan]) -> None:
    for plan in plans:
        if plan.failure:
            _log.info("%s: failed (%s): %s", plan.repo, plan.failure.code, plan.failure.reason)
        for changeset in plan.changesets:
            action = type(changeset.action).__name__
            _log.info("%s %s: %s (%s)", plan.repo, changeset.name, action, changeset.reason_code)


def _say_wait(until: float, why: str) -> None:
    end = datetime.fromtimestamp(until).astimezone()
    click.echo(f"{why}: waiting until {end:%H:%M:%S}", err=True)
