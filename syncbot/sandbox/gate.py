"""The one door: every request passes here, is counted, and waits as long as it is told to.

What a GitHub that limits or fails would do to a request belongs here.
"""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from .forge import Forge
from .githttp import PUSH
from .refusal import Refusal
from .rest import PREFIX, READS

TURN = 0.05
BY_ID = f"{PREFIX}/repositories/"


class Gate:
    """ASGI middleware. `latency` is in seconds and is added to every answer, until `closing`."""

    def __init__(self, app: ASGIApp, forge: Forge) -> None:
        self._app = app
        self._forge = forge
        self.latency = 0.0
        self.closing = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._count(scope["method"], scope["path"], dict(scope["headers"]))
            scope = self._by_name(scope)
            await self._wait()
        await self._app(scope, receive, send)

    async def _wait(self) -> None:
        """Sleeps in short turns, so that a server that closes does not wait for the longest."""
        time = asyncio.get_running_loop().time
        end = time() + self.latency
        while not self.closing and (left := end - time()) > 0:
            await asyncio.sleep(min(left, TURN))

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
