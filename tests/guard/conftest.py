"""A service's repo in real git, with the files and the lock that the bot delivered, and the guard's command on it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from syncbot.cli.guard import guard
from syncbot.model.files import LOCK_PATH, FileId, Ownership, blob_id
from syncbot.ownership import owned_part
from syncbot.plan.files.lock import Stanza, format_lock

BOT = "acme-syncbot[bot]"
DOCKERFILE = 'FROM node:22-bookworm-slim\nWORKDIR /app\nCOPY . .\nUSER 1000\nCMD ["node", "server.js"]\n'
BLOCK = """\
# BEGIN syncbot
/Dockerfile @acme/platform
/.github/syncbot.lock @acme/platform
CODEOWNERS @acme/platform
# END syncbot
"""
CODEOWNERS = f"* @acme/payments\n\n{BLOCK}"
OWNED = {"Dockerfile": DOCKERFILE, ".github/CODEOWNERS": CODEOWNERS}


def lock_of(files: Mapping[str, str]) -> str:
    """The lock that a delivery of these files leaves behind."""
    stanzas = {}
    for path, text in files.items():
        ownership = Ownership.BLOCK if path.endswith("CODEOWNERS") else Ownership.FILE
        part = owned_part(ownership, text.encode())
        assert part is not None
        stanzas[path] = Stanza(file=FileId(id=blob_id(part), mode="100644"), template="service", config="a" * 40)
    return format_lock(stanzas)


@dataclass(frozen=True, slots=True)
class Service:
    """The repo in `root`; `main` is its base branch."""

    root: Path

    def git(self, *arguments: str, author: str = "Ines <ines@acme.example>") -> str:
        name, _, address = author.rstrip(">").partition(" <")
        values = (("NAME", name), ("EMAIL", address))
        who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in values}
        environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments], check=True, capture_output=True, text=True, env=environment
        )
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str | None], *, author: str = "Ines <ines@acme.example>") -> str:
        """Write (or, for None, remove) these files and commit them all."""
        for path, text in files.items():
            target = self.root / path
            if text is None:
                target.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "change", author=author)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, start: str = "main") -> None:
        self.git("switch", "--quiet", "--create", name, start)

    def guard(self, *arguments: str, env: Mapping[str, str] | None = None) -> Result:
        given = dict.fromkeys(("GITHUB_ACTIONS", "GITHUB_BASE_REF", "GITHUB_EVENT_PATH", "GITHUB_SHA"))
        return CliRunner().invoke(guard, ["--repo", str(self.root), *arguments], env={**given, **(env or {})})

    def event(self, payload: Mapping[str, Any]) -> dict[str, str]:
        """The environment of a run on GitHub Actions with this event."""
        path = self.root.parent / "event.json"
        path.write_text(json.dumps(payload))
        return {"GITHUB_EVENT_PATH": str(path), "GITHUB_ACTIONS": "true"}


def pull_request(service: Service, *, login: str = "ines", ref: str = "topic", fork: bool = False) -> dict[str, Any]:
    """The event's `pull_request` for what is checked out."""
    return {
        "pull_request": {
            "user": {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"},
            "base": {"sha": service.git("rev-parse", "main"), "repo": {"full_name": "acme/payments-api"}},
            "head": {
                "sha": service.git("rev-parse", "HEAD"),
                "ref": ref,
                "repo": {"full_name": "ines/payments-api" if fork else "acme/payments-api"},
            },
        }
    }


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """A service on main, as delivered."""
    root = tmp_path / "service"
    root.mkdir()
    made = Service(root)
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit({**OWNED, LOCK_PATH: lock_of(OWNED), "server.js": "// the team's\n"})
    return made
