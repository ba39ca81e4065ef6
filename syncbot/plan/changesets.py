"""Changesets: which statuses go into which pull request, and what is to be done about each. Pure.

The rules are in docs/pull-requests.md: one open pull request for each repo and changeset, nothing written where
its content is as desired already, nothing forced, and no push that would undo what a person did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from syncbot.model import (
    LOCK_PATH,
    Branch,
    CommitRules,
    Observation,
    PullRequest,
    PullRequestState,
    Source,
    changeset_of_branch,
    known_text,
)
from syncbot.plan.claims import claim, duplicate, give_way, is_theirs
from syncbot.plan.compare import EarlierRenderings
from syncbot.plan.lifecycle import Case, Decision, ReplaceWithNew, decide, proposed_by, refs
from syncbot.plan.lock import Lock, Stanza, format_lock, read_lock
from syncbot.plan.obstacles import in_the_way
from syncbot.plan.postgres_major import PREFIX as POSTGRES
from syncbot.plan.postgres_major import MajorMove, major_move
from syncbot.plan.reasons import Quiet, Reason
from syncbot.plan.states import ADOPT, SYNC
from syncbot.plan.trailers import digest
from syncbot.plan.values import (
    Action,
    Changeset,
    FileStatus,
    FileWrite,
    LeaveAlone,
    OpenPullRequest,
    UpdatePullRequest,
)
from syncbot.plan.why import BranchBlocked, Declined, Files, StaysQuiet, Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the lock records of a delivery beside ids: the template and where it came from."""

    template: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What the changesets of one repo have in common."""

    statuses: Sequence[FileStatus]
    observation: Observation
    lock: Lock
    delivery: Delivery
    earlier: EarlierRenderings
    today: date
    rules: CommitRules
    move: MajorMove | None

    def move_of(self, name: str) -> MajorMove | None:
        """The Postgres move, where this is its changeset."""
        return self.move if self.move and self.move.changeset == name else None

    def candidates(self, name: str) -> tuple[FileStatus, ...]:
        return tuple(s for s in self.statuses if s.proposal and changeset_of(s, self.move) == name)

    def wanted(self, name: str) -> tuple[FileStatus, ...]:
        """The candidates to propose now."""
        candidates, move = self.candidates(name), self.move_of(name)
        if move:
            return () if move.back else move.whole(candidates, self.statuses)
        return tuple(status for status in candidates if not status.quiet)

    def lock_writes(
        self, name: str, wanted: Sequence[FileStatus], carried: Lock | None = None
    ) -> tuple[FileWrite, ...]:
        """The lock with what is `wanted`; `carried` are stanzas that the branch brings beside."""
        if in_the_way(LOCK_PATH, self.observation):
            # Delivered without a record, then: it would take away what stands there.
            return ()
        known = {**self.lock, **(carried or {})}
        new_lock = changeset_lock(name, wanted, self.statuses, known, self.delivery)
        if not new_lock:
            return ()
        return (FileWrite(path=LOCK_PATH, content=format_lock(new_lock).encode()),)


def plan_changesets(
    statuses: Sequence[FileStatus],
    observation: Observation,
    lock: Lock,
    delivery: Delivery,
    earlier: EarlierRenderings,
    today: date,
    rules: CommitRules,
) -> tuple[Changeset, ...]:
    """One changeset for each that has files to propose, files kept quiet, or an open pull request.

    New branches begin with the prefix of `rules`; an open pull request goes on under the branch that it has.
    """
    opened: dict[str, list[PullRequest]] = {}
    for pull_request in observation.pull_requests:
        if pull_request.state is PullRequestState.OPEN:
            opened.setdefault(pull_request.changeset, []).append(pull_request)
    facts = _Facts(
        statuses=statuses,
        observation=observation,
        lock=lock,
        delivery=delivery,
        earlier=earlier,
        today=today,
        rules=rules,
        move=major_move(statuses),
    )
    moved = {facts.move.changeset} if facts.move else set()
    planned: list[Changeset] = []
    for name in sorted({SYNC, ADOPT} | opened.keys() | moved):
        planned += _plan(name, sorted(opened.get(name, ()), key=claim), facts)
    return tuple(planned)


def changeset_of(status: FileStatus, move: MajorMove | None = None) -> str | None:
    """The changeset that a file in this state goes into, if any: another Postgres major has its own."""
    if move and status.path in move.paths:
        return move.changeset
    proposing = status.treatment.proposing
    return proposing.changeset if proposing else None


def changeset_lock(
    name: str, wanted: Sequence[FileStatus], statuses: Sequence[FileStatus], lock: Lock, delivery: Delivery
) -> Lock:
    """The lock as it is once this changeset is merged; only stanzas of its own files change.

    `sync` also records files that came into sync by other hands: that alone never opens a pull request.
    """
    in_sync = (status for status in statuses if name == SYNC and status.treatment.as_desired)
    updated = dict(lock)
    for status in (*in_sync, *wanted):
        if status.desired is None:
            updated.pop(status.path, None)
        elif status.path not in lock or lock[status.path].file != status.desired:
            updated[status.path] = Stanza(
                file=status.desired, template=delivery.template, config=delivery.source.commit
            )
    return updated


def _plan(name: str, claims: Sequence[PullRequest], facts: _Facts) -> list[Changeset]:
    """What to do about one changeset: the first claim is gone on with, the others are duplicates of it."""
    if not claims:
        fresh = _without_open(name, facts)
        return [fresh] if fresh else []
    first, *others = claims
    planned = _with_open(name, first, facts)
    heir = next((other for other in others if is_theirs(other)), None)
    if heir and isinstance(planned.action, OpenPullRequest):
        # A new one would be the second open one beside what people worked on: that one goes on instead.
        return [give_way(planned, first, heir), *_plan(name, others, facts)]
    return [planned, *(duplicate(other, first, facts.today) for other in others)]


def _without_open(name: str, facts: _Facts) -> Changeset | None:
    candidates = facts.candidates(name)
    if not candidates:
        return None
    move = facts.move_of(name)
    if move and move.back:
        # No way back to a lower Postgres major.
        return _leave(name, candidates, facts, move.refusal)
    wanted = facts.wanted(name)
    if wanted:
        return _open(name, wanted, facts, facts.lock_writes(name, wanted))
    if move and (held_back := move.held_back(facts.statuses)):
        return _leave(name, candidates, facts, held_back)
    return _stay_quiet(name, candidates, facts)


def _with_open(name: str, opened: PullRequest, facts: _Facts) -> Changeset:
    move = facts.move_of(name)
    wanted = facts.wanted(name)
    case = Case(
        wanted=wanted,
        statuses=facts.statuses,
        opened=opened,
        observation=facts.observation,
        lock_writes=facts.lock_writes(name, wanted),
        earlier=facts.earlier,
        today=facts.today,
        rules=facts.rules,
        held_back=move.held_back(facts.statuses) if move else None,
        refused=move.refusal if move and move.back else None,
    )
    return _go_on(name, case, facts)


def _go_on(name: str, case: Case, facts: _Facts) -> Changeset:
    decision = decide(case)
    if isinstance(decision.action, ReplaceWithNew):
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


def _with_lock(action: Action, name: str, case: Case, facts: _Facts) -> Action:
    """The update with a lock that records what the branch comes to hold, and not what people's versions replace."""
    if not isinstance(action, UpdatePullRequest):
        return action
    written = tuple(status for status in case.wanted if status.path not in action.kept)
    others = tuple(write for write in action.writes if write.path != LOCK_PATH)
    lock = facts.lock_writes(name, written, _carried(case, action.kept)) if case.lock_writes else ()
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


