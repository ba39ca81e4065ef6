"""The files of one template: which paths they render to, and their bytes.

Never renders to a path outside the repo.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from jinja2 import Environment, Template, nodes

from syncbot.errors import ConfigError, RenderError
from syncbot.formats.diagnostics import Diagnostic, Place
from syncbot.model.files import File
from syncbot.render.budget import OverBudget, said
from syncbot.render.environment import Value, compile_value, flat, objections, variables
from syncbot.render.sources import Sources

SUFFIX = ".jinja"
ANY = "[^/].*"  # what an expression in a file name may turn into: an answer can hold a folder as well


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file of the template. `path` is fixed, or else `parts` give it from the answers, an empty part: no file.

    `body` renders the content; without it, `content` holds the bytes as they stand. `reads` are the answers that path
    and content may look at.
    """

    source: str
    path: str | None
    parts: tuple[Value, ...]
    possible: re.Pattern[str]
    mode: str
    body: Template | None
    content: File | None
    reads: frozenset[str]

    @property
    def may_be_any(self) -> bool:
        """Whether a part of its name is whatever an answer says."""
        return ANY in self.possible.pattern

    def path_for(self, answers: Mapping[str, object]) -> str | None:
        """Where these answers put the file. Raises RenderError for a path that leaves the repo."""
        if self.path is not None:
            return self.path
        parts = [str(part(answers)) for part in self.parts]
        if not all(parts):
            return None
        path = "/".join(parts)
        if not inside(path):
            raise RenderError(f"{self.source}: renders to {path!r}, which is no path inside the repository")
        return path

    def render(self, answers: Mapping[str, object]) -> File:
        if self.content is not None:
            return self.content
        assert self.body is not None
        return File(content=self.body.render(answers).encode(), mode=self.mode)


def inside(path: str) -> bool:
    """Whether `path` is relative, in its shortest form, without `..`, control characters, and not in `.git`."""
    pure = PurePosixPath(path)
    parts = pure.parts
    return (
        bool(parts)
        and str(pure) == path
        and not pure.is_absolute()
        and not {"..", ".git"} & {part.lower() for part in parts}
        and path.isprintable()
        and "\\" not in path
    )


def read_tree(
    sources: Sources, folder: str, environment: Environment, names: Iterable[str]
) -> Iterator[SourceFile | Diagnostic]:
    """Every file under `folder`, sorted, or a `Diagnostic` for what cannot be rendered as Copier would."""
    files = tuple(sources.below(folder))
    if not files:
        yield Diagnostic(path=folder, message="no such folder")
    for file in files:
        problems = tuple(_file_problems(sources, file, folder, environment, names))
        yield from problems or (_source_file(sources, file, folder, environment),)


def _source_file(sources: Sources, file: str, folder: str, environment: Environment) -> SourceFile | Diagnostic:
    relative = file.removeprefix(f"{folder}/")
    is_template = relative.endswith(SUFFIX)
    parts = PurePosixPath(relative.removesuffix(SUFFIX)).parts
    try:
        return SourceFile(
            source=file,
            path="/".join(parts) if "{" not in relative else None,
            parts=tuple(compile_value(environment, part) for part in parts),
            possible=re.compile("/".join(_possible(environment, part) for part in parts)),
            mode=sources.files[file].mode,
            body=flat(environment.get_template(file)) if is_template else None,
            content=None if is_template else sources.files[file],
            reads=_reads(environment, parts, sources.files[file].content if is_template else b""),
        )
    except Exception as error:
        return Diagnostic(path=file, message=f"cannot be compiled: {said(error)}")
    except OverBudget as error:
        raise ConfigError(Diagnostic(path=file, message=f"cannot be compiled: {said(error)}")) from error


def _reads(environment: Environment, parts: Iterable[str], body: bytes) -> frozenset[str]:
    return frozenset[str]().union(*(variables(environment, text) for text in (*parts, body.decode())))


def _file_problems(
    sources: Sources, file: str, folder: str, environment: Environment, names: Iterable[str]
) -> Iterator[Diagnostic]:
    relative = file.removeprefix(f"{folder}/")
    if set(relative) & set("'\"\\"):
        # Jinja builds some of its error messages around the template's name, and a quote in it breaks the code.
        yield Diagnostic(
            path=file, message="quotes and backslashes in a file name break Jinja; use a computed question"
        )
        return
    for part in PurePosixPath(relative.removesuffix(SUFFIX)).parts:
        for _, reason in objections(environment, part, names):
            yield Diagnostic(path=file, message=f"file name: {reason}")
    if relative.endswith(SUFFIX):
        yield from template_problems(sources, file, environment, names)
    elif f"{file}{SUFFIX}" in sources.files:
        name = PurePosixPath(file).name
        yield Diagnostic(path=file, message=f"Copier ignores this file, since {name}{SUFFIX} exists")


def template_problems(
    sources: Sources, file: str, environment: Environment, names: Iterable[str]
) -> Iterator[Diagnostic]:
    """What is wrong in the text of one Jinja file."""
    try:
        source = sources.files[file].content.decode()
    except UnicodeDecodeError as error:
        yield Diagnostic(path=file, message=f"a {SUFFIX} file has to be UTF-8: {error.reason}")
        return
    for line, reason in objections(environment, source, names):
        yield Diagnostic(path=file, place=Place(line, 1), message=reason)


def _possible(environment: Environment, part: str) -> str:
    """A regular expression of what a part of a path can render to."""
    return _outcomes(environment.parse(part).body)


def _outcomes(body: Iterable[nodes.Node]) -> str:
    return "".join(_outcome(node) for node in body)


def _outcome(node: nodes.Node) -> str:
    match node:
        case nodes.Output(nodes=inner):
            return "".join(_outcome(child) for child in inner)
        case nodes.TemplateData(data=text):
            return re.escape(text)
        case nodes.If(body=body, elif_=others, else_=otherwise):
            branches = [_outcomes(body), *(_outcomes(other.body) for other in others), _outcomes(otherwise)]
            return f"(?:{'|'.join(branches)})"
    return ANY
