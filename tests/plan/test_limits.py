"""How many pull requests a run may open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syncbot.model import Limits, TemplateSpec
from syncbot.plan.limits import openings_left, within_limits
from syncbot.plan.values import LeaveAlone, OpenPullRequest
from tests.plan.builders import SPEC, observation, plan

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIMITS = Limits(open_pull_requests=50, pull_requests_per_hour=60)


@pytest.mark.parametrize(
    ("hours_ago", "max_prs", "left"),
    [
        ([], None, (50, "limits.open_pull_requests")),
        ([], 3, (3, "--max-prs")),
        ([2] * 49, None, (1, "limits.open_pull_requests")),
        ([2] * 60, 5, (0, "limits.open_pull_requests")),
        ([0.5] * 30, None, (20, "limits.open_pull_requests")),
    ],
)
def test_the_tightest_limit_counts(hours_ago: list[float], max_prs: int | None, left: tuple[int, str]) -> None:
    """Open pull requests, those of the last hour and --max-prs each leave so many; never fewer than none."""
    opened = [NOW - timedelta(hours=hours) for hours in hours_ago]
    assert openings_left(LIMITS, opened, NOW, max_prs) == left


def test_the_hourly_limit_counts_the_last_hour_only() -> None:
    """Sixty an hour: those opened earlier don't count, those of the last hour do."""
    limits = Limits(open_pull_requests=1000, pull_requests_per_hour=60)
    opened = [NOW - timedelta(minutes=minutes) for minutes in (1, 59, 61, 300)]
    assert openings_left(limits, opened, NOW) == (58, "limits.pull_requests_per_hour")


def test_what_is_over_the_limit_waits_and_says_so() -> None:
    """Only openings are limited, in the fleet's order; those that wait name the limit."""
    spec = TemplateSpec(name="service", questions={}, owned=SPEC.owned[:1])
    plans = [plan({"Dockerfile": "x\n"}, observation({"Dockerfile": None}), spec=spec) for _ in range(3)]
    limited = within_limits(plans, 2, "--max-prs")
    assert [type(p.changesets[0].action) for p in limited] == [OpenPullRequest, OpenPullRequest, LeaveAlone]
    assert limited[2].changesets[0].reason_code == "limit"
    assert "--max-prs" in limited[2].changesets[0].reason
