"""Strays: the bot's open pull requests in repos that are no longer in the fleet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from syncbot.model import Failure, Hold, PullRequest
from syncbot.plan.commands import Unverified, standing_command
from syncbot.plan.endings import close_or_tell, without_files
from syncbot.plan.values import Action, LeaveAlone, RepoPlan
from syncbot.plan.why import Held, LeftFleet, Reopened, UnverifiedCommand, Why


def plan_strays(found: Iterable[tuple[str, PullRequest]], failures: Mapping[str, Failure]) -> tuple[RepoPlan, ...]:
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
            else tuple(without_files(opened, *_decide(opened)) for opened in pull_requests),
            failure=failures.get(repo),
        )
        for repo, pull_requests in sorted(by_repo.items())
    )


def _decide(opened: PullRequest) -> tuple[Action, Why]:
    match standing_command(opened.comments):
        case (Hold(), author):
            return LeaveAlone(), Held(author=author)
        case (Unverified(), author):
            return LeaveAlone(), UnverifiedCommand(author=author)
    if opened.reopened:
        return LeaveAlone(), Reopened(left_fleet=True)
    return close_or_tell(opened, LeftFleet())
