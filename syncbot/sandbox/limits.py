"""GitHub's rate limits on the sandbox's own clock: an hour's requests and points, and the secondary limits.

In: who asks, and what it would count. Out: nothing, or GitHub's refusal. All limits are off until set. Numbers:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from .clock import Clock
from .refusal import Refusal

HOUR = 3600
MINUTE = 60
DEFAULT = 5000
PRIMARY = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"
SECONDARY = (
    "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api"
    "#about-secondary-rate-limits"
)
SUPPORT = "If you reach out to GitHub Support for help, please include the request ID 5A4D:B0C5:1:1:1."
TOO_FAST = f"You have exceeded a secondary rate limit. Please wait a few minutes before you try again. {SUPPORT}"
TOO_MUCH = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. "
    f"Please retry your request again later. {SUPPORT}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Each as GitHub counts it, or None: not limited. `status` (403 or 429) is what a refusal comes with."""

    primary: int | None = None  # REST requests an hour
    graphql: int | None = None  # GraphQL points an hour
    content_minute: int | None = None
    content_hour: int | None = None
    points_minute: int | None = None  # REST: a read is 1, a write 5
    graphql_points_minute: int | None = None
    status: int = 403

    @property
    def off(self) -> bool:
        return self == Limits(status=self.status)


GITHUB = Limits(
    primary=5000,
    graphql=5000,
    content_minute=80,
    content_hour=500,
    points_minute=900,
    graphql_points_minute=2000,
)


class Meter:
    """Counts by account. `limited` is how often a secondary limit was hit, `exhausted` how often a primary one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.limits = Limits()
        self.reset()

    def reset(self) -> None:
        """Forgets everything counted; the limits stay."""
        self.limited = 0
        self.exhausted = 0
        self._hours: dict[tuple[str, str], tuple[datetime, int]] = {}
        self._windows: dict[tuple[str, str, int], deque[tuple[datetime, int]]] = {}

    def admit(self, account: str, name: str, *, resource: str, points: int, content: bool) -> None:
        """Counts a request of `account` (shown as `name`). Raises Refusal where a limit is reached, and counts none."""
        with self._lock:
            if resource == "core" and self._left(account, resource) <= 0:
                self.exhausted += 1
                raise self._primary(account, name, resource)
            checked = [(f"{resource} points", MINUTE, self._points_limit(resource), points, TOO_FAST)]
            if content:
                checked.append(("content", MINUTE, self.limits.content_minute, 1, TOO_MUCH))
                checked.append(("content", HOUR, self.limits.content_hour, 1, TOO_MUCH))
            for kind, seconds, limit, amount, sentence in checked:
                if limit is not None and (wait := self._wait(account, kind, seconds, limit, amount)):
                    self.limited += 1
                    headers = {"Retry-After": str(wait), **self._headers(account, resource)}
                    raise Refusal(self.limits.status, sentence, documentation=SECONDARY, headers=headers)
            for kind, seconds, _, amount, _ in checked:
                self._windows.setdefault((account, kind, seconds), deque()).append((self._clock.now(), amount))
            if resource == "core":
                self._spend(account, resource, 1)

    def charge(self, account: str, name: str, points: int) -> None:
        """Takes GraphQL points off the hour. Raises Refusal, without charging, where they do not suffice."""
        with self._lock:
            if self._left(account, "graphql") < points:
                self.exhausted += 1
                raise self._primary(account, name, "graphql")
            self._spend(account, "graphql", points)

    def headers(self, account: str, resource: str) -> Mapping[str, str]:
        """`x-ratelimit-…` as they stand after the last request; none where nothing is limited."""
        with self._lock:
            return self._headers(account, resource)

    def rate(self, account: str, resource: str) -> dict[str, int]:
        """`limit`, `used`, `remaining` and `reset` (seconds since the epoch) of an hour."""
        with self._lock:
            return self._rate(account, resource)

    def _points_limit(self, resource: str) -> int | None:
        return self.limits.points_minute if resource == "core" else self.limits.graphql_points_minute

    def _hourly(self, resource: str) -> int | None:
        return self.limits.primary if resource == "core" else self.limits.graphql

    def _left(self, account: str, resource: str) -> int:
        return self._rate(account, resource)["remaining"]

    def _rate(self, account: str, resource: str) -> dict[str, int]:
        now = self._clock.now()
        start, used = self._hours.get((account, resource), (now, 0))
        if now >= start + timedelta(seconds=HOUR):
            start, used = now, 0
        limit = self._hourly(resource)
        known = DEFAULT if limit is None else limit
        left = max(known - used, 0 if limit is not None else 1)
        reset = int((start + timedelta(seconds=HOUR)).timestamp())
        return {"limit": known, "used": used, "remaining": left, "reset": reset}

    def _spend(self, account: str, resource: str, points: int) -> None:
        if self._hourly(resource) is None:
            return
        rate = self._rate(account, resource)
        start, _ = self._hours.get((account, resource), (self._clock.now(), 0))
        fresh = rate["used"] == 0
        self._hours[account, resource] = (self._clock.now() if fresh else start, rate["used"] + points)

    def _wait(self, account: str, kind: str, seconds: int, limit: int, amount: int) -> int:
        """Seconds until `amount` more fit into the window; 0 where they do now."""
        now = self._clock.now()
        window = self._windows.setdefault((account, kind, seconds), deque())
        while window and window[0][0] + timedelta(seconds=seconds) <= now:
            window.popleft()
        excess = sum(count for _, count in window) + amount - limit
        if excess <= 0:
            return 0
        for moment, count in window:
            excess -= count
            if excess <= 0:
                return max(ceil((moment + timedelta(seconds=seconds) - now).total_seconds()), 1)
        return seconds

    def _headers(self, account: str, resource: str) -> dict[str, str]:
        if self.limits.off:
            return {}
        rate = {f"X-RateLimit-{name.title()}": str(value) for name, value in self._rate(account, resource).items()}
        return {**rate, "X-RateLimit-Resource": resource}

    def _primary(self, account: str, name: str, resource: str) -> Refusal:
        sentence = f"API rate limit exceeded for {name}. {SUPPORT}"
        headers = self._headers(account, resource)
        return Refusal(self.limits.status, sentence, documentation=PRIMARY, headers=headers)
