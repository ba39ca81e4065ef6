"""A scripted server for tests of the connection, and a connection to a sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncbot.cli.sandbox import bot_token
from syncbot.github.connection import Connection
from syncbot.github.endpoint import endpoint
from syncbot.sandbox.server import Sandbox
from tests.github.standin import StandIn, stand_in


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with stand_in() as running:
        yield running


@pytest.fixture
def connection(sandbox: Sandbox) -> Iterator[Connection]:
    variables = {
        "GITHUB_API_URL": sandbox.api_url,
        "GITHUB_GRAPHQL_URL": sandbox.graphql_url,
        "GITHUB_TOKEN": bot_token(sandbox.forge),
    }
    connection = Connection(endpoint(variables), seconds_between_writes=0)
    yield connection
    connection.close()
