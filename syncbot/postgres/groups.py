"""Parameter groups as infrastructure code writes them: Terraform's JSON, CloudFormation's, or inputs of the AWS CLI.

In: a parsed JSON document. Out: groups as data, with everything that was not understood named. Nothing is evaluated:
a value that only Terraform could work out is not understood.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

KIND = "aws_db_parameter_group"
_EXPRESSION = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")
_ESCAPED = re.compile(r"([$%])\1\{")
# They say nothing of the parameters.
_ASIDE = frozenset(
    {"name", "name_prefix", "family", "description", "tags", "lifecycle", "skip_destroy", "provider", "//"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group; values as RDS gets them. `unread` are the parts that were not understood, as JSON."""

    name: str
    family: str | None
    parameters: tuple[tuple[str, str], ...]
    unread: tuple[str, ...] = ()

    @property
    def major(self) -> int | None:
        digits = (self.family or "").removeprefix("postgres")
        return int(digits) if digits.isdecimal() else None


def read_groups(document: object) -> tuple[Group, ...]:
    """Every group in the document, none where it holds none."""
    match document:
        case {"resource": resource}:
            return tuple(_terraform(resource))
        case {"Resources": {**resources}}:
            return tuple(_cloudformation(resources))
        case {"create": create, "modify": [*calls]} if isinstance(create, Mapping):
            return (_calls(create, calls),)
    return ()


def _terraform(resource: object) -> Iterator[Group]:
    for kind, named in _pairs(resource):
        for name, body in _pairs(named) if kind == KIND else ():
            for each in body if isinstance(body, list) else [body]:
                yield _group(name, each)


def _pairs(value: object) -> Iterator[tuple[str, object]]:
    """Terraform takes an object, or a list of them, for every block."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            yield from ((str(key), inner) for key, inner in each.items())


def _group(name: str, body: object) -> Group:
    if not isinstance(body, Mapping):
        return Group(name=name, family=None, parameters=(), unread=(_shown(body),))
    listed = body.get("parameter", [])
    rows = [_row(each, "name", "value") for each in (listed if isinstance(listed, list) else [listed])]
    others = [_shown({key: value}) for key, value in body.items() if key not in _ASIDE | {"parameter"}]
    family = _plain(body.get("family"))
    return _made(name, family, rows, others)


def _cloudformation(resources: object) -> Iterator[Group]:
    for name, body in _pairs(resources):
        match body:
            case {"Type": "AWS::RDS::DBParameterGroup", "Properties": {"Family": family, **properties}}:
                given = properties.get("Parameters", {})
                rows = [_row({"name": key, "value": value}, "name", "value", _scalar) for key, value in _pairs(given)]
                others = () if isinstance(given, Mapping) else (_shown(given),)
                yield _made(name, _scalar(family), rows, others)


def _calls(create: Mapping[str, object], calls: Iterable[object]) -> Group:
    rows: list[tuple[str, str] | str] = []
    for call in calls:
        listed = call.get("Parameters") if isinstance(call, Mapping) else None
        if isinstance(listed, list):
            rows += [_row(each, "ParameterName", "ParameterValue", _scalar) for each in listed]
        else:
            rows.append(_shown(call))
    return _made(str(create.get("DBParameterGroupName")), _scalar(create.get("DBParameterGroupFamily")), rows, ())


def _made(name: str, family: str | None, rows: Iterable[tuple[str, str] | str], unread: Iterable[str]) -> Group:
    rows = tuple(rows)
    return Group(
        name=name,
        family=family,
        parameters=tuple(row for row in rows if isinstance(row, tuple)),
        unread=(*(row for row in rows if isinstance(row, str)), *unread),
    )


def _row(
    entry: object, name_key: str, value_key: str, read: Callable[[object], str | None] | None = None
) -> tuple[str, str] | str:
    """Name and value, or, where one of them is not plain, the entry as JSON."""
    read = read or _plain
    if isinstance(entry, Mapping):
        name, value = read(entry.get(name_key)), read(entry.get(value_key))
        if name is not None and value is not None:
            return name, value
    return _shown(entry)


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


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
