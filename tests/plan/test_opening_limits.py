"""How many pull requests a run may open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syncbot.model.fleet import Limits
from syncbot.model.templates import TemplateSpec
from syncbot.plan.actions import NoOp, OpenPullRequest
from syncbot.plan.fleet.opening_limits import openings_left, within_limits
from syncbot.plan.reasons import Limit
from syncbot.report.why import why_words
from tests.plan.builders import SPEC, comment, file_id, observation, plan, pull_request

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIMITS = Limits(open_pull_requests=50, pull_requests_per_hour=60)


ONLY_DOCKERFILE = TemplateSpec(name="service", questions={}, owned=SPEC.owned[:1])


@pytest.mark.parametrize(
    ("hours_ago", "max_prs", "left"),
    [
        ([], None, {Limit.OPEN: 50, Limit.PER_HOUR: 60}),
        ([], 3, {Limit.OPEN: 50, Limit.PER_HOUR: 60, Limit.PER_RUN: 3}),
        ([2] * 49, None, {Limit.OPEN: 1, Limit.PER_HOUR: 60}),
        ([2] * 60, 5, {Limit.OPEN: -10, Limit.PER_HOUR: 60, Limit.PER_RUN: 5}),
        ([0.5] * 30, None, {Limit.OPEN: 20, Limit.PER_HOUR: 30}),
    ],
)
def test_what_each_limit_leaves(hours_ago: list[float], max_prs: int | None, left: dict[Limit, int]) -> None:
    """Open pull requests, those of the last hour and --max-prs each leave so many."""
    opened = [NOW - timedelta(hours=hours) for hours in hours_ago]
    assert openings_left(LIMITS, opened, NOW, max_prs) == left


def test_the_hourly_limit_counts_the_last_hour_only() -> None:
    """Sixty an hour: those opened earlier don't count, those of the last hour do."""
    opened = [NOW - timedelta(minutes=minutes) for minutes in (1, 59, 61, 300)]
    assert openings_left(LIMITS, opened, NOW)[Limit.PER_HOUR] == 58


def test_what_is_over_the_limit_waits_and_says_so() -> None:
    """Only openings are limited, in the fleet's order; those that wait name the limit."""
    plans = [plan({"Dockerfile": "x\n"}, observation({"Dockerfile": None}), spec=ONLY_DOCKERFILE) for _ in range(3)]
    limited = within_limits(plans, {Limit.OPEN: 50, Limit.PER_RUN: 2})
    assert [type(p.changesets[0].action) for p in limited] == [OpenPullRequest, OpenPullRequest, NoOp]
    assert limited[2].changesets[0].reason_code == "limit"
    assert "--max-prs" in why_words(limited[2].changesets[0].why)


@pytest.mark.parametrize(
    ("left", "opened"),
    [
        ({Limit.OPEN: 0, Limit.PER_HOUR: 1}, True),
        ({Limit.OPEN: -3, Limit.PER_HOUR: 1}, True),
        ({Limit.OPEN: 5, Limit.PER_HOUR: 0}, False),
    ],
)
def test_a_replacement_needs_no_place_of_its_own(left: dict[Limit, int], opened: bool) -> None:
    """`/syncbot recreate` at the limit: one is closed and one opened. The hour and --max-prs count it all the same."""
    asked = comment("dana", "/syncbot recreate")
    pull = pull_request(3, "OPEN", {"Dockerfile": file_id("x\n")}, comments=(asked,))
    seen = observation({"Dockerfile": None}, pull_requests=(pull,))
    (limited,) = within_limits([plan({"Dockerfile": "x\n"}, seen, spec=ONLY_DOCKERFILE)], left)
    assert isinstance(limited.changesets[0].action, OpenPullRequest) == opened
