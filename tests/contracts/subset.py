"""In: two GraphQL schemas. Out: each place where the first is not a part of the second. Reads nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    is_introspection_type,
    is_required_argument,
    is_specified_scalar_type,
    print_ast,
)

ROOTS = ("query_type", "mutation_type", "subscription_type")


def deviations(ours: GraphQLSchema, theirs: GraphQLSchema) -> list[str]:
    """A line for each type, field, argument, default, nullability, enum value or member that `theirs` lacks."""
    return [*_roots(ours, theirs), *_types(ours, theirs)]


def _roots(ours: GraphQLSchema, theirs: GraphQLSchema) -> Iterator[str]:
    for root in ROOTS:
        mine, other = getattr(ours, root), getattr(theirs, root)
        if mine and (other is None or mine.name != other.name):
            yield f"{root} is {mine.name}, not {other and other.name}"


def _types(ours: GraphQLSchema, theirs: GraphQLSchema) -> Iterator[str]:
    for name, mine in ours.type_map.items():
        if is_introspection_type(mine) or is_specified_scalar_type(mine):
            continue
        other = theirs.type_map.get(name)
        if other is None:
            yield f"{name}: unknown type"
        elif type(mine) is not type(other):
            yield f"{name}: kind {type(mine).__name__}, not {type(other).__name__}"
        else:
            yield from _parts(mine, other)


def _parts(mine: GraphQLNamedType, other: Any) -> Iterator[str]:
    match mine:
        case GraphQLObjectType() | GraphQLInterfaceType():
            yield from _members(mine.name, "interface", mine.interfaces, other.interfaces)
            for name, field in mine.fields.items():
                yield from _field(f"{mine.name}.{name}", field, other.fields.get(name))
        case GraphQLInputObjectType():
            yield from _arguments(mine.name, mine.fields, other.fields)
        case GraphQLUnionType():
            yield from _members(mine.name, "member", mine.types, other.types)
        case GraphQLEnumType():
            yield from (f"{mine.name}: unknown value {v}" for v in mine.values if v not in other.values)


def _members(name: str, kind: str, mine: Any, other: Any) -> Iterator[str]:
    known = {member.name for member in other}
    yield from (f"{name}: unknown {kind} {member.name}" for member in mine if member.name not in known)


def _field(where: str, mine: Any, other: Any) -> Iterator[str]:
    if other is None:
        yield f"{where}: unknown field"
        return
    if str(mine.type) != str(other.type):
        yield f"{where}: type {mine.type}, not {other.type}"
    yield from _arguments(where, mine.args, other.args)


def _arguments(where: str, mine: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    for name, argument in mine.items():
        expected = other.get(name)
        if expected is None:
            yield f"{where}({name}:): unknown argument"
            continue
        if str(argument.type) != str(expected.type):
            yield f"{where}({name}:): type {argument.type}, not {expected.type}"
        if _default(argument) != _default(expected):
            yield f"{where}({name}:): default {_default(argument)}, not {_default(expected)}"
    for name, expected in other.items():
        if name not in mine and is_required_argument(expected):
            yield f"{where}({name}:): required argument missing"


def _default(argument: Any) -> Any:
    value = argument.ast_node and argument.ast_node.default_value
    return print_ast(value) if value else None
