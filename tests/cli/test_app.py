"""A whole run as a GitHub App: nobody holds a token for long, and no secret is written anywhere."""

from __future__ import annotations

import logging
import math
import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest

from syncbot.app.applying import publish_all
from syncbot.app.fleet_run import fleet_run
from syncbot.clock import Clock
from syncbot.sandbox.apps import create_app, secrets, uninstall
from syncbot.sandbox.faults import Fault
from syncbot.sandbox.limits import Limits
from tests.cli.harness import ALLOW, Platform, Result, run_main, run_script
from tests.sandbox_support import make_repo

NAMES = ("orders", "payments", "search")
PERMISSIONS = {
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
    "checks": "read",
    "statuses": "read",
}


@pytest.fixture
def app(platform: Platform) -> Mapping[str, str]:
    """The environment of an App that is installed on acme, over a fleet of three."""
    platform.fleet(*NAMES)
    for name in NAMES:
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    return app_environment(platform, PERMISSIONS)


def app_environment(platform: Platform, permissions: Mapping[str, str]) -> Mapping[str, str]:
    number, key = create_app(platform.sandbox.forge, "acme-syncbot", permissions, ["acme"])
    urls = {name: value for name, value in platform.environment.items() if name != "GITHUB_TOKEN"}
    return urls | {"SYNCBOT_APP_ID": str(number), "SYNCBOT_APP_PRIVATE_KEY": key.replace("\n", "\\n")}


def all_secrets(platform: Platform) -> set[str]:
    """Every token, JWT and key of the sandbox, the keys line by line too."""
    found = {piece for secret in secrets(platform.sandbox.forge) for piece in (secret, *secret.splitlines())}
    return {piece for piece in found if piece and not piece.startswith("-----")}


def run(platform: Platform, environment: Mapping[str, str], *arguments: str) -> Result:
    return run_main(*arguments, "--config", str(platform.config), environment=environment)


def test_a_whole_run(platform: Platform, app: Mapping[str, str]) -> None:
    """Plan, apply, status, doctor and a second apply that writes nothing; the pull requests are the App's."""
    assert run(platform, app, "plan").exit_code == 0
    applied = run(platform, app, "apply", ALLOW, "--format", "json")
    assert applied.exit_code == 0, applied
    assert [action for _, action in applied.pulls()] == ["opened"] * 3
    assert platform.pull("acme/orders").user.login == "acme-syncbot[bot]"
    assert run(platform, app, "apply", ALLOW, "--format", "json").writes == 0
    assert run(platform, app, "status").exit_code == 0
    doctor = run(platform, app, "doctor", "--format", "json")
    assert doctor.exit_code == 0, doctor
    assert doctor.json["identity"]["app"] == "acme-syncbot"
    assert doctor.json["identity"]["permissions"] == PERMISSIONS
    assert [repo["push"] for repo in doctor.json["repos"]] == ["yes"] * 3


