"""YAML nodes by where they begin and end in the text, so that an edit can be spliced in and every other byte stays.

In: text that `syncbot.config.reader` has accepted. Out: spans, as offsets into that text. Never judges or writes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)


@dataclass(slots=True, kw_only=True)
class Span:
    """One node. `end` is behind the last character that belongs to it, without the blank lines and comments after it.

    `column` counts from 0, `line` from 1. `children` are the items of a list; keys and values in turn of a mapping.
    `text` is a scalar's value. `is_list` and `is_flow` tell `[]` and `{}` from what is indented.
    """

    start: int
    end: int
    line: int
    column: int
    text: str | None = None
    is_list: bool = False
    is_flow: bool = False
    is_alias: bool = False
    is_json: bool = False
    children: list[Span] = field(default_factory=list)

    def value(self, key: str) -> Span | None:
        """The value of a mapping's key, or None."""
        keys, values = self.children[::2], self.children[1::2]
        return next((value for name, value in zip(keys, values, strict=True) if name.text == key), None)


def spans(text: str) -> Span:
    """The root node of the one document in the text."""
    top = Span(start=0, end=0, line=1, column=0)
    open_nodes = [top]
    for event in YAML(typ="safe").parse(text):
        match event:
            case ScalarEvent():
                span = _span(event, text=event.value, is_json=event.style == '"')
                open_nodes[-1].children.append(span)
            case AliasEvent():
                open_nodes[-1].children.append(_span(event, is_alias=True))
            case MappingStartEvent() | SequenceStartEvent():
                is_list = isinstance(event, SequenceStartEvent)
                span = _span(event, is_list=is_list, is_flow=bool(event.flow_style))
                open_nodes[-1].children.append(span)
                open_nodes.append(span)
            case MappingEndEvent() | SequenceEndEvent():
                _close(open_nodes.pop(), event)
    return top.children[0]


def _span(event: Any, **what: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(start=start.index, end=end.index, line=start.line + 1, column=start.column, **what)


def _close(span: Span, event: Any) -> None:
    """An indented node ends for the parser only where the next token begins: it ends with its last child here."""
    if span.is_flow:
        span.end = event.end_mark.index
        span.is_json = bool(span.children) and span.children[0].is_json
    else:
        span.is_json = bool(span.children) and span.children[0].is_json and not span.is_list
        # A value that was left out has no place of its own.
        written = (child.end for child in span.children if child.end > child.start)
        span.end = max(written, default=span.end)
