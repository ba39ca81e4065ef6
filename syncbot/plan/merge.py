"""Three-way merge of text, by lines. A conflict is an answer, never content."""

from __future__ import annotations

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
