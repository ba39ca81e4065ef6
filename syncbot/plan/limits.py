"""Limits: how many pull requests a run may open, over the whole fleet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncbot.model import Limits
from syncbot.plan.values import Changeset, LeaveAlone, OpenPullRequest, RepoPlan


def openings_left(
    limits: Limits, opened_at: Iterable[datetime], now: datetime, max_prs: int | None = None
) -> tuple[int, str]:
    """How many pull requests may be opened now, and the name of the limit that says so.

    `opened_at` are the times at which the fleet's open pull requests of the bot were created.
    """
    times = list(opened_at)
    lately = sum(time > now - timedelta(hours=1) for time in times)
    left = {
        "limits.open_pull_requests": limits.open_pull_requests - len(times),
        "limits.pull_requests_per_hour": limits.pull_requests_per_hour - lately,
    }
    if max_prs is not None:
        left["--max-prs"] = max_prs
    name = min(left, key=lambda limit: left[limit])
    return max(0, left[name]), name


def within_limits(plans: Sequence[RepoPlan], left: int, limit: str) -> tuple[RepoPlan, ...]:
    """The plans with only the first `left` pull requests opened; the others wait for a later run."""
    limited = []
    for plan in plans:
        changesets = []
        for changeset in plan.changesets:
            if isinstance(changeset.action, OpenPullRequest):
                changesets.append(changeset if left > 0 else _waiting(changeset, limit))
                left -= 1
            else:
                changesets.append(changeset)
        limited.append(replace(plan, changesets=tuple(changesets)))
    return tuple(limited)


def _waiting(changeset: Changeset, limit: str) -> Changeset:
    reason = f"waits for a later run: {limit} is reached"
    return replace(changeset, action=LeaveAlone(), reason_code="limit", reason=reason)
