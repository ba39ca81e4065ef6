"""How much of a file is owned: content in, content out. Never reads or writes anything."""

from __future__ import annotations

from syncbot.model.files import Ownership
from syncbot.ownership.block import MalformedBlock, find_block, marked_lines, put_block, take_block

__all__ = ["MalformedBlock", "mergeable_part", "owned_part", "with_owned_part", "without_owned_part"]


def owned_part(ownership: Ownership, content: bytes) -> bytes | None:
    """The bytes of `content` that the platform team owns, or None where it holds no such part.

    Raises MalformedBlock where a block's markers do not pair up.
    """
    match ownership:
        case Ownership.FILE:
            return content
        case Ownership.BLOCK:
            return find_block(content)


def mergeable_part(ownership: Ownership, content: bytes) -> bytes | None:
    """The owned part as a merge takes it: of a block only what stands between its markers. Raises MalformedBlock."""
    match ownership:
        case Ownership.FILE:
            return content
        case Ownership.BLOCK:
            return marked_lines(content)


def with_owned_part(ownership: Ownership, live: bytes, part: bytes) -> bytes:
    """`live` with its owned part replaced (or added); every line that is not owned stays.

    Raises MalformedBlock where a block's markers do not pair up.
    """
    match ownership:
        case Ownership.FILE:
            return part
        case Ownership.BLOCK:
            return put_block(live, part)


def without_owned_part(ownership: Ownership, live: bytes) -> bytes | None:
    """`live` without its owned part, None where nothing else is in it. Raises MalformedBlock."""
    match ownership:
        case Ownership.FILE:
            return None
        case Ownership.BLOCK:
            return take_block(live)
