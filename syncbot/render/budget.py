"""What rendering one repo may take: processor time, memory and output.

A template is a program. One that never ends, or asks for all memory there is, fails its repo alone, with its name. Time
is the processor's, so that a busy machine fails nobody. Python hands a signal to the program between any two steps,
and its regular expressions and long numbers look for signals as well. What looks for none (comparing lists that hold
themselves many times over) ends the process, with the template's name in the traceback, rather than never.
"""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from syncbot.errors import RenderError

SECONDS = 2.0
"""Of processor time, for one repo."""
LONG_SECONDS = 4.0
"""For reading and compiling all templates, and for Copier's rendering of one repo: each takes up to a second of an idle
desktop's processor, and more of a busy one's."""
LAST_SECONDS = 2
"""After these, of processor time as well, the process ends where nothing inside looks for signals."""
OVERRUNS, SHORT = 2, 0.05
"""After so many repos for which a template took longer than `SECONDS`, the others get these seconds: many times what a
repo takes, so that they still render where it was the answers, and a thousand that do not end in a minute."""
MEMORY = 128 * 2**20
"""Bytes beyond what the process holds already. Linux alone keeps this limit."""
OUTPUT = 8 * 2**20
"""Bytes of all files of one repo."""
_AGAIN = 0.5  # where something swallowed the first


class OverBudget(BaseException):
    """Raised inside what takes too long. No Exception: neither Jinja nor a filter may catch it and go on."""


class Budget:
    """`with BUDGET:` limits what runs inside. Within another such block, and outside the main thread, it adds nothing.

    `with BUDGET.after(overruns)` gives less time where too many have used theirs up. Raises RenderError where nobody
    inside has said which template took too long.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._seconds = SECONDS
        self._ready = False
        self._memory = self._time = (0, 0)

    @contextmanager
    def longer(self) -> Iterator[None]:
        """A block that may take `LONG_SECONDS`."""
        with self._lasting(LONG_SECONDS), self:
            yield

    @contextmanager
    def after(self, overruns: Counter[str], template: str) -> Iterator[None]:
        """A block for one repo, by how many others the template overran; counts it if it overruns as well."""
        outermost = self._depth == 0
        try:
            with self._lasting(SECONDS if overruns[template] < OVERRUNS else SHORT), self:
                yield
        except RenderError as error:
            overruns[template] += outermost and isinstance(error.__cause__, OverBudget)
            raise

    @contextmanager
    def _lasting(self, seconds: float) -> Iterator[None]:
        before = self._seconds
        if self._depth == 0:
            self._seconds = seconds
        try:
            yield
        finally:
            self._seconds = before

    def __enter__(self) -> None:
        self._depth += 1
        if self._depth > 1 or threading.current_thread() is not threading.main_thread():
            return
        if not self._ready:
            self._prepare()
        self._memory = resource.getrlimit(resource.RLIMIT_AS)
        self._time = resource.getrlimit(resource.RLIMIT_CPU)
        if held := _held():
            _lower(resource.RLIMIT_AS, held + MEMORY, self._memory)
        _lower(resource.RLIMIT_CPU, int(_charged() + self._seconds) + LAST_SECONDS, self._time)
        signal.setitimer(signal.ITIMER_PROF, self._seconds, _AGAIN)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._depth -= 1
        if self._depth == 0 and threading.current_thread() is threading.main_thread():
            signal.setitimer(signal.ITIMER_PROF, 0)
            resource.setrlimit(resource.RLIMIT_AS, self._memory)
            resource.setrlimit(resource.RLIMIT_CPU, self._time)
            if isinstance(error, OverBudget):
                raise RenderError(said(error)) from error

    def _prepare(self) -> None:
        self._ready = True
        signal.signal(signal.SIGPROF, self._stop)
        with suppress(AttributeError, OSError, RuntimeError, ValueError):  # where nobody listens on stderr
            faulthandler.register(signal.SIGXCPU, file=sys.__stderr__ or sys.stderr, all_threads=False, chain=True)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self._depth:
            others = "" if self._seconds != SHORT else f", all that is left after {OVERRUNS} repos took too long"
            raise OverBudget(f"takes more than {self._seconds:g} seconds of processor time{others}")


BUDGET = Budget()


def said(error: BaseException) -> str:
    """An error in one line."""
    match error:
        case MemoryError():
            return f"takes more than {MEMORY // 2**20} MB of memory (MemoryError)"
        case RecursionError():
            return f"is nested too deep ({type(error).__name__})"
    return " ".join(str(error).split()) or type(error).__name__


def _lower(kind: int, limit: int, before: tuple[int, int]) -> None:
    limits = [limit, *(each for each in before if each != resource.RLIM_INFINITY)]
    resource.setrlimit(kind, (min(limits), before[1]))


def _charged() -> float:
    """Seconds of processor time as the kernel counts them against RLIMIT_CPU.

    Linux adds up ticks there, and `time.process_time` is exact: after minutes on a busy machine they are seconds apart,
    and a limit by the one would end a process by the other. Its clock has no name: -8 is CPUCLOCK_PROF of oneself.
    """
    try:
        return time.clock_gettime(-8)
    except OSError:
        return time.process_time()


def _held() -> int:
    """Bytes of address space that this process holds; 0 where the system does not say."""
    try:
        opened = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        return int(os.read(opened, 64).split()[0]) * _PAGE
    finally:
        os.close(opened)


_PAGE = resource.getpagesize()
