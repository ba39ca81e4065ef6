"""Pacing: when the next request may be sent, so that GitHub's limits are kept by budget and not by collision. Pure.

Times are seconds since the epoch, on the caller's clock: what GitHub names by its own is read relative to the answer's
`Date`, since the two may differ. GitHub publishes the limits in "Rate limits for the REST API" and "Best practices
for using the REST API": 900 points a minute (a read costs 1, a write 5), 80 requests a minute and 500 an hour that
create content, writes one after another and a second apart.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from syncbot.errors import Refusal

READ_POINTS, WRITE_POINTS = 1, 5

_SECONDS, _TIME = re.compile(r"[0-9]{1,6}"), re.compile(r"[0-9]{1,11}")
_CONTENT = frozenset({"commits", "refs", "pulls", "merges", "comments", "reviews"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """At most `amount` within any `seconds`."""

    amount: int
    seconds: float


CONTENT_LIMITS = (RateLimit(amount=80, seconds=60), RateLimit(amount=500, seconds=3600))
POINTS_LIMIT = RateLimit(amount=900, seconds=60)

SECONDARY_WAIT = 60.0
"""Seconds to wait at a secondary limit that names no time, doubled each time: GitHub's own advice."""


class Window:
    """What was sent within one limit's time."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._sent: deque[tuple[float, int]] = deque()
        self._total = 0

    def free_at(self, now: float, amount: int) -> float:
        """The earliest time, `now` or later, at which `amount` more stays within the limit."""
        self._forget(now)
        over = self._total + amount - self._limit.amount
        for at, sent in self._sent:
            if over <= 0:
                break
            over -= sent
            now = max(now, at + self._limit.seconds)
        return now

    def record(self, now: float, amount: int) -> None:
        """`amount` was sent at `now`."""
        self._forget(now)
        self._sent.append((now, amount))
        self._total += amount

    def _forget(self, now: float) -> None:
        while self._sent and self._sent[0][0] + self._limit.seconds <= now:
            self._total -= self._sent.popleft()[1]


class Pacer:
    """The budget of one identity in one run; `seconds_between_writes` of 0 keeps no budget at all (a sandbox)."""

    def __init__(self, seconds_between_writes: float) -> None:
        self._spacing = seconds_between_writes
        self._last_write = float("-inf")
        self._points = Window(POINTS_LIMIT)
        self._content = tuple(Window(limit) for limit in CONTENT_LIMITS)

    def write_at(self, now: float, *, creates_content: bool) -> float:
        """The earliest time, `now` or later, at which the next write may be sent."""
        if not self._spacing:
            return now
        windows = self._content if creates_content else ()
        times = (window.free_at(now, 1) for window in windows)
        return max(self._last_write + self._spacing, self._points.free_at(now, WRITE_POINTS), *times, now)

    def wrote(self, now: float, *, creates_content: bool) -> None:
        """A write was sent at `now`; one that is refused counts as well."""
        self._last_write = now
        self._points.record(now, WRITE_POINTS)
        for window in self._content if creates_content else ():
            window.record(now, 1)

    def read_at(self, now: float) -> float:
        """The earliest time, `now` or later, at which the next REST read may be sent."""
        return self._points.free_at(now, READ_POINTS) if self._spacing else now

    def read(self, now: float) -> None:
        """A REST read was sent at `now`."""
        self._points.record(now, READ_POINTS)


def creates_content(method: str, path: str) -> bool:
    """Whether GitHub counts a request as creating content: a commit, ref, pull request, comment or review."""
    return method == "POST" and path.rpartition("/")[2] in _CONTENT


def limited_until(refusal: Refusal, headers: Mapping[str, str], now: float, attempt: int) -> float:
    """When a request that a limit refused may be sent again, after `attempt` refusals before this one.

    `headers` have lower-case names. Source: "Exceeding the rate limit" in GitHub's REST documentation.
    """
    retry_after = headers.get("retry-after", "")
    if _SECONDS.fullmatch(retry_after):
        return now + int(retry_after)
    if (named := _http_date(retry_after)) is not None:
        return max(now + 1, here(named, headers, now))
    # A query that costs more than is left is refused with something remaining.
    used_up = {"x-ratelimit-remaining": "0"} if refusal is Refusal.PRIMARY_LIMIT else {}
    reset = resets_at({**headers, **used_up}, now)
    return now + SECONDARY_WAIT * float(2**attempt) if reset is None else max(now + 1, reset)


def resets_at(headers: Mapping[str, str], now: float) -> float | None:
    """When a used-up limit is full again, a second later for what is rounded; None while something is left.

    `now` is when the answer came.
    """
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") != "0" or not _TIME.fullmatch(reset):
        return None
    return here(float(reset), headers, now) + 1


def here(named: float, headers: Mapping[str, str], now: float) -> float:
    """A time that the server names, on the clock that says `now`: as far from `now` as from the answer's `Date`."""
    date = _http_date(headers.get("date", ""))
    return named if date is None else now + named - date


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
