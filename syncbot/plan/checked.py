"""Checked: a repo that an error would be brought to gets nothing in this run. Pure: others look for errors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from syncbot.formats.diagnostics import Diagnostic
from syncbot.plan.states import Gone
from syncbot.plan.values import LeaveAlone, RepoPlan, Writing
from syncbot.plan.why import CheckFailed


def is_published(plan: RepoPlan) -> bool:
    """Whether the run would write files for this repo."""
    return any(isinstance(changeset.action, Writing) for changeset in plan.changesets)


def checked(plan: RepoPlan, findings: Iterable[Diagnostic]) -> RepoPlan:
    """The plan, nothing opened or updated where an error is among the findings of the repo's rendering.

    What is in the way of one file stops the others too: they are rendered to go together. An exempt file is not
    brought, so that nothing in it counts.
    """
    exempt = {file.path for file in plan.files if file.treatment.gone is Gone.EXEMPT}
    errors = tuple(
        found for found in findings if found.is_error and plan.locations.get(found.path, found.path) not in exempt
    )
    if not errors:
        return plan
    changesets = (
        replace(changeset, action=LeaveAlone(), why=CheckFailed(errors=errors))
        if isinstance(changeset.action, Writing)
        else changeset
        for changeset in plan.changesets
    )
    return replace(plan, changesets=tuple(changesets))


def is_stopped(plan: RepoPlan) -> bool:
    """Whether an error stops something here."""
    return any(isinstance(changeset.why, CheckFailed) for changeset in plan.changesets)
