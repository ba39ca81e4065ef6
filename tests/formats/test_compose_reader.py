"""Compose: valid files in every style of YAML, read as PyYAML and a few plain lines read them; variables one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml  # type: ignore[import-untyped]

from syncbot.check.schema import COMPOSE, schema_findings
from syncbot.formats.compose import Compose, is_compose, read_compose
from syncbot.formats.variables import substitute
from syncbot.formats.yaml import read_yaml
from tests.formats.compose_files import generated, plainly
from tests.sweeps import FULL

FILES, CHUNK = 600, 20
CHUNKS = FILES // CHUNK if FULL else 6


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_files_are_read_as_a_plain_reading_does(chunk: int, record_property: Callable[[str, object], None]) -> None:
    """Exactly its services, images and mounts; and each file is valid by Compose's own schema, so it counts."""
    pytest.importorskip("check_jsonschema")
    for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        text = generated(seed)
        assert list(schema_findings("compose.yaml", read_yaml(text, path="compose.yaml"), COMPOSE)) == [], text
        found = read_compose(text.encode())
        assert isinstance(found, Compose), (found, text)
        services = {
            each.name: (each.image or None, tuple((mount.source, mount.target) for mount in each.mounts))
            for each in found.services
        }
        assert services == plainly(text).services, text
        assert list(services) == list(plainly(text).services)
    record_property("count of Compose files read plainly as well", CHUNK)


def test_the_generated_files_hold_what_matters() -> None:
    """Anchors, merge keys, flow style, variables, quotes, CRLF, a mark: plain files alone would prove little."""
    texts = [generated(seed) for seed in range(120)]
    for sign in ("&a", "*a", "<<:", '{"', "${", "'", "\r\n", "\ufeff", "type", "build"):
        assert sum(sign in text for text in texts) >= 5, sign
    events = [type(event).__name__ for text in texts for event in yaml.parse(text.removeprefix("\ufeff"))]
    assert {"AliasEvent", "MappingStartEvent", "SequenceStartEvent", "ScalarEvent"} <= set(events)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a", "a"),
        ("$$X", "$X"),
        ("$", "$"),
        ("$1", "$1"),
        ("a$X.b", "a\0.b"),
        ("${X}", "\0"),
        ("${X:-a}", "a"),
        ("${X-a}", "a"),
        ("${X:-}", ""),
        ("${X:-${Y:-a}b}c", "abc"),
        ("${X:-$Y}", "\0"),
        ("${X:?no}", "\0"),
        ("${X?no}", "\0"),
        ("${X:+a}", "\0"),
        ("${X+a}", "\0"),
        ("${X:-a:b/c@d}", "a:b/c@d"),
        ("${X:-$$}", "$"),
        ("${X", "\0"),
        ("${X:-a", "a"),
        ("${}", "${}"),
    ],
)
def test_variables(text: str, right: str) -> None:
    """The forms of the specification; without a default the value is unknown, and an alternative is never a default."""
    assert substitute(text) == right


def test_known_variables() -> None:
    """What the file itself gives counts before a default, an empty value only without the colon."""
    values = {"X": "1", "E": ""}
    forms = ("$X", "${X}", "${X:-2}", "${E-2}", "${E:-2}", "${X:+3}", "${E:+3}", "${E+3}", "${X:?no}")
    assert [substitute(form, values) for form in forms] == ["1", "1", "1", "", "2", "3", "\0", "3", "1"]


def test_names_of_the_file() -> None:
    """The four names that Compose takes, overrides of them, in any folder."""
    names = (
        "compose.yaml",
        "a/docker-compose.yml",
        "compose.override.yml",
        "docker-compose.yaml",
        "composed.yml",
        "x.yml",
    )
    assert [is_compose(name) for name in names] == [True, True, True, True, False, False]


def test_variables_in_each_other_without_end() -> None:
    """Fifty deep is read; far deeper, the rest of the text is unknown, and nothing overflows."""
    assert substitute("${A:-" * 50 + "17" + "}" * 50) == "17"
    assert substitute("a" + "${A:-" * 5000) == "a\0"
    assert substitute("a" + "${A" * 5000) == "a\0"
