"""Which Postgres a Compose file runs: every spelling of a table by hand, right or unknown, and never wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.formats.compose import postgres_servers_in
from syncbot.formats.images import Image, parse_image
from tests.formats.postgres_spellings import TABLE, Majors


@pytest.mark.parametrize(("text", "majors"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_major_or_unknown(text: str, majors: Majors) -> None:
    """The majors of all servers in order, None for one that is not told, and a reason with each of those."""
    servers = postgres_servers_in(text.encode())
    assert tuple(server.major for server in servers) == majors
    assert all(bool(server.why) is (server.major is None) for server in servers)


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("postgres", ("", "postgres", "", "")),
        ("postgres:17", ("", "postgres", "17", "")),
        ("acme/db:1", ("", "acme/db", "1", "")),
        ("localhost/db", ("localhost", "db", "", "")),
        ("r.example:5000/a/b/c:1.2@sha256:ab", ("r.example:5000", "a/b/c", "1.2", "sha256:ab")),
        ("r.example:5000/db", ("r.example:5000", "db", "", "")),
        ("ghcr.io/a/b@sha256:ab", ("ghcr.io", "a/b", "", "sha256:ab")),
    ],
)
def test_parts_of_a_reference(reference: str, parts: tuple[str, str, str, str]) -> None:
    """The first part is a registry by its dot, its port, or as `localhost`; a colon behind the last slash is a tag."""
    image: Image = parse_image(reference)
    assert (image.registry, image.path, image.tag, image.digest) == parts


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.binary(max_size=80) | st.text(alphabet="services: {}db,image\n&*<!$-\"'17", max_size=80).map(str.encode))
def test_any_text(content: bytes) -> None:
    """Whatever stands in the file, there is an answer."""
    assert all(server.major is None or server.major > 0 for server in postgres_servers_in(content))
