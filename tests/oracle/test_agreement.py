"""Syncbot's planner against the model, in random histories: what must hold holds, and both propose the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.oracle import adapter, model
from tests.oracle.differences import differences
from tests.oracle.events import run
from tests.oracle.git import Git
from tests.oracle.history import History, Planner, Rule
from tests.oracle.model import Moment, Plan
from tests.sweeps import FULL

_TOGETHER = 10
"""So many histories are one test, with one repository of git."""
_STARTS = range(3000, 3500 if FULL else 3030, _TOGETHER)

Record = Callable[[str, object], None]


def _histories(first: int, planner: Planner, git: Git) -> list[str]:
    """What did not hold in ten histories, with the seed of each."""
    seeds = range(first, first + _TOGETHER)
    found = ((seed, violation) for seed in seeds for violation in run(History(seed, planner, git)))
    return [f"history {seed}, step {violation.step}: {violation.rule}: {violation.why}" for seed, violation in found]


@pytest.mark.sweep
@pytest.mark.parametrize("first", _STARTS)
def test_the_planner_proposes_what_the_model_does(first: int, git: Git, record_property: Record) -> None:
    """Syncbot's planner drives the history, and the model is asked at each moment of it what it would propose."""
    differing, plans = list[str](), 0

    def asked(moment: Moment) -> Plan:
        nonlocal plans
        plans += 1
        ours, theirs = adapter.plan(moment), model.plan(moment)
        differing.extend(differences(moment, ours, theirs))
        return ours

    assert _histories(first, asked, git) == []
    assert differing == []
    record_property("count of plans that are the model's own", plans)


@pytest.mark.full
@pytest.mark.parametrize("first", _STARTS)
def test_the_model_holds_what_it_is_to_hold(first: int, git: Git) -> None:
    """The specification itself breaks none of the rules."""
    assert _histories(first, model.plan, git) == []


def _deaf(moment: Moment) -> Plan:
    return model.plan(replace(moment, refused_moves=frozenset(), refused_sync=frozenset()))


def _careless(moment: Moment) -> Plan:
    return model.plan(replace(moment, merge=lambda _, live, wanted: wanted))


def _by_another_name(moment: Moment) -> Plan:
    plan = model.plan(moment)
    changesets = {name: replace(changeset, moves={}) for name, changeset in plan.changesets.items()}
    return replace(plan, changesets=changesets)


@pytest.mark.parametrize(
    ("planner", "rule"),
    [(_deaf, Rule.HEARS_NO), (_careless, Rule.KEEPS_LINES), (_by_another_name, Rule.APART)],
)
def test_a_planner_that_is_wrong_is_found(planner: Planner, rule: Rule, git: Git) -> None:
    """The rules can fail: each of these breaks its own within thirty histories."""
    assert any(violation.rule is rule for seed in range(30) for violation in run(History(seed, planner, git)))
