"""Duplicates: two or more open pull requests of one changeset, and which of them is gone on with. Pure.

There are two only where a person reopened one; at most one is the bot's to work on.
"""

from __future__ import annotations

from dataclasses import replace

from syncbot.model.pull_request import PullRequest
from syncbot.plan.actions import ClosePullRequest
from syncbot.plan.repo_plan import Changeset
from syncbot.plan.why import Superseded


def rank(opened: PullRequest) -> tuple[bool, bool, int]:
    """By what they are sorted: first the one that people reopened or worked on, else the oldest."""
    return not opened.reopened, not opened.people_committed, opened.number


def is_peoples(opened: PullRequest) -> bool:
    """Whether people reopened it or worked on it, so that it is theirs to close."""
    return opened.reopened or opened.people_committed


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
