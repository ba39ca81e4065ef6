"""Bounded: PyGithub's connection, whose answers end. A request in, one whole answer out, within a time and a size.

The time covers everything from connecting to the last byte, with the requests that PyGithub makes of itself (a 202 that
it polls, a redirect within the host): requests' own timeout is one between two bytes, which a byte a second never
meets. A TLS handshake alone is measured by that one.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakSet

import requests
from github.Requester import HTTPSRequestsConnectionClass, RequestsResponse
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool

IDLE_SECONDS = 15.0
"""Seconds to wait for the next byte; GitHub itself gives up after ten."""

ANSWER_SECONDS = 60.0
"""Seconds that a whole answer may take."""

MOST_BYTES = 32 * 2**20
"""Bytes of one answer: a batch that holds more is asked for in halves, and the run stays under 300 MB."""

MOST_REQUESTS = 10
"""Requests that PyGithub may make of one: redirects within the host, and polls."""

_CHUNK = 2**16


class TooLargeError(requests.RequestException):
    """The answer went on beyond `MOST_BYTES`."""


class TooLateError(requests.RequestException):
    """The answer did not end in its time."""


class BoundedConnection(HTTPSRequestsConnectionClass):
    """One host's connection, http or https. Used by one thread."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        port = parts.port or (80 if parts.scheme == "http" else 443)
        super().__init__(parts.hostname or "", port, timeout=IDLE_SECONDS)  # type: ignore[arg-type]
        self.protocol = parts.scheme
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._late = False
        self._requests = 0
        self.answered: Mapping[str, str] = {}
        """The headers of the last answer."""
        self.session.mount(f"{parts.scheme}://", _Adapter(self._sockets))

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What is asked in this block is answered within `seconds`. Raises TooLateError."""
        self._late, self._requests = False, 0
        self.timeout = min(IDLE_SECONDS, seconds)  # type: ignore[assignment]
        timer = threading.Timer(seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except requests.RequestException:
            if not self._late:
                raise
        finally:
            timer.cancel()
        # A body without a length ends where its socket does.
        if self._late:
            raise TooLateError

    def getresponse(self) -> RequestsResponse:
        self._requests += 1
        if self._late:
            raise TooLateError
        if self._requests > MOST_REQUESTS:
            raise requests.TooManyRedirects
        response = self.session.request(
            self.verb,
            f"{self.protocol}://{self.host}:{self.port}{self.url}",
            headers=self.headers,
            data=self.input,
            timeout=self.timeout,
            verify=self.verify,
            allow_redirects=False,
            stream=True,
        )
        self.answered = {name.lower(): value for name, value in response.headers.items()}
        return _Whole(response)

    def _end(self) -> None:
        self._late = True
        for opened in list(self._sockets):
            with suppress(OSError):
                # Not TLS's own farewell, which would wait for an answer.
                socket.socket.shutdown(opened, socket.SHUT_RDWR)


class _Whole(RequestsResponse):
    """An answer that is read in pieces and given whole."""

    def read(self) -> str:
        """Raises TooLargeError, and what requests raises for a body that breaks off."""
        body = bytearray()
        with self.response:
            for piece in self.response.iter_content(_CHUNK):
                body += piece
                if len(body) > MOST_BYTES:
                    raise TooLargeError
        return body.decode("utf-8", errors="replace")


class _Adapter(HTTPAdapter):
    """Remembers its sockets, so that another thread can end them."""

    def __init__(self, sockets: WeakSet[socket.socket]) -> None:
        super().__init__()
        self._classes: dict[Any, Any] = {
            kind: _remembering(kind, sockets) for kind in (HTTPConnection, HTTPSConnection)
        }

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = self._classes.get(pool.ConnectionCls, pool.ConnectionCls)
        return pool


def _remembering(kind: Any, sockets: WeakSet[socket.socket]) -> Any:
    class Remembering(kind):  # type: ignore[misc]
        def connect(self) -> None:
            super().connect()
            sockets.add(self.sock)

    return Remembering
