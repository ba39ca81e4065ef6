"""What GitHub loses makes one repo unread, and nothing is taken for absent; what is many is read to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from syncbot.github.connection import Connection
from syncbot.github.decode import UnreadError, Value
from syncbot.github.nodes import BranchNode, CommitNode, SignatureNode
from syncbot.github.observe import survey, with_history
from syncbot.github.parse import branch
from syncbot.model.fleet import Bot
from syncbot.model.observation import Failure, Observation
from syncbot.model.pull_request import Mergeable
from syncbot.plan.pulls.changesets import next_branch
from syncbot.plan.pulls.trailers import format_trailers
from syncbot.sandbox.pulls import create_pull
from syncbot.sandbox.server import Sandbox
from tests.altered import Alter, Exchanged, altered
from tests.sandbox_support import commit_files, find, identity, make_repo, move_branch

BOT = "acme-syncbot[bot]"
REPOS = tuple(f"acme/r{number}" for number in range(10))
LIMITS = "Resource limits for this query exceeded."
WRONG = "Something went wrong while executing your query."


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path) as sandbox:
        for repo in REPOS:
            make_repo(sandbox, repo, {"Dockerfile": "FROM x\n"})
        yield sandbox


def losing(error: dict[str, object], when: Callable[[dict[str, str]], str | None]) -> Alter:
    """Answers with the error at a file of the repo whose alias `when` picks, and that file null."""

    def alter(exchanged: Exchanged) -> tuple[int, Any]:
        answered = deepcopy(exchanged.answered)
        alias = when(exchanged.sent["variables"])
        if alias:
            path = [alias, "defaultBranchRef", "target", "f0"]
            answered["data"][alias]["defaultBranchRef"]["target"]["f0"] = None
            answered["errors"] = [*answered.get("errors", ()), {**error, "path": path}]
        return exchanged.status, answered

    return alter


def test_what_exceeds_limits_in_part_is_asked_in_halves(sandbox: Sandbox, connection: Connection) -> None:
    """An error deep in one repo's part of a large answer: nothing is missing in the end."""

    def large(variables: dict[str, str]) -> str | None:
        return "r1" if "o3" in variables else None

    with altered(sandbox, losing({"type": "RESOURCE_LIMITS_EXCEEDED", "message": LIMITS}, large)):
        seen = survey(connection, REPOS, ["Dockerfile"], [], Bot(identities=()))
    assert tuple(seen) == REPOS
    assert all(isinstance(o, Observation) and o.files["Dockerfile"] for o in seen.values())
    assert connection.graphql == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"message": WRONG}, "unreadable"),
        ({"type": "SERVICE_UNAVAILABLE", "message": "later"}, "unreadable"),
        ({"type": "FORBIDDEN", "message": "Resource not accessible by integration"}, "not-permitted"),
    ],
)
def test_what_stays_lost_is_not_absent(
    sandbox: Sandbox, connection: Connection, error: dict[str, object], code: str
) -> None:
    """The repo was not read, with the place and GitHub's own words; the others were."""

    def always(variables: dict[str, str]) -> str | None:
        return next((f"r{key[1:]}" for key, name in variables.items() if key[0] == "n" and name == "r3"), None)

    with altered(sandbox, losing(error, always)):
        seen = survey(connection, REPOS, ["Dockerfile"], [], Bot(identities=()))
    failures = {name: failure for name, failure in seen.items() if isinstance(failure, Failure)}
    assert {name: failure.code for name, failure in failures.items()} == {"acme/r3": code}
    assert "defaultBranchRef.target.f0" in failures["acme/r3"].reason
    assert str(error["message"]) in failures["acme/r3"].reason


def test_not_found_at_a_file_is_absent(sandbox: Sandbox, connection: Connection) -> None:
    """GitHub's own NOT_FOUND is the one error that says that there is nothing; a silent null says nothing."""
    assert survey(connection, ["acme/r0"], ["gone"], [], Bot(identities=()))["acme/r0"].files == {"gone": None}  # type: ignore[union-attr]

    def silent(exchanged: Exchanged) -> tuple[int, Any]:
        return exchanged.status, {"data": exchanged.answered["data"]}

    with altered(sandbox, silent):
        (seen,) = survey(connection, ["acme/r0"], ["gone"], [], Bot(identities=())).values()
    assert isinstance(seen, Failure)
    assert (seen.code, seen.reason) == (
        "unreadable",
        "GitHub could not read acme/r0: defaultBranchRef.target.f0 is null",
    )


