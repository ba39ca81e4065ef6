"""The one clock of a sandbox: every timestamp it hands out comes from here, so that tests can set it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """The computer's time (UTC) until it is set; from then on it moves only when told."""

    def __init__(self) -> None:
        self._set: datetime | None = None

    def now(self) -> datetime:
        """The present moment in UTC, in whole seconds as GitHub's timestamps are."""
        return (self._set or datetime.now(UTC)).replace(microsecond=0)

    def stamp(self) -> str:
        """`now()` as GitHub writes it: `2026-11-23T15:56:11Z`."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def set(self, moment: datetime) -> None:
        self._set = moment.astimezone(UTC)

    def advance(self, seconds: float) -> None:
        self._set = self.now() + timedelta(seconds=seconds)
