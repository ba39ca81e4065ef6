"""postgresql.conf: syntax as the server's own reader has it, and agreement with the RDS parameter group. Pure.

What a parameter means is known to another package; `SettingsCheck` is where that knowledge is plugged in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from syncbot.check.terraform import group_parameters
from syncbot.check.values import Rendering, lines_of
from syncbot.formats.diagnostics import Diagnostic, Place, Severity

SettingsCheck = Callable[[str, bytes, Mapping[str, object]], Iterable[Diagnostic]]
"""(path, content, the repo's answers) to findings: names, types, ranges and versions of parameters."""

_LINE = re.compile(
    r"\s*(?P<name>[A-Za-z_][A-Za-z0-9_$]*(?:\.[A-Za-z_][A-Za-z0-9_$]*)?)\s*(?:=\s*|\s+)"
    r"(?P<value>'(?:[^'\\]|''|\\.)*'|[A-Za-z_][A-Za-z0-9_./:-]*|-?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?[A-Za-z]*)"
    r"\s*(?:#.*)?"
)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?(?P<unit>[A-Za-z]*)")
UNITS = frozenset({"", "B", "kB", "MB", "GB", "TB", "us", "ms", "s", "min", "h", "d"})
_BLANK = re.compile(r"\s*(?:#.*)?")
LOCAL_ONLY = frozenset({"listen_addresses"})
"""Set in the container alone: RDS decides it by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One line `name = value`, the quotes taken off."""

    line: int
    name: str
    value: str


def is_settings(path: str) -> bool:
    """postgresql.conf, in any folder."""
    return path.rpartition("/")[2] == "postgresql.conf"


def parse_settings(path: str, content: bytes) -> Iterator[Setting | Diagnostic]:
    """Each setting, or a finding for a line at which the server would not start."""
    for number, line in enumerate(lines_of(content), start=1):
        if _BLANK.fullmatch(line):
            continue
        found = _LINE.fullmatch(line)
        if not found:
            said = "not a line of the form name = value; values with blanks or signs stand in single quotes"
            yield Diagnostic(path=path, place=Place(number, 1), code="settings-syntax", message=said)
            continue
        value = found["value"]
        plain = value[1:-1].replace("''", "'") if value.startswith("'") else value
        unit = _NUMBER.fullmatch(plain.replace(" ", ""))
        if unit and unit["unit"] not in UNITS:
            said = f"{found['name']}: Postgres has no unit {unit['unit']!r}"
            yield Diagnostic(path=path, place=Place(number, 0), code="settings-unit", message=said)
        yield Setting(line=number, name=found["name"].lower(), value=plain)


def check_settings(path: str, content: bytes) -> Iterator[Diagnostic]:
    """Lines the server cannot read, and settings given twice (it silently takes the last)."""
    seen: dict[str, int] = {}
    for found in parse_settings(path, content):
        if isinstance(found, Diagnostic):
            yield found
            continue
        if found.name in seen:
            said = f"{found.name} is set on line {seen[found.name]} already"
            yield Diagnostic(path=path, place=Place(found.line, 0), code="settings-twice", message=said)
        seen[found.name] = found.line


def check_agreement(rendering: Rendering) -> Iterator[Diagnostic]:
    """Settings in the container that the cloud does not get, and the other way round; connections from outside."""
    for path, file in rendering.files.items():
        if not is_settings(path):
            continue
        settings = {s.name: s for s in parse_settings(path, file.content) if isinstance(s, Setting)}
        if "listen_addresses" not in settings:
            said = "listen_addresses is not set: other containers could not reach the server"
            yield Diagnostic(path=path, code="settings-listen", message=said)
        elif settings["listen_addresses"].value not in {"*", "0.0.0.0"}:
            said = "listen_addresses: other containers could not reach the server"
            yield Diagnostic(
                path=path, place=Place(settings["listen_addresses"].line, 0), code="settings-listen", message=said
            )
        meant = LOCAL_ONLY | _meant_to_differ(rendering.answers)
        for name, group in rendering.files.items():
            for there in group_parameters(group.content) if name.endswith(".json") else ():
                yield from _compare(path, settings, name, there, meant)


def _meant_to_differ(answers: Mapping[str, object]) -> frozenset[str]:
    """The parameters with a value for each side, or for one alone: the answers say why."""
    given = answers.get("postgres_parameters")
    entries = given.items() if isinstance(given, Mapping) else ()
    return frozenset(str(name).lower() for name, value in entries if isinstance(value, Mapping))


def _compare(
    path: str, settings: Mapping[str, Setting], group: str, there: Mapping[str, str], meant: frozenset[str]
) -> Iterator[Diagnostic]:
    for name in sorted(settings.keys() - there.keys() - meant):
        said = f"{name} is set here and not in {group}"
        yield Diagnostic(
            path=path,
            place=Place(settings[name].line, 0),
            code="settings-differ",
            severity=Severity.WARNING,
            message=said,
        )
    for name in sorted(there.keys() - settings.keys() - meant):
        said = f"{name} is set here and not in {path}"
        yield Diagnostic(path=group, code="settings-differ", severity=Severity.WARNING, message=said)
