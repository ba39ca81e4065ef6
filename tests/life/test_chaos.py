"""Whatever goes wrong, and however much of it: nothing is doubled, lost, forced or said falsely, and it ends well.

A history is some runs of `apply` over the prepared fleet, in each of which requests fail in ways drawn by chance, the
process dies, or a second one runs in its midst; then clean runs until nothing is left to do. The judge looks after
each of them.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from unittest.mock import patch

import pytest

from syncbot.cli.sandbox import bot_token, developer_token
from syncbot.clock import VARIABLE
from syncbot.github.transport import Response, Transport
from syncbot.sandbox.faults import Fault
from tests.cli.harness import SYNCBOT, Result
from tests.life.judge import damage, false_words, lies, main_heads, outcry, peoples_lines
from tests.life.prepared import Prepared, State, copied, difference, state_of, until_quiet
from tests.life.small import BRAKES, SmallPlatform
from tests.sweeps import FULL

PARTS = 16
RUNS = 5
"""Faulted runs a history."""
HISTORIES = 16
SAMPLE = 4
READ = ("drop_before", "500", "502", "503", "504", "403", "429", "403_primary", "truncate")
ANY = (*READ, "403_permission", "drop_after", "500_after", "502_after", "503_after", "504_after")
ERRORS = (None, None, "SERVICE_UNAVAILABLE", "INTERNAL", "RESOURCE_LIMITS_EXCEEDED")
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


class Killed(BaseException):
    """The process is gone: nothing catches it, and nothing but what was sent remains."""


@contextmanager
def at_request(number: int, act: Callable[[], None], *, after: bool) -> Iterator[None]:
    """Something happens at the request of that number, before it is sent or before its answer is read."""
    send = Transport.send
    sent = 0

    def sending(transport: Transport, *arguments: object, seconds: float) -> Response:
        nonlocal sent
        sent += 1
        mine = sent == number
        if mine and not after:
            act()
        answer = send(transport, *arguments, seconds=seconds)  # type: ignore[arg-type]
        if mine and after:
            act()
        return answer

    with patch.object(Transport, "send", sending):
        yield


class History:
    """One life of a copy of the prepared fleet, by a seed."""

    def __init__(self, prepared: Prepared, platform: SmallPlatform, seed: int) -> None:
        self.prepared = prepared
        self.platform = platform
        self.sandbox = platform.sandbox
        self.random = random.Random(seed)
        self.mains = main_heads(self.sandbox)
        self.lines = peoples_lines(self.sandbox)
        self.tokens = (bot_token(self.sandbox.forge), developer_token(self.sandbox.forge))
        self.sandbox.forge.faults.keep_answers = True
        self.told: list[str] = []
        self.faulted = 0
        self.problems: list[str] = []

    def live(self) -> None:
        for _ in range(RUNS):
            self._run_into()
        self._end()

    def _end(self) -> None:
        self.sandbox.forge.faults.clear()
        with suppress(AssertionError):
            until_quiet(self.platform)
        self._look(None)
        self.problems += false_words(self.sandbox)
        if found := difference(_settled(self.prepared.end), _settled(state_of(self.sandbox))):
            self.problems.append(f"not as a clean run: {found}")

    def _request(self) -> int:
        """Mostly one of the first, which there are in each run."""
        return self.random.randint(1, self.random.choice((8, 20, len(self.prepared.requests))))

    def _run_into(self) -> None:
        kind = self.random.choice(("faults", "faults", "faults", "faults", "killed", "twin"))
        after, number = self.random.random() < 0.5, self._request()
        self.sandbox.forge.counters.reset()
        self.sandbox.forge.faults.clear()
        if kind == "faults":
            self._with_faults()
            return
        self.told.append(f"{kind} {'after' if after else 'before'} request {number}")
        happened: list[Result | None] = []

        def act() -> None:
            if kind == "killed":
                happened.append(None)
                raise Killed
            happened.append(self.platform.apply())

        result = None
        with suppress(Killed), at_request(number, act, after=after):
            result = self.platform.apply()
        self.faulted += bool(happened)
        for done in (*happened, result):
            self._look(done, is_last=done is result and kind != "twin")

    def _with_faults(self) -> None:
        faults = [self._fault() for _ in range(self.random.choice((1, 1, 2, 3, 4)))]
        for fault in faults:
            self.sandbox.forge.faults.add(fault)
        result = self.platform.apply()
        hits = self.sandbox.forge.faults.hits
        self.told.append(", ".join(f"{kind} at {number} {request}" for number, kind, request in hits))
        self.faulted += bool(hits)
        self._look(result)

    def _fault(self) -> Fault:
        number, wait = self._request(), self.random.choice((None, 1, 60, 3600))
        match self.random.randint(1, 10):
            case 1 | 2:
                skip = self.random.randint(0, 3)
                return Fault(
                    kind="partial",
                    match="graphql",
                    skip=skip,
                    at=self.random.randint(0, 2000),
                    error=self.random.choice(ERRORS),
                )
            case 3:
                return Fault(kind="partial", match="graphql", skip=self.random.randint(0, 3))
            case 4:
                return Fault(kind="stale", match="graphql|GET", skip=self.random.randint(0, 6), times=2)
            case 5:
                return Fault(kind="401", nth=number)
            case 6:
                # Also the attempts after it.
                kind = self.random.choice(READ)
                return Fault(kind=kind, skip=number - 1, times=self.random.randint(2, 5), retry_after=wait)
        return Fault(kind=self.random.choice(ANY), nth=number, retry_after=wait)

    def _look(self, result: Result | None, *, is_last: bool = True) -> None:
        found = damage(self.sandbox, self.mains, self.lines)
        if result:
            found += outcry(result, self.tokens)
            # What a twin did afterwards does not make the first one's report a lie.
            found += lies(self.sandbox, result) if is_last else []
        self.problems += [f"after {self.told[-1]}: {problem}" for problem in found]


def _settled(state: State) -> State:
    """What people see in the end, each thing said counted once: two runs at a time may both say it."""
    return {
        key: (value[0], value[1], tuple(dict.fromkeys(value[2]))) if isinstance(value, tuple) else value
        for key, value in state.items()
    }


def live(prepared: Prepared, folder: Path, seed: int) -> tuple[int, str]:
    """How many runs were faulted, and what is wrong with this history; empty where nothing is."""
    with copied(prepared.platform, prepared.folder, folder) as platform:
        history = History(prepared, platform, seed)
        try:
            history.live()
        except Exception as error:
            history.problems.append(f"{type(error).__name__}: {error}")
        story = "\n  ".join(history.told)
        problems = "\n  -> ".join(dict.fromkeys(history.problems))
        return history.faulted, f"seed {seed}:\n  {story}\n  -> {problems}" if problems else ""


def sweep(prepared: Prepared, folder: Path, seeds: range, record_property: Callable[[str, object], None]) -> None:
    lives = [live(prepared, folder / str(seed), seed) for seed in seeds]
    record_property("count of faulted runs", sum(faulted for faulted, _ in lives))
    failed = [found for _, found in lives if found]
    assert not failed, "\n".join(failed)


def test_the_clean_run_tells_the_truth(prepared: Prepared, tmp_path: Path) -> None:
    """The end that all others are held against stands before the same judge."""
    with copied(prepared.platform, prepared.folder, tmp_path / "data") as platform:
        mains, lines = main_heads(platform.sandbox), peoples_lines(platform.sandbox)
        assert lines
        result = platform.apply()
        assert lies(platform.sandbox, result) == []
        assert damage(platform.sandbox, mains, lines) == []
        assert false_words(platform.sandbox) == []


@pytest.mark.sweep
def test_a_few_histories(prepared: Prepared, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """A sample of the whole."""
    sweep(prepared, tmp_path, range(SAMPLE), record_property)


@pytest.mark.full
@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_faulted_runs(
    prepared: Prepared, tmp_path: Path, part: int, record_property: Callable[[str, object], None]
) -> None:
    """Sixteen parts of sixteen histories of five runs, of which most are faulted."""
    sweep(prepared, tmp_path, range(100 + part * HISTORIES, 100 + (part + 1) * HISTORIES), record_property)


def hit_by(prepared: Prepared, folder: Path, number: int, kind: str, sent: signal.Signals) -> str:
    """What is wrong after a real process got a signal while it waited for the answer to that request."""
    with copied(prepared.platform, prepared.folder, folder) as platform:
        mains, lines = main_heads(platform.sandbox), peoples_lines(platform.sandbox)
        faults = platform.sandbox.forge.faults
        faults.add(Fault(kind=kind, nth=number))
        command = [str(SYNCBOT), "apply", "--format", "json", *BRAKES, "--config", str(platform.config)]
        environment = {"PATH": os.environ["PATH"], VARIABLE: platform.now(), **platform.environment}
        process = subprocess.Popen(
            command, env=environment, cwd=folder.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        while not faults.hits:
            assert process.poll() is None, process.communicate()
            threading.Event().wait(0.02)
        process.send_signal(sent)
        out, err = process.communicate()
        token = (bot_token(platform.sandbox.forge),)
        problems = outcry(Result(exit_code=1, stdout=out, stderr=err), token)
        problems += damage(platform.sandbox, mains, lines)
        problems += [] if process.returncode else ["exit code 0"]
        # What was under way is not known to be done.
        said = Result(exit_code=1, stdout=out, stderr=err)
        problems += lies(platform.sandbox, said)
        until_quiet(platform)
        problems += filter(None, [difference(prepared.end, state_of(platform.sandbox))])
        where = f"{sent.name} at request {number} ({faults.hits[:1]}, {kind})"
        return f"{where}: {'; '.join(problems)}" if problems else ""


def signals(prepared: Prepared, seed: int) -> Iterator[tuple[int, str, signal.Signals]]:
    drawn = random.Random(seed)
    while True:
        for sent in SIGNALS:
            yield drawn.randint(1, len(prepared.requests)), drawn.choice(("hold", "hold_after")), sent


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(3))
def test_a_signal_at_any_request(
    prepared: Prepared, tmp_path: Path, part: int, record_property: Callable[[str, object], None]
) -> None:
    """SIGKILL, SIGTERM and SIGINT to a real process, at requests drawn by chance, done by GitHub or not."""
    cases = list(islice(signals(prepared, 11), 45 if FULL else 3))[part::3]
    found = [hit_by(prepared, tmp_path / str(index), *case) for index, case in enumerate(cases)]
    record_property("count of faulted runs", len(cases))
    assert not any(found), "\n".join(filter(None, found))
