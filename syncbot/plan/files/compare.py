"""Compare: what the template wants, what the repo holds and what was delivered, into a state for each owned file.

Pure; docs/json.md has the states. What has to be read first is said by `data_needs.needs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from syncbot.model.blobs import Blobs, LiveFile, known_text, text_of
from syncbot.model.files import REGULAR, FileId, Ownership, blob_id
from syncbot.model.fleet import Exemption, Repo
from syncbot.model.observation import Observation
from syncbot.ownership import MalformedBlock, owned_part
from syncbot.plan.file_reasons import Exempted, Malformed
from syncbot.plan.file_status import Desired, FileStatus
from syncbot.plan.files.blockers import blocker
from syncbot.plan.files.layout import says_the_same
from syncbot.plan.files.lock import Lock
from syncbot.plan.files.postgres_major import with_known_major
from syncbot.plan.files.proposal import propose, rendered_before
from syncbot.plan.states import FileState

EarlierRenderings = Mapping[str, Mapping[FileId, bytes]]
"""Owned parts as earlier config commits rendered them: path -> id -> bytes."""


def file_state(desired: FileId | None, live: FileId | None, delivered: FileId | None) -> FileState:
    """The state of a file by its three ids alone; desired is None for a retired file."""
    if live == desired:
        return FileState.IN_SYNC
    if desired is None:
        return FileState.RETIRED
    if live is None:
        return FileState.MISSING if delivered is None else FileState.DELETED
    if delivered is None:
        return FileState.UNMANAGED
    if live == delivered:
        return FileState.BEHIND
    return FileState.EDITED if delivered == desired else FileState.DIVERGED


def live_part(ownership: Ownership, entry: LiveFile | None, blobs: Blobs) -> FileId | None:
    """The id of the owned part of a live file, None where there is none. Raises MalformedBlock."""
    if entry is None:
        return None
    if ownership is Ownership.FILE:
        return FileId(id=entry.id, mode=entry.mode)
    part = owned_part(ownership, text_of(blobs, entry) or b"")
    return None if part is None else FileId(id=blob_id(part), mode=REGULAR)


def differing(desired: Iterable[Desired], observation: Observation) -> tuple[Desired, ...]:
    """What is not live as it is wanted, or where that cannot be told, for the marks of a block are damaged."""
    return tuple(wanted for wanted in desired if _differs(wanted, observation))


def _differs(wanted: Desired, observation: Observation) -> bool:
    entry = observation.files.get(wanted.path)
    try:
        return live_part(wanted.ownership, entry, observation.blobs) != wanted.file_id
    except MalformedBlock:
        return True


def compare(
    desired: Iterable[Desired],
    repo: Repo,
    observation: Observation,
    lock: Lock,
    today: date,
    earlier: EarlierRenderings,
) -> tuple[FileStatus, ...]:
    """The status of each owned file, with what would be written; sorted by path."""
    statuses = (_compare(wanted, repo, observation, lock, today, earlier) for wanted in desired)
    return with_known_major(sorted(statuses, key=lambda status: status.path))


def _compare(
    wanted: Desired,
    repo: Repo,
    observation: Observation,
    lock: Lock,
    today: date,
    earlier: EarlierRenderings,
) -> FileStatus:
    entry = observation.files.get(wanted.path)
    known = earlier.get(wanted.path, {})
    why = blocker(wanted, observation)
    live = None
    if why is None:
        try:
            live = live_part(wanted.ownership, entry, observation.blobs)
        except MalformedBlock as error:
            why = Malformed(detail=str(error))
    delivered = _delivered(wanted, entry, live, lock, known)
    meant = _meant(wanted, live, delivered, observation, known)
    state = FileState.BLOCKED if why else file_state(wanted.file_id, meant, delivered)
    exemption = _exemption(repo, wanted, today)
    if exemption:
        state = FileState.EXEMPT
        why = Exempted(exemption=exemption)
    status = FileStatus(
        path=wanted.path,
        ownership=wanted.ownership,
        state=state,
        desired=wanted.file_id,
        live=live,
        delivered=delivered,
        config=lock[wanted.path].config if wanted.path in lock else None,
        why=why,
    )
    return propose(status, wanted, observation, known)


def _delivered(
    wanted: Desired,
    entry: LiveFile | None,
    live: FileId | None,
    lock: Lock,
    known: Mapping[FileId, bytes],
) -> FileId | None:
    """What was delivered here: by the lock, by the lock of the path it had before, else by an earlier rendering."""
    stanza = lock.get(wanted.path)
    if stanza is None and wanted.renamed_from and entry:
        stanza = lock.get(wanted.renamed_from)
    if stanza:
        return stanza.file
    return live if live in known else None


def _meant(
    wanted: Desired,
    live: FileId | None,
    delivered: FileId | None,
    observation: Observation,
    known: Mapping[FileId, bytes],
) -> FileId | None:
    """What the live file stands for: the desired or the delivered one, where it differs from that in layout alone."""
    entry = observation.files.get(wanted.path)
    if live is None or entry is None or live in (wanted.file_id, delivered):
        return live
    content = known_text(observation.blobs, entry.id)
    for file, part in ((wanted.file_id, wanted.part), (delivered, rendered_before(delivered, observation, known))):
        if file and file.mode == live.mode and says_the_same(wanted.path, wanted.ownership, content, part):
            return file
    return live


def _exemption(repo: Repo, wanted: Desired, today: date) -> Exemption | None:
    """The exemption for this file, by its path here or in the template, or for the whole repo, that holds today."""
    holding = (exemption for exemption in repo.exemptions if exemption.holds(today) and not exemption.answer)
    return next((exemption for exemption in holding if exemption.path in (None, wanted.path, wanted.listed_as)), None)
