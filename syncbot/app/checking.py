"""Checking: what a run would publish is looked at as `syncbot check` does, before it is planned to the end.

Each changeset is looked at as the repo would be rendered once it alone is merged. Only what this run would write is
rendered whole: a fleet in sync costs nothing, and equal files are looked at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from syncbot.app.containment import contained_each
from syncbot.app.postgres_fleet import settings_findings
from syncbot.app.workspace import Workspace
from syncbot.check.fleet import ContentFindings, check_rendering
from syncbot.check.types import Rendering
from syncbot.errors import RenderError
from syncbot.formats.diagnostics import Diagnostic
from syncbot.model.fleet import Repo
from syncbot.model.observation import Failure
from syncbot.plan.files.desired import with_locations
from syncbot.plan.fleet.opening_limits import within_limits
from syncbot.plan.pulls.checked import brought, checked, files_with, owned_with, published, values_with
from syncbot.plan.reasons import Limit
from syncbot.plan.repo_plan import Changeset, RepoPlan

Errors = Mapping[str, tuple[Diagnostic, ...]]
"""What holds changesets of one repo back, by their branch."""


class Checker:
    """Looks at what is proposed to one fleet on one day."""

    def __init__(self, workspace: Workspace, today: date) -> None:
        self._workspace, self._today = workspace, today
        self._repos = {repo.name: repo for repo in workspace.fleet.repos}
        self._by_content = ContentFindings()

    def within_limits(self, plans: Sequence[RepoPlan], left: Mapping[Limit, int]) -> tuple[RepoPlan, ...]:
        """The plans within the limits, without what may not be published: that takes nobody's place."""
        looked_at: set[tuple[str, str]] = set()
        while True:
            limited = within_limits(plans, left)
            new: dict[str, tuple[RepoPlan, tuple[Changeset, ...]]] = {}
            for whole, plan in zip(plans, limited, strict=True):
                fresh = tuple(each for each in published(plan) if (plan.listed_as, each.branch) not in looked_at)
                if fresh and plan.listed_as in self._repos:
                    new[plan.listed_as] = (whole, fresh)
            if not new:
                return limited
            looked_at |= {(name, changeset.branch) for name, (_, fresh) in new.items() for changeset in fresh}
            found = contained_each(list(new), partial(self._look, new))
            plans = tuple(_judged(plan, found[plan.listed_as]) if plan.listed_as in new else plan for plan in plans)

    def _look(
        self, proposed: Mapping[str, tuple[RepoPlan, tuple[Changeset, ...]]], names: Sequence[str]
    ) -> Mapping[str, Errors | Failure]:
        renderings = {
            (name, changeset.branch): (plan, changeset, self._rendering(plan, changeset))
            for name in names
            for plan, changesets in (proposed[name],)
            for changeset in changesets
        }
        # All at once: each linter is started once.
        self._by_content.of([rendered for _, _, rendered in renderings.values()])
        errors: dict[str, dict[str, tuple[Diagnostic, ...]]] = {name: {} for name in names}
        for (name, branch), (plan, changeset, rendered) in renderings.items():
            errors[name][branch] = self._brought(plan, changeset, rendered)
        return errors

    def _brought(self, plan: RepoPlan, changeset: Changeset, rendering: Rendering) -> tuple[Diagnostic, ...]:
        found = self._findings(rendering)
        if not any(each.is_error for each in found):
            return ()
        return brought(changeset, found, self._findings(self._rendering(plan, None)))

    def _findings(self, rendering: Rendering) -> tuple[Diagnostic, ...]:
        by_content = self._by_content.of((rendering,))
        return tuple(check_rendering(rendering, by_content, settings=settings_findings))

    def _rendering(self, plan: RepoPlan, changeset: Changeset | None) -> Rendering:
        """The repo as it is rendered once this changeset alone is merged, each file where the repo has it."""
        repo = self._repos[plan.listed_as]
        spec = self._workspace.templates.specs[repo.template]
        _, target = rendering_with(self._workspace, repo, self._today, plan, changeset)
        there, claimed = plan.locations, owned_with(plan, changeset)
        owned = tuple(replace(entry, path=there.get(entry.path, entry.path)) for entry in spec.owned)
        files = {there.get(path, path): file for path, file in target.files.items()}
        return replace(
            target,
            files=files_with(plan, changeset, files),
            owned=tuple(entry for entry in owned if entry.path in claimed),
        )


def rendering_with(
    workspace: Workspace, repo: Repo, today: date, plan: RepoPlan, changeset: Changeset | None
) -> tuple[Mapping[str, object], Rendering]:
    """A repo's answers and rendering once this changeset alone is merged; without one, as its moves have landed.

    Raises RenderError.
    """
    spec = workspace.templates.specs[repo.template]
    given = with_locations(spec, repo.answers_on(today), plan.locations)
    values = {answer: value for answer, value in values_with(plan, changeset).items() if answer in spec.questions}
    try:
        return {**given, **values}, rendering(workspace, repo, today, {**given, **values})
    except RenderError:
        # The templates of today need a move that is not in it: what no changeset tells is as it is to be.
        return given, rendering(workspace, repo, today, given)


def rendering(workspace: Workspace, repo: Repo, today: date, answers: Mapping[str, object] | None = None) -> Rendering:
    """One repo as the template renders it that day, each file where the template has it. Raises RenderError.

    Its answers are its own unless given.
    """
    given = repo.answers_on(today) if answers is None else answers
    return Rendering(
        repo=repo.name,
        files=workspace.templates.render(repo.template, given),
        owned=workspace.templates.specs[repo.template].owned,
        owners=workspace.fleet.owners,
        answers=workspace.templates.resolved(repo.template, given),
        today=today,
    )


def _judged(plan: RepoPlan, found: Errors | Failure) -> RepoPlan:
    return replace(plan, changesets=(), failure=found) if isinstance(found, Failure) else checked(plan, found)
