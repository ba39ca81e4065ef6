"""YAML text to nodes with places.

In: the text of one YAML file. Out: its tree, and every slip that does not stop the reading (duplicate keys, tags,
keys that are not strings). Built on libyaml's events, not on its composer: that recurses in C, and a file of
100,000 brackets would end the process. Never touches the disk, never runs anything a tag names.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from syncbot.config.scalars import kind, resolve
from syncbot.config.tree import Mapping, Node, Path, Place, Scalar, Sequence, quoted

MAX_DEPTH = 50
# 10,000 repos that share a list of 100 values; a "billion laughs" file passes it at once.
MAX_ALIASED_NODES = 1_000_000

_STRING_TAG = "tag:yaml.org,2002:str"
_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class Slip(NamedTuple):
    """One mistake: at which key path, where, and what is wrong."""

    path: Path
    place: Place
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The tree (None where the text is no YAML, or empty) and everything wrong with it so far."""

    root: Node | None
    slips: tuple[Slip, ...]


class _UnreadableError(Exception):
    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.slip = Slip((), place, message)


def read_yaml(text: str) -> Reading:
    """Read one document by the rules of YAML 1.2; anchors and aliases are fine, merge keys and tags are not."""
    builder = _Builder()
    try:
        _check_characters(text)
        builder.consume(YAML(typ="safe").parse(text))
    except _UnreadableError as stop:
        return Reading(root=None, slips=(*builder.slips, stop.slip))
    except YAMLError as error:
        return Reading(root=None, slips=(*builder.slips, _syntax_slip(text, error)))
    if builder.root is None and not builder.slips:
        builder.slips.append(Slip((), Place(1, 1), "the file is empty"))
    return Reading(root=builder.root, slips=tuple(builder.slips))


@dataclass(slots=True, kw_only=True)
class _Frame:
    """A collection that is still open."""

    node: Mapping | Sequence
    anchor: str | None
    key: str | None = None
    size: int = 1


