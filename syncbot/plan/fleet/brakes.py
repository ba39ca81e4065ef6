"""Brakes: what a run may not do unless a person says so, over the plans of the whole fleet. Pure.

They look at what would really be opened or updated in this run, so that a few canaries (`--max-prs`) pass, and a change
that one repo has merged counts as known from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import ClassVar, assert_never

from syncbot.formats.codeowners import read_codeowners
from syncbot.formats.used_versions import Version, used_versions
from syncbot.model.fleet import Merged, Source
from syncbot.model.pull_request import PullRequest
from syncbot.plan.actions import ClosePullRequest, Writing
from syncbot.plan.file_status import FileStatus
from syncbot.plan.repo_plan import RepoPlan
from syncbot.plan.states import Novelty
from syncbot.tables import total

SMALL_FLEET = 20
"""A smaller fleet has its share counted as if it had this many repos: a share of few says nothing, a number does."""

MAX_REPOS = ((8, 1), (12, 2))
MAX_REPOS_ELSE = 3
"""Repos in which one run may remove an owned file, and whose pull requests it may close because they left the config:
the number beside the first fleet size that the fleet is below, or else the last."""


LANDED = total(
    Merged,
    {
        Merged.YES: True,
        Merged.NO_REMOTE: True,
        Merged.NO: False,
        Merged.NOT_FETCHED: False,
        Merged.UNKNOWN: False,
    },
)
"""Whether a commit may be published from."""


class Kind(StrEnum):
    """What `--allow` takes to go on all the same."""

    UNCOMMITTED = "uncommitted"
    UNKNOWN_VERSION = "unknown-version"
    FLEET_SHARE = "fleet-share"
    DELETIONS = "deletions"
    CODEOWNERS = "codeowners"
    CLOSINGS = "closings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncommitted:
    """What would be published is not what the commit holds; there may be no commit at all."""

    source: Source
    kind: ClassVar[Kind] = Kind.UNCOMMITTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerged:
    """The commit is not known to be on the remote's default branch."""

    source: Source
    kind: ClassVar[Kind] = Kind.UNCOMMITTED


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownVersion:
    """A version that nobody should move to, `wrong` as it is, would be new to these repos."""

    wrong: str
    repos: tuple[str, ...]
    kind: ClassVar[Kind] = Kind.UNKNOWN_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetShare:
    """A change that no repo merged yet would reach more repos than `allowed`, by `limit`, a share of the fleet.

    `is_shallow`: the history was cut off, so that what was merged may not be known.
    """

    touched: int
    fleet: int
    limit: float
    allowed: int
    is_shallow: bool
    kind: ClassVar[Kind] = Kind.FLEET_SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletions:
    """Owned files would be removed in these repos, more than `allowed`."""

    repos: tuple[str, ...]
    allowed: int
    kind: ClassVar[Kind] = Kind.DELETIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class LostOwnership:
    """A pattern of CODEOWNERS would lose an owner."""

    repo: str
    pattern: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostOwnerships:
    """Ownership would be taken away; one example a file."""

    lost: tuple[LostOwnership, ...]
    kind: ClassVar[Kind] = Kind.CODEOWNERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Closings:
    """The pull requests of these repos, which are not in the config, would be closed: more than `allowed`."""

    repos: tuple[str, ...]
    allowed: int
    kind: ClassVar[Kind] = Kind.CLOSINGS


Brake = Uncommitted | Unmerged | UnknownVersion | FleetShare | Deletions | LostOwnerships | Closings
"""Why the run stops, with the numbers."""


VersionJudge = Callable[[str, str, str], str]
"""Why a repo, by its name in the config, is not to get a version of a product; empty where nothing is against it."""


def brakes(
    plans: Sequence[RepoPlan],
    commits: Sequence[str],
    fleet_size: int,
    max_fleet_share: float,
    *,
    source: Source,
    judge: VersionJudge,
    is_shallow: bool = False,
) -> tuple[Brake, ...]:
    """Every brake that this run runs into. `commits` are the config commits, newest first, `source` the one in use.

    `is_shallow` says that there are older ones, which this checkout lacks.
    """
    few = _few(fleet_size)
    found = (
        _uncommitted(source),
        _unmerged(source),
        *_versions(plans, judge),
        _fleet_share(plans, commits, fleet_size, max_fleet_share, is_shallow),
        _deletions(plans, few),
        _codeowners(plans),
        _closings(plans, few),
    )
    return tuple(brake for brake in found if brake)


def _few(fleet_size: int) -> int:
    return next((most for size, most in MAX_REPOS if fleet_size < size), MAX_REPOS_ELSE)


def _uncommitted(source: Source) -> Brake | None:
    if source.commit and not source.differing:
        return None
    return Uncommitted(source=source)


def _unmerged(source: Source) -> Brake | None:
    if source.commit is None or LANDED[source.merged]:
        return None
    return Unmerged(source=source)


