"""Branch content: what to write on a pull request's branch on which people may have worked. Pure.

A line that a person wrote on the branch is never taken back: theirs is merged with what is desired now, and where
both changed the same lines, theirs stays. The base of that merge is what the template rendered at the bot's last
commit, not what the commit holds: it holds the person's lines as well, from the merge before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from syncbot.formats.meaning import means_the_same
from syncbot.model.blobs import Blobs, LiveFile, known_text, text_in, text_of
from syncbot.model.files import FILE_MODES, FOLDER, LOCK_PATH, FileId, Ownership, blob_id
from syncbot.model.observation import Observation
from syncbot.model.pull_request import PullRequest
from syncbot.ownership import MalformedBlock, mergeable_part, owned_part, with_owned_part
from syncbot.plan.actions import FileWrite
from syncbot.plan.file_status import FileStatus
from syncbot.plan.files.blockers import entry_in_the_way
from syncbot.plan.files.layout import says_the_same
from syncbot.plan.files.lock import read_lock
from syncbot.plan.files.merge import holds_change, merge
from syncbot.plan.pulls.suppression import as_left

Bases = tuple[bytes | None, ...]
"""The base of a merge, if it is known: one text, or None where there was no file."""


def branch_blobs(pull_request: PullRequest) -> frozenset[str]:
    """The git expressions whose text `branch_writes` needs: at the head, as the bot left them and as it proposed."""
    needed = {entry.id for entry in pull_request.files.values() if entry and entry.mode in FILE_MODES}
    proposed = pull_request.proposed
    needed |= {as_left(pull_request, path) for path in proposed}
    if pull_request.people_committed and proposed:
        needed |= {file.id for file in proposed.values() if file} | {as_left(pull_request, LOCK_PATH)}
    return frozenset(needed)


def branch_configs(pull_request: PullRequest, blobs: Blobs) -> frozenset[str]:
    """The config commits that rendered what the bot's last commit proposed, where its texts do not hold that."""
    if not pull_request.people_committed or not pull_request.commits:
        return frozenset()
    lock = read_lock(known_text(blobs, as_left(pull_request, LOCK_PATH)))
    return frozenset(
        stanza.config
        for path, file in pull_request.proposed.items()
        if file
        and known_text(blobs, file.id) is None
        and (stanza := lock.get(path))
        and stanza.file == file
        and stanza.config
    )


def unread_paths(pull_request: PullRequest, observation: Observation) -> frozenset[str]:
    """Paths that the bot's last commit proposed, of which it is not known what the branch or the base holds there."""
    return frozenset(pull_request.proposed) - (pull_request.files.keys() & observation.files.keys())


def is_new_and_moved(path: str, pull_request: PullRequest, observation: Observation) -> bool:
    """Whether the base got another version of a path since the branch left it, which the bot did not propose so far.

    What is wanted may then be what the branch holds already: nothing to merge, and the base's version would stay.
    """
    if path in pull_request.proposed or path not in pull_request.files:
        return False
    live = observation.files.get(path)
    if pull_request.trees and not _is_folder(live):
        return pull_request.trees.ancestor.get(path) != live
    return pull_request.files[path] != live


def is_held_and_lost(
    status: FileStatus, pull_request: PullRequest, observation: Observation, known: Mapping[FileId, bytes]
) -> bool:
    """Whether the branch holds what is desired, and a merge would keep the base's version: only the base changed it
    since they parted. There is nothing to commit on top, then; only with the base merged in is there a change."""
    is_listed = status.path in pull_request.files
    return (
        is_listed
        and _is_held(status, pull_request, observation, known)
        and not _is_new_to_base(status.path, pull_request, observation)
    )


