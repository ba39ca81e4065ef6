"""Changesets: which statuses go into which pull request, and what is to be done about each. Pure.

The rules are in docs/pull-requests.md: one open pull request for each repo and changeset, nothing written where
its content is as desired already, nothing forced, and no push that would undo what a person did.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from syncbot.model.blobs import known_text
from syncbot.model.files import LOCK_PATH
from syncbot.model.fleet import CommitRules
from syncbot.model.observation import Observation
from syncbot.model.pull_request import Branch, PullRequest, PullRequestState
from syncbot.plan.actions import Action, FileWrite, NoOp, OpenPullRequest, UpdatePullRequest
from syncbot.plan.file_status import FileStatus
from syncbot.plan.files.lock import Lock, read_lock
from syncbot.plan.files.postgres_major import major_move
from syncbot.plan.pulls.case import Case, Decision, ReplacePullRequest, proposed_by, refs
from syncbot.plan.pulls.duplicates import is_peoples, rank, supersede
from syncbot.plan.pulls.facts import ChangesetFacts, Delivery, Kinds
from syncbot.plan.pulls.partition import Partition
from syncbot.plan.pulls.rules import decide, without_files
from syncbot.plan.pulls.trailers import digest
from syncbot.plan.reasons import Quiet, Reason
from syncbot.plan.repo_plan import Changeset
from syncbot.plan.states import ADOPT, SYNC, TAKEOVER
from syncbot.plan.why import BranchBlocked, Declined, Files, StaysQuiet, Why


def _kinds(partition: Partition, observation: Observation) -> Kinds:
    open_names = {pull.changeset for pull in observation.pull_requests if pull.state is PullRequestState.OPEN}
    # One of an older syncbot goes on as it was named.
    return Kinds(is_adopted=partition.is_adopted, takeover=ADOPT if ADOPT in open_names else TAKEOVER)


def changeset_of(partition: Partition, observation: Observation) -> Callable[[FileStatus], str | None]:
    """Which changeset carries a file of `apart.rest`; None where none does, or all of a major goes or none."""
    kinds, major = _kinds(partition, observation), major_move(partition.rest)

    def name_of(status: FileStatus) -> str | None:
        name = kinds.of(status, major)
        return None if major and name == major.changeset else name

    return name_of


def plan_changesets(
    partition: Partition, observation: Observation, lock: Lock, delivery: Delivery, today: date, rules: CommitRules
) -> tuple[Changeset, ...]:
    """One changeset for each that has files to propose, files kept quiet, or an open pull request.

    New branches begin with the prefix of `rules`; an open pull request goes on under the branch that it has.
    """
    major = major_move(partition.rest)
    kinds = _kinds(partition, observation)
    facts = ChangesetFacts(
        partition=partition,
        observation=observation,
        lock=lock,
        delivery=delivery,
        today=today,
        rules=rules,
        major=major,
        kinds=kinds,
    )
    names = {SYNC, ADOPT, TAKEOVER} | {changes.name for changes in facts.partition.moves}
    names |= {major.changeset} if major else set()
    opened: dict[str, list[PullRequest]] = {}
    for pull_request in observation.pull_requests:
        if pull_request.state is PullRequestState.OPEN:
            opened.setdefault(_goes_on_as(pull_request.changeset, names), []).append(pull_request)
    planned: list[Changeset] = []
    for name in sorted(names | opened.keys()):
        planned += _plan(name, sorted(opened.get(name, ()), key=rank), facts)
    return tuple(planned)


_OLD_MAJOR = re.compile(r"postgres-\d+")


def _goes_on_as(name: str, names: Collection[str]) -> str:
    """Under which name an open pull request goes on: moves join and part, and a major was once named by its target."""
    if name in names:
        return name
    parts = set(("postgres" if _OLD_MAJOR.fullmatch(name) else name).split("+"))
    return next((other for other in sorted(names) if parts & set(other.split("+"))), name)


def _plan(name: str, ranked: Sequence[PullRequest], facts: ChangesetFacts) -> list[Changeset]:
    """What to do about one changeset: the first in rank is gone on with, the others are duplicates of it."""
    if not ranked:
        fresh = _without_open(name, facts)
        return [fresh] if fresh else []
    first, *others = ranked
    case = _case(name, first, facts)
    planned = _with_open(case, facts)
    successor = next((other for other in others if is_peoples(other)), None)
    if successor and isinstance(planned.action, OpenPullRequest):
        # A new one would be the second open one beside what people worked on: that one goes on instead.
        return [supersede(planned, first, successor), *_plan(name, others, facts)]
    return [planned, *(without_files(replace(case, opened=other, duplicate_of=first)) for other in others)]


def _without_open(name: str, facts: ChangesetFacts) -> Changeset | None:
    candidates = facts.candidates(name)
    if not candidates:
        return None
    wanted, changes = facts.wanted(name), facts.changes(name)
    moves = changes.moves if changes else ()
    if wanted:
        return replace(_open(name, wanted, facts, facts.lock_writes(name, wanted)), moves=moves)
    why = facts.withheld(name)
    fresh = _leave(name, candidates, facts, why) if why else _stay_quiet(name, candidates, facts)
    return replace(fresh, moves=moves)


def _case(name: str, opened: PullRequest, facts: ChangesetFacts) -> Case:
    wanted = facts.wanted(name)
    return Case(
        name=name,
        wanted=wanted,
        statuses=facts.statuses,
        opened=opened,
        observation=facts.observation,
        lock_writes=facts.lock_writes(name, wanted),
        earlier=facts.partition.earlier,
        today=facts.today,
        rules=facts.rules,
        is_pending=bool(facts.candidates(name)),
        withheld=facts.withheld(name),
    )


def _with_open(case: Case, facts: ChangesetFacts) -> Changeset:
    changes = facts.changes(case.name)
    return replace(_go_on(case, facts), moves=changes.moves if changes else ())


def _go_on(case: Case, facts: ChangesetFacts) -> Changeset:
    name, decision = case.name, decide(case)
    if isinstance(decision.action, ReplacePullRequest):
        return _replace(_open(name, case.wanted, facts, case.lock_writes), case.opened, decision)
    kept = frozenset(decision.action.kept) if isinstance(decision.action, UpdatePullRequest) else frozenset[str]()
    desired, held = proposed_by(case.wanted), case.opened.proposed
    return Changeset(
        name=name,
        branch=case.opened.branch,
        action=_with_lock(decision.action, name, case, facts) if kept else decision.action,
        why=decision.why,
        pull_request=case.opened,
        files=case.wanted,
        proposed={
            path: file if path not in kept else held[path]
            for path, file in desired.items()
            if path not in kept or path in held
        },
        kept={path: file for path, file in desired.items() if path in kept},
    )


def _with_lock(action: Action, name: str, case: Case, facts: ChangesetFacts) -> Action:
    """The update with a lock that records what the branch comes to hold, and not what people's versions replace."""
    if not isinstance(action, UpdatePullRequest):
        return action
    written = tuple(status for status in case.wanted if status.path not in action.kept)
    others = tuple(write for write in action.writes if write.path != LOCK_PATH)
    lock = facts.lock_writes(name, written, _carried(case, action.kept)) if case.lock_on_branch else ()
    return replace(action, writes=(*others, *lock))


