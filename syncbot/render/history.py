"""The platform team's own repo in git: its templates and config as they once were.

Only reads: never fetches, writes to the repo, or checks anything out in it.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from syncbot.git import read, read_text
from syncbot.model import EXECUTABLE, REGULAR, SYMLINK
from syncbot.plan.causes import ConfigCommit
from syncbot.render.tree import inside

SOURCES = ("copier.yml", "templates", "config")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_MERGE = re.compile(r"Merge pull request #\d+ from ")
"""How GitHub begins the message of a merge; the pull request's title stands below it."""


def commits_touching(repository: Path, limit: int) -> tuple[str, ...]:
    """The newest `limit` commits that changed templates or config, newest first; none outside git."""
    listed = read_text(repository, "log", "--format=%H", f"--max-count={limit}", "--", *SOURCES)
    return tuple(listed.split())


def commits_since(repository: Path, commit: str, limit: int) -> tuple[ConfigCommit, ...] | None:
    """What changed templates or config on the main line after `commit`, oldest first; of more than `limit`, not all.

    None where that commit is no part of the history that is here. A merge of a pull request is named by its title.
    """
    if not is_ancestor(repository, commit):
        return None
    options = ("--first-parent", "-z", "--format=%H%n%s%n%b", f"--max-count={limit + 1}")
    listed = read_text(repository, "log", *options, f"{commit}..HEAD", "--", *SOURCES)
    return tuple(_commit(record) for record in reversed(listed.split("\0")) if record)


def day_of(repository: Path, commit: str) -> date | None:
    """The day on which the commit was made, in the committer's time zone; None where it is not here."""
    day = read_text(repository, "show", "--no-patch", "--format=%cs", commit) if _COMMIT.fullmatch(commit) else ""
    return date.fromisoformat(day) if day else None


def sources_of(repository: Path, commit: str) -> tuple[str, str]:
    """Names of the templates and of the config at a commit, the same for all that have the same; empty without any."""
    listed = read_text(repository, "ls-tree", commit, "--", *SOURCES) if _COMMIT.fullmatch(commit) else ""
    lines = [line for line in listed.splitlines() if line]
    config = [line for line in lines if line.endswith(f"\t{SOURCES[-1]}")]
    return "\n".join(line for line in lines if line not in config), "\n".join(config)


def is_ancestor(repository: Path, commit: str, of: str = "HEAD") -> bool:
    """Whether `commit` is the one checked out or was merged into it; a repo's lock can name any that git holds."""
    return bool(_COMMIT.fullmatch(commit)) and read(repository, "merge-base", "--is-ancestor", commit, of) is not None


def is_shallow(repository: Path) -> bool:
    """Whether the history is cut off, as CI checks it out unless told otherwise."""
    return read_text(repository, "rev-parse", "--is-shallow-repository") == "true"


@contextmanager
def templates_at(repository: Path, commit: str) -> Iterator[Path | None]:
    """A folder with copier.yml, templates/ and config/ as they were at `commit`, removed afterwards.

    None where that commit, or templates in it, cannot be found: a shallow clone, a rewritten history, a wrong lock.
    """
    entries = entries_at(repository, commit)
    contents = _blobs(repository, {blob for _, _, blob in entries})
    if contents is None or not any(path == SOURCES[0] for path, _, _ in entries):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="syncbot-history-") as folder:
        root = Path(folder).resolve()
        for path, mode, blob in entries:
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if mode == SYMLINK:
                target.symlink_to("not-followed")  # so that it is refused as it would be in the work tree
                continue
            target.write_bytes(contents[blob])
            target.chmod(0o755 if mode == EXECUTABLE else 0o644)
        yield root


def entries_at(repository: Path, commit: str, paths: Sequence[str] = SOURCES) -> list[tuple[str, str, str]]:
    """(path, mode, blob id) of files and symlinks at and below `paths`, relative to `repository` as they are."""
    if not _COMMIT.fullmatch(commit):
        return []
    listed = read(repository, "ls-tree", "-r", "-z", commit, "--", *paths) or b""
    entries = []
    for record in listed.decode("utf-8", "surrogateescape").split("\0"):
        head, _, path = record.partition("\t")
        if head and inside(path):
            mode, _, blob = head.split(" ")
            entries.append((path, mode, blob))
    return [entry for entry in entries if entry[1] in {REGULAR, EXECUTABLE, SYMLINK}]


def _commit(record: str) -> ConfigCommit:
    oid, subject, *body = record.split("\n")
    title = next((line for line in body if line.strip()), "") if _MERGE.match(subject) else ""
    return ConfigCommit(id=oid, subject=title or subject)


def _blobs(repository: Path, ids: Set[str]) -> Mapping[str, bytes] | None:
    """The bytes of each blob exactly as stored, without end-of-line conversion; None if one is not there."""
    output = read(repository, "cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in ids).encode()) or b""
    contents: dict[str, bytes] = {}
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        blob, kind, *size = output[position:end].decode().split(" ")
        if kind != "blob":
            return None
        position = end + 2 + int(size[0])
        contents[blob] = output[end + 1 : position - 1]
    return contents if contents.keys() == ids else None
