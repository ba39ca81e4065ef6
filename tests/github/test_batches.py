"""Reading in batches: halved where GitHub gives up, and one repo that fails does not take the others with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from syncbot.cli.sandbox import bot_token
from syncbot.github.connection import Connection
from syncbot.github.endpoint import endpoint
from syncbot.github.observe import survey
from syncbot.model.fleet import Bot
from syncbot.model.observation import Failure, Observation
from syncbot.sandbox.server import Sandbox
from tests.sandbox_support import make_repo

REPOS = tuple(f"acme/r{number:02}" for number in range(30))


class GivesUp:
    """In front of the sandbox: 502 for a query of more than `most` repos, or of one named `never`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.most = 100
        self.never = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive() if scope["type"] == "http" else {}
        variables = json.loads(message.get("body") or b"{}").get("variables", {})
        asked = [f"{variables[key]}/{variables['n' + key[1:]]}" for key in variables if key[0] == "o"]
        if len(asked) > self.most or self.never in asked:
            await send({"type": "http.response.start", "status": 502, "headers": [(b"content-type", b"text/html")]})
            await send({"type": "http.response.body", "body": b"<h1>Bad gateway</h1>"})
            return

        async def again() -> object:
            return message

        await self._app(scope, again, send)  # type: ignore[arg-type]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[tuple[GivesUp, Connection]]:
    sandbox = Sandbox(tmp_path)
    gate = GivesUp(sandbox._gate._app)
    sandbox._gate._app = gate
    with sandbox:
        for repo in REPOS:
            make_repo(sandbox, repo, {"Dockerfile": "FROM x\n"})
        variables = {
            "GITHUB_API_URL": sandbox.api_url,
            "GITHUB_GRAPHQL_URL": sandbox.graphql_url,
            "GITHUB_TOKEN": bot_token(sandbox.forge),
        }
        connection = Connection(endpoint(variables), seconds_between_writes=0)
        yield gate, connection
        connection.close()


def test_thirty_repos_are_two_queries(door: tuple[GivesUp, Connection]) -> None:
    """25 repos a query, each seen by the name that was asked for."""
    _, connection = door
    seen = survey(connection, REPOS, ["Dockerfile", "nothing"], [], Bot(identities=()))
    assert tuple(seen) == REPOS
    for name, observation in seen.items():
        assert isinstance(observation, Observation)
        assert observation.name == name
        assert observation.files["nothing"] is None
        assert observation.files["Dockerfile"] is not None
    assert connection.graphql == 2


def test_what_is_too_heavy_is_halved(door: tuple[GivesUp, Connection]) -> None:
    """Halved until it passes, and every repo is there in the end."""
    gate, connection = door
    gate.most = 7
    seen = survey(connection, REPOS, ["Dockerfile"], [], Bot(identities=()))
    assert tuple(seen) == REPOS
    assert all(isinstance(observation, Observation) for observation in seen.values())
    assert connection.graphql < 20


def test_one_repo_that_cannot_be_read(door: tuple[GivesUp, Connection]) -> None:
    """It alone is unreadable; a missing one in the same batch is not found; the others are seen."""
    gate, connection = door
    gate.never = "acme/r03"
    seen = survey(connection, [*REPOS, "acme/gone"], ["Dockerfile"], [], Bot(identities=()))
    failures = {name: failure.code for name, failure in seen.items() if isinstance(failure, Failure)}
    assert failures == {"acme/r03": "unreadable", "acme/gone": "not-found"}
    assert len(seen) == len(REPOS) + 1