def _versions(plans: Iterable[RepoPlan], judge: VersionJudge) -> tuple[Brake, ...]:
    """A brake for each thing that is wrong. What the repo has already may stay, and what it had may be restored."""
    found: dict[str, dict[str, None]] = {}
    for plan in plans:
        here = _versions_in((file.path, file.proposal.before) for file in plan.files if file.proposal)
        new = _versions_in(
            (file.path, file.proposal.content)
            for file in _proposed(plan)
            if file.proposal and file.treatment.proposing and file.treatment.proposing.novelty is not Novelty.RESTORE
        )
        for product, version in sorted(new - here):
            if wrong := judge(plan.listed_as, product, version):
                found.setdefault(wrong, {})[plan.repo] = None
    return tuple(UnknownVersion(wrong=wrong, repos=tuple(repos)) for wrong, repos in sorted(found.items()))


def _versions_in(files: Iterable[tuple[str, bytes | None]]) -> frozenset[Version]:
    return frozenset(chain.from_iterable(used_versions(path, content) for path, content in files if content))


def _fleet_share(
    plans: Sequence[RepoPlan], commits: Sequence[str], fleet_size: int, limit: float, is_shallow: bool
) -> Brake | None:
    age = {commit: number for number, commit in enumerate(commits)}
    proven = _newest_proven(plans, age)
    touched = sum(any(_is_new(file, proven, age) for file in _proposed(plan)) for plan in plans)
    counted = max(fleet_size, SMALL_FLEET)
    if touched / counted <= limit:
        return None
    return FleetShare(
        touched=touched, fleet=fleet_size, limit=limit, allowed=int(limit * counted), is_shallow=is_shallow
    )


def _newest_proven(plans: Sequence[RepoPlan], age: Mapping[str, int]) -> Mapping[str, int]:
    """For each path the newest config commit whose delivery was merged somewhere and is what is desired there now."""
    newest: dict[str, int] = {}
    for plan in plans:
        for file in plan.files:
            merged = file.treatment.as_desired and file.delivered == file.desired
            if merged and file.config and file.config in age:
                newest[file.path] = min(age[file.config], newest.get(file.path, len(age)))
    return newest


def _is_new(file: FileStatus, proven: Mapping[str, int], age: Mapping[str, int]) -> bool:
    """Whether nobody has merged this change: a later delivery than this repo's, of what is desired, is the proof."""
    proposing = file.treatment.proposing
    if proposing is None:
        return False
    match proposing.novelty:
        case Novelty.RESTORE:
            return False
        case Novelty.FIRST:
            return file.path not in proven
        case Novelty.CHANGE:
            return file.path not in proven or proven[file.path] >= age.get(file.config or "", len(age))
    assert_never(proposing.novelty)


def _deletions(plans: Iterable[RepoPlan], few: int) -> Brake | None:
    repos = [
        plan.repo for plan in plans if any(file.proposal and file.proposal.content is None for file in _proposed(plan))
    ]
    return Deletions(repos=tuple(repos), allowed=few) if len(repos) > few else None


def _closings(plans: Iterable[RepoPlan], few: int) -> Brake | None:
    """A config cut short looks like a fleet that left."""
    repos = [
        plan.repo
        for plan in plans
        if not plan.listed_as and any(isinstance(c.action, ClosePullRequest) for c in plan.changesets)
    ]
    return Closings(repos=tuple(repos), allowed=few) if len(repos) > few else None


def _codeowners(plans: Iterable[RepoPlan]) -> Brake | None:
    shrunk: list[LostOwnership] = []
    for plan in plans:
        # Who owned a file that goes along, that is not there, or that is not read since another of its names came to be
        # there, is no question any more; `deletions` counts those that go.
        gone = {f"/{file.path}" for file in _proposed(plan) if file.proposal and file.proposal.content is None}
        gone |= {f"/{file.path}" for file in plan.files if file.live is None and not file.treatment.unknown}
        gone |= {f"/{path}" for path in plan.locations}
        for file in _proposed(plan):
            proposal = file.proposal
            is_read = file.path not in plan.locations
            if is_read and file.path.rpartition("/")[2] == "CODEOWNERS" and proposal and proposal.before is not None:
                # What one repo changed by itself is not taken away by a template or the config: it is restored.
                if file.treatment.proposing and file.treatment.proposing.novelty is Novelty.RESTORE:
                    continue
                now = read_codeowners(proposal.content or b"")
                lost = {
                    (pattern, owner)
                    for pattern, owner in read_codeowners(proposal.before).ownerships - now.ownerships
                    if pattern not in gone
                }
                shrunk += [LostOwnership(repo=plan.repo, pattern=p, owner=o) for p, o in sorted(lost)[:1]]
    return LostOwnerships(lost=tuple(shrunk)) if shrunk else None


def _proposed(plan: RepoPlan) -> tuple[FileStatus, ...]:
    """The files that this run would really write, but for what the open pull request proposes just so already."""
    return tuple(
        file
        for changeset in plan.changesets
        if isinstance(changeset.action, Writing)
        for file in changeset.written
        if not _is_proposed_already(file, changeset.pull_request)
    )


def _is_proposed_already(file: FileStatus, opened: PullRequest | None) -> bool:
    return opened is not None and file.path in opened.proposed and opened.proposed[file.path] == file.desired
