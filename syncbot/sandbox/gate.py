"""The one door: every request passes here, is counted, waits as long as it is told to, and goes wrong where it should.

What a GitHub that fails would do to a request belongs here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from email.utils import format_datetime

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .faults import UNICORN, Fault, refusal, spoilt
from .forge import Forge
from .githttp import PUSH
from .refusal import Refusal
from .rest import PREFIX, READS, refused

TURN = 0.05
BY_ID = f"{PREFIX}/repositories/"
API = "/api/"


class Gate:
    """ASGI middleware. `latency` is in seconds and is added to every answer, until `closing`."""

    def __init__(self, app: ASGIApp, forge: Forge) -> None:
        self._app = app
        self._forge = forge
        self.latency = 0.0
        self.closing = False
        self._answers: dict[tuple[str, str, bytes, bytes], Response] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = self._dated(send)
        fault = self._fault(scope)
        self._count(scope["method"], scope["path"], dict(scope["headers"]))
        scope = self._by_name(scope)
        await self._wait(self.latency)
        if self._forge.faults.keep_answers and scope["path"].startswith(API):
            body, receive = await _read(receive)
            fault = await self._kept(fault, body, scope, receive, send)
            if fault is None:
                return
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._fail(fault, scope, receive, send)

    def _dated(self, send: Send) -> Send:
        """With the header `Date`, by the sandbox's clock as all else that it tells of time."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._forge.clock.now(), usegmt=True).encode()
                message = {**message, "headers": [*message["headers"], (b"date", date)]}
            await send(message)

        return dated

    # ------------------------------------------------------------ faults

    def _fault(self, scope: Scope) -> Fault | None:
        if not scope["path"].startswith(API):
            return None
        request = f"{scope['method']} {scope['path']}"
        return self._forge.faults.pick(self._forge.counters.api_request(request), request)

    async def _fail(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.kind:
            case "drop_before":
                await _drop(scope, receive)
            case "drop_after":
                await self._captured(scope, receive)
                await _drop(scope, receive)
            case "hold":
                await self._until_gone(receive)
            case "hold_after":
                await self._captured(scope, receive)
                await self._until_gone(receive)
            case "slow":
                await self._wait(fault.seconds)
                await self._app(scope, receive, send)
            case "truncate" | "partial":
                answer = await self._captured(scope, receive)
                await _damaged(answer, fault)(scope, receive, send)
            case "stale":
                await self._app(scope, receive, send)
            case _:
                if fault.kind.endswith("_after"):
                    await self._captured(scope, receive)
                await self._failure(fault)(scope, receive, send)

    async def _kept(self, fault: Fault | None, body: bytes, scope: Scope, receive: Receive, send: Send) -> Fault | None:
        """Answer a read that goes well, or is to be stale, and keep the answer; the fault of any other request."""
        if fault and fault.kind != "stale":
            return fault
        key = (scope["method"], scope["path"], scope["query_string"], body)
        answer = self._answers.get(key) if fault else None
        if answer is None:
            answer = await self._captured(scope, receive)
            is_read = scope["method"] == "GET" or (scope["path"].endswith("/graphql") and b'"mutation ' not in body)
            # The first answer is the oldest.
            if is_read and answer.status_code == 200:
                self._answers.setdefault(key, answer)
        whole = Response(answer.body, answer.status_code)
        whole.raw_headers += [pair for pair in answer.raw_headers if pair[0].lower() != b"content-length"]
        await whole(scope, receive, send)
        return None

    def _failure(self, fault: Fault) -> Response:
        if fault.kind.startswith("503"):
            return HTMLResponse(UNICORN, 503)
        return refused(refusal(fault, self._forge.clock.now().timestamp()))

    async def _captured(self, scope: Scope, receive: Receive) -> Response:
        """What the application would have answered, done in full."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in messages[1:])
        answer = Response(body, messages[0]["status"])
        answer.raw_headers = [pair for pair in messages[0]["headers"] if pair[0].lower() != b"content-length"]
        return answer

    async def _until_gone(self, receive: Receive) -> None:
        gone = asyncio.ensure_future(_gone(receive))
        while not self.closing and not gone.done():
            await asyncio.wait([gone], timeout=TURN)
        gone.cancel()

    async def _wait(self, seconds: float) -> None:
        """Sleeps in short turns, so that a server that closes does not wait for the longest."""
        time = asyncio.get_running_loop().time
        end = time() + seconds
        while not self.closing and (left := end - time()) > 0:
            await asyncio.sleep(min(left, TURN))

    # ------------------------------------------------------------ counting

    def _count(self, method: str, path: str, headers: dict[bytes, bytes]) -> None:
        counters = self._forge.counters
        if path.startswith("/_sandbox/"):
            return
        if path.startswith("/api/graphql"):
            counters.request("graphql")
        elif path.startswith(PREFIX):
            counters.request("rest")
            if method not in READS:
                counters.write()
        else:
            counters.request("git")
            # Before a large push git sends four bytes to see whether it may.
            if method == "POST" and path.endswith(PUSH) and headers.get(b"content-length") != b"4":
                counters.write()

    def _by_name(self, scope: Scope) -> Scope:
        """`/repositories/{id}/…`, to which renames redirect, as `/repos/{owner}/{name}/…`."""
        path = scope["path"]
        if path == PREFIX:
            return {**scope, "path": f"{PREFIX}/"}
        if not path.startswith(BY_ID):
            return scope
        number, slash, rest = path.removeprefix(BY_ID).partition("/")
        try:
            repo = self._forge.by_id(int(number))
        except (ValueError, Refusal):
            return scope
        path = f"{PREFIX}/repos/{repo.full_name}{slash}{rest}"
        return {**scope, "path": path, "raw_path": path.encode()}


async def _drop(scope: Scope, receive: Receive) -> None:
    """Ends the TCP connection without a byte of an answer."""
    scope["state"]["transport"].abort()
    await _gone(receive)


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """The request's body, and from where it can be read once more."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    given: Iterator[Message] = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def again() -> Message:
        return next(given, None) or await receive()

    return body, again


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _damaged(answer: Response, fault: Fault) -> Response:
    """The answer with its JSON cut in half, or with some of its aliases null."""
    body = bytes(answer.body)
    if fault.kind == "partial":
        return JSONResponse(spoilt(json.loads(body), fault), answer.status_code)
    cut = Response(body[: len(body) // 2], answer.status_code)
    cut.raw_headers += [pair for pair in answer.raw_headers if pair[0].lower() != b"content-length"]
    return cut
