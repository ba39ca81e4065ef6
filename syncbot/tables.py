"""Total tables: what follows from the members of an enum, a row for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TypeVar

Member = TypeVar("Member", bound=Enum)
Row = TypeVar("Row")


def total(members: type[Member], rows: Mapping[Member, Row]) -> Mapping[Member, Row]:
    """The rows, read-only, in the order of the enum. Raises TypeError that names each member without a row."""
    if missing := [f"{members.__name__}.{member.name}" for member in members if member not in rows]:
        raise TypeError(f"no row for {', '.join(missing)}")
    return MappingProxyType({member: rows[member] for member in members})
