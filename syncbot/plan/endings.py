"""Endings: what becomes of an open pull request that should propose nothing any more. Pure.

The bot closes what is its own alone. Where people committed, the next one would lack their work: it stays open.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncbot.model import PullRequest
from syncbot.plan.said import is_said
from syncbot.plan.states import Gone
from syncbot.plan.values import (
    Action,
    Changeset,
    ClosePullRequest,
    FileStatus,
    LeaveAlone,
    TellPeople,
)


def close_or_tell(
    opened: PullRequest, code: str, reason: str
) -> tuple[ClosePullRequest | TellPeople | LeaveAlone, str]:
    """Close it, unless people committed to it: they are told once, and it is theirs to close. With the whole reason."""
    if not opened.people_committed:
        return ClosePullRequest(number=opened.number), reason
    reason = f"{reason}; people committed to it, so it stays open"
    return LeaveAlone() if is_said(code, (), opened.comments) else TellPeople(number=opened.number, paths=()), reason


def unverified(author: str) -> str:
    """Why a pull request is left alone to which somebody gave a command of whom it is not known if they may."""
    return (
        f"@{author} gave it a command, and GitHub does not say whether they may: whoever has write access says "
        "again what is wanted"
    )


def without_files(opened: PullRequest, action: Action, code: str, reason: str) -> Changeset:
    """What is done about an open pull request by which nothing is to be proposed."""
    return Changeset(
        name=opened.changeset,
        branch=opened.branch,
        action=action,
        reason_code=code,
        reason=reason,
        pull_request=opened,
        proposed={},
    )


def gone_in_words(statuses: Sequence[FileStatus]) -> str:
    """Why none of these files, which were proposed, is proposed now."""
    found = {
        "the default branch is as desired": any(status.treatment.gone is Gone.AS_DESIRED for status in statuses),
        "the platform team's config exempts the files": any(
            status.treatment.gone is Gone.EXEMPT for status in statuses
        ),
        "people said no to it": any(status.quiet for status in statuses),
    }
    return ", or ".join(words for words, holds in found.items() if holds) or "the template does not own the files now"
