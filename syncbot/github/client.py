"""The client: requests in, answers out, as often as it takes and no more often than GitHub allows.

A request that a rate limit refused was not carried out: it waits and is sent again. A read that failed is sent again
a few times. A write that may have been carried out is never sent again: `UncertainError` says so. Reads no answer
for its meaning; that is the caller's part.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from syncbot.errors import FailureCode, ForgeError, Refusal, RepoError, refused_code
from syncbot.github.bounded import ANSWER_SECONDS, IDLE_SECONDS
from syncbot.github.pacing import creates_content, limited_until, resets_at
from syncbot.github.throttle import RunContext
from syncbot.github.transport import BadAnswerError, EndlessError, LostError, NotSentError, Response, Transport

BACKOFF = (1.0, 4.0, 16.0)
"""Seconds before each further attempt of a read that failed."""

MOST_REFUSALS = 6
"""How often in a row GitHub's limits may refuse one request: with nothing but a doubled minute, that is an hour."""

LIMITS = frozenset({Refusal.PRIMARY_LIMIT, Refusal.SECONDARY_LIMIT})
_FAILURES = frozenset({Refusal.SERVER, Refusal.OVERLOADED})
_log = logging.getLogger(__name__)


class UncertainError(RepoError):
    """A write was sent and whether it was carried out is unknown: read the repo again, then decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. `kind` is the budget that GitHub counts it in; `content` is said for a GraphQL write."""

    method: str
    url: str
    body: Mapping[str, Any] | None = None
    kind: Literal["core", "graphql"] = "core"
    write: bool = False

    @property
    def content(self) -> bool:
        return self.write and (self.kind == "graphql" or creates_content(self.method, self.url))

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


class Client:
    """One identity's requests to the server at `address`, one after another."""

    def __init__(self, sender: Transport, context: RunContext, address: str) -> None:
        self._sender = sender
        self._context = context
        self._address = address
        self._reset: dict[str, float] = {}
        # Until it has answered as GitHub does, a wrong address is likelier than a weak network.
        self._reached = False

    def read(self, request: Request) -> Response:
        """The answer, whatever its status; 5xx only if it stays so.

        Raises RepoError for what is no answer, ForgeError and OutOfTime.
        """
        for backoff in BACKOFF:
            try:
                answer = self._accepted(request)
                if not self._worth_another(request, answer):
                    return answer
                problem = f"answers {answer.status}"
            except (NotSentError, LostError) as error:
                if not self._reached or isinstance(error, EndlessError):
                    raise self._unread(request, error) from None
                problem = str(error)
            _log.info("%s: %s %s; trying again", request, self._address, problem)
            self._context.wait(self._context.clock.now() + backoff, f"{self._address} {problem}")
        try:
            return self._accepted(request)
        except (NotSentError, LostError) as error:
            raise self._unread(request, error) from None

    def write(self, request: Request) -> Response:
        """The answer, below 500. Raises UncertainError, ForgeError and OutOfTime."""
        for backoff in (*BACKOFF, None):
            try:
                answer = self._accepted(request)
            except NotSentError as error:
                if backoff is None or not self._reached:
                    raise self._unreachable(error) from None
                self._context.wait(self._context.clock.now() + backoff, f"{self._address} {error}")
            except LostError as error:
                said = f"{request}: {self._address} {error}; it may have been done"
                raise UncertainError(FailureCode.LOST, said, Refusal.LOST) from None
            else:
                break
        if answer.refusal in _FAILURES:
            said = f"{request}: {answer.status} {answer.message}; it may have been done"
            raise UncertainError(refused_code("http", answer.status), said, answer.refusal)
        return answer

    def _accepted(self, request: Request) -> Response:
        """The answer of the first attempt that no limit refuses. Raises NotSentError and LostError."""
        renewed = False
        refusals = 0
        while True:
            self._wait_turn(request)
            answer = self._send(request)
            if answer.refusal is Refusal.UNAUTHORIZED and not renewed and self._sender.renew():
                renewed = True
                continue
            if answer.refusal is None or answer.refusal not in LIMITS:
                return answer
            until = limited_until(answer.refusal, answer.headers, self._context.clock.now(), refusals)
            if refusals == MOST_REFUSALS:
                raise ForgeError(f"{self._address} keeps refusing by its rate limit: {answer.message}")
            refusals += 1
            _log.info("%s: refused by a rate limit: %s", request, answer.message)
            self._context.wait(until, "GitHub's limit")

    def _wait_turn(self, request: Request) -> None:
        now, pacer = self._context.clock.now(), self._context.pacer
        at = self._reset.pop(request.kind, now)
        if request.write:
            at = pacer.write_at(max(now, at), creates_content=request.content)
        elif request.kind == "core":
            at = pacer.read_at(max(now, at))
        if request.write or at > now:
            self._context.wait(at, "GitHub's limit")

    def _send(self, request: Request) -> Response:
        self._count(request)
        try:
            seconds = self._context.left(ANSWER_SECONDS, at_least=IDLE_SECONDS)
            answer = self._sender.send(request.method, request.url, request.body, seconds=seconds)
        finally:
            # Counted from its end: GitHub took it in before that, so that its windows have moved on when ours have.
            now = self._context.clock.now()
            if request.write:
                self._context.pacer.wrote(now, creates_content=request.content)
            elif request.kind == "core":
                self._context.pacer.read(now)
        self._reached |= answer.refusal not in _FAILURES and answer.body is not None
        left = answer.headers.get("x-ratelimit-remaining", "unknown")
        _log.debug("%s -> %s (left: %s)", request, answer.status, left)
        reset = resets_at(answer.headers, now)
        if reset:
            self._reset[request.kind] = reset
            _log.info("nothing left of the %s limit until %s", request.kind, datetime.fromtimestamp(reset, UTC))
        return answer

    def _count(self, request: Request) -> None:
        counts = self._context.counts
        counts.graphql += request.kind == "graphql"
        counts.rest += request.kind == "core"
        counts.writes += request.write

    def _worth_another(self, request: Request, answer: Response) -> bool:
        """Whether a read may pass at another attempt; a query that GitHub finds too heavy does not."""
        if not self._reached or (request.kind == "graphql" and answer.refusal is Refusal.OVERLOADED):
            return False
        return answer.refusal in _FAILURES

    def _unread(self, request: Request, error: NotSentError | LostError) -> ForgeError | RepoError:
        """Where the server answers others, this request's failure is the repo's. Raises OutOfTime."""
        self._context.check()
        if self._reached and isinstance(error, BadAnswerError):
            return RepoError(FailureCode.UNREADABLE, f"{request}: {self._address} {error}", Refusal.LOST)
        return self._unreachable(error)

    def _unreachable(self, error: NotSentError | LostError) -> ForgeError:
        return ForgeError(f"{self._address} {error}: is the network up, and GITHUB_API_URL right?")
