"""Changesets: which statuses go into which pull request, and what is to be done about each. Pure.

The rules are DESIGN.md decisions 5 to 7: one open pull request for each repo and changeset, nothing written where
its content is as desired already, nothing forced, and no push that would undo what a person did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from syncbot.model import BRANCH_PREFIX, LOCK_PATH, Branch, Observation, PullRequest, Source
from syncbot.plan.compare import EarlierRenderings
from syncbot.plan.lifecycle import Case, Decision, ReplaceWithNew, decide, proposed_by, states_in_words
from syncbot.plan.lock import Lock, Stanza, format_lock
from syncbot.plan.obstacles import in_the_way
from syncbot.plan.postgres_major import PREFIX as POSTGRES
from syncbot.plan.postgres_major import MajorMove, major_move
from syncbot.plan.trailers import digest
from syncbot.plan.values import (
    Changeset,
    ClosePullRequest,
    FileState,
    FileStatus,
    FileWrite,
    LeaveAlone,
    OpenPullRequest,
    Quiet,
)

SYNC, ADOPT = "sync", "adopt"

_QUIET_REASONS = {
    Quiet.DECLINED: "a person closed its pull request; quiet until the desired content changes",
    Quiet.REVERTED: "merged before, then reverted by a person",
    Quiet.KEPT_EDIT: "edited on the bot's own pull request and merged like that",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the lock records of a delivery beside ids: the template and where it came from."""

    template: str
    source: Source


def plan_changesets(
    statuses: Sequence[FileStatus],
    observation: Observation,
    lock: Lock,
    delivery: Delivery,
    earlier: EarlierRenderings,
    today: date,
) -> tuple[Changeset, ...]:
    """One changeset for each that has files to propose, files kept quiet, or an open pull request."""
    opened: dict[str, list[PullRequest]] = {}
    for pull_request in observation.pull_requests:
        if pull_request.state == "OPEN":
            opened.setdefault(pull_request.changeset, []).append(pull_request)
    planned: list[Changeset | None] = []
    move = major_move(statuses)
    for name in sorted({SYNC, ADOPT} | opened.keys() | ({move.changeset} if move else set())):
        claims = sorted(opened.get(name, ()), key=_claim)
        first = claims[0] if claims else None
        planned.append(_plan(name, statuses, first, observation, lock, delivery, earlier, today, move))
        planned += [_duplicate(name, other, claims[0]) for other in claims[1:]]
    return tuple(changeset for changeset in planned if changeset)


def changeset_of(status: FileStatus, move: MajorMove | None = None) -> str:
    """The changeset that a file in this state goes into: another Postgres major has its own."""
    if move and status.path in move.paths:
        return move.changeset
    return ADOPT if status.state is FileState.UNMANAGED else SYNC


def changeset_lock(
    name: str, wanted: Sequence[FileStatus], statuses: Sequence[FileStatus], lock: Lock, delivery: Delivery
) -> Lock:
    """The lock as it is once this changeset is merged; only stanzas of its own files change.

    `sync` also records files that came into sync by other hands: that alone never opens a pull request.
    """
    in_sync = (status for status in statuses if name == SYNC and status.state is FileState.IN_SYNC)
    updated = dict(lock)
    for status in (*in_sync, *wanted):
        if status.desired is None:
            updated.pop(status.path, None)
        elif status.path not in lock or lock[status.path].file != status.desired:
            updated[status.path] = Stanza(
                file=status.desired, template=delivery.template, config=delivery.source.commit
            )
    return updated


def _plan(
    name: str,
    statuses: Sequence[FileStatus],
    opened: PullRequest | None,
    observation: Observation,
    lock: Lock,
    delivery: Delivery,
    earlier: EarlierRenderings,
    today: date,
    move: MajorMove | None,
) -> Changeset | None:
    candidates = tuple(s for s in statuses if s.proposal and changeset_of(s, move) == name)
    if not candidates and not opened:
        return None
    wanted = tuple(status for status in candidates if not status.quiet)
    if move and move.changeset == name:
        if move.back:
            return _refuse(move, candidates, opened, observation)
        wanted = move.whole(candidates)
    new_lock = changeset_lock(name, wanted, statuses, lock, delivery)
    lock_writes: tuple[FileWrite, ...] = (FileWrite(path=LOCK_PATH, content=format_lock(new_lock).encode()),)
    if in_the_way(LOCK_PATH, observation):
        # Delivered without a record, then: it would take away what stands there.
        lock_writes = ()
    if opened:
        case = Case(
            wanted=wanted,
            statuses=statuses,
            opened=opened,
            observation=observation,
            lock_writes=lock_writes,
            earlier=earlier,
            today=today,
        )
        return _go_on(name, case)
    if wanted:
        return _open(name, wanted, observation, lock_writes)
    return _stay_quiet(name, candidates, observation)


