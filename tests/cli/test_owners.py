"""`syncbot check --online`: whether the owners of CODEOWNERS exist, asked of GitHub with the identity of `plan`."""

from __future__ import annotations

import pytest

from syncbot.sandbox.apps import create_app
from syncbot.sandbox.roles import add_team
from tests.cli.harness import Platform, run_main
from tests.sandbox_support import make_repo


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """Three repos: two of a team that exists, one of a team that does not."""
    answers = {"node_version": "24", "postgres_version": "none"}
    platform.fleet("billing", "orders", {"name": "search", "team": "@acme/serch"}, answers=answers)
    make_repo(platform.sandbox, "acme/orders")
    with platform.sandbox.forge.store.transaction():
        for team in ("platform", "services", "secrets"):
            add_team(platform.sandbox.forge, "acme", team, ["pat"])
    # Both own everything, so that the template names the service's team too.
    platform.edit("config/repos.yaml", '"node_version": "24"', '"node_version": "24", "owned_by": "shared"')
    return platform


def test_a_team_that_is_not_there(fleet: Platform) -> None:
    """An error with its line and the repos that name it; those that exist are not spoken of."""
    result = fleet.run("check", "--online", "--format", "json")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.json["summary"]["owners"] == 3
    (finding,) = result.json["findings"]
    text = str(fleet_file(fleet, "search"))
    assert finding == {
        "path": ".github/CODEOWNERS",
        "line": next(n for n, line in enumerate(text.splitlines(), 1) if "@acme/serch" in line.partition("#")[0]),
        "column": 0,
        "code": "owners-unknown",
        "severity": "error",
        "message": "@acme/serch is not there, or the token may not see it",
        "tool": "syncbot",
        "repos": ["acme/search"],
    }
    assert fleet.run("check", "--online", "billing", "orders").exit_code == 0


def fleet_file(fleet: Platform, repo: str) -> str | None:
    """What `apply` proposes as the repo's CODEOWNERS."""
    make_repo(fleet.sandbox, f"acme/{repo}", {"README.md": "hello\n"})
    fleet.apply(repo)
    return fleet.read(f"acme/{repo}", ".github/CODEOWNERS", "syncbot/adopt-1")


def test_offline_says_that_nobody_looked(fleet: Platform) -> None:
    """In each format, with a token and without one; GitHub is not asked, and it is no error."""
    fleet.sandbox.forge.counters.requests.clear()
    said = "Whether the owners in CODEOWNERS exist was not looked up; --online asks GitHub."
    for token in (fleet.environment["GITHUB_TOKEN"], None):
        for output in ("text", "markdown"):
            result = fleet.run("check", "--format", output, GITHUB_TOKEN=token)
            assert (result.exit_code, result.stderr) == (0, "")
            assert said in result.stdout
    assert fleet.run("check", "--format", "json").json["summary"]["owners"] is None
    assert sum(fleet.sandbox.forge.counters.requests.values()) == 0


def test_online_says_how_many_were_looked_up(fleet: Platform) -> None:
    """Three different owners in three repos, in one request for teams."""
    fleet.sandbox.forge.counters.requests.clear()
    for output in ("text", "markdown"):
        result = fleet.run("check", "--online", "--format", output)
        assert "3 owners of CODEOWNERS looked up on GitHub." in result.stdout
    assert dict(fleet.sandbox.forge.counters.requests) == {"graphql": 2, "rest": 0, "git": 0}


def test_an_app_that_may_not_see_teams(fleet: Platform) -> None:
    """One error says that nothing was looked up and which permission it takes; no team is called missing."""
    number, key = create_app(fleet.sandbox.forge, "acme-syncbot", {"contents": "write", "metadata": "read"}, ["acme"])
    urls = {name: value for name, value in fleet.environment.items() if name != "GITHUB_TOKEN"}
    app = {"SYNCBOT_APP_ID": str(number), "SYNCBOT_APP_PRIVATE_KEY": key.replace("\n", "\\n")}
    arguments = ("check", "--online", "--format", "json", "--config", str(fleet.config))
    result = run_main(*arguments, environment=urls | app)
    assert result.exit_code == 1
    (finding,) = result.json["findings"]
    assert finding["code"] == "not-checked"
    assert "members: read" in finding["message"]
    assert finding["repos"] == ["acme/billing", "acme/orders", "acme/search"]


def test_online_needs_an_identity(fleet: Platform) -> None:
    """Without one it stops with a line, as plan does, before anything is rendered."""
    result = fleet.run("check", "--online", GITHUB_TOKEN=None)
    planned = fleet.run("plan", GITHUB_TOKEN=None)
    assert (result.exit_code, result.stdout, result.stderr) == (planned.exit_code, "", planned.stderr)
    assert "GITHUB_TOKEN is not set" in result.stderr
