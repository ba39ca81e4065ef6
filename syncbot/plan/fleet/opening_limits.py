"""Limits on openings: how many pull requests a run may open, over the whole fleet. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncbot.model.fleet import Limits
from syncbot.plan.actions import NoOp, OpenPullRequest
from syncbot.plan.reasons import Limit
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.plan.why import LimitReached

Rule = Callable[[Limits, Sequence[datetime], datetime], int]
"""How many pull requests may be opened now; in: the limits, when those that are open were created, and the time."""

UNBOUNDED = 10**9
"""What a rule answers that has nothing against any opening now."""

RULES: Mapping[Limit, Rule] = {
    Limit.OPEN: lambda limits, opened_at, now: limits.open_pull_requests - len(opened_at),
    Limit.PER_HOUR: lambda limits, opened_at, now: (
        limits.pull_requests_per_hour - sum(time > now - timedelta(hours=1) for time in opened_at)
    ),
}
"""Every rule on openings by its name; a run asks them when it plans, and again for a repo that it reads again.

A rule about days or hours is a row as well: by `now`, it leaves none or `UNBOUNDED`. Its words are in `report.why`.
"""


def openings_left(
    limits: Limits, opened_at: Iterable[datetime], now: datetime, max_prs: int | None = None
) -> Mapping[Limit, int]:
    """How many pull requests may be opened now, by each limit; below none where it is overrun.

    `opened_at` are the times at which the fleet's open pull requests of the bot were created.
    """
    times = tuple(opened_at)
    left = {name: rule(limits, times, now) for name, rule in RULES.items()}
    return left if max_prs is None else left | {Limit.PER_RUN: max_prs}


def within_limits(plans: Sequence[RepoPlan], left: Mapping[Limit, int]) -> tuple[RepoPlan, ...]:
    """The plans with only so many pull requests opened as each limit leaves; the others wait for a later run."""
    rest = dict(left)
    return tuple(
        replace(plan, changesets=tuple(_limited(changeset, rest) for changeset in plan.changesets)) for plan in plans
    )


def _limited(changeset: Changeset, rest: dict[Limit, int]) -> Changeset:
    """The changeset, or that it waits; takes what it needs from `rest`."""
    if not isinstance(changeset.action, OpenPullRequest):
        return changeset
    # One that takes another's place needs no place of its own.
    needed = [name for name in rest if name is not Limit.OPEN or changeset.action.replaces is None]
    tightest = min(needed, key=lambda name: rest[name])
    if rest[tightest] <= 0:
        return replace(changeset, action=NoOp(), why=LimitReached(limit=tightest))
    for name in needed:
        rest[name] -= 1
    return changeset
