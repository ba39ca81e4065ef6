"""What must be read before a plan is made: it is named until it was asked for, and then no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncbot.model.observation import Observation
from syncbot.model.pull_request import BotCommit, Branch
from syncbot.plan.actions import OpenPullRequest
from syncbot.plan.pulls.data_needs import Need, Reading, needs_before_opening
from syncbot.plan.pulls.trailers import digest
from tests.plan.builders import file_id, observation, plan, pull_request, stanza

LOCK = {"Dockerfile": stanza("FROM node:18\n")}
FILES = {"Dockerfile": "FROM node:18\n"}


def asked_for(seen: Observation, gone: frozenset[str] = frozenset()) -> tuple[list[set[str]], str]:
    """The names asked for, round by round, and the branch that is opened in the end.

    `gone` are branches, deleted, from which there was a pull request that nothing else tells of.
    """
    asked: frozenset[Need] = frozenset()
    rounds: list[set[str]] = []
    while True:
        made = plan({"Dockerfile": "FROM node:22\n"}, seen, LOCK)
        new = needs_before_opening(made, seen, asked) - asked
        if not new:
            (opened,) = (each for each in made.changesets if isinstance(each.action, OpenPullRequest))
            return rounds, opened.branch
        assert len(rounds) < 5, "without end"
        assert {need.reading for need in new} == {Reading.GONE}
        asked |= new
        rounds.append({need.name for need in new})
        found = [
            pull_request(int(name.rpartition("-")[2]), "closed", {}, branch=name, labels=(), commits=())
            for name in rounds[-1] & gone
        ]
        seen = replace(seen, pull_requests=(*seen.pull_requests, *found))


@pytest.mark.parametrize(
    ("left_over", "pulls", "rounds", "opened"),
    [
        (0, (), [{"syncbot/sync-1"}], "syncbot/sync-1"),
        (0, (1,), [{"syncbot/sync-2"}], "syncbot/sync-2"),
        # A branch that a run left behind before it opened its pull request, the earlier ones known or not.
        (1, (), [], "syncbot/sync-1"),
        (2, (1,), [], "syncbot/sync-2"),
        (2, (), [{"syncbot/sync-1"}], "syncbot/sync-2"),
        (4, (2,), [{"syncbot/sync-1", "syncbot/sync-3"}], "syncbot/sync-4"),
    ],
)
def test_each_name_is_asked_for_once(
    left_over: int, pulls: tuple[int, ...], rounds: list[set[str]], opened: str
) -> None:
    """Whatever branches and pull requests are known: the names that nothing tells of, up to the one to be opened."""
    proposed = {"Dockerfile": file_id("FROM node:22\n")}
    commit = BotCommit(oid="e" * 40, changeset="sync", digest=digest(proposed), proposed=proposed)
    branches = (Branch(name=f"syncbot/sync-{left_over}", head="e" * 40, commit=commit),) if left_over else ()
    merged = tuple(pull_request(number, "merged", {}) for number in pulls)
    assert asked_for(observation(FILES, branches=branches, pull_requests=merged)) == (rounds, opened)


def test_what_is_found_leads_further() -> None:
    """Three of which people took every trace: found in two rounds, and the fourth name is opened."""
    gone = frozenset({"syncbot/sync-1", "syncbot/sync-2", "syncbot/sync-3"})
    rounds, branch = asked_for(observation(FILES), gone)
    assert set().union(*rounds) >= gone
    assert branch == "syncbot/sync-4"


def test_a_branch_with_a_high_number_asks_for_few() -> None:
    """Anybody can push one: the names just below it are asked for, and not a million million."""
    seen = observation(FILES, branches=(Branch(name="syncbot/sync-999999999999", head="e" * 40),))
    (names,), branch = asked_for(seen)
    assert branch == "syncbot/sync-1000000000000"
    assert len(names) <= 50


@pytest.mark.parametrize("name", ["syncbot/sync-test", "syncbot/sync-1-backup", "syncbot/sync-"])
@pytest.mark.parametrize("is_copy", [False, True])
def test_a_branch_of_somebodys_is_not_taken_up(name: str, is_copy: bool) -> None:
    """Not a number of the bot's: neither where it holds nothing yet, nor where it is a copy of the bot's."""
    proposed = {"Dockerfile": file_id("FROM node:22\n")}
    commit = BotCommit(oid="e" * 40, changeset="sync", digest=digest(proposed), proposed=proposed) if is_copy else None
    theirs = Branch(name=name, head="e" * 40 if is_copy else "a" * 40, commit=commit)
    rounds, branch = asked_for(observation(FILES, branches=(theirs,)))
    assert branch == "syncbot/sync-1"
    assert rounds == [{"syncbot/sync-1"}]
