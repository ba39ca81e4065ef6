"""What an error in a rendering stops, and what it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from syncbot.formats.diagnostics import Diagnostic, Place, Severity
from syncbot.formats.move_reader import MoveReader
from syncbot.model.files import File, FileId, Ownership, blob_id
from syncbot.model.templates import MoveSpec
from syncbot.plan.actions import Action, ClosePullRequest, LabelPullRequest, NoOp, OpenPullRequest, UpdatePullRequest
from syncbot.plan.file_status import FileStatus, Proposal
from syncbot.plan.pulls.checked import brought, checked, files_with, is_stopped, published, values_with
from syncbot.plan.repo_plan import Changeset, Moved, RepoPlan
from syncbot.plan.states import FileState
from syncbot.report.why import why_words
from tests.plan.reasons import example

OPEN = OpenPullRequest(base="main", parent="a" * 40, tree="b" * 40, writes=())
UPDATE = UpdatePullRequest(number=1, parents=(), tree="b" * 40, writes=())
ERROR = Diagnostic(path="Dockerfile", code="DL1000", message="no parse", tool="hadolint")


def status(path: str, live: bytes | None, rendered: bytes | None = b"new\n") -> FileStatus:
    """A file that is brought from what stands there."""
    return FileStatus(
        path=path,
        ownership=Ownership.FILE,
        state=FileState.BEHIND,
        desired=None,
        live=None if live is None else FileId(id=blob_id(live), mode="100644"),
        delivered=None,
        proposal=Proposal(content=rendered, rendered=rendered, mode="100644", before=live),
    )


def changeset(action: Action, *files: FileStatus, name: str = "sync", moves: tuple[Moved, ...] = ()) -> Changeset:
    return Changeset(
        name=name,
        branch=f"syncbot/{name}-1",
        action=action,
        why=example("drift"),
        files=files,
        moves=moves,
        proposed={},
    )


def plan(*changesets: Changeset, delivered: Mapping[str, bytes | None] | None = None) -> RepoPlan:
    return RepoPlan(repo="acme/a", listed_as="acme/a", changesets=changesets, delivered=delivered or {})


@pytest.mark.parametrize(
    ("action", "stops"),
    [(OPEN, True), (UPDATE, True), (ClosePullRequest(number=1), False), (LabelPullRequest(number=1), False)],
)
def test_only_what_writes_files_is_stopped(action: Action, stops: bool) -> None:
    """Opening and updating; what closes, labels or comments goes on."""
    asked = plan(changeset(action))
    stopped = checked(asked, {"syncbot/sync-1": (ERROR,)})
    assert isinstance(stopped.changesets[0].action, NoOp) == stops == bool(published(asked))
    assert is_stopped(stopped) == stops


def test_a_changeset_waits_by_itself_with_the_reason() -> None:
    """The error is named; what has none goes on."""
    stopped = checked(plan(changeset(OPEN), changeset(OPEN, name="node")), {"syncbot/sync-1": (ERROR,)})
    assert [each.reason_code for each in stopped.changesets] == ["check-failed", "drift"]
    assert why_words(stopped.changesets[0].why) == "not proposed: Dockerfile: no parse (hadolint DL1000)"
    assert [each.name for each in published(stopped)] == ["node"]


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.NOTE])
def test_less_than_an_error_stops_nothing(severity: Severity) -> None:
    """Warnings and notes are for `syncbot check` to say."""
    assert brought(changeset(OPEN, status("Dockerfile", b"old\n")), [replace(ERROR, severity=severity)], []) == ()


def test_only_what_it_brings_counts() -> None:
    """What is wrong in what it writes, or in no single file; elsewhere only what was not so before, on any line."""
    sync = changeset(OPEN, status("Dockerfile", b"old\n"))
    other, lower = (replace(ERROR, path="compose.yaml", place=Place(line, 1)) for line in (3, 9))
    assert brought(sync, [ERROR, lower], [ERROR, other]) == (ERROR,)
    assert brought(sync, [other], []) == (other,)
    nowhere = replace(ERROR, path="")
    assert brought(sync, [nowhere], [nowhere]) == (nowhere,)


def test_the_files_are_those_that_stand_there_once_it_is_merged() -> None:
    """Its own as it writes them, the others as delivered, or as wanted where nothing is known; without what it removes
    and what another one adds."""
    sync = changeset(OPEN, status("a", b"old\n"), status("gone", b"old\n", None), status("added", None))
    node = changeset(OPEN, status("b", b"old\n"), status("b-added", None), name="node")
    target = {path: File(content=b"wanted\n") for path in ("a", "b", "c", "starter", "added", "b-added")}
    asked = plan(sync, node, delivered={"a": b"was\n", "b": b"was\n", "gone": b"was\n", "added": None})

    def texts(each: Changeset | None) -> dict[str, bytes]:
        return {path: file.content for path, file in files_with(asked, each, target).items()}

    before = {"a": b"was\n", "b": b"was\n", "c": b"wanted\n", "starter": b"wanted\n", "gone": b"was\n"}
    assert texts(None) == before
    after = {**before, "a": b"new\n", "added": b"new\n"}
    assert texts(sync) == {path: text for path, text in after.items() if path != "gone"}
    assert texts(node) == {**before, "b": b"new\n", "b-added": b"new\n"}


def test_the_answers_are_those_of_its_own_moves() -> None:
    """A move brings its value; the others stay as they have landed."""
    moves = {
        answer: Moved(
            spec=MoveSpec(answer=answer, label=answer, path="a", reader=MoveReader.BASE_VERSION), before="1", after="2"
        )
        for answer in ("one", "two")
    }
    one, two = (changeset(OPEN, name=name, moves=(move,)) for name, move in moves.items())
    sync = changeset(OPEN)
    asked = plan(one, two, sync)
    assert values_with(asked, None) == values_with(asked, sync) == {"one": "1", "two": "1"}
    assert values_with(asked, two) == {"one": "1", "two": "2"}
