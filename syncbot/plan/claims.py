"""Claims: two or more open pull requests of one changeset, and which of them is gone on with. Pure.

There are two only where a person reopened one; at most one is the bot's to work on.
"""

from __future__ import annotations

from dataclasses import replace

from syncbot.model import Hold, PullRequest
from syncbot.plan.commands import Unverified, standing_command
from syncbot.plan.endings import unverified, without_files
from syncbot.plan.values import Changeset, ClosePullRequest, LeaveAlone


def claim(opened: PullRequest) -> tuple[bool, bool, int]:
    """By what they are sorted: first the one that people reopened or worked on, else the oldest."""
    return not opened.reopened, not opened.people_committed, opened.number


def is_theirs(opened: PullRequest) -> bool:
    """Whether people reopened it or worked on it, so that it is theirs to close."""
    return opened.reopened or opened.people_committed


def duplicate(opened: PullRequest, first: PullRequest) -> Changeset:
    """A second open one: closed beside the first, unless it is people's or held."""
    theirs = is_theirs(opened)
    match standing_command(opened.comments):
        case (Hold(), author):
            held = f"@{author} asked to hold it; #{first.number} is open for the same files"
            return without_files(opened, LeaveAlone(), "held", held)
        case (Unverified(), author):
            reason = f"{unverified(author)}; #{first.number} is open for the same files"
            return without_files(opened, LeaveAlone(), "unverified-command", reason)
    reason = f"#{first.number} is open for the same files" + (", and people worked on this one" if theirs else "")
    action = LeaveAlone() if theirs else ClosePullRequest(number=opened.number)
    return without_files(opened, action, "duplicate", reason)


def give_way(planned: Changeset, opened: PullRequest, heir: PullRequest) -> Changeset:
    """What was to be replaced is closed and not replaced: the other one, which is people's, goes on."""
    return replace(
        planned,
        branch=opened.branch,
        action=ClosePullRequest(number=opened.number),
        reason_code="duplicate",
        reason=f"{planned.reason}; #{heir.number} is open for the same files, and goes on",
        files=(),
        proposed={},
    )
