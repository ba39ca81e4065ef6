"""The session: what one command works with. Its clock, its workspace, and its connections to GitHub."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from syncbot.app.config_values import check_values
from syncbot.app.workspace import Workspace, load_workspace
from syncbot.clock import Clock, clock_of
from syncbot.github.connection import Connection
from syncbot.github.endpoint import endpoint

Say = Callable[[str], None]
"""Takes a word for the person who waits, such as how long."""


def unsaid(text: str) -> None:
    """Says nothing: nobody waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The workspace as it was loaded, and the clock from which everything in this session takes the time."""

    workspace: Workspace
    clock: Clock
    say: Say = unsaid

    @property
    def today(self) -> date:
        """The present day, in UTC."""
        return self.clock.today()

    def connect(self, *, time_limit: float | None = None) -> Connection:
        """GitHub as the environment's identity; waits are said. `time_limit` is in seconds.

        Raises SyncbotError.
        """
        fleet = self.workspace.fleet
        return Connection(
            endpoint(os.environ),
            owner=fleet.organization,
            seconds_between_writes=fleet.limits.seconds_between_writes,
            clock=self.clock,
            waiting=self._say_wait,
            deadline=None if time_limit is None else self.clock.now() + time_limit,
        )

    def _say_wait(self, until: float, why: str) -> None:
        """In local time; with the day where that is another than today's."""
        now, end = (datetime.fromtimestamp(moment).astimezone() for moment in (self.clock.now(), until))
        day = "" if now.date() == end.date() else f"{end:%Y-%m-%d} "
        self.say(f"{why}: waiting until {day}{end:%H:%M:%S}")


def open_session(config: Path, *, clock: Clock | None = None, judged: bool = True, say: Say = unsaid) -> Session:
    """The session over a config file, by the environment's clock unless one is given.

    `judged` is False for a command that tells by itself what is refused of the values in the config. Raises ConfigError
    and SyncbotError.
    """
    session = Session(clock=clock or clock_of(os.environ), workspace=load_workspace(config), say=say)
    if judged:
        check_values(session.workspace, session.today)
    return session
