"""However a run ends, what was done is reported, and the exit code says how it ended: real processes, real signals."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from syncbot.app.publishing import Publisher
from syncbot.sandbox.faults import Fault
from tests.cli.harness import ALLOW, SYNCBOT, Platform, Result
from tests.clock import SETTINGS
from tests.sandbox_support import make_repo

FULL = Path("/dev/full")
NAMES = ("first", "second", "third")
OPENED = "acme/first"


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """Three repos that wait for their first pull request."""
    platform.fleet(*NAMES)
    for name in NAMES:
        make_repo(platform.sandbox, f"acme/{name}", {"README.md": "hello\n"})
    return platform


def environment(platform: Platform, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], **SETTINGS, **platform.environment, **more}


@contextmanager
def running(platform: Platform, *arguments: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    command = [str(SYNCBOT), *arguments, "--config", str(platform.config)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment(platform, **more), text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield process
        finally:
            process.kill()


def run(platform: Platform, *arguments: str, stdout: int | None = None, **more: str) -> Result:
    command = [str(SYNCBOT), *arguments, "--config", str(platform.config)]
    done = subprocess.run(
        command,
        env=environment(platform, **more),
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return Result(exit_code=done.returncode, stdout=done.stdout or "", stderr=done.stderr)


def until_it_hangs(platform: Platform, match: str) -> threading.Event:
    """Set once a request that matches has come in; it is never answered."""
    faults, reached = platform.sandbox.forge.faults, threading.Event()

    class Watched(list[tuple[int, str, str]]):
        def append(self, hit: tuple[int, str, str]) -> None:
            super().append(hit)
            reached.set()

    faults.add(Fault(kind="hold", match=match))
    faults.hits = Watched()
    return reached


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_between_two_repos(fleet: Platform, number: signal.Signals) -> None:
    """The first is done and reported, the second hangs in a write: exit 130, no traceback, and the next run goes on."""
    reached = until_it_hangs(fleet, "POST .*/second/git/trees")
    with running(fleet, "apply", ALLOW, "--format", "json", GITHUB_ACTIONS="true") as process:
        assert reached.wait(120)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    result = Result(exit_code=process.returncode, stdout=out, stderr=err)
    assert result.exit_code == 130, result
    assert result.pulls() == [(OPENED, "opened")]
    assert "interrupted\n" in err
    assert "Traceback" not in err
    fleet.sandbox.forge.faults.clear()
    assert [action for _, action in fleet.apply().pulls()] == ["unchanged", "opened", "opened"]


def test_a_signal_while_the_fleet_is_read(fleet: Platform) -> None:
    """Nothing was done: exit 130 and one line."""
    reached = until_it_hangs(fleet, "/graphql")
    with running(fleet, "plan") as process:
        assert reached.wait(120)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (130, "", "interrupted")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
def test_a_full_disk_under_stdout(fleet: Platform) -> None:
    """What was done is said on stderr, and what the computer refuses in one line; exit 2."""
    with FULL.open("w") as full:
        result = run(fleet, "apply", ALLOW, stdout=full.fileno())
    assert result.exit_code == 2, result
    assert result.stderr.count("opened http") == 3
    assert result.stderr.splitlines()[-1] == "error: No space left on device"
    assert "Traceback" not in result.stderr


def test_a_closed_stdout(fleet: Platform) -> None:
    """Nobody reads: what was done is said on stderr; exit 1, no traceback."""
    reader, writer = os.pipe()
    os.close(reader)
    result = run(fleet, "apply", ALLOW, stdout=writer)
    os.close(writer)
    assert result.exit_code == 1, result
    assert result.stderr.count("opened http") == 3
    assert "Traceback" not in result.stderr
    assert "Exception ignored" not in result.stderr


def test_an_ascii_stdout(fleet: Platform) -> None:
    """What ASCII has no letter for is escaped; nothing ends for it."""
    result = run(fleet, "apply", ALLOW, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (result.exit_code, "Traceback" in result.stderr) == (0, False), result
    assert result.stdout.isascii()
    assert result.stdout.count("opened") >= 3


def test_a_bug_after_the_first(fleet: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no bulkhead catches: the report of what was done comes first, then the traceback; exit 1."""
    publish = Publisher.publish

    def broken(publisher: Publisher, plan: object, outcomes: list[object]) -> object:
        if outcomes:
            raise RuntimeError("planted")
        return publish(publisher, plan, outcomes)  # type: ignore[arg-type]

    monkeypatch.setattr(Publisher, "publish", broken)
    result = fleet.apply()
    assert result.exit_code == 1
    assert result.pulls() == [(OPENED, "opened")]
    assert result.stderr.splitlines()[0] == "Traceback (most recent call last):"
    assert result.stderr.splitlines()[-1] == "RuntimeError: planted"


def test_a_full_disk_under_temporary_files(fleet: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the place, and exit 2, before anything is written."""

    def full(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/syncbot-x")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    result = fleet.apply()
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: /tmp/syncbot-x: No space left on device\n"
    assert fleet.sandbox.forge.counters.writes == 0


def test_no_git(fleet: Platform, tmp_path: Path) -> None:
    """One line and exit 2 where git is needed; no HOME is needed anywhere."""
    result = run(fleet, "preview", "--base", "HEAD", PATH=str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: git cannot be run: No such file or directory\n"