@dataclass(slots=True)
class _Builder:
    """Puts nodes together from events, with an explicit stack."""

    root: Node | None = None
    slips: list[Slip] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    anchors: dict[str, tuple[Node, int] | None] = field(default_factory=dict)
    aliased: int = 0
    documents: int = 0

    def consume(self, events: Iterable[Any]) -> None:
        for event in events:
            match event:
                case ScalarEvent():
                    self._scalar(event)
                case MappingStartEvent():
                    self._open(event, Mapping({}, {}, _place(event)))
                case SequenceStartEvent():
                    self._open(event, Sequence([], _place(event)))
                case MappingEndEvent() | SequenceEndEvent():
                    self._close()
                case AliasEvent():
                    self._alias(event)
                case DocumentStartEvent():
                    self._document(event)

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise _UnreadableError(_place(event), "a second document begins here; expected one document a file")
        if event.version not in (None, (1, 2)):
            message = "this file is read by the rules of YAML 1.2; remove the %YAML line"
            raise _UnreadableError(_place(event), message)

    def _scalar(self, event: Any) -> None:
        place, text = _place(event), sys.intern(event.value)
        is_plain = event.implicit[0]
        if event.tag not in (None, "!", _STRING_TAG):
            self._refuse_tag(event)
        value = resolve(text) if is_plain and event.tag is None else text
        node = Scalar(value, place, text, not is_plain)
        if self._awaits_key():
            self._key(node)
        else:
            self._add(node, 1)
        if event.anchor:
            self.anchors[event.anchor] = (node, 1)

    def _open(self, event: Any, node: Mapping | Sequence) -> None:
        if event.tag is not None:
            self._refuse_tag(event)
        if self._awaits_key():
            raise _UnreadableError(node.place, "a list or a mapping cannot be a key; expected a string")
        if len(self.frames) >= MAX_DEPTH:
            raise _UnreadableError(node.place, f"nested more than {MAX_DEPTH} deep")
        if event.anchor:
            self.anchors[event.anchor] = None
        self.frames.append(_Frame(node=node, anchor=event.anchor))

    def _close(self) -> None:
        frame = self.frames.pop()
        if frame.anchor:
            self.anchors[frame.anchor] = (frame.node, frame.size)
        self._add(frame.node, frame.size)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            raise _UnreadableError(_place(event), f"*{event.anchor} refers to an anchor that is not defined above")
        known = self.anchors[event.anchor]
        if known is None:
            raise _UnreadableError(_place(event), f"*{event.anchor} stands inside what it refers to")
        node, size = known
        self.aliased += size
        if self.aliased > MAX_ALIASED_NODES:
            message = f"aliases repeat more than {MAX_ALIASED_NODES:,} values; write them out or use defaults"
            raise _UnreadableError(_place(event), message)
        if self._awaits_key():
            raise _UnreadableError(_place(event), "an alias cannot be a key; expected a string")
        self._add(node, size)

    def _awaits_key(self) -> bool:
        return bool(self.frames) and isinstance(self.frames[-1].node, Mapping) and self.frames[-1].key is None

    def _key(self, node: Scalar) -> None:
        frame = self.frames[-1]
        assert isinstance(frame.node, Mapping)
        frame.key = key = node.text
        if key == "<<" and not node.quoted:
            self._slip(node.place, "merge keys are not supported; write the keys out, or put them under defaults")
            return  # and its value is dropped in _add
        if not isinstance(node.value, str):
            message = f"expected a string as key, but found {kind(node.value)}; quote it: {quoted(key)}"
            self._slip(node.place, message)
        if key in frame.node.keys:
            first = frame.node.keys[key].line
            self._slip(node.place, f"the key is written twice; the first is on line {first}")
        else:
            frame.node.keys[key] = node.place

    def _add(self, node: Node, size: int) -> None:
        if not self.frames:
            self.root = node
            return
        frame = self.frames[-1]
        frame.size += size
        if isinstance(frame.node, Sequence):
            frame.node.items.append(node)
        elif frame.key is not None:
            if frame.key in frame.node.keys:
                frame.node.entries.setdefault(frame.key, node)
            frame.key = None

    def _slip(self, place: Place, message: str) -> None:
        keys = (len(f.node.items) if isinstance(f.node, Sequence) else f.key for f in self.frames)
        self.slips.append(Slip(tuple(key for key in keys if key is not None), place, message))

    def _refuse_tag(self, event: Any) -> None:
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        self._slip(_place(event), f"the tag {tag} is not supported; remove it")


def _place(event: Any) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1)


def _check_characters(text: str) -> None:
    if bad := _UNPRINTABLE.search(text, text.startswith("\ufeff")):
        before = text[: bad.start()]
        place = Place(before.count("\n") + 1, bad.start() - before.rfind("\n"))
        raise _UnreadableError(place, f"the character U+{ord(bad[0]):04X} is not allowed in YAML")


def _syntax_slip(text: str, error: YAMLError) -> Slip:
    if isinstance(error, MarkedYAMLError) and (mark := error.problem_mark) is not None:
        return Slip((), Place(mark.line + 1, mark.column + 1), _syntax_message(text, error, mark))
    return Slip((), Place(1, 1), f"not valid YAML: {' '.join(str(error).split())}")


def _syntax_message(text: str, error: MarkedYAMLError, mark: Any) -> str:
    lines = text.split("\n")
    here = lines[mark.line][mark.column : mark.column + 1] if mark.line < len(lines) else ""
    problem = str(error.problem)
    if here == "\t" and "cannot start any token" in problem:
        return "not valid YAML: a tab cannot indent; use spaces"
    if "cannot start any token" in problem:
        return f"not valid YAML: a value cannot start with {here}; quote it"
    if problem == "mapping values are not allowed in this context":
        return "not valid YAML: a second ':' on one line; quote the value if the ':' belongs to it"
    if problem == "found unexpected ':'":
        return "not valid YAML: inside {} and [] a value with ':' must be quoted"
    start = error.context_mark
    since = f" (begun on line {start.line + 1})" if start is not None and start.line != mark.line else ""
    context = f"{error.context}{since}: " if error.context else ""
    return f"not valid YAML: {context}{problem}"