def propose(sandbox: Sandbox, repo: str, branch: str) -> None:
    commit_files(sandbox, repo, branch, {"Dockerfile": "FROM y\n"}, author=BOT)
    with sandbox.forge.store.transaction():
        create_pull(sandbox.forge, identity(BOT), find(sandbox, repo), title="Update", head=branch, base="main")


def test_a_pull_request_by_nobody_is_nobodys(sandbox: Sandbox, connection: Connection) -> None:
    """Whose it is that comes from a branch of the bot's naming is unknown: nothing is opened beside it."""
    propose(sandbox, "acme/r0", "syncbot/sync-1")

    def nameless(exchanged: Exchanged) -> tuple[int, Any]:
        answered = deepcopy(exchanged.answered)
        for repo in answered["data"].values():
            for ref in repo.get("refs0", {}).get("nodes", ()):
                for pull in ref["associatedPullRequests"]["nodes"]:
                    pull["author"] = None
        return exchanged.status, answered

    with altered(sandbox, nameless):
        seen = survey(connection, ["acme/r0", "acme/r1"], ["Dockerfile"], [], Bot(identities=(BOT,)))
    assert isinstance(seen["acme/r1"], Observation)
    failure = seen["acme/r0"]
    assert isinstance(failure, Failure)
    assert "#1, from syncbot/sync-1," in failure.reason


def test_more_branches_than_an_answer_holds(sandbox: Sandbox, connection: Connection) -> None:
    """Its own pull request is found behind 105 branches, without its label, and the free number after it."""
    propose(sandbox, "acme/r0", "syncbot/sync-7")
    head = commit_files(sandbox, "acme/r0", "other", {"a": "b\n"})
    for number in range(1, 106):
        move_branch(sandbox, "acme/r0", f"syncbot/aaa-{number}", head)
    (surveyed,) = survey(connection, ["acme/r0"], ["Dockerfile"], [], Bot(identities=(BOT,))).values()
    assert isinstance(surveyed, Observation)
    assert surveyed.many_opened
    before = connection.graphql
    (seen,) = with_history(connection, [surveyed], ["Dockerfile"], Bot(identities=(BOT,))).values()
    assert isinstance(seen, Observation)
    assert len(seen.branches) == 106
    assert [pull.branch for pull in seen.pull_requests] == ["syncbot/sync-7"]
    assert next_branch("sync", seen, "syncbot/") == "syncbot/sync-8"
    # The history, the other branches, the pull request that has no label, and whether it can be merged.
    assert connection.graphql - before <= 4


@pytest.mark.parametrize(
    ("read", "raw", "said"),
    [
        (lambda v: v.text, 7, "x is int instead of a text"),
        (lambda v: v.text, None, "x is null"),
        (lambda v: v.number, True, "x is bool instead of a number"),
        (lambda v: v.flag, "true", "x is str instead of true or false"),
        (lambda v: v.oid, "main", "x is str instead of a git id"),
        (lambda v: v.moment, "2027-01-01T00:00:00", "x is str instead of a time with its zone"),
        (lambda v: v.moment, "soon", "x is str instead of a time"),
        (lambda v: v["name"], [], "x is list instead of an object with name"),
        (list, {}, "x is dict instead of a list"),
        (lambda v: v.word(Mergeable), "PERHAPS", "x is 'PERHAPS', which is none of mergeable, conflicting, unknown"),
    ],
)
def test_another_type_is_unread(read: Callable[[Value], object], raw: object, said: str) -> None:
    """Each accessor says where the value stands and what it is instead."""
    with pytest.raises(UnreadError, match=f"^{said}$"):
        read(Value({"x": raw})["x"])


@pytest.mark.parametrize(
    ("email", "is_ours"),
    [
        ("7+sync-machine@users.noreply.github.com", True),
        ("Sync-Machine@users.noreply.github.com", True),
        ("8+acme-syncbot[bot]@users.noreply.github.com", True),
        ("noreply@github.com", True),
        ("7+ada@users.noreply.github.com", False),
        ("sync-machine@acme.example", False),
        ("sync-machine@users.noreply.github.com.example", False),
    ],
)
def test_a_lost_account_is_known_by_githubs_own_address(email: str, is_ours: bool) -> None:
    """A machine user's commit is not taken for a person's where GitHub does not say whose account the address is."""
    who = SignatureNode(login=None, email=email)
    message = "Change it\n\n" + format_trailers("sync", {})
    head = CommitNode(oid="a" * 40, message=message, author=who, committer=who)
    read = branch(BranchNode(name="sync-1", head=head, pulls=()), frozenset({"sync-machine", BOT}))
    assert (read.commit is not None) is is_ours
