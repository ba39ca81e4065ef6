"""Brakes: what a run may not do unless a person says so, over the plans of the whole fleet. Pure.

They look at what would really be opened or updated in this run, so that a few canaries (`--max-prs`) pass, and a change
that one repo has merged counts as known from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from syncbot.formats.codeowners import read_codeowners
from syncbot.model import PullRequest
from syncbot.plan.states import Novelty
from syncbot.plan.values import ClosePullRequest, FileStatus, OpenPullRequest, RepoPlan, UpdatePullRequest

SMALL_FLEET = 20
"""Below this many repos a share says nothing."""

MAX_DELETIONS = 3
"""Repos in which one run may remove an owned file."""

Kind = Literal["fleet-share", "deletions", "codeowners", "closings"]
MAX_LEAVING = 3
"""Repos whose pull requests one run may close because they left the config."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """Why the run stops, with the numbers; `kind` is what `--allow` takes to go on all the same."""

    kind: Kind
    reason: str


def brakes(
    plans: Sequence[RepoPlan],
    commits: Sequence[str],
    fleet_size: int,
    max_fleet_share: float,
    *,
    is_shallow: bool = False,
) -> tuple[Brake, ...]:
    """Every brake that this run runs into. `commits` are the config commits, newest first.

    `is_shallow` says that there are older ones, which this checkout lacks.
    """
    found = (
        _fleet_share(plans, commits, fleet_size, max_fleet_share, is_shallow),
        _deletions(plans),
        _codeowners(plans),
        _closings(plans),
    )
    return tuple(brake for brake in found if brake)


def _fleet_share(
    plans: Sequence[RepoPlan], commits: Sequence[str], fleet_size: int, limit: float, is_shallow: bool
) -> Brake | None:
    if fleet_size < SMALL_FLEET:
        return None
    age = {commit: number for number, commit in enumerate(commits)}
    proven = _newest_proven(plans, age)
    touched = [plan.repo for plan in plans if any(_is_new(file, proven, age) for file in _proposed(plan))]
    share = len(touched) / fleet_size
    if share <= limit:
        return None
    way_out = "try it on a few with --max-prs and merge one of those"
    if is_shallow:
        way_out = (
            "but the git history is cut off here, so that what was merged may not be known: check the platform repo "
            "out in full (actions/checkout: `fetch-depth: 0`)"
        )
    reason = (
        f"this would bring a change that no repo has merged yet to {len(touched)} of {fleet_size} repos "
        f"({share:.0%}; limits.max_fleet_share is {limit:.0%}): {way_out}"
    )
    return Brake(kind="fleet-share", reason=reason)


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


def _deletions(plans: Iterable[RepoPlan]) -> Brake | None:
    repos = [
        plan.repo for plan in plans if any(file.proposal and file.proposal.content is None for file in _proposed(plan))
    ]
    if len(repos) <= MAX_DELETIONS:
        return None
    reason = f"this would remove owned files in {len(repos)} repos (more than {MAX_DELETIONS}): {first_few(repos)}"
    return Brake(kind="deletions", reason=reason)


def _closings(plans: Iterable[RepoPlan]) -> Brake | None:
    """A config cut short looks like a fleet that left."""
    repos = [
        plan.repo
        for plan in plans
        if not plan.listed_as and any(isinstance(c.action, ClosePullRequest) for c in plan.changesets)
    ]
    if len(repos) <= MAX_LEAVING:
        return None
    reason = (
        f"this would close the pull requests of {len(repos)} repos that are not in the config (more than "
        f"{MAX_LEAVING}): {first_few(repos)}"
    )
    return Brake(kind="closings", reason=reason)


def _codeowners(plans: Iterable[RepoPlan]) -> Brake | None:
    shrunk = []
    for plan in plans:
        for file in _proposed(plan):
            proposal = file.proposal
            if file.path.rpartition("/")[2] == "CODEOWNERS" and proposal and proposal.before is not None:
                # What one repo changed by itself is not taken away by a template or the config: it is restored.
                if file.treatment.proposing and file.treatment.proposing.novelty is Novelty.RESTORE:
                    continue
                now = read_codeowners(proposal.content or b"")
                lost = read_codeowners(proposal.before).ownerships - now.ownerships
                shrunk += [f"{plan.repo} ({pattern} {owner})" for pattern, owner in sorted(lost)[:1]]
    if not shrunk:
        return None
    repos = "1 repo" if len(shrunk) == 1 else f"{len(shrunk)} repos"
    return Brake(kind="codeowners", reason=f"this would take ownership away in {repos}: {first_few(shrunk)}")


def _proposed(plan: RepoPlan) -> tuple[FileStatus, ...]:
    """The files that this run would really write, but for what the open pull request proposes just so already."""
    return tuple(
        file
        for changeset in plan.changesets
        if isinstance(changeset.action, OpenPullRequest | UpdatePullRequest)
        for file in changeset.files
        if not _is_proposed_already(file, changeset.pull_request)
    )


def _is_proposed_already(file: FileStatus, opened: PullRequest | None) -> bool:
    return opened is not None and file.path in opened.proposed and opened.proposed[file.path] == file.desired


def first_few(names: Sequence[str]) -> str:
    """At most five of the names, and how many more there are."""
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
