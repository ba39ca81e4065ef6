"""A new service's entry in the fleet: what was answered in, the text of config/repos.yaml with one more repo out.

Answers are found out by Copier's prompts where there is a terminal. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncbot.app.workspace import Workspace
from syncbot.config.edit import add_repo
from syncbot.config.fleet import parse_fleet
from syncbot.config.mappings import own_part, with_defaults
from syncbot.errors import ConfigError, SyncbotError
from syncbot.formats.yaml import OURS, read_yaml
from syncbot.model.fleet import Repo
from syncbot.model.templates import Question
from syncbot.render.copier_run import CopierRender

FIELDS = ("template", "team")
"""What is asked of Copier and is no answer in repos.yaml, but a key of the repo."""
Answers = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The repo as the fleet has it, or will; `text` is the config with it, None where it is there already."""

    repo: Repo
    text: str | None


def parse_answers(given: Sequence[str], questions: Mapping[str, Question]) -> dict[str, object]:
    """`name=value` as answers: text for a question of text, else as config/repos.yaml has it. Raises SyncbotError."""
    answers: dict[str, object] = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals or not name:
            raise SyncbotError(f"--answer {item}: expected name=value, such as runtime=node")
        if name in answers:
            raise SyncbotError(f"--answer {name}: given twice")
        question = questions.get(name)
        answers[name] = value if question is None or question.type in {"str", "path"} else _yaml(name, value)
    return answers


def register(workspace: Workspace, name: str, given: Answers, *, ask: bool) -> Registration:
    """The entry for a new service; what is missing is asked on the terminal, or left to the defaults.

    Raises ConfigError with the name of a bad answer, and SyncbotError.
    """
    owner, _, name = name.rpartition("/")
    organization = workspace.fleet.organization
    if owner and owner.lower() != organization.lower():
        raise SyncbotError(f"{owner}/{name}: this fleet is {organization}'s")
    known = {repo.name.lower(): repo for repo in workspace.fleet.repos}
    if found := known.get(f"{organization}/{name}".lower()):
        if given:
            raise SyncbotError(f"{found.name} is in the fleet already: its answers are those of {workspace.config}")
        return Registration(repo=found, text=None)
    return _new(workspace, name, _asked(workspace, name, given) if ask else given)


def _new(workspace: Workspace, name: str, answered: Answers) -> Registration:
    """The entry with these fields and answers, as they stand."""
    entry: dict[str, object] = {"name": name}
    entry |= {field: answered[field] for field in FIELDS if field in answered}
    answers = {key: value for key, value in answered.items() if key not in FIELDS}
    if answers:
        entry["answers"] = answers
    specs, file = workspace.templates.specs, str(workspace.config)
    text = add_repo(workspace.config.read_bytes().decode("utf-8"), entry, file=file, specs=specs)
    return Registration(repo=parse_fleet(text, file, specs).repos[-1], text=text)


def _asked(workspace: Workspace, name: str, given: Answers) -> Answers:
    """What a person answers, without what the defaults say as well."""
    repo, has_team = _with_defaults(workspace, name, given)
    supplied = {key: value for key, value in repo.answers.items() if key in {"service_name", "organization", "owners"}}
    defaults = {key: value for key, value in repo.answers.items() if key not in supplied and key not in given}
    if not has_team:
        defaults.pop("team", None)
    questions = workspace.templates.specs[repo.template].questions
    offered = {key: value for key, value in repo.answers.items() if key in given}
    with CopierRender(workspace.templates.sources) as copier:
        said = copier.ask(repo.template, {**supplied, **with_defaults(questions, offered, given)[0]}, defaults)
    kept: dict[str, object] = dict(given)
    for key, question in questions.items():
        if question.computed or key in supplied or key in kept or key not in said:
            continue
        # An earlier answer can change a later default, so each is held against the answers before it.
        current, _ = with_defaults(questions, repo.answers, {k: v for k, v in kept.items() if k != "template"})
        if (key == "team" and not has_team) or workspace.templates.resolved(repo.template, current)[key] != said[key]:
            kept[key] = own_part(repo.answers.get(key), said[key])
    return {key: kept[key] for key in ("template", *questions) if key in kept}


def _with_defaults(workspace: Workspace, name: str, given: Answers) -> tuple[Repo, bool]:
    """The repo with what the fleet says of every repo, and whether that gives it a team."""
    fields = {field: given[field] for field in FIELDS if field in given}
    try:
        return _new(workspace, name, fields).repo, True
    except ConfigError:
        return _new(workspace, name, {"team": f"@{workspace.fleet.organization}/{name}", **fields}).repo, False


def _yaml(name: str, value: str) -> object:
    """The value as it would be read behind `name:` in config/repos.yaml; nothing is null there too."""
    if not value.strip():
        return None
    reading = read_yaml(value, dialect=OURS)
    if reading.diagnostics:
        raise SyncbotError(f"--answer {name}: {reading.diagnostics[0].message}")
    return reading.value
