"""The clock that waits are measured on: the computer's, or one that a test moves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`now` is in seconds since the epoch; `sleep` takes seconds and returns once they have passed."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


REAL = Clock()
