"""What the sandbox was asked since it started: requests by kind, and attempts to write."""

from __future__ import annotations

import threading


class Counters:
    """Counts from zero, safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self._requests = {"rest": 0, "graphql": 0, "git": 0}
        self._writes = 0

    def request(self, kind: str) -> None:
        """Counts a request of kind `rest`, `graphql` or `git`."""
        with self._lock:
            self._requests[kind] += 1

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
