"""What syncbot was given to prove who it is stays with it: programs that it starts do not get it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from syncbot.app.checkout import Checkout
from syncbot.credentials import CREDENTIALS, without_credentials
from syncbot.errors import SyncbotError
from syncbot.git import act
from syncbot.postgres.live import start
from syncbot.postgres.live.container import read_container
from syncbot.render.revision import source

SECRET = "planted-secret"


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What git, docker and postgres, which stand on the PATH before the real ones, write their environment to."""
    seen = tmp_path / "seen"
    for name in ("git", "docker", "postgres", "initdb"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\nenv >> {seen}\nexit 1\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.acme.example")
    for name in CREDENTIALS:
        monkeypatch.setenv(name, SECRET)
    return seen


def test_only_our_own_are_taken_away() -> None:
    """Proxies, agents and whatever else a program of the user's needs, it keeps."""
    kept = {"PATH": "/bin", "HTTPS_PROXY": "http://proxy", "SSH_AUTH_SOCK": "/agent"}
    assert without_credentials(kept | dict.fromkeys(CREDENTIALS, SECRET)) == kept


def test_every_secret_that_is_read_is_listed() -> None:
    """The variables that the package names, and that hold a token, a key or a password, are just these."""
    root = Path(__file__).parents[1] / "syncbot"
    text = "".join(path.read_text() for folder in ("cli", "github") for path in (root / folder).glob("*.py"))
    named = set(re.findall(r'"((?:GITHUB|SYNCBOT)_[A-Z_]*(?:TOKEN|KEY|KEY_FILE|DSN|SECRET|PASSWORD))"', text))
    assert named - {"SYNCBOT_GIT_TOKEN"} == CREDENTIALS


def test_git_gets_none(seen: Path, tmp_path: Path) -> None:
    """Not where it reads the platform repo, nor a checkout, nor where `new` makes a first commit."""
    source(tmp_path, {})
    Checkout(tmp_path).branch()
    with pytest.raises(SyncbotError):
        act(tmp_path, "init")
    text = seen.read_text()
    assert text.count("HTTPS_PROXY=") >= 3
    assert SECRET not in text


def test_docker_gets_none(seen: Path) -> None:
    """`docker exec` needs none of ours."""
    with pytest.raises(SyncbotError):
        read_container("db")
    assert "HTTPS_PROXY=" in seen.read_text()
    assert SECRET not in seen.read_text()


def test_postgres_gets_nothing_at_all(seen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is asked for its version runs in surroundings of its own, as it does when it is started."""
    monkeypatch.setattr(start, "_account", dict)
    assert tmp_path not in start.find_programs([tmp_path]).values()
    assert "LC_ALL=C\n" in seen.read_text()
    assert "HTTPS_PROXY" not in seen.read_text()
