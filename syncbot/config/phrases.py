"""What stands in the file, as phrases for messages, and a mistake with its key path.

In: nodes of the tree. Out: the second half of `expected ..., but ...`. Never reads text and never judges it.
"""

from __future__ import annotations

import re

from syncbot.formats.diagnostics import Diagnostic, Place
from syncbot.formats.yaml.nodes import Content, Mapping, Node, Path, Scalar, Sequence, followed, key_path, quoted
from syncbot.formats.yaml.scalars import Value, kind

_PLAIN_NAME = re.compile(r"[A-Za-z0-9@/._-]{1,100}")


def mistake(path: Path, place: Place, message: str) -> Diagnostic:
    """What is wrong at a key path; the file is named where all mistakes are gathered."""
    return Diagnostic(subject=key_path(path), place=place, message=message)


def value_of(node: Node | None, key: str) -> Content | None:
    """The value of a mapping's key, or None; anything else has no keys."""
    content = followed(node) if node is not None else None
    return content.get(key) if isinstance(content, Mapping) else None


def text_of(node: Node | None) -> str | None:
    """The value of a scalar that is a string, else None."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def shown(node: Content) -> str:
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


def found(node: Content) -> str:
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


def read_as(text: str, value: Value) -> str:
    """What an unquoted scalar was read as: `18.10 is read as the number 18.1`."""
    if text == "":
        return "nothing is written here"
    if isinstance(value, int | float) and not isinstance(value, bool) and str(value) != text:
        return f"{text} is read as the number {value}"
    return f"{text} is read as {kind(value)}"


def word(text: str) -> str:
    """A name as it is, or in quotes where it is no plain name."""
    return text if _PLAIN_NAME.fullmatch(text) else quoted(text)
