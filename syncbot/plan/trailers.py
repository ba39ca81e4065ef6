"""What a bot commit says of itself, in its message's trailers: the only memory there is of what was proposed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from syncbot.model import FileId

Proposed = Mapping[str, FileId | None]
_TRAILER = re.compile(r"^Syncbot-(Changeset|Digest|File): (.+)$", re.MULTILINE)
_FILE = re.compile(r"(?:(100644|100755) ([0-9a-f]{40})|removed) (.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailers:
    """The changeset's name, the digest of its desired content, and that content by path (None: its removal)."""

    changeset: str
    digest: str
    proposed: Proposed


def digest(proposed: Proposed) -> str:
    """64 hex digits that change exactly when the desired content of a changeset does."""
    lines = "".join(f"{_file_line(path, proposed[path])}\n" for path in sorted(proposed))
    return hashlib.sha256(lines.encode()).hexdigest()


def format_trailers(changeset: str, proposed: Proposed) -> str:
    """The trailer block of a commit message; `parse_trailers` of it gives the same values."""
    files = (f"Syncbot-File: {_file_line(path, proposed[path])}" for path in sorted(proposed))
    return "\n".join((f"Syncbot-Changeset: {changeset}", f"Syncbot-Digest: {digest(proposed)}", *files))


def parse_trailers(message: str) -> Trailers | None:
    """The trailers of a commit message, or None where it carries none or they contradict each other."""
    changeset, claimed, proposed = "", "", dict[str, FileId | None]()
    for key, value in _TRAILER.findall(message):
        match key:
            case "Changeset":
                changeset = value
            case "Digest":
                claimed = value
            case _:
                proposed.update(_parse_file(value))
    if not changeset or claimed != digest(proposed):
        return None
    return Trailers(changeset=changeset, digest=claimed, proposed=proposed)


def _file_line(path: str, file: FileId | None) -> str:
    return f"{file.mode} {file.id} {path}" if file else f"removed {path}"


def _parse_file(value: str) -> dict[str, FileId | None]:
    found = _FILE.fullmatch(value)
    if not found:
        return {}
    mode, oid, path = found.groups()
    return {path: FileId(id=oid, mode=mode) if oid else None}
