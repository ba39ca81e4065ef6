"""What a bot commit says of itself, in its message's trailers: the only memory there is of what was proposed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from syncbot.model.files import FileId
from syncbot.model.pull_request import changeset_of_branch
from syncbot.plan.repo_plan import Changeset

Proposed = Mapping[str, FileId | None]
Moves = Mapping[str, tuple[str, str]]
_TRAILER = re.compile(r"^Syncbot-(Changeset|Digest|Move|File|Kept|Title): (.+)$", re.MULTILINE)
_MOVE = re.compile(r"([A-Za-z_]\w*) (\S+) (\S+)")
_FILE = re.compile(r"(?:(100644|100755) ([0-9a-f]{40})|removed) (.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailers:
    """The changeset's name, what its tree holds by path (None: removed), with a digest of that, and what was `kept`:
    desired as well, where a person's version stayed. `moves` are values before and after, by the answer that moves;
    `title` is the subject without its prefix, where it has one."""

    changeset: str
    digest: str
    proposed: Proposed
    kept: Proposed
    moves: Moves = field(default_factory=dict)
    title: str = ""


def digest(proposed: Proposed) -> str:
    """64 hex digits that change exactly when the content does."""
    lines = "".join(f"{_file_line(path, proposed[path])}\n" for path in sorted(proposed))
    return hashlib.sha256(lines.encode()).hexdigest()


def format_trailers(
    changeset: str, proposed: Proposed, kept: Proposed | None = None, moves: Moves | None = None, title: str = ""
) -> str:
    """The trailer block of a commit message; `parse_trailers` of it gives the same values."""
    moved = (
        f"Syncbot-Move: {answer} {_word(before)} {_word(after)}"
        for answer, (before, after) in sorted((moves or {}).items())
    )
    files = (f"Syncbot-File: {_file_line(path, proposed[path])}" for path in sorted(proposed))
    others = (f"Syncbot-Kept: {_file_line(path, file)}" for path, file in sorted((kept or {}).items()))
    named = (f"Syncbot-Title: {title}",) if title else ()
    head = (f"Syncbot-Changeset: {changeset}", f"Syncbot-Digest: {digest(proposed)}")
    return "\n".join((*head, *named, *moved, *files, *others))


def trailers_of(changeset: Changeset, title: str = "") -> str:
    """The trailer block of a changeset's commit. It is named as its branch is: moves join and part, a branch stays."""
    name = changeset_of_branch(changeset.branch)
    return format_trailers(name, changeset.proposed, changeset.kept, changeset.trailer_moves, title)


def parse_trailers(message: str) -> Trailers | None:
    """The trailers of a commit message, or None where it carries none or they contradict each other."""
    changeset, claimed, title = "", "", ""
    proposed, kept = dict[str, FileId | None](), dict[str, FileId | None]()
    moves = dict[str, tuple[str, str]]()
    for key, value in _TRAILER.findall(message):
        match key:
            case "Changeset":
                changeset = value
            case "Digest":
                claimed = value
            case "Title":
                title = value
            case "Move":
                moves.update(_parse_move(value))
            case "Kept":
                kept.update(_parse_file(value))
            case _:
                proposed.update(_parse_file(value))
    if not changeset or claimed != digest(proposed):
        return None
    return Trailers(changeset=changeset, digest=claimed, proposed=proposed, kept=kept, moves=moves, title=title)


def _file_line(path: str, file: FileId | None) -> str:
    return f"{file.mode} {file.id} {path}" if file else f"removed {path}"


def _word(value: str) -> str:
    """A version as one word: none has room for a blank, and what has is told apart all the same."""
    return "_".join(value.split()) or "_"


def _parse_move(value: str) -> dict[str, tuple[str, str]]:
    found = _MOVE.fullmatch(value)
    return {found[1]: (found[2], found[3])} if found else {}


def _parse_file(value: str) -> dict[str, FileId | None]:
    found = _FILE.fullmatch(value)
    if not found:
        return {}
    mode, oid, path = found.groups()
    return {path: FileId(id=oid, mode=mode) if oid else None}
