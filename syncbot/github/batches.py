"""Batches: repo names and a query in, each repo's answer (or the reason why there is none) out.

A batch that GitHub finds too heavy is halved until it passes; one repo that fails does not fail its batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from syncbot.github.connection import Connection, Json, TooHeavyError
from syncbot.model import Failure

BATCH = 25
"""Repos a query: GitHub answers within its ten seconds, and 10,000 repos are 400 queries."""

Query = Callable[[Sequence[Any]], tuple[str, Json]]


def batched(
    connection: Connection, names: Sequence[str], query: Query
) -> Iterator[tuple[str, Mapping[str, Any] | Failure]]:
    """Each name with what the query answers for it; `query` makes the document and variables of a batch of names.

    Raises ForgeError where GitHub cannot be read at all.
    """
    for start in range(0, len(names), BATCH):
        yield from _read(connection, names[start : start + BATCH], query)


def name_variables(batch: Sequence[str]) -> dict[str, str]:
    """The variables $oI and $nI: whose repository I is, and its name."""
    split = [name.split("/", 1) for name in batch]
    return {f"{key}{i}": part for i, parts in enumerate(split) for key, part in zip("on", parts, strict=True)}


def path_variables(paths: Sequence[str]) -> dict[str, str]:
    """The variables $pI."""
    return {f"p{i}": path for i, path in enumerate(paths)}


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
