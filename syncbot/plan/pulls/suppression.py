"""Suppression: what the bot's pull requests of the past say about proposing a file once more. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from syncbot.model.blobs import known_text, text_in
from syncbot.model.files import FileId, blob_id
from syncbot.model.fleet import Repo
from syncbot.model.observation import Observation
from syncbot.model.pull_request import Decline, PullRequest, PullRequestState, Recreate
from syncbot.model.templates import event
from syncbot.ownership import MalformedBlock, owned_part
from syncbot.plan.file_status import DeclinedUntil, FileStatus
from syncbot.plan.files.compare import live_part
from syncbot.plan.pulls.commands import Unverified, standing_command
from syncbot.plan.reasons import Quiet
from syncbot.plan.repo_plan import Moved
from syncbot.plan.states import ADOPT, FileState


def suppress(
    statuses: Iterable[FileStatus], observation: Observation, identities: frozenset[str], today: date
) -> tuple[FileStatus, ...]:
    """The statuses, those quiet that people have already answered; one whose delivery they took back is `reverted`."""
    return tuple(_suppress(status, observation, identities, today) for status in statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What people said to something that was proposed: no, or a merge that they took back."""

    quiet: Quiet
    declined: DeclinedUntil | None = None


def reply_to(moved: Moved, observation: Observation, identities: frozenset[str], today: date) -> Reply | None:
    """What people answered to this move, whatever else the pull request held; a merge to another value voids a no."""
    asked = [p for p in observation.pull_requests if moved.spec.answer in p.moves]
    for pull_request in sorted(asked, key=lambda p: p.number, reverse=True):
        _, target = pull_request.moves[moved.spec.answer]
        is_same = event(moved.spec, target) == moved.event
        match pull_request.state:
            case PullRequestState.MERGED if pull_request.base == observation.default_branch:
                # It was merged, and live shows the version before it: it was taken back, or never brought.
                return Reply(quiet=Quiet.REVERTED) if is_same else None
            case PullRequestState.CLOSED if is_same and (answer := refusal_in(pull_request, identities, today)):
                return answer
            case PullRequestState.CLOSED if is_same and _is_put_off_no_more(pull_request, today):
                return None
    return None


def reply_to_adoption(observation: Observation, repo: Repo, identities: frozenset[str], today: date) -> Reply | None:
    """What people said to the newest `adopt`: a no refuses adoption itself, whatever it would hold today."""
    asked = [p for p in observation.pull_requests if p.changeset == ADOPT and p.state is not PullRequestState.OPEN]
    newest = max(asked, key=lambda pull_request: pull_request.number, default=None)
    if newest is None or newest.state is PullRequestState.MERGED:
        return None
    asked_on = repo.adoption_asked
    if asked_on and newest.closed_on and newest.closed_on < asked_on <= today:
        return None
    return refusal_in(newest, identities, today)


def refusal_in(closed: PullRequest, identities: frozenset[str], today: date) -> Reply | None:
    """A person's no. The bot closes what is no longer needed, GitHub what has lost its base: that is none."""
    match standing_command(closed.comments):
        case (Decline(until=until, reason=reason), author):
            declined = DeclinedUntil(author=author, until=until, reason=reason, pull_request=closed.number)
            return Reply(quiet=Quiet.DECLINED, declined=declined) if today <= until else None
        case (Unverified(command=Decline(until=until)), _):
            return Reply(quiet=Quiet.UNVERIFIED) if today <= until else None
        case (Recreate(), _):
            return None
    is_no = closed.closed_by not in identities and not closed.base_deleted
    return Reply(quiet=Quiet.DECLINED) if is_no else None


def _is_put_off_no_more(closed: PullRequest, today: date) -> bool:
    """Whether the day is over until which it was declined: then it may be asked again, whatever was said before."""
    match standing_command(closed.comments):
        case (Decline(until=until) | Unverified(command=Decline(until=until)), _):
            return today > until
    return False


def last_about(path: str, desired: FileId | None, pull_requests: Sequence[PullRequest]) -> PullRequest | None:
    """The newest pull request that says something of this content at this path.

    One that proposed another content and was not merged says nothing of this, but where people declined until a day.
    """
    about = (p for p in pull_requests if path in p.offered)
    telling = (p for p in about if p.state is PullRequestState.MERGED or p.offered[path] == desired or _put_off(p))
    return max(telling, key=lambda pull_request: pull_request.number, default=None)


