"""The one clock of a sandbox: every timestamp it hands out comes from here, so that tests can set it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """The computer's time (UTC), or from another moment on, until it is set; then it moves only when told."""

    def __init__(self) -> None:
        self._set: datetime | None = None
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The present moment in UTC, in whole seconds as GitHub's timestamps are."""
        return (self._set or datetime.now(UTC) + self._ahead).replace(microsecond=0)

    def stamp(self) -> str:
        """`now()` as GitHub writes it: `2026-11-23T15:56:11Z`."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def computer(self) -> float:
        """The computer's own time in seconds since the epoch, whatever this clock says."""
        return time.time()

    def run_from(self, moment: datetime) -> None:
        """It is `moment` now, and time passes."""
        self._set, self._ahead = None, moment - datetime.now(UTC)

    def set(self, moment: datetime) -> None:
        """It is `moment` until told otherwise."""
        self._set = moment.astimezone(UTC)

    def advance(self, seconds: float) -> None:
        """So many seconds have passed; it stands still from then on."""
        self._set = self.now() + timedelta(seconds=seconds)
