"""The sandbox's GraphQL schema is a part of GitHub's: what is in it, GitHub has in the same shape."""

from __future__ import annotations

from importlib.resources import files

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from .subset import deviations
from .test_graphql_documents import every_document

OURS = files("syncbot.sandbox").joinpath("schema.graphql").read_text(encoding="utf-8")


def test_sandbox_schema_is_a_part_of_githubs(github_schema: GraphQLSchema) -> None:
    """No type, field, argument, default, nullability, enum value or member of ours deviates."""
    assert deviations(build_schema(OURS), github_schema) == []


@every_document
def test_sandbox_schema_accepts_the_document(text: str) -> None:
    """What the bot sends is within the part that the sandbox has."""
    assert validate(build_schema(OURS), parse(text)) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("  isEmpty: Boolean!", "  isVoid: Boolean!", "Repository.isVoid: unknown field"),
        ("  isBinary: Boolean", "  isBinary: Boolean!", "Blob.isBinary: type Boolean!, not Boolean"),
        ("  viewer: User!", "  viewer: User", "Query.viewer: type User, not User!"),
        ("  mode: Int!", "  mode: String!", "TreeEntry.mode: type String!, not Int!"),
        (
            "file(path: String!)",
            "file(path: String)",
            "Commit.file(path:): type String, not String!",
        ),
        ("file(path: String!)", "file", "Commit.file(path:): required argument missing"),
        ("pullRequest(number: Int!)", "pullRequest(number: Int!, x: Int)", "(x:): unknown argument"),
        ("followRenames: Boolean = true", "followRenames: Boolean = false", "default false, not true"),
        ("  CONFLICTING", "  CONFLICTED", "MergeableState: unknown value CONFLICTED"),
        ("scalar URI", "enum URI { A }", "URI: kind GraphQLEnumType, not GraphQLScalarType"),
        (
            "type Label implements Node",
            "type Label implements Node & Actor",
            "Label: unknown interface Actor",
        ),
        ("| ReopenedEvent", "| ReopenedEvent | Blob", "PullRequestTimelineItems: unknown member Blob"),
        ("scalar URI", "scalar URI\nscalar Url", "Url: unknown type"),
        (
            "  field: IssueOrderField!",
            "  field: IssueOrderField",
            "IssueOrder(field:): type IssueOrderField, not",
        ),
        (
            "type Query {",
            "schema { query: Root }\ntype Root { a: Int }\ntype Query {",
            "query_type is Root, not Query",
        ),
    ],
)
def test_a_planted_deviation_is_found(github_schema: GraphQLSchema, old: str, new: str, found: str) -> None:
    """Each sort of deviation is named, with the place."""
    assert OURS.count(old) >= 1
    ours = build_schema(OURS.replace(old, new), assume_valid=True, assume_valid_sdl=True)
    assert any(found in line for line in deviations(ours, github_schema))
