"""Removed repos: the bot's open pull requests in repos that are no longer in the fleet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from syncbot.model.fleet import CommitRules
from syncbot.model.observation import Failure, Observation
from syncbot.model.pull_request import PullRequest
from syncbot.plan.pulls.case import Case
from syncbot.plan.pulls.rules import without_files
from syncbot.plan.repo_plan import RepoPlan


def plan_removed_repos(
    found: Iterable[tuple[str, PullRequest]], failures: Mapping[str, Failure], today: date
) -> tuple[RepoPlan, ...]:
    """A plan for each repo in which one was found: closes what nobody works on or holds. `failures` were not read."""
    by_repo: dict[str, list[PullRequest]] = {}
    for repo, pull_request in found:
        by_repo.setdefault(repo, []).append(pull_request)
    return tuple(
        RepoPlan(
            repo=repo,
            listed_as="",
            changesets=()
            if repo in failures
            else tuple(without_files(_case(repo, opened, today)) for opened in pull_requests),
            failure=failures.get(repo),
        )
        for repo, pull_requests in sorted(by_repo.items())
    )


def _case(repo: str, opened: PullRequest, today: date) -> Case:
    """The pull request, with nothing of its repo: only what people said on it counts."""
    return Case(
        name=opened.changeset,
        wanted=(),
        statuses=(),
        opened=opened,
        observation=Observation(name=repo, default_branch=opened.base, head="", tree="", files={}),
        lock_writes=(),
        earlier={},
        today=today,
        rules=CommitRules(),
        left_fleet=True,
    )
