"""Packages that only some commands need: their names in, the modules out, or what to install."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from syncbot.errors import SyncbotError


def extra(module: str, name: str) -> Any:
    """The module, of the extra of that name. Raises SyncbotError where it is not installed."""
    if find_spec(module) is None:
        raise SyncbotError(f"this needs the extra {name}: pip install 'syncbot[{name}]'")
    return import_module(module)
