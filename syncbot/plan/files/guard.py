"""Which changes of a pull request are in files that the platform team owns: versions and the lock in, edits out. Pure.

The base branch's lock says which paths are owned. A change counts against the commit that the pull request started
from, so that neither a branch that is merely behind nor a drift that is there already is held against its author.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from syncbot.formats.meaning import means_the_same
from syncbot.model.files import LOCK_PATH, File, Ownership, blob_id
from syncbot.ownership import MalformedBlock, owned_part
from syncbot.plan.file_reasons import Malformed
from syncbot.plan.files.lock import Lock, Stanza


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """One path where the pull request started, on its base branch now, and at its head; None: no such file."""

    start: File | None
    base: File | None
    head: File | None


class EditKind(StrEnum):
    """What was done to the owned part, where its name says it all."""

    FILE_REMOVED = "file-removed"
    BLOCK_REMOVED = "block-removed"
    LINES_REMOVED = "lines-removed"
    LINES_CHANGED = "lines-changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeChanged:
    """The file's git mode is another one now."""

    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedEdit:
    """Owned lines that were changed: `line` to `end_line` at the head, 0 where no line can be shown."""

    path: str
    ownership: Ownership
    line: int = 0
    end_line: int = 0
    what: EditKind | ModeChanged | Malformed


def guarded_paths(lock: Lock) -> tuple[str, ...]:
    """The paths to look at: what was delivered, and the lock itself."""
    return (*sorted(lock), LOCK_PATH) if lock else ()


def owned_edits(path: str, lock: Lock, seen: Versions) -> Iterator[OwnedEdit]:
    """The edits of the owned part of one path. What is as delivered, as it was, or as the base has it is none, nor is
    what differs from that in layout alone."""
    if seen.head in (seen.start, seen.base):
        return
    stanza = lock.get(path)
    ownership = _ownership(path, stanza, seen)
    if ownership is None:
        return
    try:
        part = _part(ownership, seen.head)
    except MalformedBlock as error:
        yield OwnedEdit(path=path, ownership=ownership, what=Malformed(detail=str(error)))
        return
    earlier = (_earlier(ownership, seen.start), _earlier(ownership, seen.base))
    if any(means_the_same(path, part, each) for each in earlier) or _delivered(stanza, part):
        yield from _mode_edit(path, ownership, part, stanza, seen)
        return
    if part is None:
        what = EditKind.FILE_REMOVED if seen.head is None else EditKind.BLOCK_REMOVED
        yield OwnedEdit(path=path, ownership=ownership, what=what)
        return
    yield from _line_edits(path, ownership, _earlier(ownership, seen.start), part, seen.head)


def _ownership(path: str, stanza: Stanza | None, seen: Versions) -> Ownership | None:
    """How much is owned, as far as the lock and the file tell; None where the block is gone already."""
    known = seen.base or seen.start or seen.head
    if stanza is None or known is None or blob_id(known.content) == stanza.file.id:
        return Ownership.FILE
    try:
        if owned_part(Ownership.BLOCK, known.content) is not None:
            return Ownership.BLOCK
    except MalformedBlock:
        return Ownership.BLOCK
    return None if path.rpartition("/")[2] == "CODEOWNERS" else Ownership.FILE


def _part(ownership: Ownership, file: File | None) -> bytes | None:
    return owned_part(ownership, file.content) if file else None


def _earlier(ownership: Ownership, file: File | None) -> bytes | None:
    """The owned part of an earlier version; broken markers there are nobody's doing here."""
    try:
        return _part(ownership, file)
    except MalformedBlock:
        return None


def _delivered(stanza: Stanza | None, part: bytes | None) -> bool:
    return bool(stanza and part is not None and blob_id(part) == stanza.file.id)


def _mode_edit(
    path: str, ownership: Ownership, part: bytes | None, stanza: Stanza | None, seen: Versions
) -> Iterator[OwnedEdit]:
    """A changed mode, which only a file that is owned as a whole has to answer for."""
    known = {file.mode for file in (seen.start, seen.base) if file} | ({stanza.file.mode} if stanza else set())
    if ownership is Ownership.FILE and part is not None and seen.head and seen.head.mode not in known:
        yield OwnedEdit(path=path, ownership=ownership, what=ModeChanged(mode=seen.head.mode))


def _line_edits(
    path: str, ownership: Ownership, before: bytes | None, part: bytes, head: File | None
) -> Iterator[OwnedEdit]:
    above = head.content[: len(head.content) - len(part)].count(b"\n") if head else 0
    old, new = (before or b"").splitlines(), part.splitlines()
    for kind, _, _, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        what = EditKind.LINES_REMOVED if kind == "delete" else EditKind.LINES_CHANGED
        line = above + min(first + 1, max(len(new), 1))
        yield OwnedEdit(path=path, ownership=ownership, line=line, end_line=max(line, above + last), what=what)
