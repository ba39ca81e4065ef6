"""In: a whole list and a connection's arguments. Out: the page of it that GitHub would answer. Knows no type."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from graphql import GraphQLError

T = TypeVar("T")
LIMIT = 100
PREFIX = "cursor:v2:"


def page(
    name: str,
    items: Sequence[T],
    *,
    wrap: Callable[[T], object] | None = None,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
) -> dict[str, object]:
    """The connection `name` over `items`; `wrap` is called for those on the page alone.

    Raises GraphQLError where GitHub refuses: without `first` or `last`, or with more than 100.
    """
    _check_bounds(name, first, last)
    start = _offset(after) if after else 0
    end = _offset(before) - 1 if before else len(items)
    if first is not None:
        end = min(end, start + first)
    if last is not None:
        start = max(start, end - last)
    nodes = items[start:end]
    return {
        "nodes": [wrap(node) for node in nodes] if wrap else nodes,
        "totalCount": len(items),
        "pageInfo": {
            "startCursor": _cursor(start + 1) if nodes else None,
            "endCursor": _cursor(start + len(nodes)) if nodes else None,
            "hasPreviousPage": start > 0,
            "hasNextPage": end < len(items),
        },
    }


def refused(type: str, message: str) -> GraphQLError:
    """An error with GitHub's `type`, such as NOT_FOUND."""
    return GraphQLError(message, extensions={"type": type})


def _check_bounds(name: str, first: int | None, last: int | None) -> None:
    if first is None and last is None:
        raise refused(
            "MISSING_PAGINATION_BOUNDARIES",
            f"You must provide a `first` or `last` value to properly paginate the `{name}` connection.",
        )
    for word, value in (("first", first), ("last", last)):
        if value is not None and value > LIMIT:
            raise refused(
                "EXCESSIVE_PAGINATION",
                f"Requesting {value} records on the `{name}` connection exceeds the `{word}` limit of {LIMIT} records.",
            )
        if value is not None and value < 0:
            raise refused("BAD_PAGINATION", f"`{word}` on the `{name}` connection cannot be less than zero.")


def _cursor(position: int) -> str:
    return base64.b64encode(f"{PREFIX}{position}".encode()).decode()


def _offset(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix(PREFIX))
    except (binascii.Error, ValueError) as error:
        raise refused("INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor.") from error
