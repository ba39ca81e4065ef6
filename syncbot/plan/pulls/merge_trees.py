"""Merge trees: a three-way merge by path, for a pull request that conflicts with its base. Pure.

Only paths that are ours to resolve are resolved. A path of the team's that both sides changed is merged by lines if
that is clean, and else left to people: then there is no merge at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncbot.model.blobs import Blobs, LiveFile, Trees, text_in
from syncbot.plan.actions import FileWrite, ReuseBlob
from syncbot.plan.file_status import FileStatus
from syncbot.plan.files.merge import merge


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What the branch adds to the base's tree, and the paths where both sides changed the same lines."""

    changes: tuple[ReuseBlob | FileWrite, ...] = ()
    conflicts: tuple[str, ...] = ()


def contested(trees: Trees, ours: frozenset[str]) -> tuple[str, ...]:
    """Paths other than `ours` that both sides changed, each in its own way: their texts are needed."""
    return tuple(
        path
        for path in _changed_on_branch(trees)
        if path not in ours
        and trees.base.get(path) != trees.ancestor.get(path)
        and trees.base.get(path) != trees.branch.get(path)
    )


def contested_blobs(trees: Trees, ours: frozenset[str]) -> frozenset[str]:
    """The blob ids that `merge_trees` needs the text of."""
    entries = (side.get(path) for path in contested(trees, ours) for side in (trees.ancestor, trees.base, trees.branch))
    return frozenset(entry.id for entry in entries if entry)


def merge_trees(trees: Trees, ours: frozenset[str], blobs: Blobs) -> Merged:
    """The branch's changes as changes of the base's tree, but for the paths in `ours`."""
    changes: list[ReuseBlob | FileWrite] = []
    conflicts: list[str] = []
    disputed = frozenset(contested(trees, ours))
    for path in _changed_on_branch(trees):
        entry = trees.branch.get(path)
        if path in ours or entry == trees.base.get(path):
            continue
        if path not in disputed:
            changes.append(picked(path, entry))
        elif write := _merged(path, trees, blobs):
            changes.append(write)
        else:
            conflicts.append(path)
    return Merged(changes=tuple(changes), conflicts=tuple(conflicts))


def lost_paths(trees: Trees, wanted: Sequence[FileStatus]) -> tuple[str, ...]:
    """Wanted paths whose base somebody changed since the branch left it, where the proposal does not keep that."""
    return tuple(
        status.path
        for status in wanted
        if (proposal := status.proposal)
        and (proposal.overwrites_edits or proposal.before is None)
        and trees.base.get(status.path) != trees.ancestor.get(status.path)
    )


def picked(path: str, entry: LiveFile | None) -> ReuseBlob | FileWrite:
    """The path as that entry has it; None removes it."""
    return ReuseBlob(path=path, id=entry.id, mode=entry.mode) if entry else FileWrite(path=path, content=None)


def _changed_on_branch(trees: Trees) -> list[str]:
    paths = trees.branch.keys() | trees.ancestor.keys()
    return sorted(path for path in paths if trees.branch.get(path) != trees.ancestor.get(path))


def _merged(path: str, trees: Trees, blobs: Blobs) -> FileWrite | None:
    entries = [side.get(path) for side in (trees.ancestor, trees.base, trees.branch)]
    texts = [text_in(blobs, entry.id) if entry else None for entry in entries]
    modes = {entry.mode for entry in entries if entry}
    if len(modes) != 1 or texts[0] is None or texts[1] is None or texts[2] is None:
        return None
    content = merge(texts[0], texts[1], texts[2])
    return None if content is None else FileWrite(path=path, content=content, mode=modes.pop())
