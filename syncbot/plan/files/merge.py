"""Three-way merge of text, by lines. A conflict is an answer, never content."""

from __future__ import annotations

from difflib import SequenceMatcher

from merge3 import Merge3


def merge(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """`ours` with the changes that lead from `base` to `theirs`, or None where both changed the same lines."""
    texts = [text.splitlines(keepends=True) for text in (base, ours, theirs)]
    merged: list[bytes] = []
    for group in Merge3(texts[0], texts[1], texts[2]).merge_groups():
        if group[0] == "conflict":
            return None
        merged += group[1]
    return b"".join(merged)


def holds_change(base: bytes, ours: bytes, theirs: bytes) -> bool:
    """Whether `ours` holds all that `theirs` changed of `base`, whatever else it holds."""
    merged = merge(base, ours, theirs)
    if merged is not None:
        return merged == ours
    # Lines side by side conflict also where one of them is there as wanted.
    before, now, wanted = (text.splitlines(keepends=True) for text in (base, ours, theirs))
    return _shared(before, wanted) | _shared(now, wanted) == frozenset(range(len(wanted)))


def _shared(lines: list[bytes], others: list[bytes]) -> frozenset[int]:
    """The numbers of those of the `others` that are among the `lines`, in their order."""
    blocks = SequenceMatcher(None, lines, others, autojunk=False).get_matching_blocks()
    return frozenset(number for block in blocks for number in range(block.b, block.b + block.size))
