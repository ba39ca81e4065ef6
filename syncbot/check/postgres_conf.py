"""postgresql.conf: syntax as the server's own reader has it, and agreement with the RDS parameter group. Pure.

What a parameter means is known to another package; `SettingsCheck` is where that knowledge is plugged in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from syncbot.check.codes import Code
from syncbot.check.terraform import group_parameters
from syncbot.check.types import Rendering, finding
from syncbot.formats.diagnostics import Diagnostic, Place, Severity
from syncbot.formats.postgres_conf import Broken, Include, Setting, read_conf, read_settings
from syncbot.postgres.units import unit_names

SettingsCheck = Callable[[str, bytes, Mapping[str, object]], Iterable[Diagnostic]]
"""(path, content, the repo's answers) to findings: names, types, ranges and versions of parameters."""

_NUMBER = re.compile(r"-?(?:0x[0-9A-Fa-f]+|[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)(?P<unit>[A-Za-z]*)")
UNITS = frozenset({"", *unit_names("kB"), *unit_names("ms")})
LOCAL_ONLY = frozenset({"listen_addresses"})
"""Set in the container alone: RDS decides it by itself."""


def is_settings(path: str) -> bool:
    """postgresql.conf, in any folder."""
    return path.rpartition("/")[2] == "postgresql.conf"


def check_settings(path: str, content: bytes) -> Iterator[Diagnostic]:
    """Lines the server cannot read, units it does not have, and settings given twice (it silently takes the last)."""
    seen: dict[str, int] = {}
    for line in read_conf(content):
        match line:
            case Broken():
                yield Diagnostic(
                    path=path,
                    place=Place(line.line, 1),
                    code=Code.SETTINGS_SYNTAX,
                    message="not a line of the form name = value; values with blanks or signs stand in single quotes",
                )
            case Include():
                continue
            case Setting():
                yield from _setting(path, line, seen)
                seen[line.key] = line.line


def _setting(path: str, setting: Setting, seen: Mapping[str, int]) -> Iterator[Diagnostic]:
    unit = _NUMBER.fullmatch(setting.value.replace(" ", ""))
    if unit and unit["unit"] not in UNITS:
        yield finding(
            path, Code.SETTINGS_UNIT, f"{setting.name}: Postgres has no unit {unit['unit']!r}", line=setting.line
        )
    if setting.key in seen:
        yield finding(
            path, Code.SETTINGS_TWICE, f"{setting.key} is set on line {seen[setting.key]} already", line=setting.line
        )


def check_agreement(rendering: Rendering) -> Iterator[Diagnostic]:
    """Settings in the container that the cloud does not get, and the other way round; connections from outside."""
    for path, file in rendering.files.items():
        if not is_settings(path):
            continue
        settings = {setting.key: setting for setting in read_settings(file.content)}
        if "listen_addresses" not in settings:
            yield finding(
                path, Code.SETTINGS_LISTEN, "listen_addresses is not set: other containers could not reach the server"
            )
        elif settings["listen_addresses"].value not in {"*", "0.0.0.0"}:
            yield finding(
                path,
                Code.SETTINGS_LISTEN,
                "listen_addresses: other containers could not reach the server",
                line=settings["listen_addresses"].line,
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
        yield finding(
            path,
            Code.SETTINGS_DIFFER,
            f"{name} is set here and not in {group}",
            line=settings[name].line,
            severity=Severity.WARNING,
        )
    for name in sorted(there.keys() - settings.keys() - meant):
        yield finding(group, Code.SETTINGS_DIFFER, f"{name} is set here and not in {path}", severity=Severity.WARNING)
