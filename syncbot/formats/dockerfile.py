"""Dockerfiles: text in; instructions, stages and the images they begin from out. Pure.

Source: Docker's Dockerfile reference, and BuildKit's parser where that is silent. Any text can be read: what Docker
would refuse is kept as an instruction as far as it can be told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from syncbot.formats.variables import substitute

_DIRECTIVE = re.compile(r"\s*#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*")
_INSTRUCTION = re.compile(r"([A-Za-z]+)(?:\s+(.*))?", re.DOTALL)
_FLAG = re.compile(r"--[a-z][a-z0-9-]*(?:=(?:\"[^\"]*\"|'[^']*'|\S)*)?(?:\s+|\Z)")
_WORD = re.compile(r"(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|\\.|[^\s\"'\\]|[\"'\\])+", re.DOTALL)
_HEREDOC = re.compile(r"\d*<<(-?)([\"']?)([^\s<\"']+)\2")
_WITH_HEREDOC = frozenset({"RUN", "COPY", "ADD", "ONBUILD"})
# `ENV name a  b` and its like keep the spaces.
_OF_WORDS = frozenset({"FROM", "RUN", "CMD", "ENTRYPOINT", "COPY", "ADD", "EXPOSE", "VOLUME", "ARG"})
_FROM = re.compile(r"(\S+)(?:\s+AS\s+(\S+))?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction with its continuation lines joined, on which it begins, counted from 1.

    `name` is in capitals, `flags` are as written (`--from=build`), `rest` is what follows them.
    """

    line: int
    name: str
    flags: tuple[str, ...]
    rest: str

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words, or the items of a JSON list; none where what begins as a list is none."""
        if not self.rest.startswith("["):
            return tuple(_WORD.findall(self.rest))
        try:
            return tuple(str(word) for word in json.loads(self.rest))
        except (ValueError, RecursionError):
            return ()

    def flag(self, name: str) -> str | None:
        """The value of `--name=value`, empty without one; None where the flag is not given."""
        found = (flag.partition("=") for flag in self.flags)
        return next((_unquoted(value) for flag, _, value in found if flag == f"--{name}"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What one FROM begins. `instructions` has that one first.

    `image` is what stands there, with the defaults of the arguments before the first FROM put in. `base` is the earlier
    stage that it goes on from, None where it is an image.
    """

    name: str
    image: str
    base: int | None
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dockerfile:
    """All instructions in order, and the stages among them."""

    instructions: tuple[Instruction, ...]
    stages: tuple[Stage, ...]

    def base_image(self, stage: Stage) -> str:
        """The image that a stage rests on, through the stages it goes on from."""
        while stage.base is not None:
            stage = self.stages[stage.base]
        return stage.image

    @property
    def final_image(self) -> str:
        """The image that the last stage rests on, which is what is built where no target is named; empty without."""
        return self.base_image(self.stages[-1]) if self.stages else ""


def is_dockerfile(path: str) -> bool:
    """Dockerfile, Dockerfile.worker and worker.Dockerfile, in any folder; what one of them ignores is none."""
    name = path.rpartition("/")[2]
    if name.endswith(".dockerignore"):
        return False
    return name == "Dockerfile" or name.startswith("Dockerfile.") or name.endswith(".Dockerfile")


def read_dockerfile(content: bytes) -> Dockerfile:
    """Everything that stands in the file, comments left out."""
    lines = _lines(content.decode("utf-8-sig", "replace"))
    escape = _escape(_directives(lines))
    found = tuple(instruction for instruction in _instructions(lines, escape) if instruction.name)
    return Dockerfile(instructions=found, stages=tuple(_stages(found, escape)))


