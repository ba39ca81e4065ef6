"""The throttle: what the clients of one run share, and the one place where time is let pass. Raises OutOfTime."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from syncbot.clock import Clock
from syncbot.errors import ForgeError, SyncbotError
from syncbot.github.pacing import Pacer

SHOWN = 5.0
"""Waits of so many seconds are shown; the second between two writes is not."""

LONGEST = 3900.0
"""Seconds of a wait, at most: GitHub's longest limit is an hour; five minutes are for clocks that differ."""

Waiting = Callable[[float, str], None]
"""Told when a wait begins: the time at which it ends (seconds since the epoch), and why."""

_log = logging.getLogger(__name__)


class OutOfTime(SyncbotError):
    """The run's time is up before the next wait or write would be over: what is left is for the next run."""

    exit_code = 0


@dataclass(slots=True, kw_only=True)
class RequestCounts:
    """How many requests were sent, and how many of them were writes."""

    graphql: int = 0
    rest: int = 0
    writes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What the exchanges of one run share; `deadline` is in seconds since the epoch."""

    clock: Clock
    pacer: Pacer
    waiting: Waiting
    deadline: float | None = None
    counts: RequestCounts = field(default_factory=RequestCounts)

    def left(self, most: float, at_least: float) -> float:
        """The seconds that something may take: `most`, or what the deadline leaves of it, if that is `at_least`."""
        return most if self.deadline is None else min(most, max(self.deadline - self.clock.now(), at_least))

    def check(self) -> None:
        """Raises OutOfTime where the deadline has passed."""
        if self.deadline is not None and self.clock.now() >= self.deadline:
            raise OutOfTime("the time limit is reached")

    def wait(self, until: float, why: str) -> None:
        """Let time pass. Raises OutOfTime where the deadline comes first, ForgeError beyond `LONGEST`."""
        seconds = until - self.clock.now()
        if self.deadline is not None and until >= self.deadline:
            raise OutOfTime("the time limit is reached")
        if seconds > LONGEST:
            day = datetime.fromtimestamp(until, UTC)
            raise ForgeError(f"{why}: nothing more may be sent until {day:%Y-%m-%d %H:%M} UTC: run again then")
        if seconds <= 0:
            return
        if seconds >= SHOWN:
            _log.info("%s: waiting %.0f s", why, seconds)
            self.waiting(until, why)
        self.clock.sleep(seconds)
