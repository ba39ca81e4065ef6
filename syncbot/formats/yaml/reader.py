"""YAML text to nodes with places.

In: the text of a YAML file. Out: its tree, and a diagnostic for everything that is wrong: syntax, keys that are given
twice, aliases that lead nowhere, nesting and repetition beyond any use, and what the dialect refuses. Built on
libyaml's events, not on its composer: that recurses in C, and a file of 100,000 brackets would end the process. Never
raises, never runs anything a tag names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from syncbot.formats.diagnostics import Diagnostic, Place
from syncbot.formats.yaml.nodes import (
    Alias,
    Content,
    Mapping,
    Node,
    Pair,
    Path,
    Scalar,
    Sequence,
    is_merge_key,
    key_path,
    key_text,
    place_of,
    plain,
    quoted,
)
from syncbot.formats.yaml.scalars import Value, kind, resolve, resolve_with_dates
from syncbot.formats.yaml.syntax import BOM, COLON_IN_FLOW, bad_character, decoded, syntax_error

MAX_DEPTH = 50
# 10,000 repos that share a list of 100 values; a "billion laughs" file passes it at once.
MAX_ALIASED_NODES = 1_000_000

_TAG = "tag:yaml.org,2002:"
_TYPES: dict[str, tuple[type, ...]] = {
    f"{_TAG}int": (int,),
    f"{_TAG}float": (int, float),
    f"{_TAG}bool": (bool,),
    f"{_TAG}null": (NoneType,),
}
_PROPERTY = re.compile(r"(?:&[^\s,\[\]{}]+|!<[^>]*>|![^\s,\[\]{}]*)(?:\s|(?<=\s)#[^\n\r]*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a file's words are read, and whether it may hold what few people know of YAML.

    `resolve` gives the value of an unquoted scalar. Where `is_strict`, a merge key, a tag and a key that is no string
    are mistakes, since the next reader of the file would take them otherwise.
    """

    resolve: Callable[[str], Value]
    is_strict: bool


OURS = Dialect(resolve=resolve_with_dates, is_strict=True)
"""What people write for syncbot: the core schema of YAML 1.2 with days, and no surprises."""
CORE = Dialect(resolve=resolve, is_strict=False)
"""What people write for others (Compose, GitHub): YAML 1.2's core schema; tags, merge keys, any scalar as key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One document: its tree, and everything wrong with it.

    `root` is None where the text is no YAML, or empty; there is a diagnostic then. Where nodes start and end is counted
    in the text that was given, a byte order mark included.
    """

    root: Node | None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def value(self) -> object:
        """The document as dict, list or scalar; None where there is none."""
        return None if self.root is None else plain(self.root)

    def place(self, *path: str | int) -> Place | None:
        """Where `path`, or the nearest part above it that is known, is written."""
        return None if self.root is None else place_of(self.root, path)


def read_yaml(content: str | bytes, *, path: str = "", dialect: Dialect = CORE) -> Reading:
    """The one document of a file; `path` is its name in diagnostics."""
    documents, diagnostics = _read(content, path, _Builder(dialect=dialect, path=path))
    return Reading(root=documents[0] if documents else None, diagnostics=diagnostics)


def read_documents(content: str | bytes, *, path: str = "", dialect: Dialect = CORE) -> tuple[Reading, ...]:
    """Every document of a file; a single reading without root where something is wrong with any."""
    documents, diagnostics = _read(content, path, _Builder(dialect=dialect, path=path, many=True))
    if diagnostics:
        return (Reading(root=None, diagnostics=diagnostics),)
    return tuple(Reading(root=document) for document in documents)


def _read(content: str | bytes, path: str, builder: _Builder) -> tuple[list[Node], tuple[Diagnostic, ...]]:
    text = decoded(content, path=path) if isinstance(content, bytes) else content
    if isinstance(text, Diagnostic):
        return [], (text,)
    body = text.removeprefix(BOM)
    builder.text, builder.shift = body, len(text) - len(body)
    try:
        if found := bad_character(body):
            raise _UnreadableError(*found)
        builder.consume(YAML(typ="safe", pure=builder.is_pure).parse(body))
    except _UnreadableError as stop:
        return [], (*builder.diagnostics, builder.diagnostic(stop.place, stop.message))
    except YAMLError as error:
        if COLON_IN_FLOW in str(error) and not (builder.dialect.is_strict or builder.is_pure):
            # `{image: postgres:17}` is YAML 1.2, which Compose takes; the parser in C knows 1.1 alone, and is faster.
            return _read(content, path, _Builder(dialect=builder.dialect, path=path, many=builder.many, is_pure=True))
        return [], (*builder.diagnostics, builder.diagnostic(*syntax_error(body, error)))
    if not builder.documents and not builder.diagnostics:
        return [], (builder.diagnostic(Place(1, 1), "the file is empty"),)
    return builder.documents, tuple(builder.diagnostics)


