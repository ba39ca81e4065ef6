"""One shape for everything that is wrong: how it reads, and in which order it is shown."""

from __future__ import annotations

import random

import pytest

from syncbot.formats.diagnostics import Diagnostic, Place, Severity


@pytest.mark.parametrize(
    ("diagnostic", "text"),
    [
        (Diagnostic(message="no such repo"), "no such repo"),
        (Diagnostic(path="a.yml", message="is empty"), "a.yml: is empty"),
        (Diagnostic(path="a.yml", place=Place(3, 7), message="is empty"), "a.yml:3:7: is empty"),
        (Diagnostic(path="a.yml", place=Place(3, 7), subject="owned[1]", message="no"), "a.yml:3:7: owned[1]: no"),
        (Diagnostic(subject="work_mem", message="is set twice"), "work_mem: is set twice"),
        (Diagnostic(place=Place(3, 7), message="no"), "no"),
    ],
)
def test_it_reads_as_editors_and_compilers_write_it(diagnostic: Diagnostic, text: str) -> None:
    """`file:line:column: subject: message`, without the parts that are not known."""
    assert str(diagnostic) == text


def test_the_order_is_that_of_the_files() -> None:
    """By file, then by place with the file as a whole first, then by subject and code; the input's order is nothing."""
    wanted = [
        Diagnostic(path="a", message="z"),
        Diagnostic(path="a", place=Place(2, 9), message="z"),
        Diagnostic(path="a", place=Place(10, 1), subject="a", message="z"),
        Diagnostic(path="a", place=Place(10, 1), subject="b", code="a", message="z"),
        Diagnostic(path="a", place=Place(10, 1), subject="b", code="b", severity=Severity.NOTE, message="a"),
        Diagnostic(path="b", message="a"),
    ]
    shuffled = wanted[:]
    random.Random(1).shuffle(shuffled)
    assert shuffled != wanted
    assert sorted(shuffled) == wanted


def test_line_and_column_are_0_for_the_whole_file() -> None:
    """What JSON output and editors' formats have always said for a file as a whole."""
    assert (Diagnostic(message="x").line, Diagnostic(message="x").column) == (0, 0)
    placed = Diagnostic(path="a", place=Place(4, 2), message="x")
    assert (placed.line, placed.column) == (4, 2)
