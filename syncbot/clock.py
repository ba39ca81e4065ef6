"""The one clock: the only place that reads the time, so that a run's day and hour can be set from outside.

`SYNCBOT_NOW` (ISO 8601; UTC where it names no zone) is the moment at which the run starts; its clock runs on from
there at the usual pace.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from syncbot.errors import SyncbotError

VARIABLE = "SYNCBOT_NOW"
_YEARS = range(1970, 9999)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`now` is in seconds since the epoch; `sleep` takes seconds and returns once they have passed.

    `computer` is the computer's own time, in seconds since the epoch, whatever `now` says: for what another computer
    checks against its own, such as a JWT.
    """

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    computer: Callable[[], float] = time.time

    def moment(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def today(self) -> date:
        """The present day, in UTC."""
        return self.moment().date()


REAL = Clock()


def clock_of(environment: Mapping[str, str]) -> Clock:
    """The computer's clock, or the one that starts at SYNCBOT_NOW. Raises SyncbotError where that is no time."""
    text = environment.get(VARIABLE)
    return starting_at(_parse(text)) if text else REAL


def starting_at(start: datetime) -> Clock:
    """A clock that says `start` now and runs on."""
    offset = start.timestamp() - time.monotonic()
    return Clock(now=lambda: offset + time.monotonic())


def _parse(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
        moment = given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.year not in _YEARS:
        raise SyncbotError(f"{VARIABLE}: {text!r} is no time: expected ISO 8601, such as 2027-02-28T09:30:00Z")
    return moment
