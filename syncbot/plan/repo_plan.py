"""The plan of one repo, as data: the state of each file, and what is to be done in which changeset. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from syncbot.formats.owner_changes import OwnerChanges
from syncbot.model.files import FileId
from syncbot.model.observation import Failure
from syncbot.model.pull_request import Checks, PullRequest
from syncbot.model.templates import MoveSpec, event
from syncbot.plan.actions import Action
from syncbot.plan.file_status import FileStatus
from syncbot.plan.reasons import Reason
from syncbot.plan.why import Why


class RepoState(StrEnum):
    """Whether every owned file of a repo is as desired or exempt."""

    IN_SYNC = "in-sync"
    DRIFTED = "drifted"
    FAILED = "failed"


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
