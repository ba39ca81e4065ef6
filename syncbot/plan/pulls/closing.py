"""Closing: what becomes of an open pull request that should propose nothing any more. Pure.

The bot closes what is its own alone. Where people committed, the next one would lack their work: it stays open.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncbot.model.pull_request import PullRequest
from syncbot.plan.actions import ClosePullRequest, CommentOnce, NoOp
from syncbot.plan.file_status import FileStatus
from syncbot.plan.pulls.case import Decision
from syncbot.plan.pulls.markers import has_marker
from syncbot.plan.states import Gone
from syncbot.plan.why import ClosingReason, DriftGone, StaysOpen


def close_or_comment(opened: PullRequest, ending: ClosingReason) -> Decision:
    """Close it, unless people committed to it: they are told once, and it is theirs to close. With the whole reason."""
    if not opened.people_committed:
        return Decision(action=ClosePullRequest(number=opened.number), why=ending)
    is_told = has_marker(ending.reason, (), opened.comments)
    action = NoOp() if is_told else CommentOnce(number=opened.number, paths=())
    return Decision(action=action, why=StaysOpen(ending=ending, by=opened.other_bots))


def drift_gone(statuses: Sequence[FileStatus]) -> DriftGone:
    """Why none of these files, which were proposed, is proposed now."""
    found = {status.treatment.gone for status in statuses}
    found |= {Gone.DECLINED for status in statuses if status.quiet}
    return DriftGone(gone=tuple(gone for gone in Gone if gone in found))
