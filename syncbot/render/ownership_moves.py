"""`moves` of an ownership file -> the answers whose change is an event for the service team.

Says all that is wrong with them, each at its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from syncbot.formats.diagnostics import Diagnostic
from syncbot.formats.move_reader import MoveReader
from syncbot.model.templates import MoveBy, MoveSpec, Question
from syncbot.render.yaml_files import Document

_REQUIRED = ("answer", "label", "path", "reader")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 .+-]{0,28}[A-Za-z0-9+])?")
_IMAGE = re.compile(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*")
_PLAIN_TYPES = frozenset({"str", "int", "float"})
_Problem = tuple[tuple[str | int, ...], str]


def move_problems(document: Document, questions: Mapping[str, Question] | None) -> Iterator[Diagnostic]:
    """What is wrong with the moves of an ownership file. `questions` are None where they are not all known."""
    value = document.value
    assert isinstance(value, dict)
    moves, owned = value.get("moves") or [], _owned_paths(value)
    if not isinstance(moves, list):
        yield document.problem("expected a list of moves", "moves")
        return
    earlier: list[Mapping[object, object]] = []
    for index, entry in enumerate(moves):
        if not isinstance(entry, dict):
            yield document.problem(f"expected a mapping with {', '.join(_REQUIRED)}", "moves", index)
            continue
        for at, message in (
            *_shape_problems(entry),
            *_path_problems(entry, owned),
            *_answer_problems(entry, questions),
            *_repeated(entry, earlier),
        ):
            yield document.problem(message, "moves", index, *at)
        earlier.append(entry)


def made_move(entry: Mapping[str, Any]) -> MoveSpec:
    """The move of an entry in which nothing is wrong."""
    typed = {"reader": MoveReader(entry["reader"]), "by": MoveBy(entry.get("by", MoveBy.VALUE))}
    return MoveSpec(**{**entry, **typed, "other_paths": tuple(entry.get("other_paths", ()))})


def _one_of(members: type[StrEnum]) -> tuple[Callable[[object], bool], str]:
    return lambda value: value in tuple(members), f"expected one of {', '.join(members)}"


_IS_BOOL = (lambda value: isinstance(value, bool), "expected true or false")
_EXPECTED: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "answer": (lambda value: isinstance(value, str), "expected the name of a question"),
    "label": (
        lambda value: isinstance(value, str) and bool(_LABEL.fullmatch(value)),
        "expected what people call it, in at most 30 letters, digits, spaces, dots, dashes or plus signs",
    ),
    "path": (lambda value: isinstance(value, str), "expected the path of an owned file"),
    "other_paths": (
        lambda value: isinstance(value, list) and all(isinstance(path, str) for path in value),
        "expected a list of paths of owned files",
    ),
    "reader": _one_of(MoveReader),
    "image": (
        lambda value: isinstance(value, str) and bool(_IMAGE.fullmatch(value)),
        "expected the last part of an image's name, such as node: no registry, folder or tag",
    ),
    "by": _one_of(MoveBy),
    "whole": _IS_BOOL,
    "back": _IS_BOOL,
    "absent": (lambda value: isinstance(value, str), "expected the answer that stands for none of it, as text"),
}
"""What may stand at each key, and what is said where something else does."""


def _shape_problems(entry: Mapping[str, object]) -> Iterator[_Problem]:
    """Keys that are missing or unknown, and values that cannot stand at theirs."""
    for key in entry:
        if key not in _EXPECTED:
            yield (key,), f"unknown key; expected one of {', '.join(_EXPECTED)}"
        elif not _EXPECTED[key][0](entry[key]):
            yield (key,), _EXPECTED[key][1]
    for key in _REQUIRED:
        if key not in entry:
            yield (key,), "required, but missing"
    reads_image = entry.get("reader") == MoveReader.BASE_VERSION
    if reads_image and "image" not in entry:
        yield ("image",), f"required with {MoveReader.BASE_VERSION}, but missing"
    if "image" in entry and not reads_image:
        yield ("image",), f"only {MoveReader.BASE_VERSION} looks for an image by its name"


def _path_problems(entry: Mapping[str, object], owned: frozenset[str]) -> Iterator[_Problem]:
    """Paths that no owned file has, or that stand there twice."""
    others = entry.get("other_paths")
    paths: list[tuple[tuple[str | int, ...], object]] = [(("path",), entry.get("path"))]
    paths += [(("other_paths", number), path) for number, path in enumerate(others if isinstance(others, list) else ())]
    for number, (at, path) in enumerate(paths):
        if isinstance(path, str) and path not in owned:
            yield at, f"{path!r} is none of the owned files"
        elif isinstance(path, str) and any(path == earlier for _, earlier in paths[:number]):
            yield at, f"{path!r} is listed twice"


def _answer_problems(entry: Mapping[str, object], questions: Mapping[str, Question] | None) -> Iterator[_Problem]:
    """An answer that cannot be given, or holds more than one value; an `absent` that it does not take."""
    answer, absent = entry.get("answer"), entry.get("absent")
    if questions is None or not isinstance(answer, str):
        return
    question = questions.get(answer)
    if question is None:
        yield ("answer",), f"{answer!r} is not a question of the template"
    elif question.computed:
        yield ("answer",), f"{answer!r} follows from other answers and takes none itself"
    elif question.type not in _PLAIN_TYPES:
        yield ("answer",), f"{answer!r} is of type {question.type}: expected one of {', '.join(sorted(_PLAIN_TYPES))}"
    elif isinstance(absent, str) and question.choices and absent not in map(str, question.choices):
        yield (
            ("absent",),
            f"{absent!r} is not one of {', '.join(map(str, question.choices))}",
        )


def _repeated(entry: Mapping[str, object], earlier: list[Mapping[object, object]]) -> Iterator[_Problem]:
    for key in ("answer", "label"):
        if isinstance(entry.get(key), str) and any(other.get(key) == entry[key] for other in earlier):
            yield (key,), f"{entry[key]!r} is a move already"


def _owned_paths(value: Mapping[object, object]) -> frozenset[str]:
    owned = value.get("owned")
    paths = (entry.get("path") for entry in owned if isinstance(entry, dict)) if isinstance(owned, list) else ()
    return frozenset(path for path in paths if isinstance(path, str))
