"""git as a program: one way to read a checkout, and one to act in it as the person at the keyboard.

Neither hands syncbot's own credentials on, and neither is led astray by a hook's GIT_DIR.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from syncbot.credentials import to_read_with_git, without_credentials
from syncbot.errors import SyncbotError


class GitError(SyncbotError):
    """git cannot be run, or refuses: its own words."""


class NoGitError(GitError):
    """There is no git on this computer, or it cannot be started."""


def read(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes | None:
    """What git prints of a checkout, None where it refuses. Locks and writes nothing. Raises NoGitError."""
    done = _run(folder, arguments, to_read_with_git(os.environ), stdin)
    return done.stdout if done.returncode == 0 else None


def read_text(folder: Path, *arguments: str) -> str:
    """The same as text, without the space around it; empty where git refuses. Raises NoGitError."""
    return (read(folder, *arguments) or b"").decode("utf-8", "replace").strip()


def act(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Run git with this person's settings and what `environment` adds; what it prints. Raises GitError."""
    inherited = {name: value for name, value in without_credentials(os.environ).items() if name not in _OF_A_HOOK}
    done = _run(folder, arguments, {**inherited, **(environment or {})})
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip()
        raise GitError(f"git {arguments[0]}: {words or f'exit code {done.returncode}'}")
    return done.stdout.decode("utf-8", "replace")


def _run(
    folder: Path, arguments: tuple[str, ...], environment: Mapping[str, str], stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, input=stdin, capture_output=True, env=environment, check=False)
    except OSError as error:
        raise NoGitError(f"git cannot be run: {error.strerror}") from error


_OF_A_HOOK = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"})