def unreadable_on_base(
    wanted: Iterable[FileStatus], pull_request: PullRequest, observation: Observation
) -> Mapping[str, bool]:
    """Paths proposed before and not wanted now, where the base has a folder, a binary or something large, and whether
    the branch holds there just what the bot proposed."""
    still = {status.path for status in wanted}
    found: dict[str, bool] = {}
    for path, file in pull_request.proposed.items():
        base, entry = observation.files.get(path), pull_request.files.get(path)
        if path not in still and base and text_of(observation.blobs, base) is None:
            found[path] = entry is None or (file is not None and entry.id == file.id)
    return found


def _is_folder(entry: LiveFile | None) -> bool:
    return entry is not None and entry.mode == FOLDER


def branch_writes(
    statuses: Sequence[FileStatus],
    wanted: Iterable[FileStatus],
    pull_request: PullRequest,
    observation: Observation,
    known: Mapping[str, Mapping[FileId, bytes]],
) -> tuple[tuple[FileWrite, ...], tuple[str, ...]]:
    """The writes that bring the branch to what is wanted now, and the paths where a person's version stays.

    `known` are owned parts that earlier config commits rendered, by path and id.
    """
    ownership = {status.path: status.ownership for status in statuses}
    writes, kept = [], []
    for path, target in sorted(_targets(wanted, pull_request, observation).items()):
        entry = pull_request.files.get(path)
        write: FileWrite | None = target
        if entry_in_the_way(path, pull_request.files):
            write = None
        elif _may_be_theirs(path, pull_request):
            owned = ownership.get(path, Ownership.FILE)
            bases = _bases(target, owned, pull_request, observation, known.get(path, {}))
            write = _reconcile(target, entry, bases, observation.blobs, owned)
        if write is None:
            kept.append(path)
        elif not _is_written(write, entry, observation.blobs):
            writes.append(write)
    return tuple(writes), tuple(kept)


def not_brought(
    wanted: Iterable[FileStatus],
    pull_request: PullRequest,
    observation: Observation,
    known: Mapping[str, Mapping[FileId, bytes]],
) -> tuple[str, ...]:
    """Paths whose desired content a merge of the branch as it is would not bring, whatever its commits say."""
    return tuple(
        status.path
        for status in wanted
        if status.path in pull_request.files
        and not (
            _is_held(status, pull_request, observation, known.get(status.path, {}))
            and _is_new_to_base(status.path, pull_request, observation)
        )
    )


def _is_held(
    status: FileStatus, pull_request: PullRequest, observation: Observation, known: Mapping[FileId, bytes]
) -> bool:
    """Whether the branch holds what is desired of the path, with lines of people beside it or without."""
    entry, desired = pull_request.files[status.path], status.desired
    if entry is None or desired is None:
        return entry is None and desired is None
    if status.ownership is Ownership.FILE and (entry.id, entry.mode) == (desired.id, desired.mode):
        return True
    content = text_of(observation.blobs, entry)
    try:
        part = None if content is None else owned_part(status.ownership, content)
        ours = None if content is None else mergeable_part(status.ownership, content)
    except MalformedBlock:
        return False
    if part is None or ours is None:
        return False
    if blob_id(part) == desired.id:
        return status.ownership is not Ownership.FILE
    rendered = status.proposal.rendered if status.proposal else None
    if entry.mode == desired.mode and says_the_same(status.path, status.ownership, content, rendered):
        return True
    base = None
    if status.delivered:
        base = known.get(status.delivered) or known_text(observation.blobs, status.delivered.id)
    if base is not None and rendered is not None:
        return holds_change(base, ours, rendered)
    # Who worked on it began with what the bot had put there.
    return pull_request.people_committed and (status.live is None or blob_id(part) != status.live.id)


def _is_new_to_base(path: str, pull_request: PullRequest, observation: Observation) -> bool:
    """Whether a merge takes the branch's version: not where only the base changed since they parted."""
    entry, trees = pull_request.files[path], pull_request.trees
    if entry == observation.files.get(path):
        return True
    if trees:
        return entry != trees.ancestor.get(path)
    began = f"{pull_request.ancestor}:{path}"
    return began not in observation.blobs or text_in(observation.blobs, began) != text_of(observation.blobs, entry)


