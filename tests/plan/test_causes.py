"""Causes: exactly what was built into a history is named, whatever else happened in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from syncbot.errors import RenderError
from syncbot.model.files import EXECUTABLE, File
from syncbot.plan.causes import (
    AnswerCause,
    Cause,
    ConfigCommit,
    NoValue,
    SeveralChanges,
    TemplateCause,
    ToolCause,
    Unproved,
    ranked,
)
from syncbot.plan.files.attribution import Change, Render, RenderedFiles, Step, causes
from syncbot.plan.files.points import Point
from syncbot.plan.files.undone import lasting
from tests.plan.constructed import History, asked_since, commit_of, constructed
from tests.sweeps import FULL

HISTORIES, REAL = 1_000, 60
CHUNKS = 20


def explained(history: History, render: Render) -> Mapping[str, tuple[Cause, ...]]:
    change = Change(old=history.point(0), new=history.point(history.commits), steps=history.steps)
    at = {commit_of(number).id: history.answers[number] for number in range(history.commits + 1)}
    return causes(change, history.files, RenderedFiles(render), lambda commit: at[commit.id])


def named(found: Mapping[str, tuple[Cause, ...]]) -> dict[str, set[tuple[str, object]]]:
    """The causes as the constructions say them."""
    return {path: {_named(cause) for cause in each} for path, each in found.items()}


def _named(cause: Cause) -> tuple[str, object]:
    match cause:
        case AnswerCause(answer=answer, key=None):
            return "answer", answer
        case AnswerCause(answer=answer, key=key):
            return "answer", (answer, key)
        case TemplateCause(commit=commit) if commit:
            return "commit", int(commit.id, 16)
    return "other", cause


def held(history: History, render: Render) -> int:
    """How many causes there are, after those found are those built in, each answer with the commit that set it."""
    found = explained(history, render)
    assert named(found) == history.truth
    for cause in (cause for each in found.values() for cause in each):
        if isinstance(cause, AnswerCause) and not isinstance(cause.before, Mapping):
            assert cause.commit == commit_of(history.set_by[cause.answer])
    return sum(map(len, found.values()))


def taken(render: Render, point: Point) -> Mapping[str, File] | None:
    """What is rendered, None where the answers are refused."""
    try:
        return render(point)
    except RenderError:
        return None


@pytest.mark.sweep
@pytest.mark.parametrize("chunk", range(CHUNKS if FULL else 4))
@pytest.mark.parametrize("make", [constructed, asked_since])
def test_exactly_the_constructed_causes(
    make: Callable[[int], History], chunk: int, record_property: Callable[[str, object], None]
) -> None:
    """And, or, masks, answers and commits that cancel out or were taken back, commits to inputs without effect."""
    each = HISTORIES // CHUNKS
    found = 0
    for seed in range(chunk * each, (chunk + 1) * each):
        history = make(seed)
        try:
            found += held(history, history.abstractly())
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    assert found > each
    record_property("count of histories explained", each)


@pytest.mark.sweep
@pytest.mark.parametrize("make", [constructed, asked_since])
def test_exactly_the_constructed_causes_in_real_templates(
    make: Callable[[int], History], record_property: Callable[[str, object], None]
) -> None:
    """The same through the renderer that the fleet is rendered with, which first renders as the construction says."""
    number = REAL if FULL else 8
    for seed in range(number):
        history = make(seed)
        really, abstractly = history.really(), history.abstractly()
        for point in map(history.point, range(history.commits + 1)):
            assert taken(really, point) == taken(abstractly, point), f"seed {seed}"
        held(history, really)
    record_property("count of histories explained with real templates", number)


# ---------------------------------------------------------------- rules that need no history built at random

OLD, NEW = ConfigCommit(id="0" * 40, subject="Old"), ConfigCommit(id="1" * 40, subject="New")


def shown(*names: str) -> Render:
    """Renders `file` with these answers, one a line, `-` where one is not given, and the name of the tree."""

    def render(point: Point) -> Mapping[str, File]:
        lines = [point.tree, *(str(point.answers.get(name, "-")) for name in names)]
        return {"file": File(content="".join(f"{line}\n" for line in lines).encode())}

    return render


def between(old: Mapping[str, object], new: Mapping[str, object], *, trees: str = "TT", **given: Any) -> Change:
    values = {"steps": (Step(commit=NEW, tree=trees[1]),), **given}
    return Change(old=Point(tree=trees[0], answers=old), new=Point(tree=trees[1], answers=new), **values)


def why(change: Change, render: Render) -> tuple[Cause, ...]:
    return causes(change, ["file"], RenderedFiles(render), lambda commit: None)["file"]


def test_a_move_is_no_cause() -> None:
    """An answer whose change is an event of its own is not named, and stays where it is while others are set back."""
    change = between({"node": 18, "port": 80}, {"node": 22, "port": 81}, moves=frozenset({"node"}))
    asked: list[object] = []

    def render(point: Point) -> Mapping[str, File]:
        asked.append(point.answers["node"])
        return shown("node", "port")(point)

    assert why(change, render) == (AnswerCause(answer="port", before=80, after=81),)
    assert asked.count(18) == 1  # the delivery itself


def test_a_secret_answer_keeps_its_values() -> None:
    """The cause names the answer; neither value is anywhere in it."""
    change = between({"token": "hunter1"}, {"token": "hunter2"}, secrets=frozenset({"token"}))
    (cause,) = why(change, shown("token"))
    assert cause == AnswerCause(answer="token", before=NoValue.SECRET, after=NoValue.SECRET)
    assert "hunter" not in repr(cause)


def test_keys_of_a_secret_mapping_are_named_once() -> None:
    """Two keys of a secret mapping changed: the answer is one cause, without keys."""
    change = between({"s": {"a": 1, "b": 1}}, {"s": {"a": 2, "b": 2}}, secrets=frozenset({"s"}))
    assert why(change, shown("s")) == (AnswerCause(answer="s", before=NoValue.SECRET, after=NoValue.SECRET),)


def test_an_answer_given_or_left_out() -> None:
    """What is not given on one side is said to be so, which differs from any value."""
    given = why(between({}, {"port": None}), shown("port"))
    left_out = why(between({"port": None}, {}), shown("port"))
    assert given == (AnswerCause(answer="port", before=NoValue.NOT_GIVEN, after=None),)
    assert left_out == (AnswerCause(answer="port", before=None, after=NoValue.NOT_GIVEN),)


@pytest.mark.parametrize(("before", "after"), [(1, True), (1, 1.0), ({"a": 1}, {"a": True})])
def test_values_are_told_apart_by_their_text(before: object, after: object) -> None:
    """Python takes 1, 1.0 and true for one; a template does not."""
    (cause,) = why(between({"port": before}, {"port": after}), shown("port"))
    assert isinstance(cause, AnswerCause)
    assert cause.answer == "port"


def test_another_order_of_keys() -> None:
    """A mapping whose keys only stand in another order is a cause where the file follows their order."""
    change = between({"m": {"a": 1, "b": 2}}, {"m": {"b": 2, "a": 1}})
    assert why(change, shown("m")) == (AnswerCause(answer="m", before={"a": 1, "b": 2}, after={"b": 2, "a": 1}),)


def test_history_that_cannot_be_read() -> None:
    """Answers are named all the same; of the templates it is said that they changed, and since when."""
    change = between({"port": 80}, {"port": 81}, trees="AB", steps=None, since=date(2026, 7, 1))
    assert why(change, shown("port")) == (
        AnswerCause(answer="port", before=80, after=81),
        SeveralChanges(since=date(2026, 7, 1)),
    )


def test_history_that_need_not_be_read() -> None:
    """Templates that differ, and render the file alike, are no cause, whether or not the commits can be read."""
    change = between({"port": 80}, {"port": 81}, trees="AB", steps=None)

    def render(point: Point) -> Mapping[str, File]:
        return {"file": File(content=f"{point.answers['port']}".encode())}

    assert why(change, render) == (AnswerCause(answer="port", before=80, after=81),)


def test_what_is_not_committed() -> None:
    """A change in the work tree is a cause without a commit."""
    change = between({}, {}, trees="AB", steps=(Step(commit=NEW, tree="A"), Step(commit=None, tree="B")))
    assert why(change, shown()) == (TemplateCause(commit=None),)


def test_another_version_of_syncbot() -> None:
    """Templates and answers are the same, and the text is not what was recorded: the version, where both are known."""
    recorded = {"file": File(content=b"as it was\n").file_id}
    known = between({}, {}, recorded=recorded, tools={"file": "0.9"}, tool="1.0")
    assert why(known, shown()) == (ToolCause(before="0.9", after="1.0"),)
    assert why(replace(known, tool="0.9"), shown()) == (Unproved(),)
    assert why(replace(known, tools={}), shown()) == (Unproved(),)


def test_a_commit_that_breaks_the_templates_is_passed_over() -> None:
    """Templates that cannot be loaded at one commit say nothing; what the next one brings is named."""

    def render(point: Point) -> Mapping[str, File]:
        if point.tree == "B":
            raise RenderError("broken")
        return shown()(point)

    steps = (Step(commit=OLD, tree="B"), Step(commit=NEW, tree="C"))
    assert why(between({}, {}, trees="AC", steps=steps), render) == (TemplateCause(commit=NEW),)


def test_a_file_that_does_not_differ_has_no_cause() -> None:
    """Whatever changed, without a difference nothing is named."""
    change = between({"port": 80}, {"port": 81}, trees="TT")
    assert why(change, shown()) == ()


def test_many_answers_that_matter_together() -> None:
    """Forty answers changed, of which any one of four is enough: too many groups to try, and those four are found."""
    names = [f"a{number}" for number in range(40)]
    any_of = {"a3", "a11", "a27", "a39"}
    calls = 0

    def render(point: Point) -> Mapping[str, File]:
        nonlocal calls
        calls += 1
        return {"file": File(content=b"on" if any(point.answers[name] for name in any_of) else b"off")}

    change = between(dict.fromkeys(names, False), dict.fromkeys(names, True))
    found = {cause.answer for cause in why(change, render) if isinstance(cause, AnswerCause)}
    assert found == any_of
    assert calls < 200


def test_the_largest_cause_comes_first() -> None:
    """Causes of several files, each once, that of most files first."""
    one, two, three = (AnswerCause(answer=name, before={}, after=[1]) for name in ("one", "two", "three"))
    assert ranked([(one, two), (three, two), (two,), (three,)]) == (two, three, one)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        pytest.param(["a\n", "a\nb\n", "a\nb\nc\n", "a\nc\n"], {2}, id="lines side by side, one taken out again"),
        pytest.param(["a\n-\n", "b\n-\n", "c\n-\n", "a\n-\nd\n"], {3}, id="replaced twice, and back with another line"),
        pytest.param(["a\nb\n", "b\n", "b\nc\n", "a\nb\nc\n"], {2}, id="a line taken out and put back"),
        pytest.param([None, "a\n", None, "b\n"], {3}, id="a file that was there for a while"),
        pytest.param(["a\n", None, "a\n"], set(), id="a file that was gone for a while"),
        pytest.param(["a\n", "a"], {1}, id="the last line's end"),
        pytest.param([""], set(), id="one version"),
    ],
)
def test_what_was_undone_is_left_out(versions: list[str | None], expected: set[int]) -> None:
    """The versions that changed something for good, by hand-made examples."""
    assert lasting([None if text is None else File(content=text.encode()) for text in versions]) == expected


def test_a_mode_is_a_change() -> None:
    """A commit that makes a script executable changed the file."""
    assert lasting([File(content=b"x\n"), File(content=b"x\n", mode=EXECUTABLE)]) == {1}
