"""Commands live at SYNCBOT_NOW, and the sandbox with them."""

from __future__ import annotations

import httpx
import pytest

from tests.cli.harness import PROJECT, Platform, run_main
from tests.sandbox_support import make_repo

REPO = "acme/orders"
COMMANDS = (
    ("plan",),
    ("apply",),
    ("status",),
    ("check",),
    ("preview", "--base", "HEAD"),
    ("doctor",),
    ("new", "orders", "--defaults"),
    ("postgres", "check"),
    ("postgres", "upgrade", "--to", "18"),
    ("postgres", "diff", "--dsn", "postgresql://nowhere"),
)
"""Every command whose result depends on the day."""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_bad_moment(command: tuple[str, ...]) -> None:
    """Every command says so in one line, before it does anything."""
    config = str(PROJECT / "config" / "repos.yaml")
    result = run_main(*command, "--config", config, environment={"SYNCBOT_NOW": "noon", "GITHUB_TOKEN": "t"})
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == ("error: SYNCBOT_NOW: 'noon' is no time: expected ISO 8601, such as 2027-02-28T09:30:00Z\n")


def test_the_sandbox_and_the_command_share_the_moment(platform: Platform) -> None:
    """Set at the control plane, read by the harness: an exemption ends on that day, a pull request bears it."""
    exemption = {"path": "Dockerfile", "until": "2028-02-29", "reason": "moving house", "owner": "@acme/orders"}
    platform.fleet({"name": "orders", "exemptions": [exemption]})
    make_repo(platform.sandbox, REPO, {"README.md": "hello\n"})
    clock = f"{platform.sandbox.url}/_sandbox/clock"
    for now, state in (("2028-02-29T23:00:00Z", "exempt"), ("2028-03-01T00:00:00Z", "missing")):
        assert httpx.post(clock, json={"now": now}).json() == {"now": now} == httpx.get(clock).json()
        planned = platform.plan()
        assert (planned.exit_code, planned.states(REPO)["Dockerfile"]) == (0, state), planned
    platform.apply()
    assert platform.pull(REPO).created_at.isoformat() == "2028-03-01T00:00:00+00:00"
