"""Branch: what to write on a pull request's branch on which people may have worked. Pure.

A line that a person wrote on the branch is never taken back: theirs is merged with what is desired now, and where
both changed the same lines, theirs stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from syncbot.model import EXECUTABLE, REGULAR, LiveFile, Observation, PullRequest
from syncbot.plan.merge import merge
from syncbot.plan.values import FileStatus, FileWrite

_FILE_MODES = (REGULAR, EXECUTABLE)


def branch_blobs(pull_request: PullRequest) -> frozenset[str]:
    """The git expressions of the files whose text `branch_writes` needs: at the head and as the bot left them."""
    entries = {path: entry for path, entry in pull_request.files.items() if entry and entry.mode in _FILE_MODES}
    left = {_as_left(pull_request, path) for path in {*entries, *_proposed(pull_request)}}
    return frozenset({entry.id for entry in entries.values()} | left)


def branch_writes(
    wanted: Iterable[FileStatus], pull_request: PullRequest, observation: Observation
) -> tuple[tuple[FileWrite, ...], tuple[str, ...]]:
    """The writes that bring the branch to what is wanted now, and the paths where a person's version stays."""
    blobs = observation.blobs
    targets = {path: _live(observation, path) for path in _proposed(pull_request)}
    for status in wanted:
        if status.proposal:
            proposal = status.proposal
            targets[status.path] = FileWrite(path=status.path, content=proposal.content, mode=proposal.mode)
    writes, kept = [], []
    for path, target in sorted(targets.items()):
        entry = pull_request.files.get(path)
        write = _reconcile(target, entry, blobs.get(_as_left(pull_request, path)), blobs)
        if write is None:
            kept.append(path)
        elif not _is_written(write, entry, blobs):
            writes.append(write)
    return tuple(writes), tuple(kept)


def _proposed(pull_request: PullRequest) -> tuple[str, ...]:
    return tuple(path for commit in pull_request.commits[-1:] for path in commit.proposed)


def _as_left(pull_request: PullRequest, path: str) -> str:
    """The git expression for a path as the bot's last commit on the branch left it."""
    return f"{pull_request.commits[-1].oid}:{path}" if pull_request.commits else f":{path}"


def _live(observation: Observation, path: str) -> FileWrite:
    """The path as the default branch has it: what is no longer wanted leaves the pull request."""
    entry = observation.files.get(path)
    content = observation.blobs[entry.id] if entry else None
    return FileWrite(path=path, content=content, mode=entry.mode if entry else "")


def _reconcile(
    target: FileWrite, entry: LiveFile | None, left: bytes | None, blobs: Mapping[str, bytes | None]
) -> FileWrite | None:
    """What to write at the path, or None where a person's version stays."""
    ours = blobs[entry.id] if entry else None
    if ours in (left, target.content):
        return target
    if ours is None or left is None or target.content is None:
        return None
    merged = merge(left, ours, target.content)
    return None if merged is None else FileWrite(path=target.path, content=merged, mode=target.mode)


def _is_written(write: FileWrite, entry: LiveFile | None, blobs: Mapping[str, bytes | None]) -> bool:
    if entry is None or write.content is None:
        return entry is None and write.content is None
    return blobs.get(entry.id) == write.content and entry.mode == write.mode
