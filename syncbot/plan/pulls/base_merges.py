"""Merges of the base: what "Update branch" puts on a pull request's branch, and what a person solved there. Pure.

A merge commit of the branch as the bot left it and a commit of the base, which holds just what merging the two without
a conflict makes, is nobody's work, whoever its author is. If it holds anything else, that is somebody's line.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from syncbot.model.blobs import Blobs, LiveFile
from syncbot.model.files import blob_id
from syncbot.model.observation import Observation
from syncbot.model.pull_request import MergedBase, PullRequest
from syncbot.plan.actions import ReuseBlob
from syncbot.plan.pulls.merge_trees import merge_trees

MOST_RUNS = 5
"""Runs of merges on one branch that are looked at; each costs five requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Merges in a row: the bot's commit `before` them, the `last` of them, and the commit of the base that it merged.

    What the last one holds is a merge of the other two, if all of them were clean.
    """

    before: str
    base: str
    last: str


def runs(commits: Sequence[tuple[str, tuple[str, ...]]], merges: Collection[str]) -> tuple[Run, ...] | None:
    """The runs among a pull request's commits, each with its parents, oldest first; `merges` are not the bot's own.

    None where the commits are no line of the bot's with the base merged into it. All of them are given: a parent that
    is not among them is the base's.
    """
    known = {oid for oid, _ in commits}
    found: list[Run] = []
    previous = ""
    for oid, parents in commits:
        if not parents or (previous and parents[0] != previous):
            return None
        if oid in merges:
            if not previous or len(parents) != 2 or parents[1] in known:
                return None
            goes_on = bool(found) and found[-1].last == previous
            before = found.pop().before if goes_on else previous
            found.append(Run(before=before, base=parents[1], last=oid))
        previous = oid
    return tuple(found) if len(found) <= MOST_RUNS else None


def without_base_merges(observation: Observation) -> Observation:
    """The observation, in which nobody committed where others only merged the base."""
    pulls = tuple(_judged(pull, observation.blobs) for pull in observation.pull_requests)
    return replace(observation, pull_requests=pulls)


def _judged(pull: PullRequest, blobs: Blobs) -> PullRequest:
    merged = pull.merged_bases
    if not merged or not all(_is_clean(each, blobs) for each in merged):
        return pull
    return replace(pull, people_committed=False, other_bots=())


def _is_clean(merged: MergedBase, blobs: Blobs) -> bool:
    expected = merge_trees(merged.trees, frozenset(), blobs)
    files = dict(merged.trees.base)
    for change in expected.changes:
        if isinstance(change, ReuseBlob):
            files[change.path] = LiveFile(id=change.id, mode=change.mode)
        elif change.content is None:
            files.pop(change.path, None)
        else:
            files[change.path] = LiveFile(id=blob_id(change.content), mode=change.mode)
    return not expected.conflicts and files == merged.result
