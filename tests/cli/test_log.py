"""`--log-level`: what is decided and sent, on stderr, and stdout stays the report's."""

from __future__ import annotations

import logging
import re

import pytest

from syncbot.cli.sandbox import bot_token
from tests.cli.harness import ALLOW, Platform, Result, run_main
from tests.sandbox_support import make_repo


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    platform.fleet("orders")
    make_repo(platform.sandbox, "acme/orders", {"README.md": "hello\n"})
    return platform


def run(platform: Platform, *arguments: str, **environment: str) -> Result:
    config = ("--config", str(platform.config))
    result = run_main(*arguments, *config, environment=platform.environment | environment)
    assert bot_token(platform.sandbox.forge) not in result.stdout + result.stderr
    return result


def test_nothing_by_default(fleet: Platform) -> None:
    """A run in which nothing goes wrong leaves stderr empty."""
    assert run(fleet, "apply", ALLOW, "--format", "json").stderr == ""


def test_info_tells_decisions(fleet: Platform) -> None:
    """Each changeset with its action and reason; no request."""
    result = run(fleet, "--log-level", "info", "plan", "--format", "json")
    assert re.search(r"INFO syncbot\.app\.fleet_run: acme/orders adopt: OpenPullRequest \(unmanaged\)", result.stderr)
    assert "POST" not in result.stderr
    assert result.json["summary"]["repos"] == 1


def test_debug_tells_requests(fleet: Platform) -> None:
    """Each request with its status, in order; no body, no header."""
    result = run(fleet, "apply", ALLOW, "--format", "json", SYNCBOT_LOG="debug")
    sent = re.findall(r"(POST|PATCH) \S*?(/graphql|/git/\w+|/pulls|/labels) -> (\d+)", result.stderr)
    writes = [(path, status) for _, path, status in sent if path != "/graphql"]
    assert writes == [(f"/{path}", "201") for path in ("git/trees", "git/commits", "git/refs", "pulls")] + [
        ("/labels", "200")
    ]
    assert "uthorization" not in result.stderr
    assert "base_tree" not in result.stderr
    assert len(result.pulls()) == 1


def test_the_library_stays_quiet(fleet: Platform) -> None:
    """PyGithub's own DEBUG lines hold whole answers: they are never turned on."""
    run(fleet, "--log-level", "debug", "plan")
    assert not logging.getLogger("github.Requester").isEnabledFor(logging.DEBUG)


def test_an_unknown_level(fleet: Platform) -> None:
    """A usage error."""
    result = run(fleet, "--log-level", "loud", "plan")
    assert result.exit_code == 2
    assert "debug" in result.stderr
