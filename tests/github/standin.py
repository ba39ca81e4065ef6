"""A server that answers what a test scripts, request by request, and a clock that only moves when somebody sleeps."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from typing import Any

from syncbot.clock import Clock
from syncbot.github.connection import Connection
from syncbot.github.endpoint import Endpoint, PersonalToken
from syncbot.github.throttle import Waiting

START = 1_800_000_000.0
TOKEN = "ghp_standin0123456789"


class Drop:
    """Not an answer: the connection is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """One answer; a `str` body goes out as it stands, and `cut` bytes of it are missing."""

    status: int = 200
    body: object = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drip:
    """Not an answer: `start`, then `piece` again and again, `times` or (None) until the client goes away."""

    start: bytes
    piece: bytes = b" "
    pause: float = 0.01
    times: int | None = None

    def written(self, connection: socket.socket) -> None:
        """Raises OSError once the client has gone."""
        connection.sendall(self.start)
        for _ in repeat(None) if self.times is None else repeat(None, self.times):
            connection.sendall(self.piece)
            if self.pause:
                time.sleep(self.pause)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

FOREVER: Mapping[str, Drip] = {
    "a status line": Drip(start=b"HTTP/1.1 20", piece=b"0"),
    "a header": Drip(start=HEAD + b"X-A: ", piece=b"a"),
    "headers": Drip(start=HEAD, piece=b"X-A: 1\r\n"),
    "a body with a length": Drip(start=HEAD + b"Content-Length: 1000000\r\n\r\n{"),
    "a body without a length": Drip(start=HEAD + b"Connection: close\r\n\r\n{"),
    "chunks": Drip(start=HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", piece=b"1\r\n \r\n"),
}
"""Answers that never end, though a byte is always on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came in, and when by the simulated clock."""

    method: str
    path: str
    authorization: str
    body: Any
    at: float


class StandIn:
    """`script` is used up from its front; once it is empty every answer is `otherwise`."""

    def __init__(self) -> None:
        self.time = START
        self.script: list[Says | Drop | Drip] = []
        self.otherwise: Says | Drip = Says(body={"data": {}})
        self.asked: list[Asked] = []
        self.waits: list[tuple[float, str]] = []
        self.url = ""

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, sleep=self._sleep, computer=lambda: self.time)

    def waiting(self, until: float, why: str) -> None:
        self.waits.append((until - START, why))

    def _sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.time += seconds

    @contextmanager
    def connected(
        self, *, spacing: float = 1, waiting: Waiting | None = None, deadline: float | None = None
    ) -> Iterator[Connection]:
        """A connection with a personal token; `deadline` is in seconds from the start."""
        where = Endpoint(api_url=self.url, graphql_url=f"{self.url}/graphql", credentials=PersonalToken(token=TOKEN))
        connection = Connection(
            where,
            seconds_between_writes=spacing,
            clock=self.clock,
            waiting=waiting or self.waiting,
            deadline=None if deadline is None else START + deadline,
        )
        try:
            yield connection
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    block_on_close = False


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """A stand-in on a free port of this computer."""
    standin = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            """The header `Date`, by the stand-in's clock."""
            return super().date_time_string(standin.time)

        def do_GET(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(
                method=self.command,
                path=self.path,
                authorization=self.headers.get("Authorization", ""),
                body=json.loads(text) if text else None,
                at=standin.time - START,
            )
            standin.asked.append(asked)
            says = standin.script.pop(0) if standin.script else standin.otherwise
            if isinstance(says, Drop):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if isinstance(says, Drip):
                self.close_connection = True
                with suppress(OSError):
                    says.written(self.connection)
                return
            body = says.body.encode() if isinstance(says.body, str) else json.dumps(says.body).encode()
            self.send_response(says.status)
            for name, value in says.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) - says.cut])

        do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        standin.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield standin
        finally:
            server.shutdown()
            thread.join()
