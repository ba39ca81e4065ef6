"""Batches: repo names, a query and a decoder in, each repo's value (or the reason why there is none) out.

Nothing that an error points at reaches the decoder, but for the few errors of `_EXPECTED`. What GitHub found too heavy,
or lost without a reason, is asked for again in halves, down to one repo: then that repo was not read, and no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from syncbot.errors import FailureCode
from syncbot.github.connection import Connection, Json, TooHeavyError
from syncbot.github.decode import REFUSALS, Path, UnreadError, Value
from syncbot.model.observation import Failure

T = TypeVar("T")

BATCH = 25
"""Repos a query: GitHub answers within its ten seconds, and 10,000 repos are 400 queries."""

Query = Callable[[Sequence[Any]], tuple[str, Json]]
Decode = Callable[[str, Value], T | Failure]

_EXPECTED = (
    # `Commit.file` and `object` of what a commit does not hold.
    (("NOT_FOUND",), re.compile(r"[fb][0-9]+")),
    # What is shown to administrators alone, and what an App without `checks: read` may not see: a null says so too.
    (REFUSALS, re.compile(r"branchProtectionRule|refUpdateRule|rules|statusCheckRollup")),
)
"""Errors that a healthy GitHub answers a repo's query with: their types, and the last step of their path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told(Generic[T]):
    """What one answer told of one repo. `again`: another answer may tell more; `doubts` are of a value alone."""

    value: T | Failure
    doubts: frozenset[str] = frozenset()
    again: bool = False


def batched(connection: Connection, names: Sequence[str], query: Query, decode: Decode[T]) -> dict[str, T | Failure]:
    """What `decode` makes of each repo's part of the answer; `query` makes the document and variables of a batch.

    Raises ForgeError where GitHub cannot be read at all.
    """
    read: dict[str, T | Failure] = {}
    for start in range(0, len(names), BATCH):
        read.update(_read(connection, names[start : start + BATCH], query, decode, {}))
    return {name: read[name] for name in names}


def name_variables(batch: Sequence[str]) -> dict[str, str]:
    """The variables $oI and $nI: whose repository I is, and its name."""
    split = [name.split("/", 1) for name in batch]
    return {f"{key}{i}": part for i, parts in enumerate(split) for key, part in zip("on", parts, strict=True)}


HEADS = "refs/heads/"


def prefix_variables(prefixes: Sequence[str]) -> dict[str, str]:
    """The variables $bI."""
    return {f"b{i}": HEADS + prefix for i, prefix in enumerate(prefixes)}


def path_variables(paths: Sequence[str]) -> dict[str, str]:
    """The variables $pI."""
    return {f"p{i}": path for i, path in enumerate(paths)}


def _read(
    connection: Connection,
    batch: Sequence[str],
    query: Query,
    decode: Decode[T],
    before: Mapping[str, _Told[T]],
    *,
    last: bool = False,
) -> Iterator[tuple[str, T | Failure]]:
    """`before` is what was told in a larger batch; `last` that one repo alone was asked for before."""
    told = _told(connection, batch, query, decode)
    open_: list[str] = []
    for name in batch:
        if _is_settled(told[name], before.get(name)):
            yield name, told[name].value
        elif last:
            yield name, _unsettled(name, told[name])
        else:
            open_.append(name)
    most = max(1, (len(batch) + 1) // 2)
    for start in range(0, len(open_), most):
        yield from _read(connection, open_[start : start + most], query, decode, told, last=len(batch) == 1)


def _is_settled(told: _Told[T], before: _Told[T] | None) -> bool:
    """Whether another answer is not worth asking for: what is doubtful was said before."""
    if told.again:
        return False
    return not told.doubts or (before is not None and told.doubts <= before.doubts)


def _unsettled(name: str, told: _Told[T]) -> Failure:
    if isinstance(told.value, Failure):
        return told.value
    return unread(name, f"GitHub does not say the same twice: {', '.join(sorted(told.doubts))}")


def _told(connection: Connection, batch: Sequence[str], query: Query, decode: Decode[T]) -> dict[str, _Told[T]]:
    try:
        data, errors = connection.query(*query(batch))
        sorted_ = _by_repo(errors, len(batch))
    except TooHeavyError as error:
        return {name: _Told(value=unread(name, str(error)), again=True) for name in batch}
    return {name: _one(name, data.get(f"r{i}"), sorted_[i], decode) for i, name in enumerate(batch)}


def _by_repo(errors: Sequence[Json], repos: int) -> list[list[tuple[Path, Json]]]:
    """The errors of each repo, with their paths in it. Raises TooHeavyError where one says not whose it is."""
    found: list[list[tuple[Path, Json]]] = [[] for _ in range(repos)]
    aliases = {f"r{i}": i for i in range(repos)}
    for error in errors:
        path = error.get("path")
        alias = path[0] if isinstance(path, list) and path else None
        if isinstance(path, list) and isinstance(alias, str) and alias in aliases:
            found[aliases[alias]].append((tuple(path[1:]), error))
        elif alias != "rateLimit":
            raise TooHeavyError(str(error.get("message")))
    return found


def _one(name: str, raw: object, errors: Sequence[tuple[Path, Json]], decode: Decode[T]) -> _Told[T]:
    unexpected = [(path, error) for path, error in errors if not _is_expected(path, error)]
    if unexpected:
        return _failed(name, *min(unexpected, key=lambda found: len(found[0])))
    if raw is None:
        return _Told(value=unread(name, "it is null"), again=True)
    value = Value(raw, not_found=frozenset(path for path, error in errors if error.get("type") == "NOT_FOUND"))
    try:
        decoded = decode(name, value)
    except UnreadError as error:
        return _Told(value=unread(name, str(error)))
    return _Told(value=decoded, doubts=frozenset(value.doubts))


def _is_expected(path: Path, error: Json) -> bool:
    return bool(path) and any(
        error.get("type") in types and step.fullmatch(str(path[-1])) is not None for types, step in _EXPECTED
    )


def _failed(name: str, path: Path, error: Json) -> _Told[T]:
    kind, said = error.get("type"), str(error.get("message"))
    if kind == "NOT_FOUND" and not path:
        failure = Failure(code=FailureCode.NOT_FOUND, reason=f"{name} is not there, or the token may not see it")
    elif kind in REFUSALS:
        what = f" ({Value(None, path)})" if path else ""
        failure = Failure(code=FailureCode.NOT_PERMITTED, reason=f"the token may not read {name}{what}: {said}")
    else:
        failure = unread(name, f"{said} ({Value(None, path)})" if path else said)
    return _Told(value=failure, again=kind not in ("NOT_FOUND", *REFUSALS))


def unread(name: str, why: str) -> Failure:
    """GitHub did not tell of the repo what was asked for."""
    return Failure(code=FailureCode.UNREADABLE, reason=f"GitHub could not read {name}: {why}")
