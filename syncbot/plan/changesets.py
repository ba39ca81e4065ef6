"""Changesets: which statuses go into which pull request, and what is to be done about each. Pure.

The rules are in docs/pull-requests.md: one open pull request for each repo and changeset, nothing written where
its content is as desired already, nothing forced, and no push that would undo what a person did.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from syncbot.model import (
    LOCK_PATH,
    Branch,
    CommitRules,
    FileId,
    Observation,
    PullRequest,
    PullRequestState,
    Source,
    changeset_of_branch,
    known_text,
)
from syncbot.plan.apart import Apart, MoveChanges
from syncbot.plan.claims import claim, duplicate, give_way, is_theirs
from syncbot.plan.lifecycle import Case, Decision, ReplaceWithNew, decide, proposed_by, refs
from syncbot.plan.lock import Lock, Stanza, format_lock, read_lock, slots_in
from syncbot.plan.obstacles import in_the_way
from syncbot.plan.points import Point
from syncbot.plan.postgres_major import MajorMove, major_move
from syncbot.plan.reasons import Quiet, Reason
from syncbot.plan.states import ADOPT, SYNC, TAKEOVER
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
from syncbot.plan.why import BranchBlocked, Declined, Downgrade, Files, StaysQuiet, Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the lock records of a delivery beside ids: the template, where it came from, and by which syncbot.

    `given` are the answers at a point that a file reads, by its path; `slots` the paths that have a header in a lock.
    """

    template: str
    source: Source
    tool: str | None = None
    slots: frozenset[str] = frozenset()
    given: Callable[[Point, str], Mapping[str, object]] = lambda point, path: point.answers

    def stanza(self, path: str, file: FileId, point: Point | None) -> Stanza:
        """The record of one file, rendered at that point; without one, of its id and config commit alone."""
        commit = self.source.commit
        if point is None:
            return Stanza(file=file, template=self.template, config=commit)
        return Stanza(
            file=file,
            template=self.template,
            config=commit,
            tree=point.tree,
            tool=self.tool,
            answers=self.given(point, path),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What the changesets of one repo have in common. `kinds` names those of files that no move carries."""

    apart: Apart
    observation: Observation
    lock: Lock
    delivery: Delivery
    today: date
    rules: CommitRules
    major: MajorMove | None
    kinds: _Kinds

    @property
    def statuses(self) -> tuple[FileStatus, ...]:
        return self.apart.statuses

    def changes(self, name: str) -> MoveChanges | None:
        """The moves of this name, if it is one of theirs."""
        return next((changes for changes in self.apart.moves if changes.name == name), None)

    def major_of(self, name: str) -> MajorMove | None:
        """The Postgres major that no move declares, where this is its changeset."""
        return self.major if self.major and self.major.changeset == name else None

    def candidates(self, name: str) -> tuple[FileStatus, ...]:
        if changes := self.changes(name):
            found = changes.statuses
        else:
            found = tuple(s for s in self.apart.rest if s.proposal and self.kinds.of(s, self.major) == name)
        if carried := self.apart.carried.get(name):
            found = (*(s for s in found if s.path != carried.status.path), carried.status)
        return tuple(sorted((s for s in found if s.proposal), key=lambda status: status.path))

    def wanted(self, name: str) -> tuple[FileStatus, ...]:
        """The candidates to propose now."""
        candidates, major, changes = self.candidates(name), self.major_of(name), self.changes(name)
        if changes and changes.withheld:
            return ()
        if changes and any(moved.spec.whole for moved in changes.moves):
            # Half of it would not work: a no to one file holds for all.
            return () if any(status.quiet for status in candidates) else candidates
        if major:
            return () if major.back else major.whole(candidates, self.statuses)
        return tuple(status for status in candidates if not status.quiet)

    def withheld(self, name: str) -> Why | None:
        """Why nothing is proposed under this name, though something is pending."""
        if changes := self.changes(name):
            return changes.withheld
        if major := self.major_of(name):
            return major.refusal if major.back else major.held_back(self.statuses)
        return None

    def lock_writes(
        self, name: str, wanted: Sequence[FileStatus], carried: Lock | None = None
    ) -> tuple[FileWrite, ...]:
        """The lock with what is `wanted`; `carried` are stanzas that the branch brings beside."""
        if in_the_way(LOCK_PATH, self.observation.files):
            # Delivered without a record, then: it would take away what stands there.
            return ()
        known = {**self.lock, **(carried or {})}
        new_lock = self._lock(name, wanted, known)
        if not new_lock or (self.changes(name) and (self._is_lock_old or new_lock == self.lock)):
            return ()
        return (FileWrite(path=LOCK_PATH, content=format_lock(new_lock, self.delivery.slots).encode()),)

    @property
    def _is_lock_old(self) -> bool:
        """Whether a path has no header in the lock: only `sync` makes it anew, so that no two insert in one gap."""
        entry = self.observation.files.get(LOCK_PATH)
        text = known_text(self.observation.blobs, entry.id) if entry else None
        return not slots_in((text or b"").decode("utf-8", "replace")) >= self.delivery.slots - self.lock.keys()

    def _lock(self, name: str, wanted: Sequence[FileStatus], lock: Lock) -> Lock:
        """The lock as it is once this changeset is merged; only stanzas of its own files change.

        A move alone is read from live and not recorded. `sync` and first contact also record files that are in sync by
        other hands: that alone never opens a pull request.
        """
        changes = self.changes(name)
        recorded = dict(changes.recorded if changes else self.apart.recorded)
        if carried := self.apart.carried.get(name):
            recorded[carried.status.path] = carried.point
        for_all = name == SYNC or (name == ADOPT and not self.apart.is_adopted)
        in_sync = (s for s in self.statuses if for_all and s.treatment.as_desired and not self._is_proved(s))
        updated = dict(lock)
        for status in (*in_sync, *wanted):
            if changes and status.path not in recorded:
                continue
            if status.desired is None:
                updated.pop(status.path, None)
            elif status.path not in lock or lock[status.path].file != status.desired:
                updated[status.path] = self.delivery.stanza(status.path, status.desired, recorded.get(status.path))
        return updated

    def _is_proved(self, status: FileStatus) -> bool:
        return status.path in self.apart.proved and status.path in self.lock


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kinds:
    """Which changeset a file goes into that no move carries, by whether the repo is adopted."""

    is_adopted: bool
    takeover: str

    def of(self, status: FileStatus, major: MajorMove | None) -> str | None:
        """The name, None where the state proposes nothing."""
        if major and status.path in major.paths and (self.is_adopted or major.back):
            return major.changeset
        proposing = status.treatment.proposing
        if proposing is None:
            return None
        if not self.is_adopted:
            return ADOPT
        return self.takeover if proposing.changeset == TAKEOVER else proposing.changeset


def _kinds(apart: Apart, observation: Observation) -> _Kinds:
    open_names = {pull.changeset for pull in observation.pull_requests if pull.state is PullRequestState.OPEN}
    # One of an older syncbot goes on as it was named.
    return _Kinds(is_adopted=apart.is_adopted, takeover=ADOPT if ADOPT in open_names else TAKEOVER)


def changeset_of(apart: Apart, observation: Observation) -> Callable[[FileStatus], str | None]:
    """Which changeset carries a file of `apart.rest`; None where none does, or all of a major goes or none."""
    kinds, major = _kinds(apart, observation), major_move(apart.rest)

    def name_of(status: FileStatus) -> str | None:
        name = kinds.of(status, major)
        return None if major and name == major.changeset else name

    return name_of


def plan_changesets(
    apart: Apart, observation: Observation, lock: Lock, delivery: Delivery, today: date, rules: CommitRules
) -> tuple[Changeset, ...]:
    """One changeset for each that has files to propose, files kept quiet, or an open pull request.

    New branches begin with the prefix of `rules`; an open pull request goes on under the branch that it has.
    """
    major = major_move(apart.rest)
    kinds = _kinds(apart, observation)
    facts = _Facts(
        apart=apart,
        observation=observation,
        lock=lock,
        delivery=delivery,
        today=today,
        rules=rules,
        major=major,
        kinds=kinds,
    )
    names = {SYNC, ADOPT, TAKEOVER} | {changes.name for changes in facts.apart.moves}
    names |= {major.changeset} if major else set()
    opened: dict[str, list[PullRequest]] = {}
    for pull_request in observation.pull_requests:
        if pull_request.state is PullRequestState.OPEN:
            opened.setdefault(_goes_on_as(pull_request.changeset, names), []).append(pull_request)
    planned: list[Changeset] = []
    for name in sorted(names | opened.keys()):
        planned += _plan(name, sorted(opened.get(name, ()), key=claim), facts)
    return tuple(planned)


_OLD_MAJOR = re.compile(r"postgres-\d+")


def _goes_on_as(name: str, names: Collection[str]) -> str:
    """Under which name an open pull request goes on: moves join and part, and a major was once named by its target."""
    if name in names:
        return name
    parts = set(("postgres" if _OLD_MAJOR.fullmatch(name) else name).split("+"))
    return next((other for other in sorted(names) if parts & set(other.split("+"))), name)


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
    wanted, changes = facts.wanted(name), facts.changes(name)
    moves = changes.moves if changes else ()
    if wanted:
        return replace(_open(name, wanted, facts, facts.lock_writes(name, wanted)), moves=moves)
    why = facts.withheld(name)
    fresh = _leave(name, candidates, facts, why) if why else _stay_quiet(name, candidates, facts)
    return replace(fresh, moves=moves)


def _with_open(name: str, opened: PullRequest, facts: _Facts) -> Changeset:
    wanted, withheld = facts.wanted(name), facts.withheld(name)
    case = Case(
        name=name,
        wanted=wanted,
        statuses=facts.statuses,
        opened=opened,
        observation=facts.observation,
        lock_writes=facts.lock_writes(name, wanted),
        earlier=facts.apart.earlier,
        today=facts.today,
        rules=facts.rules,
        is_pending=bool(facts.candidates(name)),
        held_back=withheld if not isinstance(withheld, Downgrade) else None,
        refused=withheld if isinstance(withheld, Downgrade) else None,
    )
    changes = facts.changes(name)
    return replace(_go_on(name, case, facts), moves=changes.moves if changes else ())


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
        why=Files(reason=_reason_to_open(name, facts), files=refs(wanted)),
        files=wanted,
        proposed=proposed,
    )


_ToOpen = Literal[Reason.UNMANAGED, Reason.POSTGRES_MAJOR, Reason.MOVE, Reason.DRIFT]


def _reason_to_open(name: str, facts: _Facts) -> _ToOpen:
    if changes := facts.changes(name):
        return Reason.POSTGRES_MAJOR if any(moved.spec.whole for moved in changes.moves) else Reason.MOVE
    if facts.major_of(name):
        return Reason.POSTGRES_MAJOR
    return Reason.UNMANAGED if name in (ADOPT, TAKEOVER) else Reason.DRIFT


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