class _UnreadableError(Exception):
    """Nothing can be said of the file beyond this."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place, self.message = place, message


@dataclass(slots=True, kw_only=True)
class _Frame:
    """A collection that is still open: its event, what it holds so far, how many nodes and how deep."""

    event: Any
    items: list[Node] | None = None
    pairs: list[Pair] = field(default_factory=list)
    by_key: dict[str, Pair] = field(default_factory=dict)
    key: Scalar | Alias | None = None
    name: str | None = None
    size: int = 1
    height: int = 1
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Content
    size: int
    height: int


@dataclass(slots=True, kw_only=True)
class _Builder:
    """Puts nodes together from events, with an explicit stack."""

    dialect: Dialect
    path: str
    many: bool = False
    is_pure: bool = False
    text: str = ""
    shift: int = 0
    documents: list[Node] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    anchors: dict[str, _Anchored | None] = field(default_factory=dict)
    words: dict[str, tuple[str, Value]] = field(default_factory=dict)
    aliased: int = 0
    begun: int = 0

    def consume(self, events: Iterable[Any]) -> None:
        for event in events:
            match event:
                case ScalarEvent():
                    self._scalar(event)
                case MappingStartEvent():
                    self._open(event, _Frame(event=event))
                case SequenceStartEvent():
                    self._open(event, _Frame(event=event, items=[]))
                case MappingEndEvent() | SequenceEndEvent():
                    self._close(event)
                case AliasEvent():
                    self._alias(event)
                case DocumentStartEvent():
                    self._document(event)

    def diagnostic(self, place: Place, message: str, *, code: str = "yaml", at: Path = ()) -> Diagnostic:
        return Diagnostic(path=self.path, place=place, subject=key_path(at), code=code, message=message)

    def _document(self, event: Any) -> None:
        self.begun += 1
        self.anchors.clear()
        if self.begun > 1 and not self.many:
            raise _UnreadableError(_place(event), "a second document begins here; expected one document a file")
        if self.dialect.is_strict and event.version not in (None, (1, 2)):
            raise _UnreadableError(_place(event), "this file is read by the rules of YAML 1.2; remove the %YAML line")

    def _scalar(self, event: Any) -> None:
        # A large fleet has a million scalars and few words: each word is read once, and calls are few here.
        mark, end, tag, anchor = event.start_mark, event.end_mark.index + self.shift, event.tag, event.anchor
        known = self.words.get(event.value)
        if known is None:
            known = self.words[event.value] = (event.value, self.dialect.resolve(event.value))
        text, value = known
        has_properties = anchor or tag is not None
        node = Scalar(
            value if tag is None and event.implicit[0] else text,
            text,
            event.style or "",
            tag,
            anchor,
            Place(mark.line + 1, mark.column + 1),
            min(self._start(event), end) if has_properties else mark.index + self.shift,
            end,
        )
        if tag is not None:
            node = self._tagged(node, tag)
        if anchor:
            self.anchors[anchor] = _Anchored(node, 1, 0)
        if self._awaits_key():
            self._key(node)
        else:
            self._add(node, 1, 0)

    def _open(self, event: Any, frame: _Frame) -> None:
        if event.tag is not None:
            self._refuse_tag(event.tag, _place(event))
        if self._awaits_key():
            raise _UnreadableError(_place(event), "a list or a mapping cannot be a key; expected a string")
        self._limit_depth(_place(event), 1)
        if event.anchor:
            self.anchors[event.anchor] = None
        self.frames.append(frame)

    def _close(self, end: Any) -> None:
        frame = self.frames.pop()
        event = frame.event
        start = self._start(event)
        is_flow = bool(event.flow_style)
        # An indented node ends for the parser only where the next token begins: it ends with its last child here.
        last = end.end_mark.index + self.shift if is_flow else max(start, frame.end)
        common = (is_flow, event.tag, event.anchor, _place(event), start, last)
        node: Content
        node = Mapping(frame.pairs, frame.by_key, *common) if frame.items is None else Sequence(frame.items, *common)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(node, frame.size, frame.height)
        self._add(node, frame.size, frame.height)

    def _alias(self, event: Any) -> None:
        place = _place(event)
        if event.anchor not in self.anchors:
            raise _UnreadableError(place, f"*{event.anchor} refers to an anchor that is not defined above")
        known = self.anchors[event.anchor]
        if known is None:
            raise _UnreadableError(place, f"*{event.anchor} stands inside what it refers to")
        self.aliased += known.size
        if self.aliased > MAX_ALIASED_NODES:
            raise _UnreadableError(
                place, f"aliases repeat more than {MAX_ALIASED_NODES:,} values; write them out or use defaults"
            )
        start, end = event.start_mark.index + self.shift, event.end_mark.index + self.shift
        node = Alias(event.anchor, known.node, place, start, end)
        if not self._awaits_key():
            self._limit_depth(place, known.height)
            self._add(node, known.size, known.height)
        elif self.dialect.is_strict or not isinstance(known.node, Scalar):
            raise _UnreadableError(place, "an alias cannot be a key; expected a string")
        else:
            self._key(node)

    def _limit_depth(self, place: Place, height: int) -> None:
        if len(self.frames) + height > MAX_DEPTH:
            raise _UnreadableError(place, f"nested more than {MAX_DEPTH} deep")

    def _awaits_key(self) -> bool:
        return bool(self.frames) and self.frames[-1].items is None and self.frames[-1].key is None

    def _key(self, node: Scalar | Alias) -> None:
        frame = self.frames[-1]
        frame.key = node
        frame.end = node.end
        name = node.text if isinstance(node, Scalar) else key_text(node)
        if name == "<<" and is_merge_key(node):
            frame.name = None
            if self.dialect.is_strict:
                self._report(node.place, "merge keys are not supported; write the keys out, or put them under defaults")
            return
        frame.name = name
        if self.dialect.is_strict and isinstance(node, Scalar) and not isinstance(node.value, str):
            self._report(
                node.place, f"expected a string as key, but found {kind(node.value)}; quote it: {quoted(name)}"
            )
        if name in frame.by_key:
            first = frame.by_key[name].key.place.line
            self._report(
                node.place, f"the key is written twice; the first is on line {first}", code="yaml-duplicate-key"
            )

    def _add(self, node: Node, size: int, height: int) -> None:
        if not self.frames:
            self.documents.append(node)
            return
        frame = self.frames[-1]
        frame.size += size
        if height >= frame.height:
            frame.height = height + 1
        if node.end > node.start or not self._stands_elsewhere(node):
            frame.end = node.end
        if frame.items is not None:
            frame.items.append(node)
        elif frame.key is not None:
            pair = Pair(frame.key, node)
            frame.key = None
            frame.pairs.append(pair)
            if frame.name is not None:
                frame.by_key.setdefault(frame.name, pair)

    def _stands_elsewhere(self, node: Node) -> bool:
        """Whether nothing is written for a value and the parser has it at the next token, as behind `? key`."""
        if not isinstance(node, Scalar) or node.anchor or node.tag:
            return False
        end = node.end - self.shift
        return self.text[end - 1 : end] not in (":", "-")

    def _start(self, event: Any) -> int:
        """Where the node's own text begins, behind its anchor and tag, which stand in either order."""
        start: int = event.start_mark.index
        for _ in range(bool(event.anchor) + (event.tag is not None)):
            if found := _PROPERTY.match(self.text, start):
                start = found.end()
        return start + self.shift

    def _report(self, place: Place, message: str, *, code: str = "yaml") -> None:
        at = tuple(part for part in map(_standing, self.frames) if part is not None)
        self.diagnostics.append(self.diagnostic(place, message, code=code, at=at))

    def _tagged(self, node: Scalar, tag: str) -> Scalar:
        """The scalar as its tag wants it: `!!int "3"` is 3, and `!reset null` what it is without that tag."""
        if tag in ("!", f"{_TAG}str"):
            return node
        self._refuse_tag(tag, node.place)
        if self.dialect.is_strict:
            return node
        value = resolve(node.text)
        if tag not in _TYPES:
            return node._replace(value=value) if node.is_plain else node
        fits = isinstance(value, _TYPES[tag]) and (tag == f"{_TAG}bool") == isinstance(value, bool)
        if fits and tag == f"{_TAG}float" and isinstance(value, int):
            value = float(value)
        return node._replace(value=value) if fits else node

    def _refuse_tag(self, tag: str, place: Place) -> None:
        if self.dialect.is_strict:
            self._report(place, f"the tag {tag.replace(_TAG, '!!')} is not supported; remove it")


def _standing(frame: _Frame) -> str | int | None:
    """Which key or item of an open collection is being read."""
    if frame.items is not None:
        return len(frame.items)
    return None if frame.key is None else key_text(frame.key)


def _place(event: Any) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1)
