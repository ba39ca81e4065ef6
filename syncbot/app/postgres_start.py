"""Rendered files on real servers: each is started with them, and what it shows is compared value by value.

Two starts a service at most: with its postgresql.conf, and with what its parameter groups set, as far as a plain
server can take that: no formulas, nothing of RDS's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from syncbot.app.postgres_fleet import service_for
from syncbot.app.workspace import Workspace
from syncbot.check.postgres_conf import is_settings
from syncbot.errors import RenderError
from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.parameter_group import ParameterGroup, read_groups
from syncbot.formats.postgres_conf import read_settings, settings
from syncbot.model.files import File
from syncbot.model.fleet import Repo
from syncbot.postgres.catalogue import MAJORS, libraries, load
from syncbot.postgres.check import DERIVED
from syncbot.postgres.comparison import PLACES, LiveServer
from syncbot.postgres.declared import computed
from syncbot.postgres.live.start import Data, NotStarted, data_folder
from syncbot.postgres.renames import current
from syncbot.postgres.rules import listed
from syncbot.postgres.service import ServiceFinding
from syncbot.postgres.values import Refused, check_value


class Servers:
    """A data folder for each major at its first use, and each distinct file started once."""

    def __init__(self, programs: Mapping[int, Path], stack: ExitStack) -> None:
        self._programs = programs
        self._stack = stack
        self._data: dict[int, Data] = {}
        self._seen: dict[tuple[int, str], LiveServer | str] = {}

    def started_with(self, major: int, conf: str) -> LiveServer | str:
        """What the server shows, or why there is none."""
        if major not in self._programs:
            return f"not started: no programs of Postgres {major} on PATH; give their folder with --bin"
        if (major, conf) not in self._seen:
            if major not in self._data:
                self._data[major] = self._stack.enter_context(data_folder(self._programs[major]))
            try:
                self._seen[major, conf] = self._data[major].settings(conf)
            except NotStarted as refusal:
                self._seen[major, conf] = f"the server does not start: {refusal}"
        return self._seen[major, conf]


def started(
    workspace: Workspace, repo: Repo, today: date, servers: Servers
) -> tuple[tuple[ServiceFinding, ...], tuple[str, ...]]:
    """What real servers say of this repo's rendered files, and which servers those were."""
    try:
        service = service_for(workspace, repo, today)
        files = workspace.templates.render_owned(repo.template, repo.answers_on(today))
    except RenderError as error:
        return (ServiceFinding(wrong=Diagnostic(message=str(error))),), ()
    found: list[ServiceFinding] = []
    versions: dict[str, None] = {}
    for what, major, conf, expected in _starts(files, service.major if service else 0):
        answer = servers.started_with(major, conf)
        where = (f"{what} on Postgres {major}",)
        if isinstance(answer, str):
            found.append(ServiceFinding(wrong=Diagnostic(message=answer), where=where))
            continue
        versions[f"Postgres {answer.version}"] = None
        found += [
            ServiceFinding(wrong=Diagnostic(subject=name, message=reason), where=where)
            for name, reason in different(answer, expected)
        ]
    return tuple(found), tuple(versions)


def different(server: LiveServer, expected: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The parameters that the server shows otherwise than expected, each with the reason in words."""
    for name, value in expected.items():
        shown = server.settings.get(name)
        if shown is None:
            yield name, "the server does not know it"
        elif shown.value != value and DERIVED.get(name) != value:
            yield name, f"the server shows {shown.value!r}, and {value!r} was meant"


def rendered_groups(files: Mapping[str, File]) -> Iterator[tuple[str, ParameterGroup]]:
    """The parameter groups among the files, in any format, each with its path."""
    for path, file in files.items():
        if path.endswith(".json") and not path.startswith("package"):
            for group in read_groups(json.loads(file.content)):
                yield path, group


def _starts(files: Mapping[str, File], major: int) -> Iterator[tuple[str, int, str, Mapping[str, str]]]:
    """(path, major, the file to start with, what pg_settings must show then) for each rendered file."""
    for path, file in files.items():
        if is_settings(path):
            given = {setting.name: setting.value for setting in read_settings(file.content)}
            yield path, major, file.content.decode(), _expected(major, given)
    for path, group in rendered_groups(files):
        if group.major in MAJORS:
            plain = {name: value for name, value in group.values.items() if _takes(group.major, name, value)}
            yield path, group.major, settings(plain.items()), _expected(group.major, plain)


def _takes(major: int, name: str, value: str) -> bool:
    """Whether a server that is not RDS's can be started with it."""
    known = current(major, name)
    if known is None or computed(known, value):
        return False
    return known != "shared_preload_libraries" or set(listed(value)) <= libraries(major)


def _expected(major: int, given: Mapping[str, str]) -> dict[str, str]:
    shown = {}
    for name, text in given.items():
        known = current(major, name)
        if known is None or known in PLACES:
            continue
        match check_value(load(major).parameters[known], text):
            case Refused():
                continue
            case checked:
                shown[known] = checked.value
    return shown
