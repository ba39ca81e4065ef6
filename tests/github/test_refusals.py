"""What GitHub's answers mean: each by the fields that it documents, whatever names stand in its sentences."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import syncbot
from syncbot.errors import Refusal
from syncbot.github.refusals import refusal_of, refusal_of_error

LIMITS = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"
OLDER = "https://docs.github.com/en/free-pro-team@latest/rest/overview/resources-in-the-rest-api#secondary-rate-limits"
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
EXISTS = {"resource": "PullRequest", "code": "custom", "message": "A pull request already exists for acme:syncbot/x."}
VIOLATIONS = "Repository rule violations found\n\n"


@pytest.mark.parametrize(
    ("status", "headers", "body", "refusal"),
    [
        (200, {}, {"data": {}}, None),
        (201, {"x-ratelimit-remaining": "0"}, {"sha": "1"}, None),
        (204, {}, None, None),
        (200, {}, {"errors": [{"type": "RATE_LIMITED", "message": "x"}]}, Refusal.PRIMARY_LIMIT),
        (200, {}, {"errors": [{"type": "RATE_LIMIT", "code": "graphql_rate_limit"}]}, Refusal.PRIMARY_LIMIT),
        (200, {}, {"data": None, "errors": [{"message": SECONDARY}]}, Refusal.SECONDARY_LIMIT),
        (200, {}, {"data": {}, "errors": [{"message": SECONDARY, "path": ["r0"]}]}, None),
        (200, {}, {"data": {}, "errors": [{"message": f"no branch called {SECONDARY}"}]}, None),
        (200, {}, {"errors": [None, "no", {"type": 7}]}, None),
        (301, {}, None, Refusal.REDIRECTED),
        (307, {"location": "/x"}, {"message": "Temporary Redirect"}, Refusal.REDIRECTED),
        (400, {}, {"message": "Problems parsing JSON"}, Refusal.OTHER),
        (401, {}, {"message": "Bad credentials"}, Refusal.UNAUTHORIZED),
        (403, {}, {"message": "Resource not accessible by integration"}, Refusal.FORBIDDEN),
        (403, {}, "<h1>Forbidden</h1>", Refusal.FORBIDDEN),
        (403, {}, {"message": 'Branch "api rate limit exceeded" is protected'}, Refusal.FORBIDDEN),
        (403, {"retry-after": "30"}, None, Refusal.SECONDARY_LIMIT),
        (403, {"x-ratelimit-remaining": "0"}, {"message": "no"}, Refusal.PRIMARY_LIMIT),
        (403, {"x-ratelimit-remaining": "7"}, {"message": SECONDARY}, Refusal.SECONDARY_LIMIT),
        (403, {}, {"message": "no", "documentation_url": LIMITS}, Refusal.SECONDARY_LIMIT),
        (403, {}, {"message": "no", "documentation_url": OLDER}, Refusal.SECONDARY_LIMIT),
        (403, {}, {"message": "API rate limit exceeded for user ID 1."}, Refusal.PRIMARY_LIMIT),
        (429, {}, None, Refusal.SECONDARY_LIMIT),
        (429, {"x-ratelimit-remaining": "0"}, None, Refusal.PRIMARY_LIMIT),
        (404, {"retry-after": "30"}, {"message": "Not Found"}, Refusal.NOT_FOUND),
        (409, {}, {"message": "Git Repository is empty."}, Refusal.STALE),
        (410, {}, {"message": "Issues are disabled for this repo"}, Refusal.GONE),
        (418, {}, None, Refusal.OTHER),
        (422, {}, None, Refusal.VALIDATION),
        (422, {"retry-after": "30"}, {"message": SECONDARY}, Refusal.VALIDATION),
        (422, {}, {"message": "Reference already exists"}, Refusal.ALREADY_EXISTS),
        (422, {}, {"message": "Validation Failed", "errors": [EXISTS]}, Refusal.ALREADY_EXISTS),
        (422, {}, {"message": "Validation Failed", "errors": [{"code": "already_exists"}]}, Refusal.ALREADY_EXISTS),
        (422, {}, {"message": 'Required status check "already exists" is expected.'}, Refusal.VALIDATION),
        (422, {}, {"message": "Update is not a fast forward"}, Refusal.STALE),
        (422, {}, {"message": "Commits must have verified signatures."}, Refusal.SIGNATURE_REQUIRED),
        (422, {}, {"message": f"{VIOLATIONS}Commits must have verified signatures."}, Refusal.SIGNATURE_REQUIRED),
        (
            422,
            {},
            {"message": f'{VIOLATIONS}Required status check "Commits must have verified signatures." is expected.'},
            Refusal.VALIDATION,
        ),
        (500, {}, None, Refusal.SERVER),
        (501, {}, None, Refusal.SERVER),
        (502, {}, "<h1>Bad gateway</h1>", Refusal.OVERLOADED),
        (503, {"retry-after": "1"}, None, Refusal.OVERLOADED),
        (504, {}, None, Refusal.OVERLOADED),
        (599, {}, None, Refusal.SERVER),
    ],
)
def test_what_an_answer_means(status: int, headers: dict[str, str], body: Any, refusal: Refusal | None) -> None:
    """By hand from GitHub's documentation: only 403 and 429 are limits, and a name in a sentence decides nothing."""
    assert refusal_of(status, headers, body) is refusal


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        ({"type": "NOT_FOUND"}, Refusal.NOT_FOUND),
        ({"type": "FORBIDDEN"}, Refusal.FORBIDDEN),
        ({"type": "INSUFFICIENT_SCOPES"}, Refusal.FORBIDDEN),
        ({"type": "STALE_DATA"}, Refusal.STALE),
        ({"type": "UNPROCESSABLE"}, Refusal.VALIDATION),
        ({"type": "RESOURCE_LIMITS_EXCEEDED"}, Refusal.OVERLOADED),
        ({"type": "SERVICE_UNAVAILABLE"}, Refusal.SERVER),
        ({"type": "SOMETHING_NEW"}, Refusal.OTHER),
        ({"message": "Something went wrong while executing your query."}, Refusal.SERVER),
        ({"type": None}, Refusal.SERVER),
    ],
)
def test_what_an_error_of_graphql_means(error: dict[str, Any], refusal: Refusal) -> None:
    """By its type; without one GitHub itself failed, and a type that nobody knows is an answer of its own."""
    assert refusal_of_error(error) is refusal


