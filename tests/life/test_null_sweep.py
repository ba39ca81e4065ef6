"""A value that GitHub's answer lacks is unknown: that repo is read again, or reported as not read, and no other is.

Each case nulls one position that GitHub's published schema allows a null at, in every GraphQL answer that a plan and an
apply get, the answer to a commit that GitHub makes among them: once or in every answer, silently, or with an error of
its own path or of the object it stands in. What may come instead of a REST answer, to reads and to writes,
test_bodies.py sweeps.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
    is_list_type,
    is_non_null_type,
    parse,
)

from tests.altered import Exchanged, altered
from tests.cli.harness import Result
from tests.contracts.conftest import published
from tests.life.prepared import Prepared, copied, lies, prepare, until_as
from tests.life.small import SmallPlatform
from tests.sweeps import FULL

PARTS = 16 if FULL else 2
SAMPLE = 20

SEARCH, COMMIT = "Strays", "Commit"

Error = Literal["silent", "own", "parent", "untyped"]
ERRORS: tuple[Error, ...] = ("silent", "own", "parent", "untyped")
Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """Where a null may stand: in the answers to this operation, in the part of this subject, at these steps in it.

    The subject is a repo; the organization, where a search asks for all of it; nothing, where it tells of no repo.
    """

    operation: str
    subject: str
    steps: Steps

    def __str__(self) -> str:
        return f"{self.operation} {self.subject} {'.'.join(map(str, self.steps))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`always`: in every answer that has the position, else in the first only."""

    position: Position
    error: Error
    always: bool

    def __str__(self) -> str:
        return f"{self.position} ({self.error}, {'always' if self.always else 'once'})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The fleet, and what GitHub answered to a clean plan and apply of it: positions, and what came of them."""

    fleet: Prepared
    positions: tuple[Position, ...]
    planned: Mapping[str, Any]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    schema = build_schema(published("graphql-schema/schema.graphql"), assume_valid=True, assume_valid_sdl=True)
    folder = tmp_path_factory.mktemp("prepared")
    fleet = prepare(folder)
    seen: set[Position] = set()

    def watch(exchanged: Exchanged) -> tuple[int, Any]:
        if exchanged.path.endswith("/graphql"):
            seen.update(_positions(schema, exchanged))
        return exchanged.status, exchanged.answered

    with copied(fleet.platform, fleet.folder, folder / "watched") as clean, altered(clean.sandbox, watch):
        planned = _plans(clean.plan())
        assert _plans(clean.apply()) == planned
    return Watched(fleet=fleet, positions=tuple(sorted(seen, key=str)), planned=planned)


def _plans(result: Result) -> dict[str, Any]:
    """What is to be done in each repo, or why nothing can be said of it."""
    return {
        repo["repo"]: (repo.get("error") or {}).get("code")
        or [(c["name"], c["action"], c["reason_code"], c["paths"]) for c in repo["changesets"]]
        for repo in result.json["repos"]
    }


# ---------------------------------------------------------------- positions


