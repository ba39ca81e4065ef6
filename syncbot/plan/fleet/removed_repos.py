"""Removed repos: the bot's open pull requests in repos that are no longer in the fleet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from syncbot.model.observation import Failure
from syncbot.model.pull_request import PullRequest
from syncbot.plan.actions import Action, NoOp
from syncbot.plan.pulls.closing import close_or_comment, without_files
from syncbot.plan.pulls.commands import on_hold
from syncbot.plan.repo_plan import RepoPlan
from syncbot.plan.why import LeftFleet, Reopened, Why


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
            else tuple(without_files(opened, *_decide(opened, today)) for opened in pull_requests),
            failure=failures.get(repo),
        )
        for repo, pull_requests in sorted(by_repo.items())
    )


def _decide(opened: PullRequest, today: date) -> tuple[Action, Why]:
    if held := on_hold(opened.comments, today):
        return NoOp(), held
    if opened.reopened:
        return NoOp(), Reopened(left_fleet=True)
    return close_or_comment(opened, LeftFleet())
