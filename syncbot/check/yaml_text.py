"""YAML 1.2 text to values and the place of each key: what Compose and GitHub read, not what PyYAML does by itself.

Never runs anything that a tag names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml  # type: ignore[import-untyped]

from syncbot.check.values import place_at
from syncbot.formats.diagnostics import Diagnostic

MAX_DEPTH = 100

KeyPath = tuple[str | int, ...]
Place = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The value and the place (line, column, from 1) of every key and item; `findings` if it is no YAML."""

    value: object = None
    places: Mapping[KeyPath, Place] = field(default_factory=dict)
    findings: tuple[Diagnostic, ...] = ()

    def place(self, *path: str | int) -> Place:
        """The place of `path`, or of the nearest key above it that is known."""
        return next((self.places[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.places), (0, 0))


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.2's core schema: `on` and `no` are words, `0o10` is a number and `010` ten."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), [*_first])
_Loader.yaml_implicit_resolvers[""] = [("tag:yaml.org,2002:null", re.compile(r"\Z"))]


def _construct_int(_loader: _Loader, node: yaml.ScalarNode) -> int:
    text = str(node.value)
    return int(text, 0) if text.lower().startswith(("0o", "0x")) else int(text)


_Loader.add_constructor("tag:yaml.org,2002:int", _construct_int)


def read_yaml(path: str, content: bytes) -> Document:
    """The one document of a YAML file, or findings: syntax, a second document, a duplicate or non-text key."""
    try:
        if _may_be_deep(content) and _depth(content) > MAX_DEPTH:
            said = f"nested more than {MAX_DEPTH} levels deep"
            return Document(findings=(Diagnostic(path=path, code="yaml", message=f"not valid YAML: {said}"),))
        loader = _Loader(content)
        node = loader.get_single_node()
        if node is None:
            return Document(findings=(Diagnostic(path=path, code="yaml", message="the file is empty"),))
        places: dict[KeyPath, Place] = {(): _place(node)}
        findings = tuple(_collect(path, node, (), places))
        return Document(value=loader.construct_document(node), places=places, findings=findings)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        said = getattr(error, "problem", None) or str(error).splitlines()[0]
        message = f"not valid YAML: {said}"
        return Document(findings=(Diagnostic(path=path, place=place_at(line, column), code="yaml", message=message),))


def _may_be_deep(content: bytes) -> bool:
    """Cheap and on the safe side: no file nests deeper than it has brackets and indentation."""
    indentation = max((len(line) - len(line.lstrip(b" -?\t")) for line in content.splitlines()), default=0)
    return content.count(b"[") + content.count(b"{") + indentation > MAX_DEPTH


def _depth(content: bytes) -> int:
    """By the parser's events, since the composer recurses: in C, where a deep file would end the process."""
    depth = deepest = 0
    for event in yaml.parse(content, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        deepest = max(deepest, depth)
        if deepest > MAX_DEPTH:
            break
    return deepest


def _collect(path: str, node: yaml.Node, at: KeyPath, places: dict[KeyPath, Place]) -> Iterator[Diagnostic]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, str(key.value))
            line, column = _place(key)
            if here in places and str(key.value) != "<<":
                said = f"the key {key.value!r} is given twice; first on line {places[here][0]}"
                yield Diagnostic(path=path, place=place_at(line, column), code="yaml-duplicate-key", message=said)
            places.setdefault(here, (line, column))
            yield from _collect(path, value, here, places)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            places[(*at, index)] = _place(value)
            yield from _collect(path, value, (*at, index), places)


def _place(node: yaml.Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1
