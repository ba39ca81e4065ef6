"""YAML files of the template folder -> values with the place of each key, as PyYAML (Copier's reader) sees them.

Never guesses: a duplicate key, which PyYAML would silently let win, is an error here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from syncbot.errors import ConfigError, Problem

KeyPath = tuple[str | int, ...]
INCLUDE = "!include"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One YAML document: its value, the file it stands in, and line and column (from 1) of each key or item."""

    file: str
    value: object
    marks: Mapping[KeyPath, tuple[int, int]] = field(default_factory=dict)

    def problem(self, message: str, *path: str | int) -> Problem:
        """A `Problem` at the nearest known place of `path`, named by it."""
        known = next((path[:n] for n in range(len(path), -1, -1) if path[:n] in self.marks), ())
        line, column = self.marks.get(known, (0, 0))
        return Problem(file=self.file, line=line, column=column, key=dotted(path), message=message)


def dotted(path: KeyPath) -> str:
    """`("owned", 1, "path")` as people write it: `owned[1].path`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def read_documents(root: Path, name: str) -> tuple[Document, ...]:
    """All documents of the file `name` under `root`, those it includes in their place.

    Raises ConfigError for a missing file, invalid YAML, a duplicate key, or an include that is a pattern, leaves
    the root or goes in circles.
    """
    return tuple(_documents(root, name, including=(name,)))


def _documents(root: Path, name: str, including: tuple[str, ...]) -> Iterator[Document]:
    for node, loader in _nodes(root, name):
        if node.tag == INCLUDE:
            included = _included(root, name, node)
            if included in including:
                raise ConfigError(_at(name, node, f"{INCLUDE} {included}: includes itself"))
            yield from _documents(root, included, (*including, included))
            continue
        marks: dict[KeyPath, tuple[int, int]] = {(): _mark(node)}
        duplicates = tuple(_collect(name, node, (), marks))
        if duplicates:
            raise ConfigError(*duplicates)
        yield Document(file=name, value=_construct(name, loader, node), marks=marks)


def _nodes(root: Path, name: str) -> Iterator[tuple[yaml.Node, yaml.SafeLoader]]:
    try:
        loader = yaml.SafeLoader((root / name).read_bytes())
        while loader.check_node():
            yield loader.get_node(), loader
    except OSError as error:
        raise ConfigError(Problem(file=name, message=f"cannot be read: {error.strerror}")) from error
    except yaml.YAMLError as error:
        raise ConfigError(_yaml_problem(name, error)) from error


def _construct(name: str, loader: yaml.SafeLoader, node: yaml.Node) -> object:
    try:
        return loader.construct_document(node)
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(_yaml_problem(name, error)) from error


def _yaml_problem(name: str, error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    said = getattr(error, "problem", None) or str(error).splitlines()[0]
    return Problem(file=name, line=line, column=column, message=f"not valid YAML: {said}")


def _included(root: Path, name: str, node: yaml.Node) -> str:
    path = str(node.value)
    if not isinstance(node, yaml.ScalarNode) or not path or set(path) & set("*?["):
        raise ConfigError(_at(name, node, f"{INCLUDE} takes the path of one file, without wildcards"))
    target = (root / path).resolve()
    if path.startswith("/") or not target.is_relative_to(root.resolve()):
        raise ConfigError(_at(name, node, f"{INCLUDE} {path}: leaves the repository"))
    return path


def _collect(name: str, node: yaml.Node, path: KeyPath, marks: dict[KeyPath, tuple[int, int]]) -> Iterator[Problem]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            if here in marks:
                yield Problem(
                    file=name,
                    line=_mark(key)[0],
                    column=_mark(key)[1],
                    key=dotted(here),
                    message=f"duplicate key; first given on line {marks[here][0]}",
                )
            marks.setdefault(here, _mark(key))
            yield from _collect(name, value, here, marks)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            marks[(*path, index)] = _mark(value)
            yield from _collect(name, value, (*path, index), marks)


def _mark(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _at(name: str, node: yaml.Node, message: str) -> Problem:
    line, column = _mark(node)
    return Problem(file=name, line=line, column=column, message=message)
