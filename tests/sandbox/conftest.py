"""A running sandbox with two people in it, and ways to talk to it; a forge in process, for GraphQL."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from github import Auth, Github

from syncbot.sandbox.forge import Forge
from syncbot.sandbox.records import RepoRow
from syncbot.sandbox.server import Sandbox
from tests.sandbox.graphql_forge import ADA, BOT, write

Git = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """An empty sandbox that serves."""
    with Sandbox(tmp_path / "data") as running:
        yield running


@pytest.fixture
def bot_token(sandbox: Sandbox) -> str:
    return sandbox.forge.issue_token("acme-syncbot[bot]", type="Bot")


@pytest.fixture
def developer_token(sandbox: Sandbox) -> str:
    return sandbox.forge.issue_token("developer")


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Callable[[str | None], httpx.Client]]:
    """Makes HTTP clients that send a token, or none."""
    made = []

    def make(token: str | None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        made.append(httpx.Client(base_url=sandbox.api_url, headers=headers))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def bot(client: Callable[[str | None], httpx.Client], bot_token: str) -> httpx.Client:
    return client(bot_token)


@pytest.fixture
def developer(client: Callable[[str | None], httpx.Client], developer_token: str) -> httpx.Client:
    return client(developer_token)


@pytest.fixture
def anonymous(client: Callable[[str | None], httpx.Client]) -> httpx.Client:
    return client(None)


@pytest.fixture
def pygithub(sandbox: Sandbox, bot_token: str) -> Iterator[Github]:
    """PyGithub as the bot uses it."""
    made = Github(
        auth=Auth.Token(bot_token),
        base_url=sandbox.api_url,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
    yield made
    made.close()


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Runs real git with an empty home and nobody to ask for a password."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Dev",
        "GIT_AUTHOR_EMAIL": "dev@example.com",
        "GIT_COMMITTER_NAME": "Dev",
        "GIT_COMMITTER_EMAIL": "dev@example.com",
        "LC_ALL": "C",
    }

    def run(*words: str | Path, cwd: Path = tmp_path, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["git", *map(str, words)], cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    return run


@pytest.fixture
def push_url(sandbox: Sandbox, developer_token: str) -> str:
    """Where the developer pushes `acme/api`."""
    return sandbox.url.replace("//", f"//developer:{developer_token}@") + "/acme/api.git"


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    forge = Forge(tmp_path / "data")
    for identity in (BOT, ADA):
        forge.user(identity.login, identity.type)
    yield forge
    forge.close()


@pytest.fixture
def repo(forge: Forge) -> RepoRow:
    """acme/api with a Dockerfile on main."""
    made = forge.create_repo("acme", "api")
    write(forge, made, ADA, "Dockerfile", b"FROM node:18\n")
    return made