def test_no_secret_anywhere(
    platform: Platform, app: Mapping[str, str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every logger at DEBUG, PyGithub's included, over commands and failures: no token, JWT or line of the key."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("syncbot.cli.logs._LOGGERS", ("syncbot",))
    for name in ("github", "github.Requester", "urllib3", "urllib3.connectionpool"):
        caplog.set_level(logging.DEBUG, logger=name)
    started: list[str] = []
    real = subprocess.Popen.__init__

    def watched(self: subprocess.Popen[bytes], args: object, *rest: object, **more: object) -> None:
        started.append(repr(args))
        real(self, args, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess.Popen, "__init__", watched)
    faults = platform.sandbox.forge.faults
    faults.add(Fault(kind="401", match="POST .*/git/commits"))
    faults.add(Fault(kind="502", match="POST .*/pulls$", skip=1))
    faults.add(Fault(kind="drop_after", match="POST .*/git/trees", skip=2))
    written = []
    for command in (("plan", "-v"), ("apply", ALLOW), ("doctor",), ("status", "--format", "markdown")):
        result = run(platform, app, "--log-level", "debug", *command)
        written += [result.stdout, result.stderr]
    uninstall(platform.sandbox.forge, int(app["SYNCBOT_APP_ID"]), "acme")
    refused = run(platform, app, "--log-level", "debug", "plan")
    assert "not installed for acme" in refused.stderr
    logged = "\n".join([*written, refused.stdout, refused.stderr, caplog.text, *started])
    assert len(faults.hits) == 3
    assert "access_tokens" in caplog.text
    assert {"github.Requester", "syncbot.github.client"} <= {record.name for record in caplog.records}
    assert "git" in " ".join(started)
    held = all_secrets(platform)
    assert len([secret for secret in held if secret.startswith("ghs_")]) > 4
    assert any(secret.startswith("eyJ") for secret in held)
    for secret in held:
        assert secret not in logged


def test_the_installed_command(platform: Platform, app: Mapping[str, str], tmp_path: Path) -> None:
    """The same in a process of its own, with the key in a file."""
    file = tmp_path / "app.pem"
    file.write_text(app["SYNCBOT_APP_PRIVATE_KEY"].replace("\\n", "\n"))
    environment = {name: value for name, value in app.items() if name != "SYNCBOT_APP_PRIVATE_KEY"}
    environment |= {"SYNCBOT_APP_PRIVATE_KEY_FILE": str(file), "SYNCBOT_LOG": "debug"}
    result = run_script("apply", ALLOW, "--config", str(platform.config), environment=environment, cwd=tmp_path)
    assert result.exit_code == 0, result
    assert "access_tokens -> 201" in result.stderr
    for secret in all_secrets(platform):
        assert secret not in result.stdout + result.stderr


@pytest.mark.parametrize("days", [0, 400, -400])
def test_a_run_of_hours(platform: Platform, app: Mapping[str, str], days: int) -> None:
    """With a few requests an hour the run outlives its tokens: each is replaced before it ends, none is refused.

    So it is where the command lives on another day than GitHub: limits and tokens end by GitHub's clock.
    """
    forge = platform.sandbox.forge
    forge.clock.set(datetime(2026, 11, 23, 12, tzinfo=UTC))
    forge.limits = Limits(primary=6, graphql=5000)
    ahead = days * 86_400
    clock = Clock(
        now=lambda: forge.clock.now().timestamp() + ahead, sleep=lambda wait: forge.clock.advance(math.ceil(wait))
    )
    with patch.dict(os.environ, app), fleet_run(platform.config, (), clock=clock) as planned:
        _, outcomes, stopped = publish_all(planned)
    assert stopped is None
    assert [outcome.action for outcome in outcomes] == ["opened"] * 3
    hours = (forge.clock.now() - datetime(2026, 11, 23, 12, tzinfo=UTC)).total_seconds() / 3600
    assert hours > 2
    assert len([secret for secret in secrets(forge) if secret.startswith("ghs_")]) >= 3
    assert forge.meter.exhausted == 0


def test_a_workflow_needs_its_own_permission(platform: Platform, app: Mapping[str, str]) -> None:
    """Where the template owns a workflow file, doctor names what is missing and why."""
    platform.edit("templates/service/ownership.yaml", "owned:", "owned:\n  - path: .github/workflows/ci.yml")
    workflow = platform.root / "templates/service/files/.github/workflows/ci.yml"
    workflow.parent.mkdir(parents=True, exist_ok=True)
    workflow.write_text("on: push\njobs: {}\n")
    platform.commit("Own a workflow")
    doctor = run(platform, app, "doctor", "--format", "json")
    assert doctor.exit_code == 1, doctor
    (finding,) = doctor.json["findings"]
    assert finding["subject"] == "App permission workflows: write"
    assert [repo["workflows"] for repo in doctor.json["repos"]] == ["no"] * 3
