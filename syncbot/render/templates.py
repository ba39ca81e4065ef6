"""The platform team's templates, loaded once and rendered for many repos, in memory.

In: copier.yml and templates/ of one folder. Out: bytes and git modes by path, the same that Copier writes.
Never touches the network, a clock or the files of a service repo.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment

from syncbot.errors import ConfigError, RenderError
from syncbot.formats.diagnostics import Diagnostic
from syncbot.model.files import File
from syncbot.model.templates import Question, TemplateSpec
from syncbot.plan.files.desired import ownable_paths
from syncbot.plan.files.lock import fits
from syncbot.render.budget import BUDGET, OUTPUT, OverBudget, said
from syncbot.render.copier_settings import check_settings
from syncbot.render.environment import make_environment
from syncbot.render.judging import Judge, Refusal
from syncbot.render.ownership_file import read_ownership
from syncbot.render.questions import Rule, leading_to, parse_questions, resolve
from syncbot.render.sources import CONFIG, FOLDER, Sources, read_sources
from syncbot.render.tree import SUFFIX, SourceFile, read_tree, template_problems
from syncbot.render.yaml_files import read_copier_documents


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owned:
    """An owned file: the path at which it is rendered, what renders to that, and the questions it depends on.

    `files` whose name as a whole is up to the answers are among them only where no other can render to that path.
    """

    path: str
    files: tuple[SourceFile, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    files: tuple[SourceFile, ...]
    maybe_owned: tuple[SourceFile, ...]
    owned: Mapping[str, _Owned]
    located: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Templates ready to render; make one with `load_templates`. What one repo may take is bounded: see `budget`.

    `tree` is the id of the git tree that holds copier.yml and templates/: equal ids render equally.
    """

    sources: Sources
    tree: str
    specs: Mapping[str, TemplateSpec]
    _rules: tuple[Rule, ...]
    _judge: Judge
    _templates: Mapping[str, _Template]
    _overruns: Counter[str] = field(default_factory=Counter)

    def render(self, template: str, answers: Mapping[str, object]) -> Mapping[str, File]:
        """Every file for these answers, owned and starters, by path.

        Raises RenderError for an unknown template, an unknown, missing or invalid answer, an undefined variable, or
        a path that leaves the repo, and for what takes too much time, memory or output.
        """
        chosen = self._chosen(template)
        with BUDGET.after(self._overruns, template):
            return _render(chosen.files, self.resolved(template, answers), chosen.owned)

    def render_owned(self, template: str, answers: Mapping[str, object]) -> Mapping[str, File]:
        """As `render`, owned files alone."""
        with BUDGET.after(self._overruns, template):
            return self.owned_files(template, self.resolved(template, answers))

    def owned_files(self, template: str, resolved: Mapping[str, object]) -> Mapping[str, File]:
        """As `render_owned`, by answers that `resolved` has completed."""
        chosen = self._chosen(template)
        with BUDGET.after(self._overruns, template):
            return _render(chosen.maybe_owned, resolved, chosen.owned, True)

    def render_file(self, template: str, path: str, answers: Mapping[str, object]) -> File | None:
        """As `render_owned`, the file at `path` alone; None where these answers render none.

        `path` may also be another location of it. Only the questions that it depends on are answered: of `answers`,
        those of `answers_read` suffice, and others are not looked at. Raises RenderError also for what is not owned.
        """
        owned = self._owned(template, path)
        given = {**answers, "template": template}
        known = {rule.name: given[rule.name] for rule in owned.rules if rule.name in given}
        with BUDGET.after(self._overruns, template):
            return _render(owned.files, resolve(owned.rules, known), {owned.path: owned}, True).get(owned.path)

    def answers_read(self, template: str, path: str) -> frozenset[str]:
        """The answers that bear on the owned file at `path`, but for secret ones: what `render_file` renders it from.

        These are what its path and content look at, and what bears on these answers in turn: by a default, a validator,
        choices or `when`. Raises RenderError for a path that is not owned.
        """
        rules = self._owned(template, path).rules
        return frozenset(rule.name for rule in rules if not rule.spec.secret and rule.name != "template")

    def resolved(self, template: str, answers: Mapping[str, object]) -> Mapping[str, object]:
        """The answers completed with every default, as the files see them.

        Raises RenderError for an unknown, missing or invalid answer.
        """
        if "template" in answers:
            raise RenderError("template: not a question of the template")
        with BUDGET.after(self._overruns, template):
            return resolve(self._rules, {"template": template, **answers})

    def refusals(self, template: str, answers: Mapping[str, object]) -> tuple[Refusal, ...]:
        """The answers that are not taken; empty also where that takes too much, which rendering then says."""
        try:
            with BUDGET.after(self._overruns, template):
                return tuple(self._judge.refusals({"template": template, **answers}))
        except RenderError:
            return ()

    def completed(
        self, template: str, answers: Mapping[str, object], names: tuple[str, ...]
    ) -> Mapping[str, object] | None:
        """These few of `resolved`, without the others; None where an answer is missing or invalid."""
        try:
            with BUDGET.after(self._overruns, template):
                return self._judge.completed({"template": template, **answers}, names)
        except RenderError:
            return None

    def _chosen(self, template: str) -> _Template:
        try:
            return self._templates[template]
        except KeyError:
            raise RenderError(f"unknown template {template!r}; there is {', '.join(self._templates)}") from None

    def _owned(self, template: str, path: str) -> _Owned:
        chosen = self._chosen(template)
        try:
            return chosen.owned[chosen.located.get(path, path)]
        except KeyError:
            raise RenderError(f"{path}: the template {template} owns no such file") from None


