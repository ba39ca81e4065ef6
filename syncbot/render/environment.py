"""The Jinja environment, set up as Copier 9.19 sets up its own, and the lint that keeps templates reproducible.

Never offers what depends on the machine, the clock, chance or the order of a set: the lint refuses such names and
filters when templates are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Literal, NoReturn, cast

from jinja2 import (
    BaseLoader,
    Environment,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateRuntimeError,
    TemplateSyntaxError,
    meta,
    nodes,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic_core import to_jsonable_python

from syncbot.render.budget import OverBudget, said
from syncbot.render.sources import FOLDER, Sources

FILTERS = "jinja2_ansible_filters.AnsibleCoreFiltersExtension"
# Chance, the clock, the disk, the environment, or the order of a set.
UNREPRODUCIBLE = frozenset(
    {"ans_random", "random", "random_mac", "shuffle"}
    | {"strftime", "to_datetime"}
    | {"expanduser", "expandvars", "fileglob", "realpath", "relpath"}
    | {"intersect", "pprint", "symmetric_difference", "type_debug", "union"}
)
_PATHS: Mapping[str, type[PurePath]] = {
    "posix": PurePosixPath,
    "windows": PureWindowsPath,
    "native": PurePath,
}

_REFERENCES: tuple[type[nodes.Include | nodes.Import | nodes.FromImport], ...] = (
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
)

Value = Callable[[Mapping[str, object]], object]


class _Loader(BaseLoader):
    """Finds in `sources` and nowhere else: no name of a template leads to the disk."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        file = self._sources.files.get(template) if template.startswith(f"{FOLDER}/") else None
        if file is None:
            raise TemplateNotFound(template)
        return file.content.decode(), template, lambda: True


def make_environment(sources: Sources) -> Environment:
    """An environment whose templates are those of `sources`, by their path.

    Immutable where Copier's is not: a template that changed an answer would change the next repo's as well.
    """
    environment = ImmutableSandboxedEnvironment(
        loader=_Loader(sources),
        extensions=[FILTERS],
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
    )
    fallback = partial(to_jsonable_python, fallback=lambda value: value)
    environment.filters["to_json"] = partial(environment.filters["to_json"], default=fallback)
    # Not by the lint alone: `map` and its like take a filter's name from a value.
    environment.filters.update({name: partial(_refused, name) for name in UNREPRODUCIBLE})
    environment.globals["pathjoin"] = _pathjoin
    del environment.globals["lipsum"]  # chance
    return environment


def _refused(name: str, *_: object, **__: object) -> NoReturn:
    raise TemplateRuntimeError(_unreproducible(name))


def _unreproducible(name: str) -> str:
    return f"filter {name!r} gives another result on another machine or day"


def _pathjoin(*parts: str, mode: Literal["posix", "windows", "native"] = "posix") -> str:
    return str(_PATHS[mode](*parts))


def flat(template: Template) -> Template:
    """The template, whose globals are copied at each rendering, with a plain dictionary of them: half the time."""
    template.globals = dict(template.globals)
    return template


def compile_value(environment: Environment, value: object) -> Value:
    """A function of the answers for a value of copier.yml: strings and lists of them are templates, as in Copier."""
    if isinstance(value, str) and "{" in value:
        return cast(Value, flat(environment.from_string(value)).render)
    if isinstance(value, list):
        items = [compile_value(environment, item) for item in value]
        return lambda answers: [item(answers) for item in items]
    return lambda answers: value


def variables(environment: Environment, source: str) -> frozenset[str]:
    """The answers that a template may look at, by itself and by what it includes.

    What is imported sees them only where the import says `with context`.
    """
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [source]
    for text in waiting:
        tree = environment.parse(text)
        found |= meta.find_undeclared_variables(tree)
        for name in _seeing(tree) - seen:
            seen.add(name)
            waiting.append(_text_of(environment, name))
    return frozenset(found)


def _seeing(tree: nodes.Template) -> set[str]:
    """The files that are rendered with the answers in sight."""
    names = set()
    for node in tree.find_all(_REFERENCES):
        match node:
            case nodes.Include(template=nodes.Const(value=name), with_context=True):
                names.add(name)
            case nodes.Import(template=nodes.Const(value=name), with_context=True):
                names.add(name)
            case nodes.FromImport(template=nodes.Const(value=name), with_context=True):
                names.add(name)
    return names


def _text_of(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def objections(environment: Environment, source: str, names: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Line and reason for all in `source` that Copier would render otherwise, or otherwise each time.

    `names` are the names of the template's questions.
    """
    try:
        tree = environment.parse(source)
        undeclared = meta.find_undeclared_variables(tree)
    except TemplateSyntaxError as error:
        yield error.lineno, error.message or "syntax error"
        return
    except (Exception, OverBudget) as error:
        yield 1, said(error)
        return
    unknown = undeclared - frozenset(names)
    for node in tree.find_all((nodes.Name, nodes.Filter, nodes.Extends, *_REFERENCES)):
        reason = _objection(environment, node, unknown)
        if reason:
            yield node.lineno, reason


def _objection(environment: Environment, node: nodes.Node, unknown: set[str]) -> str | None:
    match node:
        case nodes.Name(name=name) if name in unknown:
            return f"undefined variable {name!r}: not a question of the template"
        case nodes.Filter(name=name) if name in UNREPRODUCIBLE:
            return _unreproducible(name)
        case nodes.Extends():
            return "template inheritance is not supported"
        case nodes.Include(template=target) | nodes.Import(template=target) | nodes.FromImport(template=target):
            return _reference_objection(environment, target)
    return None


def _reference_objection(environment: Environment, target: nodes.Expr) -> str | None:
    path = target.value if isinstance(target, nodes.Const) else None
    if not isinstance(path, str):
        return "an include names its file as it stands, not by an expression"
    try:
        if path.startswith("templates/") and environment.get_template(path):
            return None
    except TemplateError as error:
        return f"includes {path!r}, which cannot be read: {error}"
    return f"includes {path!r}, which is no file under templates/"