def _refuse(
    move: MajorMove, candidates: tuple[FileStatus, ...], opened: PullRequest | None, observation: Observation
) -> Changeset:
    """No way back to a lower Postgres major. What people committed to is theirs to close."""
    close = opened and not opened.people_committed
    return Changeset(
        name=move.changeset,
        branch=opened.branch if opened else next_branch(move.changeset, observation),
        action=ClosePullRequest(number=opened.number) if opened and close else LeaveAlone(),
        reason_code="postgres-downgrade",
        reason=move.refusal,
        pull_request=opened,
        files=candidates,
        proposed={},
    )


def _claim(opened: PullRequest) -> tuple[bool, bool, int]:
    """Which of two open ones is gone on with: the one that people reopened or worked on, else the oldest."""
    return not opened.reopened, not opened.people_committed, opened.number


def _duplicate(name: str, opened: PullRequest, first: PullRequest) -> Changeset:
    """A second open one: somebody reopened the first when this was there already. People's work is theirs to close."""
    theirs = opened.reopened or opened.people_committed
    return Changeset(
        name=name,
        branch=opened.branch,
        action=LeaveAlone() if theirs else ClosePullRequest(number=opened.number),
        reason_code="duplicate",
        reason=f"#{first.number} is open for the same files" + (", and people worked on this one" if theirs else ""),
        pull_request=opened,
        proposed={},
    )


def _go_on(name: str, case: Case) -> Changeset:
    decision = decide(case)
    if isinstance(decision.action, ReplaceWithNew):
        return _replace(_open(name, case.wanted, case.observation, case.lock_writes), case.opened, decision)
    return Changeset(
        name=name,
        branch=case.opened.branch,
        action=decision.action,
        reason_code=decision.code,
        reason=decision.reason,
        pull_request=case.opened,
        files=case.wanted,
        proposed=proposed_by(case.wanted),
    )


def _replace(fresh: Changeset, opened: PullRequest, decision: Decision) -> Changeset:
    if not isinstance(fresh.action, OpenPullRequest):
        return fresh
    action = replace(fresh.action, replaces=opened.number)
    return replace(fresh, action=action, reason_code=decision.code, reason=decision.reason, pull_request=opened)


def _open(
    name: str, wanted: tuple[FileStatus, ...], observation: Observation, lock_writes: tuple[FileWrite, ...]
) -> Changeset:
    proposed = proposed_by(wanted)
    left_over = _left_over_branch(name, digest(proposed), observation)
    if observation.prefix_taken:
        return Changeset(
            name=name,
            branch=next_branch(name, observation),
            action=LeaveAlone(),
            reason_code="branch-blocked",
            reason="a branch named `syncbot` stands in the way of `syncbot/…`: rename or delete it",
            files=wanted,
            proposed=proposed,
        )
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
        signed=observation.signatures_required,
    )
    return Changeset(
        name=name,
        branch=left_over.name if left_over else next_branch(name, observation),
        action=action,
        reason_code="unmanaged" if name == ADOPT else "postgres-major" if name.startswith(POSTGRES) else "drift",
        reason=states_in_words(wanted),
        files=wanted,
        proposed=proposed,
    )


def _quiet_reason(status: FileStatus) -> str:
    if status.declined:
        return f"@{status.declined.author} declined it until {status.declined.until}"
    return _QUIET_REASONS[status.quiet] if status.quiet else ""


def _stay_quiet(name: str, quiet: tuple[FileStatus, ...], observation: Observation) -> Changeset:
    reasons = {status.quiet: _quiet_reason(status) for status in quiet if status.quiet}
    return Changeset(
        name=name,
        branch=next_branch(name, observation),
        action=LeaveAlone(),
        reason_code=next(iter(reasons)).value,
        reason="; ".join(reasons.values()),
        files=quiet,
        proposed={},
    )


def next_branch(name: str, observation: Observation) -> str:
    """`syncbot/<changeset>-<n>`, n above every number used: a closed or merged branch is never used again."""
    taken = {branch.name for branch in observation.branches} | {p.branch for p in observation.pull_requests}
    numbers = (branch.removeprefix(f"{BRANCH_PREFIX}{name}-") for branch in taken)
    return f"{BRANCH_PREFIX}{name}-{1 + max((int(n) for n in numbers if n.isdecimal()), default=0)}"


def _left_over_branch(name: str, wanted_digest: str, observation: Observation) -> Branch | None:
    """A branch pushed by a run that died before it opened the pull request."""
    used = {pull_request.branch for pull_request in observation.pull_requests}
    for branch in observation.branches:
        commit, is_free = branch.commit, not branch.used and branch.name not in used
        if commit and is_free and (commit.changeset, commit.digest) == (name, wanted_digest):
            return branch
    return None
