"""The platform team's templates, loaded once and rendered for many repos, in memory.

In: copier.yml and templates/ of one folder. Out: bytes and git modes by path, the same that Copier writes.
Never touches the network, a clock or the files of a service repo.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment

from syncbot.errors import ConfigError, RenderError
from syncbot.formats.diagnostics import Diagnostic
from syncbot.model import File, Question, TemplateSpec
from syncbot.plan.desired import ownable_paths
from syncbot.plan.lock import fits
from syncbot.render.budget import BUDGET, OUTPUT, OverBudget, said
from syncbot.render.documents import read_copier_documents
from syncbot.render.environment import make_environment
from syncbot.render.judging import Judge, Refusal
from syncbot.render.ownership_file import read_ownership
from syncbot.render.questions import Rule, parse_questions, resolve
from syncbot.render.settings import check_settings
from syncbot.render.sources import CONFIG, FOLDER, Sources, read_sources
from syncbot.render.tree import SUFFIX, SourceFile, read_tree, template_problems


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    files: tuple[SourceFile, ...]
    maybe_owned: tuple[SourceFile, ...]
    owned: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Templates ready to render; make one with `load_templates`. What one repo may take is bounded: see `budget`."""

    sources: Sources
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
            return _render(chosen.files, self.resolved(template, answers))

    def render_owned(self, template: str, answers: Mapping[str, object]) -> Mapping[str, File]:
        """As `render`, owned files alone."""
        with BUDGET.after(self._overruns, template):
            return self.owned_files(template, self.resolved(template, answers))

    def owned_files(self, template: str, resolved: Mapping[str, object]) -> Mapping[str, File]:
        """As `render_owned`, by answers that `resolved` has completed."""
        chosen = self._chosen(template)
        with BUDGET.after(self._overruns, template):
            return _render(chosen.maybe_owned, resolved, only=chosen.owned)

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


def _render(
    files: Iterable[SourceFile], answers: Mapping[str, object], only: frozenset[str] | None = None
) -> Mapping[str, File]:
    rendered: dict[str, File] = {}
    size = 0
    for file in files:
        try:
            path = file.path_for(answers)
            if path is None or (only is not None and path not in only):
                continue
            if path in rendered:
                raise RenderError(f"{file.source}: another file renders to {path!r} as well")
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
    with BUDGET:
        return _compile(sources)


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
    return Templates(sources=sources, specs=specs, _rules=rules, _judge=Judge(rules), _templates=templates)


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
    owned = frozenset(entry.path for entry in ownership.owned)
    maybe = tuple(file for file in files if any(file.possible.fullmatch(path) for path in owned))
    return _Template(files=files, maybe_owned=maybe, owned=owned), spec


def _shared(sources: Sources, folder: str, environment: Environment, names: Iterable[str]) -> Iterator[Diagnostic]:
    """Problems of what stands beside `files/`: macros and the like."""
    for file in sources.below(folder):
        if file.endswith(SUFFIX) and not file.startswith(f"{folder}/files/"):
            yield from template_problems(sources, file, environment, names)
