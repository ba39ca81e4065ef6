"""When two changes of a file are apart: as git sees it, in both orders."""

from __future__ import annotations

import random

import pytest

from syncbot.plan.files.line_changes import composed, touch
from tests.oracle.git import Git
from tests.sweeps import FULL

_WANTED = 1000 if FULL else 300
_REPEATED = ("", "", "WORKDIR /app", "}")


def _text(chance: random.Random) -> list[str]:
    """Lines of which a third repeat others, as in files that tools read."""
    numbers = range(chance.randrange(3, 14))
    return [chance.choice(_REPEATED) if chance.random() < 0.35 else f"line {number}" for number in numbers]


def _changed(chance: random.Random, lines: list[str]) -> list[str]:
    lines = list(lines)
    for _ in range(chance.choice([1, 1, 2])):
        at, length = chance.randrange(len(lines) + 1), chance.randrange(3)
        lines[at : at + length] = [chance.choice([*_REPEATED, "x", "y", "z"]) for _ in range(chance.randrange(3))]
    return lines


def _joined(lines: list[str], chance: random.Random) -> str:
    """Now and then the last line has no end."""
    return "\n".join(lines) + ("" if chance.random() < 0.1 else "\n") if lines else ""


@pytest.mark.sweep
def test_what_does_not_touch_git_merges_in_both_orders(git: Git) -> None:
    """Where `touch` says that two changes are apart, git merges them, and to what `composed` says.

    Where most lines repeat, git may still see other changes, in one of 500; the next run mends what then conflicts.
    """
    chance, apart, differing = random.Random(11), 0, list[tuple[str, ...]]()
    while apart < _WANTED:
        lines = _text(chance)
        sides = [lines, _changed(chance, lines), _changed(chance, lines)]
        base, one, other = (_joined(each, chance) for each in sides)
        if base in (one, other) or one == other or touch(base.encode(), one.encode(), other.encode()):
            continue
        apart += 1
        both = composed(base.encode(), one.encode(), other.encode())
        assert both is not None
        if {git.merge(base, one, other), git.merge(base, other, one)} != {both.decode()}:
            differing.append((base, one, other))
    assert differing[apart // 500 :] == []


@pytest.mark.parametrize(
    ("base", "one", "other"),
    [
        ("a\nb\nc\n", "a\nx\nb\nc\n", "a\ny\nb\nc\n"),
        ("a\nb\nc\n", "a\nx\nc\n", "a\nb\ny\n"),
        ("a\n\n\nc\n", "a\n\n\n\nc\n", "a\n\n\nx\n"),
        ("a\nb\nc\n", "a\nc\n", "a\ny\nc\n"),
        ("a\n", "a\nx\n", "a\ny\n"),
    ],
    ids=["inserted in one place", "side by side", "among lines that repeat", "removed and changed", "appended"],
)
def test_what_git_does_not_merge_touches(base: str, one: str, other: str, git: Git) -> None:
    """The smallest that conflict in git."""
    assert not isinstance(git.merge(base, one, other), str | None)
    assert touch(base.encode(), one.encode(), other.encode())


def test_lines_between_keep_two_changes_apart(git: Git) -> None:
    """One unchanged line between is enough, for git as well."""
    base, one, other = "a\nb\nc\nd\n", "x\nb\nc\nd\n", "a\nb\ny\nd\n"
    assert not touch(base.encode(), one.encode(), other.encode())
    assert git.merge(base, one, other) == "x\nb\ny\nd\n"
