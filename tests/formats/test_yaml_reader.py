"""YAML text to nodes: what each word means, where it stands, and what is said of what cannot be read."""

from __future__ import annotations

import pytest

from syncbot.formats.diagnostics import Place
from syncbot.formats.yaml import OURS, Alias, Mapping, Scalar, at, entries, followed, read_documents, read_yaml
from syncbot.formats.yaml.nodes import walk


def texts(text: str) -> list[str]:
    """What each node's span holds, in the order of the text."""
    root = read_yaml(text).root
    assert root is not None
    return [text[node.start : node.end] for node in walk(root)]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        *(("010", 10), ("1e3", 1000.0), ("on", "on"), ("NO", "NO"), ("12:30", "12:30"), ("0o17", 15), (".5", 0.5)),
        *(("0x10", 16), ("~", None), ("True", True), ("yes", "yes"), ("1_000", "1_000"), ("0b1", "0b1"), ("=", "=")),
        *(("'1'", "1"), ('"\\x41"', "A"), ("!!str 1", "1"), ("!!int '3'", 3), ("!!float 3", 3.0)),
        *(("!!bool 'true'", True), ("!!null ''", None), ("!!int 010", 10), ("!!float .5", 0.5)),
        *(("!!int true", "true"), ("!!bool 1", "1"), ("!reset null", None), ("!reset 'null'", "null"), ("! 1", "1")),
        *(("2027-01-31", "2027-01-31"), (".inf", float("inf")), ("1e999", "1e999")),
    ],
)
def test_words_mean_what_the_core_schema_says(word: str, value: object) -> None:
    """By hand from YAML 1.2, 10.3.2; a tag decides before the schema does."""
    reading = read_yaml(f"a: {word}")
    assert not reading.diagnostics
    assert reading.value == {"a": value}
    assert isinstance(reading.value, dict)
    assert type(reading.value["a"]) is type(value)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("a: b\n", ["a: b", "a", "b"]),
        ("a: &x !!str # c\n  17\n", ["a: &x !!str # c\n  17", "a", "17"]),
        ("a: !<tag:x,y> &x 17 # c\n", ["a: !<tag:x,y> &x 17", "a", "17"]),
        ("&m\n&k a: 'b'\n", ["&k a: 'b'", "a", "'b'"]),
        ("- &x\n\n  # c\n  - 1\n\n# d\n", ["- &x\n\n  # c\n  - 1", "- 1", "1"]),
        ("&x [&y a, b ] \n", ["[&y a, b ]", "a", "b"]),
        ("a: |\n  x\n\nb: >-\n  y", ["a: |\n  x\n\nb: >-\n  y", "a", "|\n  x\n\n", "b", ">-\n  y"]),
        ("a:\nb: &x\nc: !t\n", ["a:\nb: &x\nc: !t", "a", "", "b", "", "c", ""]),
        ("a:\n  ? b\nc:\n  -\n", ["a:\n  ? b\nc:\n  -", "a", "? b", "b", "", "c", "-", ""]),
        ("? a\n: - é\n  - 𝒳 y\n", ["? a\n: - é\n  - 𝒳 y", "a", "- é\n  - 𝒳 y", "é", "𝒳 y"]),
        ("\ufeffa: b\r\nc: d\r\n", ["a: b\r\nc: d", "a", "b", "c", "d"]),
    ],
)
def test_a_span_is_the_nodes_own_text(text: str, spans: list[str]) -> None:
    """Without anchor, tag, and what follows; characters count, not bytes, and a byte order mark shifts them all."""
    assert texts(text) == spans


def test_places_are_those_an_editor_shows() -> None:
    """Line and column from 1, a node's anchor and tag included; a path leads to its key, or to its item."""
    reading = read_yaml("\ufeff# é\na:\n  - &x b\n  - {c: *x}\n")
    assert reading.place() == Place(2, 1)
    assert reading.place("a") == Place(2, 1)
    assert reading.place("a", 0) == Place(3, 5)
    assert reading.place("a", 1, "c") == Place(4, 6)
    assert reading.place("a", 1, "missing", 3) == Place(4, 5)


def test_merge_keys_are_followed() -> None:
    """Own keys win wherever they stand, then the first of several; https://yaml.org/type/merge.html."""
    text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2, <<: {d: 2}}\nz:\n  <<: [*x, *y]\n  a: 0\nw: {<<: *y}\n"
    reading = read_yaml(text)
    assert isinstance(reading.value, dict)
    assert reading.value["z"] == {"a": 0, "b": 1, "c": 2, "d": 2}
    assert reading.value["w"] == {"b": 2, "c": 2, "d": 2}
    assert reading.root is not None
    merged = at(reading.root, ("z",))
    assert isinstance(merged, Mapping)
    assert merged.get("b") is None
    assert entries(merged)["c"].key.place == Place(2, 14)


