"""The sandbox as one runs it: an HTTP server on loopback, in a thread of this process."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from syncbot.errors import SyncbotError

from .control import control_routes, reset_stats, stats
from .forge import Forge
from .gate import Gate
from .githttp import git_routes
from .graphql import graphql_route
from .refusal import not_found
from .rest import refused, rest_routes

HOST = "127.0.0.1"


class _PromptServer(uvicorn.Server):
    """Uvicorn's server, which notices within 10 ms rather than 100 that it should stop: tests start hundreds."""

    async def main_loop(self) -> None:
        await self.on_tick(0)
        while not self.should_exit:
            await asyncio.sleep(0.01)


class _Protocol(H11Protocol):
    """HTTP whose requests know their connection (`scope["state"]["transport"]`), so that a fault can end it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Sandbox:
    """`with Sandbox(data) as sandbox:` serves until the block ends. Port 0 takes a free one.

    Raises SyncbotError where the port is taken.
    """

    def __init__(self, data: Path, port: int = 0) -> None:
        self._socket = _listen(port)
        try:
            self.forge = Forge(data)
        except BaseException:
            self._socket.close()
            raise
        self.forge.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        self._gate = Gate(_application(self.forge), self.forge)
        config = uvicorn.Config(
            self._gate,
            http=_Protocol,
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=5,
        )
        self._server = _PromptServer(config)
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`, under which git finds `/owner/name.git`."""
        return self.forge.url

    @property
    def api_url(self) -> str:
        return self.forge.api_url

    @property
    def graphql_url(self) -> str:
        return self.forge.graphql_url

    @property
    def latency(self) -> float:
        """Seconds added to every answer."""
        return self._gate.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._gate.latency = seconds

    def start(self) -> Self:
        """Returns once it serves."""
        self._thread.start()
        while self._thread.is_alive() and not self._server.started:
            time.sleep(0.001)
        return self

    def stop(self) -> None:
        """Finishes the requests under way and closes everything."""
        self._gate.closing = True
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
        self.forge.close()

    def stats(self) -> dict[str, object]:
        """Requests by kind, attempted writes, secondary limits hit, and every forced update of a branch."""
        return stats(self.forge)

    def reset_stats(self) -> None:
        """Counts from zero again, limits included, and empties the log of forced updates."""
        reset_stats(self.forge)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])


def _listen(port: int) -> socket.socket:
    # With its protocol named: asyncio turns Nagle's delay (40 ms an answer) off only then.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise SyncbotError(f"cannot listen on {HOST}:{port}: {error}") from error
    return listener


def _application(forge: Forge) -> Starlette:
    routes = [*control_routes(forge), graphql_route(forge), *rest_routes(forge), *git_routes(forge)]
    handlers = {404: _unknown, 405: _unknown}
    application = Starlette(routes=routes, exception_handlers=handlers)
    application.router.redirect_slashes = False
    return application


def _unknown(request: Request, error: Exception) -> Response:
    """GitHub answers 404 to whatever it does not serve, a wrong method included."""
    if not isinstance(error, HTTPException):
        raise error
    return refused(not_found())
