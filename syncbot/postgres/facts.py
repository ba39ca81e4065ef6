"""What no server tells: what RDS fixes and adds, when support ends. Dates and sources are in facts.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfSupport:
    """The last days: of the Postgres project's own support, and of RDS's standard support."""

    upstream: date
    rds: date


def not_modifiable() -> frozenset[str]:
    """The parameters that RDS fixes."""
    return frozenset(_facts()["not_modifiable"]["names"])


def rds_parameters() -> dict[str, str]:
    """RDS's own parameters, each with the way in which a change is applied: immediate or pending-reboot."""
    own = _facts()["own"]
    return {name: method for method in ("immediate", "pending-reboot") for name in own[method]}


def preloadable() -> frozenset[str]:
    """The libraries that RDS can preload."""
    return frozenset(_facts()["extensions"]["preloadable"])


def rds_extensions() -> frozenset[str]:
    """The prefixes of parameters of extensions that RDS has and the official image lacks."""
    return frozenset(_facts()["extensions"]["prefixes"])


def end_of_support(major: int) -> EndOfSupport:
    """KeyError for a major that is not in the table."""
    table = _facts()["end_of_support"]
    return EndOfSupport(
        upstream=date.fromisoformat(table["upstream"][str(major)]), rds=date.fromisoformat(table["rds"][str(major)])
    )


def provenance(table: str) -> str:
    """Where a table comes from and as of when, for people."""
    facts = _facts()[table]
    return f"{facts['source']}, as of {facts['as_of']}"


@cache
def _facts() -> Any:
    return json.loads(resources.files(__package__).joinpath("facts.json").read_bytes())
