"""Reads: what else must be read of a repo before its plan can be made. Pure: it names, others fetch.

A repo that is in sync and has no open pull request needs nothing more than the survey.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from syncbot.model import (
    FILE_MODES,
    LOCK_PATH,
    LiveFile,
    Mergeable,
    Observation,
    Ownership,
    PullRequest,
    PullRequestState,
    known_text,
)
from syncbot.ownership import MalformedBlock
from syncbot.plan.branch import branch_blobs, branch_configs, is_new_and_moved, unread_paths
from syncbot.plan.compare import live_part
from syncbot.plan.history import as_left, before_merge, last_about
from syncbot.plan.lock import Lock
from syncbot.plan.merge_trees import contested_blobs
from syncbot.plan.values import Desired


def needs_history(desired: Iterable[Desired], observation: Observation) -> bool:
    """Whether the bot's pull requests bear on the plan: something differs, or one is open, or may be."""
    return (
        observation.many_opened
        or bool(observation.opened_at)
        or any(_differs(wanted, observation) for wanted in desired)
    )


def needed_blobs(desired: Sequence[Desired], observation: Observation, lock: Lock) -> frozenset[str]:
    """The git expressions still to be read: live texts of what differs, bases of merges, open branches."""
    needed: set[str] = set()
    for wanted in desired:
        if not _differs(wanted, observation):
            continue
        answer = last_about(wanted.path, wanted.file_id, observation.pull_requests)
        if answer and answer.merge_commit:
            needed |= {before_merge(answer, wanted.path), as_left(answer, wanted.path)}
        entry = observation.files.get(wanted.path)
        if entry and entry.mode in FILE_MODES:
            needed.add(entry.id)
            if wanted.ownership is Ownership.FILE and wanted.path in lock:
                needed.add(lock[wanted.path].file.id)
    for pull_request in observation.pull_requests:
        if pull_request.state is PullRequestState.OPEN:
            needed |= branch_blobs(pull_request) | _live_ids(pull_request.files, observation)
            if pull_request.trees:
                needed |= contested_blobs(pull_request.trees, frozenset({LOCK_PATH}))
        elif pull_request.state is PullRequestState.MERGED:
            needed |= _partly_owned(desired, pull_request.files)
    return frozenset(needed - observation.blobs.keys())


def disowned_paths(observation: Observation) -> frozenset[str]:
    """Paths that an open pull request proposes and that were not read: no template of today names them."""
    return frozenset(path for opened in _opened(observation) for path in unread_paths(opened, observation))


def needs_trees(desired: Sequence[Desired], observation: Observation) -> frozenset[int]:
    """The numbers of open pull requests whose base may have to be merged into a branch on which people worked, or
    that conflict with it."""
    differing = [wanted.path for wanted in desired if _differs(wanted, observation)]
    return frozenset(
        opened.number
        for opened in _opened(observation)
        if opened.base == observation.default_branch
        and (
            opened.mergeable is Mergeable.CONFLICTING
            or (opened.people_committed and any(is_new_and_moved(path, opened, observation) for path in differing))
        )
    )


def lacks_record(desired: Iterable[Desired], observation: Observation, lock: Lock) -> bool:
    """Whether a live file differs and the lock does not say what was delivered: earlier renderings may."""
    return any(
        wanted.part is not None
        and wanted.path not in lock
        and observation.files.get(wanted.path) is not None
        and _differs(wanted, observation)
        for wanted in desired
    )


def bases_to_render(desired: Iterable[Desired], observation: Observation, lock: Lock) -> frozenset[str]:
    """The config commits whose renderings are the bases of merges, where the repo itself does not hold them."""
    stanzas = (
        stanza
        for wanted in desired
        if (stanza := lock.get(wanted.path)) and stanza.file != wanted.file_id and _differs(wanted, observation)
    )
    live = {
        stanza.config for stanza in stanzas if stanza.config and known_text(observation.blobs, stanza.file.id) is None
    }
    return frozenset(live.union(*(branch_configs(opened, observation.blobs) for opened in _opened(observation))))


def _opened(observation: Observation) -> Iterator[PullRequest]:
    return (pull_request for pull_request in observation.pull_requests if pull_request.state is PullRequestState.OPEN)


def _differs(wanted: Desired, observation: Observation) -> bool:
    entry = observation.files.get(wanted.path)
    try:
        return live_part(wanted.ownership, entry, observation.blobs) != wanted.file_id
    except MalformedBlock:
        return True


def _live_ids(paths: Iterable[str], observation: Observation) -> set[str]:
    entries = (observation.files.get(path) for path in paths)
    return {entry.id for entry in entries if entry and entry.mode in FILE_MODES}


def _partly_owned(desired: Iterable[Desired], files: Mapping[str, LiveFile | None]) -> set[str]:
    partly = {wanted.path for wanted in desired if wanted.ownership is not Ownership.FILE}
    return {entry.id for path, entry in files.items() if path in partly and entry}
