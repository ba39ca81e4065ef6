"""Unheard: what people with write access said to the bot on an open pull request and it could not follow. Pure.

Shown to the platform team only: nobody is answered, and a right command said since makes it void.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from syncbot.model import Authority, Command, Comment, Decline
from syncbot.plan.values import RepoPlan


def unheard(plans: Iterable[RepoPlan], today: date) -> tuple[str, ...]:
    """A sentence for each open pull request whose last word to the bot does nothing."""
    pulls = {
        (plan.repo, changeset.pull_request.number): changeset.pull_request
        for plan in plans
        for changeset in plan.changesets
        if changeset.pull_request
    }
    found = ((repo, number, _last_unheard(pull.comments, today)) for (repo, number), pull in pulls.items())
    return tuple(f"{repo}#{number}: {words}" for repo, number, words in found if words)


def _last_unheard(comments: Iterable[Comment], today: date) -> str:
    last = ""
    for comment in comments:
        if comment.addressed and comment.authority is Authority.WRITER and not comment.spent:
            why = _why(comment.command, today)
            last = f"@{comment.author} said `{comment.addressed}`, {why}" if why else ""
    return last


def _why(command: Command | None, today: date) -> str:
    match command:
        case None:
            return "which is no command: see docs/pull-requests.md"
        case Decline(until=until) if until < today:
            return "and that day is past"
    return ""
