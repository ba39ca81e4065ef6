"""Compose's port mappings: the short text and the long form in, what the host sees out. Pure."""

from __future__ import annotations

import re

_SHORT = re.compile(
    r"(?:(?P<ip>\d+(?:\.\d+){3}|\[[0-9a-fA-F:]+\]):)?(?:(?P<host>\d+(?:-\d+)?)?:)?(?P<port>\d+(?:-\d+)?)"
    r"(?:/(?P<kind>tcp|udp|sctp))?"
)


def published(port: object) -> str | None:
    """`8080/tcp` as the host sees it, empty where the host picks one, None for what is no mapping."""
    if isinstance(port, dict):
        host = port.get("published")
        return f"{host}/{port.get('protocol', 'tcp')}" if host else ""
    text = str(port)
    if "$" in text:
        return ""
    found = _SHORT.fullmatch(text)
    if not found or not all(map(_in_range, (found["host"], found["port"]))):
        return None
    address = f"{found['ip']}:" if found["ip"] and found["ip"] != "0.0.0.0" else ""
    return f"{address}{found['host']}/{found['kind'] or 'tcp'}" if found["host"] else ""


def _in_range(ports: str | None) -> bool:
    return ports is None or all(1 <= int(port) <= 65535 for port in ports.split("-"))
