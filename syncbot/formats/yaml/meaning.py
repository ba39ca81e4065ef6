"""What YAML says, in its order and without its layout: nodes with their tags and anchors, and the comments among them.

Quotes of either kind, block scalars and quotes around a plain string are layout where every reader, of YAML 1.1 or 1.2,
takes the same string; flow and block style are as well. Documents with directives are not told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import yaml  # type: ignore[import-untyped]
from syncbot.formats.yaml.nodes import Alias, Mapping, Node, Scalar, Sequence
from syncbot.formats.yaml.reader import read_documents
from syncbot.formats.yaml.scalars import resolve
from syncbot.formats.yaml.syntax import BOM

# Between scalars: a comment, or an anchor or a tag, which may hold a `#`.
_BETWEEN = re.compile(r"#(?P<comment>[^\n]*)|[&!][^\s,\[\]{}]*")
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]+#(?P<comment>[^\n]*)")
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_STRING = "tag:yaml.org,2002:str"

_Token = tuple[str, ...]


def meaning(content: bytes) -> tuple[object, ...] | None:
    """The stream of the file's documents; None where it is no YAML, or says more than can be compared."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    documents = read_documents(text)
    roots = [document.root for document in documents if document.root is not None]
    if len(roots) != len(documents):
        return None
    tokens: list[_Token] = []
    place = len(text) - len(text.removeprefix(BOM))
    for root in roots:
        tokens.append(("document",))
        for node, token in _tokens(root):
            if node is not None:
                between = text[place : node.start]
                if _DIRECTIVE.search(between):
                    return None
                tokens += _comments(between)
                if header := _HEADER.match(text, node.start, node.end):
                    tokens.append(("comment", header["comment"].strip()))
                place = max(place, node.end)
            tokens.append(token)
    rest = text[place:]
    return None if _DIRECTIVE.search(rest) else (*tokens, *_comments(rest))


def _tokens(node: Node) -> Iterator[tuple[Scalar | Alias | None, _Token]]:
    """What is said, and for scalars and aliases the node whose text says it."""
    match node:
        case Alias(name=name):
            yield node, ("alias", name)
        case Scalar():
            yield node, ("scalar", *_properties(node), _kind(node), node.text)
        case Sequence(items=items):
            yield None, ("sequence", *_properties(node))
            for item in items:
                yield from _tokens(item)
            yield None, ("end",)
        case Mapping(pairs=pairs):
            yield None, ("mapping", *_properties(node))
            for pair in pairs:
                yield from _tokens(pair.key)
                yield from _tokens(pair.value)
            yield None, ("end",)


def _properties(node: Scalar | Sequence | Mapping) -> tuple[str, str]:
    return node.tag or "", node.anchor or ""


def _kind(node: Scalar) -> str:
    """A word that any reader may take for something else than a string means itself only without quotes."""
    return "word" if node.is_plain and (node.tag is not None or not _is_string(node.text)) else "string"


@lru_cache(maxsize=4096)
def _is_string(text: str) -> bool:
    of_1_1 = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False))
    return isinstance(resolve(text), str) and of_1_1 == _STRING


def _comments(between: str) -> Iterator[_Token]:
    for found in _BETWEEN.finditer(between):
        if found["comment"] is not None:
            yield "comment", found["comment"].strip()
