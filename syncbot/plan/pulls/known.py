"""Known: what is known of one repo before its changes are taken apart, how it is rendered included. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from syncbot.formats.codeowners import LOCATIONS
from syncbot.model.fleet import Repo
from syncbot.model.observation import Observation
from syncbot.model.pull_request import PullRequest, PullRequestState
from syncbot.model.templates import MoveSpec
from syncbot.plan.file_status import Desired, FileStatus
from syncbot.plan.files.compare import EarlierRenderings, compare
from syncbot.plan.files.lock import Lock
from syncbot.plan.files.points import Point, Render
from syncbot.plan.pulls.suppression import suppress
from syncbot.plan.states import ADOPT, SYNC, FileState


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderings:
    """How this repo is rendered, now and as it was: see `points.Situation`.

    `recorded` are the points at which the lock's stanzas may have been rendered, by path.
    """

    moves: tuple[MoveSpec, ...]
    target: Point
    render: Render
    reads: Callable[[MoveSpec, bytes], str | None]
    recorded: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    known: tuple[Point, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the planner was told of one repo."""

    repo: Repo
    desired: tuple[Desired, ...]
    differing: tuple[Desired, ...]
    observation: Observation
    lock: Lock
    earlier: EarlierRenderings
    identities: frozenset[str]
    today: date

    def statuses(self, desired: Iterable[Desired], lock: Lock, earlier: EarlierRenderings) -> tuple[FileStatus, ...]:
        return compare(desired, self.repo, self.observation, lock, self.today, earlier)

    def quiet(self, statuses: Iterable[FileStatus]) -> tuple[FileStatus, ...]:
        return tuple(self._quiet(status) for status in statuses)

    def _quiet(self, status: FileStatus) -> FileStatus:
        """A no to what CODEOWNERS merely came along with, to claim it, is none to CODEOWNERS."""
        seen = self.observation
        if status.path in LOCATIONS and not is_teams(status):
            asked = tuple(pull for pull in seen.pull_requests if _answers_for_claims(pull))
            seen = replace(seen, pull_requests=asked)
        (answered,) = suppress((status,), seen, self.identities, self.today)
        return answered

    @property
    def is_adopted(self) -> bool:
        """Whether the lock records something, or a pull request of the bot was merged.

        A repo to which an older syncbot opened two pull requests at first contact counts, until they are answered.
        """
        pulls = self.observation.pull_requests
        is_asked_apart = any(pull.state is PullRequestState.OPEN and pull.changeset == SYNC for pull in pulls)
        return bool(self.lock) or is_asked_apart or any(pull.state is PullRequestState.MERGED for pull in pulls)


def _answers_for_claims(pull: PullRequest) -> bool:
    return pull.state is not PullRequestState.CLOSED or pull.changeset in (SYNC, ADOPT)


def is_teams(status: FileStatus) -> bool:
    """Whether it is the team's own: not one that was delivered."""
    return status.state is FileState.UNMANAGED
