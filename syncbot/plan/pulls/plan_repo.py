"""The plan of one repo, from everything that was rendered and read: what goes into which changeset, then what to do.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from syncbot.model.fleet import Repo
from syncbot.model.observation import Observation
from syncbot.plan.file_status import Desired
from syncbot.plan.files.compare import EarlierRenderings
from syncbot.plan.files.lock import Lock
from syncbot.plan.pulls.base_merges import without_base_merges
from syncbot.plan.pulls.changesets import changeset_of, plan_changesets
from syncbot.plan.pulls.code_owners import with_code_owners
from syncbot.plan.pulls.facts import Delivery
from syncbot.plan.pulls.known import Known, Renderings
from syncbot.plan.pulls.needed import NeededFiles, with_needed
from syncbot.plan.pulls.partition import partition
from syncbot.plan.repo_plan import RepoPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoFacts:
    """Everything that the plan of one repo depends on.

    `differing` are those of `desired` that the survey did not find as they are wanted (`compare.differing`);
    `earlier` are renderings by earlier config commits, `locations` as in `RepoPlan`; `unclaimed`
    are the owned paths that CODEOWNERS does not claim, None where the template does not ask. `renderings` say how it is
    rendered at other points, where the template declares moves.
    """

    repo: Repo
    desired: Sequence[Desired]
    differing: tuple[Desired, ...]
    observation: Observation
    lock: Lock
    locations: Mapping[str, str] = field(default_factory=dict)
    unclaimed: tuple[str, ...] | None = None
    earlier: EarlierRenderings = field(default_factory=dict)
    renderings: Renderings | None = None


def _with_texts_as_wanted(facts: RepoFacts) -> Observation:
    """The texts of files that are as wanted are known without a read; with other moves than all, they may differ."""
    if not facts.differing:
        return facts.observation
    wanted = {each.file_id.id: each.part for each in facts.desired if each.file_id and each.part is not None}
    whole = {entry.id for entry in facts.observation.files.values() if entry} & wanted.keys()
    return replace(facts.observation, blobs={**{oid: wanted[oid] for oid in whole}, **facts.observation.blobs})


def plan_repo(facts: RepoFacts, *, identities: frozenset[str], delivery: Delivery, today: date) -> RepoPlan:
    """The state of each owned file and what to do about it."""
    seen = without_base_merges(_with_texts_as_wanted(facts))
    known = Known(
        repo=facts.repo,
        desired=tuple(facts.desired),
        differing=facts.differing,
        observation=seen,
        lock=facts.lock,
        earlier=facts.earlier,
        identities=identities,
        today=today,
    )
    separated = partition(known, facts.renderings)
    needed = NeededFiles(needs={wanted.path: wanted.needs for wanted in facts.desired}, live=seen.files)
    separated = with_needed(separated, needed, changeset_of(separated, seen))
    if facts.unclaimed is not None:
        separated = with_code_owners(separated, known, facts.renderings, changeset_of(separated, seen))
    changesets = plan_changesets(separated, seen, facts.lock, delivery, today, facts.repo.commits)
    return RepoPlan(
        repo=seen.name,
        listed_as=facts.repo.name,
        files=separated.statuses,
        changesets=changesets,
        base_checks=seen.checks,
        may_write=seen.may_write,
        locations=facts.locations,
        recorded=frozenset(facts.lock),
        tree=seen.tree,
        delivered=separated.delivered,
    )
