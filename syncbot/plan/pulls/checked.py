"""Checked: a changeset that would bring an error is held back in this run, by itself. Pure: others look for errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from syncbot.formats.codeowners import LOCATIONS
from syncbot.formats.diagnostics import Diagnostic
from syncbot.model.files import File
from syncbot.plan.actions import NoOp, Writing
from syncbot.plan.repo_plan import Changeset, RepoPlan
from syncbot.plan.why import CheckFailed


def published(plan: RepoPlan) -> tuple[Changeset, ...]:
    """What the run would write files for."""
    return tuple(changeset for changeset in plan.changesets if isinstance(changeset.action, Writing))


def values_with(plan: RepoPlan, changeset: Changeset | None) -> Mapping[str, object]:
    """The values of the repo's pending moves once this changeset alone is merged; without one, as they have landed."""
    landed = {moved.spec.answer: moved.before for each in plan.changesets for moved in each.moves}
    own = changeset.moves if changeset else ()
    return {**landed, **{moved.spec.answer: moved.after for moved in own}}


def files_with(plan: RepoPlan, changeset: Changeset | None, target: Mapping[str, File]) -> Mapping[str, File]:
    """The repo's files, as they are rendered, once this changeset alone is merged; without one, as they were delivered.

    `target` is the whole rendering that is wanted, starters included: it says what a path holds of which nothing else
    is known. What a changeset adds is there with that one only.
    """
    files = {**target, **_texts(plan.delivered, target)}
    absent = {file.path for each in plan.changesets for file in each.written if file.live is None}
    files = {path: file for path, file in files.items() if path not in absent}
    for status in changeset.written if changeset else ():
        if status.proposal and status.proposal.rendered is not None:
            files[status.path] = File(content=status.proposal.rendered, mode=status.proposal.mode)
        else:
            files.pop(status.path, None)
    return files


def owned_with(plan: RepoPlan, changeset: Changeset | None) -> frozenset[str]:
    """The paths that CODEOWNERS has to claim once this changeset alone is merged.

    What it delivers without CODEOWNERS is not claimed yet: that one is exempt, or another changeset has it. What is not
    wanted any more may lose its claim: where it was edited, it stays and is the team's.
    """
    claimed = {file.path for file in plan.files if file.path in plan.recorded and file.live and file.desired}
    written = {file.path for file in changeset.written} if changeset else set[str]()
    return frozenset(claimed | written if written & set(LOCATIONS) else claimed)


def _texts(parts: Mapping[str, bytes | None], target: Mapping[str, File]) -> dict[str, File]:
    return {
        path: replace(target[path], content=part) if path in target else File(content=part)
        for path, part in parts.items()
        if part is not None
    }


def brought(changeset: Changeset, found: Iterable[Diagnostic], before: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The errors that are this changeset's: those in what it writes, in no file, or not there `before` it is merged."""
    written = {"", *(file.path for file in changeset.written)}
    known = {replace(each, place=None) for each in before}
    return tuple(
        each for each in found if each.is_error and (each.path in written or replace(each, place=None) not in known)
    )


def checked(plan: RepoPlan, errors: Mapping[str, tuple[Diagnostic, ...]]) -> RepoPlan:
    """The plan without what would bring an error: nothing is opened or updated there. `errors` are by branch."""
    return replace(
        plan,
        changesets=tuple(
            replace(changeset, action=NoOp(), why=CheckFailed(errors=found))
            if isinstance(changeset.action, Writing) and (found := errors.get(changeset.branch, ()))
            else changeset
            for changeset in plan.changesets
        ),
    )


def is_stopped(plan: RepoPlan) -> bool:
    """Whether an error stops something here."""
    return any(isinstance(changeset.why, CheckFailed) for changeset in plan.changesets)
