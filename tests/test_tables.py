"""Enums of which no table is kept, against the place that their members come from or lead to."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import get_args

import pytest

from syncbot.check.unique_names import NameKind
from syncbot.errors import FailureCode, Refusal
from syncbot.formats import postgres_conf
from syncbot.formats.images import Libc
from syncbot.formats.moves import Unread
from syncbot.formats.parameter_group import ApplyMethod
from syncbot.github.decode import Nullable
from syncbot.model.blobs import NoText
from syncbot.model.fleet import Limits
from syncbot.model.pull_request import Authority, Mergeable, PullRequestState, ReviewDecision
from syncbot.plan import file_reasons, reasons, states
from syncbot.plan import repo_plan as plan_values
from syncbot.plan.files import guard
from syncbot.plan.fleet import brakes
from syncbot.plan.fleet.brakes import Brake, Kind
from syncbot.plan.fleet.opening_limits import openings_left
from syncbot.plan.pulls import approval
from syncbot.plan.reasons import Limit
from syncbot.plan.states import TREATMENTS, Heading
from syncbot.report import values as report_values
from syncbot.report.status import QUIET_HEADINGS

PACKAGE = Path(__file__).parents[1] / "syncbot"
SOURCES = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
OURS = {
    name
    for module in (approval, brakes, file_reasons, guard, reasons, states, plan_values, report_values)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, Enum) and value is not Limit  # its dicts are budgets of one run
}


def made(members: type[Enum]) -> set[Enum]:
    """The members that the source names anywhere but in the enum: of what is only made and compared."""
    names = set(re.findall(rf"\b{members.__name__}\.(\w+)\b", SOURCES))
    return {member for member in members if member.name in names}


ROWS: list[tuple[type[Enum], Collection[Enum | str | None]]] = [
    (Kind, {brake.kind for brake in get_args(Brake)}),
    (Heading, {*QUIET_HEADINGS.values(), *(row.heading for row in TREATMENTS.values())}),
    (Limit, {Limit.PLANNED, *openings_left(Limits(), (), datetime(2026, 11, 23, tzinfo=UTC), 1)}),
    # Source: the enums of GitHub's GraphQL schema, MergeableState, PullRequestState and PullRequestReviewDecision.
    (Mergeable, {"mergeable", "conflicting", "unknown"}),
    (PullRequestState, {"open", "closed", "merged"}),
    (ReviewDecision, {"approved", "changes-requested", "review-required"}),
    # Source: the RDS API, Parameter.ApplyMethod.
    (ApplyMethod, {"immediate", "pending-reboot"}),
    (Authority, made(Authority)),
    (NoText, made(NoText)),
    (Nullable, made(Nullable)),
    (Unread, made(Unread)),
    (Libc, made(Libc)),
    (NameKind, made(NameKind)),
    (Refusal, made(Refusal)),
    (FailureCode, made(FailureCode)),
    (postgres_conf._Kind, made(postgres_conf._Kind)),
]


@pytest.mark.parametrize(("members", "rows"), ROWS, ids=lambda value: getattr(value, "__name__", ""))
def test_every_member_comes_from_somewhere(members: type[Enum], rows: Collection[object]) -> None:
    """No member is there that nothing makes, or that nothing follows from."""
    assert [member.name for member in members if member not in rows] == []


def partial_tables(source: str) -> list[int]:
    """The lines with a dict keyed by members of the plan's or the reports' enums that is not checked by `total`, with a
    set of some of those members, or with a test whether something is `in` some of them."""
    tree = ast.parse(source)
    checked = {id(part) for call in ast.walk(tree) if is_total(call) for part in ast.walk(call)}
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Dict(keys=keys) if id(node) not in checked and any(map(is_member, keys)):
                found.append(node.lineno)
            case ast.Set(elts=members) if any(map(is_member, members)):
                found.append(node.lineno)
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Tuple() | ast.List() as some]):
                found += [node.lineno] if any(map(is_member, some.elts)) else []
    return sorted(found)


def is_total(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "total"


def is_member(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in OURS


def test_no_table_of_states_or_reasons_is_partial() -> None:
    """What follows from a member stands in a table with a row for each, and in no list of some of them."""
    found = {str(path.relative_to(PACKAGE)): partial_tables(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        'VERBS = {FileState.MISSING: "Add"}',
        'VERBS = {FileState.MISSING: "Add"}.get(state, "Update")',
        "drift = state not in (FileState.IN_SYNC, FileState.EXEMPT)",
        "loud = code in {Reason.HELD}",
        "LEFT_ALONE = frozenset({FileState.EXEMPT, FileState.BLOCKED})",
    ],
)
def test_a_partial_table_is_found(line: str) -> None:
    """Each of the ways in which states were listed before."""
    assert partial_tables(line) == [1]
