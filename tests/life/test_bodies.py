"""Whatever comes instead of an answer, to whichever request: nothing is done twice, lost, or reported falsely.

A proxy answers one request of an `apply` in GitHub's place, be it read or write, REST or GraphQL, carried out or not.
That run ends without a traceback and tells no lie; the clean runs after it end where a clean run ends.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from syncbot.github.transport import Response, Transport
from tests.cli.harness import SYNCBOT, Result
from tests.life.prepared import Prepared, copied, difference, lies, state_of, until_quiet
from tests.life.proxy import KINDS, Foreign, Proxy, proxy_before
from tests.life.small import SmallPlatform

PARTS = 16
SAMPLE = 8
MOST_MEMORY = 300 * 2**20


def every_case(prepared: Prepared) -> list[Foreign]:
    return [
        Foreign(kind=kind, number=number, forwarded=forwarded)
        for number in range(1, len(prepared.requests) + 1)
        for kind in KINDS
        for forwarded in (True, False)
    ]


def run_through(platform: SmallPlatform, proxy: Proxy, foreign: Foreign) -> Result:
    """One `apply` that meets the foreign answer."""
    proxy.fail(foreign)
    with impatient_at(foreign.number) if foreign.kind == "drip" else nullcontext():
        return platform.apply(
            GITHUB_API_URL=f"{proxy.url}/api/v3",
            GITHUB_GRAPHQL_URL=f"{proxy.url}/api/graphql",
        )


@contextmanager
def impatient_at(number: int) -> Iterator[None]:
    """The request of that number, and no other, has a second instead of a minute."""
    send, numbers = Transport.send, count(1)

    def sending(transport: Transport, *arguments: Any, seconds: float) -> Response:
        return send(transport, *arguments, seconds=1.0 if next(numbers) == number else seconds)

    with patch.object(Transport, "send", sending):
        yield


def complaint(prepared: Prepared, folder: Path, foreign: Foreign) -> str:
    """What is wrong with how the bot bears this answer; empty where nothing is."""
    with (
        copied(prepared.platform, prepared.folder, folder) as platform,
        proxy_before(platform.sandbox.url) as proxy,
    ):
        try:
            result = run_through(platform, proxy, foreign)
        except Exception as error:
            return f"{foreign} ({proxy.hit}): {type(error).__name__}: {error}"
        codes = [repo["error"]["code"] for repo in result.json["repos"] if repo["error"]] if result.stdout else []
        problems = lies(platform, result)
        problems += ["a traceback"] if "Traceback" in result.stderr or "bug" in codes else []
        problems += [] if result.exit_code in (0, 1) else [f"exit code {result.exit_code}: {result.stderr}"]
        problems += [] if proxy.hit else ["there was no such request"]
        try:
            until_quiet(platform)
        except AssertionError as error:
            problems.append(str(error)[:500])
        if found := difference(prepared.end, state_of(platform.sandbox)):
            problems.append(found)
        return f"{foreign} ({proxy.hit}): {'; '.join(problems)}" if problems else ""


def sweep(prepared: Prepared, folder: Path, cases: list[Foreign]) -> None:
    found = [complaint(prepared, folder / str(number), case) for number, case in enumerate(cases)]
    assert not any(found), "\n".join(filter(None, found))


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(2))
def test_any_request_may_be_answered_by_something_else(
    prepared: Prepared, tmp_path: Path, part: int, record_property: Callable[[str, object], None]
) -> None:
    """A sample of the whole."""
    cases = random.Random(7).sample(every_case(prepared), SAMPLE)[part::2]
    record_property("count of foreign answers", len(cases))
    sweep(prepared, tmp_path, cases)


@pytest.mark.full
@pytest.mark.parametrize("part", range(PARTS))
def test_each_request_and_each_answer(
    prepared: Prepared, tmp_path: Path, part: int, record_property: Callable[[str, object], None]
) -> None:
    """Each request by each kind, carried out and not."""
    cases = every_case(prepared)[part::PARTS]
    record_property("count of foreign answers", len(cases))
    sweep(prepared, tmp_path, cases)


@pytest.mark.parametrize(
    ("request_line", "kind", "forwarded"),
    [
        ("POST /api/v3/repos/acme/left/issues/1/comments", "moved", False),
        ("POST /api/v3/repos/acme/replaces/issues/1/comments", "redirect", False),
        ("POST /api/v3/repos/acme/opens/git/refs", "wrong types", True),
    ],
)
def test_what_the_sweep_found(
    prepared: Prepared, tmp_path: Path, request_line: str, kind: str, forwarded: bool
) -> None:
    """A redirect is no refusal: nothing is closed without the words that say why. And a branch that was made for
    GitHub's own commit gets it later, rather than lying about beside another."""
    number = prepared.requests.index(request_line) + 1
    assert complaint(prepared, tmp_path / "data", Foreign(kind=kind, number=number, forwarded=forwarded)) == ""


MEASURED = """\
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


def test_memory_stays_small_whatever_comes(prepared: Prepared, tmp_path: Path) -> None:
    """A real process that meets 600 MB instead of the fleet's history: that is asked for in halves, and passes."""
    with (
        copied(prepared.platform, prepared.folder, tmp_path / "data") as platform,
        proxy_before(platform.sandbox.url) as proxy,
    ):
        proxy.fail(Foreign(kind="600 MB", number=2, forwarded=False))
        urls = {"GITHUB_API_URL": f"{proxy.url}/api/v3", "GITHUB_GRAPHQL_URL": f"{proxy.url}/api/graphql"}
        command = [str(SYNCBOT), "plan", "--format", "json", "--config", str(platform.config)]
        environment = {"PATH": os.environ["PATH"], **platform.environment, **urls}
        # By a process in between: what is started by a large one counts that one's memory as its own.
        command = [sys.executable, "-c", MEASURED, *command]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, proxy.hit) == (0, "POST /api/graphql"), done.stdout + done.stderr
        # KiB, but bytes on macOS.
        peak = int(done.stderr.split()[-1])
        assert peak * (1 if sys.platform == "darwin" else 1024) < MOST_MEMORY
