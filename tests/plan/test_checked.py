"""What an error in a rendering stops, and what it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncbot.formats.diagnostics import Diagnostic, Severity
from syncbot.model import Ownership
from syncbot.plan.checked import checked, is_published, is_stopped
from syncbot.plan.values import (
    Action,
    Changeset,
    ClosePullRequest,
    FileState,
    FileStatus,
    LabelPullRequest,
    LeaveAlone,
    OpenPullRequest,
    RepoPlan,
    UpdatePullRequest,
)
from syncbot.report.why import why_words
from tests.plan.reasons import example

OPEN = OpenPullRequest(base="main", parent="a" * 40, tree="b" * 40, writes=())
UPDATE = UpdatePullRequest(number=1, parents=(), tree="b" * 40, writes=())
ERROR = Diagnostic(path="Dockerfile", code="DL1000", message="no parse", tool="hadolint")


def plan(*actions: Action, state: FileState = FileState.BEHIND, path: str = "Dockerfile") -> RepoPlan:
    """A repo with one file and a changeset for each action."""
    file = FileStatus(path=path, ownership=Ownership.FILE, state=state, desired=None, live=None, delivered=None)
    changesets = tuple(
        Changeset(name="sync", branch="syncbot/sync-1", action=action, why=example("drift"), proposed={})
        for action in actions
    )
    return RepoPlan(repo="acme/a", listed_as="acme/a", files=(file,), changesets=changesets)


@pytest.mark.parametrize(
    ("action", "stops"),
    [(OPEN, True), (UPDATE, True), (ClosePullRequest(number=1), False), (LabelPullRequest(number=1), False)],
)
def test_only_what_writes_files_is_stopped(action: Action, stops: bool) -> None:
    """Opening and updating; what closes, labels or comments goes on."""
    (changeset,) = checked(plan(action), [ERROR]).changesets
    assert isinstance(changeset.action, LeaveAlone) == stops == is_published(plan(action))
    assert is_stopped(checked(plan(action), [ERROR])) == stops


def test_every_changeset_of_the_repo_waits_with_the_reason() -> None:
    """They come from one rendering; the error is named."""
    stopped = checked(plan(OPEN, UPDATE), [ERROR])
    assert [changeset.reason_code for changeset in stopped.changesets] == ["check-failed", "check-failed"]
    assert why_words(stopped.changesets[0].why) == "not proposed: Dockerfile: no parse (hadolint DL1000)"
    assert not is_published(stopped)


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.NOTE])
def test_less_than_an_error_stops_nothing(severity: Severity) -> None:
    """Warnings and notes are for `syncbot check` to say."""
    assert checked(plan(OPEN), [replace(ERROR, severity=severity)]) == plan(OPEN)


def test_an_exempt_file_stops_nothing() -> None:
    """It is not brought; under whatever name the repo keeps it. An error in another file does."""
    exempt = plan(OPEN, state=FileState.EXEMPT)
    assert checked(exempt, [ERROR]) == exempt
    assert is_stopped(checked(exempt, [replace(ERROR, path="other")]))
    assert is_stopped(checked(exempt, [replace(ERROR, path="")]))
    moved = replace(
        plan(OPEN, state=FileState.EXEMPT, path="docker/Dockerfile"), locations={"Dockerfile": "docker/Dockerfile"}
    )
    assert checked(moved, [ERROR]) == moved
