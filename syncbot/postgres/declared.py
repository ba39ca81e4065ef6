"""The answer `postgres_parameters`, as people write it: YAML values in, frozen parameters or findings out.

    work_mem: 64MB
    shared_buffers: {local: 256MB, rds: "{DBInstanceClassMemory/32768}", reason: a laptop has no 64 GB}
    rds.force_ssl: {rds: 1}

One value serves both; two values, or one for one side alone, need a reason. What only RDS has needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.parameter_group import ParameterGroup
from syncbot.postgres.catalogue import first_and_last, load
from syncbot.postgres.check import CheckedSet, check_parameters
from syncbot.postgres.formula import is_formula
from syncbot.postgres.rds import parameter_group

_KEYS = ("local", "rds", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredParameter:
    """One parameter as text; None where one side does not set it. `reason` says why the sides differ."""

    name: str
    local: str | None
    rds: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredParameters:
    """All wanted parameters in the order written, and what could not be read."""

    parameters: tuple[DeclaredParameter, ...]
    findings: tuple[Diagnostic, ...]

    def local(self, major: int) -> CheckedSet:
        """What the container of that major gets."""
        return check_parameters(major, self.texts("local"))

    def rds(self, major: int) -> ParameterGroup:
        """What the parameter group of that major's family gets."""
        return parameter_group(major, self.texts("rds"))

    def texts(self, side: Literal["local", "rds"]) -> dict[str, str]:
        """What one side sets, as people wrote it."""
        both = ((each.name, each.local if side == "local" else each.rds) for each in self.parameters)
        return {name: text for name, text in both if text is not None}


def read_declared(answer: object) -> DeclaredParameters:
    """Every entry read by itself, so that all mistakes are found at once."""
    if not isinstance(answer, Mapping):
        return DeclaredParameters(
            parameters=(), findings=(Diagnostic(subject="postgres_parameters", message="is not a mapping"),)
        )
    read = [_entry(name, value) for name, value in answer.items()]
    return DeclaredParameters(
        parameters=tuple(each for each in read if isinstance(each, DeclaredParameter)),
        findings=tuple(each for each in read if isinstance(each, Diagnostic)),
    )


def text_of(value: object) -> str | None:
    """A YAML scalar as Postgres would be given it, None for what is none."""
    match value:
        case bool():
            return "on" if value else "off"
        case int() | float():
            return str(value)
        case str():
            return value
    return None


def computed(name: str, text: str) -> bool:
    """Whether RDS would compute this parameter's value: texts and labels may hold braces of their own."""
    if not is_formula(text):
        return False
    known = first_and_last(name)
    return known is None or load(known[1]).parameters[name].type not in ("string", "enum")


def _entry(name: object, value: object) -> DeclaredParameter | Diagnostic:
    if not isinstance(name, str):
        return Diagnostic(subject=str(name), message="is not a name")
    if isinstance(value, Mapping):
        return _variants(name, value)
    text = text_of(value)
    if text is None:
        return Diagnostic(subject=name, message="expected one value, or {local: ..., rds: ..., reason: ...}")
    if name.lower().startswith("rds."):
        return Diagnostic(subject=name, message=f"only RDS has it: write {{rds: {text}}}")
    if computed(name, text):
        return Diagnostic(subject=name, message="Postgres takes no formula: write {local: ..., rds: ..., reason: ...}")
    return DeclaredParameter(name=name, local=text, rds=text)


def _variants(name: str, value: Mapping[object, object]) -> DeclaredParameter | Diagnostic:
    if unknown := [str(key) for key in value if key not in _KEYS]:
        return Diagnostic(subject=name, message=f"takes local, rds and reason, not {', '.join(unknown)}")
    texts = {key: text_of(value[key]) for key in _KEYS if key in value}
    if None in texts.values() or not {"local", "rds"} & texts.keys():
        return Diagnostic(subject=name, message="local and rds take one value each, and at least one of them is needed")
    local, rds, reason = texts.get("local"), texts.get("rds"), str(texts.get("reason") or "").strip()
    if problem := _problem(name, local, rds, reason):
        return Diagnostic(subject=name, message=problem)
    return DeclaredParameter(name=name, local=local, rds=rds, reason=reason)


def _problem(name: str, local: str | None, rds: str | None, reason: str) -> str:
    of_rds = name.lower().startswith("rds.")
    if of_rds and local is not None:
        return "only RDS has it, so it takes no local value"
    if not of_rds and not reason:
        return "local and rds differ: say why with reason"
    if local is not None and computed(name, local):
        return "Postgres takes no formula: local needs a plain value"
    if local is None and rds is not None and not of_rds and computed(name, rds):
        return "a formula needs a local value beside it"
    return ""
