"""Facts: what the changesets of one repo have in common, and what each would write. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from syncbot.model.blobs import known_text
from syncbot.model.files import LOCK_PATH, FileId
from syncbot.model.fleet import CommitRules, Source
from syncbot.model.observation import Observation
from syncbot.plan.actions import FileWrite
from syncbot.plan.file_status import FileStatus
from syncbot.plan.files.blockers import entry_in_the_way
from syncbot.plan.files.lock import Lock, Stanza, format_lock, slots_in
from syncbot.plan.files.points import Point
from syncbot.plan.files.postgres_major import MajorMove
from syncbot.plan.pulls.partition import MoveChanges, Partition
from syncbot.plan.states import ADOPT, SYNC, TAKEOVER
from syncbot.plan.why import Why


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
class ChangesetFacts:
    """What the changesets of one repo have in common. `kinds` names those of files that no move carries."""

    partition: Partition
    observation: Observation
    lock: Lock
    delivery: Delivery
    today: date
    rules: CommitRules
    major: MajorMove | None
    kinds: Kinds

    @property
    def statuses(self) -> tuple[FileStatus, ...]:
        return self.partition.statuses

    def changes(self, name: str) -> MoveChanges | None:
        """The moves of this name, if it is one of theirs."""
        return next((changes for changes in self.partition.moves if changes.name == name), None)

    def major_of(self, name: str) -> MajorMove | None:
        """The Postgres major that no move declares, where this is its changeset."""
        return self.major if self.major and self.major.changeset == name else None

    def candidates(self, name: str) -> tuple[FileStatus, ...]:
        if changes := self.changes(name):
            found = changes.statuses
        else:
            found = tuple(s for s in self.partition.rest if s.proposal and self.kinds.of(s, self.major) == name)
        if carried := self.partition.carried.get(name):
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
        if entry_in_the_way(LOCK_PATH, self.observation.files):
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
        recorded = dict(changes.recorded if changes else self.partition.recorded)
        if carried := self.partition.carried.get(name):
            recorded[carried.status.path] = carried.point
        for_all = name == SYNC or (name == ADOPT and not self.partition.is_adopted)
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
        return status.path in self.partition.proved and status.path in self.lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
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
