"""Changes of lines: whether two of them can be told apart, and a text with both. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher

_Change = tuple[int, int, tuple[bytes, ...]]


def _changes(base: bytes, text: bytes) -> list[_Change]:
    old, new = base.splitlines(keepends=True), text.splitlines(keepends=True)
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(i1, i2, tuple(new[j1:j2])) for tag, i1, i2, j1, j2 in codes if tag != "equal"]


def touch(base: bytes | None, one: bytes | None, other: bytes | None) -> bool:
    """Whether the lines that lead from `base` to each of them stand side by side, or in the same place.

    By ranges and not by a merge: what one tool merges, git may not.
    """
    if one == other or base in (one, other):
        return False
    if base is None or one is None or other is None:
        return True
    lines = base.splitlines(keepends=True)
    ours, theirs = ([(change, *_reach(lines, change)) for change in _changes(base, text)] for text in (one, other))
    return any(a[1] <= b[2] and b[1] <= a[2] and a[0] != b[0] for a in ours for b in theirs)


def _reach(lines: list[bytes], change: _Change) -> tuple[int, int]:
    """The lines of the base at which git may see a change: where lines repeat, it can be seen higher or lower."""
    start, end, new = change
    low, high = start, end
    if new and start != end:
        return low, high
    block = new or tuple(lines[start:end])
    while low > 0 and lines[low - 1] == block[-1 - (start - low) % len(block)]:
        low -= 1
    while high < len(lines) and lines[high] == block[(high - end) % len(block)]:
        high += 1
    return low, high


def composed(base: bytes | None, one: bytes | None, other: bytes | None) -> bytes | None:
    """`base` with the changes of both, which do not touch."""
    if base is None or one is None or other is None:
        return other if one == base else one
    lines = base.splitlines(keepends=True)
    for start, end, new in sorted({*_changes(base, one), *_changes(base, other)}, reverse=True):
        lines[start:end] = new
    return b"".join(lines)
