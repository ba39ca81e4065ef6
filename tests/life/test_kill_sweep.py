"""A run that dies or is failed at any of its requests is made good by the next: the forge ends as if nothing had been.

Each case copies the prepared fleet, fails one request, and runs again until nothing is left to do.
"""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest.mock import patch

import pytest

from syncbot.github.transport import Response, Transport
from syncbot.sandbox.faults import Fault
from tests.cli.harness import SYNCBOT
from tests.life.prepared import Prepared, copied, difference, state_of, until_quiet
from tests.life.small import BRAKES, SmallPlatform
from tests.sweeps import FULL

PARTS = 16 if FULL else 4
FAULTS = ("drop_before", "drop_after", "502", "502_after", "403", "killed before", "killed after")


class Killed(BaseException):
    """The process is gone: nothing catches it, and nothing but what was sent remains."""


@contextmanager
def _killed_at(number: int, *, after: bool) -> Iterator[None]:
    """The process ends at its request of that number, before it is sent or before its answer is read."""
    send = Transport.send
    sent = 0

    def sending(transport: Transport, *arguments: object, seconds: float) -> Response:
        nonlocal sent
        sent += 1
        if sent != number:
            return send(transport, *arguments, seconds=seconds)  # type: ignore[arg-type]
        if after:
            send(transport, *arguments, seconds=seconds)  # type: ignore[arg-type]
        raise Killed

    with patch.object(Transport, "send", sending):
        yield


def _run_into(platform: SmallPlatform, fault: str, number: int) -> None:
    """The run that goes wrong; how it ends is not the point."""
    if fault.startswith("killed"):
        with pytest.raises(Killed), _killed_at(number, after=fault.endswith("after")):
            platform.apply()
    else:
        platform.sandbox.forge.faults.add(Fault(kind=fault, nth=number))
        platform.apply()
        assert platform.sandbox.forge.faults.hits, f"there was no request {number}"


def _cases(requests: int) -> Sequence[tuple[str, int]]:
    every = [(fault, number) for number in range(1, requests + 1) for fault in FAULTS]
    return every if FULL else sorted(random.Random(3).sample(every, len(every) // 20))


def test_the_run_does_all_there_is(prepared: Prepared) -> None:
    """The run under test opens, updates, merges the base, replaces, closes, labels and tells."""
    assert prepared.actions == {
        "open drift",
        "open unmanaged",
        "open postgres-major",
        "update desired-changed",
        "update conflict",
        "update unlabelled",
        "open recreate",
        "close drift-gone",
        "close left-fleet",
    }
    texts = repr(prepared.end)
    assert "stays as you committed it" in texts
    assert "This branch conflicts with its base in" in texts


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(PARTS))
def test_any_request_may_fail(
    prepared: Prepared, tmp_path: Path, part: int, record_property: Callable[[str, object], None]
) -> None:
    """Trees, pull requests, labels and comments are in the end those of a clean run, whichever request went wrong."""
    cases = _cases(len(prepared.requests))
    mine = cases[part::PARTS]
    failed = []
    for number, (fault, request) in enumerate(mine):
        with copied(prepared.platform, prepared.folder, tmp_path / str(number)) as platform:
            try:
                _run_into(platform, fault, request)
                until_quiet(platform)
                found = difference(prepared.end, state_of(platform.sandbox))
            except AssertionError as error:
                found = str(error)
            if found:
                failed.append(f"{fault} at request {request}: {found}")
    every = f"{len(prepared.requests)} requests by {len(FAULTS)} faults"
    record_property(f"count of kill sweep cases ({every})", len(mine))
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("request_pattern", ["POST .*/pulls$", "PATCH .*/git/refs/", "PATCH .*/pulls/"])
def test_a_process_that_is_killed(prepared: Prepared, tmp_path: Path, request_pattern: str) -> None:
    """The same with a real process and a real SIGKILL, while it waits for an answer."""
    with copied(prepared.platform, prepared.folder, tmp_path / "data") as platform:
        faults = platform.sandbox.forge.faults
        faults.add(Fault(kind="hold", match=request_pattern))
        command = [str(SYNCBOT), "apply", *BRAKES, "--config", str(platform.config)]
        environment = {"PATH": os.environ["PATH"], **platform.environment}
        process = subprocess.Popen(
            command, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while not faults.hits:
            with suppress(subprocess.TimeoutExpired):
                assert process.wait(0.05) is None
        process.kill()
        process.wait()
        until_quiet(platform)
        assert not difference(prepared.end, state_of(platform.sandbox))