def _carried(case: Case, kept: Sequence[str]) -> Lock:
    """What the branch's own lock records of the kept paths, as far as that is what people's versions began with."""
    entry, held = case.opened.files.get(LOCK_PATH), case.opened.proposed
    lock = read_lock(known_text(case.observation.blobs, entry.id) if entry else None)
    return {path: stanza for path in kept if (stanza := lock.get(path)) and stanza.file == held.get(path)}


def _replace(fresh: Changeset, opened: PullRequest, decision: Decision) -> Changeset:
    if not isinstance(fresh.action, OpenPullRequest):
        return fresh
    action = replace(fresh.action, replaces=opened.number)
    return replace(fresh, action=action, why=decision.why, pull_request=opened)


def _open(
    name: str, wanted: tuple[FileStatus, ...], facts: ChangesetFacts, lock_writes: tuple[FileWrite, ...]
) -> Changeset:
    observation, prefix = facts.observation, facts.rules.branch_prefix
    proposed = proposed_by(wanted)
    fresh = next_branch(name, observation, prefix)
    in_the_way = next((branch for branch in observation.in_the_way if prefix.startswith(f"{branch}/")), None)
    if in_the_way:
        return Changeset(
            name=name,
            branch=fresh,
            action=NoOp(),
            why=BranchBlocked(branch=in_the_way),
            files=wanted,
            proposed=proposed,
        )
    left_over = _left_over_branch(name, digest(proposed), observation, prefix)
    writes = tuple(
        FileWrite(path=status.path, content=status.proposal.content, mode=status.proposal.mode)
        for status in wanted
        if status.proposal
    )
    action = OpenPullRequest(
        base=observation.default_branch,
        parent=observation.head,
        tree=observation.tree,
        writes=(*writes, *lock_writes),
        resume=left_over.head if left_over else None,
        otherwise=fresh if left_over else "",
        signed=observation.signatures_required,
    )
    return Changeset(
        name=name,
        branch=left_over.name if left_over else fresh,
        action=action,
        why=Files(reason=_reason_to_open(name, facts), files=refs(wanted)),
        files=wanted,
        proposed=proposed,
    )


