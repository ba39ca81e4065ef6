"""What the sandbox's REST API answers is what GitHub's OpenAPI description allows, for every route it has."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import httpx
import jwt
import pytest

from syncbot.sandbox.apps import create_app
from syncbot.sandbox.rest import PREFIX, rest_routes
from syncbot.sandbox.server import Sandbox

from .openapi import Contract
from .scenario import Exchange, Recorder, play

READER = {"contents": "read", "metadata": "read"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def exchanges(sandbox: Sandbox) -> list[Exchange]:
    """Everything that was said while the scenario was played over HTTP."""
    forge = sandbox.forge
    tokens = {
        "ada": forge.issue_token("ada"),
        "bot": forge.issue_token(
            "acme-syncbot[bot]",
            type="Bot",
            permissions=dict.fromkeys(("checks", "contents", "issues", "pull_requests"), "write"),
        ),
        "reader": forge.issue_token("eve", permissions=READER, repositories=("acme/api",)),
        "forged": "ghp_forged",
    }
    app_id, key = create_app(forge, "helper", {"contents": "write", "metadata": "read"}, ["acme"])
    now = int(time.time())
    tokens["app"] = jwt.encode({"iss": str(app_id), "iat": now, "exp": now + 300}, key, algorithm="RS256")
    with httpx.Client(base_url=sandbox.api_url) as client:
        recorder = Recorder(client, tokens)
        play(recorder)
    return recorder.exchanges


def test_every_answer_is_one_that_github_documents(contract: Contract, exchanges: list[Exchange]) -> None:
    """Operation, status and body of each exchange are in GitHub's description of its API."""
    wrong = [line for e in exchanges for line in contract.check_exchange(e.method, e.path, e.status, e.body)]
    assert sorted(set(wrong)) == []


def test_every_route_is_played_and_succeeds(sandbox: Sandbox, exchanges: list[Exchange]) -> None:
    """A route that nobody exercises would be held to nothing."""
    succeeded = [(e.method, PREFIX + e.path) for e in exchanges if e.status < 300]
    unplayed = [
        f"{sorted(route.methods or ())} {route.path}"
        for route in rest_routes(sandbox.forge)
        if not any(method in (route.methods or ()) and route.path_regex.match(path) for method, path in succeeded)
    ]
    assert unplayed == []


def test_every_route_is_an_operation_of_githubs(contract: Contract, sandbox: Sandbox) -> None:
    """The sandbox serves nothing that GitHub does not."""
    for route in rest_routes(sandbox.forge):
        example = route.path.replace(":path", "").removeprefix(PREFIX).replace("{", "").replace("}", "")
        method = next(method for method in route.methods or () if method != "HEAD")
        assert contract.template(method, example), route.path


@pytest.mark.parametrize(
    ("method", "path", "status", "change", "complaint"),
    [
        ("GET", "/repos/acme/api", 200, {"private": "no"}, "'no' is not of type 'boolean'"),
        ("GET", "/repos/acme/api", 200, {"owner": None}, "owner: None"),
        ("GET", "/repos/acme/api", 200, {"created_at": "yesterday"}, "is not a 'date-time'"),
        ("GET", "/repos/acme/api/pulls/1", 200, {"state": "merged"}, "'merged' is not one of"),
        ("GET", "/repos/acme/api", 200, {"isEmpty": False}, "$.isEmpty: unknown key"),
        ("GET", "/repos/acme/api/pulls/99", 404, {"message": 404}, "404 is not of type 'string'"),
        ("POST", "/repos/acme/api/pulls", 422, {"errors": "x"}, "errors"),
    ],
    ids=["type", "null", "format", "enum", "unknown key", "error body", "validation error"],
)
def test_a_planted_deviation_is_found(
    contract: Contract,
    exchanges: list[Exchange],
    method: str,
    path: str,
    status: int,
    change: dict[str, object],
    complaint: str,
) -> None:
    """Each sort of deviation in a real answer is named, so that silence means something."""
    sound = next(e for e in exchanges if (e.method, e.path, e.status) == (method, path, status))
    broken = json.dumps({**json.loads(sound.body), **change}).encode()
    assert contract.check_exchange(method, path, status, sound.body) == []
    assert any(complaint in line for line in contract.check_exchange(method, path, status, broken))


def test_a_missing_key_is_found(contract: Contract, exchanges: list[Exchange]) -> None:
    """Every required key of a repository is missed when it is not there."""
    sound = next(e for e in exchanges if (e.method, e.path, e.status) == ("GET", "/repos/acme/api", 200))
    body = json.loads(sound.body)
    del body["node_id"]
    (line,) = contract.check_exchange("GET", "/repos/acme/api", 200, json.dumps(body).encode())
    assert "'node_id' is a required property" in line


@pytest.mark.parametrize(
    ("method", "path", "status", "body", "complaint"),
    [
        ("GET", "/repos/acme/api/wishes", 200, b"[]", "no such operation"),
        ("PUT", "/repos/acme/api", 200, b"{}", "no such operation"),
        ("GET", "/repos/acme/api", 202, b"{}", "undocumented status"),
        ("GET", "/repos/acme/api", 200, b"<html>", "not JSON"),
        ("DELETE", "/repos/acme/api/git/refs/heads/x", 204, b"{}", "a body where none is documented"),
    ],
)
def test_what_github_never_answers_is_found(
    contract: Contract, method: str, path: str, status: int, body: bytes, complaint: str
) -> None:
    """Unknown paths, methods and statuses, and bodies of the wrong kind."""
    (line,) = contract.check_exchange(method, path, status, body)
    assert complaint in line