def as_left(pull_request: PullRequest, path: str) -> str:
    """The git expression for a path as the bot's last commit in this one left it."""
    return f"{pull_request.commits[-1].oid}:{path}"


def before_merge(merged: PullRequest, path: str) -> str:
    """The git expression for a path as its base had it until this was merged."""
    return f"{merged.merge_commit}^:{path}"


def _put_off(pull_request: PullRequest) -> bool:
    if pull_request.state is not PullRequestState.CLOSED:
        return False
    match standing_command(pull_request.comments):
        case (Decline() | Unverified(command=Decline()), _):
            return True
    return False


def _suppress(status: FileStatus, observation: Observation, identities: frozenset[str], today: date) -> FileStatus:
    asked = last_about(status.path, status.desired, observation.pull_requests)
    if status.proposal is None or asked is None or asked.state is PullRequestState.OPEN:
        return status
    if asked.state is PullRequestState.CLOSED:
        if asked.offered[status.path] != status.desired and not _put_off(asked):
            return status
        answer = refusal_in(asked, identities, today)
        return replace(status, quiet=answer.quiet, declined=answer.declined) if answer else status
    if asked.offered[status.path] != status.desired:
        return status
    return _suppress_merged(status, asked, observation)


def _suppress_merged(status: FileStatus, merged: PullRequest, observation: Observation) -> FileStatus:
    """What it says that just what is desired now was merged, and yet it is not there."""
    behind = status.treatment.live_as_delivered
    if not behind and _is_as_merged(status, merged, observation):
        if _came_from_base(status, merged, observation):
            return status
        if _is_overridden(status, merged):
            return replace(status, state=FileState.OVERRIDDEN, quiet=Quiet.OVERRIDDEN)
        return replace(status, quiet=Quiet.KEPT_EDIT)
    if merged.base != observation.default_branch:
        return status
    if behind or _is_as_before(status, merged, observation):
        return replace(status, state=FileState.REVERTED, quiet=Quiet.REVERTED)
    return status


def _is_overridden(status: FileStatus, merged: PullRequest) -> bool:
    """Whether the change was offered and not taken: other lines stood where it would, on the branch and now here."""
    proposing = status.treatment.proposing
    return proposing is not None and proposing.merges and status.path in merged.commits[-1].kept


def _deliveries(status: FileStatus, observation: Observation) -> int:
    """How often just what is desired was merged."""
    merged = (p.proposed for p in observation.pull_requests if p.state is PullRequestState.MERGED)
    return sum(status.path in proposed and proposed[status.path] == status.desired for proposed in merged)


def _is_as_merged(status: FileStatus, merged: PullRequest, observation: Observation) -> bool:
    try:
        return live_part(status.ownership, merged.files.get(status.path), observation.blobs) == status.live
    except MalformedBlock:
        return False


def _came_from_base(status: FileStatus, merged: PullRequest, observation: Observation) -> bool:
    """Whether the pull request held just what is desired, and git merged it with an edit of the base: no answer."""
    left = known_text(observation.blobs, as_left(merged, status.path))
    if merged.people_committed or left is None or status.desired is None:
        return False
    try:
        part = owned_part(status.ownership, left)
    except MalformedBlock:
        return False
    is_desired = part is not None and blob_id(part) == status.desired.id
    return is_desired and (status.live is None or status.live.id != status.desired.id)


def _is_as_before(status: FileStatus, merged: PullRequest, observation: Observation) -> bool:
    """Whether the merge was taken back. A file that was created and is deleted is to be proposed once: only who
    deletes it after it was put back has answered."""
    expression = before_merge(merged, status.path)
    if expression not in observation.blobs:
        return False
    if status.treatment.delivered_and_gone and _deliveries(status, observation) < 2:
        return False
    content = text_in(observation.blobs, expression)
    try:
        part = None if content is None else owned_part(status.ownership, content)
    except MalformedBlock:
        return False
    return (None if part is None else blob_id(part)) == (status.live.id if status.live else None)
