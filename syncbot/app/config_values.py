"""Values that stand in the config and are refused: by the templates' questions, or by Postgres and RDS.

Each is said once, at the line that causes it, however many repos take it: a repo's own value, or the default where that
is refused without anything that the repo says itself. What nothing in the file causes stays that repo's failure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import islice

from syncbot.app.workspace import Workspace
from syncbot.config.fleet import read_text
from syncbot.config.standing import Standing
from syncbot.errors import ConfigError
from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.yaml.nodes import Path
from syncbot.model.fleet import Repo
from syncbot.postgres.service import PARAMETERS, RDS_VERSION, VERSION, findings, service_of
from syncbot.render.judging import Refusal

_POSTGRES = (VERSION, RDS_VERSION, PARAMETERS)
_MANY = 4096
_KEYS = 100
"""Keys of a mapping that are judged one by one, to name the line of each."""

Answers = Mapping[str, object]


def check_values(workspace: Workspace, today: date) -> None:
    """Raises ConfigError with every value of the file that is refused that day."""
    if wrong := tuple(sorted(set(_Values(workspace, today).wrong()))):
        raise ConfigError(*wrong)


def organization_unknown(workspace: Workspace) -> ConfigError:
    """That GitHub knows nobody of the name that the config gives."""
    name = workspace.fleet.organization
    message = f"GitHub knows no organization or user {name}, or does not show it to this token"
    return ConfigError(_standing(workspace).diagnostic(("organization",), message))


class AnswerLines:
    """Where the answers of the fleet's repos stand in the config that day."""

    def __init__(self, workspace: Workspace, today: date) -> None:
        self._workspace, self._today = workspace, today

    @cached_property
    def _file(self) -> Standing:
        return _standing(self._workspace)

    @cached_property
    def _repos(self) -> Mapping[str, tuple[int, Repo]]:
        return {repo.name: (index, repo) for index, repo in enumerate(self._workspace.fleet.repos)}

    def saying(self, repo: str, names: Sequence[str], message: str) -> str:
        """The message after the line that gives the repo the first of these answers that the file has, if any."""
        index, entry = self._repos[repo]
        own = ((self._file.own(index, entry, name, self._today), self._file.default(name)) for name in names)
        path = next((path for paths in own for path in paths if path), None)
        return str(self._file.diagnostic(path, message)) if path else message


def _standing(workspace: Workspace) -> Standing:
    file = str(workspace.config)
    return Standing(read_text(workspace.config, file), file)


class _Values:
    def __init__(self, workspace: Workspace, today: date) -> None:
        self._workspace, self._today = workspace, today
        self._told: set[tuple[str, str, str]] = set()

    @cached_property
    def _file(self) -> Standing:
        return _standing(self._workspace)

    def wrong(self) -> Iterator[Diagnostic]:
        for index, repo in enumerate(self._workspace.fleet.repos):
            given = repo.answers_on(self._today)
            for refusal in self._refusals(repo.template, given):
                yield from self._caused(index, repo, given, refusal)

    def _refusals(self, template: str, given: Answers) -> tuple[Refusal, ...]:
        templates = self._workspace.templates
        refused = templates.refusals(template, given)
        if any(refusal.name in _POSTGRES for refusal in refused) or not set(_POSTGRES) & given.keys():
            return refused
        answers = templates.completed(template, given, _POSTGRES)
        bearing = tuple(name for name in (VERSION, RDS_VERSION) if name in given)
        problems = _by_postgres(_Hashed(answers)) if answers else ()
        return (*refused, *(Refusal(name=PARAMETERS, reason=each, bearing=bearing) for each in problems))

    def _caused(self, index: int, repo: Repo, given: Answers, refusal: Refusal) -> Iterator[Diagnostic]:
        """The refusal at the lines that cause it; of a mapping, at those of its keys that are refused by themselves."""
        own = {name: path for name in (refusal.name, *refusal.bearing) if (path := self._own(index, repo, name))}
        told = (repo.template, refusal.name, refusal.reason)
        if not own and told in self._told:
            return
        value = given.get(refusal.name)
        entries = islice(value.items(), _KEYS) if isinstance(value, Mapping) else ()
        single: dict[str, str] = {}
        for key, each in entries:
            if alone := self._reason(repo.template, {**given, refusal.name: {key: each}}, refusal.name):
                single[str(key)] = alone
        for name, reason in single.items() or ((None, refusal.reason),):
            if found := self._cause(repo, given, replace(refusal, reason=reason), own, name):
                yield found
        if not own:
            self._told.add(told)

    def _cause(
        self, repo: Repo, given: Answers, refusal: Refusal, own: Mapping[str, Path], key: str | None
    ) -> Diagnostic | None:
        name, default = refusal.name, self._file.default(refusal.name)
        mine, shared = (_deeper(self._file, path, key) for path in (own.get(name), default))
        if mine is None and own.get(name) and (name not in repo.own_parts or own[name][2] == "exemptions"):
            mine = own[name]
        if mine:
            return self._file.diagnostic(mine, _without(key, refusal.reason))
        others = {each: path for each, path in own.items() if each != name}
        if shared and not (others and self._suits(repo.template, given, refusal, others, key)):
            return self._file.diagnostic(shared, _without(key, refusal.reason))
        paths = [*others.values(), *filter(None, map(self._file.default, refusal.bearing))]
        return self._file.diagnostic(paths[0], f"with it, {name} is refused: {refusal.reason}") if paths else None

    def _suits(
        self, template: str, given: Answers, refusal: Refusal, others: Mapping[str, Path], key: str | None
    ) -> bool:
        """Whether the default would be taken if the repo said nothing of its own beside it."""
        plain = {name: value for name, value in given.items() if name not in others}
        for each in others:
            if (path := self._file.default(each)) is not None:
                plain[each] = self._file.value(path)
            elif each == "service_name":
                plain[each] = given[each]
        if key is not None and (path := self._file.default(refusal.name)) is not None:
            plain[refusal.name] = {key: self._file.keys(path).get(key)}
        return self._reason(template, plain, refusal.name) is None

    def _own(self, index: int, repo: Repo, name: str) -> Path | None:
        return self._file.own(index, repo, name, self._today)

    def _reason(self, template: str, given: Answers, name: str) -> str | None:
        """Why these answers get no answer of that name taken."""
        return next((each.reason for each in self._refusals(template, given) if each.name == name), None)


def _deeper(file: Standing, path: Path | None, key: str | None) -> Path | None:
    return path if path is None or key is None else file.key((*path, key))


def _without(key: str | None, reason: str) -> str:
    """The path names the key already."""
    while key and reason.startswith(f"{key}: "):
        reason = reason.removeprefix(f"{key}: ")
    return reason


class _Hashed:
    """Answers by what Postgres reads of them, so that each distinct set is judged once."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self._text = repr([answers.get(name) for name in _POSTGRES])

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and self._text == other._text


@lru_cache(_MANY)
def _by_postgres(answers: _Hashed) -> tuple[str, ...]:
    """What the servers and the groups of these majors would refuse."""
    service = service_of(answers.answers)
    found = findings(service) if service else ()
    return tuple(str(each) for each in found if each.wrong.is_error and each.where)
