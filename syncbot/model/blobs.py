"""What was read of a repo: tree entries, and texts by git expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from syncbot.model.files import FILE_MODES


class NoText(StrEnum):
    """What was read in the place of a text: an object that is none (binary, too large, a folder), or no object."""

    NOT_TEXT = "not-text"
    MISSING = "missing"


Blobs = Mapping[str, bytes | NoText]
"""What was read, by git expression (`<blob id>` or `<commit id>:<path>`); what is not among them is not known."""


def text_in(blobs: Blobs, expression: str) -> bytes | None:
    """The text, None where there is none. Raises KeyError where it was not read: nothing follows from that."""
    found = blobs[expression]
    return None if isinstance(found, NoText) else found


def known_text(blobs: Blobs, expression: str) -> bytes | None:
    """The text where it was read and is one: for what only helps, such as the base of a merge."""
    return text_in(blobs, expression) if expression in blobs else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFile:
    """A tree entry on GitHub; `mode` is git's: 100644, 100755, 120000 symlink, 160000 submodule, 040000 folder."""

    id: str
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeListing:
    """Every file of a commit by path, folders left out; not `complete` where there are more than GitHub lists."""

    files: Mapping[str, LiveFile]
    complete: bool = True


def text_of(blobs: Blobs, entry: LiveFile | None) -> bytes | None:
    """The text of a tree's entry; None where there is none, or something else than a file. Raises KeyError."""
    return text_in(blobs, entry.id) if entry and entry.mode in FILE_MODES else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """Every file of three commits by path: where a branch left its base, the base now, and the branch now."""

    ancestor: Mapping[str, LiveFile]
    base: Mapping[str, LiveFile]
    branch: Mapping[str, LiveFile]
