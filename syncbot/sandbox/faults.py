"""Faults by rule: which request goes wrong, and how. Holds rules and decides; the gate carries them out."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .limits import PRIMARY, SECONDARY, TOO_FAST
from .refusal import Refusal

KINDS = (
    "drop_before",  # the connection goes, nothing was done
    "drop_after",  # it was done, then the connection goes without an answer
    "hold",  # nothing is done and nothing is answered until the client goes away
    "hold_after",  # it is done, and nothing is answered until the client goes away
    "slow",  # answered after `seconds`
    "500",
    "502",
    "503",
    "504",
    "429",
    "403",  # the secondary limit's
    "403_primary",  # the hourly limit's, which ends after `retry_after` seconds
    "403_permission",
    "401",  # as for an expired token
    "500_after",
    "502_after",
    "503_after",
    "504_after",
    "truncate",  # done and answered, but the JSON ends halfway
    "partial",  # GraphQL: some aliases are null, with an error that has a type (`error`) or, by default, none
    "stale",  # the answer that the same read got before, as a replica that lags behind gives it: see `keep_answers`
)
UNICORN = "<html><body><h1>Whoa there!</h1><p>No server is currently available to service your request.</p></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A rule. It fires for the `nth` API request since the counters were reset, or for any that matches.

    `match` is searched for in `METHOD /path`; of those that match the first `skip` are let through, and then `times`
    (None: all) are hit. `at` nulls, of a `partial` answer, the value at that place alone, counted through all of them.
    Raises ValueError for an unknown kind.
    """

    kind: str
    match: str = ""
    nth: int | None = None
    skip: int = 0
    times: int | None = 1
    seconds: float = 1.0
    retry_after: int | None = 60
    aliases: tuple[str, ...] = ()
    error: str | None = None
    at: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind}: {', '.join(KINDS)}")


class Faults:
    """The rules in force. `hits` tells which requests went wrong: `(number, kind, "METHOD /path")`.

    With `keep_answers`, each read's answer is kept, for `stale` ones.
    """

    keep_answers = False

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Ends every rule and forgets the hits."""
        self._rules: list[Fault] = []
        self.hits: list[tuple[int, str, str]] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._rules.append(fault)

    @property
    def rules(self) -> tuple[Fault, ...]:
        """The rules that may still fire."""
        return tuple(self._rules)

    def pick(self, number: int, request: str) -> Fault | None:
        """The first rule that fires for API request `number`, `METHOD /path`."""
        with self._lock:
            for index, rule in enumerate(self._rules):
                if rule.nth not in (None, number) or not re.search(rule.match, request):
                    continue
                if rule.skip:
                    self._rules[index] = replace(rule, skip=rule.skip - 1)
                    continue
                self._use(index, rule)
                self.hits.append((number, rule.kind, request))
                return rule
        return None

    def _use(self, index: int, rule: Fault) -> None:
        if rule.times is not None and rule.times <= 1:
            del self._rules[index]
        elif rule.times is not None:
            self._rules[index] = replace(rule, times=rule.times - 1)


def refusal(fault: Fault, now: float) -> Refusal:
    """What a fault with a status answers at that moment (seconds since the epoch)."""
    status = int(fault.kind[:3])
    if status == 401:
        return Refusal(401, "Bad credentials")
    if fault.kind == "403_permission":
        return Refusal(403, "Resource not accessible by integration")
    if fault.kind == "403_primary":
        reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{now + (fault.retry_after or 0):.0f}"}
        return Refusal(403, "API rate limit exceeded for installation.", documentation=PRIMARY, headers=reset)
    if status in (403, 429):
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        return Refusal(status, TOO_FAST, documentation=SECONDARY, headers=headers)
    return Refusal(status, "Server Error")


def spoilt(answer: dict[str, object], fault: Fault) -> dict[str, object]:
    """A GraphQL answer with the fault's aliases null; without any named, every second that holds an object."""
    data = answer.get("data")
    if not isinstance(data, dict):
        return answer
    if fault.at is not None:
        return _without(answer, data, fault)
    objects = [name for name, value in data.items() if isinstance(value, dict) and name != "rateLimit"]
    lost = fault.aliases or tuple(objects[::2])
    kind = {"type": fault.error} if fault.error else {}
    message = "Resource limits for this query exceeded." if fault.error else WRONG
    known = answer.get("errors")
    errors = [{**kind, "path": [name], "message": message} for name in lost]
    return {
        "data": {name: None if name in lost else value for name, value in data.items()},
        "errors": [*(known if isinstance(known, list) else []), *errors],
    }


def _without(answer: dict[str, object], data: dict[str, object], fault: Fault) -> dict[str, object]:
    """The answer without one of its values, with an error of its path."""
    spots = list(_spots(data, ()))
    path, holder, key = spots[(fault.at or 0) % len(spots)]
    holder[key] = None
    kind = {"type": fault.error} if fault.error else {}
    return answer | {"errors": [{**kind, "path": list(path), "message": WRONG}]}


def _spots(value: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any, str | int]]:
    """Each value below, by its path, in what it stands and under which key."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        if key != "rateLimit":
            yield (*path, key), value, key
            yield from _spots(one, (*path, key))


WRONG = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub "
    "bug. Please include `5A4D:B0C5:1:1:1` when reporting this issue."
)
