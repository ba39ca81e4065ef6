"""YAML files of the template folder -> values with the place of each key.

What Copier reads is read as Copier reads it; what syncbot alone reads, as config/repos.yaml. Never guesses: a key that
is given twice, of which Copier would silently take the last, is an error here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from syncbot.errors import ConfigError
from syncbot.formats import yaml
from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.yaml.copier import copier_value
from syncbot.formats.yaml.nodes import Node, Scalar, followed, key_path, place_of, plain
from syncbot.render.sources import Sources

INCLUDE = "!include"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One YAML document: its value, the file it stands in, and its tree."""

    file: str
    value: object
    root: Node

    def problem(self, message: str, *path: str | int) -> Diagnostic:
        """What is wrong at the nearest known place of `path`, named by it."""
        return Diagnostic(path=self.file, place=place_of(self.root, path), subject=key_path(path), message=message)


def read_copier_documents(sources: Sources, name: str) -> tuple[Document, ...]:
    """All documents of the file `name` of `sources` as Copier reads them, those it includes in their place.

    Raises ConfigError for a missing file, invalid YAML, a key that is given twice, or an include that is a pattern,
    leaves the root or goes in circles.
    """
    return tuple(_included(sources, name, including=(name,)))


def read_document(sources: Sources, name: str) -> Document:
    """The one document of a file that syncbot alone reads. Raises ConfigError for a missing file and invalid YAML."""
    reading = yaml.read_yaml(_content(sources, name), path=name, dialect=yaml.OURS)
    if reading.root is None or reading.diagnostics:
        raise ConfigError(*reading.diagnostics)
    return Document(file=name, value=plain(reading.root), root=reading.root)


def _included(sources: Sources, name: str, including: tuple[str, ...]) -> Iterator[Document]:
    for reading in yaml.read_documents(_content(sources, name), path=name):
        if reading.root is None:
            raise ConfigError(*reading.diagnostics)
        node = followed(reading.root)
        if node.tag == INCLUDE:
            included = _include(name, node)
            if included in including:
                raise ConfigError(_at(name, node, f"{INCLUDE} {included}: includes itself"))
            yield from _included(sources, included, (*including, included))
            continue
        value = copier_value(node, path=name)
        if isinstance(value, Diagnostic):
            raise ConfigError(value)
        yield Document(file=name, value=value, root=node)


def _content(sources: Sources, name: str) -> bytes:
    file = sources.files.get(name)
    if file is None:
        raise ConfigError(Diagnostic(path=name, message="cannot be read: No such file or directory"))
    return file.content


def _include(name: str, node: Node) -> str:
    path = node.text if isinstance(node, Scalar) else ""
    if not path or set(path) & set("*?["):
        raise ConfigError(_at(name, node, f"{INCLUDE} takes the path of one file, without wildcards"))
    if path.startswith("/") or ".." in PurePosixPath(path).parts:
        raise ConfigError(_at(name, node, f"{INCLUDE} {path}: leaves the repository"))
    return path


def _at(name: str, node: Node, message: str) -> Diagnostic:
    return Diagnostic(path=name, place=node.place, message=message)