def meaning(content: bytes) -> tuple[object, ...] | None:
    """What the file says, in its order and without its layout, comments included; None where that cannot be told.

    Layout is the case of an instruction's name, how its lines are continued, and the spaces between words; not so where
    a shell may read words inside others (`$(…)`), which are taken as they stand. What a heredoc holds is not told.
    """
    try:
        lines = _lines(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None
    directives = _directives(lines)
    said = {
        instruction.line: (instruction.name, instruction.flags, _words(instruction))
        for instruction in _instructions(lines, _escape(directives))
    }
    comments = {
        number: (line.strip().removeprefix("#").strip(),)
        for number, line in enumerate(lines, start=1)
        if line.lstrip().startswith("#")
    }
    if any("<<" in line for line in lines):
        return None
    return (tuple(directives.items()), *(token for _, token in sorted({**said, **comments}.items())))


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")]


def _words(instruction: Instruction) -> tuple[str, ...]:
    """The words of an instruction, or all of it as one where the spaces between them may count."""
    rest = instruction.rest
    if rest.startswith("["):
        try:
            return "[", json.dumps(json.loads(rest))
        except (ValueError, RecursionError):
            return (rest,)
    if instruction.name not in _OF_WORDS or any(mark in rest for mark in ("$(", "`")):
        return (rest,)
    return tuple(_WORD.findall(rest))


def _escape(directives: Mapping[str, str]) -> str:
    return "`" if directives.get("escape") == "`" else "\\"


def _directives(lines: list[str]) -> Mapping[str, str]:
    """`# escape=` and its like: only at the very top, before any other comment, blank line or instruction."""
    found: dict[str, str] = {}
    for line in lines:
        directive = _DIRECTIVE.fullmatch(line)
        if not directive or directive[1].lower() not in {"syntax", "escape", "check"}:
            break
        found[directive[1].lower()] = directive[2]
    return found


def _instructions(lines: list[str], escape: str) -> Iterator[Instruction]:
    """The instructions; what is none has no name."""
    continued = re.compile(rf"(?:(.*[^{re.escape(escape)}])|^){re.escape(escape)}[ \t]*", re.DOTALL)
    place = 0
    while place < len(lines):
        joined, first = "", 0
        while place < len(lines):
            line, place = lines[place], place + 1
            # Comments and blank lines vanish, inside a continued instruction as well.
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            first = first or place
            more = continued.fullmatch(line)
            joined += (more[1] or "") if more else line
            if not more:
                break
        found = _INSTRUCTION.fullmatch(joined.strip())
        if found:
            instruction = _instruction(first, found[1].upper(), found[2] or "")
            place = _after_heredocs(instruction, lines, place)
            yield instruction
        elif joined:
            yield Instruction(line=first, name="", flags=(), rest=joined.strip())


def _instruction(line: int, name: str, rest: str) -> Instruction:
    flags = []
    while flag := _FLAG.match(rest):
        flags.append(flag[0].strip())
        rest = rest[flag.end() :]
    return Instruction(line=line, name=name, flags=tuple(flags), rest=rest.strip())


def _after_heredocs(instruction: Instruction, lines: list[str], place: int) -> int:
    """The line behind the texts that the instruction names with `<<NAME`, which stand one after the other."""
    words = _WORD.findall(instruction.rest) if instruction.name in _WITH_HEREDOC else ()
    for begun in filter(None, map(_HEREDOC.match, words)):
        while place < len(lines):
            line, place = lines[place], place + 1
            if (line.lstrip("\t") if begun[1] else line) == begun[3]:
                break
    return place


def _stages(instructions: tuple[Instruction, ...], escape: str) -> Iterator[Stage]:
    starts = [index for index, instruction in enumerate(instructions) if instruction.name == "FROM"]
    arguments = _arguments(instructions[: starts[0]], escape) if starts else {}
    names: dict[str, int] = {}
    for number, (start, end) in enumerate(pairwise([*starts, len(instructions)])):
        begun = _FROM.match(instructions[start].rest)
        text, name = (_unquoted(begun[1]), begun[2] or "") if begun else ("", "")
        image = substitute(text, arguments, escape=escape)
        base = names.get(image.lower())
        names |= {str(number): number} | ({name.lower(): number} if name else {})
        yield Stage(name=name, image=image, base=base, instructions=instructions[start:end])


def _arguments(instructions: tuple[Instruction, ...], escape: str) -> Mapping[str, str]:
    """The arguments before the first FROM that have a default: only these are known to a FROM."""
    found: dict[str, str] = {}
    for instruction in instructions:
        for word in instruction.arguments if instruction.name == "ARG" else ():
            name, equals, default = word.partition("=")
            if equals:
                found[name] = substitute(_unquoted(default), found, escape=escape)
    return found


def _unquoted(word: str) -> str:
    is_quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "\"'"
    return word[1:-1] if is_quoted else word