def compared(tree: ast.AST) -> Iterator[ast.Compare]:
    """Comparisons of an error's code, its text or an answer's message."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(map(is_prose, (node.left, *node.comparators))):
            yield node


def is_prose(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="str"), args=[ast.Name(id="error" | "refused" | "caught" | "exc" | "e")]):
            return True
        case ast.Attribute(value=ast.Name(id="error" | "refused" | "caught" | "exc" | "e"), attr="code" | "args"):
            return True
        case ast.Attribute(value=ast.Name(id="answer"), attr="message" | "status"):
            return True
        case ast.Call(func=ast.Attribute(value=inner, attr="lower" | "casefold" | "strip")):
            return is_prose(inner)
    return False


@pytest.mark.parametrize("line", ['"x" in str(error)', 'error.code == "http-422"', '"x" in str(error).lower()'])
def test_the_search_finds_what_it_looks_for(line: str) -> None:
    """Each form of a comparison that must not be."""
    assert list(compared(ast.parse(line)))


def test_no_decision_compares_a_text() -> None:
    """Nowhere that GitHub's errors reach is one told by its message, or by the code that is made for scripts.

    The readers in `formats` see the errors of parsers instead, and the sandbox is GitHub.
    """
    root = Path(syncbot.__file__).parent
    files = [path for path in root.rglob("*.py") if path.relative_to(root).parts[0] not in ("sandbox", "formats")]
    assert len(files) > 100
    found = [(path.name, ast.unparse(node)) for path in files for node in compared(ast.parse(path.read_text()))]
    assert found == []
