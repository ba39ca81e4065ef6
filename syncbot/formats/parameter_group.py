"""RDS parameter groups as infrastructure code writes them and as AWS describes them: parsed documents in, values out.

Read are Terraform's JSON and its own language (as python-hcl2 parses it), CloudFormation's JSON, inputs of the AWS CLI,
and what describe-db-parameters answers. Nothing is evaluated: what only Terraform could work out is not understood.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from syncbot.formats.diagnostics import Diagnostic, Severity

KIND = "aws_db_parameter_group"
_FAMILY = re.compile(r"postgres([0-9]{1,3})")


class ApplyMethod(StrEnum):
    """When a change takes hold, in the words of the RDS API."""

    IMMEDIATE = "immediate"
    PENDING_REBOOT = "pending-reboot"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupParameter:
    """One entry: the value is RDS's own spelling, or a formula. `apply_method` is None where it is not said."""

    name: str
    value: str
    apply_method: ApplyMethod | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterGroup:
    """One group, and in `diagnostics` what is not among its parameters, with the reason. Of several, the last holds.

    `name` is empty where the group has none yet. The family is None where it is not understood.
    """

    name: str = ""
    family: str | None
    parameters: tuple[GroupParameter, ...]
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def major(self) -> int | None:
        """The Postgres major of a family such as `postgres16`."""
        found = _FAMILY.fullmatch(self.family or "")
        return int(found[1]) if found else None

    @property
    def values(self) -> dict[str, str]:
        """The values by name."""
        return {each.name: each.value for each in self.parameters}


def read_groups(document: object) -> tuple[ParameterGroup, ...]:
    """Every group in the document, none where it holds none."""
    match document:
        case {"resource": resource}:
            return tuple(_terraform(resource))
        case {"Resources": {**resources}}:
            return tuple(_cloudformation(resources))
        case {"create": create, "modify": [*calls]} if isinstance(create, Mapping):
            return (_calls(create, calls),)
    return ()


def described_group(name: str, family: str, rows: Iterable[Mapping[str, object]]) -> ParameterGroup:
    """What people set, of the rows that describe-db-parameters answers: RDS's own values have another source."""
    found = (row for row in rows if "ParameterValue" in row and row.get("Source", "user") == "user")
    return _made(name, family, (_row(row, _AWS, _scalar) for row in found), ())


def blocks(value: object) -> Iterator[tuple[str, object]]:
    """The labels and bodies of Terraform's blocks: JSON has an object, or a list of them, wherever there are any."""
    for each in bodies(value):
        if isinstance(each, Mapping):
            yield from ((str(key), inner) for key, inner in each.items())


def bodies(value: object) -> list[object]:
    """One, or several in a list."""
    return value if isinstance(value, list) else [value]


def hcl_as_json(value: object) -> object:
    """What python-hcl2 parsed, as Terraform's JSON has it: hcl2 keeps the quotes of strings, and marks blocks."""
    match value:
        case dict():
            return {_unquoted(key): hcl_as_json(inner) for key, inner in value.items() if key not in _HCL_MARKS}
        case list():
            return [hcl_as_json(inner) for inner in value]
        case str():
            return _unquoted(value)
    return value


class _Keys(NamedTuple):
    name: str
    value: str
    method: str


_TERRAFORM = _Keys("name", "value", "apply_method")
_AWS = _Keys("ParameterName", "ParameterValue", "ApplyMethod")
_EXPRESSION = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")
_ESCAPED = re.compile(r"([$%])\1\{")
# They say nothing of the parameters.
_ASIDE = frozenset(
    {"name", "name_prefix", "family", "description", "tags", "lifecycle", "skip_destroy", "provider", "//"}
)
_HCL_MARKS = ("__is_block__", "__comments__", "__inline_comments__")
_HCL_ESCAPE = re.compile(r'\\(["\\nrt])')
_HCL_MEANT = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}


def _terraform(resource: object) -> Iterator[ParameterGroup]:
    for kind, named in blocks(resource):
        for name, body in blocks(named) if kind == KIND else ():
            yield from (_group(name, each) for each in bodies(body))


def _group(name: str, body: object) -> ParameterGroup:
    if not isinstance(body, Mapping):
        return _made(name, None, (), [_unread(body)])
    rows = (_row(each, _TERRAFORM, _plain) for each in bodies(body.get("parameter", [])))
    others = [_unread({key: value}) for key, value in body.items() if key not in _ASIDE | {"parameter"}]
    return _made(name, _plain(body.get("family")), rows, others)


def _cloudformation(resources: object) -> Iterator[ParameterGroup]:
    for name, body in blocks(resources):
        match body:
            case {"Type": "AWS::RDS::DBParameterGroup", "Properties": {"Family": family, **properties}}:
                given = properties.get("Parameters", {})
                rows = (_row({"name": key, "value": value}, _TERRAFORM, _scalar) for key, value in blocks(given))
                yield _made(name, _scalar(family), rows, () if isinstance(given, Mapping) else [_unread(given)])


def _calls(create: Mapping[str, object], calls: Iterable[object]) -> ParameterGroup:
    rows: list[GroupParameter | Diagnostic] = []
    for call in calls:
        listed = call.get("Parameters") if isinstance(call, Mapping) else None
        rows += [_row(each, _AWS, _scalar) for each in listed] if isinstance(listed, list) else [_unread(call)]
    return _made(str(create.get("DBParameterGroupName")), _scalar(create.get("DBParameterGroupFamily")), rows, ())


def _made(
    name: str, family: str | None, rows: Iterable[GroupParameter | Diagnostic], unread: Iterable[Diagnostic]
) -> ParameterGroup:
    rows = tuple(rows)
    return ParameterGroup(
        name=name,
        family=family,
        parameters=tuple(row for row in rows if isinstance(row, GroupParameter)),
        diagnostics=(*(row for row in rows if isinstance(row, Diagnostic)), *unread),
    )


def _row(entry: object, keys: _Keys, read: Callable[[object], str | None]) -> GroupParameter | Diagnostic:
    """The entry, or, where its name or its value is not plain, that it was not understood."""
    if isinstance(entry, Mapping):
        name, value, method = (read(entry.get(key)) for key in keys)
        if name is not None and value is not None:
            known = next((each for each in ApplyMethod if each == method), None)
            return GroupParameter(name=name, value=value, apply_method=known)
    return _unread(entry)


def _plain(value: object) -> str | None:
    """Terraform's text of a scalar, its own escapes undone; None for what it would have to work out."""
    text = _scalar(value)
    return None if text is None or _EXPRESSION.search(text) else _ESCAPED.sub(r"\1{", text)


def _scalar(value: object) -> str | None:
    match value:
        case bool():
            return "1" if value else "0"
        case int() | float():
            return str(value)
        case str():
            return value
    return None


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _HCL_ESCAPE.sub(lambda found: _HCL_MEANT[found[1]], text[1:-1])
    return text


def _unread(value: object) -> Diagnostic:
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return Diagnostic(subject=shown, severity=Severity.NOTE, message="was not understood")
