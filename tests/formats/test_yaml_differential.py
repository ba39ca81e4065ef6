"""Generated YAML against two outside readers: PyYAML's and ruamel.yaml's own parsers, written in Python.

What they say of structure, anchors, styles, places and values is the truth that ours, built on libyaml's events, is
held against. Each text is made from its number, so that a failure can be read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
import yaml
from ruamel.yaml import YAML

from syncbot.formats.yaml import (
    Alias,
    Content,
    Mapping,
    Node,
    Scalar,
    Sequence,
    followed,
    plain,
    read_yaml,
)
from syncbot.formats.yaml.copier import copier_value
from syncbot.formats.yaml.edit import Splice, below, column, into_flow, spliced
from syncbot.formats.yaml.nodes import walk
from syncbot.formats.yaml.write import scalar
from tests.sweeps import FULL

from .yaml_texts import yaml_text

CHUNK = 100
CHUNKS = 60 if FULL else 5
# ruamel.yaml's "1.2" takes these for numbers and days, as 1.1 did; the core schema (YAML 1.2.2, 10.3.2) does not.
ONLY_RUAMEL = ("1_000", "0b11", "2027-01-31", "190:20:30", "+12")

pytestmark = pytest.mark.sweep
Record = Callable[[str, object], None]


def texts(chunk: int, record: Record) -> Iterator[tuple[str, Content]]:
    """The texts of one chunk and their trees; all of them have to be readable."""
    record("count of generated YAML texts", CHUNK)
    for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        text = yaml_text(seed)
        reading = read_yaml(text)
        assert reading.root is not None, (seed, reading.diagnostics)
        yield text, followed(reading.root)


chunks = pytest.mark.parametrize("chunk", range(CHUNKS))


def our_events(node: Node) -> Iterator[tuple[object, ...]]:
    """The tree as events: kind, anchor, tag, and style or value."""
    match node:
        case Alias(name=name):
            yield "alias", name
        case Scalar():
            yield "scalar", node.anchor, None if node.tag == "!" else node.tag, node.text, node.style
        case Mapping(pairs=pairs):
            yield "{", node.anchor, node.tag, node.is_flow
            for pair in pairs:
                yield from our_events(pair.key)
                yield from our_events(pair.value)
            yield ("end",)
        case Sequence(items=items):
            yield "[", node.anchor, node.tag, node.is_flow
            for item in items:
                yield from our_events(item)
            yield ("end",)


def pyyaml_events(text: str) -> Iterator[tuple[object, ...]]:
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        match event:
            case yaml.AliasEvent():
                yield "alias", event.anchor
            case yaml.ScalarEvent():
                yield "scalar", event.anchor, event.tag, event.value, event.style or ""
            case yaml.MappingStartEvent():
                yield "{", event.anchor, event.tag, bool(event.flow_style)
            case yaml.SequenceStartEvent():
                yield "[", event.anchor, event.tag, bool(event.flow_style)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                yield ("end",)


@chunks
def test_structure_is_what_pyyamls_parser_says(chunk: int, record_property: Record) -> None:
    """Nesting, order, anchors, aliases, tags, styles and the text of each scalar, event by event."""
    for text, root in texts(chunk, record_property):
        assert list(our_events(root)) == list(pyyaml_events(text)), text


@chunks
def test_places_are_those_of_pyyamls_tokens(chunk: int, record_property: Record) -> None:
    """A scalar's span is its token, to the character; the place of every node is that of its event."""
    for text, root in texts(chunk, record_property):
        nodes = list(walk(root))
        ours = [(node.start, node.end) for node in nodes if isinstance(node, Scalar) and node.start < node.end]
        tokens = [token for token in yaml.scan(text, Loader=yaml.SafeLoader) if isinstance(token, yaml.ScalarToken)]
        # PyYAML ends a block scalar before the blank lines that belong to it.
        theirs = [(token.start_mark.index, token.end_mark.index) for token in tokens]
        blocks = [(token.style or "") in {"|", ">"} for token in tokens]
        assert [start for start, _ in ours] == [start for start, _ in theirs], text
        for mine, other, is_block in zip(ours, theirs, blocks, strict=True):
            assert mine == other or (is_block and mine[1] >= other[1] and not text[other[1] : mine[1]].strip()), text
        starts = [
            (event.start_mark.line + 1, event.start_mark.column + 1)
            for event in yaml.parse(text, Loader=yaml.SafeLoader)
            if isinstance(event, yaml.NodeEvent)
        ]
        written = [tuple(node.place) for node in nodes]
        assert len(starts) == len(written)
        for node, mine_at, other_at in zip(nodes, written, starts, strict=True):
            assert mine_at == other_at or node.start == node.end, text


@chunks
def test_values_are_those_of_yaml_1_2(chunk: int, record_property: Record) -> None:
    """Merge keys and aliases followed, as ruamel.yaml's reader for 1.2 has them."""
    loader: Any = YAML(typ="safe", pure=True)
    compared = 0
    for text, root in texts(chunk, record_property):
        if any(word in text for word in ONLY_RUAMEL):
            continue
        compared += 1
        assert same(plain(root), loader.load(text)), text
    record_property("count of YAML texts by the core schema", compared)
    assert compared > CHUNK // 4


