"""Owners on GitHub: what is not there, what the identity may not see, and in how few questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncbot.errors import FailureCode
from syncbot.github.connection import Connection
from syncbot.github.endpoint import endpoint
from syncbot.github.owners import BATCH, missing_owners
from syncbot.model.observation import Failure
from syncbot.sandbox.faults import Fault
from syncbot.sandbox.roles import add_team
from syncbot.sandbox.server import Sandbox
from tests.github.standin import Says, StandIn
from tests.sandbox_support import make_repo


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """An organization with one team, of one person."""
    with Sandbox(tmp_path) as sandbox:
        make_repo(sandbox, "acme/api")
        with sandbox.forge.store.transaction():
            add_team(sandbox.forge, "acme", "platform", ["pat"])
        yield sandbox


def connection_to(sandbox: Sandbox, **permissions: str) -> Connection:
    token = sandbox.forge.issue_token("acme-syncbot[bot]", type="Bot", permissions=permissions or {"members": "read"})
    urls = {"GITHUB_API_URL": sandbox.api_url, "GITHUB_GRAPHQL_URL": sandbox.graphql_url}
    return Connection(endpoint(urls | {"GITHUB_TOKEN": token}), seconds_between_writes=0)


def test_what_is_not_there(sandbox: Sandbox) -> None:
    """Users, teams, and teams of organizations that do not exist; an organization is no owner, nor is an App."""
    asked = ("@pat", "@PAT", "@acme/platform", "@ACME/Platform", "@nobody", "@acme", "@acme/gone", "@void/team")
    found = missing_owners(connection_to(sandbox), [*asked, "@acme-syncbot"])
    assert found == {
        "@nobody": Failure(code=FailureCode.NOT_FOUND, reason="@nobody is not on GitHub"),
        "@acme": Failure(
            code=FailureCode.NOT_FOUND, reason="@acme is an organization, which owns nothing: name a team of it"
        ),
        "@acme/gone": Failure(
            code=FailureCode.NOT_FOUND, reason="@acme/gone is not there, or the token may not see it"
        ),
        "@void/team": Failure(
            code=FailureCode.NOT_FOUND, reason="@void/team is not there, or the token may not see it"
        ),
        "@acme-syncbot": Failure(code=FailureCode.NOT_FOUND, reason="@acme-syncbot is not on GitHub"),
    }


def test_asking_makes_nobody_up(sandbox: Sandbox) -> None:
    """A second look finds them missing still."""
    connection = connection_to(sandbox)
    assert missing_owners(connection, ["@nobody", "@acme/gone"]) == missing_owners(
        connection, ["@nobody", "@acme/gone"]
    )


def test_a_token_that_may_not_see_teams(sandbox: Sandbox) -> None:
    """Nothing is called missing for that, users are looked up all the same, and every team has the same reason."""
    found = missing_owners(connection_to(sandbox, contents="write"), ["@nobody", "@acme/platform", "@acme/gone"])
    said = (
        "the token may not see the teams of acme (an App needs members: read): Resource not accessible by integration"
    )
    assert found.pop("@nobody").code == "not-found"
    assert found == dict.fromkeys(
        ["@acme/platform", "@acme/gone"], Failure(code=FailureCode.NOT_PERMITTED, reason=said)
    )


def test_a_classic_token_without_the_scope(standin: StandIn) -> None:
    """GitHub then answers without data and without a path: teams are unknown, not missing."""
    message = "Your token has not been granted the required scopes: ['read:org']"
    refusal = Says(body={"data": None, "errors": [{"type": "INSUFFICIENT_SCOPES", "message": message}]})
    standin.script = [Says(body={"data": {"u0": {"__typename": "User", "login": "pat"}}}), refusal]
    with standin.connected() as connection:
        found = missing_owners(connection, ["@acme/platform", "@pat", "@acme/gone"])
    said = f"GitHub does not say whether the teams of acme exist: {message}"
    assert found == dict.fromkeys(["@acme/platform", "@acme/gone"], Failure(code=FailureCode.UNREADABLE, reason=said))


def test_a_team_that_is_found_by_its_name(standin: StandIn) -> None:
    """GitHub finds `SRE Team` by that name too, but CODEOWNERS takes its slug alone."""
    standin.script = [Says(body={"data": {"u0": {"team": {"slug": "sre-team"}}}})]
    with standin.connected() as connection:
        assert missing_owners(connection, ["@acme/SRE.Team"])["@acme/SRE.Team"].code == "not-found"


@pytest.mark.parametrize(("error", "code"), [("FORBIDDEN", "not-permitted"), (None, "unreadable")])
def test_one_that_fails_spares_the_others(sandbox: Sandbox, error: str | None, code: str) -> None:
    """An error belongs to the owner that it names."""
    sandbox.forge.faults.add(Fault(kind="partial", match="graphql", aliases=("u1",), error=error))
    found = missing_owners(connection_to(sandbox), ["@acme/gone", "@acme/platform"])
    assert {owner: failure.code for owner, failure in found.items()} == {
        "@acme/gone": "not-found",
        "@acme/platform": code,
    }


def test_few_questions(sandbox: Sandbox) -> None:
    """Fifty owners a query, users and teams apart; nothing is asked where there is nothing to ask."""
    connection = connection_to(sandbox)
    owners = [f"@user-{n}" for n in range(BATCH + 1)] + [f"@acme/team-{n}" for n in range(BATCH)]
    assert len(missing_owners(connection, owners)) == len(owners)
    assert (connection.graphql, connection.rest, connection.writes) == (3, 0, 0)
    assert missing_owners(connection, []) == {}
    assert connection.graphql == 3
