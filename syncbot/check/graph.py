"""Who waits for whom: services and jobs alike. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def reachable(start: str, needs: Mapping[str, Collection[str]]) -> set[str]:
    """Everything that `start` waits for, by way of others too, and itself."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += needs.get(name, ())
    return seen