def _positions(schema: GraphQLSchema, exchanged: Exchanged) -> Iterator[Position]:
    """Everything in the answer that is not null and that the schema allows to be."""
    document = parse(exchanged.sent["query"])
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    (operation,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    data, root = exchanged.answered.get("data") or {}, schema.get_root_type(operation.operation)
    if operation.name is None or root is None:
        return
    for steps in _nullable(schema, fragments, operation.selection_set, root, data):
        yield _position(operation.name.value, steps, exchanged.sent["variables"])


def _nullable(
    schema: GraphQLSchema,
    fragments: Mapping[str, FragmentDefinitionNode],
    selected: SelectionSetNode,
    type_: GraphQLObjectType | GraphQLInterfaceType,
    data: Mapping[str, Any],
) -> Iterator[Steps]:
    for node in selected.selections:
        if isinstance(node, FieldNode):
            key = (node.alias or node.name).value
            field = type_.fields.get(node.name.value)
            if field is not None and data.get(key) is not None:
                for steps in _within(schema, fragments, node.selection_set, field.type, data[key]):
                    yield (key, *steps)
            continue
        fragment: InlineFragmentNode | FragmentDefinitionNode
        fragment = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node  # type: ignore[assignment]
        condition = fragment.type_condition.name.value if fragment.type_condition else type_.name
        of = schema.type_map[condition]
        if isinstance(of, GraphQLObjectType | GraphQLInterfaceType):
            yield from _nullable(schema, fragments, fragment.selection_set, of, data)


def _within(
    schema: GraphQLSchema,
    fragments: Mapping[str, FragmentDefinitionNode],
    selected: SelectionSetNode | None,
    type_: GraphQLOutputType,
    value: Any,
) -> Iterator[Steps]:
    """The steps from a value that is there: none to itself, where it may be null."""
    if value is None:
        return
    if is_non_null_type(type_):
        type_ = type_.of_type
    else:
        yield ()
    if is_list_type(type_):
        for index, item in enumerate(value):
            for steps in _within(schema, fragments, selected, type_.of_type, item):
                yield (index, *steps)
    elif selected is not None:
        of = get_named_type(type_)
        if isinstance(of, GraphQLObjectType | GraphQLInterfaceType):
            yield from _nullable(schema, fragments, selected, of, value)


def _position(operation: str, path: Steps, variables: Mapping[str, Any]) -> Position:
    """The same position for the same value, whatever its batch and the aliases there."""
    if number := re.fullmatch("r([0-9]+)", str(path[0])):
        subject = f"{variables[f'o{number[1]}']}/{variables[f'n{number[1]}']}"
        return Position(operation=operation, subject=subject, steps=path[1:])
    if operation == COMMIT:
        subject = variables["input"]["branch"]["repositoryNameWithOwner"]
    else:
        subject = "acme" if operation == SEARCH else ""
    return Position(operation=operation, subject=subject, steps=path)


# ---------------------------------------------------------------- faults


class _Nulls:
    """Answers with the case's position null."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.hits = 0

    def __call__(self, exchanged: Exchanged) -> tuple[int, Any]:
        if not exchanged.path.endswith("/graphql") or (self.hits and not self._case.always):
            return exchanged.status, exchanged.answered
        answered = deepcopy(exchanged.answered)
        for path in self._paths(exchanged):
            self.hits += _null(answered, path)
            answered["errors"] = [*answered.get("errors", ()), *self._errors(path)]
        return exchanged.status, answered

    def _paths(self, exchanged: Exchanged) -> Iterator[Steps]:
        """Where the position is in this answer, if it is."""
        position = self._case.position
        operation = re.match(r"\s*(?:query|mutation) (\w+)", exchanged.sent["query"])
        if operation is None or operation[1] != position.operation:
            return
        for alias in exchanged.answered.get("data") or {}:
            for path in ((alias, *position.steps), position.steps):
                if path[:1] == (alias,) and _position(operation[1], path, exchanged.sent["variables"]) == position:
                    yield path

    def _errors(self, path: Steps) -> Iterator[Mapping[str, object]]:
        match self._case.error:
            case "own":
                yield {"type": "SERVICE_UNAVAILABLE", "path": list(path), "message": "Try again later."}
            case "parent":
                message = "Resource limits for this query exceeded."
                yield {"type": "RESOURCE_LIMITS_EXCEEDED", "path": list(path[:-1]) or [path[0]], "message": message}
            case "untyped":
                yield {"path": list(path), "message": "Something went wrong while executing your query."}
            case "silent":
                pass


def _null(answered: Any, path: Steps) -> bool:
    """Null what is there at the path; whether there was something."""
    *above, last = ("data", *path)
    found = answered
    for step in above:
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            return False
    is_there = isinstance(found, dict) and found.get(last) is not None
    is_there |= isinstance(found, list) and isinstance(last, int) and last < len(found)
    if is_there:
        found[last] = None
    return is_there


def _cases(positions: Sequence[Position]) -> Sequence[Case]:
    """Each position lost in every answer, and once more in one alone, with one error after the other."""
    every = [
        Case(position=position, error=error, always=always)
        for number, position in enumerate(positions)
        for error, always in (*((error, True) for error in ERRORS[:3]), (ERRORS[number % 4], False))
    ]
    return every if FULL else random.Random(10).sample(every, SAMPLE)


def test_there_is_enough_to_null(watched: Watched) -> None:
    """The runs under test read survey, history, texts and what left the fleet, and do everything that a run can do."""
    assert len(watched.positions) >= 250
    assert {position.operation for position in watched.positions} >= {"Survey", "History", "Blobs", SEARCH, COMMIT}


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(PARTS))
def test_any_value_may_be_missing(
    watched: Watched, tmp_path: Path, part: int, record_property: Callable[[str, object], None]
) -> None:
    """The repo is planned for as without the fault or reported as not read, the others as without; and once the fault
    is over the end is a clean run's."""
    mine = _cases(watched.positions)[part::PARTS]
    failed = []
    for number, case in enumerate(mine):
        with copied(watched.fleet.platform, watched.fleet.folder, tmp_path / str(number)) as platform:
            try:
                _run_with(platform, case, watched.planned)
                found = until_as(watched.fleet.end, platform)
            except AssertionError as error:
                found = str(error)
        if found:
            failed.append(f"{case}: {found}")
    record_property("count of null positions", len(watched.positions) if part == 0 else 0)
    record_property("count of null sweep cases", len(mine))
    assert not failed, f"{len(failed)} of {len(mine)}:\n" + "\n".join(failed)


def _run_with(platform: SmallPlatform, case: Case, planned: Mapping[str, Any]) -> None:
    nulls = _Nulls(case)
    with altered(platform.sandbox, nulls):
        applied = platform.apply()
    assert nulls.hits, "the position was never asked for"
    assert "Traceback" not in applied.stderr
    assert not (found := lies(platform, applied)), found
    made, subject = _plans(applied), case.position.subject
    assert applied.exit_code == any(isinstance(plan, str) for plan in made.values()), applied.stderr
    own = made.pop(subject, None)
    # After a commit that may have been made the repo is read afresh, and its plan is what is left to do.
    read = own == planned.get(subject) or case.position.operation == COMMIT or _is_careful(case.position, own)
    assert read or own == "unreadable", f"planned for {subject}: {own}"
    # Who may have left the fleet is not looked for while a repo is not read.
    others = planned.keys() - {subject} - (set() if read else {"acme/left"})
    assert made == {repo: planned[repo] for repo in others}, f"planned for others: {made}"


def _is_careful(position: Position, plan: Any) -> bool:
    """Whether what may be so, and is believed where GitHub says it twice, is taken on the careful side."""
    match position.steps:
        case ("defaultBranchRef",):
            return bool(plan == "no-default-branch")
        case (*_, "comments", "nodes", _, "author"):
            return [changeset[1:3] for changeset in plan or ()] == [("none", "unverified-command")]
    return False
