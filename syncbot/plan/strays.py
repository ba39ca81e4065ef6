"""Strays: the bot's open pull requests in repos that are no longer in the fleet. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from syncbot.model import PullRequest
from syncbot.plan.values import Changeset, ClosePullRequest, RepoPlan


def plan_strays(found: Iterable[tuple[str, PullRequest]], listed: frozenset[str]) -> tuple[RepoPlan, ...]:
    """A plan for each repo that is not `listed` (lower-case names), which closes what is open there."""
    by_repo: dict[str, list[PullRequest]] = {}
    for repo, pull_request in found:
        if repo.lower() in listed:
            continue
        by_repo.setdefault(repo, []).append(pull_request)
    return tuple(
        RepoPlan(repo=repo, listed_as="", changesets=tuple(_close(pull_request) for pull_request in pull_requests))
        for repo, pull_requests in sorted(by_repo.items())
    )


def _close(pull_request: PullRequest) -> Changeset:
    return Changeset(
        name=pull_request.changeset,
        branch=pull_request.branch,
        action=ClosePullRequest(number=pull_request.number),
        reason_code="left-fleet",
        reason="the repo is no longer in the platform team's config",
        pull_request=pull_request,
        proposed={},
    )
