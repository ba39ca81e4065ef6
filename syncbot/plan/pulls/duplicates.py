"""Duplicates: two or more open pull requests of one changeset, and which of them is gone on with. Pure.

There are two only where a person reopened one; at most one is the bot's to work on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from syncbot.model.pull_request import Decline, PullRequest
from syncbot.plan.actions import ClosePullRequest, NoOp
from syncbot.plan.pulls.closing import without_files
from syncbot.plan.pulls.commands import on_hold, standing_command
from syncbot.plan.repo_plan import Changeset
from syncbot.plan.why import Declined, Duplicate, Superseded


def rank(opened: PullRequest) -> tuple[bool, bool, int]:
    """By what they are sorted: first the one that people reopened or worked on, else the oldest."""
    return not opened.reopened, not opened.people_committed, opened.number


def is_peoples(opened: PullRequest) -> bool:
    """Whether people reopened it or worked on it, so that it is theirs to close."""
    return opened.reopened or opened.people_committed


def duplicate(opened: PullRequest, first: PullRequest, today: date) -> Changeset:
    """A second open one: closed beside the first, unless it is people's or held; a decline on it closes it as well."""
    theirs = is_peoples(opened)
    match standing_command(opened.comments):
        case (Decline(until=until), author) if today <= until:
            return without_files(opened, ClosePullRequest(number=opened.number), Declined(author=author, until=until))
    if held := on_hold(opened.comments, today, first.number):
        return without_files(opened, NoOp(), held)
    action = NoOp() if theirs else ClosePullRequest(number=opened.number)
    return without_files(opened, action, Duplicate(of=first.number, is_theirs=theirs, by=opened.other_bots))


def supersede(planned: Changeset, opened: PullRequest, successor: PullRequest) -> Changeset:
    """What was to be replaced is closed and not replaced: the other one, which is people's, goes on."""
    return replace(
        planned,
        branch=opened.branch,
        action=ClosePullRequest(number=opened.number),
        why=Superseded(because=planned.why, by=successor.number),
        files=(),
        proposed={},
    )
