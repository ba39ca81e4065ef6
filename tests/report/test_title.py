"""Titles: imperative, at most 72 characters, exact about versions only where nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.plan.repo_plan import Changeset
from syncbot.plan.states import FileState
from syncbot.report.title import LIMIT, title, version_moves

from .samples import BEHIND, COMPOSE, HAND_EDITED, OWNERS, changeset, status

POSTGRES = status(
    "docker-compose.yml",
    before=b'services:\n  db:\n    image: "postgres:15"\nvolumes:\n  pgdata15: {}\n',
    after=b'services:\n  db:\n    image: "postgres:17"\nvolumes:\n  pgdata17: {}\n',
)
LONG = tuple(status(f"some/rather/long/folder/file-number-{n}.yaml", FileState.BEHIND, b"a", b"b") for n in range(4))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (changeset(BEHIND), "Move Node 18 to 22"),
        (changeset(BEHIND, POSTGRES), "Move Node 18 to 22 and Postgres 15 to 17"),
        (changeset(COMPOSE), "Update docker-compose.yml to the platform template"),
        (changeset(BEHIND, COMPOSE), "Update Dockerfile and docker-compose.yml to the platform template"),
        (changeset(HAND_EDITED), "Update Dockerfile to the platform template"),
        (changeset(OWNERS), "Restore .github/CODEOWNERS"),
        (changeset(status(state=FileState.EDITED, overwrites_edits=True)), "Restore Dockerfile"),
        (changeset(status(state=FileState.MISSING, before=None)), "Add Dockerfile"),
        (changeset(status(state=FileState.RETIRED, after=None)), "Remove Dockerfile"),
        (changeset(BEHIND, OWNERS), "Update Dockerfile, restore .github/CODEOWNERS"),
        (changeset(status(state=FileState.UNMANAGED), name="adopt"), "Adopt the platform's files"),
        (changeset(status(state=FileState.UNMANAGED), name="takeover"), "Take over Dockerfile"),
        (changeset(*LONG, name="takeover"), "Take over 4 files"),
        (changeset(*LONG), "Bring 4 files in line with the platform template"),
        (changeset(*LONG, name="adopt"), "Adopt the platform's files"),
        (changeset(LONG[0], LONG[1]), "Bring 2 files in line with the platform template"),
        (changeset(LONG[0], OWNERS), "Update file-number-0.yaml, restore CODEOWNERS"),
    ],
)
def test_titles(change: Changeset, expected: str) -> None:
    """Each kind of changeset has the title a person would give it."""
    assert title(change) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"FROM node:18\nRUN a\n", b"FROM node:22\nRUN b\n"),
        (b"FROM node:18\nENV PORT=18\nEXPOSE 18\n", b"FROM node:22\nENV PORT=18\nEXPOSE 18\n"),
        (b"FROM node:lts\n", b"FROM node:22\n"),
        (b"FROM node\n", b"FROM node:22\n"),
        (b"FROM node:22\n", b"FROM node:22\nUSER node\n"),
        (b"\xff\xfe", b"FROM node:22\n"),
    ],
)
def test_a_version_is_named_only_where_nothing_else_changes(before: bytes, after: bytes) -> None:
    """Any other change, or no version to compare, and the title does not claim a mere move."""
    assert version_moves(changeset(status(before=before, after=after))) == ()


@pytest.mark.parametrize(
    ("before", "after", "move"),
    [
        (b"FROM node:18.20-slim\n", b"FROM node:22.3-slim\n", ("Node", "18.20", "22.3")),
        (b"FROM --platform=linux/amd64 r.example:5000/node:18\n", b"", ()),
        (b"ARG V=18\nFROM node:${V}-slim\n", b"ARG V=22\nFROM node:${V}-slim\n", ("Node", "18", "22")),
    ],
)
def test_version_spellings(before: bytes, after: bytes, move: tuple[str, ...]) -> None:
    """Registries, platforms, minor versions and suffixes of a tag do not hide its version."""
    after = after or before.replace(b":18", b":22")
    expected = move or ("Node", "18", "22")
    assert version_moves(changeset(status(before=before, after=after))) == (expected,)


def test_version_of_a_service() -> None:
    """A Compose file's image, in flow style and from a mirror."""
    before, after = (b"services: {db: {image: 'r.example/library/postgres:v%d'}}\n" % major for major in (15, 17))
    moved = changeset(status("compose.yaml", before=before, after=after))
    assert version_moves(moved) == (("Postgres", "15", "17"),)


@given(
    paths=st.lists(st.text(min_size=1, max_size=90), min_size=1, max_size=5), name=st.sampled_from(["sync", "adopt"])
)
@settings(derandomize=True, deadline=None, max_examples=100)
def test_titles_are_short_and_one_line(paths: list[str], name: str) -> None:
    """No path makes a title longer than 72 characters, empty, or more than one line."""
    text = title(changeset(*(status(path, FileState.BEHIND, b"a", b"b") for path in paths), name=name))
    assert 0 < len(text) <= LIMIT
    assert len(text.splitlines()) == 1
