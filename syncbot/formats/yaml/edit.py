"""Edits of YAML text that keep every other byte: comments, quotes, indentation, line ends.

In: the text, its nodes and what to write. Out: splices, and the text with them. What is spliced in is written as its
neighbours are. Whoever edits reads the result again and holds it against what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as Fields
from collections.abc import Sequence as Pieces
from typing import NamedTuple

from syncbot.formats.yaml.nodes import Mapping, Node, Scalar, Sequence
from syncbot.formats.yaml.syntax import BOM
from syncbot.formats.yaml.write import flow, scalar

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class Splice(NamedTuple):
    """`text` in place of what stands from `start` to `end`; both equal where nothing goes."""

    start: int
    end: int
    text: str


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """The text with all of them, which must not overlap."""
    for start, end, added in sorted(splices, reverse=True):
        text = text[:start] + added + text[end:]
    return text


def is_json(node: Node | None) -> bool:
    """Whether it is written as JSON is: in double quotes; a mapping by its first key, `[...]` by its first item."""
    match node:
        case Scalar(style=style):
            return style == '"'
        case Mapping(pairs=[first, *_]):
            return is_json(first.key)
        case Sequence(items=[first, *_], is_flow=True):
            return is_json(first)
        case _:
            return False


def into_flow(node: Mapping | Sequence, pieces: Pieces[str]) -> Splice:
    """Behind the last value inside the brackets, before a comma or comment that follows it."""
    within = node.items if isinstance(node, Sequence) else [pair.value for pair in node.pairs]
    if within:
        end = within[-1].end
        return Splice(end, end, "".join(f", {piece}" for piece in pieces))
    inside = node.start + 1
    return Splice(inside, inside, ", ".join(pieces))


def below(text: str, node: Node, lines: Pieces[str]) -> Splice:
    """On lines of their own below the last line of the node, ended as the text's lines are.

    A block scalar that ends the text without a line end gets one, and may mean another value.
    """
    usual = _BREAK.search(text)
    line_end = usual[0] if usual and usual[0] in ("\r\n", "\r") else "\n"
    at = node.end
    if at > 0 and _BREAK.fullmatch(text[at - 1 : at]):
        # A block scalar ends with its line.
        return Splice(at, at, "".join(line + line_end for line in lines))
    found = _BREAK.search(text, at)
    if found is None:
        return Splice(len(text), len(text), "".join(line_end + line for line in lines))
    return Splice(found.end(), found.end(), "".join(line + line_end for line in lines))


def column(text: str, node: Node) -> int:
    """The column, from 0, where the node's own text begins: that of the dashes for an indented list."""
    start = node.start
    line = 1 + max(text.rfind(line_end, 0, start) for line_end in "\n\r\x85\u2028\u2029")
    return start - max(line, int(text.startswith(BOM)))


def block_item(fields: Fields[str, object], dash: int, step: int, *, as_json: bool) -> list[str]:
    """`- path: Dockerfile` and the lines below it; a mapping within is indented once more, and is flow below that.

    `dash` is the column of the dash, `step` how far behind it the keys stand.
    """
    lines = []
    for key, value in fields.items():
        name = f"{' ' * (dash + step)}{scalar(key, is_json=as_json)}:"
        if isinstance(value, Fields) and value:
            lines.append(name)
            inner = " " * (dash + step + 2)
            lines += [f"{inner}{scalar(k, is_json=as_json)}: {flow(v, is_json=as_json)}" for k, v in value.items()]
        else:
            lines.append(f"{name} {flow(value, is_json=as_json)}")
    lines[0] = " " * dash + "-" + lines[0][dash + 1 :]
    return lines