def _open(name: str, wanted: tuple[FileStatus, ...], facts: _Facts, lock_writes: tuple[FileWrite, ...]) -> Changeset:
    observation, prefix = facts.observation, facts.rules.branch_prefix
    proposed = proposed_by(wanted)
    fresh = next_branch(name, observation, prefix)
    in_the_way = next((branch for branch in observation.in_the_way if prefix.startswith(f"{branch}/")), None)
    if in_the_way:
        return Changeset(
            name=name,
            branch=fresh,
            action=LeaveAlone(),
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
        why=Files(reason=_reason_to_open(name), files=refs(wanted)),
        files=wanted,
        proposed=proposed,
    )


def _reason_to_open(name: str) -> Literal[Reason.UNMANAGED, Reason.POSTGRES_MAJOR, Reason.DRIFT]:
    if name == ADOPT:
        return Reason.UNMANAGED
    return Reason.POSTGRES_MAJOR if name.startswith(POSTGRES) else Reason.DRIFT


def _stay_quiet(name: str, quiet: tuple[FileStatus, ...], facts: _Facts) -> Changeset:
    answers = {status.quiet: _answer(status, status.quiet) for status in quiet if status.quiet}
    return _leave(name, quiet, facts, StaysQuiet(answers=tuple(answers.values())))


def _answer(status: FileStatus, quiet: Quiet) -> Quiet | Declined:
    return Declined(author=status.declined.author, until=status.declined.until) if status.declined else quiet


def _leave(name: str, files: tuple[FileStatus, ...], facts: _Facts, why: Why) -> Changeset:
    return Changeset(
        name=name,
        branch=next_branch(name, facts.observation, facts.rules.branch_prefix),
        action=LeaveAlone(),
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
    for branch in observation.branches:
        commit, is_free = branch.commit, not branch.used and branch.name not in used and branch.name.startswith(prefix)
        is_bare = branch.head == observation.head and changeset_of_branch(branch.name) == name
        if is_free and (is_bare or (commit and (commit.changeset, commit.digest) == (name, wanted_digest))):
            return branch
    return None
