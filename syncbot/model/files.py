"""Files as git has them: content, modes and ids; and which of a path syncbot owns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LOCK_PATH = ".github/syncbot.lock"

REGULAR = "100644"

EXECUTABLE = "100755"

FILE_MODES = (REGULAR, EXECUTABLE)

SYMLINK = "120000"

SUBMODULE = "160000"

FOLDER = "040000"


def blob_id(content: bytes) -> str:
    """The id git gives these bytes: 40 hex digits of sha1("blob <len>\\0" + content)."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileId:
    """What identifies a file's content and mode: a blob id (40 hex) and a git mode (`100644`, `100755`)."""

    id: str
    mode: str


def tree_id(files: Mapping[str, FileId]) -> str:
    """The id git gives the tree that holds these by their path: 40 hex digits of sha1("tree <len>\\0" + entries).

    A folder may stand for what is in it, by its own id and the mode `FOLDER`.
    """
    entries: dict[bytes, FileId] = {}
    below: dict[str, dict[str, FileId]] = {}
    for path, file in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            below.setdefault(name, {})[rest] = file
        else:
            entries[name.encode("utf-8", "surrogateescape")] = file
    for name, inner in below.items():
        entries[name.encode("utf-8", "surrogateescape")] = FileId(id=tree_id(inner), mode=FOLDER)
    # Sorted as git sorts: a folder's name as if a slash stood behind it.
    ordered = sorted(entries.items(), key=lambda item: item[0] + b"/" * (item[1].mode == FOLDER))
    content = b"".join(
        b"%s %s\0%s" % (entry.mode.lstrip("0").encode(), name, bytes.fromhex(entry.id)) for name, entry in ordered
    )
    return hashlib.sha1(b"tree %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A regular file's bytes and git mode (`100644` or `100755`)."""

    content: bytes
    mode: str = REGULAR

    @property
    def file_id(self) -> FileId:
        return FileId(id=blob_id(self.content), mode=self.mode)


class Ownership(StrEnum):
    """How much of a path the platform team owns: all of it, or a marked block at its end."""

    FILE = "file"
    BLOCK = "block"
