"""Ownership `block`: a marked block that ends the file; the lines above it are the team's.

The block ends the file because in CODEOWNERS the last matching line wins. So the owned part reaches from the
begin marker to the end of the file: a line put below the block is an edit of it, and is moved above it, not lost.
"""

from __future__ import annotations

BEGIN = b"# BEGIN syncbot"
END = b"# END syncbot"


class MalformedBlock(ValueError):
    """The markers are duplicated, nested, half-deleted or in the wrong order; the text says which, and the line."""


def find_block(content: bytes) -> bytes | None:
    """From the begin marker to the end of the file, or None without markers. Raises MalformedBlock."""
    span = _span(content.splitlines(keepends=True))
    if span is None:
        return None
    return b"".join(content.splitlines(keepends=True)[span[0] :])


def marked_lines(content: bytes) -> bytes | None:
    """From the begin marker to the end marker: what to merge, since lines below are moved and not merged."""
    lines = content.splitlines(keepends=True)
    span = _span(lines)
    return None if span is None else b"".join(lines[span[0] : span[1] + 1])


def put_block(content: bytes, block: bytes) -> bytes:
    """`content` with `block` as its end, in place of the block it had. Raises MalformedBlock."""
    lines = content.splitlines(keepends=True)
    span = _span(lines)
    if span is None:
        return _separated(content) + block
    begin, end = span
    below = b"".join(lines[end + 1 :])
    if not below.strip():
        return b"".join(lines[:begin]) + block
    return _separated(b"".join(lines[:begin]).rstrip(b"\n") + b"\n" + below.strip(b"\n")) + block


def take_block(content: bytes) -> bytes | None:
    """`content` without its block, as it was before one was put there; None where nothing else is left.

    Raises MalformedBlock.
    """
    left = put_block(content, b"").rstrip(b"\n")
    return left + b"\n" if left.strip() else None


def _separated(lines: bytes) -> bytes:
    """The team's lines, each ended, and a blank line before the block follows."""
    text = lines.lstrip(b"\n") if not lines.strip() else lines
    if not text:
        return b""
    ended = text if text.endswith(b"\n") else text + b"\n"
    return ended if ended.endswith(b"\n\n") else ended + b"\n"


def _span(lines: list[bytes]) -> tuple[int, int] | None:
    begins = [number for number, line in enumerate(lines) if line.startswith(BEGIN)]
    ends = [number for number, line in enumerate(lines) if line.startswith(END)]
    if not begins and not ends:
        return None
    for name, found in (("begin", begins), ("end", ends)):
        if not found:
            raise MalformedBlock(f"the {name} marker of the syncbot block is gone")
        if len(found) > 1:
            raise MalformedBlock(f"line {found[1] + 1}: a second {name} marker of the syncbot block")
    if ends[0] < begins[0]:
        raise MalformedBlock(f"line {ends[0] + 1}: the syncbot block ends before it begins")
    return begins[0], ends[0]
