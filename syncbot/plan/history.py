"""History: what the bot's pull requests of the past say about proposing a file once more. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from syncbot.model import LiveFile, PullRequest
from syncbot.ownership import MalformedBlock
from syncbot.plan.compare import live_part
from syncbot.plan.values import FileState, FileStatus, Quiet


def quieten(
    statuses: Iterable[FileStatus],
    pull_requests: Sequence[PullRequest],
    identities: frozenset[str],
    blobs: Mapping[str, bytes | None],
) -> tuple[FileStatus, ...]:
    """The statuses, those quiet that people have already answered; a behind file that they reverted is `reverted`."""
    return tuple(_quieten(status, pull_requests, identities, blobs) for status in statuses)


def _quieten(
    status: FileStatus,
    pull_requests: Sequence[PullRequest],
    identities: frozenset[str],
    blobs: Mapping[str, bytes | None],
) -> FileStatus:
    if status.proposal is None:
        return status
    answer = _last_that_proposed(status, pull_requests)
    if answer is None or answer.state == "OPEN":
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


def _last_that_proposed(status: FileStatus, pull_requests: Sequence[PullRequest]) -> PullRequest | None:
    """The newest pull request that proposed this file, if what it proposed is what is desired now."""
    for pull_request in sorted(pull_requests, key=lambda pull_request: -pull_request.number):
        last = pull_request.commits[-1] if pull_request.commits else None
        if last and status.path in last.proposed:
            return pull_request if last.proposed[status.path] == status.desired else None
    return None


def _is_as_merged(status: FileStatus, merged: LiveFile | None, blobs: Mapping[str, bytes | None]) -> bool:
    try:
        return live_part(status.ownership, merged, blobs) == status.live
    except MalformedBlock:
        return False
