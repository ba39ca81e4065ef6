"""The platform team's templates, loaded once and rendered for many repos, in memory.

In: copier.yml and templates/ of one folder. Out: bytes and git modes by path, the same that Copier writes.
Never touches the network, a clock or the files of a service repo.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment

from syncbot.errors import ConfigError, RenderError
from syncbot.formats.diagnostics import Diagnostic
from syncbot.model import File, TemplateSpec
from syncbot.render.documents import read_copier_documents
from syncbot.render.environment import make_environment
from syncbot.render.ownership_file import read_ownership
from syncbot.render.questions import Rule, parse_questions, resolve
from syncbot.render.settings import CONFIG, FOLDER, check_settings, template_names
from syncbot.render.tree import SUFFIX, SourceFile, read_tree, template_problems


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    files: tuple[SourceFile, ...]
    maybe_owned: tuple[SourceFile, ...]
    owned: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Templates ready to render; make one with `load_templates`."""

    root: Path
    specs: Mapping[str, TemplateSpec]
    _rules: tuple[Rule, ...]
    _templates: Mapping[str, _Template]

    def render(self, template: str, answers: Mapping[str, object]) -> Mapping[str, File]:
        """Every file for these answers, owned and starters, by path.

        Raises RenderError for an unknown template, an unknown, missing or invalid answer, an undefined variable, or
        a path that leaves the repo.
        """
        chosen = self._chosen(template)
        return _render(chosen.files, self.resolved(template, answers), self.root)

    def render_owned(self, template: str, answers: Mapping[str, object]) -> Mapping[str, File]:
        """As `render`, owned files alone."""
        return self.owned_files(template, self.resolved(template, answers))

    def owned_files(self, template: str, resolved: Mapping[str, object]) -> Mapping[str, File]:
        """As `render_owned`, by answers that `resolved` has completed."""
        chosen = self._chosen(template)
        return _render(chosen.maybe_owned, resolved, self.root, only=chosen.owned)

    def resolved(self, template: str, answers: Mapping[str, object]) -> Mapping[str, object]:
        """The answers completed with every default, as the files see them.

        Raises RenderError for an unknown, missing or invalid answer.
        """
        if "template" in answers:
            raise RenderError("template: not a question of the template")
        return resolve(self._rules, {"template": template, **answers})

    def _chosen(self, template: str) -> _Template:
        try:
            return self._templates[template]
        except KeyError:
            raise RenderError(f"unknown template {template!r}; there is {', '.join(self._templates)}") from None


def _render(
    files: Iterable[SourceFile], answers: Mapping[str, object], root: Path, only: frozenset[str] | None = None
) -> Mapping[str, File]:
    rendered: dict[str, File] = {}
    for file in files:
        try:
            path = file.path_for(answers)
            if path is None or (only is not None and path not in only):
                continue
            if path in rendered:
                raise RenderError(f"{file.source}: another file renders to {path!r} as well")
            rendered[path] = file.render(answers)
        except RenderError:
            raise
        except Exception as error:
            raise RenderError(f"{_where(error, file.source, root)}: {_said(error)}") from error
    return rendered


def _where(error: Exception, source: str, root: Path) -> str:
    """file:line of the innermost template line that failed."""
    frame, where = error.__traceback__, source
    while frame is not None:
        name = Path(frame.tb_frame.f_code.co_filename)
        if name.is_relative_to(root / FOLDER):
            where = f"{name.relative_to(root)}:{frame.tb_lineno}"
        frame = frame.tb_next
    return where


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def load_templates(root: Path) -> Templates:
    """Load copier.yml and templates/ under `root`.

    Raises ConfigError with every problem found: what is wrong in the files, and every feature of Copier that syncbot
    does not implement.
    """
    root = root.resolve()
    environment = make_environment(root)
    documents = read_copier_documents(root, CONFIG)
    parsed = tuple(parse_questions(environment, documents))
    rules = tuple(rule for rule in parsed if isinstance(rule, Rule))
    problems = [found for found in parsed if isinstance(found, Diagnostic)]
    problems += check_settings(root, documents, rules)
    templates: dict[str, _Template] = {}
    specs: dict[str, TemplateSpec] = {}
    for name in template_names(root):
        try:
            templates[name], specs[name] = _load_one(root, name, environment, rules)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(*dict.fromkeys(sorted(problems)))
    return Templates(root=root, specs=specs, _rules=rules, _templates=templates)


def _load_one(
    root: Path, name: str, environment: Environment, rules: tuple[Rule, ...]
) -> tuple[_Template, TemplateSpec]:
    folder = f"{FOLDER}/{name}"
    names = tuple(rule.name for rule in rules)
    found = (*read_tree(root, f"{folder}/files", environment, names), *_shared(root, folder, environment, names))
    problems = [item for item in found if isinstance(item, Diagnostic)]
    files = tuple(item for item in found if isinstance(item, SourceFile))
    try:
        ownership = read_ownership(root, f"{folder}/ownership.yaml", files)
    except ConfigError as error:
        raise ConfigError(*problems, *error.problems) from error
    if problems:
        raise ConfigError(*problems)
    owned = frozenset(entry.path for entry in ownership.owned)
    maybe = tuple(file for file in files if any(file.possible.fullmatch(path) for path in owned))
    spec = TemplateSpec(
        name=name,
        questions={rule.name: rule.spec for rule in rules if rule.name != "template"},
        owned=ownership.owned,
        retired=ownership.retired,
    )
    return _Template(files=files, maybe_owned=maybe, owned=owned), spec


def _shared(root: Path, folder: str, environment: Environment, names: Iterable[str]) -> Iterator[Diagnostic]:
    """Problems of what stands beside `files/`: macros and the like."""
    for entry in sorted((root / folder).rglob(f"*{SUFFIX}")):
        file = entry.relative_to(root).as_posix()
        if file.startswith(f"{folder}/files/"):
            continue
        if entry.is_symlink():
            yield Diagnostic(path=file, message="symlinks are not supported in templates")
        elif entry.is_file():
            yield from template_problems(entry, file, environment, names)