def _render(
    files: Iterable[SourceFile], answers: Mapping[str, object], owned: Mapping[str, _Owned], only_owned: bool = False
) -> Mapping[str, File]:
    rendered: dict[str, File] = {}
    size = 0
    for file in files:
        try:
            path = file.path_for(answers)
            at = owned.get(path or "")
            if path is None or (only_owned and at is None):
                continue
            if path in rendered:
                raise RenderError(f"{file.source}: another file renders to {path!r} as well")
            if at and file not in at.files:
                raise RenderError(f"{file.source}: renders to {path!r}, an owned path that another file is for")
            rendered[path] = file.render(answers)
            size += len(rendered[path].content)
        except RenderError:
            raise
        except (Exception, OverBudget) as error:
            raise RenderError(f"{_where(error, file.source)}: {said(error)}") from error
        if size > OUTPUT:
            raise RenderError(f"{file.source}: with this file, the repo's take more than {OUTPUT // 2**20} MB")
    return rendered


def _where(error: BaseException, source: str) -> str:
    """file:line of the innermost template line that failed."""
    frame, where = error.__traceback__, source
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename
        if name.startswith(f"{FOLDER}/"):
            # Jinja itself puts a template's lines in the place of the compiled code's, where an Exception leaves it.
            template = frame.tb_frame.f_globals.get("__jinja_template__")
            where = f"{name}:{template.get_corresponding_lineno(frame.tb_lineno) if template else frame.tb_lineno}"
        frame = frame.tb_next
    return where


def load_templates(root: Path) -> Templates:
    """Load copier.yml and templates/ under `root`.

    Raises ConfigError with every problem found: what is wrong in the files, and every feature of Copier that syncbot
    does not implement.
    """
    return compile_templates(read_sources(root))


def compile_templates(sources: Sources) -> Templates:
    """As `load_templates`, of files that were read before."""
    if sources.refused:
        raise ConfigError(*sources.refused)
    compiled = _compiled(frozenset(sources.files.items()))
    return replace(compiled, _judge=Judge(compiled._rules), _overruns=Counter())


@lru_cache(maxsize=4)
def _compiled(files: frozenset[tuple[str, File]]) -> Templates:
    # One run meets the same files again: its own, the base of a pull request, what a lock names.
    with BUDGET.longer():
        return _compile(Sources(files=dict(sorted(files)), refused=()))


