"""Proposal: what a changeset would write for one file, and whether anybody's lines would go. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from syncbot.model.blobs import known_text, text_of
from syncbot.model.files import FileId
from syncbot.model.observation import Observation
from syncbot.ownership import mergeable_part, with_owned_part, without_owned_part
from syncbot.plan.file_reasons import Blocker
from syncbot.plan.file_status import Desired, FileStatus, Proposal
from syncbot.plan.files.layout import says_the_same
from syncbot.plan.files.merge import merge


def propose(status: FileStatus, wanted: Desired, observation: Observation, known: Mapping[FileId, bytes]) -> FileStatus:
    """The status with its proposal, where its state leads to one.

    `known` are earlier renderings of the owned part by id: the base of a three-way merge may be among them.
    """
    proposing = status.treatment.proposing
    if proposing is None:
        return status
    entry = observation.files.get(wanted.path)
    before = text_of(observation.blobs, entry)
    if wanted.part is None:
        return _propose_removal(status, before, rendered_before(status.delivered, observation, known))
    part, merged = wanted.part, False
    if proposing.merges and (mixed := _merged_part(status, wanted, before, observation, known)) is not None:
        part, merged = mixed, True
    content = wanted.content if before is None else with_owned_part(wanted.ownership, before, part)
    proposal = Proposal(
        content=content,
        rendered=wanted.part,
        mode=wanted.mode,
        before=before,
        overwrites_edits=proposing.overwrites_edits and not merged,
        merged=merged,
    )
    return replace(status, proposal=proposal)


def rendered_before(delivered: FileId | None, observation: Observation, known: Mapping[FileId, bytes]) -> bytes | None:
    """What was delivered, where its text is known."""
    if delivered is None:
        return None
    return known.get(delivered, known_text(observation.blobs, delivered.id))


def _propose_removal(status: FileStatus, before: bytes | None, delivered: bytes | None) -> FileStatus:
    if status.live != status.delivered and not says_the_same(status.path, status.ownership, before, delivered):
        return replace(status, why=Blocker.EDITED_AND_RETIRED)
    mode = status.live.mode if status.live else ""
    content = None if before is None else without_owned_part(status.ownership, before)
    return replace(status, proposal=Proposal(content=content, mode=mode, before=before))


def _merged_part(
    status: FileStatus,
    wanted: Desired,
    before: bytes | None,
    observation: Observation,
    known: Mapping[FileId, bytes],
) -> bytes | None:
    """The desired part with a person's lines merged into it; None where that is not clean, or the base is unknown."""
    if before is None:
        return None
    base = rendered_before(status.delivered, observation, known)
    ours = mergeable_part(wanted.ownership, before)
    return None if base is None or ours is None else merge(base, ours, wanted.part or b"")
