"""JSON files, and Terraform's JSON among them: syntax, the top level, and what a parameter group takes. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain

from syncbot.check.codes import Code
from syncbot.check.types import finding
from syncbot.formats.diagnostics import Diagnostic, Place
from syncbot.formats.parameter_group import KIND, ApplyMethod, blocks, bodies, read_groups

TOP_LEVEL = frozenset(
    {"check", "data", "import", "locals", "module", "moved", "output", "provider", "removed", "resource"}
    | {"terraform", "variable", "//"}
)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_FAMILY = re.compile(r"postgres[0-9]+")
_PARAMETER = re.compile(r"[a-z_][a-z0-9_.]*")
_GROUP_NAME = re.compile(r"[a-z](?:-?[a-z0-9])*")


class _Twice(ValueError):
    pass


def check_json(path: str, content: bytes) -> Iterator[Diagnostic]:
    """Syntax and duplicate keys; for `.tf.json` the shape that Terraform expects as well."""
    try:
        value = json.loads(content, object_pairs_hook=_once, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        yield Diagnostic(
            path=path,
            place=Place(error.lineno, error.colno),
            code=Code.JSON,
            message=f"not valid JSON: {error.msg.lower()}",
        )
        return
    except (_Twice, UnicodeDecodeError, RecursionError) as error:
        yield finding(path, Code.JSON, f"not valid JSON: {error}")
        return
    if path.endswith(".tf.json"):
        yield from _terraform(path, value, content)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(f"the key {next(n for n in names if names.count(n) > 1)!r} is given twice")
    return value


def _refuse(word: str) -> object:
    raise _Twice(f"{word} is no number")


def _terraform(path: str, value: object, content: bytes) -> Iterator[Diagnostic]:
    if not isinstance(value, dict):
        yield finding(path, Code.TERRAFORM, "expected an object")
        return
    for key in value.keys() - TOP_LEVEL:
        yield _at(path, content, key, Code.TERRAFORM, f"Terraform has no {key!r} at the top")
    resources = value.get("resource", {})
    for kind, named in blocks(resources):
        for name, body in blocks(named):
            if not _IDENTIFIER.fullmatch(name):
                yield _at(path, content, name, Code.TERRAFORM, f"{name!r} is not a name that Terraform takes")
            if kind == KIND:
                yield from chain.from_iterable(_group(path, each, content) for each in bodies(body))
            elif "parameter_group" in kind:
                yield _at(path, content, kind, Code.TERRAFORM, f"{kind} is not {KIND}")
    if not resources:
        yield finding(path, Code.TERRAFORM, "describes no resource")


def _group(path: str, body: object, content: bytes) -> Iterator[Diagnostic]:
    if not isinstance(body, dict):
        yield finding(path, Code.PARAMETER_GROUP, "expected an object")
        return
    for key in body.keys() - {"name", "name_prefix", "family", "description", "parameter", "tags", "lifecycle"}:
        yield _at(path, content, key, Code.PARAMETER_GROUP, f"a parameter group has no {key!r}")
    if not _FAMILY.fullmatch(str(body.get("family"))):
        yield _at(
            path, content, "family", Code.PARAMETER_GROUP, f"{body.get('family')!r} is no family such as postgres16"
        )
    name = body.get("name", body.get("name_prefix", "x"))
    if not _GROUP_NAME.fullmatch(str(name).rstrip("-")) or len(str(name)) > 255:
        yield _at(path, content, "name", Code.PARAMETER_GROUP, f"{name!r}: RDS takes letters, digits and single dashes")
    seen = set()
    for parameter in bodies(body.get("parameter", [])):
        yield from _parameter(path, parameter, content)
        if isinstance(parameter, dict):
            if parameter.get("name") in seen:
                named = str(parameter.get("name"))
                yield _at(path, content, named, Code.PARAMETER_GROUP, f"{named} is set twice")
            seen.add(parameter.get("name"))


def _parameter(path: str, parameter: object, content: bytes) -> Iterator[Diagnostic]:
    match parameter:
        case {"name": str(name), "value": str(), **rest} if _PARAMETER.fullmatch(name):
            method = rest.pop("apply_method", ApplyMethod.IMMEDIATE)
            if method not in tuple(ApplyMethod):
                yield _at(
                    path,
                    content,
                    name,
                    Code.PARAMETER_GROUP,
                    f"{name}: apply_method is one of {', '.join(ApplyMethod)}",
                )
            for key in rest:
                yield _at(path, content, name, Code.PARAMETER_GROUP, f"{name}: a parameter has no {key!r}")
        case {"name": name}:
            yield _at(
                path,
                content,
                str(name),
                Code.PARAMETER_GROUP,
                f"{name}: expected a name in small letters and a value in quotes",
            )
        case _:
            yield finding(path, Code.PARAMETER_GROUP, "expected parameters with name, value and apply_method")


def _at(path: str, content: bytes, word: str, code: Code, message: str) -> Diagnostic:
    """A finding on the first line that holds the word in quotes."""
    position = content.find(json.dumps(word).encode())
    line = content[:position].count(b"\n") + 1 if position >= 0 else 0
    return finding(path, code, message, line=line)


def group_parameters(content: bytes) -> tuple[Mapping[str, str], ...]:
    """The parameters of each group in the file, by name; none where it holds no group, or cannot be read."""
    try:
        return tuple(group.values for group in read_groups(json.loads(content)))
    except (ValueError, RecursionError):
        return ()
