"""YAML nodes that remember where they were written, and the ways to speak of them.

In: nodes built by `syncbot.config.reader`. Out: plain Python values, places, key paths and phrases for messages.
Never reads text and never judges it.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from syncbot.config.scalars import Value, read_as

Key = str | int
Path = tuple[Key, ...]


class Place(NamedTuple):
    """Line and column, counted from 1."""

    line: int
    column: int


class Scalar(NamedTuple):
    """One value, with its source text (without quotes) and whether it was quoted."""

    value: Value
    place: Place
    text: str
    quoted: bool


class Mapping(NamedTuple):
    """Keys and values; `keys` holds the place of each key."""

    entries: dict[str, Node]
    keys: dict[str, Place]
    place: Place


class Sequence(NamedTuple):
    """A list of nodes."""

    items: list[Node]
    place: Place


Node = Scalar | Mapping | Sequence

# Stands for a null where a null is never a value, so that no optional key accepts an empty one by accident.
EMPTY = object()
_FREE = frozenset(("answers", "keep"))
_PLAIN_NAME = re.compile(r"[A-Za-z0-9@/._-]{1,100}")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")


def plain(node: Node, null: object = EMPTY) -> object:
    """The node as dict, list or scalar; nulls become `null`, and None inside `answers` and `keep`."""
    match node:
        case Mapping():
            return {key: plain(value, None if key in _FREE else null) for key, value in node.entries.items()}
        case Sequence():
            return [plain(item, null) for item in node.items]
        case Scalar():
            return null if node.value is None else node.value


def at(root: Node, path: Path) -> Node:
    """The deepest node on the way along `path`: the one named, or the one that should have held it."""
    node = root
    for key in path:
        if isinstance(node, Mapping) and key in node.entries:
            node = node.entries[str(key)]
        elif isinstance(node, Sequence) and isinstance(key, int) and key < len(node.items):
            node = node.items[key]
        else:
            break
    return node


def key_path(root: Node | None, path: Path) -> str:
    """The path as people write it, with the name of each repo that has one: `repos[3] (payments-api).team`."""
    words = ""
    for depth, key in enumerate(path):
        if isinstance(key, int):
            words += f"[{key}]{_named(root, path[: depth + 1])}"
        elif _PLAIN_KEY.fullmatch(key):
            words += f".{key}" if words else key
        else:
            words += f"[{quoted(key)}]"
    return words


def _named(root: Node | None, path: Path) -> str:
    if root is None or len(path) != 2 or path[0] != "repos":
        return ""
    name = text_of(entry(at(root, path), "name"))
    return f" ({word(name)})" if name else ""


def entry(node: Node | None, key: str) -> Node | None:
    """The value of a mapping's key, or None."""
    return node.entries.get(key) if isinstance(node, Mapping) else None


def text_of(node: Node | None) -> str | None:
    """The value of a scalar that is a string, else None."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def shown(node: Node) -> str:
    """What stands in the file, where its type is right and its value is not."""
    match node:
        case Scalar(value=str()):
            return f"found {quoted(node.text)}"
        case Scalar() if node.text:
            return f"found {node.text}"
        case Sequence(items=[]):
            return "it is empty"
        case _:
            return found(node)


def found(node: Node) -> str:
    """What stands in the file, where its type is wrong: the second half of `expected ..., but ...`."""
    match node:
        case Mapping():
            return "found a mapping"
        case Sequence():
            return "found a list"
        case Scalar(value=str()):
            return f"{quoted(node.text)} is a string"
        case Scalar():
            return read_as(node.text, node.value)


def quoted(text: str, limit: int = 60) -> str:
    """The text in double quotes, on one line and shortened; a YAML reader takes it back as the same string."""
    short = text if len(text) <= limit else text[:limit] + "…"
    return json.dumps(short, ensure_ascii=not short.isprintable())


def word(text: str) -> str:
    """A name as it is, or in quotes where it is no plain name."""
    return text if _PLAIN_NAME.fullmatch(text) else quoted(text)
