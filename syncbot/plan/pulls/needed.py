"""Needed: a file that comes to refer to another one waits until that is there, or comes along with it. Pure.

A Compose file that mounts ./postgres/postgresql.conf does not start a Postgres where there is none. Once the live file
refers to it, whoever wrote that knew what it does, and nothing is held back: a security fix least of all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from syncbot.model.blobs import LiveFile
from syncbot.model.files import FILE_MODES
from syncbot.plan.file_reasons import Needs
from syncbot.plan.file_status import FileStatus
from syncbot.plan.pulls.partition import Partition, with_carried
from syncbot.plan.states import FileState

_COMMENT = re.compile(rb"[ \t]*(?:#|//)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededFiles:
    """`needs` are the paths that an owned file may refer to, by its own; `live` what the default branch has."""

    needs: Mapping[str, tuple[str, ...]]
    live: Mapping[str, LiveFile | None]


def with_needed(separated: Partition, needed: NeededFiles, name_of: Callable[[FileStatus], str | None]) -> Partition:
    """The files, those blocked whose changeset brings a reference without what it refers to.

    `name_of` tells the changeset of a file that no move carries, None where all of it goes or none, as in whole moves.
    """
    if not any(needed.needs.values()):
        return separated
    whole = {changes.name for changes in separated.moves if any(moved.spec.whole for moved in changes.moves)}
    carriers = {name: statuses for name, statuses in separated.carriers(name_of).items() if name not in whole}
    lacking = {name: _lacking(statuses, needed) for name, statuses in carriers.items()}
    if not any(lacking.values()):
        return separated
    waiting = {path for found in lacking.values() for path in found}
    brought = {
        status.path: name
        for name, statuses in carriers.items()
        for status in statuses
        if not status.quiet and status.path not in waiting
    }
    others = {status.path: status for status in separated.statuses}

    def judged(status: FileStatus, name: str | None) -> FileStatus:
        path = lacking.get(name or "", {}).get(status.path)
        if path is None or status.proposal is None:
            return status
        other = others.get(path)
        why = Needs(
            path=path,
            brought_by=brought.get(path, ""),
            state=FileState.BLOCKED if path in waiting else other.state if other else None,
            is_refused=other is not None and other.quiet is not None,
        )
        return replace(status, state=FileState.BLOCKED, why=why, proposal=None)

    moves = tuple(
        replace(changes, statuses=tuple(judged(status, changes.name) for status in changes.statuses))
        for changes in separated.moves
    )
    rest = tuple(judged(status, name_of(status)) for status in separated.rest)
    return with_carried(replace(separated, moves=moves, rest=rest))


def refers(content: bytes | None, path: str) -> bool:
    """Whether a text names the path in a line that is no comment, as `a/b` or `./a/b`."""
    named = re.compile(rb"(?<![\w./-])(?:\./)?" + re.escape(path.encode()) + rb"(?![\w/-]|\.\w)")
    lines = (content or b"").splitlines()
    return any(named.search(line) for line in lines if not _COMMENT.match(line))


def _lacking(statuses: Sequence[FileStatus], needed: NeededFiles) -> Mapping[str, str]:
    """The files of one changeset that have to wait, each with a path that is not there and does not come along."""
    going = {status.path: status for status in statuses if not status.quiet}
    lacking: dict[str, str] = {}
    while found := {
        path: missing
        for path, status in going.items()
        if (missing := _missing(status, needed, going.keys())) is not None
    }:
        lacking |= found
        going = {path: status for path, status in going.items() if path not in found}
    return lacking


def _missing(status: FileStatus, needed: NeededFiles, going: Collection[str]) -> str | None:
    """A path that the file comes to refer to, that is not there and does not go along."""
    proposal = status.proposal
    if proposal is None or proposal.content is None:
        return None
    for path in needed.needs.get(status.path, ()):
        entry = needed.live.get(path)
        is_there = entry is not None and entry.mode in FILE_MODES
        if not is_there and path not in going and refers(proposal.content, path) and not refers(proposal.before, path):
            return path
    return None
