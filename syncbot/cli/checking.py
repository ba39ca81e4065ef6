"""Checking: what a run would publish is looked at as `syncbot check` does, before it is planned to the end.

Only what this run would write is rendered whole and looked at: a fleet in sync costs nothing, and equal files are
looked at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from syncbot.check.fleet import ContentFindings, check_rendering
from syncbot.check.values import Rendering
from syncbot.cli.containment import contained_each
from syncbot.cli.postgres_fleet import settings_findings
from syncbot.cli.workspace import Workspace
from syncbot.formats.diagnostics import Diagnostic
from syncbot.model import Failure, Repo
from syncbot.plan.checked import checked, is_published
from syncbot.plan.limits import within_limits
from syncbot.plan.reasons import Limit
from syncbot.plan.values import RepoPlan

Findings = Mapping[str, tuple[Diagnostic, ...] | Failure]


class Checker:
    """Looks at the renderings of one fleet on one day."""

    def __init__(self, workspace: Workspace, today: date) -> None:
        self._workspace, self._today = workspace, today
        self._repos = {repo.name: repo for repo in workspace.fleet.repos}
        self._by_content = ContentFindings()

    def within_limits(self, plans: Sequence[RepoPlan], left: Mapping[Limit, int]) -> tuple[RepoPlan, ...]:
        """The plans within the limits, without what may not be published: that takes nobody's place."""
        known: dict[str, tuple[Diagnostic, ...] | Failure] = {}
        while True:
            limited = within_limits(plans, left)
            new = {
                plan.listed_as: plan
                for plan in limited
                if plan.listed_as in self._repos and plan.listed_as not in known and is_published(plan)
            }
            if not new:
                return limited
            known |= contained_each(list(new), self._look)
            plans = tuple(_judged(plan, known[plan.listed_as]) if plan.listed_as in new else plan for plan in plans)

    def _look(self, names: Sequence[str]) -> Findings:
        renderings = [rendering(self._workspace, self._repos[name], self._today) for name in names]
        by_content = self._by_content.of(renderings)
        return {each.repo: tuple(check_rendering(each, by_content, settings=settings_findings)) for each in renderings}


def rendering(workspace: Workspace, repo: Repo, today: date) -> Rendering:
    """One repo as the template renders it that day, each file where the template has it. Raises RenderError."""
    given = repo.answers_on(today)
    return Rendering(
        repo=repo.name,
        files=workspace.templates.render(repo.template, given),
        owned=workspace.templates.specs[repo.template].owned,
        owners=workspace.fleet.owners,
        answers=workspace.templates.resolved(repo.template, given),
        today=today,
    )


def _judged(plan: RepoPlan, findings: tuple[Diagnostic, ...] | Failure) -> RepoPlan:
    return replace(plan, changesets=(), failure=findings) if isinstance(findings, Failure) else checked(plan, findings)
