"""Data needs: what else must be read of a repo before its plan can be made. Pure: it names, others fetch.

Whoever fetches asks again with what was read, until nothing new is named. A repo that is in sync and has no open pull
request needs nothing more than the survey.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple

from syncbot.model.blobs import LiveFile, known_text
from syncbot.model.files import FILE_MODES, LOCK_PATH, Ownership
from syncbot.model.observation import Observation
from syncbot.model.pull_request import Mergeable, PullRequest, PullRequestState
from syncbot.plan.actions import OpenPullRequest
from syncbot.plan.file_status import Desired
from syncbot.plan.pulls.branch_content import branch_blobs, branch_configs, is_new_and_moved, unread_paths
from syncbot.plan.pulls.merge_trees import contested_blobs
from syncbot.plan.pulls.plan_repo import RepoFacts
from syncbot.plan.pulls.suppression import as_left, before_merge, last_about
from syncbot.plan.repo_plan import RepoPlan

LOOKED_UP = 50
"""So many names of branches at most, the newest: anybody can push one with a number as high as they like."""


class Reading(IntEnum):
    """What is read after the survey, in the order in which each tells what the later ones have to be."""

    HISTORY = 1
    """The bot's branches and pull requests."""
    PATHS = 2
    """Files that an open one proposes and that no template names now: they have to be taken back."""
    AUTHORITY = 3
    """Who may command the bot, of those who spoke to it."""
    TREES = 4
    """All files of a branch and its base, by the pull request's number."""
    ANCESTOR = 5
    """Where a branch on which people worked left its base, by the pull request's number."""
    MERGES = 6
    """What somebody merged into the branch of an open one, by the pull request's number."""
    TEXTS = 7
    """Contents, by git expression."""
    GONE = 8
    """Pull requests that nothing but the name of their branch tells of, by that name."""


class Need(NamedTuple):
    """Something to be read, by its name where there may be several of a kind."""

    reading: Reading
    name: str = ""


def needs(facts: RepoFacts) -> frozenset[Need]:
    """All that is known by now to be needed; what was asked for already is named again where it could not be read."""
    seen = facts.observation
    if not (facts.differing or seen.opened_at or seen.many_opened or seen.pull_requests):
        return frozenset()
    spoken = any(comment.addressed for pull_request in seen.pull_requests for comment in pull_request.comments)
    return frozenset(
        {
            Need(Reading.HISTORY),
            *(Need(Reading.PATHS, path) for opened in _opened(seen) for path in unread_paths(opened, seen)),
            *([Need(Reading.AUTHORITY)] if spoken else []),
            *(Need(Reading.TREES, str(number)) for number in _needed_trees(facts)),
            *(Need(Reading.ANCESTOR, str(number)) for number in _needed_ancestors(facts)),
            *(Need(Reading.MERGES, str(opened.number)) for opened in _opened(seen) if _is_unread_merge(opened)),
            *(Need(Reading.TEXTS, expression) for expression in _needed_texts(facts)),
        }
    )


def needs_before_opening(plan: RepoPlan, seen: Observation, asked: Collection[Need]) -> frozenset[Need]:
    """What is to be known before a pull request is opened: that none was, from a branch of that name which is gone.

    Its label may be gone as well. Where nothing tells of the branch to be made, the more were asked for, the further is
    looked ahead: a label may be gone from all. A branch that a run left behind is told of.
    """
    known = {branch.name for branch in seen.branches} | {pull.branch for pull in seen.pull_requests}
    gone = {need.name for need in asked if need.reading is Reading.GONE}
    needed = set[Need]()
    for changeset in plan.changesets:
        if isinstance(changeset.action, OpenPullRequest):
            name, _, number = changeset.branch.rpartition("-")
            ahead = 0 if changeset.branch in known | gone else min(len(gone), LOOKED_UP)
            first = max(1, int(number) - LOOKED_UP + 1)
            branches = (f"{name}-{each}" for each in range(first, int(number) + ahead + 1))
            needed |= {Need(Reading.GONE, branch) for branch in branches if branch not in known}
    return frozenset(needed)


def _needed_texts(facts: RepoFacts) -> frozenset[str]:
    """Live texts of what differs, bases of merges, open branches."""
    observation, lock = facts.observation, facts.lock
    needed: set[str] = set()
    for wanted in facts.differing:
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
            if pull_request.ancestor:
                needed |= {f"{pull_request.ancestor}:{path}" for path in pull_request.proposed}
            if pull_request.trees:
                needed |= contested_blobs(pull_request.trees, frozenset({LOCK_PATH}))
            for merged in pull_request.merged_bases or ():
                needed |= contested_blobs(merged.trees, frozenset())
        elif pull_request.state is PullRequestState.MERGED:
            needed |= _partly_owned(facts.desired, pull_request.files)
    return frozenset(needed - observation.blobs.keys())


def _is_unread_merge(opened: PullRequest) -> bool:
    return bool(opened.merges) and opened.merged_bases is None


def _needed_trees(facts: RepoFacts) -> frozenset[int]:
    """Of open pull requests whose base may have to be merged into a branch on which people worked, or that conflict
    with it."""
    observation = facts.observation
    differing = [wanted.path for wanted in facts.differing]
    return frozenset(
        opened.number
        for opened in _opened(observation)
        if opened.base == observation.default_branch
        and (
            opened.mergeable is Mergeable.CONFLICTING
            or (opened.people_committed and any(is_new_and_moved(path, opened, observation) for path in differing))
        )
    )


def _needed_ancestors(facts: RepoFacts) -> frozenset[int]:
    """Of open pull requests on which people worked: with the base merged in, a branch may hold what no merge brings."""
    differing = {wanted.path for wanted in facts.differing}
    return frozenset(
        opened.number
        for opened in _opened(facts.observation)
        if opened.people_committed
        and opened.trees is None
        and opened.base == facts.observation.default_branch
        and differing & opened.proposed.keys()
    )


def lacks_record(facts: RepoFacts) -> bool:
    """Whether a live file differs and the lock does not say what was delivered: earlier renderings may."""
    return any(
        wanted.part is not None
        and wanted.path not in facts.lock
        and facts.observation.files.get(wanted.path) is not None
        for wanted in facts.differing
    )


def bases_to_render(facts: RepoFacts) -> frozenset[str]:
    """The config commits whose renderings are the bases of merges, where the repo itself does not hold them."""
    observation = facts.observation
    stanzas = (
        stanza
        for wanted in facts.differing
        if (stanza := facts.lock.get(wanted.path)) and stanza.file != wanted.file_id
    )
    live = {
        stanza.config for stanza in stanzas if stanza.config and known_text(observation.blobs, stanza.file.id) is None
    }
    return frozenset(live.union(*(branch_configs(opened, observation.blobs) for opened in _opened(observation))))


def _opened(observation: Observation) -> Iterator[PullRequest]:
    return (pull_request for pull_request in observation.pull_requests if pull_request.state is PullRequestState.OPEN)


def _live_ids(paths: Iterable[str], observation: Observation) -> set[str]:
    entries = (observation.files.get(path) for path in paths)
    return {entry.id for entry in entries if entry and entry.mode in FILE_MODES}


def _partly_owned(desired: Iterable[Desired], files: Mapping[str, LiveFile | None]) -> set[str]:
    partly = {wanted.path for wanted in desired if wanted.ownership is not Ownership.FILE}
    return {entry.id for path, entry in files.items() if path in partly and entry}
