"""Exemptions: which end soon or have ended, so that nobody is surprised, and which people asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from syncbot.model.fleet import Exemption, Fleet, Repo
from syncbot.plan.file_status import DeclinedUntil
from syncbot.plan.repo_plan import RepoPlan

NOTICE = timedelta(days=14)
"""How long before its last day an exemption is said to end."""

MAX_REASON = 300
"""Characters of a comment that are taken over as a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One exemption that ends soon (`has_ended` false) or no longer holds."""

    repo: str
    exemption: Exemption
    has_ended: bool


def notices(repos: Iterable[Repo], today: date) -> tuple[Notice, ...]:
    """Those that end within a fortnight and those that have ended, the earliest first."""
    found = (
        Notice(repo=repo.name, exemption=exemption, has_ended=not exemption.holds(today))
        for repo in repos
        for exemption in repo.exemptions
        if exemption.until - today <= NOTICE
    )
    return tuple(sorted(found, key=lambda notice: (notice.exemption.until, notice.repo)))


def asked_for(plans: Iterable[RepoPlan], fleet: Fleet) -> tuple[tuple[str, Exemption], ...]:
    """The exemptions that declines ask for, by the name under which the config lists the repo.

    The repo's team is the owner; what is exempt in the config already is not asked for again.
    """
    repos = {repo.name: repo for repo in fleet.repos}
    return tuple(
        (plan.listed_as, replace(_from_decline(plan, declined, repos[plan.listed_as], fleet), **about))
        for plan in plans
        if plan.listed_as in repos
        for declined, about in _declined(plan)
    )


def _declined(plan: RepoPlan) -> Iterator[tuple[DeclinedUntil, dict[str, Any]]]:
    """What was declined, and what an exemption would be about: a move's answer stays as it is, another file alone."""
    moving = set[str]()
    for changeset in plan.changesets:
        said = next((file.declined for file in changeset.files if file.declined), None)
        if changeset.moves and said:
            moving |= {file.path for file in changeset.files if file.declined}
            for moved in changeset.moves:
                if not moved.follows:
                    yield said, {"answer": moved.spec.answer, "keep": moved.before}
    for file in plan.files:
        if file.declined and file.path not in moving:
            yield file.declined, {"path": file.path}


def _from_decline(plan: RepoPlan, declined: DeclinedUntil, repo: Repo, fleet: Fleet) -> Exemption:
    said = " ".join(declined.reason.split())
    reason = f"{said[:MAX_REASON]} " if said else "declined without a reason "
    return Exemption(
        until=declined.until,
        owner=str(repo.answers.get("team") or fleet.owners),
        reason=f"{reason}(@{declined.author}, {plan.repo}#{declined.pull_request})",
    )
