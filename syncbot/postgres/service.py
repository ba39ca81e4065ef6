"""One service's Postgres, by its answers: two majors, one source, and everything that is wrong with it.

In: answers, resolved or not. Out: frozen data. The local major is `postgres_version`, that of the cloud
`rds_postgres_version`, the same unless given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from syncbot.postgres.catalogue import MAJORS
from syncbot.postgres.rds import family
from syncbot.postgres.rules import Finding
from syncbot.postgres.source import Source, read_source
from syncbot.postgres.upgrade import Upgrade, upgrade

PARAMETERS, VERSION, RDS_VERSION = "postgres_parameters", "postgres_version", "rds_postgres_version"
_SUGGESTIONS = (
    re.compile(r"did you mean (\S+)\?"),
    re.compile(r"is called (\S+) since"),
    re.compile(r"calls it (\S+)$"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What one service wants of Postgres. Both majors are among `MAJORS`."""

    major: int
    rds_major: int
    source: Source

    @property
    def rds_majors(self) -> tuple[int, ...]:
        """The families that have a group: that of the major to come, and during a move the one still attached."""
        return tuple(dict.fromkeys((self.major, self.rds_major)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFinding:
    """What is wrong with one parameter, and where: `Postgres 17`, `RDS postgres16`, or neither for the source."""

    parameter: str
    reason: str
    blocks: bool
    where: tuple[str, ...] = ()

    @property
    def suggestion(self) -> str | None:
        """The name or the label to write instead, where there is a likely one."""
        found = (pattern.search(self.reason) for pattern in _SUGGESTIONS)
        return next((match[1] for match in found if match), None)

    def __str__(self) -> str:
        return f"{self.parameter}: {self.reason}" + (f" ({', '.join(self.where)})" if self.where else "")


def service_of(answers: Mapping[str, object]) -> Service | None:
    """The service's Postgres, None where it has none, or one of a major without a catalogue."""
    major = _major(answers.get(VERSION))
    if major is None:
        return None
    rds_major = _major(answers.get(RDS_VERSION)) or major
    return Service(major=major, rds_major=rds_major, source=read_source(answers.get(PARAMETERS) or {}))


def findings(service: Service) -> tuple[ServiceFinding, ...]:
    """Everything that is wrong, the same for several servers once; what blocks comes first."""
    seen: dict[Finding, list[str]] = {finding: [] for finding in service.source.findings}
    _note(seen, f"Postgres {service.major}", service.source.local(service.major).findings)
    for major in service.rds_majors:
        _note(seen, f"RDS {family(major)}", service.source.rds(major).findings)
    found = (
        ServiceFinding(parameter=finding.name, reason=finding.reason, blocks=finding.blocks, where=tuple(where))
        for finding, where in seen.items()
    )
    return tuple(sorted(found, key=lambda each: not each.blocks))


def move(service: Service, to: int) -> Upgrade:
    """The upgrade of both sides; what RDS alone would refuse blocks too. ValueError for a move that is not upwards."""
    made = upgrade(service.major, to, service.source.texts("local"))
    before = {finding.name for finding in service.source.rds(service.rds_major).findings if finding.blocks}
    known = before | {finding.name for finding in made.blocking}
    refused = (finding for finding in service.source.rds(to).findings if finding.blocks and finding.name not in known)
    on_rds = tuple(Finding(name=finding.name, reason=f"RDS {family(to)}: {finding.reason}") for finding in refused)
    return replace(made, blocking=made.blocking + on_rds)


def _note(seen: dict[Finding, list[str]], where: str, found: Iterable[Finding]) -> None:
    for finding in found:
        seen.setdefault(finding, []).append(where)


def _major(answer: object) -> int | None:
    text = str(answer)
    return int(text) if text.isdecimal() and text.isascii() and int(text) in MAJORS else None
