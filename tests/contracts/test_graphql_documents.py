"""Every document the bot sends is one that GitHub would accept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, parse, validate

from syncbot.github import owners, pagination, queries, token_info
from syncbot.sandbox.graphql_cost import MAX_NODES, cost

DOCUMENTS = {
    "access, no repo": token_info.document(0),
    "access to a batch": token_info.document(token_info.BATCH),
    "survey of one repo, no path": queries.survey(1, 0, 0),
    "survey of one repo, one path": queries.survey(1, 1, 0),
    "survey of one repo, all texts": queries.survey(1, 3, 3),
    "survey of a full batch": queries.survey(25, 8, 2),
    "survey under several prefixes": queries.survey(25, 8, 2, 5, 7),
    "history under several prefixes": queries.history([6] * 25, 8, 5),
    "branches of a batch": queries.branches(25),
    "history of one repo, no path": queries.history([1], 0),
    "history of one repo": queries.history([2], 3),
    "history of a batch": queries.history([6] * 25, 8),
    "older pull requests of one repo, no path": queries.older(1, 0),
    "older pull requests of a batch": queries.older(25, 8),
    "pull requests by number": queries.pulls([1, 3], 8),
    "pull requests by branch": queries.from_branches([1, 3]),
    "comments of one": queries.earlier([["comments"]]),
    "commits of one": queries.earlier([["commits"]]),
    "comments and commits of several": queries.earlier([["comments", "commits"], ["comments"]]),
    "what can be merged": queries.mergeable([1, 2]),
    "one blob": queries.blobs([1]),
    "strays": queries.OPEN_PULL_REQUESTS,
    "commit on branch": queries.COMMIT_ON_BRANCH,
    "blobs of several repos": queries.blobs([2, 1, 3]),
    "one user": owners.users_document(1),
    "a batch of users": owners.users_document(owners.BATCH),
    "one team": owners.teams_document(1),
    "a batch of teams": owners.teams_document(owners.BATCH),
}
PAGE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")
PAGES = {f"s{i}": pagination.PAGE for i in range(25)}
every_document = pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS.keys())


@every_document
def test_document_is_valid_for_github(github_schema: GraphQLSchema, text: str) -> None:
    """GitHub's published schema finds nothing wrong with it."""
    assert validate(github_schema, parse(text)) == []


@every_document
def test_document_is_within_the_node_limit(text: str) -> None:
    """GitHub refuses a query that might touch more than 500,000 nodes, and charges for those it might."""
    document = parse(text)
    (operation,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    assert cost(document, operation, PAGES).nodes <= MAX_NODES


def test_the_costs_are_as_documented() -> None:
    """What docs/scale.md says of a batch, and what it reckons from that, is what GitHub charges for these documents."""
    points = {}
    for name, text in (("survey", queries.survey(25, 6, 2)), ("history", queries.history([6] * 25, 6))):
        document = parse(text)
        (operation,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
        price = cost(document, operation, {})
        points[name] = price.points
        assert re.search(rf"{name}[^.;]* {price.requests:,}[^.;]*\({price.points}\spoints\)", PAGE), (name, price)
    document = parse(queries.from_branches([1] * 25))
    (operation,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    price = cost(document, operation, {})
    assert (price.requests, price.points) == (25, 1)
    assert f"about to be made\n{price.requests} ({price.points} point)" in PAGE
    document = parse(queries.older(25, 6))
    (operation,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    price = cost(document, operation, PAGES)
    assert f"a full page of {pagination.PAGE} for 25 repos is {price.points} points" in PAGE
    assert f"{15 + pagination.MOST_PAGES * pagination.PAGE} of the bot's pull requests" in PAGE
    for repos in (1_000, 10_000):
        batches = repos // 25
        assert f"| {repos:,} in sync | {batches} | {batches * points['survey']:,} |" in PAGE
        all_of_it = batches * (points["survey"] + points["history"] + 2)
        assert f"| {repos:,}, all drifted | {4 * batches:,} | {all_of_it:,} |" in PAGE


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("isEmpty", "isVoid"), "Cannot query field 'isVoid' on type 'Repository'"),
        (("refPrefix: $b0, ", ""), "'Repository.refs(refPrefix:)' of type 'String!' is required"),
        (("[OPEN]", "[AJAR]"), "Value 'AJAR' does not exist in 'PullRequestState' enum"),
        (("$o0: String!", "$o0: Int!"), "Variable '$o0' of type 'Int!' used in position expecting type 'String!'"),
    ],
    ids=["field", "argument", "enum value", "variable type"],
)
def test_validation_bites(github_schema: GraphQLSchema, change: tuple[str, str], complaint: str) -> None:
    """A planted mistake of each sort is found, so that silence means something."""
    broken = queries.survey(1, 1, 0).replace(*change)
    assert any(complaint in error.message for error in validate(github_schema, parse(broken)))
