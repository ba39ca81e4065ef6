"""One run over the fleet: load, connect and plan. What plan, apply and status share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from syncbot.app.checking import Checker
from syncbot.app.planning import Planner
from syncbot.app.session import Say, open_session, unsaid
from syncbot.app.versions_in_use import NewVersions
from syncbot.app.workspace import Workspace, selected
from syncbot.clock import Clock
from syncbot.errors import FailureCode
from syncbot.github.connection import Connection, OutOfTime
from syncbot.plan.fleet.brakes import Brake, brakes
from syncbot.plan.fleet.exemptions import notices
from syncbot.plan.fleet.opening_limits import openings_left
from syncbot.plan.pulls.checked import is_stopped
from syncbot.plan.pulls.ignored_commands import ignored_commands
from syncbot.plan.reasons import Limit
from syncbot.plan.repo_plan import RepoPlan
from syncbot.render.history import commits_touching, is_shallow
from syncbot.report.values import PlanReport
from syncbot.report.wording import renamed
from syncbot.report.words import brake_words, ignored_words, notice_words

_log = logging.getLogger(__name__)

CONFIG_HISTORY = 10_000
"""Config commits that are put in order, to tell an older delivery from a later one."""

Progress = Callable[[Iterator[RepoPlan], str, int], Iterable[RepoPlan]]
"""Passes on what comes, one by one, and shows how far it is: what it is called, and how many will come."""


def unseen(steps: Iterator[RepoPlan], description: str, total: int) -> Iterable[RepoPlan]:
    """Shows nothing: nobody looks on."""
    return steps


_UNSEEN = frozenset({FailureCode.UNREADABLE, FailureCode.BUG, FailureCode.ENVIRONMENT})
"""Failures of repos whose name on GitHub may not have been seen."""


@dataclass(frozen=True, kw_only=True)
class FleetRun:
    """The plans of one run, within the limits, and the connection that they were made with.

    `unread` says that the time limit came before the fleet was read: there are no plans then.
    """

    workspace: Workspace
    connection: Connection
    planner: Planner
    checker: Checker
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
                *(notice_words(notice) for notice in notices(self.workspace.fleet.repos, self.now.date())),
                *map(ignored_words, ignored_commands(shown, self.now.date())),
                *renamed(shown),
            ),
            brakes=tuple(brake_words(brake) for brake in self.brakes),
            warnings=self.planner.versions.warnings(self.now.date()),
        )

    @cached_property
    def brakes(self) -> tuple[Brake, ...]:
        """What stops `apply` unless it is allowed."""
        fleet = self.workspace.fleet
        commits = commits_touching(self.workspace.root, CONFIG_HISTORY)
        share = fleet.limits.max_fleet_share
        return brakes(
            self.plans,
            commits,
            len(fleet.repos),
            share,
            source=self.workspace.source,
            judge=NewVersions(self.workspace, self.now.date()),
            is_shallow=is_shallow(self.workspace.root),
        )

    def openings_left(self, since: Sequence[datetime] = ()) -> Mapping[Limit, int]:
        """How many pull requests each limit leaves now, with those opened `since` the fleet was read."""
        opened_at = (*self.planner.opened_at, *since)
        return openings_left(self.workspace.fleet.limits, opened_at, self.clock.moment())

    @property
    def failed(self) -> bool:
        return is_failed(self.plans)


def is_failed(plans: Iterable[RepoPlan]) -> bool:
    """Whether the platform team has to look: a repo failed, or an error stops what it would get."""
    return any(plan.failure or is_stopped(plan) for plan in plans)


@contextmanager
def fleet_run(
    config: Path,
    names: Sequence[str],
    max_prs: int | None = None,
    *,
    time_limit: float | None = None,
    clock: Clock | None = None,
    say: Say = unsaid,
    progress: Progress = unseen,
) -> Iterator[FleetRun]:
    """Plan for the repos named, or all; `time_limit` is in seconds.

    `clock` is the environment's unless given; `say` and `progress` are for a person who waits. Raises
    ConfigError, ForgeError and SyncbotError.
    """
    session = open_session(config, clock=clock, say=say)
    workspace, clock = session.workspace, session.clock
    repos = selected(workspace.fleet, names)
    limits = workspace.fleet.limits
    connection = session.connect(time_limit=time_limit)
    now = clock.moment()
    planner = Planner(workspace, connection, now.date())
    checker = Checker(workspace, now.date())
    try:
        try:
            plans = planner.told_apart(tuple(progress(planner.plans(repos), "Reading the fleet", len(repos))))
            if names:
                planner.count_all_open()
            elif not any(plan.failure and plan.failure.code in _UNSEEN for plan in plans):
                # A repo that was renamed and could not be read would look as if it had left the fleet.
                plans += planner.removed_repos()
        except OutOfTime:
            yield FleetRun(
                workspace=workspace,
                connection=connection,
                planner=planner,
                checker=checker,
                plans=(),
                now=now,
                clock=clock,
                unread=True,
            )
            return
        plans = checker.within_limits(plans, openings_left(limits, planner.opened_at, now, max_prs))
        _log_decisions(plans)
        yield FleetRun(
            workspace=workspace,
            connection=connection,
            planner=planner,
            checker=checker,
            plans=plans,
            now=now,
            clock=clock,
        )
    finally:
        connection.close()


def _log_decisions(plans: Sequence[RepoPlan]) -> None:
    for plan in plans:
        if plan.failure:
            _log.info("%s: failed (%s): %s", plan.repo, plan.failure.code, plan.failure.reason)
        for changeset in plan.changesets:
            action = type(changeset.action).__name__
            _log.info("%s %s: %s (%s)", plan.repo, changeset.name, action, changeset.reason_code)