def test_an_alias_is_a_node_of_its_own() -> None:
    """It stands where it is written, and `followed` gives the node it names; as a key it is that scalar."""
    reading = read_yaml("a: &x {k: 1}\nb: *x\nc: &y key\n*y : v\n")
    root = reading.root
    assert isinstance(root, Mapping)
    alias = root.by_key["b"].value
    assert isinstance(alias, Alias)
    assert (alias.name, alias.place, followed(alias)) == ("x", Place(2, 4), root.get("a"))
    assert reading.value == {"a": {"k": 1}, "b": {"k": 1}, "c": "key", "key": "v"}


def test_style_and_raw_text_are_kept() -> None:
    """Who has rules of their own, as Compose has, sees how a scalar was written."""
    root = read_yaml("- 010\n- '010'\n- \"\\x30\"\n- |\n  on\n- >-\n  on\n- !override on\n").root
    assert root is not None
    seen = [(n.text, n.style, n.tag) for n in walk(root) if isinstance(n, Scalar)]
    assert seen == [
        ("010", "", None),
        ("010", "'", None),
        ("0", '"', None),
        ("on\n", "|", None),
        ("on", ">", None),
        ("on", "", "!override"),
    ]


@pytest.mark.parametrize(
    ("text", "diagnostics"),
    [
        ("", ["f.yml:1:1: the file is empty"]),
        ("a: 1\nb: {a: 1, a: 2}\n", ["f.yml:2:11: b.a: the key is written twice; the first is on line 2"]),
        ("a: [1\nb: 2\n", ["f.yml:2:2: not valid YAML: while parsing a flow sequence (begun on line 1): did not find"]),
        ("a: *b\n", ["f.yml:1:4: *b refers to an anchor that is not defined above"]),
        ("a: &b [*b]\n", ["f.yml:1:8: *b stands inside what it refers to"]),
        ("{a: 1}: b\n", ["f.yml:1:1: a list or a mapping cannot be a key; expected a string"]),
        ("a: 1\n---\nb: 1\n", ["f.yml:2:1: a second document begins here; expected one document a file"]),
        ("a: \x07\n", ["f.yml:1:4: the character U+0007 is not allowed in YAML"]),
        ("[" * 100_000, ["f.yml:1:51: nested more than 50 deep"]),
        ("- " * 100_000, ["f.yml:1:101: nested more than 50 deep"]),
    ],
)
def test_what_cannot_be_read_is_said_and_never_raised(text: str, diagnostics: list[str]) -> None:
    """Each with its place; what makes a C parser recurse or a tree explode ends the reading."""
    found = read_yaml(text, path="f.yml").diagnostics
    assert len(found) == len(diagnostics)
    assert all(str(one).startswith(wanted) for one, wanted in zip(found, diagnostics, strict=True))


def test_bytes_have_to_be_utf_8() -> None:
    """The place of the first byte that is none is said; a byte order mark is taken away."""
    assert read_yaml(b"\xef\xbb\xbfa: 1").value == {"a": 1}
    (found,) = read_yaml(b"a: 1\nb: \xff", path="f.yml").diagnostics
    assert str(found) == "f.yml:2:4: not UTF-8: the byte 0xff"


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 60)),
        "a0: &a0 {k: 1}\n" + "".join(f"a{n}: &a{n} {{<<: *a{n - 1}}}\n" for n in range(1, 5000)),
        "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)),
    ],
    ids=["lists in lists", "merges of merges", "billion laughs"],
)
def test_aliases_make_no_tree_deeper_or_larger_than_text_may(text: str) -> None:
    """Whoever walks a tree may recurse: depth and size are limited with aliases followed."""
    reading = read_yaml(text)
    assert reading.root is None
    assert any(word in reading.diagnostics[-1].message for word in ("nested more than", "aliases repeat more than"))


@pytest.mark.parametrize(
    "text", ["a: {<<: {b: 1}}", "a: !!int 1", "1: a", "null: a", "a: &x b\n*x : 1", "%YAML 1.1\n--- a"]
)
def test_our_own_files_hold_no_surprises(text: str) -> None:
    """Merge keys, tags and keys that are no strings are refused where people write for syncbot, and only there."""
    assert read_yaml(text, dialect=OURS).diagnostics
    assert not read_yaml(text).diagnostics


def test_several_documents() -> None:
    """Anchors do not reach over a document's end, and one bad document spoils the file."""
    assert [each.value for each in read_documents("a: 1\n---\nb: 2\n---\n")] == [{"a": 1}, {"b": 2}, None]
    (reading,) = read_documents("&x a\n---\n*x\n")
    assert reading.root is None
    assert reading.diagnostics
