"""What a change of templates or config does to the fleet, grouped by shape: two renderings a repo in, groups out.

Two repos have the same change where their diffs are equal once the values of their own answers are taken out. An
answer that changed itself is part of the change, and stays.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import unified_diff

from syncbot.model.files import File
from syncbot.model.templates import Question

MARK = "\N{HORIZONTAL ELLIPSIS}"
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_COMPARED = 50
"""With how many of a file's commonest shapes each further one is compared before it counts as its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One repo at one revision: the owned parts by path, and its answers as text; or why there are none."""

    files: Mapping[str, File]
    values: Mapping[str, str]
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The same change of one file in `repos`, in the fleet's order; `example` is the first one's diff.

    `kind` is changed, added, removed or mode. `plus` and `minus` count lines.
    """

    path: str
    kind: str
    plus: int
    minus: int
    repos: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The shapes, commonest first, and what could not be compared. `failed` holds (repo, side, reason)."""

    base: str
    repos: int
    shapes: tuple[Shape, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    failed: tuple[tuple[str, str, str], ...]

    @property
    def changed(self) -> int:
        """How many repos any shape touches."""
        return len({repo for shape in self.shapes for repo in shape.repos})


def answer_values(answers: Mapping[str, object], questions: Mapping[str, Question]) -> Mapping[str, str]:
    """The answers that a file holds as they stand: names, numbers, paths; choices of words decide on structure."""
    found: dict[str, str] = {}
    for name, value in answers.items():
        question = questions.get(name)
        if question and (question.choices is None or any(map(_has_digit, question.choices))):
            found |= dict(_leaves(name, value))
    return found


def compare(base: str, before: Mapping[str, Rendered], after: Mapping[str, Rendered]) -> Preview:
    """Every difference between the two renderings of each repo, by shape."""
    both = [repo for repo in after if repo in before and not (before[repo].failure or after[repo].failure)]
    varying = _varying([values for repo in both for values in (before[repo].values, after[repo].values)])
    groups: dict[tuple[str, str], dict[str, list[_Change]]] = defaultdict(lambda: defaultdict(list))
    for repo in both:
        pattern = _own_values(before[repo].values, after[repo].values, varying)
        for change in _changes(repo, before[repo].files, after[repo].files):
            text = pattern.sub(MARK, change.text) if pattern else change.text
            held = tuple(pattern.findall(change.text)) if pattern else ()
            groups[change.path, change.kind][text].append(replace(change, held=held))
    order = {repo: index for index, repo in enumerate(after)}
    shapes = [
        _shape(sorted(members, key=lambda change: order[change.repo]), before, after)
        for by_text in groups.values()
        for members in _unified(by_text)
    ]
    return Preview(
        base=base,
        repos=len(after),
        shapes=tuple(sorted(shapes, key=lambda shape: (-len(shape.repos), shape.path, shape.kind, shape.repos))),
        added=tuple(repo for repo in after if repo not in before),
        removed=tuple(repo for repo in before if repo not in after),
        failed=(*_failures(before, "base"), *_failures(after, "head")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """`text` is the bare diff, without context or line numbers; `held` the repo's own values in it, in order."""

    repo: str
    path: str
    kind: str
    text: str
    held: tuple[str, ...] = ()


def _changes(repo: str, before: Mapping[str, File], after: Mapping[str, File]) -> Iterator[_Change]:
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        if old is None or new is None:
            text = "" if new is None else new.content.decode("utf-8", "replace")
            yield _Change(repo=repo, path=path, kind="removed" if new is None else "added", text=text)
        elif old.content == new.content:
            yield _Change(repo=repo, path=path, kind="mode", text=f"{old.mode} {new.mode}")
        else:
            mode = "" if old.mode == new.mode else f"{old.mode} {new.mode}\n"
            yield _Change(repo=repo, path=path, kind="changed", text=mode + "".join(_bare(old, new)))


def _bare(old: File, new: File) -> Iterator[str]:
    lines = unified_diff(_lines(old), _lines(new), n=0)
    for index, line in enumerate(lines):
        if index >= 2:
            yield "@@\n" if line.startswith("@@") else line if line.endswith("\n") else f"{line}\\\n"


def _lines(file: File | None) -> list[str]:
    text = file.content.decode("utf-8", "replace") if file else ""
    return [line for line in re.split(r"(?<=\n)", text) if line]


# ------------------------------------------------- a repo's own values


def _varying(sets: Iterable[Mapping[str, str]]) -> frozenset[str]:
    """The answers that are not the same in all repos: where they are, they read better as they stand."""
    seen: dict[str, set[str]] = defaultdict(set)
    for values in sets:
        for name, value in values.items():
            seen[name].add(value)
    return frozenset(name for name, values in seen.items() if len(values) > 1)


def _own_values(before: Mapping[str, str], after: Mapping[str, str], varying: frozenset[str]) -> re.Pattern[str] | None:
    """Matches each value that the repo keeps in both renderings, the longest first."""
    kept = {value for name, value in after.items() if name in varying and before.get(name) == value}
    if not kept:
        return None
    return re.compile("|".join(map(_spelt, sorted(kept, key=lambda value: (-len(value), value)))), re.IGNORECASE)


def _spelt(value: str) -> str:
    """A value as files spell it: a name may have other separators than the answer has."""
    if value.replace(".", "").isdecimal():
        return rf"(?<![0-9.]){re.escape(value)}(?![0-9])"
    begin = r"(?<![A-Za-z0-9])" if value[0].isalnum() else ""
    end = r"(?![A-Za-z0-9])" if value[-1].isalnum() else ""
    if not _NAME.fullmatch(value):
        return f"{begin}{re.escape(value)}{end}"
    parts = [re.escape(part) for part in re.split(r"[._-]+", value) if part]
    return f"{begin}{'[._-]'.join(parts)}{end}" if parts else re.escape(value)


def _leaves(name: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case bool() | None | "" | "none":
            return
        case dict():
            for key, inner in value.items():
                yield from _leaves(f"{name}.{key}", inner)
        case list() | tuple():
            for index, inner in enumerate(value):
                yield from _leaves(f"{name}.{index}", inner)
        case _:
            yield name, str(value)


def _has_digit(choice: object) -> bool:
    return any(character.isdecimal() for character in str(choice))


# ------------------------------------------------- shapes


def _unified(by_text: Mapping[str, list[_Change]]) -> list[list[_Change]]:
    """The groups; two are one where they differ only in that a template's word happens to be a repo's own value."""
    shapes: list[tuple[str, re.Pattern[str], list[_Change]]] = []
    for text, members in sorted(by_text.items(), key=lambda item: (-len(item[1]), item[0])):
        pattern = _with_constants(text, members)
        for other, other_pattern, found in shapes[:_COMPARED]:
            if pattern.fullmatch(other) or other_pattern.fullmatch(text):
                found.extend(members)
                break
        else:
            shapes.append((text, pattern, list(members)))
    return [members for _, _, members in shapes]


def _with_constants(text: str, members: list[_Change]) -> re.Pattern[str]:
    """The text of a group, each mark free to be the word that all its members have there."""
    pieces = text.split(MARK)
    held = {change.held for change in members}
    constant = next(iter(held)) if len(held) == 1 else ()
    expression = re.escape(pieces[0])
    for index, piece in enumerate(pieces[1:]):
        word = f"|{re.escape(constant[index])}" if index < len(constant) else ""
        expression += f"(?:{MARK}{word}){re.escape(piece)}"
    return re.compile(expression)


def _shape(members: list[_Change], before: Mapping[str, Rendered], after: Mapping[str, Rendered]) -> Shape:
    first = members[0]
    old, new = before[first.repo].files.get(first.path), after[first.repo].files.get(first.path)
    lines = list(
        unified_diff(
            _lines(old),
            _lines(new),
            f"a/{first.path}" if old else "/dev/null",
            f"b/{first.path}" if new else "/dev/null",
        )
    )
    modes = f"old mode {old.mode}\nnew mode {new.mode}\n" if old and new and old.mode != new.mode else ""
    ended = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return Shape(
        path=first.path,
        kind=first.kind,
        plus=sum(line.startswith("+") for line in lines[2:]),
        minus=sum(line.startswith("-") for line in lines[2:]),
        repos=tuple(change.repo for change in members),
        example=modes + "".join(ended),
    )


def _failures(side: Mapping[str, Rendered], name: str) -> Iterator[tuple[str, str, str]]:
    yield from ((repo, name, rendered.failure) for repo, rendered in side.items() if rendered.failure)
