"""Proposal: what a changeset would write for one file, and whether anybody's lines would go. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from syncbot.model import FileId, Observation
from syncbot.ownership import mergeable_part, with_owned_part
from syncbot.plan.merge import merge
from syncbot.plan.values import Desired, FileState, FileStatus, Proposal

_NO_PROPOSAL = (FileState.IN_SYNC, FileState.EXEMPT, FileState.BLOCKED)
_LOSING_STATES = (FileState.EDITED, FileState.DIVERGED, FileState.UNMANAGED)


def propose(status: FileStatus, wanted: Desired, observation: Observation, known: Mapping[FileId, bytes]) -> FileStatus:
    """The status with its proposal, where its state leads to one.

    `known` are earlier renderings of the owned part by id: the base of a three-way merge may be among them.
    """
    if status.state in _NO_PROPOSAL:
        return status
    entry = observation.files.get(wanted.path)
    before = observation.blobs.get(entry.id) if entry else None
    if wanted.part is None:
        return _propose_removal(status, before)
    part, merged = _merged_part(status, wanted, before, observation, known)
    content = wanted.content if before is None else with_owned_part(wanted.ownership, before, part)
    proposal = Proposal(
        content=content,
        mode=wanted.mode,
        before=before,
        loses=status.state in _LOSING_STATES and not merged,
        merged=merged,
    )
    return replace(status, proposal=proposal)


def _propose_removal(status: FileStatus, before: bytes | None) -> FileStatus:
    if status.live != status.delivered:
        return replace(status, reason="no longer owned, but edited since it was delivered: it is the team's now")
    mode = status.live.mode if status.live else ""
    return replace(status, proposal=Proposal(content=None, mode=mode, before=before))


def _merged_part(
    status: FileStatus,
    wanted: Desired,
    before: bytes | None,
    observation: Observation,
    known: Mapping[FileId, bytes],
) -> tuple[bytes, bool]:
    """The part to write, and whether a person's lines were merged into it."""
    part = wanted.part or b""
    if status.state is not FileState.DIVERGED or before is None or status.delivered is None:
        return part, False
    base = known.get(status.delivered, observation.blobs.get(status.delivered.id))
    ours = mergeable_part(wanted.ownership, before)
    if base is None or ours is None:
        return part, False
    merged = merge(base, ours, part)
    return (part, False) if merged is None else (merged, True)
