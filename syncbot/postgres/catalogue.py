"""Every server parameter of Postgres 13 to 18, as real servers told it (scripts/postgres_catalogue.py).

In: a major. Out: frozen parameters by name. Never asks a server, and reads no file but the package's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

MAJORS = (13, 14, 15, 16, 17, 18)
Type = Literal["bool", "integer", "real", "string", "enum"]

# The largest double: pg_settings shows it with six digits, rounded down.
_LARGEST = 1.7976931348623157e308
# The test servers are built without these libraries, the official images and RDS with them.
_BUILT_ELSEWHERE = {
    "wal_compression": ("lz4", "zstd"),
    "default_toast_compression": ("lz4",),
    "io_method": ("io_uring",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One row of pg_settings. `min` and `max` are in `unit`; `default` is what the server holds without any setting.

    `hidden` are labels that an enum takes without listing them, each with the listed one it stands for.
    """

    name: str
    major: int
    type: Type
    unit: str = ""
    min: float | None = None
    max: float | None = None
    labels: tuple[str, ...] = ()
    hidden: Mapping[str, str] = field(default_factory=dict)
    context: str
    default: str | None = None
    category: str
    description: str

    @property
    def needs_restart(self) -> bool:
        return self.context == "postmaster"

    @property
    def library(self) -> str | None:
        """The extension library that defines it; None for the server's own."""
        prefix, dot, _ = self.name.partition(".")
        return {"pltclu": "pltcl"}.get(prefix, prefix) if dot else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All parameters of one major, by name; `server` is the version they were read from."""

    major: int
    server: str
    parameters: Mapping[str, Parameter]

    def find(self, name: str) -> Parameter | None:
        """The parameter of that name; Postgres takes any case, and so does this."""
        return self.parameters.get(name) or self.parameters.get(_spellings(self.major).get(name.lower(), ""))


@cache
def load(major: int) -> Catalogue:
    """The catalogue of one of `MAJORS`; KeyError for any other."""
    document = _document()
    server = document["servers"][str(major)]
    return Catalogue(major=major, server=server, parameters=MappingProxyType(_parameters(major)))


@cache
def first_and_last(name: str) -> tuple[int, int] | None:
    """The first and the last major that know this name, None where none does."""
    known = [major for major in MAJORS if name in load(major).parameters]
    return (known[0], known[-1]) if known else None


@cache
def libraries(major: int) -> frozenset[str]:
    """The libraries that come with the server of that major, and so with the official image."""
    return frozenset(_document()["libraries"][str(major)].split())


@cache
def word_list(kind: Literal["timezones", "encodings"]) -> tuple[str, ...]:
    """The names of time zones or of encodings that all majors know."""
    return tuple(_document()[kind].split())


@cache
def _document() -> Any:
    return json.loads(resources.files(__package__).joinpath("catalogue.json").read_bytes())


@cache
def _spellings(major: int) -> Mapping[str, str]:
    return {name.lower(): name for name in load(major).parameters}


def _parameters(major: int) -> dict[str, Parameter]:
    found = {}
    for name, steps in _document()["parameters"].items():
        facts: dict[str, Any] = {}
        for step in steps:
            if step["from"] <= major:
                facts = {} if "removed" in step else {**facts, **step}
        if facts:
            found[name] = _parameter(name, major, facts)
    return found


def _parameter(name: str, major: int, facts: Mapping[str, Any]) -> Parameter:
    labels = (*(facts.get("labels") or ()), *(_BUILT_ELSEWHERE.get(name, ()) if facts["type"] == "enum" else ()))
    return Parameter(
        name=name,
        major=major,
        type=facts["type"],
        unit=facts.get("unit") or "",
        min=_bound(facts.get("min")),
        max=_bound(facts.get("max")),
        labels=tuple(dict.fromkeys(labels)),
        hidden=MappingProxyType(facts.get("hidden") or {}),
        context=facts["context"],
        default=facts.get("default"),
        category=facts["category"],
        description=facts["description"],
    )


def _bound(text: str | None) -> float | None:
    if text is None:
        return None
    if text.lstrip("-") == "1.79769e+308":
        return -_LARGEST if text[0] == "-" else _LARGEST
    return float(text) if "." in text or "e" in text else int(text)