def _compile(sources: Sources) -> Templates:
    environment = make_environment(sources)
    try:
        documents = read_copier_documents(sources, CONFIG)
        parsed = tuple(parse_questions(environment, documents))
    except (OverBudget, RecursionError, MemoryError) as error:
        raise ConfigError(Diagnostic(path=CONFIG, message=said(error))) from error
    rules = tuple(rule for rule in parsed if isinstance(rule, Rule))
    problems = [found for found in parsed if isinstance(found, Diagnostic)]
    problems += check_settings(sources, documents, rules)
    questions = {rule.name: rule.spec for rule in rules if rule.name != "template"}
    # Where one could not be read, nobody can say that an answer is none.
    known = None if any(isinstance(found, Diagnostic) for found in parsed) else questions
    templates: dict[str, _Template] = {}
    specs: dict[str, TemplateSpec] = {}
    for name in sources.templates:
        try:
            templates[name], specs[name] = _load_one(sources, name, environment, rules, known)
        except ConfigError as error:
            problems += error.problems
        except (OverBudget, RecursionError, MemoryError) as error:
            raise ConfigError(Diagnostic(path=f"{FOLDER}/{name}", message=said(error))) from error
    if problems:
        raise ConfigError(*dict.fromkeys(sorted(problems)))
    return Templates(
        sources=sources,
        tree=sources.tree,
        specs=specs,
        _rules=rules,
        _judge=Judge(rules),
        _templates=templates,
    )


def _load_one(
    sources: Sources,
    name: str,
    environment: Environment,
    rules: tuple[Rule, ...],
    questions: Mapping[str, Question] | None,
) -> tuple[_Template, TemplateSpec]:
    folder = f"{FOLDER}/{name}"
    names = tuple(rule.name for rule in rules)
    found = (*read_tree(sources, f"{folder}/files", environment, names), *_shared(sources, folder, environment, names))
    problems = [item for item in found if isinstance(item, Diagnostic)]
    files = tuple(item for item in found if isinstance(item, SourceFile))
    try:
        ownership = read_ownership(sources, f"{folder}/ownership.yaml", None if problems else files, questions)
    except ConfigError as error:
        raise ConfigError(*problems, *error.problems) from error
    if problems:
        raise ConfigError(*problems)
    spec = TemplateSpec(
        name=name,
        questions={rule.name: rule.spec for rule in rules if rule.name != "template"},
        owned=ownership.owned,
        retired=ownership.retired,
        moves=ownership.moves,
    )
    longest = (max((entry.path, *entry.locations), key=len) for entry in ownership.owned)
    if not fits((*longest, *ownership.retired), name, ownable_paths(spec)):
        message = "a repo's lock of 64 kB has no room for the record of so many files: own fewer, or split the template"
        raise ConfigError(Diagnostic(path=f"{folder}/ownership.yaml", message=message))
    paths = tuple(entry.path for entry in ownership.owned)
    maybe = tuple(file for file in files if any(file.possible.fullmatch(path) for path in paths))
    owned = {path: _owned(path, maybe, rules) for path in paths}
    located = {other: entry.path for entry in ownership.owned for other in entry.locations}
    return _Template(files=files, maybe_owned=maybe, owned=owned, located=located), spec


def _owned(path: str, files: Iterable[SourceFile], rules: tuple[Rule, ...]) -> _Owned:
    possible = tuple(file for file in files if file.possible.fullmatch(path))
    meant = tuple(file for file in possible if not file.may_be_any) or possible
    reads = frozenset[str]().union(*(file.reads for file in meant))
    return _Owned(path=path, files=meant, rules=leading_to(rules, reads))


def _shared(sources: Sources, folder: str, environment: Environment, names: Iterable[str]) -> Iterator[Diagnostic]:
    """Problems of what stands beside `files/`: macros and the like."""
    for file in sources.below(folder):
        if file.endswith(SUFFIX) and not file.startswith(f"{folder}/files/"):
            yield from template_problems(sources, file, environment, names)