_ToOpen = Literal[Reason.UNMANAGED, Reason.POSTGRES_MAJOR, Reason.MOVE, Reason.DRIFT]


def _reason_to_open(name: str, facts: ChangesetFacts) -> _ToOpen:
    if changes := facts.changes(name):
        return Reason.POSTGRES_MAJOR if any(moved.spec.whole for moved in changes.moves) else Reason.MOVE
    if facts.major_of(name):
        return Reason.POSTGRES_MAJOR
    return Reason.UNMANAGED if name in (ADOPT, TAKEOVER) else Reason.DRIFT


def _stay_quiet(name: str, quiet: tuple[FileStatus, ...], facts: ChangesetFacts) -> Changeset:
    answers = {status.quiet: _answer(status, status.quiet) for status in quiet if status.quiet}
    return _leave(name, quiet, facts, StaysQuiet(answers=tuple(answers.values())))


def _answer(status: FileStatus, quiet: Quiet) -> Quiet | Declined:
    return Declined(author=status.declined.author, until=status.declined.until) if status.declined else quiet


def _leave(name: str, files: tuple[FileStatus, ...], facts: ChangesetFacts, why: Why) -> Changeset:
    return Changeset(
        name=name,
        branch=next_branch(name, facts.observation, facts.rules.branch_prefix),
        action=NoOp(),
        why=why,
        files=files,
        proposed={},
    )


def next_branch(name: str, observation: Observation, prefix: str) -> str:
    """`<prefix><changeset>-<n>`, n above every number used: a closed or merged branch is never used again."""
    taken = {branch.name for branch in observation.branches} | {p.branch for p in observation.pull_requests}
    numbers = (branch.removeprefix(f"{prefix}{name}-") for branch in taken)
    return f"{prefix}{name}-{1 + max((int(n) for n in numbers if n.isdecimal()), default=0)}"


def _left_over_branch(name: str, wanted_digest: str, observation: Observation, prefix: str) -> Branch | None:
    """A branch made by a run that died before it opened the pull request, with its commit or with nothing on it."""
    used = {pull_request.branch for pull_request in observation.pull_requests}
    # Another name is somebody's, whatever stands on it.
    named = re.compile(re.escape(f"{prefix}{name}-") + "[0-9]{1,9}")
    for branch in observation.branches:
        commit, is_free = branch.commit, not branch.used and branch.name not in used and named.fullmatch(branch.name)
        is_bare = branch.head == observation.head
        if is_free and (is_bare or (commit and (commit.changeset, commit.digest) == (name, wanted_digest))):
            return branch
    return None
