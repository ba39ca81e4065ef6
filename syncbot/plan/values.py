"""What compare and plan say: states, proposals and actions, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from syncbot.formats.owner_changes import OwnerChanges
from syncbot.model import REGULAR, Checks, Failure, FileId, MoveSpec, Ownership, PullRequest, blob_id, event
from syncbot.plan.causes import Cause
from syncbot.plan.file_reasons import FileWhy
from syncbot.plan.reasons import Quiet, Reason
from syncbot.plan.states import FileState, Treatment, treatment
from syncbot.plan.why import FileRef, Why


class RepoState(StrEnum):
    """Whether every owned file of a repo is as desired or exempt."""

    IN_SYNC = "in-sync"
    DRIFTED = "drifted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclinedUntil:
    """A person's word on a pull request: not before the day after `until`."""

    author: str
    until: date
    reason: str
    pull_request: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What the template wants at `path` in one repo: the whole rendered file, and the part of it that is owned.

    `part` is None for a path that is to be removed. `listed_as` is the template's own path for a file that the repo
    keeps elsewhere, `locations` are all at which tools find it. `needs` are the repo's paths that it may refer to.
    """

    path: str
    ownership: Ownership
    content: bytes = b""
    part: bytes | None
    mode: str = REGULAR
    renamed_from: str | None = None
    listed_as: str | None = None
    locations: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def file_id(self) -> FileId | None:
        return None if self.part is None else FileId(id=blob_id(self.part), mode=self.mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One move in one repo: from which value to which. `follows`: it comes along with another by itself."""

    spec: MoveSpec
    before: object
    after: object
    follows: bool = False

    @property
    def event(self) -> str:
        """The part of the target that is the event for the service team."""
        return event(self.spec, str(self.after))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a changeset would write at a path: `content` (None removes it) in place of `before` (None: nothing).

    `loses` says that lines which the bot did not deliver would go; `merged` that they were merged in. `rendered` is the
    owned part as the template has it.
    """

    content: bytes | None
    rendered: bytes | None = None
    mode: str
    before: bytes | None
    loses: bool = False
    merged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStatus:
    """One owned file in one repo. Ids are of the owned part; `why` is there where the state says too little.

    `config` is the config commit of the delivery, by the lock; `causes` why what is desired is not what was delivered.
    """

    path: str
    ownership: Ownership
    state: FileState
    desired: FileId | None
    live: FileId | None
    delivered: FileId | None
    config: str | None = None
    why: FileWhy | None = None
    quiet: Quiet | None = None
    declined: DeclinedUntil | None = None
    proposal: Proposal | None = None
    causes: tuple[Cause, ...] = ()

    @property
    def treatment(self) -> Treatment:
        return treatment(self.state)

    @property
    def ref(self) -> FileRef:
        """The file as a reason names it."""
        return FileRef(path=self.path, state=self.state, why=self.why)


# ---------------------------------------------------------------- actions


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWrite:
    """One change of a tree; `content` None removes the path."""

    path: str
    content: bytes | None
    mode: str = REGULAR


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePick:
    """A path that takes a blob which the repo holds already."""

    path: str
    id: str
    mode: str


TreeChange = FileWrite | FilePick


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPullRequest:
    """Commit `writes` on `parent`, as a new branch, and propose it.

    `resume` is the head of a branch that an earlier run pushed before it died, as its commit claims: if it holds just
    this content, only the pull request is missing; if not, `otherwise` is the branch to make. Where it is `parent`, the
    commit is missing too. `replaces` is the number of the bot's own pull request that is closed first; `signed` that
    the base takes signed commits only.
    """

    base: str
    parent: str
    tree: str
    writes: tuple[FileWrite, ...]
    resume: str | None = None
    otherwise: str = ""
    replaces: int | None = None
    signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePullRequest:
    """Commit `writes` over `tree` with these parents: the branch's head, and the base's where it is merged in.

    `kept` are paths where a person's version stays.
    """

    number: int
    parents: tuple[str, ...]
    tree: str
    writes: tuple[TreeChange, ...]
    kept: tuple[str, ...] = ()
    signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePullRequest:
    """Close it, with a comment that says why."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPullRequest:
    """Give it the label that an earlier run could not: the bot finds its closed pull requests again by it."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetitlePullRequest:
    """Give it this title: the config asks for another prefix than when it was written."""

    number: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPeople:
    """Say once on the pull request that it conflicts with its base in `paths`, which are the team's to resolve;
    or, without paths, why it stays open though the bot has nothing to propose in it; or what became of a hold.

    `paths` tell one such word from another: of a hold they are its day, or the line that could not be followed.

    `loses`: they are owned, and what the base gained in them would go though people let it merge already.
    """

    number: int
    paths: tuple[str, ...]
    loses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveAlone:
    """Nothing is written; the changeset's reason says why."""


Writing = OpenPullRequest | UpdatePullRequest
"""What puts files on a branch."""

Action = Writing | ClosePullRequest | LabelPullRequest | RetitlePullRequest | TellPeople | LeaveAlone


@dataclass(frozen=True, slots=True, kw_only=True)
class Changeset:
    """The file changes that go into one pull request of one repo, and what is to be done about it.

    `moves` are what it is about, none for one that brings files in line. `files` are the statuses it carries;
    `proposed` are the renderings that its branch comes to hold, by path, and `kept` those that are desired as well,
    where a person's version stays. `owner_changes` is what merging it changes about the owners of the repo's paths;
    None where that was not asked, or could not be told.
    """

    name: str
    branch: str
    action: Action
    why: Why
    pull_request: PullRequest | None = None
    moves: tuple[Moved, ...] = ()
    files: tuple[FileStatus, ...] = ()
    proposed: Mapping[str, FileId | None]
    kept: Mapping[str, FileId | None] = field(default_factory=dict)
    owner_changes: OwnerChanges | None = None

    @property
    def written(self) -> tuple[FileStatus, ...]:
        """The files whose desired content its branch comes to hold."""
        return tuple(file for file in self.files if file.path not in self.kept)

    @property
    def reason_code(self) -> Reason:
        return self.why.reason

    @property
    def trailer_moves(self) -> Mapping[str, tuple[str, str]]:
        """Its moves as its commits name them: before and after, by answer."""
        return {moved.spec.answer: (str(moved.before), str(moved.after)) for moved in self.moves}


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoPlan:
    """One repo: the state of each owned file and what to do, or why nothing can be said of it.

    `repo` is its present name, `listed_as` the one in the config: they differ after a rename on GitHub.
    `base_checks` are those of the default branch's head; `may_write` whether the token may push. `locations` is where
    the repo keeps each file that tools find under other names, by each of those. `tree` is the default branch's.
    `delivered` are the owned parts as they were rendered for what has landed, by path, where that is known; `recorded`
    are the paths of which the lock says that they were delivered.
    """

    repo: str
    listed_as: str
    files: tuple[FileStatus, ...] = ()
    changesets: tuple[Changeset, ...] = ()
    failure: Failure | None = None
    base_checks: Checks | None = None
    may_write: bool = True
    locations: Mapping[str, str] = field(default_factory=dict)
    recorded: frozenset[str] = frozenset()
    tree: str = ""
    delivered: Mapping[str, bytes | None] = field(default_factory=dict)

    @property
    def state(self) -> RepoState:
        if self.failure:
            return RepoState.FAILED
        return RepoState.DRIFTED if any(file.treatment.drift for file in self.files) else RepoState.IN_SYNC
