"""The fleet's Postgres: what each repo's answers want, and what its rendered files may not hold.

The templates' own checks of parameters are stepped around where ours say more: theirs stop at the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from syncbot.app.workspace import Workspace
from syncbot.check.codes import Code
from syncbot.check.postgres_conf import is_settings
from syncbot.check.types import place_at
from syncbot.errors import FailureCode
from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.postgres_conf import read_settings
from syncbot.model.files import File
from syncbot.model.fleet import Repo
from syncbot.model.observation import Failure
from syncbot.postgres.catalogue import MAJORS
from syncbot.postgres.check import check_conf
from syncbot.postgres.service import PARAMETERS, Service, findings, move, service_of
from syncbot.postgres.upgrade_text import upgrade_text

_MANY = 4096


def service_for(workspace: Workspace, repo: Repo, today: date) -> Service | None:
    """The repo's Postgres that day, None where it has none. Raises RenderError where other answers are wrong."""
    given = repo.answers_on(today)
    rest = {name: value for name, value in given.items() if name != PARAMETERS}
    answers = workspace.templates.resolved(repo.template, rest)
    return service_of({**answers, PARAMETERS: given.get(PARAMETERS, answers.get(PARAMETERS))})


def upgrade_of(
    workspace: Workspace,
    repo: Repo,
    today: date,
    from_major: int,
    to_major: int,
    *,
    project: str = "",
    developers: bool = True,
) -> str:
    """What the move means for this service, as Markdown; empty for majors without a catalogue. Raises RenderError.

    `project` and `developers` are as in `upgrade_text`.
    """
    service = service_for(workspace, repo, today)
    if service is None or not {from_major, to_major} <= set(MAJORS) or to_major <= from_major:
        return ""
    return upgrade_text(move(replace(service, major=from_major), to_major), project=project, developers=developers)


def settings_findings(path: str, content: bytes, answers: Mapping[str, object]) -> Iterator[Diagnostic]:
    """A `SettingsCheck`: what the server of this service's major, and RDS, would say of its parameters."""
    service = service_of(answers)
    if service is None:
        return
    lines = {setting.key: setting.line for setting in read_settings(content)}
    for problem in file_problems(service.major, content):
        where = place_at(lines.get(problem.subject.lower(), 0))
        yield Diagnostic(path=path, place=where, code=Code.POSTGRES, severity=problem.severity, message=str(problem))
    for found in findings(service):
        if f"Postgres {service.major}" not in found.where:
            yield Diagnostic(code=Code.POSTGRES, severity=found.wrong.severity, message=str(found))


def refusal(files: Mapping[str, File], answers: Mapping[str, object]) -> Failure | None:
    """Why none of these files may be proposed: a server of their major, or RDS, would refuse what they hold."""
    service = service_of(answers)
    if service is None:
        return None
    problems: list[str] = []
    for path, file in files.items():
        if is_settings(path):
            problems += (f"{path}: {each}" for each in file_problems(service.major, file.content) if each.is_error)
    problems += _on_rds(service)
    return Failure(code=FailureCode.POSTGRES, reason="; ".join(problems)) if problems else None


@lru_cache(_MANY)
def file_problems(major: int, content: bytes) -> tuple[Diagnostic, ...]:
    """What is wrong with a postgresql.conf of that major; many services have the same one."""
    return check_conf(major, content)


def _on_rds(service: Service) -> Iterable[str]:
    for major in service.rds_majors:
        yield from (f"RDS postgres{major}: {each}" for each in service.source.rds(major).diagnostics if each.is_error)
