"""Two texts mean the same only where nothing that a person would write differs: no value, key, comment or order."""

from __future__ import annotations

from io import StringIO

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from syncbot.formats.meaning import means_the_same
from tests.formats.yaml_texts import Text

COMPOSE = """\
# Owned by the platform team.
services:
  web:
    image: "node:22" # pinned
    ports: ["8080:8080", "9090"]
    command:
      - node
      - 'server.js'
    environment: {PORT: "8080", DEBUG: "no"}
  # the database
  db: &db
    image: postgres:17
    restart: always
volumes:
"""
DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM node:22 AS build
# The lock decides.
RUN npm ci \\
    --omit=dev && echo 'a  b'
ENV GREETING hello  there
COPY --chown=node . .
CMD ["node", "server.js"]
"""
CONF = """\
# Memory
work_mem = 64MB # for sorts
log_line_prefix = '%m [%p] '
include_dir 'conf.d'
#fsync = off
"""
OWNERS = """\
# Whoever comes last wins.
*        @acme/all
/docs/   @acme/docs @dana  # both
/a\\ b   @acme/all
"""


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("docker-compose.yml", COMPOSE, COMPOSE.replace('"', "'")),
        ("a/compose.yaml", COMPOSE, COMPOSE.replace("    ", "        ").replace("  #", "     #")),
        ("compose.yml", COMPOSE, COMPOSE.replace('["8080:8080", "9090"]', '\n      - "8080:8080"\n      - "9090"')),
        ("compose.yml", COMPOSE, COMPOSE.replace("'server.js'", "server.js").replace("always", '"always"')),
        ("compose.yml", COMPOSE, f"---\n{COMPOSE}\n\n"),
        ("Dockerfile", DOCKERFILE, DOCKERFILE.replace("FROM", "from").replace("    --omit", " --omit")),
        ("worker.Dockerfile", DOCKERFILE, DOCKERFILE.replace(', "', ',"').replace("# The", "\n  #  The")),
        ("Dockerfile", DOCKERFILE, DOCKERFILE.replace("--chown=node . .", "--chown=node   .  .")),
        ("postgres/postgresql.conf", CONF, CONF.replace("work_mem = 64MB", "WORK_MEM '64MB'").replace("# M", "#M")),
        (".github/CODEOWNERS", OWNERS, OWNERS.replace("  ", " ").replace("# W", "#  W").replace("\n", "\n\n")),
        ("README.md", "a\n", "a\n"),
    ],
)
def test_a_formatters_rewrite_means_the_same(path: str, one: str, other: str) -> None:
    """Quotes, indentation, flow and block style, blank lines, spaces: nobody's line is in them."""
    assert means_the_same(path, one.encode(), other.encode())
    assert means_the_same(path, other.encode(), one.encode())


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("compose.yml", 'a: "8080"\n', "a: 8080\n"),
        ("compose.yml", "a: 'no'\n", "a: no\n"),
        ("compose.yml", "a: '12:30'\n", "a: 12:30\n"),
        ("compose.yml", "a: '2027-01-31'\n", "a: 2027-01-31\n"),
        ("compose.yml", "a: '<<'\n", "a: <<\n"),
        ("compose.yml", "a: !!str x\n", "a: x\n"),
        ("compose.yml", "a: &x y\n", "a: y\n"),
        ("compose.yml", "a: &x y\nb: *x\n", "a: &x y\nb: y\n"),
        ("compose.yml", "a: 1\nb: 2\n", "b: 2\na: 1\n"),
        ("compose.yml", "a: 1 # c\nb: 2\n", "a: 1\nb: 2 # c\n"),
        ("compose.yml", "a: | # c\n  x\n", "a: |\n  x\n"),
        ("compose.yml", "a: |\n  x\n", "a: |-\n  x\n"),
        ("compose.yml", "a: 1\n---\nb: 2\n", "a: 1\nb: 2\n"),
        ("compose.yml", "%YAML 1.1\n---\na: 1\n", "---\na: 1\n"),
        ("compose.yml", "a: 1\na: 2\n", "a:  1\na: 2\n"),
        ("compose.yml", "{", "{ "),
        ("compose.yml", "a: [1, [2]]\n", "a: [1, 2]\n"),
        ("compose.yml", "a: [&x#y z]\n", "a: [&x z] #y z\n"),
        ("Dockerfile", "ENV A b  c\n", "ENV A b c\n"),
        ("Dockerfile", 'CMD ["a"]\n', "CMD a\n"),
        ("Dockerfile", 'CMD ["1"]\n', "CMD [1]\n"),
        ("Dockerfile", 'RUN echo "a  b"\n', 'RUN echo "a b"\n'),
        ("Dockerfile", 'RUN echo "$(echo "a  b")"\n', 'RUN echo "$(echo "a b")"\n'),
        ("Dockerfile", "RUN <<EOF\na\nEOF\n", "RUN  <<EOF\na\nEOF\n"),
        ("Dockerfile", "FROM a\n?! mine\n", "FROM a\n"),
        ("Dockerfile", "# syntax=x\nFROM a\n", "\n# syntax=x\nFROM a\n"),
        ("Dockerfile", "FROM a\n", "FROM a\n# mine\n"),
        ("Dockerfile", "FROM a\n", "# mine\nFROM a\n"),
        ("Dockerfile", b"FROM a # \xff\n", b"FROM  a # \xff\n"),
        ("postgresql.conf", "a = 1\n", "a = 1 # mine\n"),
        ("postgresql.conf", "a = 1\nA = 2\n", "A = 2\na = 1\n"),
        ("postgresql.conf", "a = 'x # y'\n", "a = 'x' # y\n"),
        ("postgresql.conf", "a = '\\377'\n", "a = '\\376'\n"),
        ("CODEOWNERS", "/a @b\n", "/a @b # mine\n"),
        ("CODEOWNERS", "/a @b #\n", "/a @b\n"),
        ("CODEOWNERS", "/a @b\n/c @d\n", "/c @d\n/a @b\n"),
        ("CODEOWNERS", "!a b\n", "/a b\n"),
        ("Makefile", "a:\n\tb\n", "a:\n\tb \n"),
        ("compose.yml", "a: 1\n", None),
    ],
)
def test_what_only_looks_like_layout(path: str, one: str | bytes, other: str | bytes | None) -> None:
    """Types, tags, anchors, order, comments and their places, spaces that count; and what no reader can tell."""
    texts = [text.encode() if isinstance(text, str) else text for text in (one, other)]
    assert not means_the_same(path, *texts)
    assert not means_the_same(path, *reversed(texts))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.integers(0, 10_000), st.data())
