"""Which of several versions of a file changed it for good: what was undone later, in whole or in part, is left out.

Pure. Lines are followed through all versions; between lines that never change, each place has a history of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby

from syncbot.model.files import File


@dataclass(slots=True, kw_only=True)
class _Line:
    """A line, the versions that have it, and whether it came and went without taking another's place."""

    text: bytes
    versions: set[int] = field(default_factory=set)
    came_alone: bool = False
    went_alone: bool = False


def lasting(versions: Sequence[File | None]) -> set[int]:
    """The numbers (from 1) of the versions whose change is part of what leads from the first to the last."""
    changed = [number for number in range(1, len(versions)) if versions[number] != versions[number - 1]]
    if len(changed) < 2:
        return set(changed)
    places = _places([_lines(versions[number]) for number in (0, *changed)])
    return {changed[number - 1] for place in places for number in _without_loops(place)}


def _without_loops(values: Sequence[bytes]) -> list[int]:
    """The numbers of the values that are not left again for an earlier one: 3 alone of a, b, a, c."""
    found: list[int] = []
    number = 0
    while values:
        number = max(other for other in range(number, len(values)) if values[other] == values[number]) + 1
        if number == len(values):
            break
        found.append(number)
    return found


def _lines(file: File | None) -> list[bytes]:
    return [file.mode.encode(), *file.content.splitlines(keepends=True)] if file else []


def _places(versions: Sequence[list[bytes]]) -> Iterator[list[bytes]]:
    """What each version has in each place that is not the same in all of them."""
    lines: list[_Line] = []
    for number, texts in enumerate(versions):
        lines = _with_version(lines, number, texts)
    kept = [line for line in lines if not (line.came_alone and line.went_alone)]
    for is_constant, place in groupby(kept, key=lambda line: len(line.versions) == len(versions)):
        if not is_constant:
            there = list(place)
            yield [b"".join(line.text for line in there if number in line.versions) for number in range(len(versions))]


def _with_version(lines: Sequence[_Line], number: int, texts: Sequence[bytes]) -> list[_Line]:
    """All lines so far, with those of one more version among them."""
    there = [index for index, line in enumerate(lines) if number - 1 in line.versions]
    compared = SequenceMatcher(None, [lines[index].text for index in there], texts, autojunk=False)
    added: dict[int, list[_Line]] = {}
    for kind, start, end, first, last in compared.get_opcodes():
        for index in there[start:end]:
            if kind == "equal":
                lines[index].versions.add(number)
            else:
                lines[index].went_alone = kind == "delete"
        if kind in ("insert", "replace"):
            before = there[end - 1] + 1 if end else 0
            new = [
                _Line(text=text, versions={number}, came_alone=kind == "insert" and number > 0)
                for text in texts[first:last]
            ]
            added[before] = new
    return [line for index in range(len(lines) + 1) for line in (*added.get(index, ()), *lines[index : index + 1])]
