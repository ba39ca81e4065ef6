"""Observe: repo names in, observations (or the reason why there is none) out, in batches of one query each.

A batch that GitHub finds too heavy is halved until it passes; one repo that fails does not fail its batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from syncbot.github import documents
from syncbot.github.connection import Connection, Json, TooHeavyError
from syncbot.github.parse import failure_of, login, parse_blob, parse_history, parse_survey, requires_signatures
from syncbot.model import LABEL, Failure, Observation

BATCH = 25
"""Repos a query: GitHub answers within its ten seconds, and 10,000 repos are 400 queries."""

Seen = Observation | Failure
Query = Callable[[Sequence[Any]], tuple[str, Json]]


def survey(
    connection: Connection,
    repos: Sequence[str],
    paths: Sequence[str],
    text_paths: Sequence[str],
    identities: Sequence[str],
) -> dict[str, Seen]:
    """Head and ids of `paths` in each repo, and the texts of `text_paths` (some of `paths`), by the name asked for.

    Raises ForgeError where GitHub cannot be read at all.
    """
    ordered = (*(path for path in paths if path not in text_paths), *text_paths)

    def query(batch: Sequence[str]) -> tuple[str, Json]:
        variables = {"label": LABEL} | _names(batch) | _paths(ordered)
        return documents.survey(len(batch), len(ordered), len(text_paths)), variables

    ours = frozenset(login(identity) for identity in identities)
    seen: dict[str, Seen] = {}
    for repo, node in _batched(connection, repos, query):
        seen[repo] = node if isinstance(node, Failure) else failure_of(node) or parse_survey(node, ordered, ours)
    return seen


def with_history(
    connection: Connection, observations: Sequence[Observation], paths: Sequence[str], identities: Sequence[str]
) -> dict[str, Seen]:
    """The observations with the bot's branches and pull requests, by their present name. Raises ForgeError."""
    ours = frozenset(login(identity) for identity in identities)
    by_name = {observation.name: observation for observation in observations}

    def query(batch: Sequence[str]) -> tuple[str, Json]:
        return documents.history(len(batch), len(paths)), {"label": LABEL} | _names(batch) | _paths(paths)

    seen: dict[str, Seen] = {}
    for name, node in _batched(connection, list(by_name), query):
        if isinstance(node, Failure):
            seen[name] = node
            continue
        branches, pull_requests = parse_history(node, paths, ours)
        seen[name] = replace(
            by_name[name],
            branches=branches,
            pull_requests=pull_requests,
            signatures_required=requires_signatures(node),
        )
    return seen


def with_blobs(connection: Connection, wanted: Sequence[tuple[Observation, frozenset[str]]]) -> dict[str, Seen]:
    """The observations with the named git expressions read into `blobs`, by their present name. Raises ForgeError."""
    by_name = {observation.name: (observation, sorted(names)) for observation, names in wanted}

    def query(batch: Sequence[str]) -> tuple[str, Json]:
        expressions = [by_name[name][1] for name in batch]
        variables = {f"x{i}_{j}": name for i, names in enumerate(expressions) for j, name in enumerate(names)}
        return documents.blobs([len(names) for names in expressions]), _names(batch) | variables

    seen: dict[str, Seen] = {}
    for name, node in _batched(connection, list(by_name), query):
        observation, expressions = by_name[name]
        if isinstance(node, Failure):
            seen[name] = node
        else:
            read = {expression: parse_blob(node.get(f"b{j}")) for j, expression in enumerate(expressions)}
            seen[name] = replace(observation, blobs={**observation.blobs, **read})
    return seen


def _batched(
    connection: Connection, names: Sequence[str], query: Query
) -> Iterator[tuple[str, Mapping[str, Any] | Failure]]:
    for start in range(0, len(names), BATCH):
        yield from _read(connection, names[start : start + BATCH], query)


def _read(
    connection: Connection, batch: Sequence[str], query: Query
) -> Iterator[tuple[str, Mapping[str, Any] | Failure]]:
    try:
        data, errors = _query(connection, batch, query)
    except TooHeavyError as error:
        if len(batch) == 1:
            yield batch[0], Failure(code="unreadable", reason=f"GitHub could not read {batch[0]}: {error}")
            return
        half = len(batch) // 2
        yield from _read(connection, batch[:half], query)
        yield from _read(connection, batch[half:], query)
        return
    failures = {error["path"][0]: error for error in errors if len(error["path"]) == 1}
    for i, name in enumerate(batch):
        node = data.get(f"r{i}")
        yield name, node if node else _unseen(name, failures.get(f"r{i}", {}))


def _query(connection: Connection, batch: Sequence[str], query: Query) -> tuple[Json, list[Json]]:
    try:
        return connection.query(*query(batch))
    except TooHeavyError:
        if len(batch) > 1:
            raise
        # One repo is never too much: GitHub was out of breath.
        return connection.query(*query(batch))


def _unseen(name: str, error: Json) -> Failure:
    if error.get("type") in ("FORBIDDEN", "INSUFFICIENT_SCOPES"):
        return Failure(code="not-permitted", reason=f"the token may not read {name}: {error.get('message')}")
    if error.get("type") in ("NOT_FOUND", None):
        return Failure(code="not-found", reason=f"{name} is not there, or the token may not see it")
    return Failure(code="unreadable", reason=f"GitHub could not read {name}: {error.get('message')}")


def _names(batch: Sequence[str]) -> dict[str, str]:
    split = [name.split("/", 1) for name in batch]
    return {f"{key}{i}": part for i, parts in enumerate(split) for key, part in zip("on", parts, strict=True)}


def _paths(paths: Sequence[str]) -> dict[str, str]:
    return {f"p{i}": path for i, path in enumerate(paths)}