def test_a_letter_that_a_person_changed_in_yaml(seed: int, data: st.DataObject) -> None:
    """One letter more in any word or comment of any YAML is never layout."""
    text = Text(seed).made()
    places = [place for place, letter in enumerate(text) if letter.isalnum()]
    assume(places)
    place = data.draw(st.sampled_from(places))
    assert not means_the_same("a.yml", text.encode(), f"{text[:place]}q{text[place:]}".encode())


FILES = {"Dockerfile": DOCKERFILE, "postgresql.conf": CONF, "CODEOWNERS": OWNERS, "compose.yml": COMPOSE}


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_a_letter_or_line_that_a_person_changed(path: str, data: st.DataObject) -> None:
    """A letter more or less, a line taken out, a line put in anywhere: never layout."""
    text = FILES[path]
    lines = text.splitlines(keepends=True)
    number = data.draw(st.integers(0, len(lines) - 1))
    place = data.draw(st.sampled_from([place for place, letter in enumerate(text) if letter.isalnum()]))
    changed = data.draw(
        st.sampled_from(
            [
                f"{text[:place]}7{text[place:]}",
                text[:place] + text[place + 1 :],
                "".join(lines[:number] + lines[number + 1 :]),
                "".join([*lines[:number], "# mine\n", *lines[number:]]),
            ]
        )
    )
    assert not means_the_same(path, text.encode(), changed.encode())


def test_what_another_writer_of_yaml_makes_of_it() -> None:
    """ruamel.yaml's round trip lays a text out anew: mostly it means the same, and where it does, PyYAML agrees."""
    same = 0
    for seed in range(150):
        text = Text(seed).made()
        again = _laid_out(text, indent=2 + seed % 5)
        if again is not None and means_the_same("a.yml", text.encode(), again.encode()):
            assert repr(yaml.safe_load(again)) == repr(yaml.safe_load(text))
            same += again != text
    assert same > 40


def _laid_out(text: str, indent: int) -> str | None:
    writer, out = YAML(), StringIO()
    writer.indent(mapping=indent, sequence=indent + 2, offset=2)
    try:
        writer.dump(writer.load(text), out)
        yaml.safe_load(text)
    except (YAMLError, yaml.YAMLError, ValueError):
        return None
    return out.getvalue()


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.sampled_from(sorted(FILES)), st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_can_be_compared(path: str, one: bytes, other: bytes) -> None:
    """Nothing that stands in a repo makes the comparison fall over."""
    assert means_the_same(path, one, one)
    means_the_same(path, one, other)
