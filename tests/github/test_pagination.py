"""Reading on: each repo of a batch gets its own older pull requests, comments and commits, and no other's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncbot.github import pagination
from syncbot.github.connection import Connection
from syncbot.github.observe import survey, with_history
from syncbot.model.fleet import Bot
from syncbot.model.observation import Observation
from syncbot.sandbox.issues import add_labels
from syncbot.sandbox.pulls import create_pull
from syncbot.sandbox.server import Sandbox
from tests.sandbox_support import close_pull, comment_pull, commit_files, find, identity, make_repo, move_branch

BOT = "acme-syncbot[bot]"
COUNTS = {"acme/few": 2, "acme/many": 23, "acme/none": 0, "acme/more": 18}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path) as sandbox:
        for repo, count in COUNTS.items():
            make_repo(sandbox, repo, {"Dockerfile": "FROM x\n"})
            for number in range(1, count + 1):
                propose(sandbox, repo, number)
        yield sandbox


def propose(sandbox: Sandbox, repo: str, number: int) -> None:
    """A closed pull request of the bot's, with the label, its branch deleted."""
    branch = f"syncbot/sync-{number}"
    commit_files(sandbox, repo, branch, {"Dockerfile": f"FROM {number}\n"}, author=BOT)
    bot = identity(BOT)
    with sandbox.forge.store.transaction():
        row = find(sandbox, repo)
        create_pull(sandbox.forge, bot, row, title=f"{repo} {number}", head=branch, base="main")
        add_labels(sandbox.forge, bot, row, number, ("syncbot",))
    close_pull(sandbox, repo, number)
    move_branch(sandbox, repo, branch, None)


def read(connection: Connection) -> dict[str, Observation]:
    """The history of all four, as one batch."""
    surveyed = survey(connection, list(COUNTS), ["Dockerfile"], [], Bot(identities=(BOT,)))
    observations = [seen for seen in surveyed.values() if isinstance(seen, Observation)]
    seen = with_history(connection, observations, ["Dockerfile"], Bot(identities=(BOT,)))
    return {name: outcome for name, outcome in seen.items() if isinstance(outcome, Observation)}


def titles(seen: dict[str, Observation]) -> dict[str, list[str]]:
    return {name: [pull.title for pull in observation.pull_requests] for name, observation in seen.items()}


def expected(most: int = 100) -> dict[str, list[str]]:
    return {repo: [f"{repo} {n}" for n in range(max(1, count - most + 1), count + 1)] for repo, count in COUNTS.items()}


def test_older_pull_requests_of_several_repos(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page by page for those that have more, each page one query for all of them."""
    assert titles(read(connection)) == expected()
    assert connection.graphql == 3
    monkeypatch.setattr(pagination, "PAGE", 3)
    assert titles(read(connection)) == expected()
    assert connection.graphql == 3 + 2 + 3


def test_reading_on_ends(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many pages what is older is left."""
    monkeypatch.setattr(pagination, "PAGE", 3)
    monkeypatch.setattr(pagination, "MOST_PAGES", 1)
    assert titles(read(connection)) == expected(most=18)


def test_comments_of_several_pull_requests(sandbox: Sandbox, connection: Connection) -> None:
    """In order, and with the pull request they were written on; 100 are no reason to ask again."""
    talks = {("acme/few", 1): 100, ("acme/few", 2): 101, ("acme/many", 2): 201, ("acme/more", 18): 3}
    for (repo, number), count in talks.items():
        for n in range(count):
            comment_pull(sandbox, repo, number, f"{repo} {number} {n}")
    seen = read(connection)
    for (repo, number), count in talks.items():
        (pull,) = (pull for pull in seen[repo].pull_requests if pull.number == number)
        assert [comment.body for comment in pull.comments] == [f"{repo} {number} {n}" for n in range(count)]
    assert connection.graphql == 2 + 1 + 2


def test_pull_requests_known_by_their_branches_alone(sandbox: Sandbox, connection: Connection) -> None:
    """Each in its repo; those of others are not the bot's, though their branch is used."""
    for repo, login in (("acme/none", BOT), ("acme/few", BOT), ("acme/more", "developer")):
        branch = "syncbot/adopt-90"
        commit_files(sandbox, repo, branch, {"Dockerfile": "FROM adopted\n"}, author=login)
        with sandbox.forge.store.transaction():
            create_pull(
                sandbox.forge, identity(login), find(sandbox, repo), title=f"{repo} adopt", head=branch, base="main"
            )
        commit_files(sandbox, repo, "syncbot/adopt-91", {"Dockerfile": "FROM nothing\n"}, author=login)
    seen = read(connection)
    found = expected()
    found["acme/none"] += ["acme/none adopt"]
    found["acme/few"] += ["acme/few adopt"]
    assert titles(seen) == found
    for repo in ("acme/none", "acme/few", "acme/more"):
        assert [(branch.name, branch.used) for branch in seen[repo].branches] == [
            ("syncbot/adopt-90", True),
            ("syncbot/adopt-91", False),
        ]
