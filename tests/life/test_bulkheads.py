"""What one repo holds or answers fails that repo alone: a planted bug at each step of one repo, among three."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from syncbot.app import planning, publishing
from syncbot.errors import FailureCode
from syncbot.plan.fleet.opening_limits import RULES
from syncbot.plan.pulls.data_needs import Need, Reading
from syncbot.plan.pulls.plan_repo import RepoFacts
from syncbot.plan.reasons import Limit
from tests.cli.harness import Result
from tests.life.small import SmallPlatform
from tests.sandbox_support import make_repo

NAMES = ("first", "second", "third")
BAD = "acme/second"


def _mentions(*arguments: object) -> bool:
    """Whether a call is about the bad repo."""
    return any(BAD in repr(argument) for argument in arguments)


STEPS = {
    "the batch that is read": (planning, "survey"),
    "history": (planning, "with_history"),
    "what is still needed": (planning, "needs"),
    "files": (planning, "desired_files"),
    "the plan": (planning, "plan_repo"),
    "the body": (publishing.pull_request, "body"),
    "writing": (publishing, "publish"),
}


@pytest.fixture
def fleet(platform: SmallPlatform) -> SmallPlatform:
    platform.fleet(*NAMES)
    for name in NAMES:
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    return platform


@pytest.mark.parametrize(
    ("step", "error"),
    [(step, TypeError("'NoneType'\nis not")) for step in STEPS]
    + [("files", RecursionError("too deep")), ("the plan", MemoryError())],
)
def test_a_bug_in_one_repo(fleet: SmallPlatform, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception) -> None:
    """The others are done, that one fails in one line, with its traceback in the log, exit 1; then it is done."""
    place, name = STEPS[step]
    real = getattr(place, name)

    def broken(*arguments: Any, **more: Any) -> Any:
        if _mentions(*arguments):
            raise error
        return real(*arguments, **more)

    with monkeypatch.context() as planted:
        planted.setattr(place, name, broken)
        result = fleet.apply()
    _check(result, type(error).__name__)
    assert fleet.apply().pulls() == [("acme/first", "unchanged"), (BAD, "opened"), ("acme/third", "unchanged")]


def _check(result: Result, error: str) -> None:
    assert result.exit_code == 1, result
    assert result.pulls() == [("acme/first", "opened"), ("acme/third", "opened")]
    failed = {repo["repo"]: repo["error"] for repo in result.json["repos"] if repo["error"]}
    assert failed.keys() == {BAD}
    assert failed[BAD]["code"] == "bug"
    assert failed[BAD]["reason"].split(":")[0] == error
    assert len(failed[BAD]["reason"].splitlines()) == 1
    assert "Traceback" in result.stderr


def test_a_repo_that_needs_more_without_end(fleet: SmallPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails by itself, with a traceback in the log; the others are done, and the run ends."""
    needs, numbers = planning.needs, count()

    def more(facts: RepoFacts) -> frozenset[Need]:
        found = needs(facts)
        return found | {Need(Reading.TEXTS, f"HEAD:{next(numbers)}")} if facts.repo.name == BAD else found

    monkeypatch.setattr(planning, "needs", more)
    applied = fleet.apply()
    assert (applied.exit_code, applied.repo(BAD)["error"]["code"]) == (1, "bug")
    assert applied.pulls() == [("acme/first", "opened"), ("acme/third", "opened")]
    assert next(numbers) < 200


@pytest.mark.parametrize(("day", "opened"), [("2026-11-26", 3), ("2026-11-27", 0)])
def test_a_rule_about_weekdays_is_one_row(
    fleet: SmallPlatform, monkeypatch: pytest.MonkeyPatch, day: str, opened: int
) -> None:
    """No pull request on a Friday: one row says so, and it holds on that day alone."""
    row = {Limit.PER_HOUR: lambda limits, opened_at, now: 0 if now.weekday() == 4 else 100}
    monkeypatch.setattr("syncbot.plan.fleet.opening_limits.RULES", {**RULES, **row})
    monkeypatch.setattr(fleet, "clock", None)
    result = fleet.apply(SYNCBOT_NOW=f"{day}T12:00:00Z")
    assert (result.exit_code, len([1 for _, action in result.pulls() if action == "opened"])) == (0, opened)
    reasons = [c["reason"] for repo in result.json["repos"] for c in repo["changesets"] if c["reason_code"] == "limit"]
    assert reasons == ["waits for a later run: limits.pull_requests_per_hour is reached"] * (3 - opened)


def test_midnight_passes_during_a_run(fleet: SmallPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planned on Thursday, read again on Friday: the rule is asked again, by the day that it is then."""
    row = {Limit.PER_HOUR: lambda limits, opened_at, now: 0 if now.weekday() == 4 else 100}
    monkeypatch.setattr("syncbot.plan.fleet.opening_limits.RULES", {**RULES, **row})
    thursday = "2026-11-26T23:59:00Z"
    fleet.sandbox.forge.clock.set(publishing.datetime.fromisoformat(thursday))
    real = publishing.publish

    def slow(*arguments: Any, **more: Any) -> Any:
        if arguments[1] == BAD and fleet.sandbox.forge.clock.stamp() == thursday:
            fleet.sandbox.forge.clock.advance(120)
            raise publishing.UncertainError(FailureCode.LOST, "nobody knows", publishing.Refusal.LOST)
        return real(*arguments, **more)

    monkeypatch.setattr(publishing, "publish", slow)
    result = fleet.apply()
    assert (result.exit_code, result.changesets(BAD)["adopt"]["reason_code"]) == (0, "limit"), result
    assert result.pulls() == [("acme/first", "opened"), ("acme/third", "opened")]