def _targets(wanted: Iterable[FileStatus], pull_request: PullRequest, observation: Observation) -> dict[str, FileWrite]:
    """What each path should hold; what is no longer wanted goes back to what the default branch has."""
    targets: dict[str, FileWrite] = {}
    for path in pull_request.proposed:
        entry = observation.files.get(path)
        content = text_of(observation.blobs, entry)
        if entry is None or content is not None:
            targets[path] = FileWrite(path=path, content=content, mode=entry.mode if entry else "")
    for status in wanted:
        if proposal := status.proposal:
            targets[status.path] = FileWrite(path=status.path, content=proposal.content, mode=proposal.mode)
    return targets


def _may_be_theirs(path: str, pull_request: PullRequest) -> bool:
    """Whether a person may have changed the path on the branch; what the bot proposed there is compared in any case."""
    if path in pull_request.proposed:
        return True
    trees = pull_request.trees
    is_as_it_began = trees and trees.branch.get(path) == trees.ancestor.get(path)
    return pull_request.people_committed and not is_as_it_began


def _bases(
    target: FileWrite,
    ownership: Ownership,
    pull_request: PullRequest,
    observation: Observation,
    known: Mapping[FileId, bytes],
) -> Bases:
    """What the path would hold on the branch if no person had been there; the first that merges cleanly counts."""
    proposed = pull_request.proposed
    if target.path not in proposed:
        # What the branch started from, where that is known: the base may have moved on since.
        trees = pull_request.trees
        entry = trees.ancestor.get(target.path) if trees else observation.files.get(target.path)
        content = known_text(observation.blobs, entry.id) if entry else None
        return (content,) if entry is None or content is not None else ()
    file = proposed[target.path]
    if file is None:
        # Gone, or what is left of a file whose block went.
        return (known_text(observation.blobs, as_left(pull_request, target.path)),)
    left = text_in(observation.blobs, as_left(pull_request, target.path))
    if not pull_request.people_committed:
        return (left,)
    try:
        part = known.get(file) or known_text(observation.blobs, file.id) or _part(ownership, left, file)
        bases = () if part is None else (with_owned_part(ownership, target.content or b"", part),)
    except MalformedBlock:
        return ()
    # Just what was proposed, and nobody's lines: then this is the base, also where less of the file is owned now.
    return (left, *bases) if left is not None and blob_id(left) == file.id else bases


def _part(ownership: Ownership, content: bytes | None, file: FileId) -> bytes | None:
    """The owned part of the content, if it is the file of that id."""
    part = None if content is None else owned_part(ownership, content)
    return part if part is not None and blob_id(part) == file.id else None


def _reconcile(
    target: FileWrite, entry: LiveFile | None, bases: Bases, blobs: Blobs, ownership: Ownership
) -> FileWrite | None:
    """What to write at the path, or None where a person's version stays."""
    ours = text_of(blobs, entry)
    if entry and (entry.mode not in FILE_MODES or ours is None):
        return None
    if ours in (target.content, *bases):
        return target
    if ownership is Ownership.FILE and means_the_same(target.path, ours, target.content):
        return replace(target, content=ours)
    if ownership is Ownership.FILE and any(means_the_same(target.path, ours, base) for base in bases):
        return target
    if ours is None or target.content is None:
        return None
    merges = (merge(base, ours, target.content) for base in bases if base is not None)
    merged = next((content for content in merges if content is not None), None)
    return None if merged is None else FileWrite(path=target.path, content=merged, mode=target.mode)


def _is_written(write: FileWrite, entry: LiveFile | None, blobs: Blobs) -> bool:
    if entry is None or write.content is None:
        return entry is None and write.content is None
    return text_of(blobs, entry) == write.content and entry.mode == write.mode
