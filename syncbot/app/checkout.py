"""A git checkout, read only: commits, files at a commit, and what a range of commits touched. Never fetches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from syncbot.errors import SyncbotError
from syncbot.git import read, read_text
from syncbot.model.files import File


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit with its parents and, as `name <address>`, its author."""

    id: str
    parents: tuple[str, ...]
    author: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """The git repository that `folder` is in."""

    folder: Path

    def commit(self, revision: str) -> str:
        """The full id of a revision. Raises SyncbotError where there is none."""
        found = self._id(revision)
        if not found:
            raise SyncbotError(f"{revision}: no such commit here (a shallow clone? fetch-depth: 0 fetches all of them)")
        return found

    def has(self, revision: str) -> bool:
        """Whether the revision is a commit that is here."""
        return bool(
            read_text(self.folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        )

    def merge_base(self, one: str, other: str) -> str | None:
        """The commit from which the two went apart, None for histories without one."""
        return read_text(self.folder, "merge-base", one, other) or None

    def file(self, commit: str, path: str) -> File | None:
        """The file at a commit, None if there is none; a symlink or submodule counts as its own text."""
        if "\0" in path:
            return None
        listed = read(self.folder, "ls-tree", "-z", "--full-tree", commit, "--", f":(literal){path}") or b""
        head, _, name = listed.decode("utf-8", "surrogateescape").rstrip("\0").partition("\t")
        if name != path:
            return None
        mode, kind, blob = head.split(" ")
        content = read(self.folder, "cat-file", "blob", blob) if kind == "blob" else blob.encode()
        return File(content=content or b"", mode=mode)

    def commits(self, base: str, head: str, *arguments: str) -> tuple[Commit, ...]:
        """The commits in `head` that are not in `base`, newest first."""
        listed = read_text(self.folder, "log", "--format=%H%x00%P%x00%an <%ae>", *arguments, f"{base}..{head}", "--")
        rows = (line.split("\0") for line in listed.splitlines())
        return tuple(Commit(id=oid, parents=tuple(parents.split()), author=author) for oid, parents, author in rows)

    def branch(self) -> str:
        """The branch that is checked out, empty if none is."""
        return read_text(self.folder, "symbolic-ref", "--quiet", "--short", "HEAD")

    def _id(self, revision: str) -> str:
        """The full id of a commit, empty where there is none."""
        options = ("--verify", "--quiet", "--end-of-options")
        return read_text(self.folder, "rev-parse", *options, f"{revision}^{{commit}}")
