"""An open pull request with all that bears on it, and what is decided about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from syncbot.model.blobs import text_of
from syncbot.model.files import LOCK_PATH, FileId
from syncbot.model.fleet import CommitRules
from syncbot.model.observation import Observation
from syncbot.model.pull_request import PullRequest
from syncbot.plan.actions import Action, ClosePullRequest, FileWrite, NoOp
from syncbot.plan.file_status import FileStatus
from syncbot.plan.files.blockers import entry_in_the_way
from syncbot.plan.files.compare import EarlierRenderings
from syncbot.plan.files.lock import read_lock
from syncbot.plan.pulls.branch_content import not_brought
from syncbot.plan.why import FileRef, Why


@dataclass(frozen=True, kw_only=True)
class Case:
    """An open pull request and all that bears on it; `wanted` is what it should propose now.

    `is_pending`: something would be proposed under its name, if people had not answered. `withheld` is why it should
    not, for now or at all. `duplicate_of` is the one of the same changeset that is gone on with in its place;
    `left_fleet`: nothing but the pull request was read.
    """

    name: str
    wanted: tuple[FileStatus, ...]
    statuses: Sequence[FileStatus]
    opened: PullRequest
    observation: Observation
    lock_writes: tuple[FileWrite, ...]
    earlier: EarlierRenderings
    today: date
    rules: CommitRules
    is_pending: bool = True
    withheld: Why | None = None
    duplicate_of: PullRequest | None = None
    left_fleet: bool = False

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Paths that a merge would not bring as desired or, where the bot worked alone, not record as they should be.

        A move records nothing of the files that it alone alters: what the lock should hold is what would be written.
        """
        opened, observation = self.opened, self.observation
        missing = not_brought(self.wanted, opened, observation, self.earlier)
        if opened.people_committed or not self.lock_writes or LOCK_PATH not in opened.files:
            return missing
        recorded = _recorded(text_of(observation.blobs, opened.files[LOCK_PATH]))
        should_be = _recorded(self.lock_writes[0].content)
        return tuple(s.path for s in self.wanted if s.path in missing or recorded.get(s.path) != should_be.get(s.path))

    @property
    def is_unchanged(self) -> bool:
        """Whether it offers just what is wanted now; what the commits of the bot alone say is no evidence."""
        offers_it = self.opened.offered == proposed_by(self.wanted)
        return offers_it and (self.opened.people_committed or not self.missing)

    @property
    def lock_on_branch(self) -> tuple[FileWrite, ...]:
        """The lock as the branch gets it: not over a submodule or a symlink that somebody put there."""
        return () if entry_in_the_way(LOCK_PATH, self.opened.files) else self.lock_writes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacePullRequest:
    """Close it and open a new one from scratch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An action, and why."""

    action: Action | ReplacePullRequest
    why: Why


def proposed_by(wanted: Sequence[FileStatus]) -> Mapping[str, FileId | None]:
    """The desired content of a changeset, by path."""
    return {status.path: status.desired for status in wanted}


def refs(statuses: Sequence[FileStatus]) -> tuple[FileRef, ...]:
    """The files as a reason names them."""
    return tuple(status.ref for status in statuses)


def _recorded(lock: bytes | None) -> Mapping[str, FileId]:
    return {path: stanza.file for path, stanza in read_lock(lock).items()}


def close(case: Case, why: Why) -> Decision:
    """Close it."""
    return Decision(action=ClosePullRequest(number=case.opened.number), why=why)


def leave(why: Why) -> Decision:
    """Write nothing."""
    return Decision(action=NoOp(), why=why)
