"""A proxy before the sandbox that answers one request, by its number, with something that is not GitHub's answer."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from typing import Any
from urllib.parse import urlsplit

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
MEGABYTE = b" " * 2**20

Body = Callable[[bytes], bytes]
"""From the body of the real answer, the whole of the answer that the client gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """What comes instead of request `number` (from 1); `forwarded` says whether the sandbox carries it out first."""

    kind: str
    number: int
    forwarded: bool


def _page(body: bytes, kind: str = "application/json", status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _redirect(status: int) -> Body:
    return lambda real: (
        f"HTTP/1.1 {status} Moved\r\nLocation: http://elsewhere.invalid/x\r\nConnection: close\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()


def _of_wrong_types(value: Any) -> Any:
    """The same names with values of other types: numbers for objects and texts, texts for the rest."""
    if not isinstance(value, dict):
        return {"0": value}
    return {
        name: _of_wrong_types(inner) if name in ("data", "r0") else 7 if isinstance(inner, dict | str) else "x"
        for name, inner in value.items()
    }


BODIES: Mapping[str, Body] = {
    "html": lambda real: _page(b"<html><h1>Please log in</h1></html>", "text/html"),
    "empty": lambda real: _page(b""),
    "no content": lambda real: b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    "list": lambda real: _page(b"[]"),
    "null": lambda real: _page(b"null"),
    "string": lambda real: _page(b'"OK"'),
    "object": lambda real: _page(b'{"message": "OK"}'),
    "half": lambda real: _page(real[: len(real) // 2]),
    "wrong types": lambda real: _page(json.dumps(_of_wrong_types(json.loads(real or b"{}"))).encode()),
    "redirect": _redirect(302),
    "moved": _redirect(301),
}
ENDLESS = {"drip": b" ", "600 MB": MEGABYTE}
KINDS = (*BODIES, *ENDLESS)


class Proxy:
    """`foreign` is what goes wrong, if anything; `hit` says whether it did."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.foreign: Foreign | None = None
        self.hit = ""
        self.url = ""
        self._count = 0
        self._closing = threading.Event()

    def fail(self, foreign: Foreign | None) -> None:
        """Count anew, and answer so."""
        self.foreign, self.hit, self._count = foreign, "", 0

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self._count += 1
        foreign = self.foreign if self.foreign and self.foreign.number == self._count else None
        if foreign is None:
            handler.connection.sendall(self._forwarded(handler, body)[0])
            return
        self.hit = f"{handler.command} {handler.path}"
        real = self._forwarded(handler, body)[1] if foreign.forwarded else b'{"message": "OK"}'
        if foreign.kind in BODIES:
            handler.connection.sendall(BODIES[foreign.kind](real))
            return
        handler.connection.sendall(HEAD + b"\r\n{")
        for _ in repeat(None, 600):
            if self._closing.wait(0.02 if foreign.kind == "drip" else 0):
                return
            handler.connection.sendall(ENDLESS[foreign.kind])

    def close(self) -> None:
        self._closing.set()

    def _forwarded(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[bytes, bytes]:
        """The real answer as a whole, and its body."""
        connection = HTTPConnection(urlsplit(self.upstream).netloc)
        try:
            headers = {name: value for name, value in handler.headers.items() if name.lower() != "connection"}
            connection.request(handler.command, handler.path, body or None, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        passed = [pair for pair in answer.getheaders() if pair[0].lower() not in ("connection", "transfer-encoding")]
        lines = [
            f"HTTP/1.1 {answer.status} {answer.reason}",
            *(": ".join(pair) for pair in passed),
            "Connection: close",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + text, text


@contextmanager
def proxy_before(upstream: str) -> Iterator[Proxy]:
    """A proxy on a free port of this computer."""
    proxy = Proxy(upstream)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.close_connection = True
            with suppress(OSError):
                proxy.answer(self)
                self.connection.shutdown(socket.SHUT_WR)

        do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        proxy.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield proxy
        finally:
            proxy.close()
            server.shutdown()
            thread.join()
