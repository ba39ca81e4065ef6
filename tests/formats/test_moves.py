"""The value of a move in a live file: every spelling of tables by hand, right or unknown, and never wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncbot.formats.move_reader import MoveReader
from syncbot.formats.moves import Unread, read_move
from syncbot.model.templates import MoveBy, MoveSpec, event
from tests.formats import move_spellings as spelled

TABLE = (
    *((MoveReader.BASE_VERSION, "node", text, value) for text, value in spelled.VERSIONS),
    *((MoveReader.BASE_VERSION, image, text, value) for image, text, value in spelled.OTHER_VERSIONS),
    *((MoveReader.BASE_SUITE, "", text, value) for text, value in spelled.SUITES),
    *((MoveReader.COMPOSE_POSTGRES, "", text, value) for text, value in spelled.SERVERS),
    *((MoveReader.PARAMETER_GROUP, "", text, value) for text, value in spelled.FAMILIES),
)


def move(reader: MoveReader, image: str = "", by: MoveBy = MoveBy.VALUE) -> MoveSpec:
    return MoveSpec(answer="a_version", label="A", path="Dockerfile", reader=reader, image=image, by=by)


@pytest.mark.parametrize(
    ("reader", "image", "text", "value"), TABLE, ids=[f"{row[0]} {row[2][:60]!r}" for row in TABLE]
)
def test_the_value_that_stands_there(reader: MoveReader, image: str, text: str, value: str) -> None:
    """What a person reads in the file is what the reader says, and nothing where a person could not tell."""
    read = read_move(move(reader, image), text.encode())
    assert (read, type(read)) == (value, type(value))


def test_the_tables_are_wide() -> None:
    """Each reader is held to at least 30 spellings, among them ones that are unknown."""
    for reader in MoveReader:
        values = [value for found, _, _, value in TABLE if found is reader]
        assert len(values) >= 30
        assert {Unread.UNKNOWN} < set(values)


TEXTS = st.binary(max_size=80) | st.text(alphabet="FROM node:2.-bkwr\n\\$@{}\"'[],servicdma&*", max_size=80).map(
    str.encode
)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.sampled_from(MoveReader), TEXTS)
def test_any_text(reader: MoveReader, content: bytes) -> None:
    """Whatever stands in the file, there is an answer, and what is read of a Dockerfile stands there to the letter."""
    read = read_move(move(reader, "node"), content)
    assert isinstance(read, Unread) or read
    if reader is MoveReader.BASE_VERSION and not isinstance(read, Unread):
        assert all(part.encode() in content for part in read.split("."))


@pytest.mark.parametrize(
    ("by", "value", "part"),
    [
        (MoveBy.VALUE, "22.11.0", "22.11.0"),
        (MoveBy.VALUE, "trixie", "trixie"),
        (MoveBy.MAJOR, "22.11.0", "22"),
        (MoveBy.MAJOR, "22", "22"),
        (MoveBy.MAJOR, "none", "none"),
        (MoveBy.MINOR, "3.12.4", "3.12"),
        (MoveBy.MINOR, "1.23", "1.23"),
        (MoveBy.MINOR, "3", "3"),
        (MoveBy.MINOR, "trixie", "trixie"),
    ],
)
def test_the_part_that_is_the_event(by: MoveBy, value: str, part: str) -> None:
    """The major, the first two numbers, or all of it; what has fewer parts is itself."""
    assert event(move(MoveReader.BASE_SUITE, by=by), value) == part
