"""History: what the bot's pull requests of the past say about proposing a file once more. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from syncbot.model import LiveFile, PullRequest
from syncbot.ownership import MalformedBlock
from syncbot.plan.commands import Decline, standing_command
from syncbot.plan.compare import live_part
from syncbot.plan.values import DeclinedUntil, FileState, FileStatus, Quiet


def quieten(
    statuses: Iterable[FileStatus],
    pull_requests: Sequence[PullRequest],
    identities: frozenset[str],
    blobs: Mapping[str, bytes | None],
    today: date,
) -> tuple[FileStatus, ...]:
    """The statuses, those quiet that people have already answered; a behind file that they reverted is `reverted`."""
    return tuple(_quieten(status, pull_requests, identities, blobs, today) for status in statuses)


def _quieten(
    status: FileStatus,
    pull_requests: Sequence[PullRequest],
    identities: frozenset[str],
    blobs: Mapping[str, bytes | None],
    today: date,
) -> FileStatus:
    asked = _last_about(status, pull_requests)
    if status.proposal is None or asked is None or asked.state == "OPEN":
        return status
    match standing_command(asked.comments):
        case (Decline(until=until, reason=reason), author) if asked.state == "CLOSED":
            declined = DeclinedUntil(author=author, until=until, reason=reason, pull_request=asked.number)
            return status if today > until else replace(status, quiet=Quiet.DECLINED, declined=declined)
    return _quieten_same(status, asked, identities, blobs)


def _quieten_same(
    status: FileStatus, answer: PullRequest, identities: frozenset[str], blobs: Mapping[str, bytes | None]
) -> FileStatus:
    """What the answer says if it was given to just what is desired now."""
    if answer.commits[-1].proposed[status.path] != status.desired:
        return status
    if answer.state == "CLOSED":
        # The bot closes what is no longer needed: that is not a person's no.
        declined = answer.closed_by not in identities
        return replace(status, quiet=Quiet.DECLINED) if declined else status
    if status.state is FileState.BEHIND:
        return replace(status, state=FileState.REVERTED, quiet=Quiet.REVERTED)
    if _is_as_merged(status, answer.files.get(status.path), blobs):
        return replace(status, quiet=Quiet.KEPT_EDIT)
    return status


def _last_about(status: FileStatus, pull_requests: Sequence[PullRequest]) -> PullRequest | None:
    """The newest pull request that proposed this file."""
    about = (p for p in pull_requests if p.commits and status.path in p.commits[-1].proposed)
    return max(about, key=lambda pull_request: pull_request.number, default=None)


def _is_as_merged(status: FileStatus, merged: LiveFile | None, blobs: Mapping[str, bytes | None]) -> bool:
    try:
        return live_part(status.ownership, merged, blobs) == status.live
    except MalformedBlock:
        return False
