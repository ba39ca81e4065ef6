"""Between a client and a sandbox: answers as a test wants them, without any fault of the sandbox's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncbot.sandbox.server import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """A request and the answer that the sandbox gave to it; bodies are JSON, None where they are none."""

    method: str
    path: str
    sent: Any
    status: int
    answered: Any


Alter = Callable[[Exchanged], tuple[int, Any]]
"""The status and body to answer with; a `str` goes out as it stands."""


@contextmanager
def altered(sandbox: Sandbox, alter: Alter) -> Iterator[None]:
    """Every answer of the sandbox's API passes through `alter`."""
    app = sandbox._gate._app
    sandbox._gate._app = _Altered(app, alter)
    try:
        yield
    finally:
        sandbox._gate._app = app


class _Altered:
    def __init__(self, app: ASGIApp, alter: Alter) -> None:
        self._app = app
        self._alter = alter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked, answered = await _whole(receive), []

        async def again() -> Message:
            return {"type": "http.request", "body": asked, "more_body": False}

        async def keep(message: Message) -> None:
            answered.append(message)

        await self._app(scope, again, keep)
        start, body = answered[0], b"".join(message.get("body", b"") for message in answered[1:])
        exchanged = Exchanged(
            method=scope["method"],
            path=scope["path"],
            sent=_parsed(asked),
            status=start["status"],
            answered=_parsed(body),
        )
        status, changed = self._alter(exchanged)
        if (status, changed) != (exchanged.status, exchanged.answered):
            body = changed.encode() if isinstance(changed, str) else json.dumps(changed).encode()
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({**start, "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _whole(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
