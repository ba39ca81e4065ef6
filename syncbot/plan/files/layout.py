"""Layout: whether what a repo holds differs from a rendering only in how it is written, as a formatter leaves it. Pure.

Then there is nobody's line in the difference: nothing to propose, and nothing to protect.
"""

from __future__ import annotations

from syncbot.formats.meaning import means_the_same
from syncbot.model.files import Ownership
from syncbot.ownership import MalformedBlock, owned_part


def says_the_same(path: str, ownership: Ownership, content: bytes | None, part: bytes | None) -> bool:
    """Whether the owned part of the content means just what `part` means."""
    try:
        held = None if content is None else owned_part(ownership, content)
    except MalformedBlock:
        return False
    return held is not None and part is not None and means_the_same(path, held, part)
