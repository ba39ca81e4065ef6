"""YAML nodes that remember where they were written: what `syncbot.formats.yaml.reader` builds.

The tree is what stands in the text: aliases are nodes of their own, and mappings keep every pair, `<<` and keys that
are given twice among them. Who wants the meaning asks `followed`, `Mapping.get`, `entries`, `items`, `at`, `plain`.
No tree is deeper than `reader.MAX_DEPTH`, aliases followed, so that recursion is safe.

`text[node.start:node.end]`, in characters, is a node's own text: without its anchor and tag, and without the blank
lines and comments after it; empty where nothing is written. A block scalar (`|`, `>`) ends with its line end, the
blank lines that belong to it included.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from syncbot.formats.diagnostics import Place
from syncbot.formats.yaml.scalars import Value

Key = str | int
Path = tuple[Key, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")


class Scalar(NamedTuple):
    """One value. `text` is what stands there with quotes, escapes and folding taken away; `value` what it means.

    `style` is `"` or `'` for quotes, `|` or `>` for a block, and empty for a plain scalar. `tag` is None where none
    is written, with standard ones in full: `tag:yaml.org,2002:str`. `place` is where the node begins, its anchor and
    tag included.
    """

    value: Value
    text: str
    style: str
    tag: str | None
    anchor: str | None
    place: Place
    start: int
    end: int

    @property
    def is_plain(self) -> bool:
        """Not quoted, no block: a word that may be a number, a truth value or null."""
        return not self.style


class Mapping(NamedTuple):
    """Keys and values as written. `by_key` finds the first pair of each key by its text; merge keys are not in it."""

    pairs: list[Pair]
    by_key: dict[str, Pair]
    is_flow: bool
    tag: str | None
    anchor: str | None
    place: Place
    start: int
    end: int

    def get(self, key: str) -> Content | None:
        """The value of a key that stands here itself, an alias followed; None if there is none."""
        pair = self.by_key.get(key)
        return followed(pair.value) if pair else None


class Sequence(NamedTuple):
    """A list of nodes as written."""

    items: list[Node]
    is_flow: bool
    tag: str | None
    anchor: str | None
    place: Place
    start: int
    end: int


class Alias(NamedTuple):
    """`*name`, and the node of that anchor."""

    name: str
    target: Content
    place: Place
    start: int
    end: int


Content = Scalar | Mapping | Sequence
Node = Content | Alias


class Pair(NamedTuple):
    """A key and its value; an alias as key stands for a scalar."""

    key: Scalar | Alias
    value: Node


def key_text(key: Scalar | Alias) -> str:
    """The text of a key: what `Mapping.by_key` is looked up by."""
    content = followed(key)
    return content.text if isinstance(content, Scalar) else ""


def is_merge_key(key: Scalar | Alias) -> bool:
    """Whether the key is a bare `<<`."""
    return isinstance(key, Scalar) and key.text == "<<" and key.is_plain


def followed(node: Node) -> Content:
    """The node, or what an alias stands for."""
    return node.target if isinstance(node, Alias) else node


def entries(node: Mapping) -> dict[str, Pair]:
    """The pairs of a mapping by key text with its merge keys followed: own keys win, then what is merged first.

    The rule is https://yaml.org/type/merge.html. What is merged and is no mapping is passed over.
    """
    found = dict(node.by_key)
    for pair in node.pairs:
        if not is_merge_key(pair.key):
            continue
        merged = followed(pair.value)
        for part in merged.items if isinstance(merged, Sequence) else [merged]:
            source = followed(part)
            if isinstance(source, Mapping):
                found = {**entries(source), **found}
    return found


def items(node: Node | None) -> list[Content]:
    """The items of a list with aliases followed; none where the node is no list."""
    content = followed(node) if node is not None else None
    return [followed(item) for item in content.items] if isinstance(content, Sequence) else []


def plain(node: Node) -> object:
    """The node as dict, list or scalar, merge keys and aliases followed. Keys are what they mean: `80: x` has an int.

    Tags on collections mean nothing here.
    """
    match followed(node):
        case Mapping() as mapping:
            return {_key(pair): plain(pair.value) for pair in entries(mapping).values()}
        case Sequence(items=listed):
            return [plain(item) for item in listed]
        case Scalar(value=value):
            return value


def _key(pair: Pair) -> Value:
    key = followed(pair.key)
    return key.value if isinstance(key, Scalar) else None


def at(root: Node, path: Path) -> Content:
    """The deepest node on the way along `path`: the one named, or the one that should have held it."""
    return _walk(root, path)[0]


def place_of(root: Node, path: Path) -> Place:
    """Where the last known part of `path` is written: a key, or an item of a list."""
    return _walk(root, path)[1]


def _walk(root: Node, path: Path) -> tuple[Content, Place]:
    node, place = followed(root), root.place
    for part in path:
        match node:
            case Mapping() if pair := entries(node).get(str(part)):
                node, place = followed(pair.value), pair.key.place
            case Sequence(items=listed) if isinstance(part, int) and 0 <= part < len(listed):
                node, place = followed(listed[part]), listed[part].place
            case _:
                break
    return node, place


def walk(root: Node) -> Iterator[Node]:
    """Every node as written, the root first, keys before values; aliases are not followed."""
    yield root
    match root:
        case Mapping(pairs=pairs):
            for pair in pairs:
                yield pair.key
                yield from walk(pair.value)
        case Sequence(items=listed):
            for item in listed:
                yield from walk(item)
        case _:
            pass


def key_path(path: Path) -> str:
    """The path as people write it: `repos[3].team`; a key that is no word stands in brackets and quotes."""
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            words += f".{part}" if words else part
        else:
            words += f"[{quoted(part)}]"
    return words


def quoted(text: str, limit: int = 60) -> str:
    """The text in double quotes, on one line and shortened; a YAML reader takes it back as the same string."""
    short = text if len(text) <= limit else text[:limit] + "…"
    return json.dumps(short, ensure_ascii=not short.isprintable())
