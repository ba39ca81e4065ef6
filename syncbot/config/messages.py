"""Mistakes in words: what was expected, what was found, and how to mend it.

In: a node of the tree, or one of pydantic's errors about it. Out: a diagnostic that names the
place, or a phrase for one. Pure.
"""

from __future__ import annotations

import re

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from syncbot.config.document import (
    EXPECTED,
    REPO_NAME,
    AdoptEntry,
    CommitsEntry,
    Defaults,
    Document,
    ExemptionEntry,
    FleetCommitsEntry,
    LimitsEntry,
    RepoEntry,
)
from syncbot.formats.diagnostics import Diagnostic, Place, did_you_mean, nearest
from syncbot.formats.yaml.nodes import (
    Content,
    Mapping,
    Node,
    Path,
    Scalar,
    Sequence,
    at,
    followed,
    key_path,
    quoted,
)
from syncbot.formats.yaml.scalars import Value, kind, resolve_with_dates

STRING = "a string"
WHOLE_NUMBER = "a whole number"
NUMBER = "a number"
TRUTH = "true or false"
DATE = "a date such as 2027-01-31"

_PLAIN_NAME = re.compile(r"[A-Za-z0-9@/._-]{1,100}")
_TYPES = {
    "string_type": STRING,
    "bool_type": TRUTH,
    "int_type": WHOLE_NUMBER,
    "int_from_float": WHOLE_NUMBER,
    "float_type": NUMBER,
    "date_type": DATE,
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
}
_BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
}
_MODELS: dict[tuple[str, ...], type[BaseModel]] = {
    (): Document,
    ("defaults",): Defaults,
    ("commits",): FleetCommitsEntry,
    ("limits",): LimitsEntry,
    ("repos",): RepoEntry,
    ("repos", "exemptions"): ExemptionEntry,
    ("repos", "commits"): CommitsEntry,
    ("repos", "adopt"): AdoptEntry,
    ("defaults", "adopt"): AdoptEntry,
}


def in_words(root: Node, error: ErrorDetails) -> Diagnostic:
    """One of pydantic's errors as a diagnostic."""
    path: Path = error["loc"]
    if error["type"] == "extra_forbidden":
        return mistake(path, key_place(root, path), _unknown_key(path))
    node = at(root, path)
    return mistake(path, node.place, _message(path, node, error))


def _message(path: Path, node: Content, error: ErrorDetails) -> str:
    match error["type"]:
        case "missing":
            return "required, but missing"
        case "literal_error":
            return _not_an_ownership(node)
        case "string_pattern_mismatch":
            return unlike(node, error["ctx"]["pattern"])
        case "too_short":
            return f"expected at least one entry, but {shown(node)}"
        case "model_type" if not path:
            return f"expected keys such as organization and repos, but {found(node)}"
        case bound if bound in _BOUNDS:
            words, limit = _BOUNDS[bound]
            return f"expected {words} {error['ctx'][limit]:g}, but {shown(node)}"
        case known if known in _TYPES:
            return wrong_type(_TYPES[known], node)
        case _:
            return f"{error['msg']}, but {shown(node)}"


def wrong_type(expected: str, node: Content) -> str:
    """`expected a string, but 18.10 is read as the number 18.1; quote it: "18.10"`."""
    if expected == DATE and isinstance(node, Scalar) and isinstance(node.value, str):
        return f"expected {DATE}, but {quoted(node.text)} is not a day"
    return f"expected {expected}, but {found(node)}{_remedy(expected, node)}"


def _remedy(expected: str, node: Node) -> str:
    if not isinstance(node, Scalar) or not node.text or node.value is None:
        return ""
    if expected == STRING:
        return f"; quote it: {quoted(node.text)}"
    if not node.is_plain and _would_be(expected, resolve_with_dates(node.text)):
        return "; remove the quotes"
    return ""


def _would_be(expected: str, value: object) -> bool:
    match expected:
        case "a whole number":
            return isinstance(value, int) and not isinstance(value, bool)
        case "a number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "true or false":
            return isinstance(value, bool)
        case _:
            return False


def key_place(root: Node, path: Path) -> Place:
    """Where the last key of `path` is written."""
    parent, key = at(root, path[:-1]), path[-1]
    return parent.by_key[str(key)].key.place if isinstance(parent, Mapping) else parent.place


def _unknown_key(path: Path) -> str:
    known = _MODELS[tuple(key for key in path[:-1] if isinstance(key, str))].model_fields
    return f"unknown key{did_you_mean(nearest(str(path[-1]), known))}; expected one of {', '.join(known)}"


def _not_an_ownership(node: Content) -> str:
    if isinstance(node, Scalar) and node.value == "keys":
        return "expected file or block; ownership of single keys is not supported yet"
    return f"expected file or block, but {shown(node)}"


def unlike(node: Content, pattern: str) -> str:
    """`expected a sentence, but found " "`, for one of the patterns of the file's shape."""
    message = f"expected {EXPECTED[pattern]}, but {shown(node)}"
    if pattern == REPO_NAME and isinstance(node, Scalar) and "/" in node.text:
        return f"{message}; all repos of this file belong to its organization"
    return message


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
