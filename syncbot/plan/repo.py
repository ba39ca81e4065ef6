"""The plan of one repo, from everything that was rendered and read. Pure: compare, history and changesets in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from syncbot.model import Observation, Repo
from syncbot.plan.base_merges import without_base_merges
from syncbot.plan.changesets import Delivery, plan_changesets
from syncbot.plan.compare import EarlierRenderings, compare
from syncbot.plan.history import quieten
from syncbot.plan.lock import Lock
from syncbot.plan.values import Desired, RepoPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoFacts:
    """Everything that the plan of one repo depends on.

    `differing` are those of `desired` that the survey did not find as they are wanted (`compare.differing`);
    `earlier` are renderings by earlier config commits, `locations` as in `RepoPlan`.
    """

    repo: Repo
    desired: Sequence[Desired]
    differing: tuple[Desired, ...]
    observation: Observation
    lock: Lock
    locations: Mapping[str, str] = field(default_factory=dict)
    earlier: EarlierRenderings = field(default_factory=dict)


def plan_repo(facts: RepoFacts, *, identities: frozenset[str], delivery: Delivery, today: date) -> RepoPlan:
    """The state of each owned file and what to do about it."""
    seen = without_base_merges(facts.observation)
    statuses = compare(facts.desired, facts.repo, seen, facts.lock, today, facts.earlier)
    statuses = quieten(statuses, seen, identities, today)
    changesets = plan_changesets(statuses, seen, facts.lock, delivery, facts.earlier, today, facts.repo.commits)
    return RepoPlan(
        repo=seen.name,
        listed_as=facts.repo.name,
        files=statuses,
        changesets=changesets,
        base_checks=seen.checks,
        may_write=seen.may_write,
        locations=facts.locations,
        tree=seen.tree,
    )
