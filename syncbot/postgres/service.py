"""One service's Postgres, by its answers: two majors, one source, and everything that is wrong with it.

In: answers, resolved or not. Out: frozen data. The local major is `postgres_version`, that of the cloud
`rds_postgres_version`, the same unless given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from syncbot.formats.diagnostics import Diagnostic
from syncbot.postgres.catalogue import MAJORS
from syncbot.postgres.declared import DeclaredParameters, read_declared
from syncbot.postgres.rds import family
from syncbot.postgres.upgrade import Upgrade, upgrade

PARAMETERS, VERSION, RDS_VERSION = "postgres_parameters", "postgres_version", "rds_postgres_version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What one service wants of Postgres. Both majors are among `MAJORS`."""

    major: int
    rds_major: int
    source: DeclaredParameters

    @property
    def rds_majors(self) -> tuple[int, ...]:
        """The families that have a group: that of the major to come, and during a move the one still attached."""
        return tuple(dict.fromkeys((self.major, self.rds_major)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFinding:
    """What is wrong with one parameter, and where: `Postgres 17`, `RDS postgres16`, or neither for the source."""

    wrong: Diagnostic
    where: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.wrong}" + (f" ({', '.join(self.where)})" if self.where else "")


def service_of(answers: Mapping[str, object]) -> Service | None:
    """The service's Postgres, None where it has none, or one of a major without a catalogue."""
    major = _major(answers.get(VERSION))
    if major is None:
        return None
    rds_major = _major(answers.get(RDS_VERSION)) or major
    return Service(major=major, rds_major=rds_major, source=read_declared(answers.get(PARAMETERS) or {}))


def findings(service: Service) -> tuple[ServiceFinding, ...]:
    """Everything that is wrong, the same for several servers once; what blocks comes first."""
    seen: dict[Diagnostic, list[str]] = {finding: [] for finding in service.source.findings}
    _note(seen, f"Postgres {service.major}", service.source.local(service.major).findings)
    for major in service.rds_majors:
        _note(seen, f"RDS {family(major)}", service.source.rds(major).diagnostics)
    found = (ServiceFinding(wrong=wrong, where=tuple(where)) for wrong, where in seen.items())
    return tuple(sorted(found, key=lambda each: not each.wrong.is_error))


def move(service: Service, to: int) -> Upgrade:
    """The upgrade of both sides; what RDS alone would refuse blocks too. ValueError for a move that is not upwards."""
    made = upgrade(service.major, to, service.source.texts("local"))
    before = {finding.subject for finding in service.source.rds(service.rds_major).diagnostics if finding.is_error}
    known = before | {finding.subject for finding in made.blocking}
    refused = (each for each in service.source.rds(to).diagnostics if each.is_error and each.subject not in known)
    on_rds = (replace(each, message=f"RDS {family(to)}: {each.message}") for each in refused)
    return replace(made, blocking=(*made.blocking, *on_rds))


def _note(seen: dict[Diagnostic, list[str]], where: str, found: Iterable[Diagnostic]) -> None:
    for finding in found:
        seen.setdefault(finding, []).append(where)


def _major(answer: object) -> int | None:
    text = str(answer)
    return int(text) if text.isdecimal() and text.isascii() and int(text) in MAJORS else None
