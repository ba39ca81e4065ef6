"""A whole set of parameters: names and the texts people wrote in, everything that is wrong with them out.

The verdict is that of a server of the major, started with these values in its configuration file, and read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from syncbot.formats.diagnostics import Diagnostic, Severity
from syncbot.formats.postgres_conf import Broken, Include, Setting, read_conf
from syncbot.postgres.catalogue import load
from syncbot.postgres.renames import RENAMED, current, why_unknown
from syncbot.postgres.rules import broken_rules
from syncbot.postgres.values import Checked, Refused, check_value

# Set to this, the server works out a value of its own at the start, and shows that one.
DERIVED = {
    "commit_timestamp_buffers": "0",
    "io_max_concurrency": "-1",
    "subtransaction_buffers": "0",
    "transaction_buffers": "0",
    "wal_buffers": "-1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSet:
    """Values by the name that this major uses, and all that is wrong; what is refused has no value."""

    major: int
    values: Mapping[str, Checked]
    findings: tuple[Diagnostic, ...]


def check_parameters(major: int, parameters: Mapping[str, str]) -> CheckedSet:
    """Name by name first, then the rules over what was accepted. KeyError for a major without a catalogue."""
    values: dict[str, Checked] = {}
    findings: list[Diagnostic] = []
    for name, text in parameters.items():
        known = current(major, name)
        if known is None:
            findings.append(why_unknown(major, name).of(name))
        elif known in values:
            findings.append(Diagnostic(subject=name, message=f"is set twice: it is {known}"))
        else:
            findings += _renamed(name, known)
            match check_value(load(major).parameters[known], text):
                case Refused() as refused:
                    findings.append(refused.of(name))
                case checked:
                    values[known] = checked
    findings += broken_rules(major, {name: checked.value for name, checked in values.items()})
    return CheckedSet(major=major, values=values, findings=tuple(findings))


def check_conf(major: int, content: bytes) -> tuple[Diagnostic, ...]:
    """A whole postgresql.conf: its settings as above, and each line that is none. KeyError as above."""
    lines = read_conf(content)
    checked = check_parameters(major, {line.name: line.value for line in lines if isinstance(line, Setting)})
    unread = (line for line in lines if not isinstance(line, Setting))
    return (*checked.findings, *(Diagnostic(subject=f"line {line.line}", message=why_unread(line)) for line in unread))


def why_unread(line: Include | Broken) -> str:
    """Why a line of postgresql.conf is no setting; a sentence part."""
    match line:
        case Include():
            return "names another file, which is not read here"
        case Broken():
            return "is no setting: expected a name, a value, and nothing else"


def _renamed(name: str, known: str) -> list[Diagnostic]:
    """A server takes a few old names for new ones, but shows the new one."""
    if name.lower() == known.lower():
        return []
    since = RENAMED[name.lower()].since
    said = f"is called {known} since Postgres {since}"
    return [Diagnostic(subject=name, severity=Severity.WARNING, message=said, suggestion=known)]
