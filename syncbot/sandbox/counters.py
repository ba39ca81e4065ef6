"""What the sandbox was asked since it started: requests by kind, attempts to write, and a log of API requests."""

from __future__ import annotations

import threading
from collections import deque

LOG = 50_000


class Counters:
    """Counts from zero, safe for several threads. `log` holds `METHOD /path` of the last API requests, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self._requests = {"rest": 0, "graphql": 0, "git": 0}
        self._writes = 0
        self._api = 0
        self.log: deque[str] = deque(maxlen=LOG)

    def request(self, kind: str) -> None:
        """Counts a request of kind `rest`, `graphql` or `git`."""
        with self._lock:
            self._requests[kind] += 1

    def api_request(self, request: str) -> int:
        """Logs a request to REST or GraphQL and answers its number, from 1."""
        with self._lock:
            self.log.append(request)
            self._api += 1
            return self._api

    def write(self) -> None:
        """Counts an attempted write: a REST request that is no GET, a GraphQL mutation, a git push."""
        with self._lock:
            self._writes += 1

    @property
    def requests(self) -> dict[str, int]:
        return dict(self._requests)

    @property
    def writes(self) -> int:
        return self._writes