@chunks
def test_copier_has_the_values_that_we_give_it(chunk: int, record_property: Record) -> None:
    """What Copier reads by PyYAML, YAML 1.1 and all, is what `copier_value` makes of our tree."""
    for text, root in texts(chunk, record_property):
        assert same(copier_value(root), yaml.safe_load(text)), text


def same(left: object, right: object) -> bool:
    """Equal in type as well; mappings by their keys."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


def shape(node: Node) -> object:
    """What a node says, without where it stands, its anchor and its tag."""
    match node:
        case Alias(name=name):
            return ("*", name)
        case Scalar():
            return node.text, node.style
        case Mapping(pairs=pairs):
            return "{", node.is_flow, [(shape(pair.key), shape(pair.value)) for pair in pairs]
        case Sequence(items=items):
            return "[", node.is_flow, [shape(item) for item in items]


@chunks
def test_the_text_of_a_span_reads_as_that_node(chunk: int, record_property: Record) -> None:
    """Each node that needs no anchor from outside, cut out and moved to its column, gives itself again."""
    cut = 0
    for text, root in texts(chunk, record_property):
        for node in walk(root):
            own = text[node.start : node.end]
            if isinstance(node, Alias) or not own or any(isinstance(inner, Alias) for inner in walk(node)):
                continue
            again = read_yaml(" " * column(text, node) + own).root
            assert again is not None, (text, own)
            assert shape(again) == shape(node), (text, own)
            cut += 1
    record_property("count of YAML nodes cut out", cut)


@chunks
def test_an_edit_of_one_value_changes_its_bytes_alone(chunk: int, record_property: Record) -> None:
    """Whatever is put in the place of one value, all other nodes say what they said, and all other bytes stand."""
    edited = 0
    for number, (text, root) in enumerate(texts(chunk, record_property)):
        keys = {id(pair.key) for node in walk(root) if isinstance(node, Mapping) for pair in node.pairs}
        values = [
            (index, node)
            for index, node in enumerate(walk(root))
            if isinstance(node, Scalar) and id(node) not in keys and node.style not in {"|", ">"} and node.end
        ]
        values = [(index, node) for index, node in values if node.start < node.end]
        if not values:
            continue
        rng = Random(number)
        index, node = rng.choice(values)
        new = rng.choice(("web", "on", "10", "a: b # c", "{x", "é", ""))
        written = scalar(new)
        after = spliced(text, [Splice(node.start, node.end, written)])
        assert after.encode().startswith(text[: node.start].encode())
        assert after.encode().endswith(text[node.end :].encode())
        assert len(after) == len(text) - (node.end - node.start) + len(written)
        again = read_yaml(after).root
        assert again is not None, (text, after)
        before, now = list(walk(root)), list(walk(again))
        assert isinstance(now[index], Scalar)
        assert now[index].text == new  # type: ignore[union-attr]
        leaves = [(a, b) for a, b in zip(before, now, strict=True) if isinstance(a, Scalar | Alias)]
        assert all(shape(a) == shape(b) for a, b in leaves if a is not before[index]), (text, after)
        edited += 1
    record_property("count of YAML values edited", edited)
    assert edited > CHUNK // 2


@chunks
def test_an_item_is_added_to_any_list_or_mapping(chunk: int, record_property: Record) -> None:
    """Behind the last one, in brackets or on a line of its own; nothing is taken away, and nothing else is said."""
    added = 0
    for number, (text, root) in enumerate(texts(chunk, record_property)):
        rng = Random(number)
        nodes = [node for node in walk(root) if isinstance(node, Mapping | Sequence)]
        target = rng.randrange(len(nodes))
        node = nodes[target]
        is_list = isinstance(node, Sequence)
        if node.is_flow:
            splice = into_flow(node, ["new" if is_list else "zz: new"])
        else:
            splice = below(text, node, [" " * column(text, node) + ("- new" if is_list else "zz: new")])
        assert splice.start == splice.end
        after = spliced(text, [splice])
        again = read_yaml(after).root
        assert again is not None, (text, after)
        grown = [each for each in walk(again) if isinstance(each, Mapping | Sequence)][target]
        *_, last = walk(node)
        if node.end == len(text) and isinstance(last, Scalar) and last.style in {"|", ">"}:
            continue  # The block scalar gets the line end that it had not: whoever edits reads again, and sees it.
        assert shape(without_last(grown)) == shape(node), (text, after)
        added += 1
    record_property("count of YAML collections added to", added)


def without_last(node: Node) -> Node:
    """A collection without the item that was added; what it says of others is held as it was."""
    match node:
        case Mapping(pairs=[*pairs, last]):
            assert (shape(last.key), shape(last.value)) == (("zz", ""), ("new", ""))
            return node._replace(pairs=pairs)
        case Sequence(items=[*items, last]):
            assert shape(last) == ("new", "")
            return node._replace(items=items)
        case _:
            raise AssertionError(node)
