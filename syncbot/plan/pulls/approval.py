"""Approval: whether an open pull request holds the rendering and nothing else, so that a rule can review it.

Strict where it is in doubt: what is not approved is left to a person's eyes. Pure: what a pull request changes goes in,
an objection or none comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from syncbot.model.blobs import LiveFile
from syncbot.model.files import LOCK_PATH, FileId, Ownership, blob_id
from syncbot.model.pull_request import PullRequest
from syncbot.ownership import MalformedBlock, owned_part, with_owned_part
from syncbot.plan.file_status import FileStatus
from syncbot.plan.files.lock import format_lock, parse_lock, slots_in
from syncbot.plan.reasons import Reason
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.plan.why import Files, NotBrought, Plain, Why


class ObjectionCode(StrEnum):
    """Why a pull request is not approved; docs/approve.md lists them."""

    NOT_CURRENT = "not-current"
    ALREADY_APPROVED = "already-approved"
    TOO_MANY_FILES = "too-many-files"
    OTHER_FILES = "other-files"
    DIFFERS = "differs"
    LOCK_DIFFERS = "lock-differs"
    MOVED = "moved"


Ends = tuple[bytes | None, bytes | None]
"""A file's content where the branch left its base, and at the branch's head; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a pull request changes, by its head. `changed` holds the old names of renamed files as well.

    `texts` are of the changed paths among `text_paths`; `approved` says that this identity approved this head already.
    """

    changed: tuple[str, ...]
    is_complete: bool = True
    texts: Mapping[str, Ends] = field(default_factory=dict)
    approved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why a pull request is not approved: the code, and the paths or the changeset's reason that it is about."""

    code: ObjectionCode
    paths: tuple[str, ...] = ()
    why: Why | None = None


def not_current(changeset: Changeset) -> Objection | None:
    """The objection that the plan alone gives: there is something to be done about it, or a person took it over."""
    match changeset.why:
        case Plain(reason=Reason.UP_TO_DATE | Reason.UNLABELLED | Reason.TITLE_PREFIX):
            return None
        case NotBrought(paths=paths):
            return Objection(code=ObjectionCode.DIFFERS, paths=paths)
        case Files(reason=Reason.REPLACED, files=files):
            return Objection(code=ObjectionCode.DIFFERS, paths=tuple(file.path for file in files))
    return Objection(code=ObjectionCode.NOT_CURRENT, why=changeset.why)


def text_paths(plan: RepoPlan) -> frozenset[str]:
    """The paths whose text is needed at both ends: a blob's id says nothing of a part, nor of a record."""
    partly = {status.path for status in plan.files if status.ownership is not Ownership.FILE}
    return frozenset(partly | {LOCK_PATH})


def objection(plan: RepoPlan, changeset: Changeset, opened: PullRequest, examined: Examined) -> Objection | None:
    """The first objection to approving the pull request at its head, or None."""
    return next(_objections(plan, changeset, opened, examined), None)


def _objections(plan: RepoPlan, changeset: Changeset, opened: PullRequest, examined: Examined) -> Iterator[Objection]:
    if early := not_current(changeset):
        yield early
    if examined.approved:
        yield Objection(code=ObjectionCode.ALREADY_APPROVED)
    if not examined.is_complete:
        yield Objection(code=ObjectionCode.TOO_MANY_FILES)
    delivered = {status.path: status for status in changeset.files}
    settled = {s.path: s for s in plan.files if s.treatment.as_desired and s.path not in delivered}
    others = [path for path in examined.changed if path not in delivered.keys() | settled.keys() | {LOCK_PATH}]
    if others:
        yield Objection(code=ObjectionCode.OTHER_FILES, paths=tuple(others))
    told = [*changeset.files, *(settled[path] for path in examined.changed if path in settled)]
    differing = [s.path for s in told if not _is_as_rendered(s, opened.files.get(s.path), examined.texts.get(s.path))]
    if differing:
        yield Objection(code=ObjectionCode.DIFFERS, paths=tuple(differing))
    if LOCK_PATH in examined.changed and not _is_true_record(told, changeset.files, examined.texts.get(LOCK_PATH)):
        yield Objection(code=ObjectionCode.LOCK_DIFFERS)


def _is_as_rendered(status: FileStatus, entry: LiveFile | None, ends: Ends | None) -> bool:
    """Whether the head holds what is rendered, or, of a block, that part and no other change; no merged edit."""
    wanted, proposal = status.desired, status.proposal
    head = FileId(id=entry.id, mode=entry.mode) if entry else None
    if proposal and proposal.content is not None and not proposal.merged:
        wanted = FileId(id=blob_id(proposal.content), mode=proposal.mode)
    if head == wanted:
        return True
    if status.ownership is Ownership.FILE or head is None or wanted is None or head.mode != wanted.mode or not ends:
        return False
    try:
        return _only_block_changed(ends, status.desired)
    except MalformedBlock:
        return False


def _only_block_changed(ends: Ends, desired: FileId | None) -> bool:
    base, head = ends
    if base is None or head is None:
        return False
    part = owned_part(Ownership.BLOCK, head)
    if part is None or head != with_owned_part(Ownership.BLOCK, base, part):
        return False
    return desired is not None and blob_id(part) == desired.id


def _is_true_record(told: Iterable[FileStatus], delivered: Iterable[FileStatus], ends: Ends | None) -> bool:
    """Whether the lock records each file delivered, and nothing else but what it recorded before."""
    if ends is None or ends[1] is None:
        return False
    texts = [(end or b"").decode("utf-8", "replace") for end in ends]
    before, after = map(parse_lock, texts)
    recorded = {path: stanza.file for path, stanza in after.items()}
    known = {status.path: status.desired for status in told}
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    return (
        format_lock(after, slots_in(texts[1])) == texts[1]
        and all(path in known and recorded.get(path) == known[path] for path in changed)
        and all(recorded.get(status.path) == status.desired for status in delivered)
    )
