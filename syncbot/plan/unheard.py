"""Unheard: what people with write access said to the bot on an open pull request and it could not follow. Pure.

Shown to the platform team only: nobody is answered, and a right command said since makes it void.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from syncbot.model import Comment
from syncbot.plan.commands import Decline, addressed_line, parse_command
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
        line = addressed_line(comment.body) if comment.may_write and not comment.spent else ""
        if line:
            why = _why(comment.body, today)
            last = f"@{comment.author} said `{line}`, {why}" if why else ""
    return last


def _why(body: str, today: date) -> str:
    match parse_command(body):
        case None:
            return "which is no command: see docs/pull-requests.md"
        case Decline(until=until) if until < today:
            return "and that day is past"
    return ""
