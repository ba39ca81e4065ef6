"""Ignored commands: what people with write access said to the bot on an open pull request and it could not follow.
Pure.

Shown to the platform team; on the pull request only a hold that cannot be followed is answered. A right command said
since makes it void.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from syncbot.model.pull_request import Authority, Comment, Decline
from syncbot.plan.pulls.commands import hold_flaw
from syncbot.plan.repo_plan import RepoPlan
from syncbot.plan.why import CommandFlaw


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredCommand:
    """The last word to the bot on a pull request, which does nothing, and why."""

    repo: str
    number: int
    author: str
    line: str
    flaw: CommandFlaw


def ignored_commands(plans: Iterable[RepoPlan], today: date) -> tuple[IgnoredCommand, ...]:
    """One for each open pull request whose last word to the bot does nothing."""
    pulls = {
        (plan.repo, changeset.pull_request.number): changeset.pull_request
        for plan in plans
        for changeset in plan.changesets
        if changeset.pull_request
    }
    found = (_last_ignored(repo, number, pull.comments, today) for (repo, number), pull in pulls.items())
    return tuple(ignored for ignored in found if ignored)


def _last_ignored(repo: str, number: int, comments: Iterable[Comment], today: date) -> IgnoredCommand | None:
    last = None
    for comment in comments:
        if comment.addressed and comment.authority is Authority.WRITER and not comment.revoked:
            flaw, last = _flaw(comment, today), None
            if flaw:
                last = IgnoredCommand(
                    repo=repo, number=number, author=comment.author, line=comment.addressed, flaw=flaw
                )
    return last


def _flaw(comment: Comment, today: date) -> CommandFlaw | None:
    match comment.command:
        case None:
            return CommandFlaw.UNREADABLE
        case Decline(until=until) if until < today:
            return CommandFlaw.PAST
        case command:
            return hold_flaw(command, comment.said_on)
